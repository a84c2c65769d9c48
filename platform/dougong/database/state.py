"""The state a catalog declares: tables, columns, indexes and keys by stable names. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect as SqlDialect

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field, Lines
from dougong.database.filler import filler
from dougong.database.match import SORT
from dougong.database.system import SYSTEM_TABLES
from dougong.database.tables import (
    BOTH,
    Column,
    ForeignKey,
    Index,
    State,
    Table,
    said,
    short_name,
)
from dougong.database.types import TYPES
from dougong.fields.field_type import Dialect, Shape
from dougong.fields.types import field_type, scale_of
from dougong.fields.words import sort_name
from dougong.formulas.tree import Formula
from dougong.foundation.translate import Label

PLATFORM: Final = ("dougong", "base", "tenant")
"""What is always there beside the modules: system tables, the platform's and the tenant's layer."""
SORTED_TYPES: Final = ("text", "code")
_NEVER_EMPTY: Final = ("id", "version", "created", "changed")
_DIALECTS: Final[dict[Dialect, SqlDialect]] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]
}


def state_of(catalog: Catalog) -> State:
    """Say which tables the catalog means, the platform's own included.

    A retired field keeps its column, empty cells allowed; once its declaration is gone too, the
    column may go. A link to one stored entity is a foreign key with an index; a link that names its
    entity in a neighbour field has an index over both.
    """
    tables = {table.name: table for table in SYSTEM_TABLES}
    targets = _targets(catalog)
    for entity in catalog.entities.values():
        if entity.stored:
            for table in _tables(catalog, entity, targets):
                tables[table.name] = table
    modules = {name: module.version for name, module in catalog.modules.items()}
    return State(tables, {**dict.fromkeys(PLATFORM, ""), **modules})


def sorted_fields(entity: Entity) -> tuple[str, ...]:
    """The header's fields that have a stored sort key: the texts that searches name."""
    return tuple(
        name
        for name in dict.fromkeys(entity.search)
        if name in entity.fields
        and entity.fields[name].column
        and entity.fields[name].type in SORTED_TYPES
    )


def _targets(catalog: Catalog) -> Mapping[str, str]:
    """The table of every entity, and of every set of lines as `entity.lines`."""
    found: dict[str, str] = {}
    for name, entity in catalog.entities.items():
        if entity.stored:
            found[name] = entity.table
            found.update((f"{name}.{lines.name}", lines.table) for lines in entity.lines.values())
    return found


def _tables(catalog: Catalog, entity: Entity, targets: Mapping[str, str]) -> Iterator[Table]:
    columns = {
        field.column: _column(catalog, entity, None, field) for field in _stored(entity.fields)
    }
    indexes: dict[str, Index] = {}
    for name in sorted_fields(entity):
        sort = _sort_column(entity.fields[name])
        columns[sort.name] = sort
        _add(indexes, entity.table, f"sort_{name}", (sort.name, "id"))
    if entity.key:
        _add(indexes, entity.table, "key", _columns_of(entity, entity.key), unique=True)
    for index in entity.indexes:
        _add(
            indexes, entity.table, f"index_{index.name}", _columns_of(entity, index.fields),
            unique=index.unique,
        )  # fmt: skip
    foreign = _links(entity.table, entity.fields, targets, indexes)
    yield Table(
        name=entity.table, columns=columns, indexes=indexes, foreign=foreign, entity=entity.id,
        search=entity.search,
        renamed=entity.renamed, retired=bool(entity.retired), module=_module(entity.origin, entity.module),
        label=said(entity.label),
    )  # fmt: skip
    for lines in entity.lines.values():
        yield _line_table(catalog, entity, lines, targets)


def _line_table(
    catalog: Catalog, entity: Entity, lines: Lines, targets: Mapping[str, str]
) -> Table:
    own = (
        _plain("id", "link", "行号", "Line"),
        _plain("parent", "link", "单据", "Document"),
        _plain("position", "integer", "位置", "Position"),
    )
    columns = {column.name: column for column in own}
    columns |= {
        field.column: _column(catalog, entity, lines, field) for field in _stored(lines.fields)
    }
    indexes: dict[str, Index] = {}
    _add(indexes, lines.table, "parent", ("parent", "position"))
    foreign = {"parent": ForeignKey("parent", entity.table, cascade=True)}
    foreign |= _links(lines.table, lines.fields, targets, indexes)
    return Table(
        name=lines.table, columns=columns, indexes=indexes, foreign=foreign, entity=entity.id,
        lines=lines.name, renamed=lines.renamed, retired=bool(lines.retired or entity.retired),
        module=_module(lines.origin, entity.module), label=said(lines.label),
    )  # fmt: skip


