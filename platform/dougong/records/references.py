"""Who refers to a record: looked up before it is deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.fields.types import field_type
from dougong.foundation.errors import refuse
from dougong.foundation.translate import Label
from dougong.generated.code import EntityCode
from dougong.generated.shape import quoted
from dougong.generated.sql import mark
from dougong.records.problems import REFERENCED
from dougong.records.work import Work


@dataclass(frozen=True, slots=True)
class Reference:
    """A stored field that may point to an entity (or to one set of its lines)."""

    entity: Entity
    lines: str
    field: Field
    target: str

    @property
    def label(self) -> Label:
        """Who it is, in words: sales order · customer."""
        each, field = self.entity.label, self.field.label
        return Label.of(
            {language: f"{each.say(language)} · {field.say(language)}" for language in ("zh", "en")}
        )


class _Held:
    """A catalog known by its fingerprint, or by itself where it has none."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.key = catalog.fingerprint or id(catalog)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.key == self.key


def references_to(catalog: Catalog, entity: str) -> tuple[Reference, ...]:
    """List the fields that may point to an entity or to its lines."""
    return _all(_Held(catalog)).get(entity, ())


@lru_cache(maxsize=50)
def _all(held: _Held) -> dict[str, tuple[Reference, ...]]:
    found: dict[str, list[Reference]] = {}
    for entity in held.catalog.entities.values():
        if not entity.stored:
            continue
        for lines, each in _fields(entity):
            if field_type(each.type).kind in ("link", "links") and each.column:
                for target in each.targets:
                    above = target if target in held.catalog.entities else target.rpartition(".")[0]
                    found.setdefault(above, []).append(Reference(entity, lines, each, target))
    return {target: tuple(them) for target, them in found.items()}


def _fields(entity: Entity) -> Iterator[tuple[str, Field]]:
    for each in entity.fields.values():
        if not each.system:
            yield "", each
    for name, lines in entity.lines.items():
        for each in lines.fields.values():
            yield name, each


def hold_free(work: Work, entity: Entity, record: Any) -> None:
    """Raise Refused (409), naming who, when another record refers to this one."""
    found: list[Reference] = []
    for reference in references_to(work.catalog, entity.id):
        ids = [record.id]
        if reference.target != entity.id:
            ids = [line.id for line in getattr(record, f"l_{reference.target.rpartition('.')[2]}")]
        if any(_refers(work, reference, id_, record.id) for id_ in ids):
            found.append(reference)
    if found:
        labels = [reference.label for reference in found]
        who = Label.of(
            {
                "zh": "、".join(each.say("zh") for each in labels),
                "en": ", ".join(each.say("en") for each in labels),
            }
        )
        raise refuse(REFERENCED, who=who)


def hold_lines_free(work: Work, entity: Entity, lines: str, ids: list[int], header: int) -> None:
    """Raise Refused (409), naming who, when another record refers to one of these lines."""
    for reference in references_to(work.catalog, entity.id):
        if reference.target == f"{entity.id}.{lines}" and any(
            _refers(work, reference, id_, header) for id_ in ids
        ):
            raise refuse(REFERENCED, lines, who=reference.label)


def hold_gone_lines(work: Work, code: EntityCode, old: Any, record: Any) -> None:
    """Raise Refused (409) when a line that is to go is referred to."""
    for name in code.lines:
        kept = {line.id for line in getattr(record, f"l_{name}")}
        gone = [line.id for line in getattr(old, f"l_{name}") if line.id not in kept]
        if gone:
            hold_lines_free(work, code.entity, name, gone, old.id)


def _refers(work: Work, reference: Reference, id_: int, header: int) -> bool:
    """Tell whether a row other than of the record itself points to an id."""
    one = mark(work.dialect)
    owner = reference.entity.lines[reference.lines] if reference.lines else reference.entity
    column = f"t.{quoted(reference.field.column)}"
    own = 't."parent"' if reference.lines else 't."id"'
    params: list[Any] = [id_]
    if field_type(reference.field.type).kind == "link":
        condition = f"{column} = {one}"
    elif work.dialect == "sqlite":
        condition = f"{column} IS NOT NULL AND EXISTS (SELECT 1 FROM json_each({column}) AS j WHERE j.value = {one})"  # noqa: S608 -- our names
    else:
        condition = f"{one} = ANY({column})"
    if reference.field.by:
        by = f"t.{quoted(reference.field.by)}"
        condition = f"{condition} AND {by} = {one}"
        params.append(reference.target)
    sql = f"SELECT 1 FROM @.{quoted(owner.table)} AS t WHERE {condition} AND {own} <> {one} LIMIT 1"  # noqa: S608 -- our names
    return bool(work.connection.run(sql, [*params, header]))
