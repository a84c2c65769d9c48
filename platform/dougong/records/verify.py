"""Holds what is stored against what was told: the trail replayed equals the rows, versions agree,
links lead somewhere, the search index is in step. Reads only; for backups, upgrades and doubts.
"""
# ruff: noqa: S608 -- every name in these texts is quoted and of the catalog

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.database.port import Connection
from dougong.fields.types import field_type
from dougong.fields.words import index_words, words_text
from dougong.foundation.context import Context
from dougong.foundation.errors import Place, Problem, ProblemKind
from dougong.generated.code import EntityCode
from dougong.generated.fetch import target_of
from dougong.generated.shape import TableShape, quoted
from dougong.records import problems as kinds
from dougong.records import trail
from dougong.records.environment import Environment
from dougong.records.linked import Linked
from dougong.records.loading import load_many
from dougong.records.work import Work, open_work

CHUNK = 500
"""Records looked at in one go."""
MOST = 1000
"""Problems told at most."""

Replayed = dict[int, tuple[dict[str, Any], int]]
"""Record id to (the record as its trail tells it, version)."""


def verify(connection: Connection, catalog: Catalog) -> list[Problem]:
    """Return everything that does not agree, at most 1,000 problems; none is the good answer.

    Runs inside a transaction that has begun (a read one is enough).
    """
    now = datetime(1970, 1, 1, tzinfo=UTC)  # verifying depends on no clock
    context = Context(tenant="", user=0, login="verify", roles=frozenset(), now=now, door="command")
    work = open_work(context, catalog, connection)
    found: list[Problem] = []
    for entity in catalog.entities.values():
        if entity.stored and len(found) < MOST:
            _entity(work, entity, found)
    return found[:MOST]


def _entity(work: Work, entity: Entity, found: list[Problem]) -> None:
    code = work.code(entity.id)
    found += _links(work, code)
    seen = 0
    for ids in _ids(work, f'SELECT "id" FROM @.{quoted(entity.table)}', '"id"'):
        seen += len(ids)
        _rows(work, code, ids, found)
        if len(found) >= MOST:
            return
    found += _without_record(work, code)


def _ids(work: Work, select: str, column: str) -> Iterator[list[int]]:
    """Walk ids in order, some hundreds at a time."""
    one = "?" if work.dialect == "sqlite" else "%s"
    last = -1
    while True:
        sql = f"{select} WHERE {column} > {one} ORDER BY {column} LIMIT {CHUNK}"
        ids = [row[0] for row in work.connection.run(sql, [last])]
        if not ids:
            return
        yield ids
        last = ids[-1]


def _among(work: Work, ids: Sequence[int]) -> tuple[str, Any]:
    if work.dialect == "sqlite":
        return "IN (SELECT value FROM json_each(?))", msgspec.json.encode(list(ids)).decode()
    return "= ANY(%s)", list(ids)


# --- the trail ----------------------------------------------------------------------------------


def _rows(work: Work, code: EntityCode, ids: list[int], found: list[Problem]) -> None:
    told = _replay(work, code, ids)
    environment, linked = Environment(work), Linked(work, code)
    words: dict[int, list[str]] = {}
    for record in load_many(work, code, ids):
        wired = code.header.wire(record)
        words[record.id] = index_words(code.words(record, environment, linked))
        if record.id not in told:
            found.append(_problem(kinds.RECORD_WITHOUT_TRAIL, code, record.id))
            continue
        known, version = told[record.id]
        if version != record.version:
            values = {"row": record.version, "trail": version}
            found.append(_problem(kinds.VERSION_DIFFERS, code, record.id, **values))
        for path, row, other in _differences(code, wired, known):
            values = {"row": row, "trail": other}
            found.append(_problem(kinds.TRAIL_DIFFERS, code, record.id, path, **values))
    found += [_problem(kinds.WORDS_DIFFER, code, id_) for id_ in _wrong_words(work, code, words)]


def _problem(
    kind: ProblemKind, code: EntityCode, id_: int, path: str = "", **values: Any
) -> Problem:
    named = {"entity": code.entity.label, "id": id_, "path": path}
    return Problem(kind, Place(path=f"{code.entity.id}/{id_} {path}".strip()), {**named, **values})


def _replay(work: Work, code: EntityCode, ids: list[int]) -> Replayed:
    """Play the trail of some records forward."""
    among, given = _among(work, ids)
    one = "?" if work.dialect == "sqlite" else "%s"
    rows = work.connection.run(
        'SELECT "record", "version", "changes" FROM @."dougong_trail" '
        f'WHERE "entity" = {one} AND "record" {among} ORDER BY "record", "version", "id"',
        [code.entity.id, given],
    )
    told: Replayed = {}
    for record, version, changes in rows:
        known = told.get(record, ({}, 0))[0]
        told[record] = (replayed(known, trail.read_changes(changes), code), version)
    return told


def replayed(
    record: dict[str, Any], changes: Mapping[str, list[Any]], code: EntityCode
) -> dict[str, Any]:
    """Return a record for JSON after one row of its trail; lines are kept by id under their name."""
    for path, (_, new) in changes.items():
        names = path.split(".")
        if not path:
            record = dict(new or {})
            for name in code.lines:
                record[name] = {line["id"]: dict(line) for line in record.get(name) or ()}
        elif path.startswith("@") or (names[0] in code.lines and len(names) == 1):
            continue  # a remark, or the order of lines
        elif len(names) == 1:
            record[path] = new
        elif len(names) == 2:
            lines = record.setdefault(names[0], {})
            if new is None:
                lines.pop(names[1], None)
            else:
                lines[names[1]] = dict(new)
        else:
            record.setdefault(names[0], {}).setdefault(names[1], {})[names[2]] = new
    return record


