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
from dougong.generated.shape import EntityShape, TableShape


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
    text = ["def take(b):", "    r = Record()"]
    text += _taken(shape.header, "b", "r", "    ")
    for name, table in shape.lines.items():
        text += [
            f"    r.l_{name} = many = []",
            f"    if b.l_{name}:",
            f"        for p, d in enumerate(b.l_{name}):",
            f"            s = Record_{name}()",
            "            s.position = p",
        ]
        text += _taken(table, "d", "s", "            ")
        text.append("            many.append(s)")
    return "\n".join([*text, "    return r"]) + "\n"


def _taken(table: TableShape, body: str, record: str, indent: str) -> list[str]:
    text = []
    for field in table.fields.values():
        goal = f"{record}.f_{field.name}"
        if is_guarded(field):
            if field.default is not None:
                text.append(f"{indent}{goal} = UNSET")
            continue
        source = field_type(field.type).accept_source("v", field.shape)
        if field.default is None:
            text += [
                f"{indent}if (v := {body}.f_{field.name}) is not UNSET and v is not None:",
                f"{indent}    {goal} = {source}",
            ]
        else:
            text += [
                f"{indent}if (v := {body}.f_{field.name}) is UNSET:",
                f"{indent}    {goal} = UNSET",
                f"{indent}elif v is not None:",
                f"{indent}    {goal} = {source}",
            ]
    return text
