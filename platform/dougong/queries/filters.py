"""The filter tree: read from JSON into conditions and values, kept apart from the first moment.

The conditions name fields and operators and are the *shape* of the filter: what the SQL is made of
and remembered by. The values are only ever bound as parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from dougong.foundation.errors import Place, Problem, ProblemKind, Refused
from dougong.queries.problems import (
    FILTER_SHAPE,
    FILTER_TOO_LARGE,
    OPERATOR_UNKNOWN,
    VALUE_MISSING,
    VALUES_NO_LIST,
)

MOST_DEPTH = 8
MOST_CONDITIONS = 100
MOST_VALUES = 1_000
OPERATORS = (
    "==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "starts_with", "empty",
    "not_empty",
)  # fmt: skip

_NO_VALUE = frozenset({"empty", "not_empty"})
_LISTS = frozenset({"in", "not_in"})


@dataclass(frozen=True, slots=True)
class Test:
    """One condition: `path op value`; `value` is its index among the values, -1 for none.

    `place` is where it stands in the filter (`filter.and.0`).
    """

    path: str
    op: str
    value: int
    place: str


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by `and` or `or`; none at all is true for `and`, false for `or`."""

    word: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`not`."""

    part: "Condition"


Condition = Test | Group | Negation


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter, taken apart."""

    condition: Condition | None
    values: tuple[Any, ...]


def read_filter(tree: Any) -> Filter:
    """Take a filter in JSON form apart; a list stands for `and`, None for every row.

    Raises Refused (400) with every problem; names and values are not judged here.
    """
    if tree is None:
        return Filter(None, ())
    reading = _Reading()
    condition = reading.condition({"and": tree} if isinstance(tree, list) else tree, "filter", 1)
    if reading.problems:
        raise Refused(reading.problems)
    return Filter(condition, tuple(reading.values))


class _Reading:
    """Collects the values and problems of one filter."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.problems: list[Problem] = []
        self.count = 0

    def condition(self, tree: Any, place: str, depth: int) -> Condition:
        self.count += 1
        if depth > MOST_DEPTH or self.count > MOST_CONDITIONS:
            return self._too_large(place)
        if isinstance(tree, Mapping):
            if len(tree) == 1:
                word, inner = next(iter(tree.items()))
                if word in ("and", "or") and isinstance(inner, list):
                    return self._group(word, inner, place, depth)
                if word == "not":
                    return Negation(self.condition(inner, f"{place}.not", depth + 1))
            elif tree.keys() <= {"field", "op", "value"}:
                return self._test(tree, place)
        return self._wrong(FILTER_SHAPE, place)

    def _group(self, word: str, inner: list[Any], place: str, depth: int) -> Condition:
        if len(inner) > MOST_CONDITIONS:
            return self._too_large(place)
        return Group(
            word,
            tuple(
                self.condition(part, f"{place}.{word}.{index}", depth + 1)
                for index, part in enumerate(inner)
            ),
        )

    def _test(self, tree: Mapping[str, Any], place: str) -> Condition:
        path, op = tree.get("field"), tree.get("op")
        if not isinstance(path, str) or not isinstance(op, str):
            return self._wrong(FILTER_SHAPE, place)
        if op not in OPERATORS:
            near = get_close_matches(op, OPERATORS, 1)
            known = ", ".join(OPERATORS)
            return self._wrong(
                OPERATOR_UNKNOWN, place, near[0] if near else "", op=op[:20], known=known
            )
        value = tree.get("value")
        if op in _NO_VALUE:
            return Test(path, op, -1, place)
        if value is None:
            if op in ("==", "!=") and "value" in tree:
                return Test(path, "empty" if op == "==" else "not_empty", -1, place)
            return self._wrong(VALUE_MISSING, place, at=path[:60], op=op)
        if op in _LISTS:
            if not isinstance(value, list) or any(one is None for one in value):
                return self._wrong(VALUES_NO_LIST, place, at=path[:60], op=op)
            if len(value) > MOST_VALUES:
                return self._too_large(place)
        self.values.append(value)
        return Test(path, op, len(self.values) - 1, place)

    def _too_large(self, place: str) -> Condition:
        sizes = {"most": MOST_CONDITIONS, "depth": MOST_DEPTH, "values": MOST_VALUES}
        return self._wrong(FILTER_TOO_LARGE, place, "", **sizes)

    def _wrong(
        self, kind: ProblemKind, place: str, nearest: str = "", /, **values: Any
    ) -> Condition:
        self.problems.append(Problem(kind, Place(path=place), values, nearest))
        return Group("and", ())
