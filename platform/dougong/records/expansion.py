"""Tells the records that links point to beside the links: id, title and the fields asked for.

Everything is read with the person's rights: a record out of reach is told by its id and the title —.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from dougong.access.columns import reader_columns
from dougong.access.paths import readable
from dougong.access.read_path import ReadPath
from dougong.access.rows import fill
from dougong.access.select_text import among, select
from dougong.catalog.entity import Entity, Field
from dougong.foundation.errors import Refused
from dougong.generated.rows import stored_to_wire
from dougong.records.work import Work

HIDDEN = "—"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_.]*)(?::[^}]*)?\}")


@dataclass(slots=True)
class _Link:
    """A link to expand and the fields wanted of its target."""

    lines: str
    field: Field
    fields: dict[str, None] = dataclasses.field(default_factory=dict)


def add(work: Work, entity: Entity, record: dict[str, Any], expand: Sequence[str]) -> None:
    """Add `expanded` to a record for JSON and to its lines. Raises Refused for a path that cannot
    be followed (400, 403).
    """
    for link in _links(work, entity, expand):
        rows = record.get(link.lines, []) if link.lines else [record]
        name = link.field.name
        wanted: dict[str, dict[str, None]] = {}
        for row in rows:
            target = _target(link.field, row)
            if target in work.catalog.entities:
                wanted.setdefault(target, {}).update(dict.fromkeys(_ids(row.get(name))))
        found = {
            target: _told(work, target, ids, tuple(link.fields)) for target, ids in wanted.items()
        }
        for row in rows:
            if row.get(name) is not None:
                known = found.get(_target(link.field, row), {})
                shown = [known.get(id_, {"id": id_, "title": HIDDEN}) for id_ in _ids(row[name])]
                row.setdefault("expanded", {})[name] = (
                    shown if isinstance(row[name], list) else shown[0]
                )


def _links(work: Work, entity: Entity, expand: Iterable[str]) -> list[_Link]:
    """Sort the paths by the link they begin with."""
    found: dict[tuple[str, str], _Link] = {}
    roles, dialect = work.context.roles, work.dialect
    for path in expand:
        names = path.split(".")
        lines = names.pop(0) if len(names) > 1 and names[0] in entity.lines else ""
        link_path = f"{lines}.{names[0]}" if lines else names[0]
        each = readable(work.catalog, roles, entity.id, link_path, dialect, lines=True).field
        link = found.setdefault((lines, names[0]), _Link(lines, each))
        if len(names) > 1:
            readable(work.catalog, roles, entity.id, path, dialect, lines=True)
            link.fields[".".join(names[1:])] = None
    return list(found.values())


def _target(each: Field, row: dict[str, Any]) -> str:
    if each.by:
        return str(row.get(each.by) or "")
    return each.targets[0] if each.targets else ""


def _ids(value: Any) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _told(
    work: Work, target: str, ids: Iterable[str], fields: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Read records of one target by their id texts."""
    access = work.access(target)
    wanted = [int(one) for one in ids]
    if not wanted or not access.may("read"):
        return {}
    entity, dialect, roles = access.entity, work.dialect, work.context.roles
    columns = reader_columns(work.catalog, roles, dialect)
    shown = _title_paths(entity)
    paths = [_path(work, target, name) for name in (*shown, *fields)]
    pieces = [columns.read(path, "t") if path else None for path in paths]
    texts = [piece.text if piece else "NULL" for piece in pieces]
    rule = access.rows("read")
    where = f't."id" {among(dialect)}' + (f" AND ({rule.text})" if rule else "")
    sql = select(", ".join(['t."id"', *texts]), entity.table, "t", where)
    params: list[Any] = [
        one for piece in pieces if piece for one in fill(piece.params, work.context, dialect)
    ]
    params.append(msgspec.json.encode(wanted).decode() if dialect == "sqlite" else wanted)
    params += fill(rule.params, work.context, dialect) if rule else ()
    found = {}
    for id_, *values in work.connection.run(sql, params):
        wired = [_wire(work, path, value) for path, value in zip(paths, values, strict=True)]
        known = dict(zip(shown, zip(paths, wired, strict=False), strict=False))
        row = {"id": str(id_), "title": _title(work, entity, known)}
        row.update(zip(fields, wired[len(shown) :], strict=True))
        found[str(id_)] = row
    return found


def _title_paths(entity: Entity) -> tuple[str, ...]:
    title = entity.title or _usual(entity)
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(title)))


def _usual(entity: Entity) -> str:
    names = [name for name in ("number", "code", "name") if name in entity.fields]
    return " ".join(f"{{{name}}}" for name in names) or "{id}"


def _path(work: Work, target: str, name: str) -> ReadPath | None:
    try:
        return readable(work.catalog, work.context.roles, target, name, work.dialect)
    except Refused:
        return None


def _wire(work: Work, path: ReadPath | None, value: Any) -> Any:
    if path is None:
        return None
    return stored_to_wire(path.field, work.dialect)(value)


def _title(work: Work, entity: Entity, known: dict[str, tuple[ReadPath | None, Any]]) -> str:
    def say(found: re.Match[str]) -> str:
        path, value = known[found[1]]
        if path is None:
            return HIDDEN
        for option in path.field.options:
            if option.code == value:
                return option.label.say(work.context.language)
        return "" if value is None else str(value)

    title = _PLACEHOLDER.sub(say, entity.title or _usual(entity))
    return " ".join(title.split())
