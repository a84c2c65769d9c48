"""Fields whose formulas or defaults read each other in a circle can't be computed."""

from collections.abc import Iterator, Mapping

from dougong.catalog.entity import Entity, Field
from dougong.formulas.cycles import cycle_problems
from dougong.foundation.errors import Place, Problem


def circles(entity: Entity) -> list[Problem]:
    """Return a problem for each circle among the formulas and defaults of an entity."""
    reads: dict[str, list[str]] = {}
    places: dict[str, Place] = {}
    for name, lines, field in _computed(entity):
        reads[name] = list(_read(field, lines))
        places[name] = field.place
    return cycle_problems(reads, places)


def _computed(entity: Entity) -> Iterator[tuple[str, str, Field]]:
    for lines, fields in _groups(entity):
        for name, field in fields.items():
            if field.formula is not None or field.default is not None:
                yield f"{lines}.{name}" if lines else name, lines, field


def _groups(entity: Entity) -> Iterator[tuple[str, Mapping[str, Field]]]:
    yield "", entity.fields
    for name, lines in entity.lines.items():
        yield name, lines.fields


def _read(field: Field, lines: str) -> Iterator[str]:
    """Walk the fields of the same record that a field is computed from."""
    for formula in (field.formula, field.default):
        for root, *names in formula.reads if formula is not None else ():
            if root in ("record", "header") and names:
                yield names[0]
            elif root == "line" and names:
                yield f"{lines}.{names[0]}"
            elif root == "rows" and len(names) > 1:
                yield f"{names[0]}.{names[1]}"
