"""Computes a changed record anew: every formula, and the defaults whose inputs changed.

A default follows what it reads until a person types in the field. Whether one did is seen from the
record itself: a value that is still what the default would have given was not typed.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET

from dougong.generated.code import WRONG
from dougong.generated.compute import Node
from dougong.records.drafting import Draft
from dougong.records.merging import Typed


class Recompute:
    """Computes `draft.record`, which was `old`. `is_open(place)` tells what the state lets change."""

    def __init__(
        self, draft: Draft, old: Any, typed: Typed, is_open: Callable[[str], bool]
    ) -> None:
        self.draft = draft
        self.record = draft.record
        self.old = old
        self.typed = typed
        self.is_open = is_open
        self.changed: set[str] = set()
        self.line_changed: dict[str, dict[int, set[str]]] = {}
        self.sets: set[str] = set()
        self._before: dict[str, dict[int, Any]] = {}

    def run(self) -> None:
        """Compute in the order of dependence."""
        self._compare()
        for node in self.draft.code.nodes:
            if not node.lines:
                self._header(node)
                continue
            lines = getattr(self.record, f"l_{node.lines}")
            self._need(node, self.record, lines)
            for line in lines:
                self._line(node, line)

    def _compare(self) -> None:
        code = self.draft.code
        self.changed = set(code.header.differ(self.old, self.record))
        for name, table in code.lines.items():
            before = {line.id: line for line in getattr(self.old, f"l_{name}")}
            after = getattr(self.record, f"l_{name}")
            self._before[name] = before
            self.line_changed[name] = {
                id(line): set(table.differ(before[line.id], line)) if line.id in before else set()
                for line in after
            }
            if {line.id for line in after} != set(before):
                self.sets.add(name)

    # --- one node -------------------------------------------------------------------------------

    def _header(self, node: Node) -> None:
        if node.is_default and not self._follows(node, ("", 0), inputs=self._inputs(node, None)):
            return
        self._need(node, self.record, ())
        name = f"f_{node.field.name}"
        if node.is_default and not node.follows and not self._is_untouched(node, self.old, None):
            return
        if self._set(node, self.record, None, None, name, node.field.name):
            self.changed.add(node.field.name)

    def _line(self, node: Node, line: Any) -> None:
        name = f"f_{node.field.name}"
        old = self._before[node.lines].get(line.id) if line.id else None
        path = f"{node.lines}.{line.position}.{node.field.name}"
        if old is None:
            value = getattr(line, name)
            wanted = value is UNSET or (node.field.fill == "empty" and value is None)
            if not node.is_default or wanted:
                self._set(node, self.record, line, None, name, path)
            return
        if node.is_default:
            if not self._follows(node, (node.lines, line.id), inputs=self._inputs(node, line)):
                return
            if not node.follows and not self._is_untouched(node, self.old, old):
                return
        if self._set(node, self.record, line, old, name, path):
            self.line_changed[node.lines][id(line)].add(node.field.name)

    def _follows(self, node: Node, spot: tuple[str, int], *, inputs: bool) -> bool:
        place = f"{node.lines}.{node.field.name}" if node.lines else node.field.name
        return inputs and (*spot, node.field.name) not in self.typed and self.is_open(place)

    def _inputs(self, node: Node, line: Any) -> bool:
        """Tell whether anything of the record that a node reads has changed."""
        for lines, name in node.reads:
            if not lines:
                if name in self.changed:
                    return True
            elif lines in self.sets:
                if line is None or lines != node.lines:
                    return True
                if name in self.line_changed[lines][id(line)]:
                    return True
            elif line is not None and lines == node.lines:
                if name in self.line_changed[lines][id(line)]:
                    return True
            elif any(name in names for names in self.line_changed[lines].values()):
                return True
        return False

    def _is_untouched(self, node: Node, old: Any, line: Any) -> bool:
        """Tell whether the stored value is what the default gives for the record as it was."""
        owner = line if node.lines else old
        known = getattr(owner, f"f_{node.field.name}")
        if node.field.fill == "empty":
            return known is None
        if known is None:
            return True
        self._need(node, old, (line,) if line is not None else ())
        try:
            return bool(self._value(node, old, line, None) == known)
        except WRONG:
            return False

    def _set(self, node: Node, record: Any, line: Any, old: Any, name: str, path: str) -> bool:
        owner = line if node.lines else record
        try:
            value = self._value(node, record, line, old)
        except WRONG as error:
            self.draft.report.bad(path, error)
            value = None
        if value == getattr(owner, name) and getattr(owner, name) is not UNSET:
            return False
        setattr(owner, name, value)
        return True

    def _value(self, node: Node, record: Any, line: Any, old: Any) -> Any:
        draft = self.draft
        return node.run(record, line, self.old, old, draft.environment, draft.linked)

    def _need(self, node: Node, record: Any, lines: Iterable[Any]) -> None:
        """Read what the node reads through links."""
        linked = self.draft.linked
        for number, ids in self.draft.code.needs(node.links, record, lines, self.draft.environment):
            linked.need(number, ids)
