"""The trail: who changed what, when, from what to what; one row per change of a record.

The row of a new record keeps the whole record under the empty path, as does the row of a deleted
one; between them stand the fields that changed, `{"due": [old, new], "items.18.qty": [old, new]}`,
and lines that came or went, `{"items.19": [null, {…}]}`. Values are those of JSON. `flatten` spells
whole records out for readers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from dougong.database.port import Connection
from dougong.fields.dates import instant_text, stamp
from dougong.fields.links import LARGEST
from dougong.foundation.context import Context
from dougong.foundation.errors import refuse
from dougong.records.problems import NOT_A_POSITION, NOT_FOUND
from dougong.records.work import Work

_COLUMNS = (
    '"id", "at", "user", "login", "door", "entity", "record", "version", "action", "changes", '
    '"company", "trace", "tx"'
)
INSERT_SQLITE = f'INSERT INTO @."dougong_trail" ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,(SELECT coalesce(max("tx"), 0) + 1 FROM @."dougong_trail"))'  # noqa: S608 -- our names
INSERT_POSTGRES = (
    f'INSERT INTO @."dougong_trail" ({_COLUMNS}) VALUES '  # noqa: S608 -- our names
    "(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s::jsonb,%s,%s,(pg_current_xact_id()::text::bigint))"
)
_PLACE_OF = 'SELECT "version", "id" FROM @."dougong_trail" WHERE "id" = {}'
"""Ids come from blocks of several processes; the versions of a record tell the order of its rows."""
PARTS = frozenset({"id", "version", "created", "created_by", "changed", "changed_by"})
"""Keys of a record in JSON that are no fields."""


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One change as a reader sees it: `changes` maps a path to old and new value."""

    id: str
    at: str
    user: str
    login: str
    door: str
    action: str
    version: int
    changes: dict[str, list[Any]]


def insert_sql(connection: Connection) -> str:
    """Return the statement that adds a row; its parameters are those of `row`."""
    return INSERT_SQLITE if connection.dialect == "sqlite" else INSERT_POSTGRES


def row(
    context: Context, id_: int, entity: str, record: int, version: int, action: str, changes: str
) -> tuple[Any, ...]:
    """Return the parameters of a row; `changes` is JSON text."""
    return (
        id_, stamp(context.now), context.user, context.login, context.door, entity, record,
        version, action, changes, context.company or None, context.trace,
    )  # fmt: skip


def write(work: Work, entity: str, record: int, version: int, action: str, changes: str) -> None:
    """Add a row to the trail."""
    params = row(work.context, work.new_id(), entity, record, version, action, changes)
    work.connection.change(insert_sql(work.connection), params)


def created_changes(record: bytes) -> str:
    """Return the changes of a new record, given its JSON."""
    return f'{{"":[null,{record.decode()}]}}'


def deleted_changes(record: bytes) -> str:
    """Return the changes of a deleted record, given its JSON."""
    return f'{{"":[{record.decode()},null]}}'


def history(
    work: Work,
    entity: str,
    id: int,
    limit: int = 50,
    before: str | int = "",
) -> list[TrailRow]:
    """Return the newest changes of a record that the acting person may read, newest first.

    `before` is the id of a row: older ones follow. Hidden fields are left out; a change that touched
    nothing else is left out too. Raises Refused (404) for a record out of reach.
    """
    access = work.access(entity)
    access.demand("read")
    _demand_readable(work, entity, id)
    last = str(before)
    if before and not (last.isascii() and last.isdecimal() and int(last[:20]) <= LARGEST):
        raise refuse(NOT_A_POSITION, "before", before=last[:40])
    place = "?" if work.dialect == "sqlite" else "%s"
    older = f' AND ("version", "id") < ({_PLACE_OF.format(place)})' if before else ""
    rows = work.connection.run(
        f'SELECT {_COLUMNS} FROM @."dougong_trail" WHERE "entity" = {place} AND "record" = {place}'  # noqa: S608 -- our names
        f'{older} ORDER BY "version" DESC, "id" DESC LIMIT {place}',
        [entity, id, *([int(before)] if before else []), limit],
    )
    lines = frozenset(work.entity(entity).lines)
    found = []
    for each in rows:
        changes = {
            path: change
            for path, change in flatten(read_changes(each[9]), lines).items()
            if not is_hidden(path, access.hidden)
        }
        if changes or each[8] not in ("change",):
            found.append(_told(each, changes))
    return found


def _demand_readable(work: Work, entity: str, id_: int) -> None:
    rule = work.access(entity).rows("read")
    code = work.code(entity)
    if not 0 < id_ <= LARGEST:
        raise refuse(NOT_FOUND, entity=code.entity.label)
    sql, params = code.sql.exists, [id_]
    if rule is not None:
        sql, params = f"{sql} AND ({rule.text})", [id_, *rule.fill(work.context)]
    if not work.connection.run(sql, params):
        raise refuse(NOT_FOUND, entity=code.entity.label)


def _told(each: Sequence[Any], changes: dict[str, list[Any]]) -> TrailRow:
    at = each[1] if isinstance(each[1], str) else instant_text(each[1])
    return TrailRow(
        str(each[0]), at, str(each[2]), each[3], each[4], each[8], each[7] or 0, changes
    )


def read_changes(changes: Any) -> dict[str, list[Any]]:
    """Read the changes of a row as the database returned them."""
    read = msgspec.json.decode(changes) if isinstance(changes, (str, bytes)) else changes
    return dict(read)


def is_hidden(path: str, hidden: frozenset[str]) -> bool:
    """Tell whether the path of a change belongs to a hidden field: `items.18.cost` to `items.cost`."""
    if not hidden:
        return False
    names = path.split(".")
    plain = names[0] if len(names) < 3 else f"{names[0]}.{names[2]}"
    return plain in hidden or names[0] in hidden


def flatten(changes: Mapping[str, list[Any]], lines: frozenset[str]) -> dict[str, list[Any]]:
    """Spell out whole records and lines: one path per field that had or has a value."""
    flat: dict[str, list[Any]] = {}
    for path, (old, new) in changes.items():
        if not path:
            flat.update(_record_pairs(old or {}, new or {}, lines))
        elif path.count(".") == 1 and path.partition(".")[0] in lines:
            flat.update(_line_pairs(path, old or {}, new or {}))
        else:
            flat[path] = [old, new]
    return flat


def _record_pairs(
    old: Mapping[str, Any], new: Mapping[str, Any], lines: frozenset[str]
) -> Iterator[tuple[str, list[Any]]]:
    for name in {**old, **new}:
        if name in lines:
            for one in old.get(name) or ():
                yield from _line_pairs(f"{name}.{one['id']}", one, {})
            for one in new.get(name) or ():
                yield from _line_pairs(f"{name}.{one['id']}", {}, one)
        elif name not in PARTS and not (
            old.get(name) in (None, []) and new.get(name) in (None, [])
        ):
            yield name, [old.get(name), new.get(name)]


def _line_pairs(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any]]]:
    for name in {**old, **new}:
        if name != "id" and old.get(name) != new.get(name):
            yield f"{path}.{name}", [old.get(name), new.get(name)]
