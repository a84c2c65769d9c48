"""Records to a file: CSV or XLSX, with headings in the reader's language, safe against formula cells.

What an export writes, an import reads back without changing anything: links go out as business
keys, choices as codes, lines as rows that repeat the header's key.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

from dougong.catalog.entity import Entity, Field
from dougong.exchange import problems
from dougong.exchange.cells import NUMBERS
from dougong.fields.types import field_type
from dougong.foundation.errors import refuse
from dougong.queries.list_records import stream
from dougong.queries.query import Query
from dougong.records.work import Work

FileKind = Literal["csv", "xlsx"]
RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
EXACT_DIGITS = 15
"""A workbook keeps numbers in binary with 15 sure digits; longer ones go out as text."""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: the dotted `path` of a field, its heading, its field; `lines` names its set."""

    path: str
    heading: str
    field: Field
    lines: str = ""


def columns_of(work: Work, entity: Entity, paths: Sequence[str] = ()) -> tuple[ExportColumn, ...]:
    """Return the columns of an export: `paths` in their order, or every readable stored field."""
    access = work.access(entity.id)
    language = work.context.language
    known: dict[str, ExportColumn] = {}
    for field in entity.fields.values():
        if field.column and field.name not in access.hidden:
            known[field.name] = ExportColumn(field.name, field.label.say(language), field)
    for lines in entity.lines.values():
        for field in lines.fields.values():
            path = f"{lines.name}.{field.name}"
            if field.column and path not in access.hidden and lines.name not in access.hidden:
                heading = f"{lines.label.say(language)}.{field.label.say(language)}"
                known[path] = ExportColumn(path, heading, field, lines.name)
    wanted = paths or tuple(known)
    return _named_apart(tuple(known[path] for path in wanted if path in known))


def _named_apart(columns: tuple[ExportColumn, ...]) -> tuple[ExportColumn, ...]:
    """Give columns of the same heading their paths, so that a file can be read back."""
    headings = [column.heading for column in columns]
    return tuple(
        replace(column, heading=column.path) if headings.count(column.heading) > 1 else column
        for column in columns
    )


def export(
    work: Work,
    entity_id: str,
    query: Query,
    target: IO[bytes] | Path,
    *,
    kind: FileKind,
    paths: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write all records of `query` that this person may export; return how many.

    Raises Refused (403) without the right to export, (501) for XLSX without its extra.
    """
    entity = work.entity(entity_id)
    work.access(entity_id).demand("export")
    columns = columns_of(work, entity, paths)
    counted = _Counted(progress)
    rows = _rows(work, entity, query, columns, counted)
    write = _write_csv if kind == "csv" else _write_workbook
    if isinstance(target, Path):
        with target.open("wb") as file:
            write(file, columns, rows)
    else:
        write(target, columns, rows)
    return counted.rows


class _Counted:
    """Counts records and tells how many are through."""

    def __init__(self, progress: Callable[[int], None] | None) -> None:
        self.rows = 0
        self._progress = progress

    def add(self, more: int) -> None:
        self.rows += more
        if self._progress is not None:
            self._progress(self.rows)


def _rows(
    work: Work,
    entity: Entity,
    query: Query,
    columns: Sequence[ExportColumn],
    counted: _Counted,
) -> Iterator[list[Any]]:
    wanted = tuple(dict.fromkeys(column.path for column in columns))
    sets = tuple(dict.fromkeys(column.lines for column in columns if column.lines))
    for records in stream(work, entity.id, replace(query, fields=wanted)):
        keys = _keys_of_links(work, records, columns)
        for record in records:
            yield from _spread(record, columns, sets, keys)
        counted.add(len(records))


def _spread(
    record: Mapping[str, Any],
    columns: Sequence[ExportColumn],
    sets: Sequence[str],
    keys: Mapping[str, Mapping[str, str]],
) -> Iterator[list[Any]]:
    """Write one record as one row, or as a row per line with the header's cells repeated."""
    height = max((len(record[name]) for name in sets), default=0) or 1
    for at in range(height):
        row = []
        for column in columns:
            if not column.lines:
                source: Mapping[str, Any] | None = record
            else:
                lines = record[column.lines]
                source = lines[at] if at < len(lines) else None
            value = source.get(column.field.name) if source is not None else None
            row.append(_said(column, value, keys))
        yield row


def _said(column: ExportColumn, value: Any, keys: Mapping[str, Mapping[str, str]]) -> Any:
    if value is None:
        return ""
    if column.field.type == "link" and column.field.targets:
        return keys[column.path].get(value, "")
    if column.field.type == "links":
        return "; ".join(keys[column.path].get(part, "") for part in value)
    if column.field.type == "boolean":
        return "true" if value else "false"
    if column.field.type in NUMBERS:
        return Decimal(str(value))
    return (
        value
        if isinstance(value, str) and column.field.type != "json"
        else field_type(column.field.type).text(value, column.field.shape)
    )


def _keys_of_links(
    work: Work, records: Sequence[Mapping[str, Any]], columns: Sequence[ExportColumn]
) -> dict[str, dict[str, str]]:
    """Look up what stands for each linked record in a file: its business key or number,
    else its id (as for a line, or where the entity stands in a neighbour field).
    """
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        if column.field.type not in ("link", "links") or not column.field.targets:
            continue
        ids: set[str] = set()
        for record in records:
            for source in record[column.lines] if column.lines else (record,):
                value = source.get(column.field.name)
                ids.update(value if isinstance(value, list) else [value] if value else [])
        if column.field.to_line or column.field.by:
            found[column.path] = {id_: id_ for id_ in ids}
        else:
            found[column.path] = _file_names(work, column.field.targets[0], ids)
    return found


def _file_names(work: Work, target: str, ids: Iterable[str]) -> dict[str, str]:
    entity = work.entity(target)
    wanted = sorted(ids)
    if not wanted:
        return {}
    names = [*entity.key] if len(entity.key) == 1 else []
    if not names and "number" in entity.fields:
        names = ["number"]
    if not names:
        return {id_: id_ for id_ in wanted}
    query = Query(
        filter={"field": "id", "op": "in", "value": wanted}, fields=(names[0],), limit=500
    )
    rows = (row for rows in stream(work, target, query, right="read") for row in rows)
    return {row["id"]: row[names[0]] or "" for row in rows}


def _write_csv(
    file: IO[bytes], columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]]
) -> None:
    # The mark makes spreadsheet programs read UTF-8; without it Chinese comes out as noise.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe(column.heading) for column in columns])
    for row in rows:
        writer.writerow([plain(cell) if isinstance(cell, Decimal) else safe(cell) for cell in row])
    text.flush()
    text.detach()


def safe(cell: str) -> str:
    """Keep a text from being taken for a formula: an apostrophe goes before it."""
    return f"'{cell}" if cell.startswith(RISKY) else cell


def plain(number: Decimal) -> str:
    """Write a number without an exponent."""
    return f"{number:f}"


def _write_workbook(
    file: IO[bytes], columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]]
) -> None:
    try:
        import xlsxwriter  # noqa: PLC0415 -- an extra
    except ImportError as error:
        raise refuse(problems.EXTRA_MISSING) from error
    options = {
        "constant_memory": True,
        "in_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.heading, bold)
        sheet.set_column(at, at, 14)
    for below, row in enumerate(rows, 1):
        for at, cell in enumerate(row):
            if isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= EXACT_DIGITS:
                sheet.write_number(below, at, cell)
            elif cell != "":
                sheet.write_string(below, at, plain(cell) if isinstance(cell, Decimal) else cell)
    book.close()
