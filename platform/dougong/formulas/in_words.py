"""A condition as a person would say it: `0 <= discount < 1` is “Discount must be at least 0 and less than 1”."""

from collections.abc import Callable

from dougong.formulas.tree import (
    Boolean,
    Call,
    Compare,
    Formula,
    Logic,
    Membership,
    Node,
    Not,
    Null,
    Number,
    Path,
    Text,
)
from dougong.foundation.translate import Label

Labels = Callable[[tuple[str, ...]], Label | None]
"""Gives what a person calls a path, or None when she has no word for it."""

_SAID = {
    "zh": {
        ">": "须大于 {0}", ">=": "须不小于 {0}", "<": "须小于 {0}", "<=": "须不大于 {0}",
        "==": "须等于 {0}", "!=": "须不同于 {0}", "filled": "须填写", "empty": "须为空",
        "in": "须为 {0} 之一", "not in": "不能是 {0}", "yes": "须为“是”", "no": "须为“否”",
        "and": "，并且", "chain": "且", "or": "，或者", "list": "、", "today": "今天",
    },
    "en": {
        ">": "must be greater than {0}", ">=": "must be at least {0}", "<": "must be less than {0}",
        "<=": "must be at most {0}", "==": "must be {0}", "!=": "must not be {0}",
        "filled": "must be filled in", "empty": "must be empty", "in": "must be one of {0}",
        "not in": "must not be {0}", "yes": "must be yes", "no": "must be no",
        "and": ", and ", "chain": " and ", "or": ", or ", "list": ", ", "today": "today",
    },
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class _NoWords(Exception):  # noqa: N818 -- the formula has to speak for itself
    pass


def in_words(formula: Formula, labels: Labels) -> Label:
    """Say a condition in Chinese and English; what is beyond simple words stays a formula."""
    try:
        return Label.of({language: _say(formula.node, labels, language) for language in _SAID})
    except _NoWords:
        return Label.of(formula.text)


def _say(node: Node, labels: Labels, language: str) -> str:
    words = _SAID[language]
    if isinstance(node, Logic):
        parts = [part for part in node.operands if not _guards_null(node, part)]
        return words[node.operator].join(_say(part, labels, language) for part in parts)
    if isinstance(node, Compare):
        return _compare(node, labels, language)
    if isinstance(node, Membership) and not isinstance(node.options, Path):
        listed = words["list"].join(_value(each, labels, language) for each in node.options)
        said = words["not in" if node.negated else "in"].format(listed)
        return f"{_value(node.operand, labels, language)} {said}"
    if isinstance(node, Path):
        return f"{_value(node, labels, language)} {words['yes']}"
    if isinstance(node, Not):
        return f"{_value(node.operand, labels, language)} {words['no']}"
    raise _NoWords


def _guards_null(logic: Logic, part: Node) -> bool:
    """Tell `x == null` in `x == null or x > 0`: that an empty field is fine needs no saying."""
    return (
        logic.operator == "or"
        and len(logic.operands) > 1
        and part is not logic.operands[-1]
        and isinstance(part, Compare)
        and part.operators == ("==",)
        and isinstance(part.operands[1], Null)
    )


def _compare(node: Compare, labels: Labels, language: str) -> str:
    words = _SAID[language]
    if len(node.operators) == 1:
        left, right, operator = *node.operands, node.operators[0]
        if isinstance(right, Null):
            said = words["empty" if operator == "==" else "filled"]
            return f"{_value(left, labels, language)} {said}"
        if not isinstance(left, Path):
            left, right, operator = right, left, _TURNED[operator]
        said = words[operator].format(_value(right, labels, language))
        return f"{_value(left, labels, language)} {said}"
    if len(node.operators) != 2 or not isinstance(node.operands[1], Path):
        raise _NoWords
    low, middle, high = node.operands
    least = words[_TURNED[node.operators[0]]].format(_value(low, labels, language))
    most = words[node.operators[1]].format(_value(high, labels, language))
    most = most.removeprefix("must be ").removeprefix("须")
    return f"{_value(middle, labels, language)} {least}{words['chain']}{most}"


def _value(node: Node, labels: Labels, language: str) -> str:
    if isinstance(node, Number):
        return f"{node.value:f}"
    if isinstance(node, Text):
        return f"“{node.value}”"
    if isinstance(node, Boolean):
        return str(node.value).lower()
    if isinstance(node, Call) and node.function == "today":
        return _SAID[language]["today"]
    if isinstance(node, Path):
        label = labels(node.names)
        if label:
            return label.say(language)
    raise _NoWords
