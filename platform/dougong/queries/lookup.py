"""Look-up: the records a link field may be filled with, found by code, name, pinyin or barcode."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from dougong.access.column_text import Columns, sort_column
from dougong.access.columns import reader_columns
from dougong.access.decide import EntityAccess
from dougong.access.problems import PATH_UNKNOWN
from dougong.access.recent import Recent
from dougong.access.rows import any_of, fill
from dougong.access.select_text import mark, select
from dougong.catalog.entity import Field
from dougong.fields.field_type import BadValue, Dialect
from dougong.fields.links import KeyOf
from dougong.fields.types import FIELD_TYPES
from dougong.fields.words import sort_key
from dougong.formulas.sql_pieces import Piece, Slot
from dougong.formulas.tree import Formula
from dougong.foundation.errors import refuse
from dougong.queries.problems import LOOKUP_UNFIT
from dougong.queries.searching import (
    WALKED,
    How,
    Search,
    Searched,
    fill_search,
    knows_all_words,
    plan_search,
    printable,
    search_condition,
    walk_index,
    walks_index,
)
from dougong.queries.statement import Limit, source
from dougong.queries.titles import Title, title_fields, title_of
from dougong.queries.values import load_of
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
    """A parameter: what was typed; `end` is just behind every text that begins with it."""

    end: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """The statements of one look-up; `asks` are the paths of `this` they need values of.

    `first` shows the beginning of everything; `by_code` and `by_barcode` are None where the entity
    has no such field, or the reader may not see it.
    """

    first: Piece
    by_words: Mapping[How, Piece]
    by_code: Piece | None
    by_barcode: Piece | None
    title: Title
    asks: tuple[str, ...]


_kept: Recent[Made] = Recent(2_048)


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
    columns = reader_columns(work.catalog, work.context.roles, work.dialect)
    made = _kept.get(
        (
            work.catalog.fingerprint,
            work.context.roles,
            work.dialect,
            entity,
            path,
            target.entity.id,
        ),
        lambda: _made(columns, target, link.where),
        keep=bool(work.catalog.fingerprint),
    )
    this = {name: _this(work, holders, given, name) for name in made.asks}
    search = plan_search(work, target, printable(text))
    return _asked(work, made, search, this, max(1, min(limit, MOST)))


def _asked(
    work: Work, made: Made, search: Search, this: Mapping[str, Any], limit: int
) -> list[Candidate]:
    """Run the statements that fit what was typed, and put the best first."""
    text = search.text

    def run(piece: Piece | None, most: int, typed: str = text) -> list[tuple[Any, ...]]:
        if piece is None:
            return []
        filled = fill(piece.params, work.context, work.dialect, this)
        params = [_filled(param, search, typed, most, work.dialect) for param in filled]
        return work.connection.run(piece.text, params)

    language = work.context.language
    if not text:
        rows = run(made.first, limit)
        return [_candidate(row, made, language) for row in rows]
    rows = run(made.by_code, limit)
    if text.upper() != text:
        rows += run(made.by_code, limit, text.upper())
    rows += run(made.by_words[search.how], MOST)
    if not rows and len(text) > 3 and any(letter.isdigit() for letter in text):
        rows = run(made.by_barcode, limit)
    found = {row[0]: _candidate(row, made, language) for row in rows}
    typed = text.casefold()

    def rank(one: Candidate) -> tuple[int, str]:
        code = one.code.casefold()
        place = 0 if code == typed else 1 if code.startswith(typed) else 2
        return place, sort_key(one.title) or ""

    return sorted(found.values(), key=rank)[:limit]


def _candidate(row: tuple[Any, ...], made: Made, language: str) -> Candidate:
    return Candidate(str(row[0]), row[1] or "", made.title.write(row[2:], language))


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
    if link.to_line:
        raise refuse(LOOKUP_UNFIT, path, at=path)
    if not link.by:
        return link.targets[0]
    named = given.get(link.by)
    if named not in link.targets:
        raise refuse(LOOKUP_UNFIT, path, at=path)
    return str(named)


def _made(columns: Columns, target: EntityAccess, where: Formula | None) -> Made:
    entity, dialect = target.entity, columns.dialect
    title = title_of(columns, target)
    code = _code_column(target)
    rule = target.rows("read")
    conditions = [
        None if rule is None else Piece(rule.text, rule.params),
        Columns(columns.catalog, dialect).condition(entity, where, "t") if where else None,
    ]
    selected = [Piece('t."id"'), code or Piece("NULL"), *title.columns]

    held = [one for one in conditions if one]

    def statement(found: Piece | None, *order: str) -> Piece:
        return ordered(source(target, [*held, found] if found else held), *order, 't."id"')

    def by_words(how: How) -> Piece:
        if walks_index(how, dialect):
            return ordered(walk_index(target, held), WALKED)
        return statement(search_condition(columns, target, how, walking=True))

    def ordered(asked: Piece, *order: str) -> Piece:
        return Piece(
            f"SELECT {', '.join(one.text for one in selected)}{asked.text} "
            f"ORDER BY {', '.join(order)} LIMIT {mark(dialect)}",
            (*(param for one in selected for param in one.params), *asked.params, Limit()),
        )

    barcode = _by_barcode(target, dialect)
    first = statement(None, _by_name(target).text)
    slots = [param.name for param in first.params if isinstance(param, Slot)]
    asks = [name.removeprefix("this.") for name in slots if name.startswith("this.")]
    return Made(
        first,
        {
            how: by_words(how)
            for how in (("index", "ids") if knows_all_words(target) else ("plain",))
        },
        statement(_by_code(code, dialect), code.text) if code else None,
        statement(barcode) if barcode else None,
        title,
        tuple(dict.fromkeys(asks)),
    )


def _code_column(target: EntityAccess) -> Piece | None:
    """The business key, when it is one text that may be read."""
    entity = target.entity
    name = entity.key[0] if entity.key else "number"
    one = entity.fields.get(name)
    if one is None or name in target.hidden or FIELD_TYPES[one.type].kind != "text":
        return None
    return Piece(f't."{one.column}"')


def _by_code(code: Piece, dialect: Dialect) -> Piece:
    """Codes that begin with what was typed: one range of the key's index."""
    one = mark(dialect)
    text = f"{code.text} >= {one} AND {code.text} < {one}"
    return Piece(text, (Typed(), Typed(end=True)))


def _by_barcode(target: EntityAccess, dialect: Dialect) -> Piece | None:
    """The barcode that was typed, where barcodes are not among the words of the index."""
    return any_of(
        Piece(f't."{one.column}" = {mark(dialect)}', (Typed(),))
        for one in target.entity.fields.values()
        if one.type == "barcode" and one.column and one.name not in target.hidden
        and one.name not in target.entity.search
    )  # fmt: skip


def _by_name(target: EntityAccess) -> Piece:
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


def _filled(param: Any, search: Search, typed: str, limit: int, dialect: Dialect) -> Any:
    match param:
        case Searched():
            return fill_search(param, search, dialect)
        case Typed(end):
            return typed + "\U0010ffff" if end else typed
        case Limit():
            return limit
        case _:
            return param
