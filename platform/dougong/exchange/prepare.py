"""A table and a mapping to record bodies: cells read, links found, lines joined to their headers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dougong.catalog.entity import Entity, Field
from dougong.catalog.process import ColumnSource, ImportMapping, LinesSource
from dougong.exchange import problems
from dougong.exchange.cells import NUMBERS, Unreadable, reader_for
from dougong.exchange.mapping import check_mapping, with_key
from dougong.exchange.table import Table
from dougong.exchange.targets import find_targets
from dougong.foundation.errors import Place, Problem, Refused
from dougong.foundation.translate import Label
from dougong.records.work import Work

_WANTED = {
    "number": Label.of({"zh": "数字", "en": "a number"}),
    "date": Label.of({"zh": "日期", "en": "a date"}),
    "datetime": Label.of({"zh": "日期时间", "en": "a date and time"}),
    "boolean": Label.of({"zh": "“是”或“否”", "en": "yes or no"}),
    "choice": Label.of({"zh": "可选的值", "en": "one of the options"}),
}
"""What a cell of each type should have been; other types take any text."""


@dataclass(slots=True)
class Row:
    """A record to be: the `body` for the gate, from row `number` of the main file, and what is
    wrong with its cells.
    """

    number: int
    body: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    says: bool = False
    """Whether a cell of the header is filled, so that the row begins a record of its own."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Bodies in the file's order, the business key to find existing records by, and problems that
    belong to no row.
    """

    entity: Entity
    key: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Cell:
    """A link still to be found: `text` in the column of `row` goes to `body[name]`."""

    row: Row
    body: dict[str, Any]
    path: str
    text: str


def prepare(
    work: Work,
    mapping: ImportMapping,
    tables: Mapping[str, Table],
    *,
    limit: int = 0,
) -> Prepared:
    """Turn the rows of `tables` (main file under "") into bodies; `limit` takes the first rows only.

    Raises Refused for a mapping that does not fit; what is wrong in a cell stays with its row.
    """
    entity = work.catalog.entities[mapping.entity]
    access = work.access(entity.id)
    closed = access.read_only | access.hidden
    found = check_mapping(mapping, entity, tables, closed=closed)
    if found:
        raise Refused(found)
    mapping = with_key(mapping, entity)
    rows, links = _header_rows(entity, mapping, tables[""], limit, work.context.zone)
    loose: list[Problem] = []
    for lines in mapping.lines:
        table = tables[lines.file]
        loose += _join_lines(
            entity, lines, table, tables[""], rows, links, work.context.zone, whole=not limit
        )
    if any(not lines.file for lines in mapping.lines):
        rows = _merge_repeated(rows, mapping)
    for (path, by), cells in links.items():
        _resolve(work, entity, path, by, cells)
    for number, beyond in tables[""].ragged:
        values = {"row": number, "more": len(beyond), "cells": ", ".join(beyond)}
        problem = Problem(problems.RAGGED, Place(), values)
        owner = next((row for row in rows if row.number == number), None)
        (owner.problems if owner else loose).append(problem)
    return Prepared(entity, mapping.key, tuple(rows), tuple(loose))


Links = dict[tuple[str, str], list[_Cell]]


def _header_rows(
    entity: Entity, mapping: ImportMapping, table: Table, limit: int, zone: str
) -> tuple[list[Row], Links]:
    fill = _filler(entity.fields, mapping.columns, table, "", zone)
    links: Links = {}
    rows = []
    numbered = zip(table.numbers, table.rows, strict=True)
    for at, (number, cells) in enumerate(numbered):
        if limit and at >= limit:
            break
        row = Row(number, {})
        fill(row, row.body, number, cells, links)
        rows.append(row)
    return rows, links


Filler = Callable[[Row, dict[str, Any], int, Sequence[str], Links], None]


def _filler(
    fields: Mapping[str, Field],
    columns: Sequence[ColumnSource],
    table: Table,
    prefix: str,
    zone: str,
) -> Filler:
    """Build the function that fills a body from one row of cells."""
    plan = []
    for column in columns:
        at = table.headings.index(column.column) if column.column else -1
        target = fields[column.field]
        cells = (row[at] for row in table.rows) if at >= 0 else iter((column.value,))
        plan.append((target, column, at, reader_for(target, column, cells, zone=zone)))

    def fill(
        row: Row, body: dict[str, Any], number: int, cells: Sequence[str], links: Links
    ) -> None:
        for target, column, at, read in plan:
            text = cells[at] if at >= 0 else column.value
            row.says |= bool(not prefix and at >= 0 and text)
            path = prefix + target.name
            try:
                value = read(text)
            except Unreadable as unreadable:
                row.problems.append(_unreadable(unreadable, path, target, number, column, text))
                continue
            if value is not None and target.type in ("link", "links"):
                links.setdefault((path, column.by), []).append(_Cell(row, body, path, str(value)))
            elif value is not None or (target.default is None and target.type != "password"):
                # An empty cell lets the default speak; where there is none it empties the field. A
                # password stands in no file, so nothing is said of it.
                body[target.name] = value

    return fill


def _unreadable(
    unreadable: Unreadable, path: str, target: Field, number: int, column: ColumnSource, text: str
) -> Problem:
    kind = problems.AMBIGUOUS_DATE if unreadable.ambiguous else problems.BAD_CELL
    shown = column.column or target.name
    said = _WANTED["number" if target.type in NUMBERS else target.type]
    values = {"row": number, "column": shown, "value": text, "kind": said}
    return Problem(kind, Place(path=path), values)


def _join_lines(
    entity: Entity,
    lines: LinesSource,
    table: Table,
    main: Table,
    rows: list[Row],
    links: Links,
    zone: str,
    *,
    whole: bool,
) -> list[Problem]:
    """Fill `body[lines]`: from a file of their own by `match`, else from the headers' own rows."""
    fill = _filler(entity.lines[lines.lines].fields, lines.columns, table, f"{lines.lines}.", zone)
    if not lines.file:
        by_number = dict(zip(main.numbers, main.rows, strict=True))
        places = [main.headings.index(each.column) for each in lines.columns if each.column]
        for row in rows:
            cells = by_number[row.number]
            row.body[lines.lines] = []
            if any(cells[at].strip() for at in places):  # else the record has no line here
                body: dict[str, Any] = {}
                fill(row, body, row.number, cells, links)
                row.body[lines.lines].append(body)
        return []
    header_at = [main.headings.index(name) for name in lines.match.values()]
    line_at = [table.headings.index(name) for name in lines.match]
    owners = {}
    by_number = dict(zip(main.numbers, main.rows, strict=True))
    for row in rows:
        row.body[lines.lines] = []
        owners[tuple(by_number[row.number][at] for at in header_at)] = row
    orphans = []
    for number, cells in zip(table.numbers, table.rows, strict=True):
        key = tuple(cells[at] for at in line_at)
        owner = owners.get(key)
        if owner is None:
            if whole:
                values = {"file": lines.file, "row": number, "value": ", ".join(key)}
                orphans.append(Problem(problems.ORPHAN_LINES, Place(), values))
            continue
        body = {}
        fill(owner, body, number, cells, links)
        owner.body[lines.lines].append(body)
    return orphans


