"""Numbers: exact decimals of a declared scale and whole numbers; a float never gets in."""

from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dougong.fields import problems
from dougong.fields.field_type import DIGITS, BadValue, Dialect, FieldType, Shape, guarded

NUMBER_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "empty"})
EXACT = Context(prec=DIGITS, rounding=ROUND_HALF_UP, traps=[Inexact, InvalidOperation])
"""Fits a number into 18 digits at a scale, or raises: `EXACT.quantize(x, QUANTA[2])`."""
ROUNDED = Context(prec=DIGITS, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
"""Rounds half away from zero and fits into 18 digits in one step, or raises."""
QUANTA = tuple(Decimal(1).scaleb(-scale) for scale in range(11))
POWERS = tuple(Decimal(10) ** scale for scale in range(11))
ZEROS = tuple(Decimal(0).scaleb(-scale) for scale in range(11))
SAFE = 2**53 - 1
"""The largest whole number a JavaScript reader keeps exactly."""


def read_number(value: Any) -> Decimal:
    """Read an exact number from text, int or Decimal. Raises BadValue, for a float in particular."""
    if isinstance(value, bool):
        raise BadValue(problems.NOT_NUMBER)
    if isinstance(value, float):
        raise BadValue(problems.FLOAT)
    if not isinstance(value, (str, int, Decimal)):
        raise BadValue(problems.NOT_NUMBER)
    if isinstance(value, str) and (len(value) > 100 or "_" in value):
        raise BadValue(problems.NOT_NUMBER)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadValue(problems.NOT_NUMBER) from None
    if not number.is_finite():
        raise BadValue(problems.NOT_NUMBER)
    return number


def fit_number(number: Decimal, scale: int) -> Decimal:
    """Return the number at exactly `scale` decimals. Raises BadValue; nothing is ever rounded."""
    try:
        fitted = EXACT.quantize(number, QUANTA[scale])
    except Inexact:
        raise BadValue(problems.TOO_MANY_DECIMALS, scale=scale) from None
    except InvalidOperation:
        if number.adjusted() < DIGITS - scale and _decimals(number) > scale:
            raise BadValue(problems.TOO_MANY_DECIMALS, scale=scale) from None
        raise BadValue(problems.TOO_LARGE, digits=DIGITS - scale) from None
    return fitted or ZEROS[scale]


def _decimals(number: Decimal) -> int:
    exponent = number.normalize(Context(prec=200)).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def plain(value: int, scale: int) -> str:
    """Write a scaled whole number as a decimal text: `plain(-1205, 2)` is `-12.05`."""
    sign = "-" if value < 0 else ""
    if not scale:
        return str(value)
    whole, part = divmod(abs(value), 10**scale)
    return f"{sign}{whole}.{part:0{scale}d}"


class DecimalType(FieldType):
    """An exact decimal: `Decimal` at its scale, scaled INTEGER on SQLite, numeric on PostgreSQL."""

    kind = "number"
    align_right = True
    operators = NUMBER_OPERATORS

    def __init__(self, name: str, scale: int, *, widget: str = "number") -> None:
        self.name = name
        self.scale = scale
        self.widget = widget

    def scale_of(self, shape: Shape) -> int:
        """Return the decimals of this field."""
        return self.scale if shape.scale is None else shape.scale

    def accept(self, value: Any, shape: Shape) -> Decimal | None:
        """Read an exact number; `13%` is 0.13 in a percent field."""
        if value is None:
            return None
        if isinstance(value, str):
            value = value.strip()
            if not value:
                return None
            if self.name == "percent" and value.endswith("%"):
                return fit_number(read_number(value[:-1].rstrip()).scaleb(-2), self.scale_of(shape))
        return fit_number(read_number(value), self.scale_of(shape))

    def annotation(self, shape: Shape) -> Any:
        """Text or a JSON integer; msgspec itself refuses a JSON float."""
        return str | int

    def accept_source(self, value: str, shape: Shape) -> str:
        """Through a memory of the numbers read last: quantities and prices repeat."""
        scale = self.scale_of(shape)
        if self.name == "percent":
            return f"accept_number('percent', {value}, {scale})"
        return f"number_{scale}({value})"

    def settle(self, value: Any, shape: Shape) -> Decimal | None:
        """Fit a formula's number."""
        return fit_number(read_number(value), self.scale_of(shape))

    def settle_source(self, value: str, shape: Shape) -> str:
        """Fitted at once; raises ArithmeticError."""
        scale = self.scale_of(shape)
        return f"(fit({value}, Q{scale}) or Z{scale})"

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """numeric(18, scale), or INTEGER of the value times 10^scale."""
        if dialect == "postgresql":
            return postgresql.NUMERIC(DIGITS, self.scale_of(shape))
        return sa.Integer()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Scaled integer, or the Decimal itself."""
        if dialect == "postgresql":
            return value
        scale = self.scale_of(shape)
        scaled = f"int({value} * K{scale})" if scale else f"int({value})"
        return guarded(value, scaled, required=required)

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Decimal at the scale."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"D({value}) * Q{self.scale_of(shape)}", required=required)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Decimal text with all its decimals."""
        scale = self.scale_of(shape)
        if dialect == "postgresql":
            return self.json_source(value, shape, required=required)
        if not scale:
            return guarded(value, f"str({value})", required=required)
        one = 10**scale
        text = (
            f'(f"{{{value} // {one}}}.{{{value} % {one}:0{scale}d}}" '
            f"if {value} >= 0 else plain({value}, {scale}))"
        )
        return guarded(value, text, required=required)

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """Decimal text; up to six decimals `str` never writes an exponent."""
        text = f"str({value})" if self.scale_of(shape) <= 6 else f"format({value}, 'f')"
        return guarded(value, text, required=required)

    def wire(self, value: Any, shape: Shape) -> Any:
        """Decimal text with all its decimals."""
        return None if value is None else format(value, "f")

    def schema(self, shape: Shape) -> dict[str, Any]:
        """Decimal text, bounded in digits, or a whole number."""
        scale = self.scale_of(shape)
        part = rf"(\.\d{{1,{scale}}}0*)?" if scale else ""
        return {
            "anyOf": [
                {
                    "type": "string",
                    "format": "decimal",
                    "pattern": rf"^-?\d{{1,{DIGITS - scale}}}{part}$",
                },
                {"type": "integer", "minimum": -(10 ** (DIGITS - scale)) + 1,
                 "maximum": 10 ** (DIGITS - scale) - 1},
            ]
        }  # fmt: skip


class IntegerType(FieldType):
    """A whole number of at most 18 digits between `least` and `most`.

    JSON carries it as a number while every reader keeps that exactly, beyond as text.
    """

    kind = "number"
    align_right = True
    operators = NUMBER_OPERATORS

    def __init__(
        self, name: str, *, least: int = 1 - 10**DIGITS, most: int = 10**DIGITS - 1,
        widget: str = "number",
    ) -> None:  # fmt: skip
        self.name = name
        self.least = least
        self.most = most
        self.widget = widget

    def scale_of(self, shape: Shape) -> int:
        """No decimals."""
        return 0

    def _most(self, shape: Shape) -> int:
        return shape.length if self.name == "rating" and shape.length else self.most

    def accept(self, value: Any, shape: Shape) -> int | None:
        """Read a whole number."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if type(value) is int:
            whole = value
        else:
            number = read_number(value.strip() if isinstance(value, str) else value)
            if number.adjusted() > DIGITS or number != number.to_integral_value():
                raise BadValue(problems.NOT_INTEGER)
            whole = int(number)
        if not self.least <= whole <= self._most(shape):
            raise BadValue(problems.OUT_OF_RANGE, least=self.least, most=self._most(shape))
        return whole

    def annotation(self, shape: Shape) -> Any:
        """A JSON integer or text."""
        return str | int

    def accept_source(self, value: str, shape: Shape) -> str:
        """A small JSON integer is taken as it is."""
        return (
            f"{value} if {value}.__class__ is int and {self.least} <= {value} <= "
            f"{self._most(shape)} else accept_integer({self.name!r}, {value}, {shape.length!r})"
        )

    def settle_source(self, value: str, shape: Shape) -> str:
        """An int is taken as it is; another number must be whole."""
        return (
            f"({value} if {value}.__class__ is int and {self.least} <= {value} <= "
            f"{self._most(shape)} else accept_integer({self.name!r}, {value}, {shape.length!r}))"
        )

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """bigint, or INTEGER."""
        return sa.BigInteger() if dialect == "postgresql" else sa.Integer()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """As it is."""
        return value

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """As it is."""
        return value

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """A JSON number, text when it is too large for one."""
        return self.json_source(value, shape, required=required)

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """A JSON number, text when it is too large for one."""
        if self.most <= SAFE:
            return value
        return guarded(
            value, f"({value} if {-SAFE} <= {value} <= {SAFE} else str({value}))", required=required
        )

    def wire(self, value: Any, shape: Shape) -> Any:
        """A JSON number, text when it is too large for one."""
        return value if value is None or -SAFE <= value <= SAFE else str(value)

    def schema(self, shape: Shape) -> dict[str, Any]:
        """A whole number, or its text."""
        whole = {"type": "integer", "minimum": self.least, "maximum": self._most(shape)}
        return {"anyOf": [whole, {"type": "string", "pattern": r"^-?\d{1,18}$"}]}


NUMBERS: tuple[FieldType, ...] = (
    IntegerType("integer"),
    DecimalType("decimal", 6),
    DecimalType("money", 2, widget="money"),
    DecimalType("quantity", 6, widget="quantity"),
    DecimalType("price", 6, widget="money"),
    DecimalType("percent", 6, widget="percent"),
    IntegerType("duration", least=0, most=10**11, widget="duration"),
    IntegerType("rating", least=0, most=5, widget="rating"),
)
