"""Checking of paths and constants; and what one pass over a formula gathers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dougong.formulas import digits, problems, tree
from dougong.formulas.kinds import (
    UNKNOWN,
    BadConstant,
    read_moment,
    said,
    with_branches,
)
from dougong.formulas.names import label_of, nearest, read_of, resolve
from dougong.formulas.tree import Node, Scope, Target, Type
from dougong.foundation.errors import Place, Problem, ProblemKind

Checked = tuple[Node, Type]


class Gather:
    """What one pass gathers: `problems`; `reads`, `called`, `known` for the formula; and, each with
    the column of its first use, what is `missing` per target, `clocks`, `readers` of other
    records, and paths `across` a link.
    """

    def __init__(self, scope: Scope, place: Place) -> None:
        self.scope = scope
        self.place = place
        self.problems: list[Problem] = []
        self.reads: set[tuple[str, ...]] = set()
        self.called: set[str] = set()
        self.known: set[tuple[str, str]] = set()
        self.missing: dict[Target, dict[str, int]] = {}
        self.clocks: dict[str, int] = {}
        self.readers: dict[str, int] = {}
        self.across: dict[str, int] = {}
        self.rows_at_hand: str | None = None  # in an aggregate: its lines, "" until one is named
        self._bound: dict[str, Checked] = {}  # arguments of the function being written in
        self._inside: tuple[str, ...] = ()
        self._at: int | None = None  # where the call stands whose body is being written in

    def infer(self, node: Node) -> Checked:
        """Check a node and everything under it."""
        raise NotImplementedError

    def complain(self, kind: ProblemKind, at: int, nearest: str = "", **values: Any) -> None:
        """Note a problem at a column of the text."""
        where = replace(self.place, column=self.place.column + self.column(at))
        level: Any = "warn" if kind is problems.HIDES else "stop"
        problem = Problem(kind, where, values, nearest, level)
        if problem not in self.problems:
            self.problems.append(problem)

    def stops(self) -> int:
        """How many problems stop, so far."""
        return sum(problem.level == "stop" for problem in self.problems)

    def column(self, at: int) -> int:
        """Where in the text a node stands; within the body of a function, where its call does."""
        return at if self._at is None else self._at

    def hold_digits(self, type_: Type, at: int) -> None:
        """Refuse a number that could pass a hundred digits."""
        if type_.digits > digits.MOST_DIGITS:
            self.complain(problems.TOO_WIDE, at, most=digits.MOST_DIGITS)

    def lacks(self, target: Target, name: str, at: int) -> None:
        """Note that something can't run on a target."""
        self.missing.setdefault(target, {}).setdefault(name, self.column(at))

    # --- paths ----------------------------------------------------------------------------------

    def infer_path(self, path: tree.Path) -> Checked:
        """Find out what a path means, and note that it is read."""
        if path.root == "argument" and path.names[0] in self._bound:
            return self._argument(path)
        if path.root is not None:
            return path, path.type or UNKNOWN
        resolved = resolve(path, self.scope)
        if resolved.wrong:
            wrong = resolved.wrong
            self.complain(wrong.kind, path.at, wrong.nearest, **wrong.values)
            return path, UNKNOWN
        if resolved.hides:
            self.complain(problems.HIDES, path.at, name=path.names[0], hidden=resolved.hides)
        found = resolved.path
        if found.root == "rows" and not self._enter_rows(found):
            return found, UNKNOWN
        self._note(found, path)
        return found, resolved.type

    def _note(self, found: tree.Path, written: tree.Path) -> None:
        self.reads.add(read_of(found))
        if found.root == "old":
            self.lacks("sql", "old", written.at)
        if found.root in ("user", "company", "originator"):
            self.readers.setdefault(str(found.root), written.at)
        elif len(found.names) > 1:
            self.across.setdefault(".".join(written.names), written.at)

    def _enter_rows(self, found: tree.Path) -> bool:
        """Note that the aggregate at hand stands over these lines."""
        if self.rows_at_hand is None:
            if "report" in self.scope.allows and found.names:
                return True
            self.complain(problems.ROWS_OUTSIDE, found.at, name=label_of(found))
            return False
        if self.rows_at_hand and self.rows_at_hand != found.rows:
            values = {"function": self._inside[-1], "one": self.rows_at_hand, "other": found.rows}
            self.complain(problems.TWO_ROWS, found.at, **values)
            return False
        self.rows_at_hand = found.rows
        return True

    def _argument(self, path: tree.Path) -> Checked:
        """Put an argument in place of its name in the body of a function."""
        node, type_ = self._bound[path.names[0]]
        rest = path.names[1:]
        if not rest:
            return node, type_
        if isinstance(node, tree.Path):
            longer = replace(node, names=(*node.names, *rest), type=path.type)
            self._note(longer, longer)
            return longer, path.type or UNKNOWN
        if type_.kind != "null" and type_ is not UNKNOWN:
            self.complain(problems.NOT_A_LINK, node.at, name=path.names[0], step=rest[0])
            return node, UNKNOWN
        return tree.Null(node.at), Type("null")

    # --- constants ------------------------------------------------------------------------------

    def alike(self, parts: Sequence[Checked]) -> list[Checked]:
        """Read the constants among several values by the type of those that are none."""
        model = next(
            (t for _, t in parts if not t.constant and t.kind != "null" and t is not UNKNOWN), None
        )
        if model is None:
            return list(parts)
        return [self.coerce(node, type_, replace(model, many=False)) for node, type_ in parts]

    def coerce(self, node: Node, type_: Type, wanted: Type) -> Checked:
        """Read a text constant as the wanted type; everything else stays as it is."""
        if not (type_.constant and type_.kind == "text"):
            return node, type_
        try:
            if isinstance(node, tree.Text):
                return self._constant(node, type_, wanted)
            if isinstance(node, tree.Call):
                return self._constant_branches(node, wanted)
        except BadConstant as bad:
            self.complain(bad.kind, bad.at, bad.nearest, **bad.values)
            return node, UNKNOWN
        return node, type_

    def _constant_branches(self, call: tree.Call, wanted: Type) -> Checked:
        first = 1 if call.function == "if" else 0
        read: dict[int, Node] = {}
        type_ = UNKNOWN
        for n, part in enumerate(call.arguments[first:], first):
            if not isinstance(part, tree.Null):
                read[n], type_ = self.coerce(part, Type("text", constant=True), wanted)
        return with_branches(call, read, type_), type_

    def _constant(self, node: tree.Text, type_: Type, wanted: Type) -> Checked:
        text = node.value
        if wanted.kind in ("date", "time", "datetime"):
            return read_moment(node, wanted.kind), Type(wanted.kind)
        if wanted.kind == "text" and wanted.options and text not in wanted.options:
            options = ", ".join(wanted.options)
            near = nearest(text, wanted.options)
            raise BadConstant(problems.UNKNOWN_OPTION, node.at, near, value=text, options=options)
        if wanted.kind != "link":
            return node, replace(type_, constant=wanted.kind != "text")
        if len(wanted.to) != 1:
            raise BadConstant(
                problems.BAD_CONSTANT, node.at, value=text, wanted=said(wanted), example="null"
            )
        entity = wanted.to[0]
        if self.scope.known(entity, text) is False:
            raise BadConstant(problems.UNKNOWN_RECORD, node.at, entity=entity, value=text)
        self.known.add((entity, text))
        return tree.Known(node.at, entity, text), Type("link", to=wanted.to)
