"""Formulas on PostgreSQL: numeric arithmetic, and the functions it lacks or rounds differently."""

from collections.abc import Sequence

from dougong.formulas import tree
from dougong.formulas.kinds import type_of
from dougong.formulas.sql_pieces import Part, fill, listed, nested
from dougong.formulas.sql_writer import Writer, coalesce
from dougong.formulas.tree import Node, Type

_CASTS = {
    "number": "numeric", "text": "text", "boolean": "boolean", "date": "date", "time": "time",
    "datetime": "timestamptz", "link": "bigint", "null": "text", "users": "bigint", "json": "jsonb",
}  # fmt: skip


class PostgresWriter(Writer):
    """Numbers are numeric; whole ones are cast before arithmetic, or integers would overflow."""

    dialect = "postgresql"
    mark = "%s"
    true, false = "true", "false"

    def cast(self, type_: Type) -> str:
        """`::date`; without it a parameter's type would be guessed."""
        name = _CASTS.get(type_.kind, "text")
        return f"::{name}[]" if type_.many else f"::{name}"

    # --- numbers --------------------------------------------------------------------------------

    def number(self, node: Node) -> Part:
        """Write a number as it stands: numeric, bigint or integer."""
        match node:
            case tree.Number():
                text = f"{node.value:f}"
                return Part(f"({text})" if text.startswith("-") else text, null=False)
            case tree.Null():
                return Part("null::numeric")
            case tree.Path():
                return self.path(node)
            case tree.Unary():
                return fill("(- {})", self.numeric(node.operand))
            case tree.Binary():
                return self._arithmetic(node)
            case tree.Call():
                return self._number_call(node)
            case _:
                raise TypeError(f"no number: {node!r}")

    def number_at(self, node: Node, scale: int) -> Part:
        """Write a number; a numeric knows its own decimals."""
        return self.number(node)

    def numeric(self, node: Node) -> Part:
        """Write a number that arithmetic may be done with."""
        part = self.number(node)
        whole = type_of(node).scale == 0 and isinstance(node, (tree.Number, tree.Path, tree.Call))
        return fill("({})::numeric", part) if whole else part

    def _arithmetic(self, node: tree.Binary) -> Part:
        if type_of(node.left).kind == "date":
            return fill("({} - {})::numeric", self.value(node.left), self.value(node.right))
        left, right = self.numeric(node.left), self.numeric(node.right)
        if node.operator == "/":
            sure = isinstance(node.right, tree.Number) and node.right.value != 0
            return fill("dougong.divide({}, {})", left, right, null=None if sure else True)
        return fill(f"({{}} {node.operator} {{}})", left, right)

    def _number_call(self, call: tree.Call) -> Part:
        name = call.function
        match name:
            case "abs":
                return fill("abs({})", self.numeric(call.arguments[0]))
            case "round" | "floor" | "ceil":
                return self._rounded(call)
            case "ceil_to":
                number, step = (self.numeric(part) for part in call.arguments)
                return fill("dougong.ceil_to({}, {})", number, step, null=True)
            case "if":
                condition = self.condition(call.arguments[0], loose=True)
                one, other = (self.numeric(part) for part in call.arguments[1:])
                return self.case(condition, one, other)
            case "coalesce":
                return coalesce([self.numeric(part) for part in call.arguments])
            case "min" | "max":
                return self.extreme(name, [self.numeric(part) for part in call.arguments])
            case "sum" | "least" | "greatest":
                return self.over_lines(call, self.numeric(call.arguments[0]))
            case "count":
                return self.over_lines(call, Part("*"))
            case "avg":
                return self._mean(call)
            case _:
                return self.day_part(name, self.value(call.arguments[0]))

    def _rounded(self, call: tree.Call) -> Part:
        number = self.numeric(call.arguments[0])
        if call.function == "round":
            constant = _whole(call.arguments[1])
            if constant is not None:
                return fill(f"round({{}}, {constant})", number)
            return fill("dougong.round_to({}, {})", number, self.numeric(call.arguments[1]))
        places = self.numeric(call.arguments[1])
        return fill(f"dougong.{call.function}_to_places({{}}, {{}})", number, places)

    def _mean(self, call: tree.Call) -> Part:
        of = self.numeric(call.arguments[0])
        return self.select(call, fill("dougong.divide(sum({}), count({}))", of, of), null=True)

    def compare_numbers(self, operator: str, left: Node, right: Node, *, loose: bool) -> Part:
        """Write a comparison; columns stand bare so that an index can serve."""
        return self.compare(operator, self.number(left), self.number(right), loose=loose)

    def number_in(self, operand: Node, options: Sequence[Node]) -> Part:
        """`in`."""
        return fill("({} in ({}))", self.number(operand), listed(map(self.number, options)))

    # --- the rest -------------------------------------------------------------------------------

    def join(self, parts: Sequence[Part]) -> Part:
        """`concat`, which takes null as empty."""
        return nested("concat({})", parts, null=False)

    def day_plus(self, day: Part, amount: Part, unit: str, sign: str) -> Part:
        """Through functions that give null beyond the years 1 to 9999."""
        amount = fill("({})::numeric", amount)
        if sign == "-":
            amount = fill("- {}", amount)
        return fill(f"dougong.add_{unit}({{}}, {{}})", day, amount, null=True)

    def day_part(self, function: str, day: Part) -> Part:
        """By date_trunc and extract."""
        form = {
            "year": "date_trunc('year', ({})::timestamp)::date",
            "quarter": "date_trunc('quarter', ({})::timestamp)::date",
            "month": "date_trunc('month', ({})::timestamp)::date",
            "week": "date_trunc('week', ({})::timestamp)::date",
            "month_end": "(date_trunc('month', ({})::timestamp) + interval '1 month' - interval '1 day')::date",
            "year_no": "extract(year from {})",
            "month_no": "extract(month from {})",
            "weekday": "extract(isodow from {})",
        }[function]
        return fill(form, day)

    def in_slot(self, value: Part, many: Part) -> Part:
        """`= any(…)`."""
        return fill("({} = any({}))", value, many, null=True)

    in_column = in_slot

    def text_test(self, function: str, text: Part, part: Part) -> Part:
        """`strpos` and `starts_with`."""
        form = {"contains": "(strpos({}, {}) > 0)", "starts_with": "starts_with({}, {})"}
        return fill(form[function], text, part)

    def same(self, left: Part, right: Part) -> Part:
        """`is not distinct from`."""
        return fill("({} is not distinct from {})", left, right, null=False)

    def alike(self, left: Part, right: Part) -> Part:
        """No index serves `is not distinct from`; beside a parameter two plain tests do."""
        if self.mark not in (left.text[: len(self.mark)], right.text[: len(self.mark)]):
            return self.same(left, right)
        both = fill("({} is null and {} is null)", left, right)
        return fill("({} = {} or {})", left, right, both)

    def extreme(self, function: str, parts: Sequence[Part]) -> Part:
        """`least` and `greatest`, which pass over nulls here."""
        name = {"min": "least", "max": "greatest"}[function]
        null = all(part.null for part in parts)
        return fill(f"{name}({{}})", listed(parts), null=null)


