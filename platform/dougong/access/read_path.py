"""ReadPath: a path resolved to fields, as a value."""

from dataclasses import dataclass

from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import Shape
from dougong.foundation.translate import Label

_IDENTITY = Label.of({"zh": "内部编号", "en": "Id"})


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the path, and the entity it points to."""

    field: Field
    target: Entity


@dataclass(frozen=True, slots=True)
class ReadPath:
    """A path that may be read: it begins at `entity` (in its `lines`, when named), follows the links
    of `steps` and ends at `field` of `last`.
    """

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
