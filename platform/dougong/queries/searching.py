"""Free text as a condition: the search index, or the readable fields alone where the index would tell
too much.

The index holds the words of all fields an entity is searched by. A reader to whom one of them is
hidden (or who may not read every record a searched link points to) could guess hidden words by
searching, so for him the text is looked for in the fields he may read, letter by letter.
"""

from dataclasses import dataclass
from typing import Any

from dougong.access.column_text import Columns
from dougong.access.decide import EntityAccess, access
from dougong.access.paths import readable
from dougong.access.read_path import ReadPath
from dougong.access.select_text import exists, mark, select
from dougong.fields.field_type import Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.fields.words import match_text
from dougong.formulas.sql_pieces import Piece
from dougong.foundation.errors import Refused
from dougong.queries.values import lower_ascii


@dataclass(frozen=True, slots=True)
class Searched:
    """A parameter: the text searched for, as a query of the index or as `plain` lower-case text."""

    plain: bool


def search_condition(
    columns: Columns, decided: EntityAccess, alias: str = "t", *, by_id: bool = True
) -> Piece:
    """Compile the condition that a record matches the text searched for.

    `by_id` tells that the rows are wanted in the order of their ids. In another order PostgreSQL
    would walk that order's index and ask for every row whether it was found; with the ids collected
    first it begins with what was found.
    """
    paths = _search_paths(decided)
    if paths is not None:
        inner = index_select(columns.dialect)
        among = (
            f"IN ({inner})" if by_id or columns.dialect == "sqlite" else f"= ANY(ARRAY({inner}))"
        )
        return Piece(f'{alias}."id" {among}', (Searched(plain=False),))
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


def fill_search(param: Searched, text: str, dialect: Dialect) -> Any:
    """Return the value of the parameter for the text of a person; nothing sensible finds nothing."""
    clean = printable(text)
    if param.plain:
        return lower_ascii(clean)
    return match_text(clean, dialect) or ('""' if dialect == "sqlite" else "")


def printable(text: str) -> str:
    """Return at most 200 characters of a text, without those that can't be printed."""
    return "".join(letter for letter in text[:200] if letter.isprintable()).strip()


def _search_paths(decided: EntityAccess) -> tuple[ReadPath, ...] | None:
    """Return the search paths when the reader may know every word of the index; else None."""
    paths = _readable_paths(decided)
    if len(paths) != len(decided.entity.search):
        return None
    for path in paths:
        for step in path.steps:
            target = access(decided.catalog, decided.roles, step.target.id, decided.dialect)
            if target.rows("read") is not None:
                return None
    return paths


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
    params = (*column.params, Searched(plain=True))
    if path.lines:
        table = path.entity.lines[path.lines].table
        text = exists(table, line, f'{line}."parent" = {alias}."id" AND {text}')
    return Piece(text, params)
