"""A formula as a JSON tree, which web/src/formula/formula.ts computes in the page.

A node is `[operator, part, …]`:

    ["n", "0.13"]  ["t", "text"]  ["b", true]  ["null"]  ["known", "shop.unit", "pcs"]
    ["p", root, [names], kind]    kind is "number" where the value must be read as one
    ["neg", x]  ["+", x, y] and - * / &  ["days", d, n]  ["months", d, n]  ["between", d, e]
    ["cmp", [operators], x, y, …]  ["in", x, y, …]  ["within", x, path]  ["and", …] ["or", …] ["not", x]
    ["if", c, x, y]  ["coalesce", …]  ["round", x, n] and the other functions under their names
    ["sum", "items", x, where or null] and count avg least greatest all any
"""

from datetime import datetime
from typing import Any

from dougong.fields.dates import instant_text
from dougong.formulas import tree as nodes
from dougong.formulas.kinds import rows_in, type_of
from dougong.formulas.tree import Formula, Node

_AGGREGATES = frozenset({"sum", "count", "avg", "least", "greatest", "all", "any"})


def tree(formula: Formula) -> list[Any]:
    """Write a checked formula whose targets hold "browser" as JSON values.

    Raises ValueError when it can't run in a page.
    """
    if "browser" not in formula.targets:
        raise ValueError(f"no formula for a page: {formula.text}")
    return _node(formula.node)


def _node(node: Node) -> list[Any]:
    match node:
        case nodes.Number():
            return ["n", f"{node.value:f}"]
        case nodes.Text():
            return ["t", node.value]
        case nodes.Boolean():
            return ["b", node.value]
        case nodes.Null():
            return ["null"]
        case nodes.Moment():
            value = node.value
            return ["t", instant_text(value) if isinstance(value, datetime) else value.isoformat()]
        case nodes.Known():
            return ["known", node.entity, node.key]
        case nodes.Path():
            return ["p", str(node.root), list(node.names), type_of(node).kind]
        case nodes.Unary():
            return ["neg", _node(node.operand)]
        case nodes.Binary():
            return _binary(node)
        case nodes.Compare():
            return ["cmp", list(node.operators), *map(_node, node.operands)]
        case nodes.Membership():
            return _membership(node)
        case nodes.Logic():
            return [node.operator, *map(_node, node.operands)]
        case nodes.Not():
            return ["not", _node(node.operand)]
        case nodes.Call():
            return _call(node)
        case _:
            raise TypeError(f"no node of a formula: {node!r}")


def _binary(node: nodes.Binary) -> list[Any]:
    left, right = _node(node.left), node.right
    if node.operator == "&" or type_of(node.left).kind != "date":
        return [node.operator, left, _node(right)]
    if type_of(right).kind == "date":
        return ["between", left, _node(right)]
    verb = "days"
    if isinstance(right, nodes.Span):
        count = right.count * {"d": 1, "w": 7, "m": 1, "y": 12}[right.unit]
        verb = "days" if right.unit in "dw" else "months"
        amount: list[Any] = ["n", str(count)]
    else:
        amount = _node(right)
    return [verb, left, ["neg", amount] if node.operator == "-" else amount]


def _membership(node: nodes.Membership) -> list[Any]:
    operand = _node(node.operand)
    if isinstance(node.options, nodes.Path):
        found = ["within", operand, _node(node.options)]
    else:
        found = ["in", operand, *map(_node, node.options)]
    return ["not", found] if node.negated else found


def _call(call: nodes.Call) -> list[Any]:
    parts = [_node(part) for part in call.arguments]
    if call.function == "add_months":
        return ["months", *parts]
    if call.function not in _AGGREGATES:
        return [call.function, *parts]
    where = next((_node(node) for _, node in call.named), None)
    of = ["null"] if call.function == "count" else parts[0]
    return [call.function, rows_in(call), of, where]
