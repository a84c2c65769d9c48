"""Values of data files are read by the type of their field, before any database sees them."""

from collections.abc import Iterator, Mapping
from typing import Any

from dougong.catalog import problems as kinds
from dougong.catalog.catalog import Catalog
from dougong.catalog.collect import Declared
from dougong.catalog.entity import Field
from dougong.catalog.values import List, Map, Mark, text_of
from dougong.fields.field_type import BadValue
from dougong.fields.types import FIELD_TYPES
from dougong.foundation.errors import Problem


def check_data(objects: Mapping[tuple[str, str], Declared], catalog: Catalog) -> list[Problem]:
    """Return a problem for each value of a data file that its field does not take."""
    wrong: list[Problem] = []
    for (kind, _), declared in objects.items():
        if kind != "data":
            continue
        entity = catalog.entities.get(declared.body.text("entity"))
        if entity is None:
            continue
        lines = {name: each.fields for name, each in entity.lines.items()}
        for key, row, mark in declared.body.map("rows").walk():
            if isinstance(row, Map):
                wrong.extend(_row(row, entity.fields, lines, f"rows.{key}"))
            key_field = entity.fields.get(declared.body.text("key"))
            if key_field is not None and not _fits(key, key_field):
                wrong.append(_problem(key, key_field, mark, f"rows.{key}"))
    return wrong


def _row(
    row: Map, fields: Mapping[str, Field], lines: Mapping[str, Mapping[str, Field]], path: str
) -> Iterator[Problem]:
    for name, value, mark in row.walk():
        inner = f"{path}.{name}"
        if name in lines and isinstance(value, List):
            for index, each in enumerate(value):
                if isinstance(each, Map):
                    yield from _row(each, lines[name], {}, f"{inner}.{index}")
        elif name in fields and not _fits(value, fields[name]):
            yield _problem(value, fields[name], mark, inner)


def _fits(value: Any, field: Field) -> bool:
    """Links are business keys, looked up when the data is loaded; texts may be in each language."""
    type_ = FIELD_TYPES[field.type]
    if value is None or type_.kind in ("link", "links", "json"):
        return True
    if isinstance(value, Map):
        texts = list(value.values())
        return type_.kind == "text" and all(_fits(each, field) for each in texts)
    if isinstance(value, List):
        return False
    given = value if isinstance(value, bool) else text_of(value)
    try:
        type_.accept(given, field.shape)
    except (BadValue, ValueError, ArithmeticError):
        return False
    return True


def _problem(value: Any, field: Field, mark: Mark, path: str) -> Problem:
    shown = value if isinstance(value, str) else str(value)
    values = {"name": field.name, "value": shown[:60], "type": field.type}
    return Problem(kinds.DATA_VALUE, mark.at_value(path), values)
