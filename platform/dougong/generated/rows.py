"""Source of what moves one row: memory to driver, driver to memory, and both to JSON."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from dougong.catalog.entity import Field
from dougong.fields.field_type import Dialect, Shape
from dougong.fields.source_names import NAMES
from dougong.fields.types import field_type
from dougong.generated.shape import TableShape
from dougong.generated.source import compiled

EMPTY: Mapping[str, TableShape] = MappingProxyType({})
_TIMES = ("created", "changed")
_SHAPE = Shape("datetime")


def bind_source(table: TableShape, dialect: Dialect) -> str:
    """`bind(r)` (for lines `bind(r, parent)`): the values of all columns, in order."""
    arguments = "r, parent" if table.name else "r"
    return f"def bind({arguments}):\n    return ({_bound(table, dialect, 'r', checked=False)},)\n"


def _bound(table: TableShape, dialect: Dialect, base: str, *, checked: bool) -> str:
    values = []
    for name in table.own:
        if name == "parent":
            values.append("parent")
        elif checked and name in ("id", "position"):
            values.append({"id": "at", "position": "position"}[name])
        elif name in _TIMES and dialect == "sqlite":
            values.append(f"stamp({base}.{name})")
        else:
            values.append(f"{base}.{name}")
    for field in table.stored:
        kind, value = field_type(field.type), f"{base}.f_{field.name}"
        values.append(
            kind.store_source(value, field.shape, dialect, required=checked and is_sure(field))
        )
    values += [f"sort_key({base}.f_{name})" for name in table.sorted]
    return ", ".join(values)


def is_sure(field: Field) -> bool:
    """Tell whether a field has a value in every record that was checked."""
    return field.required is True and field.visible is True and not field.sequences


def values_source(table: TableShape, dialect: Dialect) -> str:
    """`values`: per field, a function from a record to what is bound, with its sort key's."""
    lines = ["values = {"]
    for field in table.stored:
        kind = field_type(field.type)
        value = kind.store_source(f"r.f_{field.name}", field.shape, dialect, required=False)
        lines.append(f"    {field.name!r}: lambda r: {value},")
    lines.append("}")
    return "\n".join(lines) + "\n"


def load_source(table: TableShape, dialect: Dialect) -> str:
    """`load(c)`: a row of all columns to a record in memory."""
    arguments = []
    for at, name in enumerate(table.own):
        if name == "parent":
            continue
        value = f"c[{at}]"
        if name in _TIMES:
            value = field_type("datetime").load_source(value, _SHAPE, dialect, required=True)
        arguments.append(value)
    stored = {field.name: at for at, field in enumerate(table.stored, len(table.own))}
    for name, field in table.fields.items():
        if name in stored:
            value = f"c[{stored[name]}]"
            kind = field_type(field.type)
            arguments.append(kind.load_source(value, field.shape, dialect, required=False))
        else:
            arguments.append("None")
    return f"def load(c):\n    return Record({', '.join(arguments)})\n"


def wire_row_source(table: TableShape, dialect: Dialect) -> str:
    """`wire_row(c)`: a row of all columns to a dict for JSON (fields without a column left out)."""
    at = {name: place for place, name in enumerate(table.own)}
    pairs = [f"'id': str(c[{at['id']}])"]
    if not table.name:
        pairs.append(f"'version': c[{at['version']}]")
    for place, field in enumerate(table.stored, len(table.own)):
        kind = field_type(field.type)
        value = kind.wire_source(f"c[{place}]", field.shape, dialect, required=False)
        pairs.append(f"{field.name!r}: {value}")
    if not table.name:
        for name in ("created", "created_by", "changed", "changed_by"):
            value = f"c[{at[name]}]"
            if name in _TIMES:
                value = field_type("datetime").wire_source(value, _SHAPE, dialect, required=True)
            else:
                value = f"(None if {value} is None else str({value}))"
            pairs.append(f"{name!r}: {value}")
    return f"def wire_row(c):\n    return {{{', '.join(pairs)}}}\n"


def wire_source(table: TableShape, lines: Mapping[str, TableShape] = EMPTY) -> str:
    """`wire(r)`: a record in memory to a dict for JSON, every declared field and the lines in it."""
    return f"def wire(r):\n    return {_wire(table, 'r', lines)}\n"


def _wire(table: TableShape, base: str, lines: Mapping[str, TableShape] = EMPTY) -> str:
    pairs = [f"'id': str({base}.id)"]
    if not table.name:
        pairs.append(f"'version': {base}.version")
    for name, field in table.fields.items():
        value = field_type(field.type).json_source(f"{base}.f_{name}", field.shape, required=False)
        pairs.append(f"{name!r}: {value}")
    pairs += [
        f"{name!r}: [{_wire(each, 's')} for s in {base}.l_{name}]" for name, each in lines.items()
    ]
    if not table.name:
        pairs += [
            f"{name!r}: stamp({base}.{name})" if name in _TIMES
            else f"{name!r}: None if {base}.{name} is None else str({base}.{name})"
            for name in ("created", "created_by", "changed", "changed_by")
        ]  # fmt: skip
    return f"{{{', '.join(pairs)}}}"


def number_source(table: TableShape, dialect: Dialect) -> str:
    """`number(rows, parent, at)`: give new lines, which were checked, their ids after `at` and their places; returns the
    values of all columns, of all lines in one list on SQLite, one tuple per line on PostgreSQL.
    """
    if not table.name:
        return ""
    bound = f"({_bound(table, dialect, 's', checked=True)},)"
    add = f"values += {bound}" if dialect == "sqlite" else f"values.append({bound})"
    return (
        "def number(rows, parent, at):\n    values = []\n    for position, s in enumerate(rows):\n"
        "        at += 1\n        s.id = at\n        s.position = position\n"
        f"        {add}\n    return values\n"
    )


def differ_source(table: TableShape) -> str:
    """`differ(o, r)`: the names of the stored fields in which two records differ."""
    lines = ["def differ(o, r):", "    n = []"]
    for field in table.stored:
        lines += [
            f"    if o.f_{field.name} != r.f_{field.name}:",
            f"        n.append({field.name!r})",
        ]
    return "\n".join([*lines, "    return n"]) + "\n"


def stored_to_wire(each: Field, dialect: Dialect) -> Callable[[Any], Any]:
    """Return the function from what the driver returned for a field to what JSON carries."""
    return _expression(field_type(each.type).wire_source("v", each.shape, dialect, required=False))


def stored_to_memory(each: Field, dialect: Dialect) -> Callable[[Any], Any]:
    """Return the function from what the driver returned for a field to the value in memory."""
    return _expression(field_type(each.type).load_source("v", each.shape, dialect, required=False))


def memory_to_stored(each: Field, dialect: Dialect) -> Callable[[Any], Any]:
    """Return the function from a value in memory to what the driver binds for a field."""
    return _expression(field_type(each.type).store_source("v", each.shape, dialect, required=False))


@lru_cache(maxsize=4000)
def _expression(source: str) -> Callable[[Any], Any]:
    made = compiled("value", f"def value(v):\n    return {source}\n", NAMES)["value"]
    return cast("Callable[[Any], Any]", made)
