"""Free text as a condition: the search index, or the readable fields alone where the index would tell
too much.

The index holds the words of all fields an entity is searched by. A reader to whom one of them is
hidden (or who may not read every record a searched link points to) could guess hidden words by
searching, so for him the text is looked for in the fields he may read, letter by letter.

PostgreSQL can't tell how many records a beginning of a word finds: it walks through a whole table for
a handful, or collects thousands to show twenty. So the index is asked first: a handful is handed over
as a list of ids; of many, a page is found by walking in the page's order and asking row by row.
"""

from dataclasses import dataclass
from typing import Any, Literal

from dougong.access.column_text import Columns
from dougong.access.decide import EntityAccess, access
from dougong.access.paths import readable
from dougong.access.read_path import ReadPath
from dougong.access.select_text import among, exists, mark, select
from dougong.fields.field_type import Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.fields.words import match_text
from dougong.formulas.sql_pieces import Piece
from dougong.foundation.errors import Refused
from dougong.queries.values import lower_ascii
from dougong.records.work import Work

How = Literal["", "index", "ids", "plain"]
HANDFUL = 2_000


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


def index_select(dialect: Dialect) -> str:
    """Select the ids of all records, of any entity, whose words match one parameter."""
    if dialect == "sqlite":
        return select("s.rowid", "dougong_search", "s", 's."words" MATCH ?')
    return select('s."record"', "dougong_search", "s", 's."words" @@ %s::tsquery')


def fill_search(param: Searched, search: Search, dialect: Dialect) -> Any:
    """Return the value of the parameter; a text without words finds nothing."""
    if param.how == "ids":
        return list(search.ids)
    clean = printable(search.text)
    if param.how == "plain":
        return lower_ascii(clean)
    return match_text(clean, dialect) or ('""' if dialect == "sqlite" else "")


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
