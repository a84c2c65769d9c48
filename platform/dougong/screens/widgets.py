"""Widgets: a declared field as the page needs it — how it is shown, filled in and computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dougong.catalog.entity import Field
from dougong.fields.types import FIELD_TYPES, scale_of
from dougong.formulas.to_browser import tree
from dougong.formulas.tree import Formula

WIDGETS: Mapping[str, str] = {
    "long_text": "area",
    "rich_text": "area",
    "markdown": "area",
    "html": "area",
    "json": "area",
    "location": "area",
    "boolean": "boolean",
    "choice": "choice",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "link": "link",
    "links": "links",
    "image": "file",
    "attachment": "file",
    "signature": "file",
}
"""The widget of a field type; those not named here are numbers or one line of text."""

WIDTHS: Mapping[str, int] = {
    "link": 190,
    "links": 190,
    "area": 200,
    "text": 150,
    "number": 104,
    "date": 104,
    "datetime": 140,
    "time": 80,
    "boolean": 64,
    "choice": 110,
    "file": 120,
}
"""The width of a grid column in pixels, by widget."""

TONES = frozenset({"green", "azure", "ochre", "red", "violet", "grey"})
STATE_TONES: Mapping[str, str] = {
    "draft": "grey",
    "submitted": "ochre",
    "approved": "azure",
    "closed": "violet",
    "void": "red",
}
"""The tones of the states of base.document; a declared colour wins."""


@dataclass(frozen=True, slots=True)
class OptionModel:
    """One option: what JSON carries, what a person reads, the tone of its tag."""

    code: str
    label: str
    tone: str = "grey"


@dataclass(frozen=True, slots=True)
class FieldModel:
    """One field on a page. `path` names it in problems and look-ups (`items.qty` in a grid).

    `formula` and the three `…_when` are JSON trees for the browser's interpreter; `lookup` is the
    address that finds the records a link may point to, `open` the address its records open at.
    """

    name: str
    path: str
    label: str
    type: str
    widget: str
    kind: str = "text"
    hint: str = ""
    required: bool = False
    readonly: bool = False
    visible: bool = True
    align: str = "left"
    scale: int | None = None
    length: int | None = None
    options: tuple[OptionModel, ...] = ()
    lookup: str = ""
    open: str = ""
    reads: tuple[str, ...] = ()
    formula: Any = None
    visible_when: Any = None
    required_when: Any = None
    edit_when: Any = None
    wide: bool = False
    width: int = 120
    summed: bool = False


def widget_of(type_: str) -> str:
    """Return the widget of a field type."""
    known = WIDGETS.get(type_)
    return known or ("number" if FIELD_TYPES[type_].kind == "number" else "text")


def align_of(type_: str) -> str:
    """Return the side a value stands at: numbers right, all else left."""
    return "right" if FIELD_TYPES[type_].kind == "number" else "left"


def options_of(field: Field, language: str) -> tuple[OptionModel, ...]:
    """Return the options of a choice in their order."""
    return tuple(
        OptionModel(option.code, option.label.say(language), tone_of(option.key, option.colour))
        for option in field.options
    )


def tone_of(key: str, colour: str = "") -> str:
    """Return the tone of an option or state: the declared colour, else that of a known state."""
    if colour in TONES:
        return colour
    return STATE_TONES.get(key, "grey")


def browser_tree(formula: bool | str | Formula | None) -> Any:
    """Return the tree of a formula the browser can run, else None."""
    if not isinstance(formula, Formula) or "browser" not in formula.targets:
        return None
    return tree(formula)


def field_model(
    field: Field,
    *,
    language: str,
    lines: str = "",
    readonly: bool,
    address: Callable[[str], str],
    visible: bool = True,
    summed: bool = False,
) -> FieldModel:
    """Build the model of `field`; `lines` is the set of lines it stands in.

    `readonly` is what state and permissions say; a computed field is read-only anyway.
    `address` makes the address of a page of the tenant from its path.
    """
    path = f"{lines}.{field.name}" if lines else field.name
    options = options_of(field, language)
    widget = "choice" if options else widget_of(field.type)
    kind = FIELD_TYPES[field.type].kind
    computed = field.formula is not None or bool(field.computed)
    target = field.targets[0] if field.targets else ""
    return FieldModel(
        name=field.name,
        path=path,
        label=field.label.say(language),
        type=field.type,
        widget=widget,
        kind=kind,
        hint=field.hint.say(language),
        required=field.required is True,
        readonly=readonly or computed,
        visible=visible and field.visible is not False,
        align=align_of(field.type),
        scale=scale_of(field.shape) if kind == "number" else None,
        length=field.shape.length,
        options=options,
        lookup=path if widget in ("link", "links") else "",
        open=address(target) if target and len(field.targets) == 1 else "",
        reads=_reads(field),
        formula=browser_tree(field.formula),
        visible_when=browser_tree(field.visible),
        required_when=browser_tree(field.required),
        edit_when=browser_tree(field.edit),
        wide=widget == "area",
        width=WIDTHS[widget],
        summed=summed,
    )


def _reads(field: Field) -> tuple[str, ...]:
    """Return the paths whose change may change this field, as dotted text without the root."""
    formulas = (field.default, field.formula, field.where, field.visible, field.required, field.edit)
    found = {
        ".".join(path[1:])
        for formula in formulas
        if isinstance(formula, Formula)
        for path in formula.reads
        if path[0] in ("record", "line", "header", "rows")
    }
    return tuple(sorted(found))
