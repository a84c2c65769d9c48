"""RowRule: which rows, as a piece of SQL over one alias, with slots filled from the context."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dougong.fields.field_type import Dialect
from dougong.formulas.sql_pieces import Piece, Slot
from dougong.foundation.context import Context


@dataclass(frozen=True, slots=True)
class RowRule:
    """A condition over an alias (`t` unless asked otherwise).

    `params` are values and `Slot`s in the order of the placeholders in `text`; no text of a request
    ever stands in `text`.
    """

    text: str
    params: tuple[Any, ...]
    dialect: Dialect

    def fill(self, context: Context, this: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        """Return the parameters to bind; `this` holds the values of `this.…` slots by path."""
        return fill(self.params, context, self.dialect, this)


NOBODY = "1 = 0"


def any_of(pieces: Iterable[Piece]) -> Piece | None:
    """Join by OR, each piece once; None when there is none."""
    return _joined(pieces, " OR ")


def all_of(pieces: Iterable[Piece]) -> Piece | None:
    """Join by AND, each piece once; None when there is none."""
    return _joined(pieces, " AND ")


def _joined(pieces: Iterable[Piece], word: str) -> Piece | None:
    distinct = list({(piece.text, piece.params): piece for piece in pieces}.values())
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    text = word.join(f"({piece.text})" for piece in distinct)
    return Piece(text, tuple(param for piece in distinct for param in piece.params))


def fill(
    params: Iterable[Any],
    context: Context,
    dialect: Dialect,
    this: Mapping[str, Any] | None = None,
) -> tuple[Any, ...]:
    """Replace the slots among `params` by values of the context (and of `this`)."""
    return tuple(
        _slot_value(param, context, dialect, this) if isinstance(param, Slot) else param
        for param in params
    )


_FROM_CONTEXT: Mapping[str, Callable[[Context], Any]] = {
    "user": lambda context: context.user,
    "company": lambda context: context.company or None,
    "user.company": lambda context: context.company or None,
    "user.companies": lambda context: context.companies,
    "user.roles": lambda context: sorted(context.roles),
    "user.login": lambda context: context.login,
    "today": lambda context: context.today,
    "now": lambda context: context.now,
}


def _slot_value(
    slot: Slot, context: Context, dialect: Dialect, this: Mapping[str, Any] | None
) -> Any:
    if slot.name.startswith("this."):
        value = (this or {}).get(slot.name.removeprefix("this."))
    elif slot.name in _FROM_CONTEXT:
        value = _FROM_CONTEXT[slot.name](context)
    else:
        value = dict(context.attributes).get(slot.name.removeprefix("user."))
    return slot.bind(value, dialect)
