"""Conflicts: what two people changed at once, value by value, in words."""

from dataclasses import dataclass
from typing import Any

from dougong.catalog.entity import Entity, Field
from dougong.foundation.errors import Refused
from dougong.records import store
from dougong.records.work import Work
from dougong.screens.history import value_text
from dougong.screens.values import Reader
from dougong.screens.words import Words


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs: mine and theirs as a person reads them, theirs as JSON carries it."""

    field: str
    label: str
    yours: str
    theirs: str
    value: Any


def tell_differences(work: Work, entity_id: str, id_: int, refused: Refused) -> Refused:
    """Return the refusal of a version conflict with its differences in words, and the version the
    record has now, so that the page can ask whose values to keep.
    """
    entity = work.entity(entity_id)
    reader = Reader(Words(work.context.language), work.context.zone)
    found = [_difference(work, entity, one, reader) for one in refused.extra.get("differences", ())]
    version = store.read(work, entity_id, id_)["version"]
    extra = {"differences": [one for one in found if one], "version": version}
    return Refused(refused.problems, status=refused.status, extra=extra)


def _difference(
    work: Work, entity: Entity, told: dict[str, Any], reader: Reader
) -> Difference | None:
    path = str(told["field"])
    names = path.split(".")
    lines = entity.lines.get(names[0])
    field: Field | None = lines.fields.get(names[-1]) if lines else entity.fields.get(path)
    if field is None:
        label = lines.label.say(reader.words.language) if lines else path
        return Difference(path, label, "", "", told.get("theirs")) if lines else None
    yours, theirs = (
        value_text(work, field, told.get(whose), reader) for whose in ("yours", "theirs")
    )
    label = field.label.say(reader.words.language)
    return Difference(path, label, yours, theirs, told.get("theirs"))
