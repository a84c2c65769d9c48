"""Paths from outside (`customer.region.name`): resolved to fields, or refused, step by step.

Every step asks the access of the entity it stands on, so a hidden field or an entity that may not
be read can't be reached round a corner. Which rows of a linked entity count is said by its own row
rule, when the path becomes SQL (`columns.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import Dialect, Shape
from dougong.foundation.errors import Problem, Refused, refuse
from dougong.foundation.translate import Label

MOST_STEPS = 6
"""Names in a path, its set of lines included."""

_IDENTITY = Label.of({"zh": "内部编号", "en": "Id"})


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the path, and the entity it points to."""

    field: Field
    target: Entity


@dataclass(frozen=True, slots=True)
class ReadPath:
    """A path that may be read: it begins at `entity` (in its `lines`, when named), follows the links
    of `steps` and ends at `field` of `last`."""

    text: str
    entity: Entity
    lines: str
    steps: tuple[Step, ...]
    field: Field

    @property
    def last(self) -> Entity:
        """The entity the field belongs to."""
        return self.steps[-1].target if self.steps else self.entity


def identity(entity: Entity) -> Field:
    """Return the field `id` of an entity."""
    return entity.fields.get("id") or Field(
        "id", Shape("link", targets=(entity.id,)), _IDENTITY, column="id", system=True
    )


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
        raise refuse(PATH_TOO_LONG, path, path=path, most=MOST_STEPS - 1)
    decided = access(catalog, roles, entity_id, dialect)
    entity = decided.entity
    within = ""
    if len(names) > 1 and names[0] in entity.lines:
        if not lines:
            raise refuse(PATH_LINES, path, path=path)
        within = names.pop(0)
    steps: list[Step] = []
    for name in names[:-1]:
        field = _field(decided, within if not steps else "", name, path)
        if field.type != "link" or len(field.targets) != 1 or field.by:
            raise refuse(PATH_NO_LINK, path, name=name, path=path)
        decided = access(catalog, roles, field.targets[0], dialect)
        if not decided.may("read"):
            raise refuse(PATH_DENIED, path, path=path, entity=decided.entity.label)
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
        raise refuse(FIELD_HIDDEN, path, path=path)
    if name in fields:
        return fields[name]
    if name == "id":
        return identity(entity)
    if name in entity.lines and not within:
        raise refuse(PATH_LINES, path, path=path)
    near = get_close_matches(name, [*fields, *entity.lines], 1)
    raise refuse(
        PATH_UNKNOWN, path, nearest=near[0] if near else "", entity=entity.label, name=name, path=path
    )