def _whole(node: Node) -> int | None:
    if isinstance(node, tree.Unary) and isinstance(node.operand, tree.Number):
        return -int(node.operand.value)
    return int(node.value) if isinstance(node, tree.Number) else None


_DIVIDE = """create or replace function dougong.divide(a numeric, b numeric) returns numeric
language sql immutable parallel safe as $$
  select case when b = 0 then null
    else sign(a) * sign(b) * div(2 * abs(a) * 10000000000 + abs(b), 2 * abs(b)) * 0.0000000001 end
$$"""
_CEIL_TO = """create or replace function dougong.ceil_to(x numeric, step numeric) returns numeric
language sql immutable parallel safe as $$
  select case when step > 0
    then (div(x, step) + case when div(x, step) * step < x then 1 else 0 end) * step end
$$"""
_PLACES = """create or replace function dougong.{name}(x numeric, n numeric) returns numeric
language sql immutable parallel safe as $$
  select case when x is null or n is null then null
    else {body} end
$$"""
_ROUND = "round(x, greatest(-6, least(10, n))::integer)"
_CUT = (
    "{cut}(x * ('1e' || greatest(-6, least(10, n))::integer)::numeric)"
    " * ('1e' || (- greatest(-6, least(10, n)))::integer)::numeric"
)
_ADD_DAYS = """create or replace function dougong.add_days(d date, n numeric) returns date
language sql immutable parallel safe as $$
  select case when n between (date '0001-01-01' - d) and (date '9999-12-31' - d)
    then d + n::integer end
$$"""
_ADD_MONTHS = """create or replace function dougong.add_months(d date, n numeric) returns date
language sql immutable parallel safe as $$
  select case when extract(year from d) * 12 + extract(month from d) - 1 + n between 12 and 119999
    then (d::timestamp + make_interval(months => n::integer))::date end
$$"""


def postgres_functions() -> list[str]:
    """Return the statements that make schema `dougong` and its functions, usable by every role.

    They may be run again at any time, by the owner of the schema and by one connection at once.
    """
    places = {
        "round_to": _ROUND,
        "floor_to_places": _CUT.format(cut="floor"),
        "ceil_to_places": _CUT.format(cut="ceil"),
    }
    return [
        "create schema if not exists dougong",
        "grant usage on schema dougong to public",
        _DIVIDE,
        _CEIL_TO,
        *(_PLACES.format(name=name, body=body) for name, body in places.items()),
        _ADD_DAYS,
        _ADD_MONTHS,
        "grant execute on all functions in schema dougong to public",
    ]
