"""A tenant's own configuration: written, planned, applied, taken back; seen by all processes."""

import pytest

from dougong.foundation.errors import Refused
from dougong.tenants import configuration, install

PRIORITY = """\
extend: sales.order
checked: sales 1.0.0
fields:
  x__priority: {type: choice, options: {low: {label: {zh: 低, en: Low}}, high: {label: {zh: 高, en: High}}}, label: {zh: 优先级, en: Priority}}
"""
WRONG = """\
extend: sales.order
checked: sales 1.0.0
fields:
  x__priority: {type: chioce, label: {zh: 优先级, en: Priority}}
"""
PATH = "changes/sales.order.yaml"


def write(opened, clock, text, path=PATH):
    context = opened.setup_context(clock())
    opened.run(context, lambda work: configuration.put(work, path, text, why="test"), write=True)


def carry_out(opened, clock, **more):
    change = install.plan(opened, clock())
    return install.apply(opened, change, who="tester", why="we need it", now=clock(), **more)


def fields(opened):
    return set(opened.catalog.entities["sales.order"].fields)


def test_a_plan_says_what_would_change_and_touches_nothing(acme, clock):
    write(acme, clock, PRIORITY)
    change = install.plan(acme, clock())
    said = "\n".join(install.lines(change, "en"))
    assert "x__priority" in said
    assert f"acme/{PATH}" in said
    assert "x__priority" not in fields(acme)
    assert install.from_json(install.to_json(change)) == change


def test_applied_metadata_is_served_by_a_process_that_was_running(registries, acme, clock):
    other = registries().open("acme")
    assert "x__priority" not in fields(other)
    write(acme, clock, PRIORITY)
    done = carry_out(acme, clock)
    assert done.journal > 0
    assert "x__priority" in fields(acme)
    assert "x__priority" in fields(other)


def test_a_rollback_is_served_by_a_process_that_was_running(registries, acme, clock):
    other = registries().open("acme")
    write(acme, clock, PRIORITY)
    carry_out(acme, clock)
    assert "x__priority" in fields(other)
    install.rollback(acme, who="tester", why="not now", now=clock(), consent=True)
    assert "x__priority" not in fields(other)
    assert "x__priority" not in fields(acme)
    with acme.begun(write=False) as (connection, _, _stamps):
        assert configuration.read_layer(connection) == {}


def test_a_new_tenant_has_nothing_to_roll_back(acme, clock):
    with pytest.raises(Refused):
        install.rollback(acme, who="tester", why="try", now=clock())


def test_a_plan_made_before_another_change_is_refused(acme, clock):
    write(acme, clock, PRIORITY)
    old = install.plan(acme, clock())
    write(acme, clock, PRIORITY.replace("优先级", "紧急程度"))
    with pytest.raises(Refused) as refused:
        install.apply(acme, old, who="tester", why="late", now=clock())
    assert refused.value.problems[0].code == "tenants.plan-moved"
    carry_out(acme, clock)
    with pytest.raises(Refused):
        install.apply(acme, old, who="tester", why="later", now=clock())


def test_a_change_without_a_reason_is_refused(acme, clock):
    write(acme, clock, PRIORITY)
    with pytest.raises(Refused) as refused:
        install.apply(acme, install.plan(acme, clock()), who="tester", why=" ", now=clock())
    assert refused.value.problems[0].code == "tenants.why-needed"


def test_wrong_metadata_is_refused_with_file_and_line(acme, clock):
    write(acme, clock, WRONG)
    with pytest.raises(Refused) as refused:
        install.plan(acme, clock())
    place = refused.value.problems[0].where
    assert place.file == f"acme/{PATH}"
    assert place.line == 4


def test_nothing_to_do_changes_nothing(acme, clock):
    change = install.plan(acme, clock())
    assert change.empty
    assert not install.apply(acme, change, who="tester", why="nothing", now=clock()).moved


