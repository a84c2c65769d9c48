"""RowRule: which rows, as a piece of SQL over one alias, with slots filled from the context."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dougong.access import columns
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity
from dougong.fields.field_type import Dialect
from dougong.formulas import to_sql
from dougong.formulas.to_sql import Piece, Slot
from dougong.formulas.tree import Formula, Path
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


def compile_rule(
    catalog: Catalog, entity: Entity, formula: Formula, dialect: Dialect, alias: str
) -> Piece:
    """Compile a row condition. It is the rule-maker's own and sees the true data: the rows its paths
    pass through are not narrowed by what the reader may see (a rule would mean something else for
    every reader, and two rules could wait for each other)."""

    def column(path: Path) -> to_sql.Column:
        return columns.column(catalog, entity, path, dialect, alias)

    def lines(name: str, inner: str) -> str:
        return columns.lines_source(entity, name, alias, inner)

    return columns.compiled(formula, dialect, column, slot_of, lines)


def slot_of(path: Path) -> Slot:
    """Return the slot of a path that is rooted outside the record: `user`, `user.companies`, …"""
    return Slot(".".join((path.root or "user", *path.names)))


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
        _slot_value(param.name, context, dialect, this) if isinstance(param, Slot) else param
        for param in params
    )


_FROM_CONTEXT: Mapping[str, Callable[[Context], Any]] = {
    "user": lambda context: context.user or None,
    "company": lambda context: context.company or None,
    "user.company": lambda context: context.company or None,
    "user.companies": lambda context: context.companies,
    "user.roles": lambda context: sorted(context.roles),
    "user.login": lambda context: context.login,
    "today": lambda context: context.today,
    "now": lambda context: context.now,
}


def _slot_value(
    name: str, context: Context, dialect: Dialect, this: Mapping[str, Any] | None
) -> Any:
    if name.startswith("this."):
        value = (this or {}).get(name.removeprefix("this."))
    elif name in _FROM_CONTEXT:
        value = _FROM_CONTEXT[name](context)
    else:
        value = dict(context.attributes).get(name.removeprefix("user."))
    return bound(value, dialect)


def bound(value: Any, dialect: Dialect) -> Any:
    """Turn a plain value into what the driver binds; a set becomes JSON text or an array."""
    if isinstance(value, list | tuple | frozenset | set):
        many = [bound(one, dialect) for one in value]
        return json.dumps(many) if dialect == "sqlite" else many
    if dialect == "sqlite":
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if isinstance(value, date):
            return value.isoformat()
    return value
