"""A default or stored formula as SQL over the rows of one table, where SQL can say it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field, Lines
from dougong.database.rows import mark
from dougong.database.tables import BOTH, quote
from dougong.fields.field_type import Dialect
from dougong.fields.types import scale_of
from dougong.formulas import to_sql
from dougong.formulas.to_sql import Piece, Rows
from dougong.formulas.tree import Formula, Path

ROW = "t"
"""The alias of the row that is filled."""
_LINE = "line"


class _Unsayable(Exception):  # noqa: N818 -- an answer
    """SQL can't say the formula here: it is computed by whoever can."""


def filler(
    catalog: Catalog, entity: Entity, lines: Lines | None, field: Field, formula: Formula
) -> dict[str, tuple[str, list[Any]]]:
    """Return SQL per dialect (text over alias `t`, its parameters), or nothing.

    Nothing for a formula that asks the clock, the user, a function of a module, a value that is not
    stored, or more decimals than the field has.
    """
    if "sql" not in formula.targets or formula.clock:
        return {}
    place = _Place(catalog, entity, lines)
    try:
        return {dialect: _said(place, dialect, field, formula) for dialect in BOTH}
    except _Unsayable:
        return {}


def _said(
    place: "_Place", dialect: Dialect, field: Field, formula: Formula
) -> tuple[str, list[Any]]:
    is_number = formula.type.kind == "number"
    scale = scale_of(field.shape) if is_number else None
    piece = to_sql.sql(
        formula,
        dialect,
        place.column,
        _no_value,
        rows=place.rows,
        record=lambda entity, key: place.known(entity, key, dialect),
        scale=scale,
    )
    if scale is not None and piece.scale > scale:
        raise _Unsayable
    params = [_plain(value) for value in piece.params]
    return piece.text, params


def _no_value(path: Path) -> Any:
    raise _Unsayable(path.root)


def _plain(value: Any) -> Any:
    """Only what a plan in JSON keeps as it is."""
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    raise _Unsayable(type(value))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the formula stands: a header, or a line with its header."""

    catalog: Catalog
    entity: Entity
    lines: Lines | None

    def column(self, path: Path) -> to_sql.Column:
        """The SQL of a path, along links by scalar subqueries."""
        match path.root:
            case "rows" if self.lines is None:
                return self._walk(self.entity.lines[path.rows].fields, path.names, _LINE)
            case "header" if self.lines is not None:
                inner = self._walk(self.entity.fields, path.names, "h")
                table = quote(self.entity.table)
                text = f'(select {inner.text} from @.{table} as h where h."id" = {ROW}."parent")'  # noqa: S608 -- our names
                return to_sql.Column(text, inner.scale, inner.params)
            case "line" | "record":
                fields = self.lines.fields if self.lines else self.entity.fields
                return self._walk(fields, path.names, ROW)
            case _:
                raise _Unsayable(path.root)

    def _walk(
        self, fields: Mapping[str, Field], names: tuple[str, ...], alias: str
    ) -> to_sql.Column:
        if not names:
            return to_sql.Column(f'{alias}."id"')
        field = fields.get(names[0])
        if field is None or not field.column:
            raise _Unsayable(names[0])
        column = f"{alias}.{quote(field.column)}"
        if len(names) == 1:
            return to_sql.Column(column, scale_of(field.shape))
        target = self.catalog.entities.get(field.targets[0]) if len(field.targets) == 1 else None
        if target is None or not target.stored:
            raise _Unsayable(names[0])
        below = f"{alias}_"
        inner = self._walk(target.fields, names[1:], below)
        table = quote(target.table)
        text = f'(select {inner.text} from @.{table} as {below} where {below}."id" = {column})'  # noqa: S608 -- our names
        return to_sql.Column(text, inner.scale, inner.params)

    def rows(self, name: str) -> Rows:
        """The lines of the header that is filled."""
        if self.lines is not None or name not in self.entity.lines:
            raise _Unsayable(name)
        table = quote(self.entity.lines[name].table)
        return Rows(f"@.{table} as {_LINE}", f'{_LINE}."parent" = {ROW}."id"')

    def known(self, entity: str, key: str, dialect: Dialect) -> Piece:
        """The id of a record named by its business key."""
        found = self.catalog.entities.get(entity)
        column = found.fields[found.key[0]].column if found and found.key else ""
        if found is None or not column:
            raise _Unsayable(entity)
        text = f'(select k."id" from @.{quote(found.table)} as k where k.{quote(column)} = {mark(dialect)})'  # noqa: S608 -- our names
        return Piece(text, (key,))
