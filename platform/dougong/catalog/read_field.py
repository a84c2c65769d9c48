"""One declared field to a frozen Field."""

from collections.abc import Mapping
from dataclasses import dataclass

from dougong.catalog import problems as kinds
from dougong.catalog.entity import Field, Option
from dougong.catalog.formula_reader import SQL, FormulaReader
from dougong.catalog.nearest import nearest
from dougong.catalog.scope import BOOLEAN, RecordScope, where_scope
from dougong.catalog.shapes import label_of, options_of, shape_of, type_of
from dougong.catalog.values import Map, Mark
from dougong.fields.field_type import Shape
from dougong.fields.types import FIELD_TYPES
from dougong.formulas.tree import Formula
from dougong.foundation.errors import Place, Problem, ProblemKind
from dougong.foundation.translate import Label

TEXTUAL = frozenset(
    name for name, type_ in FIELD_TYPES.items() if type_.kind == "text" and name != "choice"
)
SCALED = frozenset({"decimal", "money", "quantity", "price", "percent"})
KEY_TYPES: Mapping[str, frozenset[str]] = {
    "to": frozenset({"link", "links"}),
    "by": frozenset({"link"}),
    "where": frozenset({"link", "links"}),
    "cycle": frozenset({"link"}),
    "with": frozenset({"links"}),
    "options": frozenset({"choice"}),
    "unit": frozenset({"quantity"}),
    "currency": frozenset({"money", "price"}),
    "scale": SCALED,
    "length": TEXTUAL,
    "mask": TEXTUAL,
    "syntax": TEXTUAL | {"json"},
    "sequence": frozenset({"text", "code"}),
}
"""The types that a key has a meaning for; keys that are not here go with every type."""
NEEDED: Mapping[str, str] = {
    "link": "to", "links": "to", "choice": "options", "decimal": "scale",
}  # fmt: skip
EDITED_BY_NOBODY = ("formula", "computed")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a field stands: its scope, the entity or lines that hold it, its path and its mark."""

    scope: RecordScope
    holder: str
    path: str
    mark: Mark


def origin_of(mark: Mark) -> str:
    """Say which layer declared something: `module:sales`."""
    return f"{mark.file.layer}:{mark.file.owner}"


def read_field(name: str, body: Map, spot: Spot, reader: FormulaReader) -> Field:
    """Read one field; what is wrong with it is left with the reader."""
    _check_keys(name, body, spot, reader)
    shape, path, scope = shape_of(body), spot.path, spot.scope
    stored = _is_stored(body, shape.type)
    edit: bool | str | Formula = "once"
    if body.get("edit") != "once":
        computed = any(key in body for key in EDITED_BY_NOBODY)
        edit = reader.condition(body, "edit", scope, path, default=not computed)
    type_ = type_of(shape)
    return Field(
        name=name,
        shape=shape,
        label=label_of(body.get("label")),
        hint=label_of(body.get("hint")),
        column=name if stored else "",
        options=options_of(body) if shape.type == "choice" else (),
        options_from=body.map("options").text("from")
        if shape.type == "choice" and not shape.keys
        else "",
        by=body.text("by"),
        unit=reader.read(body, "unit", scope, path),
        currency=reader.read(body, "currency", scope, path),
        default=reader.read(body, "default", scope.computing(name), path, wants=type_),
        formula=reader.read(
            body,
            "formula",
            scope.computing(name),
            path,
            wants=type_,
            stored=body.get("store") is True,
        ),
        computed=body.text("computed"),
        fill=body.text("fill"),
        required=reader.condition(body, "required", scope, path, default=False),
        visible=reader.condition(body, "visible", scope, path, default=True),
        edit=edit,
        check=reader.read(body, "check", scope, path, wants=BOOLEAN),
        where=_where(body, spot, reader),
        unique=body.get("unique") is True,
        copied=body.get("copy") is not False,
        printed=body.get("print") is not False,
        mask=body.text("mask"),
        format=body.text("format"),
        sequences=body.texts("sequence"),
        level=body.text("level"),
        cycle=body.text("cycle"),
        columns=_columns(body, spot, reader),
        renamed=body.texts("renamed"),
        retired=body.map("retired").text("since"),
        origin=origin_of(spot.mark),
        place=spot.mark.at_key(path),
    )


def _is_stored(body: Map, type_: str) -> bool:
    if "computed" in body or ("formula" in body and body.get("store") is not True):
        return False
    return FIELD_TYPES[type_].stored


def _where(body: Map, spot: Spot, reader: FormulaReader) -> Formula | None:
    """The condition on the records that may be linked to; one target only has names to speak of."""
    targets = body.texts("to")
    if "where" not in body or len(targets) != 1:
        return None
    scope = where_scope(reader.known, targets[0], spot.holder)
    return reader.boolean(body, "where", scope, spot.path, targets=SQL)


def _columns(body: Map, spot: Spot, reader: FormulaReader) -> Mapping[str, Field]:
    """The columns of a link to many."""
    made = {}
    for name, each, mark in body.map("with").walk():
        if isinstance(each, Map):
            inner = Spot(spot.scope, spot.holder, f"{spot.path}.with.{name}", mark)
            made[name] = read_field(name, each, inner, reader)
    return made


def _check_keys(name: str, body: Map, spot: Spot, reader: FormulaReader) -> None:
    """Note keys that do not fit the type, and what the type needs."""

    def note(kind: ProblemKind, place: Place, near: str = "", **values: object) -> None:
        reader.problems.append(Problem(kind, place, values, near))

    here = spot.mark.at_key(spot.path)
    if "type" not in body:
        note(kinds.NEEDS_TYPE, here, name=name)
        return
    type_ = body.text("type")
    if type_ not in FIELD_TYPES:
        place, types = body.place("type", spot.path), ", ".join(FIELD_TYPES)
        note(kinds.UNKNOWN_TYPE, place, nearest(type_, FIELD_TYPES), type=type_, types=types)
        return
    if "label" not in body:
        note(kinds.NEEDS_LABEL, here, name=name)
    for key, types_ in KEY_TYPES.items():
        if key in body and type_ not in types_:
            note(kinds.KEY_DOES_NOT_FIT, body.marks[key].at_key(spot.path), type=type_, key=key)
    needed = NEEDED.get(type_)
    if needed and needed not in body:
        note(kinds.TYPE_NEEDS_KEY, here, type=type_, key=needed)
    several = type_ == "link" and len(body.list("to")) > 1
    if several and "by" not in body:
        note(kinds.TYPE_NEEDS_KEY, here, type="link (to: [a, b])", key="by")
    if several and "where" in body:
        place = body.marks["where"].at_key(spot.path)
        note(kinds.KEY_DOES_NOT_FIT, place, type="link (to: [a, b])", key="where")


def state_field(options: tuple[Option, ...], label: Label, mark: Mark) -> Field:
    """The field `state` of an entity with a life; actions move it, nobody types it."""
    keys = tuple(option.key for option in options)
    return Field(
        name="state",
        shape=Shape("choice", options=keys, keys=keys),
        label=label,
        column="state",
        options=options,
        edit=False,
        copied=False,
        system=True,
        origin=origin_of(mark),
        place=mark.at_key("states"),
    )
