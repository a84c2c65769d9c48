"""A formula as one Python expression, for the code generated per entity.

What generated code looks like: `round(qty * price * (1 - coalesce(discount, 0)), 2)` becomes

    (None if qty is None or price is None else
     (ROUND(MUL(MUL(qty, price), SUB(1, (discount if discount is not None else 0))), Q2) or Z2))

and `sum(items.amount)`, with `rows("items")` answering `("line", "items")` and `name(path)`
answering `line.amount` for the path of root "rows", becomes `total(line.amount for line in items)`.

The caller compiles the expression in a namespace that holds `NAMES` and its own names. Names of the
runtime are those of `NAMES` and `T1`, `T2` and so on, which the expression binds; the caller's own
names must differ from them. Values: number Decimal or int, text str, boolean bool, date, time,
datetime (aware), link int, several links any container of int, each or None. A number's result is
an exact Decimal or int, whatever its exponent, never minus zero where it was rounded.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from dougong.formulas import exact, tree
from dougong.formulas.kinds import rows_in, type_of
from dougong.formulas.strict import Code, Strict, holds, join, settled
from dougong.formulas.tree import Formula, Node

NameOf = Callable[[tree.Path], str]
RowsOf = Callable[[str], tuple[str, str]]
RecordOf = Callable[[str, str], str]
CallOf = Callable[[str, Mapping[str, str]], str]
SureOf = Callable[[tree.Path], bool]

NAMES: Mapping[str, Any] = MappingProxyType(
    {
        "D": Decimal,
        "ADD": exact.EXACT.add,
        "SUB": exact.EXACT.subtract,
        "MUL": exact.EXACT.multiply,
        "NEG": exact.EXACT.minus,
        "ABS": exact.EXACT.abs,
        "PLUS": exact.EXACT.plus,
        "DIV": exact.divide,
        "ROUND": exact.NEAREST.quantize,
        "FLOOR": exact.DOWN.quantize,
        "CEIL": exact.UP.quantize,
        **{f"Q{places}": exact.STEPS[places] for places in range(exact.HIGHEST + 1)},
        **{f"Z{places}": exact.ZEROS[places] for places in range(exact.HIGHEST + 1)},
        "round_to": exact.round_to,
        "floor_to": exact.floor_to,
        "ceil_to_places": exact.ceil_to_places,
        "ceil_to": exact.ceil_to,
        "total": exact.total,
        "mean": exact.mean,
        "first": exact.first,
        "least": exact.least,
        "greatest": exact.greatest,
        "add_days": exact.add_days,
        "add_months": exact.add_months,
        "first_of_year": exact.year,
        "first_of_quarter": exact.quarter,
        "first_of_month": exact.month,
        "first_of_week": exact.week,
        "last_of_month": exact.month_end,
        "DATE": date,
        "TIME": time,
        "DATETIME": datetime,
        "UTC": UTC,
    }
)
"""What an expression may use besides the caller's own names."""

_ARITHMETIC = {"+": "ADD({}, {})", "-": "SUB({}, {})", "*": "MUL({}, {})"}
_ROUND = {"round": "ROUND", "floor": "FLOOR", "ceil": "CEIL"}
_ROUND_TO = {"round": "round_to", "floor": "floor_to", "ceil": "ceil_to_places"}
_DAY = {
    "year": "first_of_year({})", "quarter": "first_of_quarter({})", "month": "first_of_month({})",
    "week": "first_of_week({})", "month_end": "last_of_month({})", "year_no": "{}.year",
    "month_no": "{}.month", "weekday": "{}.isoweekday()",
}  # fmt: skip


def no_rows(name: str) -> tuple[str, str]:
    """Answer for a place without lines. Raises LookupError."""
    raise LookupError(f"no lines {name} here")


def no_record(entity: str, key: str) -> str:
    """Answer for a place without known records. Raises LookupError."""
    raise LookupError(f"no record {entity} {key} here")


def no_call(function: str, arguments: Mapping[str, str]) -> str:
    """Answer for a place without functions of modules. Raises LookupError."""
    raise LookupError(f"no function {function} here")


