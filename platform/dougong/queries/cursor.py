"""The cursor of a page: the sort values of its last row, checked like any other input on the way in."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from dougong.catalog.entity import Field
from dougong.fields.field_type import BadValue, Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.foundation.errors import refuse
from dougong.queries.problems import CURSOR_WRONG
from dougong.queries.values import accepted, wire_of


def write_cursor(
    sort: Sequence[str], fields: Sequence[Field], row: Sequence[Any], dialect: Dialect
) -> str:
    """Write the position after `row`, the sort values as the driver returned them (id last)."""
    values = [
        value if _is_text(field) else wire_of(field.shape, dialect)(value)
        for field, value in zip(fields, row, strict=True)
    ]
    text = msgspec.json.encode([_mark(sort), *values])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def read_cursor(
    text: str, sort: Sequence[str], fields: Sequence[Field], dialect: Dialect
) -> tuple[Any, ...]:
    """Read a position as values to bind, None for an empty one.

    Raises Refused (400) for anything that `write_cursor` would not have written for this sort.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        given = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(given, list) or len(given) != 1 + len(fields) or given[0] != _mark(sort):
            raise refuse(CURSOR_WRONG, "after")
        return tuple(
            None if value is None else _read(field, value, dialect)
            for field, value in zip(fields, given[1:], strict=True)
        )
    except (ValueError, binascii.Error, msgspec.DecodeError, BadValue, RecursionError):
        raise refuse(CURSOR_WRONG, "after") from None


def _is_text(field: Field) -> bool:
    return FIELD_TYPES[field.type].kind in ("text", "entity")


def _read(field: Field, value: Any, dialect: Dialect) -> Any:
    """Texts travel as they are stored (a sort key is no value of its field), all else as in JSON."""
    if not _is_text(field):
        return accepted(field, value, dialect)
    if isinstance(value, str) and "\0" not in value:
        value.encode()
        return value
    raise refuse(CURSOR_WRONG, "after")


def _mark(sort: Sequence[str]) -> int:
    """Tell one sort from another, so that a position is not used for a sort it was not made for."""
    return zlib.crc32(",".join(sort).encode())
