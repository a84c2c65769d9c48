"""What must be read of linked records before formulas can run: per target, one set-wise statement.

A path such as `item.tax_rate.rate` is read together with everything else that is needed of items:
one SELECT per target entity gives a tuple of values for each id. Its first value tells whether the
acting person may read the record, the others are numbered as they were asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import Dialect
from dougong.fields.source_names import NAMES
from dougong.fields.types import field_type, scale_of
from dougong.formulas import to_sql
from dougong.formulas.to_sql import Column, Piece, Rows
from dougong.formulas.tree import Formula, Path
from dougong.generated.shape import quoted
from dougong.generated.source import compiled


@dataclass(frozen=True, slots=True)
class Target:
    """What a link points to: an entity, or one set of lines of it."""

    id: str
    entity: Entity
    lines: str
    table: str
    fields: Mapping[str, Field]


def target_of(catalog: Catalog, id_: str) -> Target:
    """Find the target of a link, `sales.order` or `sales.order.items`. Raises KeyError."""
    entity = catalog.entities.get(id_)
    if entity is not None:
        return Target(id_, entity, "", entity.table, entity.fields)
    above, _, name = id_.rpartition(".")
    entity = catalog.entities[above]
    return Target(id_, entity, name, entity.lines[name].table, entity.lines[name].fields)


@dataclass(slots=True)
class Wanted:
    """The paths wanted of one target, each with its place in the tuple (from 1)."""

    target: Target
    paths: dict[tuple[str, ...], int] = field(default_factory=dict)

    def place(self, names: tuple[str, ...]) -> int:
        """Return the place of a path, adding it when it is new."""
        return self.paths.setdefault(names, len(self.paths) + 1)


@dataclass(slots=True)
class FetchPlan:
    """Everything wanted by the formulas of an entity; grows while its code is written."""

    catalog: Catalog
    dialect: Dialect
    wanted: dict[str, Wanted] = field(default_factory=dict)

    def number(self, target: str) -> int:
        """Return the number of a target, adding it when it is new. Raises KeyError."""
        if target not in self.wanted:
            self.wanted[target] = Wanted(target_of(self.catalog, target))
        return list(self.wanted).index(target)

    def place(self, target: str, names: tuple[str, ...]) -> int:
        """Return the place of a path below a target."""
        self.number(target)
        return self.wanted[target].place(names)

    def finished(self) -> tuple["Fetch", ...]:
        """Return the statements, in the order of their numbers."""
        return tuple(_fetch(self, wanted) for wanted in self.wanted.values())


@dataclass(frozen=True, slots=True)
class Fetch:
    """Reads one target: `values` are the SQL of the paths over alias `t`, `params` their values
    and slots, `load` makes the tuple of a row `(id, readable, …)`, `empty` is that of no record.
    """

    target: Target
    values: str
    params: tuple[Any, ...]
    load: Any
    empty: tuple[Any, ...]
    places: Mapping[tuple[str, ...], int]
    dialect: Dialect
    _texts: dict[tuple[str, bool], str] = field(default_factory=dict, compare=False, repr=False)

    def sql(self, readable: str, *, many: bool) -> str:
        """Return the SELECT; `readable` is a condition over `t`. Its parameters come first, then
        those of the values, then the ids.
        """
        text = self._texts.get((readable, many))
        if text is None:
            text = self._texts[readable, many] = self._written(readable, many=many)
        return text

    def _written(self, readable: str, *, many: bool) -> str:
        ids = "= ?" if not many else 'IN (SELECT "value" FROM json_each(?))'
        if self.dialect == "postgresql":
            ids = "= ANY(%s)" if many else "= %s"
        flag = f"CASE WHEN {readable} THEN 1 ELSE 0 END" if readable else "1"
        values = f", {self.values}" if self.values else ""
        source = (
            f"@.{quoted(self.target.table)} AS l"
            if self.target.lines
            else f"@.{quoted(self.target.table)} AS t"
        )
        if self.target.lines:
            source += f' JOIN @.{quoted(self.target.entity.table)} AS t ON t."id" = l."parent"'
        alias = "l" if self.target.lines else "t"
        return f'SELECT {alias}."id", {flag}{values} FROM {source} WHERE {alias}."id" {ids}'  # noqa: S608 -- our names


def _fetch(plan: FetchPlan, wanted: Wanted) -> Fetch:
    alias = "l" if wanted.target.lines else "t"
    pieces: list[Piece] = []
    loads: list[str] = []
    for at, names in enumerate(wanted.paths, 2):
        piece, last = value_of(plan.catalog, wanted.target, names, alias, plan.dialect)
        pieces.append(piece)
        kind = field_type(last.type)
        loads.append(kind.load_source(f"c[{at}]", last.shape, plan.dialect, required=False))
    text = (
        f"def load(c):\n    return (c[1], {', '.join(loads)})\n"
        if loads
        else "def load(c):\n    return (c[1],)\n"
    )
    space = compiled(f"{wanted.target.id}.fetched", text, NAMES)
    return Fetch(
        wanted.target,
        ", ".join(piece.text for piece in pieces),
        tuple(param for piece in pieces for param in piece.params),
        space["load"],
        (0, *[None] * len(loads)),
        dict(wanted.paths),
        plan.dialect,
    )


def value_of(
    catalog: Catalog, target: Target, names: tuple[str, ...], alias: str, dialect: Dialect
) -> tuple[Piece, Field]:
    """Return the SQL of a path over `alias`, and the field at its end.

    Raises LookupError for a path that cannot be said in SQL.
    """
    name = names[0]
    if len(names) == 1:
        found = target.fields.get(name)
        if found is None:
            raise LookupError(f"{target.id} has no field {name}")
        if found.column or found.system:
            return Piece(
                f"{alias}.{quoted(found.column or name)}", (), scale_of(found.shape)
            ), found
        if found.formula is None or "sql" not in found.formula.targets:
            raise LookupError(f"{target.id}.{name} can't be said in SQL")
        return formula_of(
            catalog, target, found.formula, alias, dialect, scale_of(found.shape)
        ), found
    link = target.fields[name]
    below = target_of(catalog, link.targets[0])
    inner_alias = f"{alias}_"
    inner, last = value_of(catalog, below, names[1:], inner_alias, dialect)
    key, _ = value_of(catalog, target, (name,), alias, dialect)
    text = (
        f"(SELECT {inner.text} FROM @.{quoted(below.table)} AS {inner_alias} "  # noqa: S608 -- our names
        f'WHERE {inner_alias}."id" = {key.text})'
    )
    return Piece(text, (*inner.params, *key.params), inner.scale), last


def formula_of(
    catalog: Catalog, target: Target, formula: Formula, alias: str, dialect: Dialect, scale: int
) -> Piece:
    """Return the SQL of an unstored formula of a target over `alias`."""

    def column(path: Path) -> Column:
        if path.root == "rows":
            lines = target_of(catalog, f"{target.entity.id}.{path.rows}")
            piece, last = value_of(catalog, lines, path.names, f"{alias}r", dialect)
        else:
            piece, last = value_of(catalog, target, path.names, alias, dialect)
        return Column(piece.text, scale_of(last.shape), piece.params)

    def rows(name: str) -> Rows:
        lines = target_of(catalog, f"{target.entity.id}.{name}")
        inner = f"{alias}r"
        return Rows(f"@.{quoted(lines.table)} AS {inner}", f'{inner}."parent" = {alias}."id"')

    def record(entity: str, key: str) -> Piece:
        return known_record(catalog, entity, key, dialect)

    number = formula.type.kind == "number"
    return to_sql.sql(
        formula, dialect, column, rows=rows, record=record, scale=scale if number else None
    )


def known_record(catalog: Catalog, entity: str, key: str, dialect: Dialect) -> Piece:
    """Return a scalar subquery for the id of the record with a business key."""
    known = catalog.entities[entity]
    column = quoted(known.key[0])
    place = "?" if dialect == "sqlite" else "%s"
    return Piece(
        f'(SELECT k."id" FROM @.{quoted(known.table)} AS k WHERE k.{column} = {place})',  # noqa: S608 -- our names
        (key,),
    )