def never_sure(path: tree.Path) -> bool:
    """Answer that any path may be None."""
    return False


def source(
    formula: Formula,
    name: NameOf,
    *,
    rows: RowsOf = no_rows,
    record: RecordOf = no_record,
    call: CallOf = no_call,
    sure: SureOf = never_sure,
) -> str:
    """Write a checked formula as one Python expression.

    - `name(path)` gives the expression of a path (every root; `today`, `now`, `user`, `company`
      have no names below), best a local name or `object.attribute`;
    - `rows(name)` gives the loop variable and the iterable of a set of lines; within the aggregate
      `name` is asked for paths of root "rows", whose `rows` is that name;
    - `record(entity, key)` gives the id of the record with a business key, None or 0 when missing;
    - `call(function, arguments)` gives a call of a module's function, or of a platform function
      that reads other records, with its arguments as expressions by name;
    - `sure(path)` tells that a path is never None here, which saves the test.

    A condition may give None for false; test it by truth.
    """
    return _Writer(name, rows, record, call, sure).whole(formula.node)


class _Writer:
    def __init__(
        self, name: NameOf, rows: RowsOf, record: RecordOf, call: CallOf, sure: SureOf
    ) -> None:
        self.name, self.rows, self.record, self.call, self.sure = name, rows, record, call, sure
        self.strict = Strict()

    def whole(self, node: Node) -> str:
        code = self.code(node)
        if _may_be_minus_zero(node):
            code = join("PLUS({})", code)
        return settled(code)

    def value(self, node: Node) -> str:
        """A value or None."""
        return settled(self.code(node))

    def maybe(self, text: str) -> Code:
        return self.strict.maybe(text)

    # --- values ---------------------------------------------------------------------------------

    def code(self, node: Node) -> Code:
        match node:
            case tree.Number():
                value = node.value
                return Code(str(int(value)) if value == int(value) else f"D('{value:f}')")
            case tree.Text():
                return Code(repr(node.value))
            case tree.Null():
                return Code("None", ("None",))
            case tree.Moment():
                return Code(_moment(node.value))
            case tree.Known():
                return Code(f"({self.record(node.entity, node.key)} or 0)")
            case tree.Path():
                text = self.name(node)
                return Code(text) if self.sure(node) else self.maybe(text)
            case tree.Unary():
                return join("NEG({})", self.code(node.operand))
            case tree.Binary():
                return self._binary(node)
            case tree.Call():
                return self._call(node)
            case _:
                return Code(self.condition(node))

    def _binary(self, node: tree.Binary) -> Code:
        left = node.left
        if node.operator == "&":
            return Code(f"({self._text(left)} + {self._text(node.right)})")
        if type_of(left).kind == "date":
            return self._moved(node)
        if node.operator == "/":
            divided = join("DIV({}, {})", self.code(left), self.code(node.right))
            sure = isinstance(node.right, tree.Number) and node.right.value != 0
            return divided if sure else self.maybe(settled(divided))
        return join(_ARITHMETIC[node.operator], self.code(left), self.code(node.right))

    def _text(self, node: Node) -> str:
        code = self.code(node)
        return code.text if not code.tests else f"({settled(code)} or '')"

    def _moved(self, node: tree.Binary) -> Code:
        day, sign = self.code(node.left), "-" if node.operator == "-" else ""
        if isinstance(node.right, tree.Span):
            days = {"d": 1, "w": 7}.get(node.right.unit)
            amount = node.right.count * (days or {"m": 1, "y": 12}[node.right.unit])
            verb = "add_days" if days else "add_months"
            return self.maybe(settled(join(f"{verb}({{}}, {sign}{amount})", day)))
        if type_of(node.right).kind == "date":
            return join("({} - {}).days", day, self.code(node.right))
        moved = join(f"add_days({{}}, {sign}int({{}}))", day, self.code(node.right))
        return self.maybe(settled(moved))

    # --- calls ----------------------------------------------------------------------------------

    def _call(self, call: tree.Call) -> Code:
        name, arguments = call.function, call.arguments
        match name:
            case "abs":
                return join("ABS({})", self.code(arguments[0]))
            case "round" | "floor" | "ceil":
                return self._rounded(call)
            case "ceil_to":
                stepped = join("ceil_to({}, {})", *map(self.code, arguments))
                return self.maybe(settled(stepped))
            case "if":
                one, other = self.value(arguments[1]), self.value(arguments[2])
                return self.maybe(f"({one} if {self.condition(arguments[0])} else {other})")
            case "coalesce":
                return self._first(call)
            case "min" | "max":
                texts = ", ".join(self.value(part) for part in arguments)
                return self.maybe(f"{'least' if name == 'min' else 'greatest'}(({texts},))")
            case "sum" | "count" | "avg" | "least" | "greatest":
                return self._over_lines(call)
            case "add_months":
                moved = join("add_months({}, {})", *map(self.code, arguments))
                return self.maybe(settled(moved))
            case _ if name in _DAY:
                return join(_DAY[name], self.code(arguments[0]))
            case _ if name in ("contains", "starts_with", "all", "any"):
                return Code(self.condition(call))
            case _:
                return self._asked(call)

    def _rounded(self, call: tree.Call) -> Code:
        number, places = call.arguments
        constant = _whole(places)
        of = type_of(number)
        if constant is not None and constant >= of.scale:
            return self.code(number)
        if constant is None or constant < 0:
            return join(
                f"{_ROUND_TO[call.function]}({{}}, {{}})", self.code(number), self.code(places)
            )
        form = f"({_ROUND[call.function]}({{}}, Q{constant}) or Z{constant})"
        return join(form, self.code(number))

    def _first(self, call: tree.Call) -> Code:
        codes = [self.code(part) for part in call.arguments]
        if len(codes) > 4:
            return self.maybe(f"first(({', '.join(map(settled, codes))},))")
        whole = settled(codes[-1])
        sure = not codes[-1].tests
        for code in reversed(codes[:-1]):
            if not code.tests:
                whole, sure = code.text, True
                continue
            first, then = self.strict.again(settled(code))
            whole = f"({then} if {first} is not None else {whole})"
        return Code(whole) if sure else self.maybe(whole)

    def _over_lines(self, call: tree.Call) -> Code:
        variable, iterable = self._lines(call)
        where = "".join(f" if {self.condition(node)}" for _, node in call.named)
        of = "1" if call.function == "count" else self.value(call.arguments[0])
        loop = f"({of} for {variable} in {iterable}{where})"
        name = {"count": "sum", "sum": "total", "avg": "mean"}.get(call.function, call.function)
        return Code(name + loop) if name in ("sum", "total") else self.maybe(name + loop)

    def _lines(self, call: tree.Call) -> tuple[str, str]:
        found = rows_in(call)
        if found is None:
            raise TypeError(f"no lines in {call.function}")
        return self.rows(found)

    def _asked(self, call: tree.Call) -> Code:
        """A function whose body stands elsewhere, and the values behind it."""
        arguments = {name: self.value(node) for name, node in call.named}
        for n, node in enumerate(call.arguments):
            arguments[f"_{n}"] = self.value(node)
        if call.members:
            arguments["_members"] = repr(call.members)
        return self.maybe(self.call(call.function, arguments))

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, node: Node) -> str:
        """An expression whose truth is the condition's; only of a bare path can it be None."""
        match node:
            case tree.Boolean():
                return str(node.value)
            case tree.Null():
                return "False"
            case tree.Logic():
                parts = f" {node.operator} ".join(self._truth(part) for part in node.operands)
                return f"({parts})"
            case tree.Not():
                return f"(not {self.condition(node.operand)})"
            case tree.Compare():
                return self._compare(node)
            case tree.Membership():
                return self._membership(node)
            case tree.Call(function="contains"):
                text, part = map(self.code, node.arguments)
                return holds(join("({} in {})", part, text))
            case tree.Call(function="starts_with"):
                text, part = map(self.code, node.arguments)
                return holds(join("{}.startswith({})", text, part))
            case tree.Call(function="all" | "any"):
                variable, iterable = self._lines(node)
                condition = self.condition(node.arguments[0])
                return f"{node.function}({condition} for {variable} in {iterable})"
            case _:
                return self.value(node)

    def _truth(self, node: Node) -> str:
        """True or False and never None."""
        text = self.condition(node)
        return (
            f"({text} is True)"
            if isinstance(node, (tree.Path, tree.Call)) and not _is_test(node)
            else text
        )

    def _compare(self, node: tree.Compare) -> str:
        if len(node.operators) == 1:
            return self._pair(node.operators[0], *node.operands)
        left = self._named(node.operands[0])
        texts = []
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            right = self._named(operand)
            texts.append(_chained(operator, left, right))
            left = right._replace(first=right.then)
        return f"({' and '.join(texts)})"

    def _named(self, node: Node) -> "_Named":
        """A part of a chain: written once, from then on it has a name."""
        code = self.code(node)
        if isinstance(node, (tree.Number, tree.Moment)):
            return _Named(code.text, code.text, sure=True)
        return _Named(*self.strict.again(settled(code)), sure=not code.tests)

    def _pair(self, operator: str, left: Node, right: Node) -> str:
        null = isinstance(right, tree.Null), isinstance(left, tree.Null)
        if operator not in ("==", "!="):
            return holds(join(f"{{}} {operator} {{}}", self.code(left), self.code(right)))
        if not any(null):
            return f"({self.value(left)} {operator} {self.value(right)})"
        code = self.code(left if null[0] else right)
        if not code.tests:
            return str(operator == "!=")
        return f"({settled(code)} {'is' if operator == '==' else 'is not'} None)"

    def _membership(self, node: tree.Membership) -> str:
        word = "not in" if node.negated else "in"
        if isinstance(node.options, tree.Path):
            code = join("{}", self.code(node.operand))
            many = self.name(node.options)
            inside = holds(Code(f"({code.text} in ({many} or ()))", code.tests))
            return f"(not {inside})" if node.negated else inside
        options = ", ".join(self.value(option) for option in node.options)
        return f"({self.value(node.operand)} {word} ({options},))"


