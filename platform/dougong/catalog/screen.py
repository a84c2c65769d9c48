"""Form, ListView, Menu as frozen values: what a person sees."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dougong.formulas.tree import Formula
from dougong.foundation.errors import Place
from dougong.foundation.translate import Label


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form: header `fields` in columns, or the `grid` of a set of lines."""

    id: str
    label: Label = field(default_factory=Label)
    cols: int = 2
    fields: tuple[tuple[str, ...], ...] = ()
    grid: str = ""
    grid_columns: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    paste: bool = True
    detail: str = ""
    side: bool = False
    fold: bool | Formula = False
    when: Formula | None = None
    tab: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a form."""

    id: str
    label: Label
    when: Formula | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """Help, heading, image or button placed after the field or part `after`."""

    id: str
    type: str
    label: Label
    after: str = ""
    action: str = ""
    when: Formula | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """A list of records that point here, by their link field."""

    id: str
    list: str
    by: str


@dataclass(frozen=True, slots=True)
class Form:
    """How one entity is filled in; `declared` is False for the one made from the entity alone."""

    id: str
    entity: str
    head: tuple[str, ...]
    parts: tuple[Part, ...]
    tabs: tuple[Tab, ...] = ()
    panels: tuple[str, ...] = ("trail",)
    extras: tuple[Extra, ...] = ()
    related: tuple[Related, ...] = ()
    quick: tuple[str, ...] = ()
    phone_head: tuple[str, ...] = ()
    phone_parts: tuple[str, ...] = ()
    declared: bool = True
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class View:
    """A named selection of a list."""

    id: str
    label: Label
    where: Formula | None = None
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    badge: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A kanban: records in columns by a choice field."""

    id: str
    by: str
    card: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """How records of one entity are listed. Columns are paths such as `customer.name`."""

    id: str
    entity: str
    label: Label
    columns: tuple[str, ...]
    sort: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    where: Formula | None = None
    views: tuple[View, ...] = ()
    boards: tuple[Board, ...] = ()
    bulk: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    edit: tuple[str, ...] = ()
    declared: bool = True
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry: a list, a form, a setting, or a group of `items`."""

    id: str
    label: Label
    list: str = ""
    form: str = ""
    setting: str = ""
    report: str = ""
    items: tuple["MenuItem", ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """A module's menu."""

    id: str
    label: Label
    items: tuple[MenuItem, ...]
    order: int = 100
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Screens:
    """All screens by id; an entity's own form and list have the entity's id."""

    forms: Mapping[str, Form]
    lists: Mapping[str, ListView]
    menus: Mapping[str, Menu]
