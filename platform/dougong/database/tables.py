"""Tables, columns, indexes, keys and the state they make: plain values to keep, compare, hash."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import structs

from dougong.fields.field_type import Dialect
from dougong.foundation.translate import Label

BOTH: Final[tuple[Dialect, ...]] = ("sqlite", "postgresql")
LONGEST: Final = 63
"""The most bytes of a name in PostgreSQL."""


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column by its stable name.

    `kind` is the field's kind (with `integer` for whole numbers and `bytes` for packed ones),
    `types` and `default` its type and constant default as SQL text per dialect. `scale` counts
    decimals. `renamed` are earlier names, newest last. `retired` says that its vanishing is wanted.
    `module` is who declared it; `label` is for the sentences of a plan. `fill` is the formula that
    gives existing rows a value, `filler` the same as SQL per dialect (text and parameters) where SQL
    can say it, `reads` the columns (of this table or of others, as table and column) it needs filled
    first; none of the three is part of the state.
    """

    name: str
    kind: str
    types: dict[str, str]
    scale: int = 0
    required: bool = False
    default: dict[str, str] = {}
    renamed: tuple[str, ...] = ()
    retired: bool = False
    module: str = ""
    label: dict[str, str] = {}
    fill: str = ""
    filler: dict[str, tuple[str, list[Any]]] = {}
    reads: tuple[tuple[str, str], ...] = ()

    def shape(self) -> tuple[Any, ...]:
        """What makes two columns the same to the database."""
        return (self.name, self.kind, self.types, self.scale, self.required, self.default)


class Index(msgspec.Struct, frozen=True, omit_defaults=True):
    """An index by its name, over columns in order (or over one SQL expression per dialect)."""

    name: str
    columns: tuple[str, ...] = ()
    unique: bool = False
    using: dict[str, str] = {}


class ForeignKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column that must point to the `id` of `target`; `cascade` deletes with it. It is kept by
    its column; its name follows from table and column (`key_name`).
    """

    column: str
    target: str
    cascade: bool = False


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table. `entity` and `lines` say what it holds (both empty for a system table).

    `instead` is the whole CREATE statement of a dialect where an ordinary table will not do, `after`
    are further statements once it stands. `renamed` are earlier ids of the entity, or earlier names
    of the lines. `search` are the paths whose words the search index holds.
    """

    name: str
    columns: dict[str, Column]
    key: tuple[str, ...] = ("id",)
    indexes: dict[str, Index] = {}
    foreign: dict[str, ForeignKey] = {}
    entity: str = ""
    lines: str = ""
    renamed: tuple[str, ...] = ()
    retired: bool = False
    module: str = ""
    label: dict[str, str] = {}
    search: tuple[str, ...] = ()
    instead: dict[str, str] = {}
    after: dict[str, list[str]] = {}


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """All tables of a tenant and the versions of the modules they come from."""

    tables: dict[str, Table] = {}
    modules: dict[str, str] = {}

    @property
    def hash(self) -> str:
        """SHA-256 over everything that matters to the database: not labels, order or fillers."""
        return digest(
            {
                name: {
                    "columns": {key: column.shape() for key, column in table.columns.items()},
                    "key": table.key,
                    "indexes": table.indexes,
                    "foreign": table.foreign,
                    "what": (table.entity, table.lines, table.search),
                }
                for name, table in self.tables.items()
            }
        )

    def with_table(self, table: Table) -> "State":
        """Return the state with the table added or replaced."""
        return structs.replace(self, tables={**self.tables, table.name: table})

    def without_table(self, name: str) -> "State":
        """Return the state without the table."""
        return structs.replace(
            self, tables={key: table for key, table in self.tables.items() if key != name}
        )


NOTHING: Final = State()
"""The state of a tenant that was never applied to."""


def quote(name: str) -> str:
    """A name as SQL; names of ours hold no quotation mark."""
    return f'"{name}"'


def short_name(name: str) -> str:
    """Fit a name of ours into the 63 bytes that PostgreSQL allows, still unique."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 9]}_{digest(name)[:8]}"


def key_name(table: str, column: str) -> str:
    """The name of the foreign key of a column."""
    return short_name(f"{table}__{column}__fk")


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(_encoder.encode(value)).hexdigest()


def to_json(state: State) -> bytes:
    """Write the state as JSON; columns keep their order."""
    kept = {name: _kept(table) for name, table in state.tables.items()}
    return msgspec.json.encode(structs.replace(state, tables=kept))


def _kept(table: Table) -> Table:
    columns = {
        name: structs.replace(column, fill="", filler={})
        if column.fill or column.filler
        else column
        for name, column in table.columns.items()
    }
    return structs.replace(table, columns=columns)


def from_json(text: bytes | str) -> State:
    """Read what `to_json` wrote. Raises msgspec.ValidationError for anything else."""
    return _decoder.decode(text)


def said(label: Label) -> dict[str, str]:
    """A label as plain JSON."""
    return dict(label.items())


def named(label: Mapping[str, str], otherwise: str) -> Label:
    """A label from plain JSON; the id where nothing was written."""
    return Label.of(label or otherwise)


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(State)
