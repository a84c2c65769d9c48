"""What JSON of an entity is accepted at once: the structs msgspec decodes into, and `take`.

Only fields that a person may fill in have a place in the structs; a body with anything else, or with
anything wrong, is refused here and looked at again by the reader that explains (`explain.py`).
"""

import re
from collections.abc import Sequence
from types import GenericAlias
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from dougong.catalog.entity import Field
from dougong.fields.types import field_type
from dougong.generated.shape import HEADER, EntityShape, TableShape


def is_guarded(field: Field) -> bool:
    """Tell whether nobody may fill the field in: computed, issued, or the record's own."""
    return bool(
        field.system
        or field.formula is not None
        or field.computed
        or field.sequences
        or field.edit is False
        or field.name in ("state",)
    )


def body_structs(shape: EntityShape) -> tuple[Any, dict[str, Any]]:
    """Build the struct of a whole body, whose lines are lists of structs, and those of the lines."""
    inner = {
        name: _struct(f"{shape.entity.id}.{name}", table, []) for name, table in shape.lines.items()
    }
    lines = [(f"l_{name}", GenericAlias(list, (struct,))) for name, struct in inner.items()]
    return _struct(shape.entity.id, shape.header, lines), inner


def _struct(name: str, table: TableShape, lines: Sequence[tuple[str, Any]]) -> Any:
    attributes: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    for field in table.fields.values():
        if is_guarded(field):
            continue
        annotation = field_type(field.type).annotation(field.shape)
        if field.default is None:
            attributes.append((f"f_{field.name}", annotation | None, None))
        else:
            attributes.append((f"f_{field.name}", annotation | None | UnsetType, UNSET))
        rename[f"f_{field.name}"] = field.name
    for attribute, annotation in lines:
        attributes.append((attribute, annotation | None | UnsetType, UNSET))
        rename[attribute] = attribute[2:]
    plain = re.sub(r"\W", "_", name)
    return msgspec.defstruct(
        f"Body_{plain}",
        attributes,
        rename=rename,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
    )


def take_source(shape: EntityShape) -> str:
    """`take(b)`: a decoded body to a new record; a default still to be taken stays UNSET.

    Raises BadValue, ValueError or ArithmeticError.
    """
    sets = [
        f"[Record_{name}(None, p, {_values(table, 'd')}) for p, d in enumerate(b.l_{name} or ())]"
        for name, table in shape.lines.items()
    ]
    own = ", ".join(["None"] * len(HEADER))
    values = ", ".join(part for part in (own, _values(shape.header, "b"), *sets) if part)
    return f"def take(b):\n    return Record({values})\n"


def _values(table: TableShape, body: str) -> str:
    return ", ".join(_value(field, f"{body}.f_{field.name}") for field in table.fields.values())


def _value(field: Field, given: str) -> str:
    """Return the source of a field of a new record."""
    waits = field.default is not None and field.formula is None
    if is_guarded(field):
        return "UNSET" if waits else "None"
    source = field_type(field.type).accept_source("v", field.shape)
    read = source if source == "v" else f"({source})"
    if waits:
        return f"UNSET if (v := {given}) is UNSET else None if v is None else {read}"
    return given if source == "v" else f"None if (v := {given}) is None else {read}"
