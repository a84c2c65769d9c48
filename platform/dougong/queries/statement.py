"""The statements of one query shape: what is selected, from where, in which order, after what.

A shape is everything of a query but its values; statements are made once per shape and kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dougong.access import select_text
from dougong.access.column_text import Columns
from dougong.access.columns import reader_columns
from dougong.access.decide import EntityAccess, access
from dougong.access.paths import readable
from dougong.access.read_path import identity
from dougong.access.rows import all_of, fill
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Field
from dougong.fields.field_type import Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.formulas.sql_pieces import Piece
from dougong.foundation.context import Context
from dougong.foundation.errors import Problem, Refused, refuse
from dougong.queries.conditions import Conditions, Given, Reading, read_values
from dougong.queries.filters import Condition
from dougong.queries.problems import SORT_UNFIT, VIEW_UNKNOWN
from dougong.queries.rowset import Rowset, rowset
from dougong.queries.searching import (
    WALKED,
    How,
    Search,
    Searched,
    fill_search,
    search_condition,
    walk_index,
    walks_index,
)
from dougong.queries.selection import Wanted, select
from dougong.queries.titles import named_by

NEVER_NULL = frozenset({"id", "version", "created", "changed"})


@dataclass(frozen=True, slots=True)
class After:
    """A parameter: the value of the cursor with this index."""

    index: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A parameter: how many rows at most."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything of a query but its values."""

    entity: str
    right: str
    condition: Condition | None
    sort: tuple[str, ...]
    fields: tuple[str, ...]
    expand: tuple[str, ...]
    view: str
    searches: How


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column to sort by. `field` tells how its values travel in a cursor."""

    column: Piece
    field: Field
    down: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one run of a query."""

    filter: tuple[Any, ...]
    after: tuple[Any, ...]
    search: Search
    limit: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The SQL of one shape.

    `source` is FROM and WHERE for all rows at once, `walk` the same for a page in order, whose columns
    to sort by are those of `steps`; `places` are the columns of a row that hold the sort keys.
    """

    access: EntityAccess
    wanted: Wanted
    rows: Rowset
    source: Piece
    walk: Piece
    keys: tuple[SortKey, ...]
    steps: tuple[SortKey, ...]
    places: tuple[int, ...]
    readings: tuple[Reading, ...]
    _pages: dict[tuple[bool, ...], Piece] = field(default_factory=dict, compare=False, repr=False)

    def page(self, after: Sequence[Any]) -> Piece:
        """Return the statement of a page; which cursor values are null is part of its text."""
        nulls = tuple(value is None for value in after)
        if nulls not in self._pages:
            self._pages[nulls] = self._page(nulls)
        return self._pages[nulls]

    def _page(self, nulls: tuple[bool, ...]) -> Piece:
        dialect = self.access.dialect
        where = [self.walk.text]
        params = [*self.rows.params, *self.walk.params]
        if nulls:
            behind = _behind(self.steps, nulls, dialect)
            where.append(f" AND ({behind.text})")
            params += behind.params
        order = ", ".join(_order(key) for key in self.steps)
        params += [param for key in self.steps for param in key.column.params]
        mark = select_text.mark(dialect)
        text = f"SELECT {self.rows.select}{''.join(where)} ORDER BY {order} LIMIT {mark}"
        return Piece(text, (*params, Limit()))

    def count(self, most: int = 0) -> Piece:
        """Return the statement that counts the rows, up to `most` when it is given."""
        limit = f" LIMIT {most:d}" if most else ""
        inner = f"SELECT 1 AS n{self.source.text}{limit}"
        text = f"SELECT count(*) FROM ({inner}) AS counted"  # noqa: S608 -- made of catalog names
        return Piece(text, self.source.params)

    def bind(self, piece: Piece, values: Values, context: Context) -> tuple[Any, ...]:
        """Fill the parameters of one of the statements. Raises Refused (400) for bad values."""
        given: Mapping[int, Any] = {}
        if self.readings:
            given = read_values(self.readings, values.filter)
        filled = []
        for param in fill(piece.params, context, self.access.dialect):
            match param:
                case Given(index):
                    filled.append(given[index])
                case After(index):
                    filled.append(values.after[index])
                case Limit():
                    filled.append(values.limit)
                case Searched():
                    filled.append(fill_search(param, values.search, self.access.dialect))
                case _:
                    filled.append(param)
        return tuple(filled)


def build(catalog: Catalog, roles: frozenset[str], shape: Shape, dialect: Dialect) -> Statement:
    """Make the statements of a shape.

    Raises Refused: 403 for a right or a field that is not given, 400 for every wrong name.
    """
    decided = access(catalog, roles, shape.entity, dialect)
    decided.demand(shape.right)
    columns = reader_columns(catalog, roles, dialect)
    conditions = Conditions(catalog, roles, shape.entity, columns)
    problems: list[Problem] = []
    keys = _sort_keys(conditions, shape.sort, problems)
    filtered = conditions.compile(shape.condition) if shape.condition else None
    problems = conditions.problems + problems
    wanted: Wanted | None = None
    try:
        wanted = select(catalog, roles, shape.entity, dialect, shape.fields, shape.expand)
    except Refused as refused:
        problems += refused.problems
    if problems or wanted is None:
        raise Refused(problems)
    rule = decided.rows(shape.right)
    where = [
        None if rule is None else Piece(rule.text, rule.params),
        view_condition(catalog, columns, decided, shape.view) if shape.view else None,
        filtered,
    ]

    def asked(*, walking: bool) -> Piece:
        found = (
            search_condition(columns, decided, shape.searches, walking=walking)
            if shape.searches
            else None
        )
        return source(decided, [piece for piece in (*where, found) if piece])

    walk, steps = asked(walking=True), keys
    if walks_index(shape.searches, dialect) and [key.column.text for key in keys] == ['t."id"']:
        walk = walk_index(decided, [piece for piece in where if piece])
        steps = (replace(keys[0], column=Piece(WALKED, ())),)
    rows, places = _rows(columns, wanted, keys, dialect)
    return Statement(
        decided,
        wanted,
        rows,
        asked(walking=False),
        walk,
        keys,
        steps,
        places,
        tuple(conditions.readings),
    )


def source(decided: EntityAccess, where: Sequence[Piece]) -> Piece:
    """Write `FROM … WHERE …` over the alias `t`."""
    joined = all_of(where) or Piece("1 = 1", ())
    return Piece(select_text.source(decided.entity.table, "t", f"({joined.text})"), joined.params)


def view_condition(
    catalog: Catalog, columns: Columns, decided: EntityAccess, view: str
) -> Piece | None:
    """Return the condition of a list and one of its views: `late`, `sales.order` or
    `sales.order/late`. Raises Refused (400) for a view that is not declared.
    """
    entity = decided.entity
    list_id, _, view_id = view.rpartition("/")
    if not list_id:
        list_id, view_id = (view, "") if "." in view else (entity.id, view)
    declared = catalog.lists.get(list_id)
    views = {one.id: one for one in declared.views} if declared else {}
    if declared is None or declared.entity != entity.id or (view_id and view_id not in views):
        raise refuse(VIEW_UNKNOWN, "view", entity=entity.label, view=view)
    wheres = [declared.where, views[view_id].where if view_id else None]
    return all_of(columns.condition(entity, where, "t") for where in wheres if where)


def _rows(
    columns: Columns, wanted: Wanted, keys: Sequence[SortKey], dialect: Dialect
) -> tuple[Rowset, tuple[int, ...]]:
    """Lay out the columns; also tells in which column of a row each sort key stands."""
    entity = wanted.access.entity
    own = [
        ("id", Piece('t."id"', ()), "str(value)"),
        ("version", Piece('t."version"', ()), "value"),
    ]
    fields = [(one, columns.field(entity, one.name, "t")) for one in wanted.fields]
    there = [piece for _, piece, _ in own] + [piece for _, piece in fields]
    texts = [piece.text if not piece.params else "" for piece in there]
    extra = [key.column for key in keys if key.column.text not in texts or key.column.params]
    places = []
    following = len(texts)
    for key in keys:
        if key.column.text in texts and not key.column.params:
            places.append(texts.index(key.column.text))
        else:
            places.append(following)
            following += 1
    return rowset(own, fields, dialect, extra), tuple(places)


def _sort_keys(
    conditions: Conditions, sort: Sequence[str], problems: list[Problem]
) -> tuple[SortKey, ...]:
    keys: list[SortKey] = []
    for name in sort:
        path = name.removeprefix("-")
        try:
            keys.append(_sort_key(conditions, path, down=name.startswith("-")))
        except Refused as refused:
            problems += refused.problems
    entity = conditions.catalog.entities[conditions.entity_id]
    if not any(key.column.text == 't."id"' for key in keys):
        down = bool(keys) and keys[-1].down
        keys.append(SortKey(Piece('t."id"', ()), identity(entity), down, nullable=False))
    return tuple(keys)


def _sort_key(conditions: Conditions, text: str, *, down: bool) -> SortKey:
    catalog, roles, dialect = conditions.catalog, conditions.roles, conditions.dialect
    path = readable(catalog, roles, conditions.entity_id, text, dialect)
    if "==" not in FIELD_TYPES[path.field.type].operators:
        raise refuse(SORT_UNFIT, text, at=text, type=path.field.type)
    if path.field.type == "link" and path.field.name != "id":
        path = named_by(catalog, roles, path, dialect)
    column = conditions.columns.read(path, "t", sort=True)
    nullable = bool(path.steps) or path.field.name not in NEVER_NULL
    return SortKey(column, path.field, down, nullable)


def _order(key: SortKey) -> str:
    """Null counts as larger than every value on both databases."""
    way = "DESC" if key.down else "ASC"
    nulls = f" NULLS {'FIRST' if key.down else 'LAST'}" if key.nullable else ""
    return f"{key.column.text} {way}{nulls}"


def _behind(keys: Sequence[SortKey], nulls: Sequence[bool], dialect: Dialect) -> Piece:
    """Write the condition of all rows behind a position: behind in the first column, or equal there
    and behind in the next, and so on.
    """
    mark = select_text.mark(dialect)
    parts: list[str] = []
    params: list[Any] = []
    equal: list[str] = []
    equal_params: list[Any] = []
    for index, (key, null) in enumerate(zip(keys, nulls, strict=True)):
        column = key.column.text
        own = key.column.params
        behind = Piece("1 = 0", ())
        if null and key.down:
            behind = Piece(f"{column} IS NOT NULL", own)
        elif not null:
            behind = Piece(f"{column} {'<' if key.down else '>'} {mark}", (*own, After(index)))
            if key.nullable and not key.down:
                behind = Piece(f"({behind.text} OR {column} IS NULL)", (*behind.params, *own))
        parts.append(" AND ".join((*equal, behind.text)))
        params += [*equal_params, *behind.params]
        equal.append(f"{column} IS NULL" if null else f"{column} = {mark}")
        equal_params += own if null else (*own, After(index))
    text = " OR ".join(f"({part})" for part in parts)
    first = keys[0]
    if not first.nullable:
        bound = f"{first.column.text} {'<=' if first.down else '>='} {mark}"
        return Piece(f"{bound} AND ({text})", (*first.column.params, After(0), *params))
    return Piece(text, tuple(params))