def _differences(
    code: EntityCode, wired: Mapping[str, Any], told: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Compare a row with its trail; a field the trail has never heard of was added later."""
    yield from _compare(code.shape.header, "", wired, told)
    for name, table in code.shape.lines.items():
        rows = {line["id"]: line for line in wired[name]}
        others = told.get(name)
        if others is None:
            continue
        for id_ in {**rows, **others}:
            path = f"{name}.{id_}"
            if id_ not in rows or id_ not in others:
                yield path, rows.get(id_), others.get(id_)
            else:
                yield from _compare(table, f"{path}.", rows[id_], others[id_])


def _compare(
    table: TableShape, prefix: str, row: Mapping[str, Any], told: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    for each in table.stored:
        name = next((one for one in (each.name, *reversed(each.renamed)) if one in told), None)
        if name is not None and not _agree(each, row[each.name], told[name]):
            yield f"{prefix}{each.name}", row[each.name], told[name]


def _agree(each: Field, row: Any, told: Any) -> bool:
    if row == told:
        return True
    if row is None or told is None:
        return row in (None, []) and told in (None, [])
    if field_type(each.type).kind == "number":
        try:
            return Decimal(str(row)) == Decimal(str(told))
        except InvalidOperation:
            return False
    return False


def _without_record(work: Work, code: EntityCode) -> Iterator[Problem]:
    """Records whose trail does not end in their deletion, but which are not there."""
    one = "?" if work.dialect == "sqlite" else "%s"
    rows = work.connection.run(
        f'SELECT DISTINCT a."record" FROM @."dougong_trail" AS a WHERE a."entity" = {one} '
        f'AND NOT EXISTS (SELECT 1 FROM @.{quoted(code.entity.table)} AS t WHERE t."id" = a."record") '
        'AND NOT EXISTS (SELECT 1 FROM @."dougong_trail" AS b WHERE b."entity" = a."entity" '
        f'AND b."record" = a."record" AND b."action" = \'delete\') LIMIT {CHUNK}',
        [code.entity.id],
    )
    for (id_,) in rows:
        yield _problem(kinds.TRAIL_WITHOUT_RECORD, code, id_)


# --- links --------------------------------------------------------------------------------------


def _links(work: Work, code: EntityCode) -> Iterator[Problem]:
    for table in code.shape.tables:
        for each in table.stored:
            if field_type(each.type).kind not in ("link", "links"):
                continue
            for target in each.targets:
                yield from _broken(work, code, table, each, target)


def _broken(
    work: Work, code: EntityCode, table: TableShape, each: Field, target_id: str
) -> Iterator[Problem]:
    target = target_of(work.catalog, target_id)
    column = f"t.{quoted(each.column)}"
    owner = 't."parent"' if table.name else 't."id"'
    source, value = f"@.{quoted(table.table)} AS t", column
    if field_type(each.type).kind == "links":
        many = (
            f"json_each({column}) AS j"
            if work.dialect == "sqlite"
            else f"unnest({column}) AS j(value)"
        )
        source, value = f"{source} CROSS JOIN {many}", "j.value"
    params: list[Any] = []
    by = ""
    if each.by:
        by = f" AND t.{quoted(each.by)} = {'?' if work.dialect == 'sqlite' else '%s'}"
        params.append(target_id)
    rows = work.connection.run(
        f"SELECT {owner}, {value} FROM {source} WHERE {column} IS NOT NULL{by} AND NOT EXISTS "
        f'(SELECT 1 FROM @.{quoted(target.table)} AS x WHERE x."id" = {value}) LIMIT {CHUNK}',
        params,
    )
    for id_, link in rows:
        path = table.path(each.name)
        yield _problem(kinds.LINK_BROKEN, code, id_, path, target=f"{target_id}/{link}")


# --- the search index ---------------------------------------------------------------------------


def _wrong_words(work: Work, code: EntityCode, words: Mapping[int, list[str]]) -> list[int]:
    """Return the records whose words in the index are not those they should have."""
    if not words:
        return []
    among, given = _among(work, list(words))
    if work.dialect == "sqlite":
        rows = work.connection.run(
            f'SELECT rowid, "words" FROM @."dougong_search" WHERE rowid {among} AND "entity" = ?',
            [given, code.entity.id],
        )
        known: dict[int, str] = dict(rows)
        return [id_ for id_, each in words.items() if known.get(id_, "") != " ".join(each)]
    texts = [words_text(each, "postgresql") for each in words.values()]
    rows = work.connection.run(
        "SELECT u.id FROM unnest(%s::bigint[], %s::text[]) AS u(id, words) "
        'LEFT JOIN @."dougong_search" AS s ON s."record" = u.id AND s."entity" = %s '
        "WHERE coalesce(s.\"words\", ''::tsvector) <> u.words::tsvector",
        [list(words), texts, code.entity.id],
    )
    return [row[0] for row in rows]
