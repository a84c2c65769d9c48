"""Exact arithmetic, half away from zero, and civil days: what formulas mean in Python.

`to_python` writes these names into generated code; `sqlite_numbers` calls the same functions from
SQL. Numbers are Decimal or int. 120 digits of precision hold every result that checking lets pass
(100 digits), and the trap on Inexact makes sure of it.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import (
    ROUND_05UP,
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from typing import Any

Number = Decimal | int

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
EXACT = Context(prec=120, rounding=ROUND_HALF_UP, traps=[*_TRAPS, Inexact])
_DIVIDE = Context(prec=120, rounding=ROUND_05UP, traps=_TRAPS)
NEAREST = Context(prec=120, rounding=ROUND_HALF_UP, traps=_TRAPS)
DOWN = Context(prec=120, rounding=ROUND_FLOOR, traps=_TRAPS)
UP = Context(prec=120, rounding=ROUND_CEILING, traps=_TRAPS)

LOWEST, HIGHEST = -6, 10
STEPS = {places: Decimal(1).scaleb(-places) for places in range(LOWEST, HIGHEST + 1)}
ZERO = Decimal(0)
TENTH = STEPS[10]
ZEROS = {places: Decimal(0).scaleb(-max(places, 0)) for places in STEPS}

_add, _multiply, _divide = EXACT.add, EXACT.multiply, _DIVIDE.divide
_nearest = NEAREST.quantize


def divide(left: Number, right: Number) -> Decimal | None:
    """Divide to ten decimals, rounded once, half away from zero; by zero gives None.

    ROUND_05UP keeps a trace of what was cut off in the last digit, so that the second step can't
    round what the first one rounded.
    """
    if not right:
        return None
    return _nearest(_divide(left, right), TENTH) or ZEROS[10]


def _rounder(context: Context) -> Callable[[Number, int], Decimal]:
    quantize = context.quantize

    def rounded(number: Number, places: int) -> Decimal:
        places = min(HIGHEST, max(LOWEST, int(places)))
        shown = quantize(number, STEPS[places])
        return _add(shown, ZEROS[places])  # no minus zero, and no exponent above 0

    return rounded


round_to = _rounder(NEAREST)
floor_to = _rounder(DOWN)
ceil_to_places = _rounder(UP)


def ceil_to(number: Number, step: Number) -> Decimal | None:
    """Return the smallest multiple of `step` that is at least `number`; None unless step > 0."""
    if step <= 0:
        return None
    remainder = EXACT.remainder(number, step)
    whole = EXACT.subtract(number, remainder)
    if remainder > 0:
        whole = _add(whole, step)
    return _add(whole, ZERO)


def total(numbers: Iterable[Number | None]) -> Decimal:
    """Add what is not None; nothing gives 0."""
    whole = ZERO
    for number in numbers:
        if number:
            whole = _add(whole, number)
    return whole


def mean(numbers: Iterable[Number | None]) -> Decimal | None:
    """Divide the sum of what is not None by its number; nothing gives None."""
    known = [number for number in numbers if number is not None]
    return divide(total(known), len(known))


def first(values: Iterable[Any]) -> Any:
    """Return the first that is not None; None of nothing."""
    return next((value for value in values if value is not None), None)


def least(values: Iterable[Any]) -> Any:
    """Return the smallest of what is not None; None of nothing."""
    return min((value for value in values if value is not None), default=None)


def greatest(values: Iterable[Any]) -> Any:
    """Return the greatest of what is not None; None of nothing."""
    return max((value for value in values if value is not None), default=None)


# --- civil days; what falls out of the years 1 to 9999 is None ----------------------------------


def add_days(day: date, days: Number) -> date | None:
    """Return the day so many days later."""
    try:
        return day + timedelta(int(days))
    except OverflowError:
        return None


def add_months(day: date, months: Number) -> date | None:
    """Return the day so many months later, at most the last day of its month."""
    year, month = divmod(day.year * 12 + day.month - 1 + int(months), 12)
    if not date.min.year <= year <= date.max.year:
        return None
    return day.replace(year, month + 1, min(day.day, days_of_month(year, month + 1)))


def days_of_month(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def year(day: date) -> date:
    """Return the first day of the year."""
    return day.replace(month=1, day=1)


def quarter(day: date) -> date:
    """Return the first day of the quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def month(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def week(day: date) -> date:
    """Return the Monday of the ISO week."""
    return day - timedelta(day.weekday())


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return day.replace(day=days_of_month(day.year, day.month))
