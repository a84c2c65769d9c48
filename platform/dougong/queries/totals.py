"""Totals: sums of number fields over all records of a query, exact, and never of unlike things.

Amounts in several currencies, or quantities in several units, have no sum: it is None then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dougong.access.column_text import Columns
from dougong.access.columns import reader_columns
from dougong.access.paths import readable_all
from dougong.access.read_path import ReadPath
from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import Dialect
from dougong.fields.types import FIELD_TYPES, scale_of
from dougong.formulas.sql_pieces import Piece
from dougong.formulas.tree import Formula
from dougong.foundation.errors import Place, Problem, Refused
from dougong.queries.list_records import listing
from dougong.queries.problems import SUM_UNFIT
from dougong.queries.query import Query
from dougong.records.work import Work

_HALF = 1_000_000_000
"""SQLite sums whole numbers in 63 bits; summed in two halves, no list of records overflows them."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The columns that make one total, and how many of them there are."""

    path: ReadPath
    columns: tuple[Piece, ...]
    mixed: bool


def totals(
    work: Work, entity: str, query: Query, fields: Sequence[str]
) -> dict[str, str | int | None]:
    """Return the sum of each field over all records of the query, as JSON carries it.

    Raises Refused: 400 for a field that is no number of the header, 403 for a hidden one.
    """
    made, values = listing(work, entity, bare(query))
    sums = sums_of(work, entity, fields)
    if not sums:
        return {}
    pieces = [piece for one in sums for piece in one.columns]
    text = ", ".join(piece.text for piece in pieces)
    statement = Piece(
        f"SELECT {text}{made.statement.source.text}",
        (*(param for piece in pieces for param in piece.params), *made.statement.source.params),
    )
    params = made.statement.bind(statement, values, work.context)
    return read_sums(sums, work.connection.run(statement.text, params)[0], work.dialect)


def bare(query: Query) -> Query:
    """Return the query without what only pages need."""
    return Query(filter=query.filter, search=query.search, view=query.view, fields=("id",))


def sums_of(work: Work, entity: str, fields: Iterable[str]) -> tuple[Sum, ...]:
    """Lay out the sums of several fields. Raises Refused as `totals` does."""
    catalog, roles, dialect = work.catalog, work.context.roles, work.dialect
    paths = readable_all(catalog, roles, entity, fields, dialect)
    unfit = [path for path in paths if FIELD_TYPES[path.field.type].kind != "number" or path.steps]
    if unfit:
        raise Refused(
            Problem(SUM_UNFIT, Place(path=path.text), {"at": path.text}) for path in unfit
        )
    columns = reader_columns(catalog, roles, dialect)
    return tuple(_sum(columns, path, dialect) for path in paths)


def read_sums(
    sums: Iterable[Sum], row: Sequence[Any], dialect: Dialect
) -> dict[str, str | int | None]:
    """Read the sums from the columns of a row, in the order they were laid out."""
    read: dict[str, str | int | None] = {}
    at = 0
    for one in sums:
        own = row[at : at + len(one.columns)]
        at += len(one.columns)
        different = one.mixed and own[-1] > 1
        read[one.path.text] = None if different else _written(one.path.field, own, dialect)
    return read


def _sum(columns: Columns, path: ReadPath, dialect: Dialect) -> Sum:
    column = columns.read(path, "t")
    if dialect == "sqlite":
        parts = [
            Piece(f"sum({column.text} / {_HALF:d})", column.params),
            Piece(f"sum({column.text} % {_HALF:d})", column.params),
        ]
    else:
        parts = [Piece(f"sum({column.text})", column.params)]
    kind = _kind_of(columns, path.entity, path.field)
    if kind is None:
        return Sum(path, tuple(parts), mixed=False)
    counted = f"count(DISTINCT CASE WHEN {column.text} <> 0 THEN coalesce({kind.text}, 0) END)"
    parts.append(Piece(counted, (*column.params, *kind.params)))
    return Sum(path, tuple(parts), mixed=True)


def _kind_of(columns: Columns, entity: Entity, field: Field) -> Piece | None:
    """The column that tells what a number is a number of: its currency or unit."""
    formula = field.currency or field.unit
    if isinstance(formula, Formula):
        return Columns(columns.catalog, columns.dialect).value(entity, formula, "t")
    return None


def _written(field: Field, own: Sequence[Any], dialect: Dialect) -> str | int:
    if dialect == "sqlite":
        total = Decimal((own[0] or 0) * _HALF + (own[1] or 0)).scaleb(-scale_of(field.shape))
    else:
        total = Decimal(own[0] or 0)
    if field.type in ("integer", "duration", "rating"):
        return int(total)
    return f"{total:.{scale_of(field.shape)}f}"
