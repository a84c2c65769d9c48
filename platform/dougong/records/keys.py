"""Idempotency keys: the same request sent twice has one effect and one answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from dougong.database.port import Busy, Conflict
from dougong.fields.dates import instant_text
from dougong.foundation.errors import refuse
from dougong.records.problems import KEY_REUSED, KEY_TOO_LONG
from dougong.records.work import Work

LONGEST = 255
_FIND = 'SELECT "body", "answer", "record" FROM @."dougong_key" WHERE "user" = {0} AND "route" = {0} AND "key" = {0}'
_ADD = (
    'INSERT INTO @."dougong_key" ("user", "route", "key", "body", "status", "answer", "record", "at") '
    "VALUES ({0}, {0}, {0}, {0}, {0}, {0}, {0}, {0})"
)
_SQL = {
    dialect: (_FIND.format(place), _ADD.format(place))
    for dialect, place in (("sqlite", "?"), ("postgresql", "%s"))
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered the first time."""

    record: int
    answer: dict[str, Any]


def body_hash(body: bytes | Mapping[str, Any]) -> str:
    """Return a digest of a body; another body under the same key is refused."""
    raw = bytes(body) if isinstance(body, (bytes, bytearray)) else msgspec.json.encode(body)
    return hashlib.sha256(raw).hexdigest()


def find(work: Work, route: str, key: str, digest: str) -> Answered | None:
    """Return the answer given before to this key; the row is written in the creating transaction.

    Raises Refused when the key came with another body.
    """
    if len(key) > LONGEST or not key.isprintable():
        raise refuse(KEY_TOO_LONG)
    rows = work.connection.run(_SQL[work.dialect][0], [work.context.user, route, key])
    if not rows:
        return None
    known, answer, record = rows[0]
    if known != digest:
        raise refuse(KEY_REUSED)
    return Answered(record, msgspec.json.decode(answer))


def keep(
    work: Work, route: str, key: str, digest: str, status: int, answer: bytes, record: int
) -> None:
    """Keep the answer. Of two at once the second gets Busy; when it is retried, it finds the answer."""
    at = instant_text(work.context.now)
    params = [work.context.user, route, key, digest, status, answer.decode(), record, at]
    try:
        work.connection.change(_SQL[work.dialect][1], params)
    except Conflict as conflict:
        raise Busy("the same idempotency key is being used") from conflict


def forget(work: Work, before: datetime) -> int:
    """Forget the keys used before an instant; returns how many."""
    place = "?" if work.dialect == "sqlite" else "%s"
    sql = f'DELETE FROM @."dougong_key" WHERE "at" < {place}'  # noqa: S608 -- our table
    return work.connection.change(sql, [instant_text(before)])
