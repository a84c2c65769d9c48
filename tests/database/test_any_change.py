"""Any change of any state: refused with a reason, or carried out without drift and taken back."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec import structs

from dougong.catalog.source import SourceSet
from dougong.database.apply import By, apply, current, plan_for, rollback_last
from dougong.database.connect import Conflict
from dougong.database.drift import drift
from dougong.database.lock import Lock
from dougong.database.rows import mark, writers
from dougong.database.state import SYSTEM_TABLES
from dougong.database.tables import Column, ForeignKey, Index, State, Table
from dougong.database.types import TYPES
from dougong.foundation.errors import Refused

BY = By(datetime(2026, 3, 1, 8, 0, tzinfo=UTC), 7, "wang", "upgrade")
KINDS = ("text", "integer", "number", "boolean", "date", "link")
VALUES = {
    "text": "甲",
    "integer": 7,
    "number": "12.34",
    "boolean": True,
    "date": "2026-03-01",
    "link": 1,
}


@st.composite
def columns(draw, name: str) -> Column:
    kind = draw(st.sampled_from(KINDS))
    scale = draw(st.sampled_from((0, 2, 6))) if kind == "number" else 0
    number = {"sqlite": "INTEGER", "postgresql": f"NUMERIC(18, {scale})"}
    fill = "'x'" if kind == "text" and draw(st.booleans()) else ""
    return Column(
        name=name,
        kind=kind,
        types=number if kind == "number" else TYPES[kind],
        scale=scale,
        required=draw(st.booleans()),
        renamed=tuple(draw(st.lists(st.sampled_from("abcdef"), max_size=1))),
        retired=draw(st.booleans()),
        module="shop",
        fill=fill,
        filler=dict.fromkeys(("sqlite", "postgresql"), ("'x'", [])) if fill else {},
    )


@st.composite
def tables(draw, name: str, others: tuple[str, ...]) -> Table:
    made = [Column(name="id", kind="link", types=TYPES["link"], required=True)]
    made += [
        draw(columns(column)) for column in draw(st.lists(st.sampled_from("abcdef"), unique=True))
    ]
    indexes, foreign = {}, {}
    for column in made[1:]:
        if draw(st.booleans()):
            index = f"ix__{name}__{column.name}"
            indexes[index] = Index(index, (column.name,), draw(st.booleans()))
        if column.kind == "link" and draw(st.booleans()):
            foreign[column.name] = ForeignKey(column.name, draw(st.sampled_from(others)))
    return Table(
        name=name,
        columns={one.name: one for one in made},
        indexes=indexes,
        foreign=foreign,
        entity=f"shop.{name}",
        renamed=tuple(draw(st.lists(st.sampled_from(("shop.p", "shop.q", "shop.r")), max_size=1))),
        retired=draw(st.booleans()),
        module="shop",
    )


@st.composite
def states(draw) -> State:
    names = tuple(draw(st.lists(st.sampled_from("pqr"), unique=True, min_size=1)))
    made = [draw(tables(name, names)) for name in names]
    return State({one.name: one for one in made}, {"shop": "1", "dougong": ""})


@st.composite
def changes(draw) -> tuple[State, State]:
    """Two states of which the first lets everything go and most types stay as they were."""
    old, new = draw(states()), draw(states())
    kept: dict[str, Table] = {}
    for table in new.tables.values():
        before = old.tables.get(table.name)
        made = dict(table.columns)
        for name, column in made.items():
            was = before.columns.get(name) if before else None
            if was and draw(st.integers(0, 9)):
                same = {"kind": was.kind, "types": was.types, "scale": was.scale, "fill": was.fill}
                made[name] = structs.replace(column, **same, filler=was.filler)
        foreign = {name: key for name, key in table.foreign.items() if made[name].kind == "link"}
        kept[table.name] = structs.replace(table, columns=made, foreign=foreign)
    let_go = {
        table.name: structs.replace(
            table,
            retired=True,
            columns={
                name: structs.replace(one, retired=True) for name, one in table.columns.items()
            },
        )
        for table in old.tables.values()
    }
    return structs.replace(old, tables=let_go), structs.replace(new, tables=kept)


numbers = itertools.count()


def lock(state: State) -> Lock:
    return Lock(0, f"f{next(numbers)}", state, (SourceSet("module", "shop", {}),))


def fill(connection, state: State) -> None:
    """Two rows in every table; what points somewhere points to the first row there."""
    for table in state.tables.values():
        if not table.entity:
            continue
        made = list(table.columns.values())
        write = writers(made, connection.dialect)
        marks = ", ".join([mark(connection.dialect)] * len(made))
        names = ", ".join(f'"{one.name}"' for one in made)
        rows = [[number, *(VALUES[one.kind] for one in made[1:])] for number in (1, 2)]
        for row in rows[1:]:
            for place, one in enumerate(made[1:], 1):
                if any(
                    index.unique and one.name in index.columns for index in table.indexes.values()
                ):
                    row[place] = 2 if one.kind in ("link", "integer") else None
                if one.required and row[place] is None:
                    return
        bound = [
            [convert(value) for convert, value in zip(write, row, strict=True)] for row in rows
        ]
        connection.change_many(f'insert into @."{table.name}" ({names}) values ({marks})', bound)


def _whole(state: State) -> State:
    system = {one.name: one for one in SYSTEM_TABLES}
    return structs.replace(state, tables={**system, **state.tables})


def _walk(connection, old: State, new: State) -> None:
    old, new = _whole(old), _whole(new)
    apply(connection, plan_for(connection, old), lock(old), by=BY)
    assert drift(connection, old) == []
    if connection.dialect == "sqlite":
        connection.run("pragma foreign_keys = off")
    connection.begin(write=True)
    if connection.dialect == "postgresql":
        connection.run("set constraints all deferred")
    try:
        fill(connection, old)
        connection.commit()
    except Conflict:
        event("no such rows")
        return
    if connection.dialect == "sqlite":
        if connection.run("pragma foreign_key_check"):
            return
        connection.run("pragma foreign_keys = on")
    try:
        made = plan_for(connection, new)
        apply(connection, made, lock(new), by=BY, consent=True)
    except Refused as refused:
        event(f"refused: {refused.problems[0].code}")
        assert drift(connection, current(connection).state) == []
        return
    assert drift(connection, new) == []
    if made.steps:
        try:
            rollback_last(connection, by=BY, consent=True)
        except Refused as refused:
            event(f"not taken back: {refused.problems[0].code}")
            assert drift(connection, new) == []
            return
        event("carried out and taken back")
        assert current(connection).state.hash == old.hash
        assert drift(connection, old) == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(change=changes())
def test_any_change_on_sqlite(sqlite_database, change):
    opened = sqlite_database.connection(f"n{next(numbers)}")
    _walk(opened, *change)
    opened.close()


@pytest.mark.nightly
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(change=changes())
def test_any_change_on_postgresql(postgres_database, change):
    opened = postgres_database.connection(f"n{next(numbers)}")
    try:
        _walk(opened, *change)
    finally:
        opened.close()
