"""Lays what a person sends over a stored record: which fields may change now, which lines come and go."""

from copy import copy
from typing import Any

from dougong.access.decide import EntityAccess
from dougong.catalog.entity import Entity, Field
from dougong.formulas.tree import Formula
from dougong.foundation.translate import Label
from dougong.generated.explain import Given, GivenLine
from dougong.records import problems as kinds
from dougong.records.drafting import Draft, is_same

_ANY_STATE = Label.of({"zh": "当前条件", "en": "as things stand"})
Typed = set[tuple[str, int, str]]
"""What a person typed: (lines, id of the line, field); header fields under ("", 0)."""


def copied(code_lines: Any, record: Any) -> Any:
    """Return a copy of a record whose lines are copies too."""
    made = copy(record)
    for name in code_lines:
        setattr(made, f"l_{name}", [copy(line) for line in getattr(record, f"l_{name}")])
    return made


class Merge:
    """Lays what was given over `draft.record`, a copy of `old`; problems go to the draft's report."""

    def __init__(self, draft: Draft, old: Any, access: EntityAccess) -> None:
        self.draft = draft
        self.old = old
        self.access = access
        self.typed: Typed = set()
        self.fresh: set[int] = set()
        self._entity: Entity = draft.code.entity

    def run(self, given: Given) -> None:
        """Lay everything over."""
        for name, value in given.values.items():
            each = self.draft.code.shape.header.fields[name]
            self.typed.add(("", 0, name))
            self._put(each, "", self.draft.record, self.old, value, name)
        for name, value in given.guarded.items():
            self._guarded(name, value)
        for name, rows in given.lines.items():
            if name in self.access.hidden:
                self.draft.report.add(kinds.READ_ONLY, name, label=self._entity.lines[name].label)
            else:
                self._lines(name, rows)

    # --- the header -----------------------------------------------------------------------------

    def _put(self, each: Field, lines: str, row: Any, old: Any, value: Any, path: str) -> None:
        attribute = f"f_{each.name}"
        place = f"{lines}.{each.name}" if lines else each.name
        report = self.draft.report
        if place in self.access.hidden:  # whether it is the same must not be learnt
            report.add(kinds.READ_ONLY, path, label=each.label)
            return
        if value == getattr(old, attribute):
            return
        setattr(row, attribute, value)
        if not self.access.writable(place, creating=False):
            report.add(kinds.READ_ONLY, path, label=each.label)
        elif not self.is_open(place):
            report.add(kinds.NOT_EDITABLE, path, label=each.label, state=self._state())
        elif each.edit == "once" and getattr(old, attribute) is not None:
            report.add(kinds.SET_ONCE, path, label=each.label)
        elif isinstance(each.edit, Formula) and not self._holds(each.edit, lines, old):
            report.add(kinds.NOT_EDITABLE, path, label=each.label, state=self._state())

    def is_open(self, place: str) -> bool:
        """Tell whether the record's state lets the field at a place change (`items.note`)."""
        state = self._entity.states.get(getattr(self.old, "f_state", None) or "")
        if state is None or state.edit is True:
            return True
        return state.edit is not False and (
            place in state.edit or place.partition(".")[0] in state.edit
        )

    def _state(self) -> Label:
        state = self._entity.states.get(getattr(self.old, "f_state", None) or "")
        return state.label if state else _ANY_STATE

    def _holds(self, condition: Formula, lines: str, line: Any) -> bool:
        draft = self.draft
        run = draft.code.condition(condition, lines)
        for need in draft.code.condition_needs(condition, lines, self.old, line, draft.environment):
            draft.linked.need(*need)
        return bool(run(self.old, line, self.old, line, draft.environment, draft.linked))

    def _guarded(self, name: str, value: Any) -> None:
        each = self.draft.code.shape.header.fields.get(name)
        shown = {**self.draft.code.header.wire(self.old), "entity": self._entity.id}
        known = getattr(self.old, f"f_{name}") if each else shown.get(name)
        if name in self.access.hidden or not is_same(each, value, known):
            label = each.label if each else self._own_label(name)
            self.draft.report.add(kinds.GUARDED, name, label=label)

    def _own_label(self, name: str) -> Label | str:
        each = self._entity.fields.get(name)
        return each.label if each else name

    # --- lines ----------------------------------------------------------------------------------

    def _lines(self, name: str, rows: list[GivenLine]) -> None:
        draft, report = self.draft, self.draft.report
        before = {line.id: line for line in getattr(self.old, f"l_{name}")}
        made: list[Any] = []
        seen: set[int] = set()
        new = draft.code.fresh(**{name: sum(1 for row in rows if not row.id)})
        spare = iter(getattr(new, f"l_{name}"))
        for at, row in enumerate(rows):
            if not row.id:
                line = next(spare)
                line.position = at
                self._fill(name, line, row, f"{name}.{at}")
                made.append(line)
                continue
            old = before.get(row.id)
            if old is None or row.id in seen:
                report.add(kinds.UNKNOWN_LINE, f"{name}.{at}.id", id=row.id)
                continue
            seen.add(row.id)
            line = copy(old)
            line.position = at
            self._change(name, line, old, row, f"{name}.{at}")
            made.append(line)
        if len(made) != len(before) or any(not line.id for line in made):
            self._hold_set(name)
        setattr(draft.record, f"l_{name}", made)

    def _fill(self, name: str, line: Any, row: GivenLine, path: str) -> None:
        fields, report = self.draft.code.shape.lines[name].fields, self.draft.report
        for field, value in row.values.items():
            setattr(line, f"f_{field}", value)
            closed = f"{name}.{field}" in self.access.read_only
            if closed and value is not None:
                report.add(kinds.READ_ONLY, f"{path}.{field}", label=fields[field].label)
        for field, value in row.guarded.items():
            if value not in (None, []):
                report.add(kinds.GUARDED, f"{path}.{field}", label=fields[field].label)

    def _change(self, name: str, line: Any, old: Any, row: GivenLine, path: str) -> None:
        fields = self.draft.code.shape.lines[name].fields
        for field, value in row.values.items():
            self.typed.add((name, row.id, field))
            self._put(fields[field], name, line, old, value, f"{path}.{field}")
        for field, value in row.guarded.items():
            known = getattr(old, f"f_{field}")
            if f"{name}.{field}" in self.access.hidden or not is_same(fields[field], value, known):
                self.draft.report.add(kinds.GUARDED, f"{path}.{field}", label=fields[field].label)

    def _hold_set(self, name: str) -> None:
        """Report when lines may not come or go."""
        lines, report = self._entity.lines[name], self.draft.report
        if not self.access.writable(name, creating=False):
            report.add(kinds.READ_ONLY, name, label=lines.label)
        elif (
            not self.is_open(name)
            or lines.edit is False
            or (isinstance(lines.edit, Formula) and not self._holds(lines.edit, "", None))
        ):
            report.add(kinds.NOT_EDITABLE, name, label=lines.label, state=self._state())
