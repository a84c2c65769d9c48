"""Formulas on SQLite: scaled integers in plain SQL where 63 bits are proved enough, else programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from dougong.formulas import tree
from dougong.formulas.digits import DIVISION_SCALE
from dougong.formulas.kinds import type_of
from dougong.formulas.sql_pieces import MOST_ARGUMENTS, Part, chunks, fill, listed, nested, scaled
from dougong.formulas.sql_writer import Asked, Writer, coalesce
from dougong.formulas.sqlite_numbers import LONGEST, Program
from dougong.formulas.tree import Node, Type

STORED = 10**18 - 1
"""No stored number is longer, scaled (runtime.md §4)."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A number under way, scaled by `scale`: as a program, and as plain SQL where its size and that
    of all its parts, at most `bound`, fits 63 bits.
    """

    program: Program
    scale: int
    bound: int
    null: bool
    plain: Part | None


class SqliteWriter(Writer):
    """Numbers are written twice, as plain SQL and as a program; where they end it is chosen."""

    dialect = "sqlite"
    mark = "?"
    true, false = "1", "0"

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._leaves: dict[int, Part] = {}
        self._numbers = count()

    def cast(self, type_: Type) -> str:
        """SQLite's values carry their types."""
        return ""

    # --- the two ways to write a number ---------------------------------------------------------

    def number(self, node: Node) -> Part:
        """Write a number scaled by its type."""
        return self.number_at(node, type_of(node).scale)

    def number_at(self, node: Node, scale: int) -> Part:
        """Write a number scaled by `scale`."""
        number = self.scaled(node)
        if number.scale > scale:
            raise ValueError(f"a number of {number.scale} decimals can't be kept with {scale}")
        return self.ended(self._up(number, scale))

    def ended(self, number: Scaled) -> Part:
        """Write a number as plain SQL if it has that form, else as a program."""
        if number.plain is not None:
            return replace(number.plain, null=number.null)
        if number.program[0] == "a":
            return replace(self._leaves[number.program[1]], null=number.null)
        return self._call(number.program, null=number.null)

    def _call(self, program: Program, *, null: bool) -> Part:
        """Write the call that runs a program, with its leaves as arguments."""
        order: dict[int, int] = {}
        placed = _place(program, order)
        text = json.dumps(placed, separators=(",", ":"))
        leaves = [self._leaves[leaf] for leaf in order]
        run = Part("?", (text,), null=False)
        if len(leaves) <= MOST_ARGUMENTS:
            return fill("dougong_formula({})", listed([run, *leaves]), null=null)
        lists = [fill("json_array({})", listed(chunk)) for chunk in chunks(leaves)]
        return fill("dougong_formula_of_lists({})", listed([run, *lists]), null=null)

    def _leaf(self, part: Part) -> Program:
        number = next(self._numbers)
        self._leaves[number] = part
        return ["a", number]

    def leaf(self, part: Part, scale: int, bound: int = STORED) -> Scaled:
        """A number that stands in SQL already."""
        return Scaled(self._leaf(part), scale, bound, part.null, part)

    def _up(self, number: Scaled, scale: int) -> Scaled:
        """Scale a number further; a constant by itself."""
        more = scale - number.scale
        if more == 0:
            return number
        bound = number.bound * 10**more
        if number.program[0] == "c":
            return _constant(int(number.program[1]) * 10**more, scale)
        plain = None
        if number.plain is not None and bound <= LONGEST:
            plain = fill(f"({{}} * {10**more})", number.plain)
        return Scaled(["up", number.program, more], scale, bound, number.null, plain)

    def _together(self, *numbers: Scaled) -> list[Scaled]:
        scale = max(number.scale for number in numbers)
        return [self._up(number, scale) for number in numbers]

    # --- nodes ----------------------------------------------------------------------------------

    def scaled(self, node: Node) -> Scaled:
        """Write a number both ways."""
        match node:
            case tree.Number():
                scale = type_of(node).scale
                return _constant(scaled(node.value, scale), scale)
            case tree.Null():
                return Scaled(["null"], 0, 0, null=True, plain=Part("null"))
            case tree.Path():
                part = self.path(node)
                return self.leaf(part, self._scale_of(node))
            case tree.Unary():
                of = self.scaled(node.operand)
                plain = of.plain and fill("(- {})", of.plain)
                return Scaled(["neg", of.program], of.scale, of.bound, of.null, plain)
            case tree.Binary():
                return self._arithmetic(node)
            case tree.Call():
                return self._number_call(node)
            case _:
                raise TypeError(f"no number: {node!r}")

    def _scale_of(self, path: tree.Path) -> int:
        if path.root in ("record", "line", "header", "rows", "measure", "argument", "entry"):
            return self.asked.column(path).scale
        return (path.type or Type("number")).scale

    def _arithmetic(self, node: tree.Binary) -> Scaled:
        if type_of(node.left).kind == "date":
            days = fill(
                "cast(julianday({}) - julianday({}) as integer)",
                self.value(node.left), self.value(node.right),
            )  # fmt: skip
            return self.leaf(days, 0, 10**7)
        left, right = self.scaled(node.left), self.scaled(node.right)
        if node.operator == "/":
            shift = DIVISION_SCALE + right.scale - left.scale
            bound = (left.bound + 1) * 10 ** max(shift, 0)
            null = left.null or right.null or right.program[0] != "c" or right.bound == 0
            return Scaled(
                ["/", left.program, right.program, shift], DIVISION_SCALE, bound, null, None
            )
        if node.operator == "*":
            scale, bound = left.scale + right.scale, left.bound * right.bound
        else:
            left, right = self._together(left, right)
            scale, bound = left.scale, left.bound + right.bound
        return Scaled(
            [node.operator, left.program, right.program], scale, bound, left.null or right.null,
            _plain(f"({{}} {node.operator} {{}})", bound, left, right),
        )  # fmt: skip

    def _number_call(self, call: tree.Call) -> Scaled:
        match call.function:
            case "abs":
                of = self.scaled(call.arguments[0])
                plain = _plain("abs({})", of.bound, of)
                return Scaled(["abs", of.program], of.scale, of.bound, of.null, plain)
            case "round" | "floor" | "ceil":
                return self._rounded(call)
            case "ceil_to":
                return self._stepped(call)
            case "if" | "coalesce" | "min" | "max":
                return self._chosen(call)
            case "sum" | "least" | "greatest":
                return self._over_lines(call)
            case "count":
                return self.leaf(self.over_lines(call, Part("*")), 0, 10**12)
            case "avg":
                return self._mean(call)
            case _:
                day = self.value(call.arguments[0])
                return self.leaf(self.day_part(call.function, day), 0, 9999)

    def _rounded(self, call: tree.Call) -> Scaled:
        of, places = self.scaled(call.arguments[0]), self.scaled(call.arguments[1])
        null = of.null or places.null
        bound = of.bound * 10 + 10**7
        constant = _whole(places.program)
        if constant is None:
            kept = min(of.scale, DIVISION_SCALE)
            program = ["cut_at", of.program, places.program, of.scale, kept, call.function]
            return Scaled(program, kept, bound, null, None)
        if constant >= of.scale:
            return of
        up = max(-constant, 0)
        program = [call.function, of.program, of.scale - constant, up]
        return Scaled(program, max(constant, 0), bound, null, None)

    def _stepped(self, call: tree.Call) -> Scaled:
        number, step = (self.scaled(part) for part in call.arguments)
        one, other = self._together(number, step)
        bound = (one.bound + other.bound) * 2
        program = ["ceil_to", one.program, other.program, step.program]
        return Scaled(program, step.scale, bound, null=True, plain=None)

    def _chosen(self, call: tree.Call) -> Scaled:
        first = 1 if call.function == "if" else 0
        parts = self._together(*(self.scaled(part) for part in call.arguments[first:]))
        bound = max(part.bound for part in parts)
        plains = [part.plain for part in parts if part.plain is not None]
        if len(plains) < len(parts):
            plains = []
        null = (
            all(part.null for part in parts)
            if call.function != "if"
            else any(part.null for part in parts)
        )
        programs = [part.program for part in parts]
        plain: Part | None
        if call.function == "if":
            condition = self.condition(call.arguments[0], loose=True)
            programs.insert(0, self._leaf(condition))
            plain = self.case(condition, *plains) if plains else None
        elif call.function == "coalesce":
            plain = coalesce(plains) if plains else None
        else:
            plain = self.extreme(call.function, plains) if plains else None
        return Scaled([call.function, *programs], parts[0].scale, bound, null, plain)

    def _over_lines(self, call: tree.Call) -> Scaled:
        of = self.scaled(call.arguments[0])
        if of.plain is not None:
            return self.leaf(self.over_lines(call, self.ended(of)), of.scale, LONGEST)
        name = f"dougong_{call.function}"
        values = fill(f"{name}(json_group_array({{}}))", self.ended(of))
        found = self.select(call, values, null=call.function != "sum")
        return Scaled(self._leaf(found), of.scale, of.bound * 10**6, found.null, None)

    def _mean(self, call: tree.Call) -> Scaled:
        of = call.arguments[0]
        total = self._over_lines(replace(call, function="sum"))
        number = self.select(call, fill("count({})", self.ended(self.scaled(of))), null=False)
        shift = DIVISION_SCALE - total.scale
        program = ["/", total.program, self._leaf(number), shift]
        bound = total.bound * 10**DIVISION_SCALE
        return Scaled(program, DIVISION_SCALE, bound, null=True, plain=None)

    def compare_numbers(self, operator: str, left: Node, right: Node, *, loose: bool) -> Part:
        """Write a comparison of two numbers, brought to one scale."""
        one, other = self._together(self.scaled(left), self.scaled(right))
        if one.plain is not None and other.plain is not None:
            return self.compare(operator, self.ended(one), self.ended(other), loose=loose)
        return self._call([operator, one.program, other.program], null=False)

    def number_in(self, operand: Node, options: Sequence[Node]) -> Part:
        """`in` over numbers of one scale, or a program."""
        value, *listing = self._together(self.scaled(operand), *map(self.scaled, options))
        if all(number.plain is not None for number in (value, *listing)):
            return fill("({} in ({}))", self.ended(value), listed(map(self.ended, listing)))
        return self._call(
            ["in", value.program, *(number.program for number in listing)], null=False
        )

    # --- the rest -------------------------------------------------------------------------------

    def join(self, parts: Sequence[Part]) -> Part:
        """`||` over guarded parts: SQLite 3.40 has no `concat`."""
        texts = [fill("coalesce({}, '')", part) if part.null else part for part in parts]
        return fill("({})", listed(texts, " || "), null=False)

    def day_plus(self, day: Part, amount: Part, unit: str, sign: str) -> Part:
        """By our own functions: SQLite's modifiers don't clamp."""
        verb = "add" if sign == "+" else "less"
        return fill(f"dougong_{verb}_{unit}({{}}, {{}})", day, amount, null=True)

    def day_part(self, function: str, day: Part) -> Part:
        """From the text of the day."""
        form = {
            "year": "(substr({}, 1, 4) || '-01-01')",
            "month": "(substr({}, 1, 7) || '-01')",
            "year_no": "cast(substr({}, 1, 4) as integer)",
            "month_no": "cast(substr({}, 6, 2) as integer)",
            "weekday": "((cast(strftime('%w', {}) as integer) + 6) % 7 + 1)",
        }.get(function, f"dougong_{function}({{}})")
        return fill(form, day)

    def in_slot(self, value: Part, many: Part) -> Part:
        """In a JSON list."""
        return fill("({} in (select value from json_each({})))", value, many, null=True)

    in_column = in_slot

    def text_test(self, function: str, text: Part, part: Part) -> Part:
        """`instr`, which counts from 1."""
        form = {"contains": "(instr({}, {}) > 0)", "starts_with": "(instr({}, {}) = 1)"}
        return fill(form[function], text, part)

    def same(self, left: Part, right: Part) -> Part:
        """`is`."""
        return fill("({} is {})", left, right, null=False)

    def extreme(self, function: str, parts: Sequence[Part]) -> Part:
        """`min` and `max`; where there may be nulls, which they don't pass over, our own."""
        if not any(part.null for part in parts):
            return nested(f"{function}({{}})", parts, null=False)
        null = all(part.null for part in parts)
        return nested(f"dougong_{function}({{}})", parts, null=null)


def _constant(value: int, scale: int) -> Scaled:
    text = str(value) if value >= 0 else f"({value})"
    plain = Part(text, null=False) if abs(value) <= LONGEST else None
    return Scaled(["c", str(value)], scale, abs(value), null=False, plain=plain)


def _plain(form: str, bound: int, *numbers: Scaled) -> Part | None:
    """The plain form, when all parts have one and the result fits."""
    parts = [number.plain for number in numbers if number.plain is not None]
    return fill(form, *parts) if len(parts) == len(numbers) and bound <= LONGEST else None


def _whole(program: Program) -> int | None:
    if program[0] == "neg":
        inner = _whole(program[1])
        return None if inner is None else -inner
    return int(program[1]) if program[0] == "c" else None


def _place(program: Program, order: dict[int, int]) -> Program:
    """Number the leaves of a program in the order of its arguments."""
    if program[0] == "a":
        return ["a", order.setdefault(program[1], len(order))]
    return [_place(part, order) if isinstance(part, list) else part for part in program]
