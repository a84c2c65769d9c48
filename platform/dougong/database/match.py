"""What became of what: tables and columns of an old state found again in a new one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dougong.database.problems import RENAMED_TWICE, VANISHED
from dougong.database.tables import Column, State, Table, named
from dougong.foundation.errors import Place, Problem

SORT: Final = "sort"
"""The kind of a sort key's column: made from its field, so it may come and go."""


@dataclass(slots=True)
class Matched:
    """New names to old names; what is in neither is new or gone.

    `tables` maps a new table's name to the old one's, `columns` the same within it. `gone_tables`
    and `gone_columns` (old table, column) vanished with a statement; `problems` tells the others.
    """

    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    gone_tables: list[str] = field(default_factory=list)
    gone_columns: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def match_states(old: State, new: State) -> Matched:
    """Find every old table and column in the new state: by its name, else by a declared `renamed`.

    What is found nowhere must have been retired before, or belong to a module that left.
    """
    matched = Matched()
    _match_tables(old, new, matched)
    left = set(old.tables) - set(matched.tables.values())
    for name in old.tables:
        if name in left:
            _gone_table(old.tables[name], new, left, matched)
    for after, before in matched.tables.items():
        _match_columns(old.tables[before], new, new.tables[after], matched)
    return matched


def _match_tables(old: State, new: State, matched: Matched) -> None:
    by_what = {
        (table.entity, table.lines): name for name, table in old.tables.items() if table.entity
    }
    entities = _entity_names(old, new, matched)
    for name, table in new.tables.items():
        if not table.entity:
            if name in old.tables and not old.tables[name].entity:
                matched.tables[name] = name
            continue
        entity = entities.get(table.entity, table.entity)
        earlier = (table.lines, *reversed(table.renamed)) if table.lines else ("",)
        for lines in earlier:
            found = by_what.get((entity, lines))
            if found and found not in matched.tables.values():
                matched.tables[name] = found
                break


def _entity_names(old: State, new: State, matched: Matched) -> dict[str, str]:
    """Map new entity ids to the old ids they were renamed from."""
    headers = [table for table in new.tables.values() if table.entity and not table.lines]
    known = {table.entity for table in old.tables.values()}
    kept = {table.entity for table in headers}
    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    for table in headers:
        if table.entity in known:
            continue
        for earlier in reversed(table.renamed):
            if earlier in known and earlier not in kept:
                if earlier in taken:
                    names = f"{taken[earlier]}, {table.entity}"
                    matched.problems.append(
                        Problem(
                            RENAMED_TWICE,
                            Place(path=table.entity),
                            {"old": earlier, "names": names},
                        )
                    )
                taken[earlier] = table.entity
                found[table.entity] = earlier
                break
    return found


def _gone_table(table: Table, new: State, left: set[str], matched: Matched) -> None:
    header = next(
        (
            name
            for name in left
            if table.lines and name != table.name and _heads(name, table, matched)
        ),
        "",
    )
    if table.retired or table.module not in new.modules or header:
        matched.gone_tables.append(table.name)
        return
    name = f"{table.entity}.{table.lines}" if table.lines else table.entity or table.name
    matched.problems.append(_vanished(name, table.label, name.rpartition(".")[2]))


def _heads(name: str, lines: Table, matched: Matched) -> bool:
    """Whether the table `name`, gone with a statement itself, is the header of the lines."""
    parent = lines.foreign.get("parent")
    return parent is not None and parent.target == name and name in matched.gone_tables


def _match_columns(before: Table, new: State, after: Table, matched: Matched) -> None:
    found: dict[str, str] = {name: name for name in after.columns if name in before.columns}
    for name, column in after.columns.items():
        if name in found:
            continue
        for earlier in reversed(column.renamed):
            if earlier in before.columns and earlier not in after.columns:
                if earlier in found.values():
                    where = f"{after.entity or after.name}.{name}"
                    values = {"old": earlier, "names": name}
                    matched.problems.append(Problem(RENAMED_TWICE, Place(path=where), values))
                else:
                    found[name] = earlier
                break
    matched.columns[after.name] = found
    kept = set(found.values())
    for name, column in before.columns.items():
        if name in kept:
            continue
        if column.retired or column.kind == SORT or column.module not in new.modules:
            matched.gone_columns.append((before.name, name))
        else:
            whole = ".".join(filter(None, (before.entity or before.name, before.lines, name)))
            matched.problems.append(_vanished(whole, column.label, name))


def _vanished(name: str, label: Mapping[str, str], short: str) -> Problem:
    return Problem(
        VANISHED, Place(path=name), {"what": named(label, name), "name": name, "short": short}
    )


def columns_by_old(columns: Mapping[str, str]) -> dict[str, str]:
    """Turn new-to-old into old-to-new."""
    return {old: new for new, old in columns.items()}


def same_shape(one: Column, other: Column) -> bool:
    """Whether two columns hold their values alike."""
    return (one.kind, one.scale, one.types) == (other.kind, other.scale, other.types)