def test_every_version_of_a_file_is_kept(acme, clock):
    write(acme, clock, PRIORITY)
    write(acme, clock, PRIORITY)
    write(acme, clock, WRONG)
    write(acme, clock, None)
    with acme.begun(write=False) as (connection, _, _stamps):
        known = configuration.versions(connection, PATH)
        assert configuration.read_layer(connection) == {}
    assert [(each.version, each.text) for each in known] == [(3, None), (2, WRONG), (1, PRIORITY)]


def test_two_people_writing_one_file_do_not_overwrite_each_other(acme, clock):
    context = acme.setup_context(clock())
    write(acme, clock, PRIORITY)
    with pytest.raises(Refused) as refused:
        acme.run(
            context,
            lambda work: configuration.put(work, PATH, WRONG, why="", expected=0),
            write=True,
        )
    assert refused.value.problems[0].code == "tenants.layer-moved"


@pytest.mark.parametrize(
    "path", ["../x.yaml", "/etc/x.yaml", "hooks.py", "a/../b.yaml", "A.yaml", "x.yml"]
)
def test_a_path_out_of_the_layer_is_refused(acme, clock, path):
    with pytest.raises(Refused) as refused:
        write(acme, clock, PRIORITY, path)
    assert refused.value.problems[0].code == "tenants.bad-layer-path"


def test_pull_and_push_are_the_same_files(acme, clock, tmp_path):
    write(acme, clock, PRIORITY)
    with acme.begun(write=False) as (connection, _, _stamps):
        configuration.pull(configuration.read_layer(connection), tmp_path / "acme")
    assert configuration.read_files(tmp_path / "acme") == {PATH: PRIORITY}
    files = {
        PATH: PRIORITY.replace("低", "缓"),
        "tenant.yaml": "tenant: acme\nlabel: {zh: 安可, en: Acme}\nmodules: [sales]\n",
    }
    context = acme.setup_context(clock())
    moved = acme.run(
        context, lambda work: configuration.replace_all(work, files, why="push"), write=True
    )
    assert moved == [PATH, "tenant.yaml"]
    assert (
        acme.run(
            context, lambda work: configuration.replace_all(work, files, why="push"), write=True
        )
        == []
    )


def test_a_module_comes_and_goes(registry, clock):
    registry.create("small", modules=["master_data"], label="s", language="en", now=clock())
    small = registry.open("small")
    assert "sales.order" not in small.catalog.entities
    install.add_module(small, "sales", who="tester", why="we sell", now=clock())
    assert "sales.order" in small.catalog.entities
    with small.begun(write=False) as (connection, _, _stamps):
        roles = {code for (code,) in connection.run('select "code" from @."base_role"')}
    assert "sales.clerk" in roles
    with pytest.raises(Refused) as refused:
        install.remove_module(small, "master_data", who="tester", why="x", now=clock())
    assert refused.value.problems[0].code == "tenants.module-needed"
    install.remove_module(small, "sales", who="tester", why="sold out", now=clock(), consent=True)
    assert "sales.order" not in small.catalog.entities


def test_an_unknown_module_is_refused_with_the_nearest(acme, clock):
    with pytest.raises(Refused) as refused:
        install.add_module(acme, "salse", who="tester", why="x", now=clock())
    assert refused.value.problems[0].nearest == "sales"


def test_a_tenant_of_a_module_nobody_ships_is_not_made(registry, clock):
    with pytest.raises(Refused) as refused:
        registry.create("late", modules=["sales", "nope"], label="l", language="en", now=clock())
    assert refused.value.problems[0].code == "tenants.unknown-module"
    assert registry.names() == []


def test_data_of_the_tenant_is_seeded_once(acme, clock):
    with acme.begun(write=True) as (connection, _, _stamps):
        connection.change('update @."master_data_unit" set "name" = \'只\' where "code" = \'pcs\'')
    write(acme, clock, PRIORITY)
    carry_out(acme, clock)
    with acme.begun(write=False) as (connection, _, _stamps):
        assert connection.run('select "name" from @."master_data_unit" where "code" = \'pcs\'') == [
            ("只",)
        ]
