"""Rowset: the columns to select and the one generated function that turns rows into JSON form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dougong.catalog.entity import Field
from dougong.fields.field_type import Dialect, Shape
from dougong.fields.source_names import NAMES
from dougong.fields.types import FIELD_TYPES
from dougong.formulas.sql_pieces import Piece
from dougong.generated.source import compiled

Convert = Callable[[Sequence[tuple[Any, ...]]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Rowset:
    """What to select, in order, and how a row becomes a dict.

    `extra` further columns stand after them in every row and are left alone by `convert`.
    """

    select: str
    params: tuple[Any, ...]
    convert: Convert
    width: int


def rowset(
    own: Sequence[tuple[str, Piece, str]],
    fields: Sequence[tuple[Field, Piece]],
    dialect: Dialect,
    extra: Sequence[Piece] = (),
) -> Rowset:
    """Lay out the columns: `own` are (key, column, expression over `value`), `fields` follow, then
    `extra`.
    """
    pieces = [piece for _, piece, _ in own] + [piece for _, piece in fields] + list(extra)
    keys = tuple((key, source) for key, _, source in own) + tuple(
        (field.name, field.shape) for field, _ in fields
    )
    return Rowset(
        ", ".join(piece.text for piece in pieces),
        tuple(param for piece in pieces for param in piece.params),
        _converter(keys, len(extra), dialect),
        len(keys),
    )


@lru_cache(maxsize=2_048)
def _converter(keys: tuple[tuple[str, str | Shape], ...], extra: int, dialect: Dialect) -> Convert:
    """Write and compile the function; its text is made of field names and the types' expressions."""
    entries = []
    for index, (key, how) in enumerate(keys):
        name = f"c{index}"
        if isinstance(how, Shape):
            source = FIELD_TYPES[how.type].wire_source(name, how, dialect, required=False)
        else:
            source = how.replace("value", name)
        entries.append(f"{key!r}: {source}")
    taken = ", ".join((*(f"c{index}" for index in range(len(keys))), *("_" * extra)))
    text = f"def convert(rows):\n    return [{{{', '.join(entries)}}} for {taken}, in rows]\n"
    made: Convert = compiled("queries.rows", text, NAMES)["convert"]
    return made