def _merge_repeated(rows: list[Row], mapping: ImportMapping) -> list[Row]:
    """Make one record of rows that repeat their header: lines follow each other under one key.

    A row whose header cells are all empty continues the record above it; one that fills some of them
    but not the key is a record of its own, and the gate says that it lacks a key.
    """
    names = [lines.lines for lines in mapping.lines if not lines.file]
    keys = mapping.key or tuple(column.field for column in mapping.columns)
    merged: dict[tuple[Any, ...], Row] = {}
    last: Row | None = None
    for row in rows:
        key = tuple(str(row.body.get(name)) for name in keys)
        empty = all(row.body.get(name) is None for name in keys)
        if empty and row.says:
            key = (str(row.number),)
        owner = last if empty and last and not row.says else merged.setdefault(key, row)
        if owner is not row:
            for name in names:
                owner.body[name] += row.body[name]
            owner.problems += row.problems
        last = owner
    return list(merged.values())


def _resolve(work: Work, entity: Entity, path: str, by: str, cells: Iterable[_Cell]) -> None:
    first, _, below = path.partition(".")
    target = entity.lines[first].fields[below] if below else entity.fields[first]
    cells = list(cells)
    many = target.type == "links"
    texts = {part for cell in cells for part in _parts(cell.text, many=many)}
    ids, doubled, said_by = find_targets(work, target, by, texts)
    goal = work.catalog.entities[".".join(target.targets[0].split(".")[:2])].label
    for cell in cells:
        parts = _parts(cell.text, many=many)
        for part in parts:
            if part in ids:
                continue
            kind = problems.MANY_TARGETS if part in doubled else problems.NO_TARGET
            values = {
                "row": cell.row.number,
                "column": target.label,
                "entity": goal,
                "by": said_by,
                "value": part,
            }
            cell.row.problems.append(Problem(kind, Place(path=path), values))
        good = [str(ids[part]) for part in parts if part in ids]
        if good:
            cell.body[target.name] = good if many else good[0]


def _parts(text: str, *, many: bool) -> list[str]:
    if not many:
        return [text]
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
