"""Free text as a condition: the search index, or the readable fields alone where the index would tell
too much.

The index holds the words of all fields an entity is searched by. A reader to whom one of them is
hidden (or who may not read every record a searched link points to) could guess hidden words by
searching, so for him the text is looked for in the fields he may read, letter by letter.

PostgreSQL can't tell how many records a beginning of a word finds: it walks through a whole table for
a handful, or collects thousands to show twenty. So the index is asked first: a handful is handed over
as a list of ids; of many, a page is found by walking in the page's order and asking row by row.
SQLite's index can be walked itself, in the order of ids, and stops when a page is full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dougong.access.column_text import Columns
from dougong.access.decide import EntityAccess, access
from dougong.access.paths import readable
from dougong.access.read_path import ReadPath
from dougong.access.rows import all_of
from dougong.access.select_text import among, exists, mark, select, source
from dougong.fields.field_type import Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.fields.words import match_text
from dougong.formulas.sql_pieces import Piece
from dougong.foundation.errors import Refused
from dougong.queries.values import lower_ascii
from dougong.records.work import Work

How = Literal["", "index", "ids", "plain"]
HANDFUL = 2_000
WALKED = "s.rowid"
"""The id of a record where `walk_index` is selected from; order by it and nothing else."""


@dataclass(frozen=True, slots=True)
class Search:
    """A text to search for and how: not at all, in the index, among `ids` the index has named, or
    plainly in the fields.
    """

    text: str = ""
    how: How = ""
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """A parameter: what is searched for, as a query of the index, as ids or as lower-case text."""

    how: How


def named_handful(work: Work, text: str) -> Mapping[str, tuple[int, ...]] | None:
    """Return the ids of all records the index names for a text, by entity (PostgreSQL); None for
    too many.
    """
    asked = select('s."record", s."entity"', "dougong_search", "s", _matches("postgresql"))
    match = match_text(printable(text), "postgresql")
    found = work.connection.run(f"{asked} LIMIT {HANDFUL + 1:d}", (match,))
    if len(found) > HANDFUL:
        return None
    named: dict[str, list[int]] = {}
    for id_, entity in found:
        named.setdefault(entity, []).append(id_)
    return {entity: tuple(ids) for entity, ids in named.items()}


def plan_search(work: Work, decided: EntityAccess, text: str) -> Search:
    """Decide how to search `decided`'s records for a text."""
    if not text:
        return Search()
    if not knows_all_words(decided):
        return Search(text, "plain")
    if work.dialect == "sqlite":
        return Search(text, "index")
    sql = f"{index_select(work.dialect)} LIMIT {HANDFUL + 1:d}"
    found = work.connection.run(sql, (match_text(printable(text), work.dialect),))
    if len(found) > HANDFUL:
        return Search(text, "index")
    return Search(text, "ids", tuple(row[0] for row in found))


def search_condition(
    columns: Columns, decided: EntityAccess, how: How, alias: str = "t", *, walking: bool = False
) -> Piece:
    """Compile the condition that a record matches the text searched for.

    `walking` is for pages: the rows are taken in order until there are enough.
    """
    if how == "index" and walking and columns.dialect == "postgresql":
        where = f's."record" = {alias}."id"'
        row = select('s."words" @@ %s::tsquery', "dougong_search", "s", where)
        return Piece(f"({row})", (Searched(how),))
    if how == "ids":
        return Piece(f'{alias}."id" {among(columns.dialect)}', (Searched(how),))
    if how == "index":
        return Piece(f'{alias}."id" IN ({index_select(columns.dialect)})', (Searched(how),))
    found = [
        _contains(columns, path, alias)
        for path in _readable_paths(decided)
        if FIELD_TYPES[path.field.type].kind == "text"
    ]
    if not found:
        return Piece("1 = 0", ())
    return Piece(
        " OR ".join(piece.text for piece in found),
        tuple(param for piece in found for param in piece.params),
    )


def walk_index(decided: EntityAccess, where: Sequence[Piece]) -> Piece:
    """Write FROM and WHERE of a page in the order of ids (SQLite): the index is walked and every
    record it names looked at, until there are enough. Ids of one entity often lie together, so it is
    entered where the entity's begin.
    """
    table = decided.entity.table
    first, last = (select(f'{end}(e."id")', table, "e") for end in ("min", "max"))
    within = f"{WALKED} BETWEEN ({first}) AND ({last})"
    found = Piece(f"{_matches('sqlite')} AND {within}", (Searched("index"),))
    joined = all_of((found, *where)) or found
    records = source(table, "t").removeprefix(" FROM ")
    text = f'{source("dougong_search", "s")} CROSS JOIN {records} ON t."id" = {WALKED}'
    return Piece(f"{text} WHERE ({joined.text})", joined.params)


def walks_index(how: How, dialect: Dialect) -> bool:
    """Tell whether a page in the order of ids is found by `walk_index`."""
    return how == "index" and dialect == "sqlite"


def index_select(dialect: Dialect) -> str:
    """Select the ids of all records, of any entity, whose words match one parameter."""
    record = "s.rowid" if dialect == "sqlite" else 's."record"'
    return select(record, "dougong_search", "s", _matches(dialect))


def _matches(dialect: Dialect) -> str:
    return 's."words" MATCH ?' if dialect == "sqlite" else 's."words" @@ %s::tsquery'


def _none(dialect: Dialect) -> str:
    """Write what matches nothing."""
    return '""' if dialect == "sqlite" else ""


def fill_search(param: Searched, search: Search, dialect: Dialect) -> Any:
    """Return the value of the parameter; a text without words finds nothing."""
    if param.how == "ids":
        return list(search.ids)
    clean = printable(search.text)
    if param.how == "plain":
        return lower_ascii(clean)
    return match_text(clean, dialect) or _none(dialect)


def printable(text: str) -> str:
    """Return at most 200 characters of a text, without those that can't be printed."""
    return "".join(letter for letter in text[:200] if letter.isprintable()).strip()


def knows_all_words(decided: EntityAccess) -> bool:
    """Tell whether the reader may know every word the index holds of this entity's records."""
    paths = _readable_paths(decided)
    if len(paths) != len(decided.entity.search):
        return False
    return all(
        access(decided.catalog, decided.roles, step.target.id, decided.dialect).rows("read") is None
        for path in paths
        for step in path.steps
    )


def _readable_paths(decided: EntityAccess) -> tuple[ReadPath, ...]:
    paths = []
    for text in decided.entity.search:
        try:
            path = readable(
                decided.catalog, decided.roles, decided.entity.id, text, decided.dialect, lines=True
            )
        except Refused:
            continue  # hidden, or behind an entity out of reach: not searched
        paths.append(path)
    return tuple(paths)


def _contains(columns: Columns, path: ReadPath, alias: str) -> Piece:
    line = f"{alias}l"
    column = columns.read(path, line if path.lines else alias)
    position = "instr" if columns.dialect == "sqlite" else "strpos"
    text = f"{position}(lower({column.text}), {mark(columns.dialect)}) > 0"
    params = (*column.params, Searched("plain"))
    if path.lines:
        table = path.entity.lines[path.lines].table
        text = exists(table, line, f'{line}."parent" = {alias}."id" AND {text}')
    return Piece(text, params)
