"""Shell: what stands around every page — the menu of this person, who they are, where they are."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity
from dougong.catalog.screen import MenuItem
from dougong.screens.words import LANGUAGE_NAMES

MayRead = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to this page; the last has no address."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu, or a group of `items`; `key` is the list or setting it opens."""

    id: str
    label: str
    url: str = ""
    icon: str = "list"
    key: str = ""
    items: tuple["Entry", ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several the person may switch to: a language or a company."""

    code: str
    label: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in; `initial` stands in the round badge."""

    id: str
    login: str
    name: str

    @property
    def initial(self) -> str:
        """The first letter of the name, upper case."""
        return (self.name or self.login or "?")[0].upper()


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything around a page. `base` is the address every page of the tenant begins with;
    `csrf` must come back with every change.
    """

    tenant: str
    label: str
    base: str
    language: str
    languages: tuple[Choice, ...]
    person: Person
    csrf: str = ""
    company: str = ""
    companies: tuple[Choice, ...] = ()
    menu: tuple[Entry, ...] = ()
    theme: str = ""
    narrow: bool = False
    zone: str = "UTC"


def language_choices(language: str) -> tuple[Choice, ...]:
    """Return the languages a person may read in."""
    return tuple(
        Choice(code, name, current=code == language) for code, name in LANGUAGE_NAMES.items()
    )


def entity_icon(entity: Entity | None) -> str:
    """Return the name of the icon that stands for an entity, by what it is."""
    if entity is None:
        return "list"
    if entity.kind == "setting":
        return "settings"
    if "base.document" in entity.aspects:
        return "file-text"
    if entity.tree:
        return "folder-tree"
    return "users" if "phone" in {field.type for field in entity.fields.values()} else "layers"


def build_menu(catalog: Catalog, may_read: MayRead, base: str, language: str) -> tuple[Entry, ...]:
    """Build the menu of this person: what they may not read is not in it, empty groups neither."""
    found = []
    for menu in sorted(catalog.menus.values(), key=lambda menu: (menu.order, menu.id)):
        items = _entries(menu.items, catalog, may_read, base, language)
        if items:
            found.append(Entry(menu.id, menu.label.say(language), items=items))
    return tuple(found)


def _entries(
    items: tuple[MenuItem, ...], catalog: Catalog, may_read: MayRead, base: str, language: str
) -> tuple[Entry, ...]:
    found = (_entry(item, catalog, may_read, base, language) for item in items)
    return tuple(entry for entry in found if entry)


def _entry(
    item: MenuItem, catalog: Catalog, may_read: MayRead, base: str, language: str
) -> Entry | None:
    if item.items:
        inner = _entries(item.items, catalog, may_read, base, language)
        return Entry(item.id, item.label.say(language), items=inner) if inner else None
    target = _target(item, catalog, language)
    if target is None or not may_read(target.entity.id):
        return None
    label = item.label.say(language) or target.label or target.entity.label.say(language)
    icon = entity_icon(target.entity)
    return Entry(item.id, label, f"{base}/{target.path}", icon, target.key)


@dataclass(frozen=True, slots=True)
class _Target:
    entity: Entity
    path: str
    key: str
    label: str = field(default="")


def _target(item: MenuItem, catalog: Catalog, language: str) -> _Target | None:
    """Return what an entry opens; None for something this page set cannot show."""
    if item.list and item.list in catalog.lists:
        view = catalog.lists[item.list]
        return _Target(
            catalog.entities[view.entity], item.list, item.list, view.label.say(language)
        )
    if item.form and item.form in catalog.forms:
        form = catalog.forms[item.form]
        return _Target(catalog.entities[form.entity], f"{form.entity}/new", form.entity)
    if item.setting and item.setting in catalog.entities:
        return _Target(catalog.entities[item.setting], f"setting/{item.setting}", item.setting)
    return None
