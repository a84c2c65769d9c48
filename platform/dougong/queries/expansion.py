"""Links shown with their record, and lines with their header: one statement per target, whatever the
number of rows, each behind the access of its own entity.

A record out of reach is shown by its id and the title `—`; its fields are absent.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dougong.access.column_text import Columns
from dougong.access.rows import fill
from dougong.access.select_text import among, select
from dougong.fields.field_type import Dialect
from dougong.formulas.sql_pieces import Piece
from dougong.queries.rowset import Rowset, rowset
from dougong.queries.selection import Expansion, Wanted, WantedLines
from dougong.queries.titles import HIDDEN, Title, title_of
from dougong.records.work import Work

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ids:
    """A parameter: the ids to fetch."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """The statement that fetches records of one entity by their ids."""

    wanted: Wanted
    sql: str
    params: tuple[Any, ...]
    rows: Rowset
    title: Title
    expand: tuple["Below", ...]


@dataclass(frozen=True, slots=True)
class Below:
    """A link to follow, and the fetch of each entity it may point to."""

    expansion: Expansion
    fetches: Mapping[str, Fetch]


@dataclass(frozen=True, slots=True)
class FetchLines:
    """The statement that fetches one set of lines of many headers."""

    wanted: WantedLines
    sql: str
    rows: Rowset
    expand: tuple[Below, ...]


def fetch_of(columns: Columns, wanted: Wanted) -> Fetch:
    """Make the fetch of a linked entity and of what stands below it."""
    decided, dialect = wanted.access, columns.dialect
    title = title_of(columns, decided)
    fields = [(one, columns.field(decided.entity, one.name, "t")) for one in wanted.fields]
    rows = rowset([("id", Piece('t."id"'), "str(value)")], fields, dialect, title.columns)
    rule = decided.rows("read")
    narrowed = f" AND ({rule.text})" if rule else ""
    where = f't."id" {among(dialect)}{narrowed}'
    sql = select(rows.select, decided.entity.table, "t", where)
    params = (*rows.params, Ids(), *(rule.params if rule else ()))
    return Fetch(wanted, sql, params, rows, title, belows_of(columns, wanted.expand))


def belows_of(columns: Columns, expand: Iterable[Expansion]) -> tuple[Below, ...]:
    """Make the fetches of several links."""
    return tuple(
        Below(one, {wanted.access.entity.id: fetch_of(columns, wanted) for wanted in one.targets})
        for one in expand
    )


def fetch_lines_of(columns: Columns, wanted: WantedLines) -> FetchLines:
    """Make the fetch of one set of lines."""
    dialect = columns.dialect
    own = [("parent", Piece('t."parent"'), "value"), ("id", Piece('t."id"'), "str(value)")]
    fields = [(one, Piece(f't."{one.column}"')) for one in wanted.fields]
    rows = rowset(own, fields, dialect)
    order = ' ORDER BY t."parent", t."position", t."id"'
    sql = select(rows.select, wanted.lines.table, "t", f't."parent" {among(dialect)}', order)
    return FetchLines(wanted, sql, rows, belows_of(columns, wanted.expand))


def bound_ids(ids: Iterable[int], dialect: Dialect) -> Any:
    """Turn ids into the one parameter of `among`."""
    return json.dumps(list(ids)) if dialect == "sqlite" else list(ids)


def add_lines(work: Work, fetch: FetchLines, rows: Sequence[Row]) -> None:
    """Add a set of lines to each row under its name."""
    headers: dict[int, list[Row]] = {int(row["id"]): [] for row in rows}
    if not headers:
        return
    found = fetch.rows.convert(work.connection.run(fetch.sql, (bound_ids(headers, work.dialect),)))
    for line in found:
        headers[line.pop("parent")].append(line)
    for row in rows:
        row[fetch.wanted.lines.name] = headers[int(row["id"])]
    add_links(work, fetch.expand, found)


def add_links(work: Work, belows: Sequence[Below], rows: Sequence[Row]) -> None:
    """Add `expanded` to each row: the records its links point to."""
    for below in belows:
        name = below.expansion.link.name
        ids: dict[str, dict[str, None]] = {entity: {} for entity in below.fetches}
        for row in rows:
            entity = _entity_of(below, row)
            if entity in ids:
                ids[entity].update(dict.fromkeys(_linked(row.get(name))))
        records = {entity: records_of(work, below.fetches[entity], ids[entity]) for entity in ids}
        for row in rows:
            known = records.get(_entity_of(below, row), {})
            value = row.get(name)
            if value is not None:
                shown = [known.get(one, {"id": one, "title": HIDDEN}) for one in _linked(value)]
                row.setdefault("expanded", {})[name] = (
                    shown if isinstance(value, list) else shown[0]
                )


def records_of(work: Work, fetch: Fetch, ids: Iterable[str]) -> dict[str, Row]:
    """Fetch records by their id texts: `{"id", "title", fields…, "expanded"?}` for those in reach."""
    wanted = [int(one) for one in ids]
    if not wanted or not fetch.wanted.access.may("read"):
        return {}
    context, dialect = work.context, work.dialect
    params = [
        bound_ids(wanted, dialect) if isinstance(param, Ids) else param
        for param in fill(fetch.params, context, dialect)
    ]
    found = work.connection.run(fetch.sql, params)
    rows = fetch.rows.convert(found)
    for row, values in zip(rows, found, strict=True):
        row["title"] = fetch.title.write(values[fetch.rows.width :], context.language)
    add_links(work, fetch.expand, rows)
    return {row["id"]: row for row in rows}


def _entity_of(below: Below, row: Row) -> str:
    """The entity a link points to; a dynamic link says it in a neighbour field."""
    if below.expansion.by:
        return str(row.get(below.expansion.by) or "")
    return next(iter(below.fetches), "")


def _linked(value: Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
