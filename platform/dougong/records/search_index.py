"""Keeps the search index in step with the records: their own words and those of what they link to."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity
from dougong.fields.words import index_words, words_text
from dougong.generated.code import EntityCode
from dougong.generated.shape import quoted
from dougong.generated.sql import mark
from dougong.records.drafting import Draft
from dougong.records.environment import Environment
from dougong.records.linked import Linked
from dougong.records.loading import load_many
from dougong.records.work import Work

ADD_SQLITE = (
    'INSERT INTO @."dougong_search" (rowid, "entity", "record", "words") VALUES (?, ?, ?, ?)'
)
ADD_POSTGRES = (
    'INSERT INTO @."dougong_search" ("record", "entity", "words") VALUES (%s, %s, %s::tsvector)'
)
_DROP = {
    "sqlite": 'DELETE FROM @."dougong_search" WHERE rowid = ?',
    "postgresql": 'DELETE FROM @."dougong_search" WHERE "record" = %s',
}
_CHUNK = 500


def add(work: Work, entity: str, record: int, words: list[str]) -> None:
    """Add the words of a new record."""
    if work.dialect == "sqlite":
        work.connection.change(ADD_SQLITE, [record, entity, record, " ".join(words)])
    else:
        work.connection.change(ADD_POSTGRES, [record, entity, words_text(words, "postgresql")])


def drop(work: Work, record: int) -> None:
    """Remove the words of a record."""
    work.connection.change(_DROP[work.dialect], [record])


def put(work: Work, entity: str, record: int, words: list[str]) -> None:
    """Replace the words of a record."""
    drop(work, record)
    if words:
        add(work, entity, record, words)


def renew(work: Work, draft: Draft, old: Any, names: list[str]) -> None:
    """After a change: renew the words of the record, and of those that are found by its fields."""
    code = draft.code
    before = index_words(code.words(old, draft.environment, draft.linked))
    after = index_words(code.words(draft.record, draft.environment, draft.linked))
    if before != after:
        put(work, code.entity.id, draft.record.id, after)
    if names:
        renew_dependents(work, code.entity.id, draft.record.id, frozenset(names))


def renew_dependents(work: Work, entity: str, record: int, names: frozenset[str]) -> None:
    """Renew the words of records that are searched by fields of this one (`customer.name`)."""
    for dependent, path in dependents(work.catalog, entity):
        if path[-1] in names:
            ids = [row[0] for row in work.connection.run(_select(work, dependent, path), [record])]
            index_records(work, dependent, ids)


def index_records(work: Work, entity: str, ids: list[int]) -> None:
    """Write the words of records anew."""
    code = work.code(entity)
    for at in range(0, len(ids), _CHUNK):
        environment, linked = Environment(work), Linked(work, code)
        for record in load_many(work, code, ids[at : at + _CHUNK]):
            put(work, entity, record.id, index_words(code.words(record, environment, linked)))


def dependents(catalog: Catalog, entity: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """List the search paths that lead through a link to an entity: (entity searched, path)."""
    return _dependents(_Held(catalog)).get(entity, ())


class _Held:
    """A catalog known by its fingerprint, or by itself where it has none."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.key = catalog.fingerprint or id(catalog)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.key == self.key


@lru_cache(maxsize=50)
def _dependents(held: _Held) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for entity in held.catalog.entities.values():
        for text in entity.search:
            path = tuple(text.split("."))
            for target, prefix in _targets(held.catalog, entity, path):
                found.setdefault(target, []).append((entity.id, (*prefix, path[-1])))
    return {target: tuple(paths) for target, paths in found.items()}


def _targets(
    catalog: Catalog, entity: Entity, path: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Walk a path; yield the entity at whose field it ends."""
    lines = entity.lines.get(path[0]) if len(path) > 1 else None
    fields = lines.fields if lines else entity.fields
    names = path[1:] if lines else path
    target = ""
    for name in names[:-1]:
        each = fields.get(name)
        if each is None or not each.targets or each.targets[0] not in catalog.entities:
            return
        target = each.targets[0]
        fields = catalog.entities[target].fields
    if target and names[-1] in fields:
        yield target, path[:-1]


def _select(work: Work, entity_id: str, path: tuple[str, ...]) -> str:
    """Select the ids of records whose path leads to one record."""
    entity = work.catalog.entities[entity_id]
    one = mark(work.dialect)
    names = path[:-1]
    lines = entity.lines.get(names[0])
    steps = names[1:] if lines else names
    fields, tables = (
        (lines.fields if lines else entity.fields),
        [(lines.table if lines else entity.table)],
    )
    columns = []
    for name in steps:
        columns.append(fields[name].column)
        target = work.catalog.entities[fields[name].targets[0]]
        tables.append(target.table)
        fields = target.fields
    condition = f"= {one}"
    for at in range(len(steps) - 1, -1, -1):
        picked = quoted("parent") if at == 0 and lines else quoted("id")
        condition = f"IN (SELECT {picked} FROM @.{quoted(tables[at])} WHERE {quoted(columns[at])} {condition})"  # noqa: S608 -- our names
    return f'SELECT "id" FROM @.{quoted(entity.table)} WHERE "id" {condition}'  # noqa: S608 -- our names


def words_of(work: Work, code: EntityCode, record: Any) -> list[str]:
    """Return the words a stored record should be found by."""
    return index_words(code.words(record, Environment(work), Linked(work, code)))
