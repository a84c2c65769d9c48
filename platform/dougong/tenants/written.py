"""Values as a person writes them in a file, turned into what the gate takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.fields.types import field_type
from dougong.foundation.translate import Label


def wire_body(
    catalog: Catalog,
    entity: Entity,
    values: Mapping[str, Any],
    *,
    language: str,
    named: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return `values` of one record as JSON carries them.

    A link may be written as the target's business key, or as a name in `named` (name to id). A text
    in several languages becomes the one in `language`: a field holds one text. Keys the entity does
    not know are passed on: the gate refuses them with their path.
    """
    writing = _Writing(catalog, language, named or {})
    return writing.body(entity, values)


class _Writing:
    """The catalog, the language and the names in use while one record is turned."""

    def __init__(self, catalog: Catalog, language: str, named: Mapping[str, int]) -> None:
        self.catalog = catalog
        self.language = language
        self.named = named

    def body(self, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
        """Turn a header with its lines."""
        made: dict[str, Any] = {}
        for name, value in values.items():
            lines = entity.lines.get(name)
            if lines is not None and isinstance(value, Sequence) and not isinstance(value, str):
                made[name] = [self.fields(lines.fields, row) for row in value]
            else:
                made[name] = self.value(entity.fields.get(name), value)
        return made

    def fields(self, fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
        """Turn a line."""
        return {name: self.value(fields.get(name), value) for name, value in values.items()}

    def value(self, field: Field | None, value: Any) -> Any:
        """Turn the value of one field."""
        if field is None or value is None:
            return value
        if field.type == "link" and isinstance(value, str | int):
            return self.link(field, str(value))
        if field.type == "links" and isinstance(value, Sequence) and not isinstance(value, str):
            return [self.link(field, str(each)) for each in value]
        if isinstance(value, Mapping) and value and field_type(field.type).kind == "text":
            return Label.of(value).say(self.language)
        if isinstance(value, int) and not isinstance(value, bool) and field.shape.scale is None:
            return value if field.type == "integer" else str(value)
        return value

    def link(self, field: Field, written: str) -> Any:
        """Turn a link: a name of this file, or the business key of the target."""
        if written in self.named:
            return str(self.named[written])
        target = self.catalog.entities.get(field.targets[0]) if field.targets else None
        if target is None or len(target.key) != 1:
            return written
        return {target.key[0]: written}
