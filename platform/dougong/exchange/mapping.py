"""Which column fills which field: guessed from the headings, or declared in an `import:` file."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dougong.catalog.entity import Entity, Field
from dougong.catalog.process import ColumnSource, ImportMapping, LinesSource
from dougong.exchange import problems
from dougong.exchange.table import Table, fold
from dougong.foundation.errors import Place, Problem
from dougong.foundation.translate import LANGUAGES

SYSTEM_COLUMNS = frozenset({"id", "created", "created_by", "changed", "changed_by", "version"})


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a column may fill: its dotted `path`, and the headings people know it by."""

    path: str
    field: Field
    names: tuple[str, ...]


def targets(entity: Entity, *, closed: frozenset[str] = frozenset()) -> tuple[Target, ...]:
    """List the fields a file may fill: stored, not computed, not in `closed` (what the person may
    not write). Line fields are named `items.qty` and headed `明细.数量`, `Lines.Qty`.
    """
    found = [
        Target(field.name, field, tuple(field.label.say(language) for language in LANGUAGES))
        for field in entity.fields.values()
        if _may_fill(field) and field.name not in closed
    ]
    for lines in entity.lines.values():
        for field in lines.fields.values():
            path = f"{lines.name}.{field.name}"
            if _may_fill(field) and path not in closed:
                names = (
                    f"{lines.label.say(language)}.{field.label.say(language)}"
                    for language in LANGUAGES
                )
                found.append(Target(path, field, tuple(names)))
    return tuple(found)


def _may_fill(field: Field) -> bool:
    return bool(field.column) and field.formula is None and field.name not in SYSTEM_COLUMNS


def suggest(entity: Entity, table: Table, *, closed: frozenset[str] = frozenset()) -> ImportMapping:
    """Guess the mapping of `table` to `entity`: by name or label in any language, then by likeness.

    A heading that fits nothing is left out; the caller shows the guess and lets a person change it.
    """
    found = list(targets(entity, closed=closed))
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    for target in found:
        for name in (target.path, *target.names, target.path.rpartition(".")[2]):
            exact.setdefault(name, target.path)
            folded.setdefault(fold(name), target.path)
    taken: dict[str, str] = {}
    rest = _take(table.headings, exact.get, taken)
    rest = _take(rest, lambda heading: folded.get(fold(heading)), taken)
    _take(rest, lambda heading: folded.get(_near(fold(heading), folded)), taken)
    return from_pairs(entity, taken)


def _take(
    headings: Iterable[str], path_of: Callable[[str], str | None], taken: dict[str, str]
) -> list[str]:
    """Give each heading the path it fits when that is free; return the headings left over."""
    rest = []
    for heading in headings:
        path = path_of(heading)
        if path and path not in taken:
            taken[path] = heading
        else:
            rest.append(heading)
    return rest


def _near(text: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(text, known, n=1, cutoff=0.86)), "")


def from_pairs(entity: Entity, pairs: Mapping[str, str]) -> ImportMapping:
    """Build a mapping from `{field path: heading}`, as the page and the command line give it."""
    header: list[ColumnSource] = []
    of_lines: dict[str, list[ColumnSource]] = {}
    for path, heading in pairs.items():
        first, _, below = path.partition(".")
        if below and first in entity.lines:
            of_lines.setdefault(first, []).append(ColumnSource(below, heading))
        else:
            header.append(ColumnSource(path, heading))
    lines = tuple(LinesSource(name, tuple(columns)) for name, columns in of_lines.items())
    return ImportMapping(
        id="", entity=entity.id, label=entity.label, columns=tuple(header), lines=lines
    )


def with_key(mapping: ImportMapping, entity: Entity) -> ImportMapping:
    """Fill in the business key: the mapping's own, the entity's, or its number."""
    if mapping.key:
        return mapping
    key = entity.key or (("number",) if "number" in entity.fields else ())
    given = {column.field for column in mapping.columns}
    return replace(mapping, key=key if set(key) <= given else ())


def check_mapping(
    mapping: ImportMapping,
    entity: Entity,
    tables: Mapping[str, Table],
    *,
    closed: frozenset[str] = frozenset(),
) -> list[Problem]:
    """Hold a mapping against the entity and the files; return every problem.

    `tables` holds the main file under "" and the files of lines under their names.
    """
    allowed = {target.path for target in targets(entity, closed=closed)}
    found: list[Problem] = []
    if not mapping.columns and not mapping.lines:
        found.append(Problem(problems.NOTHING_MAPPED, Place(), {"entity": entity.label}))
    for prefix, columns, table in _parts(mapping, tables):
        found += _check_columns(prefix, columns, table, entity, allowed)
    for lines in mapping.lines:
        if lines.file and lines.file not in tables:
            found.append(Problem(problems.FILE_MISSING, Place(), {"file": lines.file}))
    return found


def _parts(
    mapping: ImportMapping, tables: Mapping[str, Table]
) -> Iterator[tuple[str, Sequence[ColumnSource], Table]]:
    yield "", mapping.columns, tables[""]
    for lines in mapping.lines:
        if lines.file in tables:
            yield f"{lines.lines}.", lines.columns, tables[lines.file]


def _check_columns(
    prefix: str,
    columns: Sequence[ColumnSource],
    table: Table,
    entity: Entity,
    allowed: set[str],
) -> list[Problem]:
    found: list[Problem] = []
    filled: dict[str, str] = {}
    for column in columns:
        path = prefix + column.field
        if path not in allowed:
            near = difflib.get_close_matches(path, allowed, n=1)
            values = {"entity": entity.label, "field": path}
            found.append(
                Problem(problems.NO_FIELD, Place(path=path), values, near[0] if near else "")
            )
        if column.column and column.column not in table.headings:
            near = difflib.get_close_matches(column.column, table.headings, n=1)
            values = {"column": column.column}
            found.append(
                Problem(problems.NO_COLUMN, Place(path=path), values, near[0] if near else "")
            )
        if path in filled:
            values = {"field": path, "columns": f"{filled[path]}, {column.column}"}
            found.append(Problem(problems.TWO_COLUMNS, Place(path=path), values))
        filled[path] = column.column
    return found
