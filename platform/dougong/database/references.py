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


def _lines_renamed(old: str, new: str) -> Callable[[str], str]:
    def renamed(path: str) -> str:
        parts = path.split(".")
        return ".".join([new, *parts[1:]]) if parts[0] == old else path

    return renamed


def _field_renamed(lines: str, old: str, new: str) -> Callable[[str], str]:
    """`total` in the header, `items.<line id>.qty` in a line."""

    def renamed(path: str) -> str:
        parts = path.split(".")
        if lines:
            hit = len(parts) == 3 and parts[0] == lines and parts[2] == old
            return ".".join([*parts[:2], new]) if hit else path
        return new if path == old else path

    return renamed


def _paths(connection: Connection, entity: str, renamed: Callable[[str], str]) -> None:
    """Rewrite the paths in the trail of an entity; the values are left as they are."""
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
            made = {renamed(path): values for path, values in changes.items()}
            if made.keys() != changes.keys():
                changed.append(
                    (json.dumps(made, ensure_ascii=False, separators=(",", ":")), number)
                )
        if changed:
            connection.change_many(
                f'update @."dougong_trail" set changes = {one} where id = {one}',  # noqa: S608 -- constants
                changed,
            )