class _Named(NamedTuple):
    """How to write a value first, and then; `sure` when it can't be None."""

    first: str
    then: str
    sure: bool


def _chained(operator: str, left: _Named, right: _Named) -> str:
    """One pair of a chain."""
    if operator in ("==", "!="):
        return f"({left.first} {operator} {right.first})"
    if left.sure and right.sure:
        return f"({left.first} {operator} {right.first})"
    tests = [f"{part.first} is not None" for part in (left, right) if not part.sure]
    one = left.first if left.sure else left.then
    other = right.first if right.sure else right.then
    return f"({' and '.join(tests)} and {one} {operator} {other})"


def _is_test(node: Node) -> bool:
    return isinstance(node, tree.Call) and node.function in (
        "contains",
        "starts_with",
        "all",
        "any",
    )


def _moment(value: date | time | datetime) -> str:
    if isinstance(value, datetime):
        parts = (value.year, value.month, value.day, value.hour, value.minute, value.second)
        return f"DATETIME({', '.join(map(str, parts))}, {value.microsecond}, UTC)"
    if isinstance(value, time):
        return f"TIME({value.hour}, {value.minute}, {value.second}, {value.microsecond})"
    return f"DATE({value.year}, {value.month}, {value.day})"


def _whole(node: Node) -> int | None:
    """A constant number of places."""
    if isinstance(node, tree.Unary) and isinstance(node.operand, tree.Number):
        return -int(node.operand.value)
    return int(node.value) if isinstance(node, tree.Number) else None


def _may_be_minus_zero(node: Node) -> bool:
    """Tell whether a product or quotient stands outside every rounding: 0 * -1 is -0."""
    if type_of(node).kind != "number":
        return False
    if isinstance(node, tree.Binary):
        if node.operator == "*":
            return True
        return node.operator != "/" and (
            _may_be_minus_zero(node.left) or _may_be_minus_zero(node.right)
        )
    if isinstance(node, tree.Unary):
        return _may_be_minus_zero(node.operand)
    if isinstance(node, tree.Call) and node.function in ("if", "coalesce", "min", "max"):
        return any(_may_be_minus_zero(part) for part in node.arguments)
    return False
