"""Values across the border of the database: what a request gives to what the driver binds, and what
the driver returned to what JSON carries. Functions are made once per field shape.
"""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from dougong.catalog.entity import Field
from dougong.fields.field_type import BadValue, Dialect, Kind, Shape
from dougong.fields.links import read_link
from dougong.fields.source_names import NAMES
from dougong.fields.types import FIELD_TYPES
from dougong.foundation.errors import Place, Problem
from dougong.foundation.translate import LANGUAGES, Label
from dougong.generated.source import compiled
from dougong.queries.problems import LINK_BY_ID, TEXT_PIECE, VALUE_EMPTY, VALUE_WRONG

Wire = Callable[[Any], Any]
Store = Callable[[Any], Any]

POSTGRES_TYPES: dict[Kind, str] = {
    "text": "text", "number": "numeric", "boolean": "boolean", "date": "date", "time": "time",
    "datetime": "timestamptz", "link": "bigint", "entity": "text",
}  # fmt: skip
"""The element type of an array of values of a kind."""


@lru_cache(maxsize=2_048)
def wire_of(shape: Shape, dialect: Dialect) -> Wire:
    """Return the function from the driver's value to what JSON carries."""
    source = FIELD_TYPES[shape.type].wire_source("value", shape, dialect, required=False)
    return expression(source, "wire")


@lru_cache(maxsize=2_048)
def store_of(shape: Shape, dialect: Dialect) -> Store:
    """Return the function from the value in memory to what the driver binds."""
    source = FIELD_TYPES[shape.type].store_source("value", shape, dialect, required=False)
    return expression(source, "store")


@lru_cache(maxsize=2_048)
def load_of(shape: Shape, dialect: Dialect) -> Wire:
    """Return the function from the driver's value to the value in memory."""
    source = FIELD_TYPES[shape.type].load_source("value", shape, dialect, required=False)
    return expression(source, "load")


def expression(source: str, name: str) -> Callable[[Any], Any]:
    """Make a function of one expression over `value`; it is written by the field types alone."""
    text = f"def {name}(value):\n    return {source}\n"
    made: Callable[[Any], Any] = compiled(f"queries.{name}", text, NAMES)[name]
    return made


def accepted(field: Field, value: Any, dialect: Dialect) -> Any:
    """Turn one value of a request into what the driver binds. Raises BadValue."""
    taken = FIELD_TYPES[field.type].accept(value, field.shape)
    if taken is None:
        raise BadValue(VALUE_EMPTY)
    if isinstance(taken, tuple) or (field.shape.type == "link" and not isinstance(taken, int)):
        raise BadValue(LINK_BY_ID)
    return store_of(field.shape, dialect)(taken)


def accepted_id(value: Any) -> int:
    """Take the id of one record. Raises BadValue."""
    taken = read_link(value)
    if not isinstance(taken, int):
        raise BadValue(LINK_BY_ID)
    return taken


def accepted_list(field: Field, values: Iterable[Any], dialect: Dialect) -> Any:
    """Turn a list of a request into one parameter: JSON text on SQLite, an array on PostgreSQL."""
    taken = [accepted(field, value, dialect) for value in values]
    if dialect == "postgresql":
        return taken
    return json.dumps([int(one) if isinstance(one, bool) else one for one in taken])


def accepted_text(value: Any) -> str:
    """Take a piece of text to look for, exactly, ASCII letters in lower case. Raises BadValue."""
    if not isinstance(value, str) or not value or len(value) > 1_000:
        raise BadValue(TEXT_PIECE)
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadValue(TEXT_PIECE)
    return lower_ascii(value)


def lower_ascii(text: str) -> str:
    """Fold the 26 letters as both databases do, and nothing else."""
    return text.translate(_LOWER)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def value_problem(error: BadValue, path: str, place: str) -> Problem:
    """Say why a value of the field `path` was refused, at its place in the filter."""
    inner = Problem(error.kind, values=error.values)
    why = Label.of({language: inner.reason(language) for language in LANGUAGES})
    return Problem(VALUE_WRONG, Place(path=place), {"at": path, "why": why})
