"""The tree of a formula to SQL; what both databases say alike. Each database adds its own words.

Conditions are written in two ways. Where only rows that hold are wanted, null may stand for false
and a plain `a = b` can use an index (`loose`); elsewhere, under `not` and as a value, the guarded
form is two-valued.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dougong.fields.field_type import Dialect
from dougong.formulas import tree
from dougong.formulas.kinds import is_constant, rows_in, type_of
from dougong.formulas.sql_pieces import (
    ColumnOf,
    Part,
    RecordOf,
    Rows,
    RowsOf,
    Slot,
    ValueOf,
    bind,
    fill,
    listed,
    nested,
)
from dougong.formulas.tree import Node, Type

_COLUMNS = frozenset({"record", "line", "header", "rows", "measure", "argument", "entry"})
_NEVER_NULL = frozenset({"today", "now", "user"})
_OPERATORS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller answers about the place of the formula."""

    column: ColumnOf
    value: ValueOf
    rows: RowsOf
    record: RecordOf


class Writer:
    """Writes nodes as SQL; `value` of any type, `condition` for true or false."""

    dialect: Dialect
    mark: str  # the placeholder
    true: str
    false: str

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    # --- what each database says in its own words ------------------------------------------------

    def number(self, node: Node) -> Part:
        """Write a number: on SQLite an integer scaled by the type of the node."""
        raise NotImplementedError

    def number_at(self, node: Node, scale: int) -> Part:
        """Write a number; on SQLite an integer scaled by `scale`. Raises ValueError if too small."""
        raise NotImplementedError

    def compare_numbers(self, operator: str, left: Node, right: Node, *, loose: bool) -> Part:
        """Write a comparison of two numbers."""
        raise NotImplementedError

    def number_in(self, operand: Node, options: Sequence[Node]) -> Part:
        """Write membership of a number in constants; null where the number is."""
        raise NotImplementedError

    def cast(self, type_: Type) -> str:
        """What follows a placeholder so that its type is known."""
        raise NotImplementedError

    def join(self, parts: Sequence[Part]) -> Part:
        """Join texts, null counting as empty."""
        raise NotImplementedError

    def day_plus(self, day: Part, amount: Part, unit: str, sign: str) -> Part:
        """Write a date plus or minus days or months."""
        raise NotImplementedError

    def day_part(self, function: str, day: Part) -> Part:
        """Write `year(d)`, `month_end(d)` and the like."""
        raise NotImplementedError

    def in_slot(self, value: Part, many: Part) -> Part:
        """Write membership in a parameter that holds several values."""
        raise NotImplementedError

    def in_column(self, value: Part, many: Part) -> Part:
        """Write membership in a column that holds several values."""
        raise NotImplementedError

    def text_test(self, function: str, text: Part, part: Part) -> Part:
        """Write `contains` and `starts_with`."""
        raise NotImplementedError

    def same(self, left: Part, right: Part) -> Part:
        """Write null-safe equality; the part is never null."""
        raise NotImplementedError

    def alike(self, left: Part, right: Part) -> Part:
        """Write null-safe equality for a `where`, so that an index can serve."""
        return self.same(left, right)

    def extreme(self, function: str, parts: Sequence[Part]) -> Part:
        """Write `min` and `max` of dates and times, nulls ignored."""
        raise NotImplementedError

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Node) -> Part:
        """Write a value of any type."""
        type_ = type_of(node)
        if type_.kind == "number":
            return self.number(node)
        match node:
            case tree.Null():
                return Part("null")
            case tree.Boolean():
                return Part(self.true if node.value else self.false, null=False)
            case tree.Text() | tree.Moment():
                return self.parameter(node.value, type_)
            case tree.Known():
                known = self.asked.record(node.entity, node.key)
                return Part(f"coalesce({known.text}, 0)", known.params, null=False)
            case tree.Path():
                return self.path(node)
            case tree.Binary(operator="&"):
                return self.join([self.value(part) for part in _joined(node)])
            case tree.Binary():
                return self._moved(node)
            case tree.Call(function="if" | "coalesce" | "min" | "max"):
                return self._choice(node)
            case tree.Call(function="least" | "greatest"):
                return self.over_lines(node, self.value(node.arguments[0]))
            case tree.Call() if type_.kind == "date":
                return self._day_call(node)
            case _:
                return self.condition(node, loose=False)

    def parameter(self, value: Any, type_: Type) -> Part:
        """Write a value as a parameter."""
        never_null = value is not None and not isinstance(value, Slot)
        return Part(
            f"{self.mark}{self.cast(type_)}",
            (bind_or_slot(value, type_, self.dialect),),
            not never_null,
        )

    def path(self, path: tree.Path) -> Part:
        """Write a path: a column of the caller's, or a parameter."""
        if path.root in _COLUMNS:
            column = self.asked.column(path)
            return Part(column.text, column.params, column.null)
        part = self.parameter(self.asked.value(path), path.type or Type("null"))
        return replace(part, null=False) if self._is_sure(path) else part

    @staticmethod
    def _is_sure(path: tree.Path) -> bool:
        return path.root in _NEVER_NULL and not path.names

    def _moved(self, node: tree.Binary) -> Part:
        day = self.value(node.left)
        if isinstance(node.right, tree.Span):
            count, unit = node.right.count, node.right.unit
            days = {"d": 1, "w": 7}.get(unit)
            amount = Part(str(count * (days or {"m": 1, "y": 12}[unit])), null=False)
            return self.day_plus(day, amount, "days" if days else "months", node.operator)
        return self.day_plus(day, self.number(node.right), "days", node.operator)

    def _day_call(self, call: tree.Call) -> Part:
        day = self.value(call.arguments[0])
        if call.function == "add_months":
            return self.day_plus(day, self.number(call.arguments[1]), "months", "+")
        return self.day_part(call.function, day)

    def _choice(self, call: tree.Call) -> Part:
        if call.function == "if":
            condition = self.condition(call.arguments[0], loose=True)
            one, other = (self.value(part) for part in call.arguments[1:])
            return self.case(condition, one, other)
        parts = [self.value(part) for part in call.arguments]
        if call.function == "coalesce":
            return coalesce(parts)
        return self.extreme(call.function, parts)

    @staticmethod
    def case(condition: Part, one: Part, other: Part) -> Part:
        """Write `if`; a null condition counts as false."""
        null = one.null or other.null
        return fill("case when {} then {} else {} end", condition, one, other, null=null)

    # --- over lines -----------------------------------------------------------------------------

    def over_lines(self, call: tree.Call, of: Part) -> Part:
        """Write an aggregate as a correlated subquery over the lines it reads."""
        form = {
            "sum": "coalesce(sum({}), 0)", "count": "count(*)", "least": "min({})", "greatest": "max({})",
        }[call.function]  # fmt: skip
        value = fill(form, of) if "{}" in form else Part(form)
        return self.select(call, value, null=call.function not in ("sum", "count"))

    def select(self, call: tree.Call, value: Part, *, null: bool, also: Part | None = None) -> Part:
        """Write `(select value from lines where …)`."""
        rows = self.lines_of(call)
        wheres = [Part(rows.where, rows.params)]
        wheres += [self.condition(node, loose=True) for name, node in call.named if name == "where"]
        if also is not None:
            wheres.append(also)
        source = Part(rows.source)
        where = listed([fill("({})", part) for part in wheres], " and ")
        return fill("(select {} from {} where {})", value, source, where, null=null)

    def lines_of(self, call: tree.Call) -> Rows:
        """Ask for the lines that an aggregate stands over."""
        found = rows_in(call)
        if found is None:
            raise TypeError(f"no lines in {call.function}")
        return self.asked.rows(found)

    def _for_lines(self, call: tree.Call) -> Part:
        condition = call.arguments[0]
        if call.function == "any":
            also = self.condition(condition, loose=True)
        else:
            also = fill("not {}", self.condition(condition, loose=False))
        found = self.select(call, Part("1"), null=False, also=also)
        return fill("(exists {})" if call.function == "any" else "(not exists {})", found)

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, node: Node, *, loose: bool) -> Part:
        """Write a condition; where `loose`, null may stand for false."""
        match node:
            case tree.Boolean():
                return Part(self.true if node.value else self.false, null=False)
            case tree.Null():
                return Part(self.false, null=False)
            case tree.Logic():
                parts = [self.condition(part, loose=loose) for part in node.operands]
                return fill("({})", listed(parts, f" {node.operator} "))
            case tree.Not(operand=tree.Compare(operators=("==",)) as inner):
                return self.condition(replace(inner, operators=("!=",)), loose=loose)
            case tree.Not(operand=tree.Membership() as inner):
                return self.condition(replace(inner, negated=not inner.negated), loose=loose)
            case tree.Not():
                inner_part = self.condition(node.operand, loose=False)
                return fill("(not {})", inner_part, null=False)
            case tree.Compare():
                return self._compare(node, loose=loose)
            case tree.Membership():
                return self._membership(node, loose=loose)
            case tree.Call(function="contains" | "starts_with"):
                text, part = (self.value(argument) for argument in node.arguments)
                return guarded(self.text_test(node.function, text, part), loose=loose)
            case tree.Call(function="all" | "any"):
                return self._for_lines(node)
            case tree.Path():
                return guarded(self.path(node), loose=loose)
            case _:
                return guarded(self._choice(node), loose=loose)  # type: ignore[arg-type]

    def _compare(self, node: tree.Compare, *, loose: bool) -> Part:
        pairs = zip(node.operators, node.operands, node.operands[1:], strict=False)
        parts = [self._pair(operator, one, other, loose=loose) for operator, one, other in pairs]
        if len(parts) == 1:
            return parts[0]
        return fill("({})", listed(parts, " and "))

    def _pair(self, operator: str, left: Node, right: Node, *, loose: bool) -> Part:
        if operator in ("==", "!=") and (is_null(left) or is_null(right)):
            part = self.value(right if is_null(left) else left)
            return fill(
                "({} is null)" if operator == "==" else "({} is not null)", part, null=False
            )
        kinds = {type_of(left).kind, type_of(right).kind} - {"null"}
        if kinds == {"number"}:
            return self.compare_numbers(operator, left, right, loose=loose)
        return self.compare(operator, self.value(left), self.value(right), loose=loose)

    def compare(self, operator: str, left: Part, right: Part, *, loose: bool) -> Part:
        """Write a comparison of two values."""
        plain = fill(f"({{}} {_OPERATORS[operator]} {{}})", left, right)
        if not plain.null:
            return plain
        if operator == "==":
            if loose:
                return self.alike(left, right) if left.null and right.null else plain
            return self.same(left, right)
        if operator == "!=":
            return fill("(not {})", self.same(left, right))
        return guarded(plain, loose=loose)

    def _membership(self, node: tree.Membership, *, loose: bool) -> Part:
        if isinstance(node.options, tree.Path):
            found = self._in_many(node.operand, node.options)
        else:
            found = self._in_list(node, loose=loose or node.negated)
        if node.negated:
            return fill("({} is not true)" if found.null else "(not {})", found, null=False)
        return guarded(found, loose=loose)

    def _in_many(self, operand: Node, options: tree.Path) -> Part:
        value, many = self.value(operand), self.path(options)
        if options.root in _COLUMNS:
            return self.in_column(value, many)
        return self.in_slot(value, many)

    def _in_list(self, node: tree.Membership, *, loose: bool) -> Part:
        options = node.options if isinstance(node.options, tuple) else ()
        if all(map(is_constant, options)) and type_of(node.operand).kind != "number":
            value = self.value(node.operand)
            return fill("({} in ({}))", value, listed(self.value(option) for option in options))
        if all(map(is_constant, options)):
            return self.number_in(node.operand, options)
        pairs = [self._pair("==", node.operand, option, loose=loose) for option in options]
        return fill("({})", listed(pairs, " or "))


def guarded(part: Part, *, loose: bool) -> Part:
    """Make a condition two-valued unless null may stand for false."""
    return part if loose or not part.null else fill("({} is true)", part, null=False)


def coalesce(parts: Sequence[Part]) -> Part:
    """Write the first that is not null."""
    null = all(part.null for part in parts)
    return parts[0] if not parts[0].null else nested("coalesce({})", parts, null=null)


def is_null(node: Node) -> bool:
    """Tell whether a node is the constant null."""
    return isinstance(node, tree.Null)


def bind_or_slot(value: Any, type_: Type, dialect: Dialect) -> Any:
    """Bind a value; a slot learns its type instead."""
    return replace(value, type=type_) if isinstance(value, Slot) else bind(value, type_, dialect)


def _joined(node: Node) -> list[Node]:
    """The texts of a chain of `&`."""
    if isinstance(node, tree.Binary) and node.operator == "&":
        return [*_joined(node.left), *_joined(node.right)]
    return [node]