def _stored(fields: Mapping[str, Field]) -> Iterable[Field]:
    return (field for field in fields.values() if field.column)


def _columns_of(entity: Entity, fields: Iterable[str]) -> tuple[str, ...]:
    return tuple(entity.fields[name].column for name in fields if name in entity.fields)


def _column(catalog: Catalog, entity: Entity, lines: Lines | None, field: Field) -> Column:
    default = field.formula or field.default
    kind = field_type(field.type).kind
    return Column(
        name=field.column,
        kind="integer" if field.type == "integer" else kind,
        types=dict(_types_of(field.shape)),
        scale=scale_of(field.shape),
        required=_is_required(field, entity),
        renamed=field.renamed,
        retired=bool(field.retired),
        module=_module(field.origin, entity.module),
        label=said(field.label),
        fill=default.text if default else "",
        filler=filler(catalog, entity, lines, field, default) if default else {},
        reads=tuple(_reads(entity, lines, default)) if default else (),
    )


def _reads(entity: Entity, lines: Lines | None, formula: Formula) -> Iterator[tuple[str, str]]:
    """The columns of the record itself that a formula reads, as table and column."""
    for root, *names in formula.reads:
        if root == "rows" and len(names) > 1 and names[0] in entity.lines:
            yield entity.lines[names[0]].table, names[1]
        elif names and root == "header":
            yield entity.table, names[0]
        elif names and root in ("record", "line"):
            yield (lines.table if lines else entity.table), names[0]


def _is_required(field: Field, entity: Entity) -> bool:
    """Whether no row may lack it: not where it depends, is retired, or is issued later by an act."""
    if field.system:
        return field.name in _NEVER_EMPTY
    issued = {name for action in entity.actions.values() for name in action.issue}
    return (
        field.required is True
        and not field.retired
        and not field.sequences
        and not isinstance(field.visible, Formula)
        and field.name not in issued
    )


def _sort_column(field: Field) -> Column:
    label = {language: f"{text} ↕" for language, text in field.label.items()}
    return Column(
        name=sort_name(field.column), kind=SORT, types=TYPES["text"], label=label,
        renamed=tuple(sort_name(name) for name in field.renamed),
    )  # fmt: skip


def _plain(name: str, kind: str, zh: str, en: str) -> Column:
    label = said(Label.of({"zh": zh, "en": en}))
    return Column(name=name, kind=kind, types=TYPES[kind], required=True, label=label)


@lru_cache(maxsize=4096)
def _types_of(shape: Shape) -> tuple[tuple[str, str], ...]:
    known = field_type(shape.type)
    return tuple(
        (name, known.column(shape, name).compile(dialect=_DIALECTS[name])) for name in BOTH
    )


def _links(
    table: str, fields: Mapping[str, Field], targets: Mapping[str, str], indexes: dict[str, Index]
) -> dict[str, ForeignKey]:
    """Keys and indexes of links; unique fields get their index here too."""
    foreign: dict[str, ForeignKey] = {}
    for field in _stored(fields):
        if field.unique:
            _add(indexes, table, f"unique_{field.name}", (field.column,), unique=True)
        if field.system or field.type != "link":
            continue
        if field.by and field.by in fields and fields[field.by].column:
            _add(indexes, table, f"link_{field.name}", (fields[field.by].column, field.column))
            continue
        target = targets.get(field.targets[0], "") if len(field.targets) == 1 else ""
        if target:
            foreign[field.column] = ForeignKey(field.column, target)
        if not any(index.columns[:1] == (field.column,) for index in indexes.values()):
            _add(indexes, table, f"link_{field.name}", (field.column,))
    return foreign


def _add(
    indexes: dict[str, Index],
    table: str,
    name: str,
    columns: tuple[str, ...],
    *,
    unique: bool = False,
) -> None:
    """Name the index so that it can be mistaken for no table: those never begin with `ix__`."""
    if columns:
        whole = short_name(f"ix__{table}__{name}")
        indexes[whole] = Index(whole, columns, unique)


def _module(origin: str, otherwise: str) -> str:
    """Who must leave for this to vanish: `module:sales` is sales, the tenant's own is `tenant`."""
    layer, _, owner = origin.partition(":")
    if layer == "tenant":
        return "tenant"
    return owner or otherwise
