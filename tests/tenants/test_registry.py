"""Tenants are made, found, copied and removed; those on the same metadata share one catalog."""

import shutil
import time
import tracemalloc
from contextlib import suppress

import pytest

from dougong.foundation.errors import Refused
from dougong.foundation.settings import Settings
from dougong.records import store
from dougong.tenants.registry import Registry


def test_a_new_tenant_has_its_data_and_an_administrator(acme, created, clock):
    context = acme.setup_context(clock())
    with acme.work(context, write=False) as work:
        units = work.connection.run('select "code" from @."master_data_unit" order by 1')
        roles = {code for (code,) in work.connection.run('select "code" from @."base_role"')}
        companies = work.connection.run('select "code", "name" from @."base_company"')
    assert ("pcs",) in units
    assert {"base.admin", "sales.clerk", "sales.manager"} <= roles
    assert companies == [("main", "安可公司")]
    assert created.admin_login == "admin"
    assert len(created.admin_password) >= 16


def test_no_two_first_passwords_are_alike(registry, clock):
    made = [
        registry.create(name, modules=[], label=name, language="en", now=clock())
        for name in ("one", "two")
    ]
    assert made[0].admin_password != made[1].admin_password


@pytest.mark.parametrize(
    "name", ["", "Acme", "1st", "a-b", "../etc", "a" * 32, "käse", "a b", 'x"y']
)
def test_a_bad_name_is_refused(registry, clock, name):
    with pytest.raises(Refused) as refused:
        registry.create(name, modules=[], label="x", language="en", now=clock())
    assert refused.value.problems[0].code == "tenants.bad-name"
    assert registry.names() == []


def test_a_taken_name_is_refused_and_its_tenant_left_alone(registry, created, acme, clock):
    with pytest.raises(Refused) as refused:
        registry.create("acme", modules=[], label="x", language="en", now=clock())
    assert refused.value.problems[0].code == "tenants.name-taken"
    assert "sales.order" in acme.catalog.entities


def test_nothing_is_left_of_a_tenant_that_could_not_be_made(registry, clock):
    with pytest.raises(Refused):
        registry.create(
            "acme", modules=["sales"], label="x", language="en", now=clock(), currency="???"
        )
    assert registry.entries() == []
    registry.create("acme", modules=["sales"], label="x", language="en", now=clock())
    assert registry.names() == ["acme"]


def test_an_unknown_tenant_is_not_found(registry):
    for name in ("nobody", "../acme", ""):
        with pytest.raises(Refused) as refused:
            registry.open(name)
        assert refused.value.status == 404


def test_tenants_on_the_same_metadata_share_one_catalog(registry, acme, clock):
    registry.create("bravo", modules=["sales"], label="B", language="zh", now=clock())
    assert registry.open("bravo").catalog is acme.catalog


def test_a_second_process_finds_the_tenant_without_reading_yaml(registries, acme, monkeypatch):
    acme.catalog  # noqa: B018 -- it is in the cache now
    monkeypatch.setattr("dougong.tenants.catalogs.assemble", None)
    assert "sales.order" in registries().open("acme").catalog.entities


def test_a_removed_tenant_is_gone_in_every_process(registries, registry, acme, clock):
    other = registries().open("acme")
    context = other.setup_context(clock())
    registry.remove("acme")
    for opened in (acme, other):
        with pytest.raises(Refused) as refused, opened.work(context, write=True):
            pass
        assert refused.value.status == 404
    assert registry.names() == []


def test_a_tenant_made_again_under_the_same_name_is_a_new_one(registries, registry, acme, clock):
    elsewhere = registries()
    elsewhere.open("acme").catalog  # noqa: B018
    registry.remove("acme")
    registry.create("acme", modules=["master_data"], label="neu", language="en", now=clock())
    with suppress(Refused):
        elsewhere.open("acme").catalog  # noqa: B018 -- an old file turns away and is forgotten
    assert "sales.order" not in elsewhere.open("acme").catalog.entities
    assert "sales.order" not in registry.open("acme").catalog.entities


def test_the_work_of_one_tenant_never_shows_in_another(registry, acme, clock):
    registry.create("bravo", modules=["sales"], label="B", language="zh", now=clock())
    bravo = registry.open("bravo")
    add_unit(acme, clock, "canary")
    with bravo.begun(write=False) as (connection, _, _stamps):
        assert connection.run('select 1 from @."master_data_unit" where "code" = \'canary\'') == []


def test_a_hundred_tenants_take_little_memory(sqlite_database, clock):
    registry = Registry(sqlite_database.settings, clock)
    registry.create("t0", modules=["sales"], label="0", language="zh", now=clock())
    registry.open("t0").catalog  # noqa: B018
    names = [f"t{number}" for number in range(1, 21)]
    for name in names:
        registry.create(name, modules=["sales"], label=name, language="zh", now=clock())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for name in names:
        registry.open(name).catalog  # noqa: B018
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    registry.close()
    assert grown / len(names) < 100_000


def test_a_sqlite_tenant_is_a_quick_copy_of_a_template(sqlite_database, clock):
    registry = Registry(sqlite_database.settings, clock)
    registry.create("first", modules=["sales"], label="0", language="zh", now=clock())
    spans = []
    for number in range(5):
        began = time.perf_counter()
        registry.create(f"t{number}", modules=["sales"], label="n", language="zh", now=clock())
        spans.append(time.perf_counter() - began)
    registry.close()
    assert min(spans) < 0.15  # 0.05 on a quiet machine


def test_caches_lie_beside_the_tenants_unless_told_otherwise(tmp_path, clock):
    def made(settings):
        registry = Registry(settings, clock)
        registry.create("one", modules=[], label="n", language="zh", now=clock())
        registry.close()
        found = sorted([*tmp_path.glob("**/catalog-*.pickle"), *tmp_path.glob("**/templates/*")])
        return [str(file.parent.relative_to(tmp_path)) for file in found]

    elsewhere = tmp_path / "elsewhere"
    assert made(Settings(data=tmp_path / "a", cache=elsewhere)) == [
        "elsewhere/cache",
        "elsewhere/templates",
    ]
    shutil.rmtree(elsewhere)
    assert made(Settings(data=tmp_path / "b")) == ["b/cache", "b/templates"]


def add_unit(opened, clock, code):
    from dougong.tenants.setup import setup_work

    context = opened.setup_context(clock())
    opened.run(
        context,
        lambda work: store.create(
            setup_work(work), "master_data.unit", {"code": code, "name": code}
        ),
        write=True,
    )
