"""A check remembers, and is quick at the size of a large business."""

import time
from dataclasses import replace

import pytest
from catalog_files import module, tenant
from large_catalog import sets

from dougong.catalog.assemble import assemble
from dougong.catalog.check import check
from dougong.catalog.shipped_sets import platform_set


def changed(given, place, path, old, new):
    files = dict(given[place].files)
    assert old in files[path]
    files[path] = files[path].replace(old, new)
    after = [*given]
    after[place] = replace(given[place], files=files)
    return after


@pytest.fixture
def small():
    return [platform_set(), *sets(20, 20)]


def test_a_check_finds_what_assembling_finds(small, tmp_path):
    broken = changed(small, 3, "entities/entity_12.yaml", "boolean_4:", "boolean_5:")
    expected = [str(each) for each in assemble(broken).problems]
    assert len(expected) > 3
    assert [str(each) for each in check(broken).problems] == expected
    assert [str(each) for each in check(broken, tmp_path).problems] == expected
    assert [str(each) for each in check(broken, tmp_path).problems] == expected


@pytest.mark.parametrize(
    ("place", "path", "old", "new"),
    [
        (3, "entities/entity_12.yaml", "boolean_4:", "boolean_5:"),
        (1, "entities/entity_0.yaml", "money_1:", "money_2:"),
        (1, "entities/entity_0.yaml", "text_0: {type: text", "text_0: {type: integer"),
        (0, "aspects/document.yaml", "  date:", "  day:"),
        (0, "dictionary/contact.yaml", "phone:", "telephone:"),
        (2, "roles/clerk.yaml", "m1.entity_1:", "m1.entity_x:"),
        (2, "lists/entity_1.yaml", "owner.name", "owner.nam"),
        (0, "entities/user.yaml", "  name:", "  full_name:"),
        (4, "module.yaml", "version: 1.0.0", "version: [1]"),
    ],
)
def test_what_was_remembered_never_hides_a_new_problem(small, tmp_path, place, path, old, new):
    check(small, tmp_path)
    after = changed(small, place, path, old, new)
    assert [str(each) for each in check(after, tmp_path).problems] == [
        str(each) for each in assemble(after).problems
    ]
    assert not check(small, tmp_path).problems


def test_a_new_file_and_a_removed_file_are_noticed(small, tmp_path):
    check(small, tmp_path)
    files = dict(small[1].files)
    del files["entities/entity_0.yaml"]
    after = [small[0], replace(small[1], files=files), *small[2:]]
    assert [str(each) for each in check(after, tmp_path).problems] == [
        str(each) for each in assemble(after).problems
    ]


def test_moved_lines_move_the_problems(tmp_path):
    text = "entity: shop.a\nlabel: A\nfields: {x: {type: integer, label: X, default: yy}}\n"
    first = check([platform_set(), module({"entities/a.yaml": text})], tmp_path).problems
    second = check(
        [platform_set(), module({"entities/a.yaml": "# moved\n" + text})], tmp_path
    ).problems
    assert (first[0].where.line, second[0].where.line) == (3, 4)


def test_overrides_are_told_by_a_check_too():
    files = {
        "entities/a.yaml": "entity: shop.a\nlabel: A\nfields: {x: {type: integer, label: X}}\n"
    }
    layer = {
        "changes/shop.a.yaml": "extend: shop.a\nset: {fields.x.required: {to: true, was: false}}\n"
    }
    found = check([platform_set(), module(files), tenant(layer)])
    assert [each.status for each in found.overrides] == ["applied"]


def test_a_torn_memory_is_made_again(small, tmp_path):
    check(small, tmp_path)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:100])
    assert not check(small, tmp_path).problems


@pytest.mark.slow
def test_five_hundred_entities_are_quick(tmp_path):
    given = [platform_set(), *sets(500, 20)]

    def seconds(sets_):
        start = time.process_time()
        found = check(sets_, tmp_path)
        assert not found.problems
        return time.process_time() - start

    assert seconds(given) < 5
    assert seconds(changed(given, 3, "entities/entity_12.yaml", "Entity 12", "Twelve")) < 1
