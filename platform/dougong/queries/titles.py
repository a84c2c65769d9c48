"""What people call a record: its title, read with the reader's rights; what is hidden shows as —."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dougong.access.column_text import Columns
from dougong.access.decide import EntityAccess
from dougong.access.paths import readable
from dougong.access.read_path import ReadPath
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.formulas.sql_pieces import Piece
from dougong.foundation.errors import Refused
from dougong.queries.values import load_of

HIDDEN = "—"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_.]*)(?::[^}]*)?\}")
_NAMES = ("number", "code", "name")


@dataclass(frozen=True, slots=True)
class Title:
    """How to write a record's title: the columns to select and the pieces of text between them.

    `parts` are texts, or the index of a column.
    """

    columns: tuple[Piece, ...]
    fields: tuple[Field, ...]
    parts: tuple[str | int, ...]
    access: EntityAccess

    def write(self, values: Sequence[Any], language: str) -> str:
        """Write the title from the values the driver returned, in the order of `columns`."""
        written = [
            part
            if isinstance(part, str)
            else shown(self.fields[part], values[part], self.access, language)
            for part in self.parts
        ]
        return " ".join("".join(written).split())


def title_of(columns: Columns, decided: EntityAccess, alias: str = "t") -> Title:
    """Lay out the title of an entity: its `title`, or its business key and name."""
    pieces: list[Piece] = []
    fields: list[Field] = []
    parts: list[str | int] = []
    at = 0
    template = decided.entity.title or _usual(decided.entity)
    for found in _PLACEHOLDER.finditer(template):
        parts.append(template[at : found.start()])
        at = found.end()
        column = _column(columns, decided, found[1], alias)
        if column is None:
            parts.append(HIDDEN)
        else:
            parts.append(len(pieces))
            pieces.append(column[0])
            fields.append(column[1])
    parts.append(template[at:])
    return Title(tuple(pieces), tuple(fields), tuple(part for part in parts if part != ""), decided)


def shown(field: Field, value: Any, decided: EntityAccess, language: str) -> str:
    """Write one value for people: options by their label, everything else as in a file."""
    if value is None:
        return ""
    loaded = load_of(field.shape, decided.dialect)(value)
    for option in field.options:
        if option.key == loaded:
            return option.label.say(language)
    if field.name == "state" and loaded in decided.entity.states:
        return decided.entity.states[loaded].label.say(language)
    return FIELD_TYPES[field.type].text(loaded, field.shape)


def _usual(entity: Entity) -> str:
    names = [name for name in (*entity.key, *_NAMES) if name in entity.fields]
    return " ".join(f"{{{name}}}" for name in dict.fromkeys(names)) or "{id}"


def _column(
    columns: Columns, decided: EntityAccess, text: str, alias: str
) -> tuple[Piece, Field] | None:
    catalog, roles, dialect = decided.catalog, decided.roles, decided.dialect
    try:
        path = readable(catalog, roles, decided.entity.id, text, dialect)
        if path.field.type == "link" and path.field.name != "id":
            path = named_by(catalog, roles, path, dialect)
            if path.field.type == "link":
                return None
        return columns.read(path, alias), path.field
    except Refused:
        return None  # hidden from this reader: shown as —


def named_by(catalog: Catalog, roles: frozenset[str], path: ReadPath, dialect: Dialect) -> ReadPath:
    """Extend a path that ends at a link to the field people know the record by, if it is readable:
    the first field of its title or its business key.
    """
    if len(path.field.targets) != 1 or path.field.by or path.field.to_line:
        return path
    entity = catalog.entities[path.field.targets[0]]
    for name in (*title_fields(entity.title), *entity.key):
        try:
            return readable(
                catalog, roles, path.entity.id, f"{path.text}.{name}", dialect, lines=True
            )
        except Refused:
            continue
    return path


def title_fields(title: str) -> tuple[str, ...]:
    """Return the paths a title is made of."""
    return tuple(found[1] for found in _PLACEHOLDER.finditer(title))
