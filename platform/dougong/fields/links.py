"""Links: to one record, to many; a record is named by its id or by its business key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dougong.fields import problems
from dougong.fields.field_type import BadValue, Dialect, FieldType, Shape, guarded

LARGEST = 2**63 - 1
MANY = 1000
"""The most records one list of links may name."""


@dataclass(frozen=True, slots=True)
class KeyOf:
    """A record named by its business key, `{"code": "C1"}`, until it has been looked up."""

    values: tuple[tuple[str, Any], ...]


def read_link(value: Any) -> "int | KeyOf | None":
    """Read an id (text or whole number) or a business key. Raises BadValue."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) < 20 and value.isascii() and value.isdecimal():
        value = int(value)
    if type(value) is int and 0 < value <= LARGEST:
        return value
    if isinstance(value, KeyOf):
        return value
    if isinstance(value, Mapping) and value:
        given = dict(value)
        if set(given) == {"id"}:
            return read_link(given["id"])
        plain = all(each is None or type(each) in (str, int, bool) for each in given.values())
        if plain and all(isinstance(name, str) for name in given):
            return KeyOf(tuple(sorted(given.items())))
    raise BadValue(problems.NOT_A_LINK)


class LinkType(FieldType):
    """A record of another entity, by its id."""

    name = "link"
    kind = "link"
    widget = "link"
    operators = frozenset({"==", "!=", "in", "not in", "empty"})

    def accept(self, value: Any, shape: Shape) -> Any:
        """Read an id or a `KeyOf`, which the records room looks up."""
        return read_link(value)

    def annotation(self, shape: Shape) -> Any:
        """Id text, whole number, or a business key."""
        return str | int | dict[str, Any]

    def accept_source(self, value: str, shape: Shape) -> str:
        """Id texts go through a memory of those read last."""
        return f"read_id({value}) if {value}.__class__ is str else read_link({value})"

    def settle_source(self, value: str, shape: Shape) -> str:
        """A formula gives an id."""
        return value

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """bigint, or INTEGER."""
        return sa.BigInteger() if dialect == "postgresql" else sa.Integer()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """As it is."""
        return value

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """As it is."""
        return value

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Id text."""
        return guarded(value, f"str({value})", required=required)

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """Id text."""
        return guarded(value, f"str({value})", required=required)

    def wire(self, value: Any, shape: Shape) -> Any:
        """Id text."""
        return None if value is None else str(value)

    def schema(self, shape: Shape) -> dict[str, Any]:
        """Id text, or an object with the business key."""
        return {
            "anyOf": [
                {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"},
                {"type": "object", "minProperties": 1},
            ]
        }


class LinksType(FieldType):
    """Several records of another entity, in the order given, each once."""

    name = "links"
    kind = "links"
    widget = "links"
    operators = frozenset({"contains", "empty"})

    def accept(self, value: Any, shape: Shape) -> Any:
        """Read a list of ids and `KeyOf`s; the empty list counts as None."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",")]
        if not isinstance(value, (list, tuple)) or len(value) > MANY:
            raise BadValue(problems.NOT_LINKS)
        read = [read_link(each) for each in value]
        if None in read:
            raise BadValue(problems.NOT_LINKS)
        return tuple(dict.fromkeys(read)) or None

    def annotation(self, shape: Shape) -> Any:
        """A list of links."""
        return list[str | int | dict[str, Any]]

    def accept_source(self, value: str, shape: Shape) -> str:
        """Through `accept`."""
        return f"accept_links({value})"

    def settle_source(self, value: str, shape: Shape) -> str:
        """A formula gives ids."""
        return f"(tuple({value}) or None)"

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """bigint[], or a JSON list in TEXT."""
        return postgresql.ARRAY(sa.BigInteger()) if dialect == "postgresql" else sa.Text()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """A list, or its JSON text."""
        form = f"list({value})" if dialect == "postgresql" else f"write_json({value})"
        return guarded(value, form, required=required)

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """A tuple of ids."""
        form = f"tuple({value})" if dialect == "postgresql" else f"tuple(read_json({value}))"
        return guarded(value, form, required=required)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """A list of id texts; empty for none."""
        inner = value if dialect == "postgresql" else f"read_json({value})"
        return f"([] if {value} is None else [str(one) for one in {inner}])"

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """A list of id texts; empty for none."""
        return f"([] if {value} is None else [str(one) for one in {value}])"

    def wire(self, value: Any, shape: Shape) -> Any:
        """A list of id texts; empty for none."""
        return [] if value is None else [str(one) for one in value]

    def text(self, value: Any, shape: Shape) -> str:
        """Ids with commas between."""
        return ",".join(self.wire(value, shape))

    def schema(self, shape: Shape) -> dict[str, Any]:
        """A list of links."""
        return {"type": "array", "maxItems": MANY, "items": LinkType().schema(shape)}


def write_json(value: Any) -> str:
    """Write JSON text, as it is stored."""
    return msgspec.json.encode(value).decode()


LINKS: tuple[FieldType, ...] = (LinkType(), LinksType())
