"""What of an entity is stored, and how a record of it looks in memory."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from dougong.catalog.entity import Entity, Field, Lines
from dougong.fields.types import field_type
from dougong.fields.words import sort_name

HEADER = ("id", "version", "created", "created_by", "changed", "changed_by")
"""The columns every header has beside its fields."""
LINE = ("id", "parent", "position")
"""The columns every line has beside its fields."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def checked_name(name: str) -> str:
    """Return the name when it may stand in generated text. Raises ValueError otherwise."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no identifier")
    return name


def quoted(name: str) -> str:
    """Return an identifier for SQL, always in quotes. Raises ValueError for what could be none."""
    return f'"{checked_name(name)}"'


@dataclass(frozen=True, slots=True)
class TableShape:
    """The header (`name` is "") or one set of lines: its fields and its table.

    `fields` are all declared fields but the record's own; `stored` those with a column; `sorted`
    the names with a sort key beside them; `record` is the class of a record or line in memory with
    `f_<field>` for fields, `l_<lines>` for lines and the record's own attributes by their names.
    """

    name: str
    table: str
    fields: Mapping[str, Field]
    stored: tuple[Field, ...]
    unstored: tuple[Field, ...]
    sorted: tuple[str, ...]
    record: Any

    @property
    def own(self) -> tuple[str, ...]:
        """The columns before the fields."""
        return LINE if self.name else HEADER

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order of all statements."""
        fields = tuple(field.column for field in self.stored)
        return (*self.own, *fields, *(sort_name(name) for name in self.sorted))

    def path(self, name: str) -> str:
        """Return the path of a field in a document: `total`, `items.qty`."""
        return f"{self.name}.{name}" if self.name else name


@dataclass(frozen=True, slots=True)
class EntityShape:
    """An entity as it is stored: header and lines."""

    entity: Entity
    header: TableShape
    lines: Mapping[str, TableShape]

    @property
    def tables(self) -> tuple[TableShape, ...]:
        """The header and then the lines."""
        return (self.header, *self.lines.values())


def shape_of(entity: Entity) -> EntityShape:
    """Work out how an entity is stored. Raises ValueError for a name that is no identifier."""
    sorts = tuple(
        name for name in dict.fromkeys(entity.search)
        if name in entity.fields and entity.fields[name].type in ("text", "code")
        and entity.fields[name].column
    )  # fmt: skip
    lines = {name: _lines(entity, each) for name, each in entity.lines.items()}
    fields = _declared(entity.fields, (*HEADER, "entity"))
    own = ("id", "version", "created", "created_by", "changed", "changed_by")
    sets = [f"l_{name}" for name in lines]
    header = TableShape(
        "",
        entity.table,
        fields,
        tuple(field for field in fields.values() if field.column),
        tuple(field for field in fields.values() if not field.column),
        sorts,
        _record(entity.id, own, fields, sets),
    )
    return EntityShape(entity, header, lines)


def _lines(entity: Entity, lines: Lines) -> TableShape:
    fields = _declared(lines.fields, LINE)
    return TableShape(
        checked_name(lines.name),
        lines.table,
        fields,
        tuple(field for field in fields.values() if field.column),
        tuple(field for field in fields.values() if not field.column),
        (),
        _record(f"{entity.id}.{lines.name}", ("id", "position"), fields, ()),
    )


def _declared(fields: Mapping[str, Field], own: tuple[str, ...]) -> dict[str, Field]:
    return {
        checked_name(name): field
        for name, field in fields.items()
        if name not in own and field_type(field.type).stored
    }


def _record(name: str, own: Iterable[str], fields: Mapping[str, Field], sets: Iterable[str]) -> Any:
    attributes: list[tuple[str, Any, Any]] = [(each, Any, None) for each in own]
    attributes += [(f"f_{each}", Any, None) for each in fields]
    attributes += [(each, Any, None) for each in sets]
    plain = re.sub(r"\W", "_", name)
    return msgspec.defstruct(f"Record_{plain}", attributes, gc=False)
