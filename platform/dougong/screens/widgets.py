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
    "link": 120,
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
WIDE_LINK = 210
"""The width of the link a line is about: the first column."""

TONES: Mapping[str, str] = {
    "grey": "grey",
    "gray": "grey",
    "blue": "azure",
    "azure": "azure",
    "green": "green",
    "yellow": "ochre",
    "orange": "ochre",
    "amber": "ochre",
    "ochre": "ochre",
    "red": "red",
    "slate": "violet",
    "purple": "violet",
    "violet": "violet",
}
"""From a declared colour to the tone of a tag; the palette has six."""


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
        OptionModel(option.code, option.label.say(language), tone_of(option.colour))
        for option in field.options
    )


def tone_of(colour: str) -> str:
    """Return the tone of a declared colour; an unknown one is grey."""
    return TONES.get(colour, "grey")


def browser_tree(formula: object, hidden: frozenset[str]) -> Any:
    """Return the tree of a formula the page can compute, else None.

    It cannot when it reads what is not in the page: fields behind a link, hidden ones, records by
    their key, or the person's attributes.
    """
    if not isinstance(formula, Formula) or "browser" not in formula.targets:
        return None
    if not all(_in_page(path, hidden) for path in formula.reads):
        return None
    made = tree(formula)
    return None if _asks_for_records(made) else made


def _in_page(path: tuple[str, ...], hidden: frozenset[str]) -> bool:
    root, *names = path
    if root == "rows":
        return len(names) <= 2 and ".".join(names) not in hidden and names[0] not in hidden
    if root in ("user", "company"):
        return not names
    return root in ("record", "line", "header") and len(names) == 1 and names[0] not in hidden


def _asks_for_records(made: Any) -> bool:
    if not isinstance(made, list):
        return False
    return made[:1] == ["known"] or any(map(_asks_for_records, made))


def field_model(
    field: Field,
    *,
    language: str,
    lines: str = "",
    readonly: bool,
    address: Callable[[str], str],
    hidden: frozenset[str] = frozenset(),
    summed: bool = False,
    wide_link: bool = False,
) -> FieldModel:
    """Build the model of `field`; `lines` is the set of lines it stands in.

    `readonly` is what state and permissions say; a computed field is read-only anyway.
    `address` makes the address of a page of the tenant from its path.
    """
    path = f"{lines}.{field.name}" if lines else field.name
    seen = hidden | {
        name[len(lines) + 1 :] for name in hidden if lines and name.startswith(f"{lines}.")
    }
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
        visible=field.visible is not False,
        align=align_of(field.type),
        scale=scale_of(field.shape) if kind == "number" else None,
        length=field.shape.length,
        options=options,
        lookup=path if widget in ("link", "links") and not field.to_line else "",
        open=address(target) if len(field.targets) == 1 and not field.to_line else "",
        formula=browser_tree(field.formula, seen),
        visible_when=browser_tree(field.visible, seen),
        required_when=browser_tree(field.required, seen),
        edit_when=browser_tree(field.edit, seen),
        wide=widget == "area",
        width=WIDTHS[widget] if not wide_link else WIDE_LINK,
        summed=summed,
    )
