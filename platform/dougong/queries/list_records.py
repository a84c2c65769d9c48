"""Lists: one page of the records a query asks for, in JSON form."""

from collections.abc import Iterator
from dataclasses import dataclass

from dougong.access.columns import reader_columns
from dougong.access.recent import Recent
from dougong.queries.cursor import read_cursor, write_cursor
from dougong.queries.expansion import (
    Below,
    FetchLines,
    Row,
    add_lines,
    add_links,
    belows_of,
    fetch_lines_of,
)
from dougong.queries.filters import read_filter
from dougong.queries.query import Query
from dougong.queries.searching import plan_search
from dougong.queries.statement import Shape, Statement, Values, build
from dougong.records.work import Work

CAP = 10_000
"""A capped count stops here."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `next` is the cursor of the page after ("" at the end); `count` is None unless asked
    for; `capped` says that there are more than `count`.
    """

    rows: list[Row]
    next: str
    count: int | None
    capped: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that one query shape needs, made once."""

    statement: Statement
    lines: tuple[FetchLines, ...]
    expand: tuple[Below, ...]


_kept: Recent[Listing] = Recent(4_096)


def listing(work: Work, entity: str, query: Query, right: str = "read") -> tuple[Listing, Values]:
    """Return the statements of a query's shape, and its values.

    Raises Refused: 400 for what is wrong in the query, 403 for what the reader may not see.
    """
    taken = read_filter(query.filter)
    decided = work.access(entity)
    decided.demand(right)
    search = plan_search(work, decided, query.search)
    shape = Shape(
        entity, right, taken.condition, query.sort, query.fields, query.expand, query.view,
        searches=search.how,
    )  # fmt: skip
    catalog, roles, dialect = work.catalog, work.context.roles, work.dialect

    def make() -> Listing:
        statement = build(catalog, roles, shape, dialect)
        columns = reader_columns(catalog, roles, dialect)
        wanted = statement.wanted
        return Listing(
            statement,
            tuple(fetch_lines_of(columns, one) for one in wanted.lines),
            belows_of(columns, wanted.expand),
        )

    made = _kept.get(
        (catalog.fingerprint, roles, dialect, shape), make, keep=bool(catalog.fingerprint)
    )
    after = ()
    if query.after:
        fields = [key.field for key in made.statement.keys]
        after = read_cursor(query.after, query.sort, fields, dialect)
    return made, Values(taken.values, after, search, query.limit)


def list_records(work: Work, entity: str, query: Query, *, right: str = "read") -> Page:
    """Return a page of the records of `entity`; `right` is what the rows are wanted for.

    Raises Refused: 400 for what is wrong in the query, 403 for a right, or a field in filter or sort,
    that the reader does not have.
    """
    made, values = listing(work, entity, query, right)
    rows, position = _page(work, made, query, values)
    count, capped = _count(work, made, query, values)
    return Page(rows, position, count, capped)


def stream(
    work: Work, entity: str, query: Query, *, right: str = "export", batch: int = 500
) -> Iterator[list[Row]]:
    """Walk through all records of a query in batches, whatever its `limit`; `after` says where to
    begin. The rows are consistent when the work reads one snapshot.
    """
    made, values = listing(work, entity, query, right)
    while True:
        values = Values(values.filter, values.after, values.search, batch)
        rows, position = _page(work, made, query, values)
        if rows:
            yield rows
        if not position:
            return
        fields = [key.field for key in made.statement.keys]
        after = read_cursor(position, query.sort, fields, work.dialect)
        values = Values(values.filter, after, values.search, batch)


def _page(work: Work, made: Listing, query: Query, values: Values) -> tuple[list[Row], str]:
    statement = made.statement
    more = Values(values.filter, values.after, values.search, values.limit + 1)
    piece = statement.page(values.after)
    found = work.connection.run(piece.text, statement.bind(piece, more, work.context))
    position = ""
    if len(found) > values.limit:
        found = found[: values.limit]
        fields = [key.field for key in statement.keys]
        last = [found[-1][place] for place in statement.places]
        position = write_cursor(query.sort, fields, last, work.dialect)
    rows = statement.rows.convert(found)
    for lines in made.lines:
        add_lines(work, lines, rows)
    if made.expand:
        add_links(work, made.expand, rows)
    return rows, position


def _count(work: Work, made: Listing, query: Query, values: Values) -> tuple[int | None, bool]:
    if query.count == "none":
        return None, False
    piece = made.statement.count(CAP + 1 if query.count == "capped" else 0)
    params = made.statement.bind(piece, values, work.context)
    count = int(work.connection.run(piece.text, params)[0][0])
    if query.count == "capped" and count > CAP:
        return CAP, True
    return count, False
