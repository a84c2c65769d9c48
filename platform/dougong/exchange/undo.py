"""Undoes an import: what it created goes, what it changed gets its old values, by the trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dougong.catalog.entity import Entity
from dougong.exchange import problems
from dougong.exchange.load import trace_of
from dougong.exchange.mapping import targets
from dougong.exchange.statements import (
    END_BATCH,
    LAST_HAND,
    LIST_BATCHES,
    LIST_BATCHES_OF,
    READ_BATCH,
    TRAIL_OF_BATCH,
    for_dialect,
)
from dougong.fields.dates import instant_text
from dougong.foundation.errors import Place, Problem, Refused, refuse
from dougong.records import store
from dougong.records.trail import flatten, read_changes
from dougong.records.work import Work


@dataclass(frozen=True, slots=True)
class Batch:
    """One import as a list shows it; `undone` is an instant or empty."""

    id: str
    at: str
    login: str
    entity: str
    file: str
    created: int
    changed: int
    refused: int
    undone: str


@dataclass(slots=True)
class Undone:
    """How many records went and how many got their old values; `problems` tells those left alone,
    `touched` are the records restored so far.
    """

    deleted: int = 0
    restored: int = 0
    problems: list[Problem] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)


def batches(work: Work, entity: str = "", *, limit: int = 50) -> list[Batch]:
    """Return the newest imports of entities this person may import, newest first."""
    text = LIST_BATCHES_OF if entity else LIST_BATCHES
    params = [entity, limit] if entity else [limit]
    rows = work.connection.run(for_dialect(text, work.dialect), params)
    return [
        Batch(str(id_), _said(at), login, of, file, created, changed, refused, _said(undone))
        for id_, at, login, of, file, created, changed, refused, undone in rows
        if of in work.catalog.entities and work.access(of).may("import")
    ]


def undo(work: Work, batch: int) -> Undone:
    """Undo one import, newest change first, with the rights of the acting person.

    A record that somebody changed since keeps its state and is told in `problems`, as is one that
    something else points to now. Raises Refused: 404 for an unknown batch, 409 for one undone.
    """
    found = work.connection.run(for_dialect(READ_BATCH, work.dialect), [batch])
    if not found or found[0][0] not in work.catalog.entities:
        raise refuse(problems.NO_BATCH)
    entity, done = work.catalog.entities[found[0][0]], found[0][1]
    work.access(entity.id).demand("import")
    if done:
        raise refuse(problems.ALREADY_UNDONE)
    outcome = Undone()
    trail = for_dialect(TRAIL_OF_BATCH, work.dialect)
    rows = work.connection.run(trail, [trace_of(batch), entity.id])
    for record, version, action, changes in rows:
        try:
            _undo_one(work, entity, record, version, action, read_changes(changes), outcome)
        except Refused as refused:
            outcome.problems += refused.problems
    at = instant_text(work.context.now)
    work.connection.change(for_dialect(END_BATCH, work.dialect), [at, work.context.user, batch])
    return outcome


def _undo_one(
    work: Work,
    entity: Entity,
    record: int,
    version: int,
    action: str,
    changes: Mapping[str, list[Any]],
    outcome: Undone,
) -> None:
    current = store.read(work, entity.id, record)
    if current["version"] != version and record not in outcome.touched:
        who, title = _last_hand(work, entity, record), _title(entity, current)
        values = {"who": who, "title": title}
        raise Refused([Problem(problems.CHANGED_SINCE, Place(path=str(record)), values)])
    if action == "create":
        store.delete(work, entity.id, record, current["version"])
        outcome.deleted += 1
    else:
        body = before(entity, current, changes)
        store.change(work, entity.id, record, current["version"], body)
        outcome.restored += record not in outcome.touched
        outcome.touched.add(record)


def before(
    entity: Entity, current: Mapping[str, Any], changes: Mapping[str, list[Any]]
) -> dict[str, Any]:
    """Return the body that takes `current` back to what it was before `changes`."""
    open_paths = {target.path for target in targets(entity)}
    body: dict[str, Any] = {}
    lines: dict[str, dict[str, dict[str, Any]]] = {}
    for path, (old, _) in flatten(changes, frozenset(entity.lines)).items():
        names = path.split(".")
        if len(names) == 1:
            if path in open_paths:
                body[path] = old
            continue
        rows = lines.setdefault(names[0], _rows_of(entity, current, names[0], open_paths))
        if len(names) == 3 and f"{names[0]}.{names[2]}" in open_paths:
            rows.setdefault(names[1], {})[names[2]] = old
    came = _lines_that_came(changes)
    for name, rows in lines.items():
        body[name] = [row for id_, row in rows.items() if f"{name}.{id_}" not in came]
    return body


def _rows_of(
    entity: Entity, current: Mapping[str, Any], name: str, open_paths: set[str]
) -> dict[str, dict[str, Any]]:
    names = [field for field in entity.lines[name].fields if f"{name}.{field}" in open_paths]
    return {
        row["id"]: {"id": row["id"], **{key: row[key] for key in names if key in row}}
        for row in current[name]
    }


def _lines_that_came(changes: Mapping[str, list[Any]]) -> set[str]:
    return {path for path, (old, _) in changes.items() if path.count(".") == 1 and old is None}


def _last_hand(work: Work, entity: Entity, record: int) -> str:
    rows = work.connection.run(for_dialect(LAST_HAND, work.dialect), [entity.id, record])
    return rows[0][0] if rows else ""


def _title(entity: Entity, current: Mapping[str, Any]) -> str:
    for name in (*entity.key, "number", "name"):
        if current.get(name):
            return str(current[name])
    return str(current["id"])


def _said(instant: Any) -> str:
    if instant is None:
        return ""
    return instant if isinstance(instant, str) else instant_text(instant)
