"""A formula as SQL, for both databases: filters, row rules, reports, back-fill."""

from dougong.fields.field_type import Dialect
from dougong.formulas.kinds import type_of
from dougong.formulas.sql_pieces import (
    Column,
    ColumnOf,
    Piece,
    RecordOf,
    Rows,
    RowsOf,
    Slot,
    ValueOf,
    bind,
    slot,
)
from dougong.formulas.sql_postgres import PostgresWriter, postgres_functions
from dougong.formulas.sql_sqlite import SqliteWriter
from dougong.formulas.sql_writer import Asked
from dougong.formulas.sqlite_numbers import sqlite_functions
from dougong.formulas.tree import Formula

__all__ = [
    "Column", "ColumnOf", "Piece", "RecordOf", "Rows", "RowsOf", "Slot", "ValueOf", "bind",
    "postgres_functions", "slot", "sql", "sqlite_functions",
]  # fmt: skip


def no_rows(name: str) -> Rows:
    """Answer for a place without lines. Raises LookupError."""
    raise LookupError(f"no lines {name} here")


def no_record(entity: str, key: str) -> Piece:
    """Answer for a place without known records. Raises LookupError."""
    raise LookupError(f"no record {entity} {key} here")


def sql(
    formula: Formula,
    dialect: Dialect,
    column: ColumnOf,
    value: ValueOf = slot,
    *,
    rows: RowsOf = no_rows,
    record: RecordOf = no_record,
    condition: bool = False,
    scale: int | None = None,
) -> Piece:
    """Write a checked formula whose targets hold "sql".

    - `column(path)` gives the SQL of a path of root record, line, header or rows;
    - `value(path)` gives the run-time value, or a `Slot`, of a path of root user, company, this,
      originator, today, now (the default makes slots named by the path);
    - `rows(name)` gives the lines an aggregate stands over, already tied to their header; while the
      aggregate is written, `column` is asked for paths whose `rows` is that name;
    - `record(entity, key)` gives a scalar subquery for the id of the record with a business key.

    With `condition` the piece is for a `where`: null may stand for false there, so that plain
    comparisons can use an index; without it a comparison is never null. `scale` makes a number on
    SQLite an integer of so many decimals, at least as many as its type has.
    """
    asked = Asked(column, value, rows, record)
    writer = SqliteWriter(asked) if dialect == "sqlite" else PostgresWriter(asked)
    if condition:
        part = writer.condition(formula.node, loose=True)
        return Piece(part.text, part.params)
    type_ = type_of(formula.node)
    if type_.kind != "number":
        part = writer.value(formula.node)
        return Piece(part.text, part.params)
    wanted = type_.scale if scale is None else scale
    part = writer.number_at(formula.node, wanted)
    return Piece(part.text, part.params, wanted)
