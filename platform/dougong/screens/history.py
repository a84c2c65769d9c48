"""History: the trail of a record in words — who did what, and what became of each value."""

from collections.abc import Iterable, Mapping
from typing import Any

from dougong.catalog.entity import Entity, Field
from dougong.fields.types import FIELD_TYPES, scale_of
from dougong.records.actions import REASON
from dougong.records.trail import TrailRow, history
from dougong.records.work import Work
from dougong.screens.form_page import ChangeModel, TrailEntry
from dougong.screens.titles import record_title
from dougong.screens.values import Reader, instant_text, sayer
from dougong.screens.widgets import options_of
from dougong.screens.words import Words

SHOWN = 6
"""How many changed values one entry spells out."""
ENTRIES = 20


def build_history(work: Work, entity: Entity, id_: int) -> tuple[TrailEntry, ...]:
    """Return the newest changes of a record this person may see, newest first."""
    words = Words(work.context.language)
    reader = Reader(words, work.context.zone)
    names = _Names(work)
    return tuple(
        _entry(work, entity, row, reader, names) for row in history(work, entity.id, id_, ENTRIES)
    )


class _Names:
    """The names of people, each read once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[str, str] = {}
        self._system = Words(work.context.language)("trail.system")

    def of(self, row: TrailRow) -> str:
        if row.user not in self._known:
            named = record_title(self._work, "base.user", row.user)
            self._known[row.user] = row.login if named == row.user else named
        return self._known[row.user] or self._system


def _entry(work: Work, entity: Entity, row: TrailRow, reader: Reader, names: _Names) -> TrailEntry:
    created = row.action == "create"
    wanted = [] if created else list(_shown(entity, row.changes))
    changes = tuple(
        _change(work, path, field, row.changes[path], entity, reader)
        for path, field in wanted[:SHOWN]
    )
    return TrailEntry(
        at=instant_text(row.at, reader.zone),
        who=names.of(row),
        act=act_name(entity, row, reader.words),
        reason=str(row.changes.get(REASON, ["", ""])[1] or ""),
        changes=changes,
        more=max(0, len(wanted) - SHOWN),
    )


def act_name(entity: Entity, row: TrailRow, words: Words) -> str:
    """Say what was done: the action's label, else created, changed, imported."""
    if row.action in entity.actions:
        return entity.actions[row.action].label.say(words.language)
    if row.door == "import" and row.action in ("create", "change"):
        return words("trail.import")
    return words(f"trail.{row.action}" if row.action in ("create", "delete") else "trail.change")


def _shown(entity: Entity, changes: Mapping[str, Any]) -> Iterable[tuple[str, Field]]:
    """Pair the changed paths with their fields; what a person did not touch is left out."""
    for path in changes:
        names = path.split(".")
        lines = entity.lines.get(names[0])
        field = lines.fields.get(names[-1]) if lines else entity.fields.get(path)
        if field is None or field.name == "position":
            continue
        if field.formula is None and not field.computed:
            yield path, field


def _change(
    work: Work, path: str, field: Field, change: list[Any], entity: Entity, reader: Reader
) -> ChangeModel:
    lines = entity.lines.get(path.partition(".")[0])
    label = field.label.say(reader.words.language)
    if lines:
        label = f"{lines.label.say(reader.words.language)} · {label}"
    old, new = (value_text(work, field, value, reader) for value in change)
    return ChangeModel(label, old, new)


def value_text(work: Work, field: Field, value: Any, reader: Reader) -> str:
    """Write a value of a field as a person reads it; links by their title."""
    kind = FIELD_TYPES[field.type].kind
    if kind == "link" and value and len(field.targets) == 1 and not field.to_line:
        return record_title(work, field.targets[0], str(value))
    options = {option.code: option.label for option in options_of(field, reader.words.language)}
    scale = scale_of(field.shape) if kind == "number" else None
    return sayer(field.type, scale, options, reader, kind)(value)
