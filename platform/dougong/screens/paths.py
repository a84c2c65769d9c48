"""Paths: what `customer.name` means on an entity, and whether this person may see it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field

Hidden = Callable[[str], frozenset[str]]
"""The hidden field paths of an entity, for this person."""

_PLACEHOLDER = re.compile(r"\{([a-z0-9_.]+)")


@dataclass(frozen=True, slots=True)
class Found:
    """What a path leads to: its last field, the entity that field stands in, the links before it."""

    path: str
    field: Field
    entity: Entity
    links: tuple[Field, ...] = ()

    def label(self, language: str) -> str:
        """Name the column: a link's own label when the path ends in the target's title."""
        own = self.field.label.say(language)
        if not self.links:
            return own
        link = self.links[-1].label.say(language)
        return link if self.field.name in title_fields(self.entity) else f"{link} · {own}"


def title_fields(entity: Entity) -> tuple[str, ...]:
    """Return the fields whose values make an entity's title."""
    return tuple(_PLACEHOLDER.findall(entity.title)) or entity.key


def find_path(catalog: Catalog, entity: Entity, path: str, hidden: Hidden) -> Found | None:
    """Follow `path` from `entity` through single links.

    None when a step does not exist, leads through lines or several targets, or is hidden from
    this person: what may not be seen is not there.
    """
    links: list[Field] = []
    here = entity
    *steps, last = path.split(".")
    for step in steps:
        link = here.fields.get(step)
        if link is None or step in hidden(here.id) or len(link.targets) != 1:
            return None
        target = catalog.entities.get(link.targets[0])
        if target is None:
            return None
        links.append(link)
        here = target
    field = here.fields.get(last)
    if field is None or last in hidden(here.id):
        return None
    return Found(path, field, here, tuple(links))
