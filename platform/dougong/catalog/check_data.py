"""Values of data files are read by the type of their field, before any database sees them."""

from collections.abc import Iterator, Mapping
from typing import Any

from dougong.catalog import problems as kinds
from dougong.catalog.collect import Declared
from dougong.catalog.shapes import shape_of
from dougong.catalog.values import List, Map, Mark, text_of
from dougong.fields.field_type import BadValue
from dougong.fields.types import FIELD_TYPES
from dougong.foundation.errors import Problem


def check_data(declared: Declared, objects: Mapping[tuple[str, str], Declared]) -> list[Problem]:
    """Return a problem for each value of a data file that its field does not take."""
    entity = objects.get(("entity", declared.body.text("entity")))
    if entity is None:
        return []
    wrong: list[Problem] = []
    fields = entity.body.map("fields")
    lines = {
        name: each.map("fields")
        for name, each in entity.body.map("lines").items()
        if isinstance(each, Map)
    }
    key_name = declared.body.text("key")
    for key, row, mark in declared.body.map("rows").walk():
        if isinstance(row, Map):
            wrong.extend(_row(row, fields, lines, f"rows.{key}"))
        if not _fits(key, fields.map(key_name)):
            wrong.append(_problem(key, key_name, fields.map(key_name), mark, f"rows.{key}"))
    return wrong


def _row(row: Map, fields: Map, lines: Mapping[str, Map], path: str) -> Iterator[Problem]:
    for name, value, mark in row.walk():
        inner = f"{path}.{name}"
        if name in lines and isinstance(value, List):
            for index, each in enumerate(value):
                if isinstance(each, Map):
                    yield from _row(each, lines[name], {}, f"{inner}.{index}")
        elif name in fields and not _fits(value, fields.map(name)):
            yield _problem(value, name, fields.map(name), mark, inner)


def _fits(value: Any, field: Map) -> bool:
    """Links are business keys, looked up when the data is loaded; texts may be in each language."""
    shape = shape_of(field)
    type_ = FIELD_TYPES[shape.type]
    if value is None or type_.kind in ("link", "links", "json"):
        return True
    if isinstance(value, Map):
        texts = list(value.values())
        return type_.kind == "text" and all(_fits(each, field) for each in texts)
    if isinstance(value, List):
        return False
    given = value if isinstance(value, bool) else text_of(value)
    try:
        type_.accept(given, shape)
    except (BadValue, ValueError, ArithmeticError):
        return False
    return True


def _problem(value: Any, name: str, field: Map, mark: Mark, path: str) -> Problem:
    shown = value if isinstance(value, str) else str(value)
    values = {"name": name, "value": shown[:60], "type": field.text("type")}
    return Problem(kinds.DATA_VALUE, mark.at_value(path), values)
