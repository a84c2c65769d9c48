"""Drift: what the real database has that the declared state does not say, and the other way round.

Asks the databases' own catalogs, a few queries for all tables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from dougong.database.port import Connection
from dougong.database.problems import DRIFT_COLUMN, DRIFT_PART, DRIFT_TABLE
from dougong.database.tables import ForeignKey, Index, State, Table, quote
from dougong.fields.field_type import Dialect
from dougong.foundation.errors import Place, Problem
from dougong.foundation.translate import Label

_MISSING: Final = Label.of({"zh": "不存在", "en": "is missing"})
_SURPLUS: Final = Label.of({"zh": "不在声明之内", "en": "was never declared"})
_NOTHING: Final = Label.of({"zh": "不存在", "en": "missing"})
_INDEX: Final = Label.of({"zh": "索引", "en": "index"})
_KEY: Final = Label.of({"zh": "外键", "en": "foreign key"})
_DIFFERENT: Final = Label.of({"zh": "与声明不同", "en": "differs from what was declared"})
_SPELLED: Final = {"time": "time without time zone", "timestamp": "timestamp without time zone"}


@dataclass(slots=True)
class Found:
    """A real table: columns as (type, required), indexes as (columns, unique), keys as targets."""

    columns: dict[str, tuple[str, bool]] = field(default_factory=dict)
    indexes: dict[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)
    foreign: dict[str, tuple[str, bool]] = field(default_factory=dict)


def drift(connection: Connection, state: State) -> list[Problem]:
    """Compare the database with the state, in a read transaction of its own; empty when they agree."""
    connection.begin(write=False)
    try:
        found = _sqlite(connection) if connection.dialect == "sqlite" else _postgres(connection)
    finally:
        connection.rollback()
    return list(_compare(found, state, connection.dialect))


def _compare(found: Mapping[str, Found], state: State, dialect: Dialect) -> Iterator[Problem]:
    for name, table in state.tables.items():
        if name not in found:
            yield Problem(DRIFT_TABLE, Place(path=name), {"name": name, "how": _MISSING})
        elif not table.instead.get(dialect):
            yield from _columns(table, found[name], dialect)
            yield from _indexes(table, found[name], dialect)
            yield from _keys(table, found[name])
    hidden = tuple(f"{name}_" for name, table in state.tables.items() if table.instead.get(dialect))
    for name in found:
        if name not in state.tables and not (hidden and name.startswith(hidden)):
            yield Problem(DRIFT_TABLE, Place(path=name), {"name": name, "how": _SURPLUS})


def _columns(table: Table, found: Found, dialect: Dialect) -> Iterator[Problem]:
    for name, column in table.columns.items():
        required = column.required or name in table.key
        declared = _said(spelled(column.types[dialect]), required=required)
        real = found.columns.get(name)
        if real is None:
            yield _column_problem(table, name, declared, _NOTHING)
        elif _said(*real) != declared:
            yield _column_problem(table, name, declared, _said(*real))
    for name, real in found.columns.items():
        if name not in table.columns:
            yield _column_problem(table, name, _NOTHING, _said(*real))


def _said(type_: str, required: bool) -> str:  # noqa: FBT001 -- a pair as it is kept
    return f"{type_} not null" if required else type_


def _column_problem(table: Table, name: str, declared: str | Label, real: str | Label) -> Problem:
    path = f"{table.name}.{name}"
    return Problem(
        DRIFT_COLUMN, Place(path=path), {"name": path, "declared": declared, "found": real}
    )


def _indexes(table: Table, found: Found, dialect: Dialect) -> Iterator[Problem]:
    declared: dict[str, Index] = {
        name: index for name, index in table.indexes.items() if index.using.get(dialect) != ""
    }
    for name, index in declared.items():
        real = found.indexes.get(name)
        if real != (index.columns, index.unique):
            yield _part(table, _INDEX, name, _DIFFERENT if real else _MISSING)
    for name in found.indexes:
        if name not in declared:
            yield _part(table, _INDEX, name, _SURPLUS)


def _keys(table: Table, found: Found) -> Iterator[Problem]:
    for name, key in table.foreign.items():
        if found.foreign.get(name) != _target(key):
            yield _part(table, _KEY, name, _DIFFERENT if name in found.foreign else _MISSING)
    for name in found.foreign:
        if name not in table.foreign:
            yield _part(table, _KEY, name, _SURPLUS)


def _target(key: ForeignKey) -> tuple[str, bool]:
    return key.target, key.cascade


def _part(table: Table, what: Label, name: str, how: Label) -> Problem:
    values = {"table": table.name, "what": what, "name": name, "how": how}
    return Problem(DRIFT_PART, Place(path=f"{table.name}.{name}"), values)


def spelled(type_: str) -> str:
    """A type as PostgreSQL's format_type spells it; the collation apart."""
    plain = type_.lower().partition(" collate ")[0].replace(", ", ",")
    return _SPELLED.get(plain, plain)


# ---------------------------------------------------------------- the databases' own catalogs


def _sqlite(connection: Connection) -> dict[str, Found]:
    found: dict[str, Found] = {}
    names = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    for (name,) in connection.run(names):
        made = found[name] = Found()
        for _, column, type_, required, _, key in connection.run(
            f"pragma table_info({quote(name)})"
        ):
            made.columns[column] = (spelled(type_), bool(required or key))
        for _, index, unique, origin, _ in connection.run(f"pragma index_list({quote(name)})"):
            if origin == "c":
                parts = connection.run(f"pragma index_info({quote(index)})")
                made.indexes[index] = (tuple(part[2] for part in parts), bool(unique))
        for row in connection.run(f"pragma foreign_key_list({quote(name)})"):
            made.foreign[row[3]] = (row[2], row[6] == "CASCADE")
    return found


_PG_COLUMNS: Final = """
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = %s::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
"""
_PG_INDEXES: Final = """
select t.relname, i.relname, x.indisunique,
    array(select a.attname::text from unnest(x.indkey) with ordinality k(n, place)
          join pg_attribute a on a.attrelid = t.oid and a.attnum = k.n order by k.place)
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
where t.relnamespace = %s::regnamespace and not x.indisprimary
"""
_PG_KEYS: Final = """
select t.relname, a.attname, f.relname, c.confdeltype = 'c'
from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class f on f.oid = c.confrelid
join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
where c.contype = 'f' and t.relnamespace = %s::regnamespace
"""


def _postgres(connection: Connection) -> dict[str, Found]:
    found: dict[str, Found] = {}
    schema = [quote(connection.schema)]
    for table, column, type_, required in connection.run(_PG_COLUMNS, schema):
        found.setdefault(table, Found()).columns[column] = (type_, required)
    for table, index, unique, columns in connection.run(_PG_INDEXES, schema):
        found[table].indexes[index] = (tuple(columns), unique)
    for table, column, target, cascade in connection.run(_PG_KEYS, schema):
        found[table].foreign[column] = (target, cascade)
    return found
