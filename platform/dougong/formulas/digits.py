"""How long a number can get: the decimals and digits of each operation's result.

A number's `scale` bounds its decimals, `digits` all its digits; so `digits - scale` stand before
the point. Every rule here is an upper bound that holds for every value; a formula that could pass
`MOST_DIGITS` is refused, which is what lets arithmetic be exact on every engine.
"""

from decimal import Decimal

from dougong.formulas.tree import Type

MOST_DIGITS = 100
DIVISION_SCALE = 10
ROUND_LOWEST, ROUND_HIGHEST = -6, 10
LINES_DIGITS = 6
"""A sum is taken to be of at most a million lines."""

WHOLE = Type("number", scale=0, digits=18)


def number(before: int, scale: int) -> Type:
    """A number with so many digits before the point and so many decimals."""
    return Type("number", scale=scale, digits=before + scale)


def before(type_: Type) -> int:
    """How many digits can stand before the point."""
    return type_.digits - type_.scale


def of_constant(value: Decimal) -> Type:
    """The type of a constant: exactly as long as it is written."""
    exponent = value.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return number(max(1, value.adjusted() + 1), scale)


def plus(left: Type, right: Type) -> Type:
    """Of a sum or difference."""
    return number(max(before(left), before(right)) + 1, max(left.scale, right.scale))


def times(left: Type, right: Type) -> Type:
    """Of a product."""
    return number(before(left) + before(right), left.scale + right.scale)


def over(left: Type, right: Type) -> Type:
    """Of a quotient: ten decimals; the divisor is at least its smallest step."""
    return number(before(left) + right.scale + 1, DIVISION_SCALE)


def rounded(of: Type, places: int | None) -> Type:
    """Of a number rounded to so many decimals, None when a path says how many."""
    kept = ROUND_HIGHEST if places is None else max(places, 0)
    return number(max(before(of), -min(places or 0, 0)) + 1, min(of.scale, kept))


def stepped(of: Type, step: Type) -> Type:
    """Of the smallest multiple of a step."""
    return number(max(before(of), before(step)) + 1, step.scale)


def wider(left: Type, right: Type) -> Type:
    """Of one or the other."""
    return number(max(before(left), before(right)), max(left.scale, right.scale))


def total(of: Type) -> Type:
    """Of a sum over lines."""
    return number(before(of) + LINES_DIGITS, of.scale)


def average(of: Type) -> Type:
    """Of a mean over lines, which is a quotient."""
    return number(before(of) + 1, DIVISION_SCALE)
