"""The contract every field type fulfils."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from dougong.foundation.errors import ProblemKind

Dialect = Literal["sqlite", "postgresql"]
Kind = Literal[
    "text", "number", "boolean", "date", "time", "datetime", "link", "links", "json", "entity"
]
DIGITS = 18
"""The most digits a number may have, before and after the point together (runtime.md §4)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a type must know of one field: the declared `type` and the keys that bend it.

    `length` bounds text (characters), `scale` is the number of decimals, `options` the codes of a
    choice, `keys` what is stored for them in the same order (the codes themselves when empty),
    `targets` the entities a link may point to.
    """

    type: str
    length: int | None = None
    scale: int | None = None
    options: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    syntax: str = ""
    keys: tuple[str, ...] = ()


class BadValue(Exception):  # noqa: N818 -- an answer
    """A value does not fit its field; carries the kind of problem and what fills its sentence."""

    def __init__(self, kind: ProblemKind, **values: Any) -> None:
        self.kind = kind
        self.values: Mapping[str, Any] = values
        super().__init__(kind.code)


class FieldType:
    """One field type: its column, checks, JSON form and text form.

    Values in memory are plain Python values, `None` when empty: text `str`, number `Decimal`
    (integer: `int`), boolean `bool`, date `datetime.date`, time `datetime.time`, datetime an aware
    UTC `datetime`, link `int` (a record's id), links `tuple[int, ...]`, json whatever JSON holds.

    The `…_source` methods write one Python expression over the expression `value` (a name or an
    attribute, evaluated more than once); the code generated per entity is made of them. They are
    None-safe unless `required`. Names they may use are those of `fields.source_names.NAMES`.
    """

    name: str = ""
    kind: Kind = "text"
    stored: bool = True
    widget: str = "text"
    align_right: bool = False
    operators: frozenset[str] = frozenset({"==", "!=", "in", "not in", "empty"})

    def accept(self, value: Any, shape: Shape) -> Any:
        """Turn a value from JSON or from a typed text into the value in memory.

        Raises BadValue. Empty text counts as `None`. Texts are read exactly; the shorthand of the
        screens (`+7`, `=12*3`) is the screen's business.
        """
        raise NotImplementedError(self.name)

    def annotation(self, shape: Shape) -> Any:
        """Return the type that msgspec decodes JSON into (without the `| None`)."""
        raise NotImplementedError(self.name)

    def accept_source(self, value: str, shape: Shape) -> str:
        """Expression: what msgspec decoded (never None) to the value in memory, as `accept` does.

        It may raise BadValue, ValueError or ArithmeticError; the caller then asks `accept` why.
        """
        raise NotImplementedError(self.name)

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Return the column's type; numbers are scaled INTEGER on SQLite, numeric on PostgreSQL."""
        raise NotImplementedError(self.name)

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Expression: value in memory to what the driver binds."""
        raise NotImplementedError(self.name)

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Expression: what the driver returned to the value in memory."""
        raise NotImplementedError(self.name)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Expression: what the driver returned to what JSON carries (decimals and ids as text)."""
        raise NotImplementedError(self.name)

    def settle(self, value: Any, shape: Shape) -> Any:
        """Turn what a formula gave (not None) into the value in memory; nothing is rounded.

        Raises BadValue when it does not fit.
        """
        return self.accept(value, shape)

    def settle_source(self, value: str, shape: Shape) -> str:
        """Expression that does what `settle` does, or "" when there is none faster than a call."""
        return ""

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """Expression: the value in memory to what JSON carries, as `wire` does."""
        raise NotImplementedError(self.name)

    def wire(self, value: Any, shape: Shape) -> Any:
        """Turn a value in memory into what JSON carries."""
        raise NotImplementedError(self.name)

    def text(self, value: Any, shape: Shape) -> str:
        """Turn a value in memory into the text of a file (export); `accept` reads it back."""
        wired = self.wire(value, shape)
        return "" if wired is None else str(wired)

    def is_empty(self, value: Any) -> bool:
        """Tell whether a value in memory counts as empty (for `required`)."""
        return value is None

    def schema(self, shape: Shape) -> dict[str, Any]:
        """Return the JSON Schema of the value in JSON, without null."""
        raise NotImplementedError(self.name)


def guarded(value: str, expression: str, *, required: bool) -> str:
    """Write an expression that gives None for None unless the value is required."""
    if required or expression == value:
        return expression
    return f"(None if {value} is None else {expression})"
