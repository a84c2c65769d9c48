"""Paths from outside (`customer.region.name`): resolved to fields, or refused, step by step.

Every step asks the access of the entity it stands on, so a hidden field or an entity that may not
be read can't be reached round a corner. Which rows of a linked entity count is said by its own row
rule, when the path becomes SQL (`columns.py`).
"""

from collections.abc import Iterable
from difflib import get_close_matches

from dougong.access.decide import EntityAccess, access
from dougong.access.problems import (
    FIELD_HIDDEN,
    PATH_DENIED,
    PATH_LINES,
    PATH_NO_LINK,
    PATH_TOO_LONG,
    PATH_UNKNOWN,
)
from dougong.access.read_path import ReadPath, Step, identity
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Field
from dougong.fields.field_type import Dialect
from dougong.foundation.errors import Problem, Refused, refuse

MOST_STEPS = 6
"""Names in a path, its set of lines included."""


def readable(
    catalog: Catalog,
    roles: frozenset[str],
    entity_id: str,
    path: str,
    dialect: Dialect,
    *,
    lines: bool = False,
) -> ReadPath:
    """Resolve `path` from `entity_id` with the rights of `roles`.

    `lines` allows it to begin with a set of lines. Raises Refused: 400 for what does not exist or
    can't be followed, 403 for a hidden field or an entity out of reach.
    """
    names = path.split(".")
    if len(names) > MOST_STEPS:
        raise refuse(PATH_TOO_LONG, path, at=path, most=MOST_STEPS - 1)
    decided = access(catalog, roles, entity_id, dialect)
    entity = decided.entity
    within = ""
    if len(names) > 1 and names[0] in entity.lines:
        if not lines:
            raise refuse(PATH_LINES, path, at=path)
        within = names.pop(0)
    steps: list[Step] = []
    for name in names[:-1]:
        field = _field(decided, within if not steps else "", name, path)
        if field.type != "link" or len(field.targets) != 1 or field.by:
            raise refuse(PATH_NO_LINK, path, name=name, at=path)
        decided = access(catalog, roles, field.targets[0], dialect)
        if not decided.may("read"):
            raise refuse(PATH_DENIED, path, at=path, entity=decided.entity.label)
        steps.append(Step(field, decided.entity))
    field = _field(decided, within if not steps else "", names[-1], path)
    return ReadPath(path, entity, within, tuple(steps), field)


def readable_all(
    catalog: Catalog,
    roles: frozenset[str],
    entity_id: str,
    paths: Iterable[str],
    dialect: Dialect,
    *,
    lines: bool = False,
) -> tuple[ReadPath, ...]:
    """Resolve several paths; raises Refused with the problems of all of them."""
    found: list[ReadPath] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(readable(catalog, roles, entity_id, path, dialect, lines=lines))
        except Refused as refused:
            problems.extend(refused.problems)
    if problems:
        raise Refused(problems)
    return tuple(found)


def _field(decided: EntityAccess, within: str, name: str, path: str) -> Field:
    entity = decided.entity
    fields = entity.lines[within].fields if within else entity.fields
    place = f"{within}.{name}" if within else name
    if place in decided.hidden or (within and within in decided.hidden):
        raise refuse(FIELD_HIDDEN, path, at=path)
    if name in fields:
        return fields[name]
    if name == "id":
        return identity(entity)
    if name in entity.lines and not within:
        raise refuse(PATH_LINES, path, at=path)
    near = get_close_matches(name, [*fields, *entity.lines], 1)
    raise refuse(
        PATH_UNKNOWN, path, nearest=near[0] if near else "", entity=entity.label, name=name, at=path
    )
