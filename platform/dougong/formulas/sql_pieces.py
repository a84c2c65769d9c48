"""Pieces of SQL with their parameters, and what a caller says about its columns."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from typing import Any

from dougong.fields.field_type import Dialect
from dougong.formulas.tree import Path, Type


@dataclass(frozen=True, slots=True)
class Slot:
    """A parameter that is filled later: `user`, `company`, `user.companies`, `user.roles`, `today`,
    `now`, `this.<path>`, `old.<path>`. `type` is what the formula takes it for.
    """

    name: str
    type: Type = field(default_factory=lambda: Type("null"))

    def bind(self, value: Any, dialect: Dialect) -> Any:
        """Turn the plain value of the slot into what the driver binds."""
        return bind(value, self.type, dialect)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of SQL: text with the dialect's placeholders, and their values or `Slot`s in order.

    On SQLite a number is an integer, `scale` decimals included; beyond 63 bits it is the same
    integer as text. On PostgreSQL it is a numeric or bigint and `scale` bounds its decimals.
    """

    text: str
    params: tuple[Any, ...] = ()
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """The SQL of a path: a column, or a scalar subquery along a link with its parameters.

    `scale` is the number of decimals of its scaled integer on SQLite. Say `null=False` only of what
    can't be null.
    """

    text: str
    scale: int = 0
    params: tuple[Any, ...] = ()
    null: bool = True


@dataclass(frozen=True, slots=True)
class Rows:
    """A set of lines: what follows `from` and what follows `where`. Paths of root "rows" are asked
    of `column` as columns of this source.
    """

    source: str
    where: str
    params: tuple[Any, ...] = ()


_ENOUGH = Context(prec=150)

ColumnOf = Callable[[Path], Column]
ValueOf = Callable[[Path], Any]
RowsOf = Callable[[str], Rows]
RecordOf = Callable[[str, str], Piece]


def slot(path: Path) -> Slot:
    """The slot of a path that is no column: `user.companies`, `this.customer`, `today`."""
    return Slot(".".join((str(path.root), *path.names)))


def bind(value: Any, type_: Type, dialect: Dialect) -> Any:
    """Turn a plain value into what the driver binds for a parameter of that type.

    On SQLite numbers become integers scaled by the type, dates and times text, several values JSON.
    Raises ValueError for a number with more decimals than its type.
    """
    if value is None:
        return None
    if type_.many:
        parts = [_bind_one(part, type_, dialect) for part in value]
        return json.dumps(parts) if dialect == "sqlite" else parts
    return _bind_one(value, type_, dialect)


def _bind_one(value: Any, type_: Type, dialect: Dialect) -> Any:
    if dialect == "postgresql":
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (Decimal, int)) and type_.kind == "number":
        return scaled(Decimal(value), type_.scale)
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None)
        return f"{naive.isoformat(timespec='microseconds')}Z"
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value


def scaled(value: Decimal, scale: int) -> int:
    """Return value * 10^scale. Raises ValueError when that is not whole."""
    moved = value.scaleb(scale, _ENOUGH)
    number = int(moved)
    if number != moved:
        raise ValueError(f"{value} has more than {scale} decimals")
    return number


@dataclass(frozen=True, slots=True)
class Part:
    """A piece under way: `null` tells whether it can be null."""

    text: str
    params: tuple[Any, ...] = ()
    null: bool = True


def fill(form: str, *parts: Part, null: bool | None = None) -> Part:
    """Fill `{}`s with parts, in order; null where one of them can be, unless said."""
    text = form.format(*(part.text for part in parts))
    params = tuple(param for part in parts for param in part.params)
    return Part(text, params, any(part.null for part in parts) if null is None else null)


def listed(parts: Iterable[Part], between: str = ", ") -> Part:
    """Set parts side by side."""
    parts = tuple(parts)
    return fill(between.join("{}" for _ in parts), *parts)


MOST_ARGUMENTS = 90
"""Databases take at most 100 or 127 arguments."""


def chunks(parts: Iterable[Part]) -> list[list[Part]]:
    """Cut parts into lists that a function can take."""
    known = list(parts)
    return [known[n : n + MOST_ARGUMENTS] for n in range(0, len(known), MOST_ARGUMENTS)]


def nested(form: str, parts: Iterable[Part], *, null: bool | None = None) -> Part:
    """Call a function that may be applied to its own results on any number of parts."""
    done = [fill(form, listed(chunk), null=null) for chunk in chunks(parts)]
    return done[0] if len(done) == 1 else nested(form, done, null=null)
