"""The kinds of value in plain words, and constants read by the type of their neighbour."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Literal

from dougong.formulas import digits, problems, tree
from dougong.formulas.tree import Node, Type
from dougong.foundation.errors import ProblemKind
from dougong.foundation.translate import Label

UNKNOWN = Type("json", constant=True)
"""The type of what is already known to be wrong; it never causes a second problem."""

Moment = Literal["date", "time", "datetime"]

ORDERED = frozenset({"number", "date", "time", "datetime"})

_KINDS = {
    "number": ("数", "a number"), "text": ("文本", "a text"), "boolean": ("是否", "true or false"),
    "date": ("日期", "a date"), "time": ("时间", "a time"), "datetime": ("时刻", "a date and time"),
    "span": ("时间跨度", "a span of time"), "link": ("链接", "a link"), "set": ("明细行", "lines"),
    "record": ("一组值", "several values"), "null": ("空", "null"), "users": ("用户", "users"),
    "json": ("附加数据", "free data"),
}  # fmt: skip
_EXAMPLES = {"date": "'2026-06-30'", "time": "'08:30'", "datetime": "'2026-06-30T08:30:00Z'"}


class BadConstant(Exception):  # noqa: N818 -- an answer about a constant, not a failure
    """A constant can't be read as its neighbour's type: the kind of problem and its values."""

    def __init__(self, kind: ProblemKind, at: int, nearest: str = "", **values: object) -> None:
        self.kind = kind
        self.at = at
        self.nearest = nearest
        self.values = values
        super().__init__(kind.code)


def said(type_: Type) -> Label:
    """Say a type in plain words: a date, a link to master_data.item."""
    zh, en = _KINDS[type_.kind]
    if type_.to and type_.kind == "link":
        names = ", ".join(type_.to)
        zh, en = f"指向 {names} 的链接", f"a link to {names}"
    if type_.many and type_.kind != "users":
        zh, en = f"多个{zh}", f"several of {en}"
    return Label.of({"zh": zh, "en": en})


def same_kind(one: Type, other: Type) -> bool:
    """Tell whether two types may stand in for each other; null goes with all."""
    if one is UNKNOWN or other is UNKNOWN or "null" in (one.kind, other.kind):
        return True
    if one.kind != other.kind or one.many != other.many:
        return False
    return one.kind != "link" or not one.to or not other.to or bool(set(one.to) & set(other.to))


def _moment(text: str, kind: Moment) -> date | time | datetime:
    if kind == "date" and len(text) == 10:
        return date.fromisoformat(text)
    if kind == "time" and (value := time.fromisoformat(text)).tzinfo is None:
        return value
    if kind == "datetime":
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    raise ValueError(text)


def read_moment(node: tree.Text, kind: Moment) -> tree.Moment:
    """Read a text constant as a date, time or datetime (which is in UTC unless it says else).

    Raises BadConstant.
    """
    try:
        value = _moment(node.value, kind)
    except (ValueError, OverflowError):
        raise BadConstant(
            problems.BAD_CONSTANT,
            node.at,
            value=node.value[:40],
            wanted=said(Type(kind)),
            example=_EXAMPLES[kind],
        ) from None
    return tree.Moment(node.at, value)


def type_of(node: Node) -> Type:
    """Return the type of a node that checking has passed."""
    match node:
        case tree.Number():
            return digits.of_constant(node.value)
        case tree.Text():
            return Type("text")
        case tree.Null():
            return Type("null")
        case tree.Span():
            return Type("span")
        case tree.Unary():
            return type_of(node.operand)
        case tree.Moment() | tree.Known():
            return type_of_constant(node)
        case tree.Path() | tree.Binary() | tree.Call():
            return node.type or UNKNOWN
        case _:
            return Type("boolean")


def type_of_constant(node: tree.Moment | tree.Known) -> Type:
    """Return the type of a constant that checking has read by its neighbour."""
    if isinstance(node, tree.Known):
        return Type("link", to=(node.entity,))
    if isinstance(node.value, datetime):
        return Type("datetime")
    return Type("time") if isinstance(node.value, time) else Type("date")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a tree is: `depth` of nesting; `nodes`, where a part that a target must write
    several times (the middle of a chain, what stands before `in`) counts as often; `stack`, how
    much of the parser of a database it takes.
    """

    depth: int
    nodes: int
    stack: int


def measure(node: Node) -> Size:
    """Measure a tree."""
    parts = [measure(part) for part in children(node)]
    depth = 1 + max((part.depth for part in parts), default=0)
    nodes = 1 + sum(part.nodes for part in parts)
    weight = 6 if isinstance(node, tree.Call) else 4
    stack = max((part.stack + weight for part in parts), default=0)
    if isinstance(node, tree.Binary):
        stack = max(parts[0].stack + 1, parts[1].stack + weight)
    elif isinstance(node, tree.Compare):
        nodes += sum(part.nodes for part in parts[1:-1])
    elif isinstance(node, tree.Membership):
        nodes += parts[0].nodes * sum(not is_constant(part) for part in children(node)[1:])
    return Size(depth, nodes, stack)


def is_constant(node: Node) -> bool:
    """Tell whether a node is a constant that is not null."""
    return isinstance(node, (tree.Text, tree.Moment, tree.Number))


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes right under a node, in the order of the text."""
    match node:
        case tree.Unary() | tree.Not():
            return (node.operand,)
        case tree.Binary():
            return (node.left, node.right)
        case tree.Compare() | tree.Logic():
            return node.operands
        case tree.Membership():
            options = (node.options,) if isinstance(node.options, tree.Path) else node.options
            return (node.operand, *options)
        case tree.Call():
            return (*node.arguments, *(value for _, value in node.named))
        case _:
            return ()


def rows_in(node: Node) -> str | None:
    """Return the set of lines that a part of a formula reads."""
    if isinstance(node, tree.Path):
        return node.rows if node.root == "rows" else None
    return next((rows for part in children(node) if (rows := rows_in(part))), None)


def with_branches(call: tree.Call, branches: dict[int, Node], type_: Type) -> tree.Call:
    """Return the call with some positional arguments and its type replaced."""
    arguments = tuple(branches.get(n, part) for n, part in enumerate(call.arguments))
    return replace(call, arguments=arguments, type=type_)
