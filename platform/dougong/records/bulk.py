"""Writes many new records of one entity with one statement per table."""

from collections.abc import Sequence
from typing import Any

import msgspec

from dougong.access.rows import RowRule
from dougong.fields.dates import instant_text
from dougong.fields.words import index_words, words_text
from dougong.generated.code import EntityCode
from dougong.generated.shape import quoted
from dougong.generated.sql import mark, unnest
from dougong.records import search_index, trail
from dougong.records.drafting import Draft
from dougong.records.saving import columns_of, insert_lines_rows, insert_many
from dougong.records.work import Work

_encode = msgspec.json.encode
_SAVEPOINT = "dougong_rows"
_TRAIL_POSTGRES = (
    'INSERT INTO @."dougong_trail" ("id", "at", "user", "login", "door", "entity", "record", "version",'
    ' "action", "changes", "company", "trace", "tx") SELECT u.id, %s, %s, %s, %s, %s, u.record, 1, %s,'
    " u.changes::jsonb, %s, %s, (pg_current_xact_id()::text::bigint)"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS u(id, record, changes)"
)
_WORDS_POSTGRES = (
    'INSERT INTO @."dougong_search" ("record", "entity", "words") SELECT u.record, %s, u.words::tsvector'
    " FROM unnest(%s::bigint[], %s::text[]) AS u(record, words)"
)


def savepoint(work: Work) -> None:
    """Begin a part that may be undone alone; parts may stand within parts."""
    work.connection.change(f"SAVEPOINT {_SAVEPOINT}")


def back(work: Work) -> None:
    """Undo the part."""
    work.connection.change(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
    work.connection.change(f"RELEASE SAVEPOINT {_SAVEPOINT}")


def release(work: Work) -> None:
    """Keep the part."""
    work.connection.change(f"RELEASE SAVEPOINT {_SAVEPOINT}")


def insert(work: Work, code: EntityCode, drafts: Sequence[Draft], action: str = "create") -> None:
    """Write new records with lines, words and trail. Raises Conflict."""
    _number(work, code, drafts)
    records = [draft.record for draft in drafts]
    bind, wire = code.header.bind, code.header.wire
    _headers(work, code, [bind(record) for record in records])
    for name, table in code.lines.items():
        rows = [
            table.bind(line, record.id)
            for record in records
            for line in getattr(record, f"l_{name}")
        ]
        if rows:
            insert_lines_rows(work, code, name, rows)
    _words(work, code, drafts)
    first = work.new_ids(len(records))
    changes = [trail.created_changes(_encode(wire(record))) for record in records]
    _trail(work, code.entity.id, first, [record.id for record in records], changes, action)


def _number(work: Work, code: EntityCode, drafts: Sequence[Draft]) -> None:
    counts = [
        1 + sum(len(getattr(draft.record, f"l_{name}")) for name in code.lines) for draft in drafts
    ]
    at = work.new_ids(sum(counts))
    now, user = work.context.now, work.context.user or None
    for draft, count in zip(drafts, counts, strict=True):
        record = draft.record
        record.id = at
        record.version = 1
        record.created = record.changed = now
        record.created_by = record.changed_by = user
        next_line = at + 1
        for name in code.lines:
            for position, line in enumerate(getattr(record, f"l_{name}")):
                line.id = next_line
                line.position = position
                next_line += 1
        at += count


def _headers(work: Work, code: EntityCode, rows: list[tuple[Any, ...]]) -> None:
    if work.dialect == "sqlite":
        insert_many(work, code.sql.insert, rows)
        return
    shape = code.shape.header
    names = ", ".join(quoted(column) for column in shape.columns)
    sql = f"INSERT INTO @.{quoted(shape.table)} ({names}) {unnest(shape)}"
    work.connection.change(sql, columns_of(code.header, rows))


def _words(work: Work, code: EntityCode, drafts: Sequence[Draft]) -> None:
    entity = code.entity.id
    found = [
        (draft.record.id, index_words(code.words(draft.record, draft.environment, draft.linked)))
        for draft in drafts
    ]
    kept = [(id_, words) for id_, words in found if words]
    if not kept:
        return
    if work.dialect == "sqlite":
        rows = [(id_, entity, id_, " ".join(words)) for id_, words in kept]
        insert_many(work, search_index.ADD_SQLITE, rows)
    else:
        texts = [words_text(words, "postgresql") for _, words in kept]
        work.connection.change(_WORDS_POSTGRES, [entity, [id_ for id_, _ in kept], texts])


def _trail(
    work: Work, entity: str, first: int, ids: list[int], changes: list[str], action: str
) -> None:
    context = work.context
    at = instant_text(context.now)
    head = (at, context.user, context.login, context.door)
    tail = (context.company or None, context.trace)
    if work.dialect == "sqlite":
        rows = [
            (trail_id, *head, entity, id_, 1, action, change, *tail)
            for trail_id, (id_, change) in enumerate(zip(ids, changes, strict=True), first)
        ]
        insert_many(work, trail.INSERT_SQLITE, rows)
        return
    trail_ids = list(range(first, first + len(ids)))
    work.connection.change(_TRAIL_POSTGRES, [*head, entity, action, *tail, trail_ids, ids, changes])


def holding(work: Work, code: EntityCode, ids: Sequence[int], rule: RowRule) -> set[int]:
    """Return those of the records for which a row rule holds."""
    if not ids:
        return set()
    sqlite = work.dialect == "sqlite"
    given: Any = _encode(list(ids)).decode() if sqlite else list(ids)
    among = "IN (SELECT value FROM json_each(?))" if sqlite else f"= ANY({mark(work.dialect)})"
    sql = f'SELECT t."id" FROM @.{quoted(code.entity.table)} AS t WHERE t."id" {among} AND ({rule.text})'  # noqa: S608 -- our names
    return {row[0] for row in work.connection.run(sql, [given, *rule.fill(work.context)])}


def out_of_reach(work: Work, code: EntityCode, ids: Sequence[int]) -> set[int]:
    """Return those of the new records that the person was not allowed to create as they stand."""
    rule = work.access(code.entity.id).rows("create")
    return set() if rule is None else set(ids) - holding(work, code, ids, rule)
