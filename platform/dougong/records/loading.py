"""Reads records with their lines into memory, behind a row rule where one is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from dougong.access.rows import RowRule
from dougong.fields.links import LARGEST
from dougong.foundation.errors import refuse
from dougong.generated.code import EntityCode, TableCode
from dougong.records.problems import NOT_FOUND
from dougong.records.work import Work


@dataclass(frozen=True, slots=True)
class Rows:
    """A record as the driver gave it: the header's row, the lines' rows by name, and whether the
    further rule asked about holds.
    """

    header: tuple[Any, ...]
    lines: Mapping[str, Sequence[tuple[Any, ...]]]
    allowed: bool


def fetch(work: Work, entity: str, id_: int, right: RowRule | None = None) -> Rows:
    """Fetch a record the acting person may read; `right` is a further rule, told and not demanded.

    Raises Refused (404) when it is not there or out of reach.
    """
    code = work.code(entity)
    if not 0 < id_ <= LARGEST:
        raise refuse(NOT_FOUND, entity=code.entity.label)
    rule = work.access(entity).rows("read")
    sql, params = code.sql.get, [id_]
    if rule is not None:
        sql = f"{sql} AND ({rule.text})"
        params += rule.fill(work.context)
    asked: list[Any] = []
    if right is not None:
        flag = f"CASE WHEN {right.text} THEN 1 ELSE 0 END"
        sql = sql.replace("SELECT ", f"SELECT {flag}, ", 1)
        asked = list(right.fill(work.context))
    rows = work.connection.run(sql, [*asked, *params])
    if not rows:
        raise refuse(NOT_FOUND, entity=code.entity.label)
    header, allowed = rows[0], True
    if right is not None:
        header, allowed = header[1:], bool(header[0])
    lines = {name: work.connection.run(each.get, [id_]) for name, each in code.sql.lines.items()}
    return Rows(header, lines, allowed)


def load(code: EntityCode, rows: Rows) -> Any:
    """Turn rows into a record in memory."""
    record = code.header.load(rows.header)
    for name, table in code.lines.items():
        setattr(record, f"l_{name}", _lines(table, rows.lines[name]))
    return record


def _lines(table: TableCode, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    lines = [table.load(row) for row in rows]
    for position, line in enumerate(lines):
        line.position = position
    return lines


def wire_rows(code: EntityCode, rows: Rows) -> dict[str, Any]:
    """Turn rows into a record for JSON, without what is computed."""
    wired = code.header.wire_row(rows.header)
    for name, table in code.lines.items():
        wired[name] = [table.wire_row(row) for row in rows.lines[name]]
    return wired


def load_many(work: Work, code: EntityCode, ids: Sequence[int]) -> Iterator[Any]:
    """Load records by id, whoever may read them; for upkeep, never for a person."""
    if not ids:
        return
    sqlite = work.dialect == "sqlite"
    given: Any = msgspec.json.encode(list(ids)).decode() if sqlite else list(ids)
    among = "IN (SELECT value FROM json_each(?))" if sqlite else "= ANY(%s)"
    one = "?" if sqlite else "%s"
    sql = code.sql.get.replace(f't."id" = {one}', f't."id" {among}')
    records = {row[0]: code.header.load(row) for row in work.connection.run(sql, [given])}
    for record in records.values():
        for name in code.lines:
            setattr(record, f"l_{name}", [])
    for name, table in code.lines.items():
        sql = code.sql.lines[name].get.replace(f'"parent" = {one}', f'"parent" {among}')
        for row in work.connection.run(sql, [given]):
            lines = getattr(records[row[1]], f"l_{name}")
            line = table.load(row)
            line.position = len(lines)
            lines.append(line)
    yield from records.values()
