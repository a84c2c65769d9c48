"""Changes: which records of an entity changed since a position, without a gap.

The trail is read in the order of commits. On PostgreSQL transactions commit out of order, so rows
are given only once every transaction that began before theirs has ended (the horizon of the
snapshot); a slow transaction delays its successors and loses none. SQLite has one writer at a time.

A deletion is told to those who might have read the record as it last stood, which the trail keeps.
"""

from dataclasses import dataclass
from typing import Any

from dougong.access.decide import EntityAccess
from dougong.access.select_text import mark, select
from dougong.catalog.entity import Field
from dougong.fields.dates import instant_text
from dougong.fields.field_type import BadValue, Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.foundation.errors import refuse
from dougong.queries.list_records import list_records
from dougong.queries.problems import SINCE_WRONG
from dougong.queries.query import Query
from dougong.queries.values import POSTGRES_TYPES, accepted
from dougong.records.trail import read_changes
from dougong.records.work import Work

MOST = 500
_DELETED = "delete"
_HORIZON = ' AND c."tx" < pg_snapshot_xmin(pg_current_snapshot())::text::bigint'


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed. Each row is `{"id", "version", "action", "at", "record"}` with the record as it is
    now (None when it was deleted), each record once. `next` is the position to ask from next time;
    it stays the same when nothing happened.
    """

    rows: list[dict[str, Any]]
    next: str


def changes(
    work: Work, entity: str, since: str = "", limit: int = 100, *, lines: bool = False
) -> Changes:
    """Return the records that changed after `since` ("" for the beginning), oldest change first.

    `limit` bounds the changes looked at. `lines` brings the lines of each record along. Raises
    Refused: 400 for a position that was never given out, 403 without the right to read.
    """
    decided = work.access(entity)
    decided.demand("read")
    tx, last = _position(since)
    one = mark(work.dialect)
    horizon = _HORIZON if work.dialect == "postgresql" else ""
    sql = select(
        'c."tx", c."id", c."record", c."version", c."action", c."at", c."changes"',
        "dougong_trail",
        "c",
        f'c."entity" = {one} AND (c."tx", c."id") > ({one}, {one}){horizon}',
        f' ORDER BY c."tx", c."id" LIMIT {one}',
    )
    found = work.connection.run(sql, (entity, tx, last, max(1, min(limit, MOST))))
    if not found:
        return Changes([], since)
    newest = {row[2]: row for row in found}
    records = _records(work, entity, list(newest), lines=lines)
    rows = [
        _told(row, records.get(str(record)), work.dialect)
        for record, row in newest.items()
        if str(record) in records or (row[4] == _DELETED and was_readable(work, decided, row[6]))
    ]
    return Changes(rows, f"{found[-1][0]}-{found[-1][1]}")


def was_readable(work: Work, decided: EntityAccess, kept: Any) -> bool:
    """Ask whether the row rule holds for a record that is gone, as its trail row kept it."""
    rule = decided.rows("read")
    if rule is None:
        return True
    record = read_changes(kept).get("", [None])[0]
    if not isinstance(record, dict):
        return False
    columns, params = [], []
    for one in decided.entity.fields.values():
        if one.column:
            kind = POSTGRES_TYPES.get(FIELD_TYPES[one.type].kind, "text")
            columns.append(
                f'? AS "{one.column}"'
                if work.dialect == "sqlite"
                else f'%s::{kind} AS "{one.column}"'
            )
            params.append(_stored(one, record.get(one.name), work.dialect))
    sql = f"SELECT 1 FROM (SELECT {', '.join(columns)}) AS t WHERE ({rule.text})"  # noqa: S608 -- made of catalog names
    return bool(work.connection.run(sql, (*params, *rule.fill(work.context))))


def _stored(one: Field, value: Any, dialect: Dialect) -> Any:
    """The stored form of a value as JSON carries it; a rule that needs another reads it as empty."""
    if value is None or FIELD_TYPES[one.type].kind in ("json", "links"):
        return None
    try:
        return accepted(one, value, dialect)
    except BadValue:
        return None  # an option or form that is no longer declared


def _position(since: str) -> tuple[int, int]:
    if not since:
        return -1, -1
    tx, _, last = since.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (tx, last)):
        raise refuse(SINCE_WRONG, "since")
    return int(tx), int(last)


def _records(work: Work, entity: str, ids: list[int], *, lines: bool) -> dict[str, dict[str, Any]]:
    """Read the records that are there and in reach, in JSON form."""
    known = work.entity(entity)
    fields = (*known.fields, *known.lines) if lines else ()
    asked = {"field": "id", "op": "in", "value": [str(one) for one in ids]}
    page = list_records(work, entity, Query(filter=asked, fields=fields, limit=len(ids)))
    return {row["id"]: row for row in page.rows}


def _told(row: tuple[Any, ...], record: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any]:
    at = row[5] if dialect == "sqlite" else instant_text(row[5])
    version = record["version"] if record else row[3]
    return {"id": str(row[2]), "version": version, "action": row[4], "at": at, "record": record}
