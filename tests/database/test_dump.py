"""Every row leaves as lines of JSON and comes back on either database, or not at all."""

from datetime import UTC, datetime

import pytest

from dougong.catalog.source import SourceSet
from dougong.database.apply import By, apply, current, plan_for
from dougong.database.drift import drift
from dougong.database.dump import dump, restore
from dougong.database.lock import Lock
from dougong.database.rows import mark, writers
from dougong.database.state import SYSTEM_TABLES
from dougong.database.tables import Column, ForeignKey, State, Table
from dougong.database.types import TYPES
from dougong.foundation.errors import Refused

BY = By(datetime(2026, 3, 1, 8, 0, tzinfo=UTC), 7, "wang", "start")
KINDS = (
    "link",
    "text",
    "boolean",
    "date",
    "time",
    "datetime",
    "links",
    "json",
    "integer",
    "bytes",
    "entity",
)
ROWS = [
    [1, None, "甲 “A”", True, "2026-02-28", "08:30:00", "2026-02-28T08:30:00.000001Z", [1, 2],
     '{"b": 1.10, "a": [true, null]}', -(2**62), "AAE=", "shop.thing", "123456789012.123456"],
    [2, 1, "", False, None, None, None, [], None, 0, None, None, "-0.000001"],
    [3, *[None] * 12],
]  # fmt: skip


def _state() -> State:
    columns = [Column(name="id", kind="link", types=TYPES["link"], required=True, module="shop")]
    columns += [
        Column(name=f"a_{kind}", kind=kind, types=TYPES[kind], module="shop") for kind in KINDS
    ]
    number = {"sqlite": "INTEGER", "postgresql": "NUMERIC(18, 6)"}
    columns.append(Column(name="a_number", kind="number", types=number, scale=6, module="shop"))
    thing = Table(
        name="shop_thing",
        columns={one.name: one for one in columns},
        entity="shop.thing",
        module="shop",
        foreign={"a_link": ForeignKey("a_link", "shop_thing")},
    )
    return State({one.name: one for one in (thing, *SYSTEM_TABLES)}, {"shop": "1", "dougong": ""})


def _filled(connection) -> None:
    made = _state()
    apply(
        connection,
        plan_for(connection, made),
        Lock(0, "f", made, (SourceSet("module", "shop", {"a": "b"}),)),
        by=BY,
    )
    columns = list(made.tables["shop_thing"].columns.values())
    write = writers(columns, connection.dialect)
    marks = ", ".join([mark(connection.dialect)] * len(columns))
    connection.begin(write=True)
    connection.change_many(
        f'insert into @."shop_thing" values ({marks})',
        [[convert(value) for convert, value in zip(write, row, strict=True)] for row in ROWS],
    )
    connection.commit()


def _things(lines: list[bytes]) -> list[bytes]:
    start = next(n for n, line in enumerate(lines) if b'"table":"shop_thing"' in line)
    return [
        line.replace(
            b'{\\"b\\": 1.10, \\"a\\": [true, null]}', b'{\\"a\\": [true, null], \\"b\\": 1.10}'
        )
        for line in lines[start : start + 4]
    ]


@pytest.mark.parametrize("goal", ["sqlite_database", "postgres_database"])
def test_rows_come_back_on_either_database(database, goal, request):
    source = database.connection("alpha")
    _filled(source)
    lines = list(dump(source))
    target = request.getfixturevalue(goal).connection("beta")
    seen = []
    state = restore(target, lines, then=lambda _, state: seen.append(state))
    assert seen == [state]
    assert drift(target, state) == []
    assert current(target).sources == current(source).sources
    assert _things(list(dump(target))) == _things(lines)


def test_new_ids_begin_where_the_source_would_have_gone_on(database, sqlite_database):
    source = database.connection("alpha")
    _filled(source)
    source.begin(write=True)
    if source.schema:
        source.run("select nextval('@.\"dougong_id\"')")
    else:
        source.change("update dougong_counter set n = n + 1000 where name = 'id'")
    source.commit()
    target = sqlite_database.connection("beta")
    restore(target, list(dump(source)))
    target.begin(write=False)
    assert target.run("select n from dougong_counter where name = 'id'") == [(2000,)]
    target.rollback()


def test_a_tenant_that_is_not_empty_is_left_alone(database):
    source = database.connection("alpha")
    _filled(source)
    with pytest.raises(Refused) as caught:
        restore(source, list(dump(source)))
    assert caught.value.problems[0].code == "database.not-empty"


@pytest.mark.parametrize("harm", ["cut", "changed", "no json", "short row"])
def test_a_damaged_file_leaves_nothing_behind(database, harm):
    source = database.connection("alpha")
    _filled(source)
    lines = list(dump(source))
    place = next(n for n, line in enumerate(lines) if b"123456789012" in line)
    match harm:
        case "cut":
            lines = lines[:-1]
        case "changed":
            lines[place] = lines[place].replace(b"123456789012", b"223456789012")
        case "no json":
            lines[place] = lines[place][:20]
        case _:
            lines[place] = b"[1]\n"
    target = database.connection("beta")
    with pytest.raises(Refused) as caught:
        restore(target, lines)
    assert caught.value.problems[0].code == "database.not-a-dump"
    assert current(target).id == 0
