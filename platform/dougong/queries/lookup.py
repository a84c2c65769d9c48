"""Look-up: the records a link field may be filled with, found by code, name, pinyin or barcode."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from dougong.access.columns import Columns, sort_column
from dougong.access.decide import EntityAccess
from dougong.access.problems import PATH_UNKNOWN
from dougong.access.recent import Recent
from dougong.access.rows import any_of, fill
from dougong.access.select_text import mark, select
from dougong.catalog.entity import Field
from dougong.fields.field_type import BadValue, Dialect
from dougong.fields.links import KeyOf
from dougong.fields.types import FIELD_TYPES
from dougong.formulas.sql_pieces import Piece, Slot
from dougong.formulas.tree import Formula
from dougong.foundation.errors import refuse
from dougong.queries.problems import LOOKUP_UNFIT
from dougong.queries.searching import Searched, fill_search, printable, search_condition
from dougong.queries.statement import Limit, reader_columns, source
from dougong.queries.titles import Title, title_fields, title_of
from dougong.queries.values import load_of, lower_ascii
from dougong.records.work import Work

MOST = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be chosen: its id text, its business key ("" without one), its title."""

    id: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A parameter: what was typed; ASCII letters in lower case unless `exact`."""

    exact: bool = False


def lookup(
    work: Work,
    entity: str,
    path: str,
    text: str,
    *,
    values: Mapping[str, Any] | None = None,
    limit: int = 20,
) -> list[Candidate]:
    """Return candidates for the link field `path` (`customer`, `items.item`) of `entity`.

    `text` is what was typed ("" shows the first of all); `values` are the values in JSON form of the
    record or line that holds the link, which its `where` may ask for as `this.…`. The record whose
    code was typed comes first, then codes that begin so, then the rest by name. Only records that
    may be read are offered. Raises Refused: 400 for what is no link, 403 for a hidden field.
    """
    given = values or {}
    holders, link = _link(work, entity, path)
    target = work.access(_target(link, path, given))
    if not target.may("read"):
        return []
    searches = bool(text.strip())
    columns = reader_columns(work.catalog, work.context.roles, work.dialect)
    key = (work.catalog.fingerprint, work.context.roles, work.dialect, entity, path, searches)
    made = _kept.get(
        (*key, target.entity.id),
        lambda: _made(columns, target, link.where, searches=searches),
        keep=bool(work.catalog.fingerprint),
    )
    this = {name: _this(work, holders, given, name) for name in made.asks}
    typed = lower_ascii(printable(text))
    params = [
        _filled(param, text, typed, max(1, min(limit, MOST)), work.dialect)
        for param in fill(made.statement.params, work.context, work.dialect, this)
    ]
    rows = work.connection.run(made.statement.text, params)
    language = work.context.language
    return [
        Candidate(str(row[0]), row[1] or "", made.title.write(row[2:], language)) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Made:
    """The statement of one look-up; `asks` are the paths of `this` it needs values of."""

    statement: Piece
    title: Title
    asks: tuple[str, ...]


_kept: Recent[Made] = Recent(2_048)


def _link(work: Work, entity: str, path: str) -> tuple[tuple[Mapping[str, Field], ...], Field]:
    """Find the link field, and the fields `this` may mean: the line's, then the header's."""
    decided = work.access(entity)
    within, _, name = path.rpartition(".")
    header = decided.entity.fields
    lines = decided.entity.lines.get(within)
    fields = header if not within else lines.fields if lines else {}
    if name not in fields:
        near = get_close_matches(name, fields, 1)
        known = decided.entity.label
        raise refuse(
            PATH_UNKNOWN, path, nearest=near[0] if near else "", entity=known, name=name, at=path
        )
    if not (decided.may("read") or decided.may("create") or decided.may("update")):
        decided.demand("read")
    decided.demand_field(path)
    if fields[name].type not in ("link", "links") or not fields[name].targets:
        raise refuse(LOOKUP_UNFIT, path, at=path)
    return ((fields, header) if within else (header,)), fields[name]


def _target(link: Field, path: str, given: Mapping[str, Any]) -> str:
    """The entity to choose from; a dynamic link says it in its neighbour field."""
    if not link.by:
        return link.targets[0]
    named = given.get(link.by)
    if named not in link.targets:
        raise refuse(LOOKUP_UNFIT, path, at=path)
    return str(named)


def _made(columns: Columns, target: EntityAccess, where: Formula | None, *, searches: bool) -> Made:
    entity, dialect = target.entity, columns.dialect
    title = title_of(columns, target)
    code = _code_column(target)
    rule = target.rows("read")
    conditions = [
        None if rule is None else Piece(rule.text, rule.params),
        Columns(columns.catalog, dialect).condition(entity, where, "t") if where else None,
        _found(columns, target) if searches else None,
    ]
    asked = source(target, [one for one in conditions if one])
    selected = [Piece('t."id"'), code, *title.columns]
    order = [_rank(code, dialect)] if searches and code.text != "NULL" else []
    order += [_by_name(columns, target), Piece('t."id"')]
    statement = Piece(
        f"SELECT {', '.join(one.text for one in selected)}{asked.text} "
        f"ORDER BY {', '.join(one.text for one in order)} LIMIT {mark(dialect)}",
        (
            *(param for one in selected for param in one.params),
            *asked.params,
            *(param for one in order for param in one.params),
            Limit(),
        ),
    )
    slots = [param.name for param in statement.params if isinstance(param, Slot)]
    asks = [name.removeprefix("this.") for name in slots if name.startswith("this.")]
    return Made(statement, title, tuple(dict.fromkeys(asks)))


def _code_column(target: EntityAccess) -> Piece:
    """The business key, when it is one text that may be read."""
    entity = target.entity
    name = entity.key[0] if entity.key else "number"
    one = entity.fields.get(name)
    if one is None or name in target.hidden or FIELD_TYPES[one.type].kind != "text":
        return Piece("NULL")
    return Piece(f't."{one.column}"')


def _found(columns: Columns, target: EntityAccess) -> Piece:
    """What was typed is among the words of the record, or is its barcode."""
    found = search_condition(columns, target)
    barcodes = [
        one
        for one in target.entity.fields.values()
        if one.type == "barcode" and one.column and one.name not in target.hidden
    ]
    pieces = [found]
    for one in barcodes:
        if one.name not in target.entity.search:
            where = f'b."{one.column}" = {mark(columns.dialect)}'
            inner = select('b."id"', target.entity.table, "b", where)
            pieces.append(Piece(f't."id" IN ({inner})', (Typed(exact=True),)))
    return any_of(pieces) or found


def _rank(code: Piece, dialect: Dialect) -> Piece:
    """Order: the code typed, codes that begin with it, everything else."""
    position = "instr" if dialect == "sqlite" else "strpos"
    one = mark(dialect)
    text = (
        f"CASE WHEN lower({code.text}) = {one} THEN 0 "
        f"WHEN {position}(lower({code.text}), {one}) = 1 THEN 1 ELSE 2 END"
    )
    return Piece(text, (Typed(), Typed()))


def _by_name(columns: Columns, target: EntityAccess) -> Piece:
    """Order by the first field people know the record by."""
    entity = target.entity
    for name in (*title_fields(entity.title), *entity.key):
        one = entity.fields.get(name)
        if one is not None and one.column and name not in target.hidden:
            return Piece(f't."{sort_column(entity, one) or one.column}"')
    return Piece('t."id"')


def _this(
    work: Work, holders: tuple[Mapping[str, Field], ...], given: Mapping[str, Any], path: str
) -> Any:
    """Return the value of `this.path`: what was given, or what the record it links to holds."""
    names = path.split(".")
    one = next((fields[names[0]] for fields in holders if names[0] in fields), None)
    value = given.get(names[0])
    if one is None or value is None:
        return None
    try:
        taken = FIELD_TYPES[one.type].accept(value, one.shape)
    except BadValue:
        return None  # half-typed: nothing can be asked for yet
    if len(names) == 1 or not isinstance(taken, int):
        return taken if len(names) == 1 and not isinstance(taken, KeyOf) else None
    target = work.catalog.entities[one.targets[0]]
    column, last = Columns(work.catalog, work.dialect).at(target, tuple(names[1:]), "t")
    text = select(column.text, target.table, "t", f't."id" = {mark(work.dialect)}')
    rows = work.connection.run(text, (*column.params, taken))
    return load_of(last.shape, work.dialect)(rows[0][0]) if rows else None


def _filled(param: Any, text: str, typed: str, limit: int, dialect: Dialect) -> Any:
    match param:
        case Searched():
            return fill_search(param, text, dialect)
        case Typed(exact=True):
            return printable(text)
        case Typed():
            return typed
        case Limit():
            return limit
        case _:
            return param
