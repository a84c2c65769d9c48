"""Groups: how many records of a query have each value of a field, with sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dougong.access.columns import reader_columns
from dougong.access.paths import readable
from dougong.access.read_path import ReadPath
from dougong.fields.field_type import Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.formulas.sql_pieces import Piece
from dougong.foundation.errors import refuse
from dougong.queries.expansion import fetch_of, records_of
from dougong.queries.list_records import listing
from dougong.queries.problems import SORT_UNFIT
from dougong.queries.query import Query
from dougong.queries.selection import select
from dougong.queries.titles import HIDDEN, shown
from dougong.queries.totals import bare, read_sums, sums_of
from dougong.queries.values import wire_of
from dougong.records.work import Work

MOST_GROUPS = 1_000
SPANS = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """The records with one `value` (as JSON carries it; None for empty), what people call it, how
    many there are, and the sums of the fields asked for.
    """

    value: Any
    title: str
    count: int
    sums: Mapping[str, str | int | None] = field(default_factory=dict)


def group(
    work: Work, entity: str, query: Query, by: str, sums: Sequence[str] = ()
) -> list[RecordGroup]:
    """Group the records of a query by a field, the largest group first; at most 1,000 groups.

    `by` is a path; a date may be taken by its `date:year` or `date:month`, whose value is the first
    day. Raises Refused: 400 for what can't be grouped or summed, 403 for a hidden field.
    """
    text, _, span = by.partition(":")
    catalog, roles, dialect = work.catalog, work.context.roles, work.dialect
    path = readable(catalog, roles, entity, text, dialect)
    kind = FIELD_TYPES[path.field.type].kind
    if "==" not in FIELD_TYPES[path.field.type].operators or (
        span and (kind != "date" or span not in SPANS)
    ):
        raise refuse(SORT_UNFIT, by, at=by, type=path.field.type)
    made, values = listing(work, entity, bare(query))
    laid = sums_of(work, entity, sums)
    column = _spanned(reader_columns(catalog, roles, dialect).read(path, "t"), span, dialect)
    pieces = [Piece(column.text, column.params), Piece("count(*)")]
    pieces += [piece for one in laid for piece in one.columns]
    source = made.statement.source
    selected = ", ".join(f"{piece.text} AS c{index}" for index, piece in enumerate(pieces))
    statement = Piece(
        f"SELECT {selected}{source.text} GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST LIMIT {MOST_GROUPS:d}",
        (*(param for piece in pieces for param in piece.params), *source.params),
    )
    params = made.statement.bind(statement, values, work.context)
    rows = work.connection.run(statement.text, params)
    titles = _titles(work, path, [row[0] for row in rows])
    wire = wire_of(path.field.shape, dialect)
    return [
        RecordGroup(wire(row[0]), titles[index], row[1], read_sums(laid, row[2:], dialect))
        for index, row in enumerate(rows)
    ]


def _spanned(column: Piece, span: str, dialect: Dialect) -> Piece:
    if span in ("", "day"):
        return column
    if dialect == "postgresql":
        return Piece(f"date_trunc('{span}', {column.text})::date", column.params)
    length, rest = (4, "-01-01") if span == "year" else (7, "-01")
    return Piece(f"substr({column.text}, 1, {length:d}) || '{rest}'", column.params)


def _titles(work: Work, path: ReadPath, found: Sequence[Any]) -> list[str]:
    access, language = work.access(path.last.id), work.context.language
    link = path.field
    if link.type != "link" or len(link.targets) != 1 or link.by or link.to_line:
        return [shown(path.field, value, access, language) for value in found]
    catalog, roles, dialect = work.catalog, work.context.roles, work.dialect
    wanted = select(catalog, roles, path.field.targets[0], dialect, ("id",))
    fetch = fetch_of(reader_columns(catalog, roles, dialect), wanted)
    records = records_of(work, fetch, [str(value) for value in found if value is not None])
    return [
        "" if value is None else records.get(str(value), {}).get("title", HIDDEN) for value in found
    ]
