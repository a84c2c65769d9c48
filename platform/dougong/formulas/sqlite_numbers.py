"""Exact numbers for SQLite, which has only 64-bit integers and silently turns longer ones to floats.

A number is an integer scaled by its decimals. Where 63 bits can't be proved to do, the whole
expression becomes a *program*: a JSON list that stands in the SQL as a parameter and is run by the
registered function `dougong_formula(program, arguments…)`, once compiled to integer Python.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from dougong.formulas import exact
from dougong.formulas.strict import Code, Strict, holds, join, settled

LONGEST = 2**63 - 1

Program = list[Any]
"""`[operator, part, …]`: parts are programs or small integers; `["a", 0]` is the first argument,
`["c", "12"]` a constant."""


def cut(number: int, power: int) -> int:
    """Divide by a power of ten, half away from zero."""
    whole, rest = divmod(abs(number), power)
    if rest * 2 >= power:
        whole += 1
    return -whole if number < 0 else whole


def divide(left: int, right: int, shift: int) -> int | None:
    """Divide left * 10^shift by right, half away from zero; by zero gives None."""
    if not right:
        return None
    left *= 10 ** max(shift, 0)
    right *= 10 ** max(-shift, 0)
    whole = (2 * abs(left) + abs(right)) // (2 * abs(right))
    return -whole if (left < 0) != (right < 0) else whole


def cut_at(number: int, places: int, scale: int, kept: int, how: str) -> int:
    """Round a number of `scale` to `places` decimals known at run time; the result has `kept`."""
    places = min(exact.HIGHEST, max(exact.LOWEST, places))
    if places >= scale:
        return number
    power = 10 ** (scale - places)
    if how == "round":
        whole = cut(number, power)
    else:
        whole = number // power if how == "floor" else -(-number // power)
    return whole * int(10 ** (kept - places))


def ceil_to(number: int, step: int, result: int) -> int | None:
    """Return how many steps reach the number, times `result`; None unless step > 0."""
    return -(-number // step) * result if step > 0 else None


_NAMES: dict[str, Any] = {
    "cut": cut, "divide": divide, "cut_at": cut_at, "ceil_to": ceil_to,
    "first": exact.first, "least": exact.least, "greatest": exact.greatest,
}  # fmt: skip
_COMPARE = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class _Programmer:
    """Writes one program as a Python expression over the tuple `a` of arguments."""

    def __init__(self) -> None:
        self.strict = Strict()

    def code(self, program: Program) -> Code:
        operator, *parts = program
        match operator:
            case "a":
                return self.strict.maybe(f"whole(a[{int(parts[0])}])")
            case "c":
                return Code(str(int(parts[0])))
            case "null":
                return Code("None", ("None",))
            case "+" | "-" | "*":
                return join(f"({{}} {operator} {{}})", *map(self.code, parts))
            case "neg" | "abs":
                return join("abs({})" if operator == "abs" else "(- {})", self.code(parts[0]))
            case "up":
                return join(f"({{}} * {10 ** int(parts[1])})", self.code(parts[0]))
            case "/":
                divided = join(f"divide({{}}, {{}}, {int(parts[2])})", *map(self.code, parts[:2]))
                return self.maybe(divided)
            case "ceil_to":
                return self.maybe(join("ceil_to({}, {}, {})", *map(self.code, parts)))
            case "round" | "floor" | "ceil":
                return self._cut(operator, *parts)
            case "cut_at":
                number, places, scale, kept, how = parts
                form = f"cut_at({{}}, {{}}, {int(scale)}, {int(kept)}, {_HOW[how]!r})"
                return join(form, self.code(number), self.code(places))
            case "if":
                condition, one, other = parts
                one_text, other_text = (settled(self.code(part)) for part in (one, other))
                return self.maybe(
                    Code(f"({one_text} if {self.condition(condition)} else {other_text})")
                )
            case "coalesce" | "min" | "max":
                return self.maybe(Code(self._several(operator, parts)))
            case _:
                raise ValueError(f"no operator of a program: {operator!r}")

    def maybe(self, code: Code) -> Code:
        return self.strict.maybe(settled(code))

    def condition(self, program: Program) -> str:
        operator, *parts = program
        if operator == "a":
            return f"a[{int(parts[0])}]"
        if operator == "in":
            value, *options = (settled(self.code(part)) for part in parts)
            return f"({value} in ({', '.join(options)},))"
        one, other = map(self.code, parts)
        if operator in ("==", "!="):
            return f"({settled(one)} {_COMPARE[operator]} {settled(other)})"
        return holds(join(f"{{}} {_COMPARE[operator]} {{}}", one, other))

    def _cut(self, operator: str, part: Program, drop: int, up: int) -> Code:
        """Cut off `drop` decimals, then append `up` zeros."""
        form = {
            "round": f"cut({{}}, {10**drop})",
            "floor": f"({{}} // {10**drop})",
            "ceil": f"(-(- {{}} // {10**drop}))",
        }[operator]
        return join(f"({form} * {10**up})" if up else form, self.code(part))

    def _several(self, operator: str, parts: list[Program]) -> str:
        name = {"coalesce": "first", "min": "least", "max": "greatest"}[operator]
        return f"{name}(({', '.join(settled(self.code(part)) for part in parts)},))"


_HOW = {"round": "round", "floor": "floor", "ceil": "ceil"}
_DIGITS = re.compile(r"-?[0-9]+")


def _whole(value: Any) -> int | None:
    """An argument as SQLite gives it: an integer, or a longer one as text."""
    if value is None or type(value) is int:
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    raise TypeError(f"no whole number: {value!r}")


@lru_cache(maxsize=4096)
def _compiled(program: str) -> Callable[[tuple[Any, ...]], Any]:
    """Compile a program; only what `_Programmer` knows can come out."""
    read = json.loads(program)
    programmer = _Programmer()
    is_condition = read[0] in _COMPARE or read[0] == "in"
    source = programmer.condition(read) if is_condition else settled(programmer.code(read))
    names: dict[str, Any] = {**_NAMES, "whole": _whole, "__builtins__": {"abs": abs}}
    run: Callable[[tuple[Any, ...]], Any] = eval(f"lambda a: {source}", names)  # noqa: S307
    return run


def formula(program: str, *arguments: Any) -> int | str | None:
    """Run a program; a result beyond 63 bits comes as text."""
    result = _compiled(program)(arguments)
    return fitting(None if result is None else int(result))


def formula_of_lists(program: str, *lists: str) -> int | str | None:
    """Run a program with more arguments than a function may have, in JSON lists."""
    return formula(program, *(argument for each in lists for argument in json.loads(each)))


def fitting(number: int | None) -> int | str | None:
    """Return the number, as text where SQLite could not hold it."""
    return number if number is None or -LONGEST <= number <= LONGEST else str(number)


def _of_json(pick: Callable[[list[int]], int | None]) -> Callable[[str], int | str | None]:
    def run(values: str) -> int | str | None:
        known = [_whole(value) for value in json.loads(values)]
        return fitting(pick([value for value in known if value is not None]))

    return run


def _day(function: Callable[..., date | None]) -> Callable[..., str | None]:
    def run(day: str | None, *amount: Any) -> str | None:
        if day is None or None in amount:
            return None
        found = function(date.fromisoformat(day), *map(_whole, amount))
        return None if found is None else found.isoformat()

    return run


def _less_days(day: date, days: int) -> date | None:
    return exact.add_days(day, -days)


def _less_months(day: date, months: int) -> date | None:
    return exact.add_months(day, -months)


def sqlite_functions() -> list[tuple[str, int, Callable[..., Any]]]:
    """Return (name, number of arguments or -1, callable) to register as deterministic functions."""
    return [
        ("dougong_formula", -1, formula),
        ("dougong_formula_of_lists", -1, formula_of_lists),
        ("dougong_min", -1, lambda *values: exact.least(values)),
        ("dougong_max", -1, lambda *values: exact.greatest(values)),
        ("dougong_sum", 1, _of_json(sum)),
        ("dougong_least", 1, _of_json(lambda values: min(values, default=None))),
        ("dougong_greatest", 1, _of_json(lambda values: max(values, default=None))),
        ("dougong_add_days", 2, _day(exact.add_days)),
        ("dougong_less_days", 2, _day(_less_days)),
        ("dougong_add_months", 2, _day(exact.add_months)),
        ("dougong_less_months", 2, _day(_less_months)),
        ("dougong_quarter", 1, _day(exact.quarter)),
        ("dougong_week", 1, _day(exact.week)),
        ("dougong_month_end", 1, _day(exact.month_end)),
    ]
