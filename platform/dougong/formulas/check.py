"""Names and types of a formula at its place; the door through which every formula comes in."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, get_args

from dougong.formulas import digits, problems, tree
from dougong.formulas.calls import Calls
from dougong.formulas.kinds import (
    ORDERED,
    UNKNOWN,
    measure,
    said,
    same_kind,
    type_of_constant,
)
from dougong.formulas.parse import MOST_DEPTH, MOST_NODES, FormulaError, parse
from dougong.formulas.tree import Formula, Node, Scope, Target, Type
from dougong.foundation.errors import Place, Problem
from dougong.foundation.translate import Label

TARGETS: frozenset[Target] = frozenset(get_args(Target))

_TARGETS = {
    "python": Label.of({"zh": "在服务器上计算", "en": "be computed by the server"}),
    "sql": Label.of({"zh": "在数据库中计算（筛选、数据权限、报表）", "en": "be computed by the database (filters, row rules, reports)"}),
    "browser": Label.of({"zh": "在页面上即时计算", "en": "be computed in the page"}),
}  # fmt: skip

MOST_STACK = 66
"""SQLite 3.40 keeps a hundred things in mind while it reads; a third is left to the statement."""
NESTING = "nesting"
_NESTING = Label.of({"zh": "嵌套这么深的公式", "en": "A formula nested so deep"})


def check(
    text: str,
    scope: Scope,
    place: Place,
    *,
    wants: Type | None = None,
    targets: Iterable[Target] = (),
    stored: bool = False,
) -> tuple[Formula | None, list[Problem]]:
    """Check a formula: return it with every path resolved, and everything wrong with it.

    `place` is where its first character stands. `wants` is the type it must give, `targets` where
    it must be able to run; a `stored` formula may ask no clock, read across no link and call
    nothing that reads other records. The formula is None when a problem stops; warnings don't.
    """
    try:
        node = parse(text)
    except FormulaError as error:
        where = replace(place, column=place.column + error.at)
        return None, [Problem(error.kind, where, error.values, error.nearest)]
    checker = Checker(scope, place)
    checked, type_ = checker.infer(node)
    if wants is not None:
        checked, type_ = checker.fit(checked, type_, wants)
    checker.hold_limits(checked)
    checker.hold_place(TARGETS & frozenset(targets), stored=stored)
    if any(problem.level == "stop" for problem in checker.problems):
        return None, checker.problems
    return checker.formula(text, checked, type_), checker.problems


class Checker(Calls):
    """One pass over one tree. `infer` returns the node with what checking found, and its type."""

    def infer(self, node: Node) -> tuple[Node, Type]:
        """Check a node and everything under it."""
        match node:
            case tree.Number():
                type_ = digits.of_constant(node.value)
                self.hold_digits(type_, node.at)
                return node, replace(type_, constant=True)
            case tree.Text():
                return node, Type("text", constant=True)
            case tree.Boolean():
                return node, Type("boolean")
            case tree.Null():
                return node, Type("null")
            case tree.Span():
                return node, Type("span")
            case tree.Path():
                return self.infer_path(node)
            case tree.Unary():
                return self._unary(node)
            case tree.Binary():
                return self._binary(node)
            case tree.Compare():
                return self._compare(node)
            case tree.Membership():
                return self._membership(node)
            case tree.Logic():
                operands = tuple(self.condition(operand) for operand in node.operands)
                return replace(node, operands=operands), Type("boolean")
            case tree.Not():
                return replace(node, operand=self.condition(node.operand)), Type("boolean")
            case tree.Call():
                return self.infer_call(node)
            case tree.Moment() | tree.Known():
                return node, type_of_constant(node)
            case _:
                raise TypeError(f"no node of a formula: {node!r}")

    # --- operators ------------------------------------------------------------------------------

    def _unary(self, node: tree.Unary) -> tuple[Node, Type]:
        operand, type_ = self.infer(node.operand)
        if type_ is not UNKNOWN and type_.kind not in ("number", "null"):
            self.complain(
                problems.DIFFERENT_TYPES, node.at, wanted=said(Type("number")), got=said(type_)
            )
            type_ = UNKNOWN
        return replace(node, operand=operand), replace(
            type_, constant=False
        ) if type_ is not UNKNOWN else type_

    def _binary(self, node: tree.Binary) -> tuple[Node, Type]:
        left, left_type = self.infer(node.left)
        right, right_type = self.infer(node.right)
        type_ = self._result(node, left_type, right_type)
        if type_.kind == "number":
            self.hold_digits(type_, node.at)
        return replace(node, left=left, right=right, type=type_), type_

    def _result(self, node: tree.Binary, left: Type, right: Type) -> Type:
        """The type of an operator's result, after functions.md A.1."""
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        kinds = {left.kind, right.kind} - {"null"}
        operator = node.operator
        if operator == "&":
            if kinds <= {"text"} and not (left.many or right.many):
                return Type("text")
        elif kinds <= {"number"}:
            one = left if left.kind == "number" else digits.WHOLE
            other = right if right.kind == "number" else digits.WHOLE
            rule = {"+": digits.plus, "-": digits.plus, "*": digits.times, "/": digits.over}
            return rule[operator](one, other)
        elif operator in "+-" and left.kind == "date":
            if right.kind == "number" and right.scale:
                self.complain(problems.NOT_WHOLE, node.right.at, scale=right.scale)
                return UNKNOWN
            if right.kind in ("number", "span", "null"):
                return Type("date")
            if operator == "-" and right.kind == "date":
                return digits.number(7, 0)
        self._complain_operands(node, left, right)
        return UNKNOWN

    def _complain_operands(self, node: tree.Binary, left: Type, right: Type) -> None:
        kinds = {left.kind, right.kind}
        if node.operator == "&":
            zh, en = "“&”只连接文本。", "`&` joins texts only."
        elif node.operator == "+" and "text" in kinds:
            zh, en = "连接文本用“&”。", "Join texts with `&`."
        elif kinds & {"date", "datetime", "time", "span"}:
            zh = "日期只能加减整数天或跨度（date + 7、date + 1m），或相减得天数。"
            en = (
                "Dates take whole days or a span (date + 7, date + 1m); two dates give days by `-`."
            )
        else:
            zh, en = "只有数可以这样算。", "Only numbers can be computed so."
        advice = Label.of({"zh": zh, "en": en})
        values: dict[str, Any] = {
            "left": said(left),
            "operator": node.operator,
            "right": said(right),
        }
        self.complain(problems.BAD_OPERANDS, node.at, **values, advice=advice)

    def _compare(self, node: tree.Compare) -> tuple[Node, Type]:
        checked = self.alike([self.infer(operand) for operand in node.operands])
        pairs = zip(checked, checked[1:], node.operators, strict=False)
        for (_, left), (right_node, right), operator in pairs:
            self._comparable(left, right, operator, right_node.at)
        return replace(node, operands=tuple(part for part, _ in checked)), Type("boolean")

    def _comparable(self, left: Type, right: Type, operator: str, at: int) -> None:
        if left is UNKNOWN or right is UNKNOWN:
            return
        for type_ in (left, right):
            if type_.many or type_.kind in ("set", "record", "span", "users"):
                self.complain(problems.DIFFERENT_TYPES, at, wanted=_ONE_VALUE, got=said(type_))
                return
        if not same_kind(left, right):
            self.complain(problems.DIFFERENT_TYPES, at, wanted=said(left), got=said(right))
        elif operator not in ("==", "!="):
            kinds = {left.kind, right.kind} - ORDERED
            if kinds:
                wrong = left if left.kind in kinds else right
                self.complain(problems.TEXT_ORDER, at, got=said(wrong))

    def _membership(self, node: tree.Membership) -> tuple[Node, Type]:
        operand, type_ = self.infer(node.operand)
        boolean = Type("boolean")
        if isinstance(node.options, tree.Path):
            options, many = self.infer(node.options)
            if many is not UNKNOWN and not many.many:
                self.complain(
                    problems.DIFFERENT_TYPES, node.options.at, wanted=_SEVERAL, got=said(many)
                )
            elif many is not UNKNOWN:
                operand, type_ = self.coerce(operand, type_, replace(many, many=False))
                self._comparable(replace(many, many=False), type_, "==", operand.at)
            return replace(node, operand=operand, options=options), boolean  # type: ignore[arg-type]
        checked = self.alike([(operand, type_), *(self.infer(part) for part in node.options)])
        for option, option_type in checked[1:]:
            self._comparable(checked[0][1], option_type, "==", option.at)
        listed = tuple(option for option, _ in checked[1:])
        return replace(node, operand=checked[0][0], options=listed), boolean

    # --- the whole formula ----------------------------------------------------------------------

    def fit(self, node: Node, type_: Type, wants: Type) -> tuple[Node, Type]:
        """Hold the result against the type wanted at the place."""
        node, type_ = self.coerce(node, type_, wants)
        if type_ is UNKNOWN or type_.kind == "null":
            return node, type_
        people = wants.kind == "users" and type_.kind == "link" and type_.to == ("base.user",)
        if not people and not same_kind(type_, wants):
            self.complain(problems.WRONG_RESULT, 0, got=said(type_), wanted=said(wants))
        elif wants.kind == "number" and type_.scale > wants.scale:
            self.complain(problems.NEEDS_ROUND, 0, scale=type_.scale, kept=wants.scale)
        return node, type_

    def hold_limits(self, node: Node) -> None:
        """Refuse a formula that grew too large by the functions it calls."""
        size = measure(node)
        if size.depth > MOST_DEPTH:
            self.complain(problems.TOO_DEEP, 0, most=MOST_DEPTH)
        elif size.nodes > 4 * MOST_NODES:
            self.complain(problems.TOO_MANY, 0, most=MOST_NODES)
        elif size.stack > MOST_STACK:
            self.lacks("sql", NESTING, 0)

    def hold_place(self, needed: Iterable[Target], *, stored: bool) -> None:
        """Refuse what can't run where it must, and what a stored formula may not do."""
        for target in sorted(needed):
            for name, at in self.missing.get(target, {}).items():
                said = _NESTING if name == NESTING else name
                self.complain(problems.NO_TARGET, at, name=said, target=_TARGETS[target])
        if not stored:
            return
        for name, at in self.clocks.items():
            self.complain(problems.STORED_CLOCK, at, name=name)
        for name, at in self.readers.items():
            self.complain(problems.STORED_CALL, at, name=name)
        for name, at in self.across.items():
            self.complain(problems.STORED_LINK, at, name=name)

    def formula(self, text: str, node: Node, type_: Type) -> Formula:
        """The checked formula with all that was gathered on the way."""
        return Formula(
            text=text,
            node=node,
            type=replace(type_, constant=False),
            reads=frozenset(self.reads),
            calls=frozenset(self.called),
            targets=TARGETS - frozenset(self.missing),
            clock=bool(self.clocks),
            known=frozenset(self.known),
        )


_ONE_VALUE = Label.of({"zh": "一个值", "en": "one value"})
_SEVERAL = Label.of({"zh": "一组值或 [a, b]", "en": "several values, or [a, b]"})
