"""What else names an entity or a field: it follows a rename in the same transaction."""

import json
from collections.abc import Callable
from typing import Any

from dougong.database.port import Connection
from dougong.database.rows import CHUNK, mark
from dougong.database.steps import AnyStep, RenameColumn, RenameTable
from dougong.database.tables import State, quote

_NAMING = (
    "dougong_trail", "dougong_search", "dougong_batch", "dougong_batch_row", "dougong_file",
)  # fmt: skip
"""System tables whose column `entity` says what a row is about."""


def follow_rename(connection: Connection, step: AnyStep, now: State) -> None:
    """Rewrite trail, search index, imports, files and dynamic links once the step has led to the state `now`."""
    match step:
        case RenameTable():
            old, new = step.before, step.after
            if old.entity != new.entity and not old.lines:
                _entity(connection, old.entity, new.entity, now)
            if old.lines != new.lines:
                _paths(connection, new.entity, _lines_renamed(old.lines, new.lines))
        case RenameColumn():
            table = now.tables[step.table]
            if table.entity:
                _paths(
                    connection, table.entity, _field_renamed(table.lines, step.before, step.after)
                )
        case _:
            pass


def _entity(connection: Connection, old: str, new: str, now: State) -> None:
    one = mark(connection.dialect)
    for name, table in now.tables.items():
        columns = [column.name for column in table.columns.values() if column.kind == "entity"]
        if name in _NAMING:
            columns.append("entity")
        for column in columns:
            connection.change(
                f"update @.{quote(name)} set {quote(column)} = {one} where {quote(column)} = {one}",  # noqa: S608 -- our names
                [new, old],
            )


Renamed = Callable[[str, Any], tuple[str, Any]]
"""Turns a path in the trail and the value before or after into what they are called now."""


def _lines_renamed(old: str, new: str) -> Renamed:
    """`items.18.qty`, and `items` in whole records, which stand under the empty path."""

    def renamed(path: str, value: Any) -> tuple[str, Any]:
        if not path:
            return path, _key_renamed(value, old, new)
        first, dot, rest = path.partition(".")
        return (f"{new}{dot}{rest}" if first == old else path), value

    return renamed


def _field_renamed(lines: str, old: str, new: str) -> Renamed:
    """`total` of the header, or `items.18.qty` of a line, and both in whole records and lines."""

    def renamed(path: str, value: Any) -> tuple[str, Any]:
        parts = path.split(".") if path else []
        if not lines:
            if not parts:
                return path, _key_renamed(value, old, new)
            return (new if path == old else path), value
        if not parts and isinstance(value, dict) and isinstance(value.get(lines), list):
            rows = [_key_renamed(row, old, new) for row in value[lines]]
            return path, {**value, lines: rows}
        if parts[:1] == [lines] and len(parts) == 2:
            return path, _key_renamed(value, old, new)
        if parts[:1] == [lines] and parts[2:] == [old]:
            return ".".join([*parts[:2], new]), value
        return path, value

    return renamed


def _key_renamed(value: Any, old: str, new: str) -> Any:
    if not isinstance(value, dict):
        return value
    return {new if key == old else key: one for key, one in value.items()}


def _paths(connection: Connection, entity: str, renamed: Renamed) -> None:
    """Rewrite the trail of an entity: the names in it, not what was said under them."""
    one = mark(connection.dialect)
    text = "changes::text" if connection.dialect == "postgresql" else "changes"
    last = 0
    while True:
        rows = connection.run(
            f'select id, {text} from @."dougong_trail" where entity = {one} and id > {one}'  # noqa: S608 -- constants
            f" order by id limit {CHUNK}",
            [entity, last],
        )
        if not rows:
            return
        last = rows[-1][0]
        changed: list[tuple[str, int]] = []
        for number, said in rows:
            changes: dict[str, Any] = json.loads(said)
            made = {
                renamed(path, None)[0]: [renamed(path, value)[1] for value in values]
                for path, values in changes.items()
            }
            if made != changes:
                changed.append(
                    (json.dumps(made, ensure_ascii=False, separators=(",", ":")), number)
                )
        if changed:
            connection.change_many(
                f'update @."dougong_trail" set changes = {one} where id = {one}',  # noqa: S608 -- constants
                changed,
            )
