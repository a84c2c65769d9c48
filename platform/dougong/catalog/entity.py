"""Entity, Field, Lines, Rule: what is stored, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dougong.fields.field_type import Shape
from dougong.formulas.tree import Formula
from dougong.foundation.errors import Place
from dougong.foundation.translate import Label

SYSTEM_NAMES = (
    "id", "entity", "state", "number", "company", "owner", "created", "created_by", "changed",
    "changed_by", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice. `key` is stored and named in formulas, `code` is what files and the
    API carry (the key unless said).
    """

    key: str
    code: str
    label: Label
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field. Booleans that may be formulas are `bool | Formula`.

    `column` is its column in the table ("" when it is not stored). `edit` is True, False, "once" or
    a formula. `follows` is true for a default that is always taken (`edit: false` + `default`).
    `renamed` are earlier names, newest last. `origin` says which layer declared it.
    """

    name: str
    shape: Shape
    label: Label
    hint: Label = field(default_factory=Label)
    column: str = ""
    options: tuple[Option, ...] = ()
    options_from: str = ""
    by: str = ""
    unit: Formula | None = None
    currency: Formula | None = None
    default: Formula | None = None
    formula: Formula | None = None
    computed: str = ""
    fill: str = ""
    required: bool | Formula = False
    visible: bool | Formula = True
    edit: bool | str | Formula = True
    check: Formula | None = None
    where: Formula | None = None
    unique: bool = False
    copied: bool = True
    printed: bool = True
    translated: bool = False
    mask: str = ""
    format: str = ""
    sequences: tuple[str, ...] = ()
    level: str = ""
    cycle: str = ""
    columns: Mapping[str, "Field"] = field(default_factory=dict)
    renamed: tuple[str, ...] = ()
    retired: str = ""
    system: bool = False
    origin: str = ""
    place: Place = field(default_factory=Place)

    @property
    def type(self) -> str:
        """The declared type."""
        return self.shape.type

    @property
    def targets(self) -> tuple[str, ...]:
        """The entities a link may point to."""
        return self.shape.targets

    @property
    def to_line(self) -> bool:
        """Whether it points to lines of an entity (`sales.order.items`), not to records."""
        return any(target.count(".") > 1 for target in self.targets)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that must hold: active while `when`, broken when `check` is false."""

    name: str
    check: Formula
    say: Label
    when: Formula | None = None
    level: str = "stop"
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Index:
    """An index over fields of the header."""

    name: str
    fields: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """A set of lines of an entity; each line has `id`, `parent` and `position` beside its fields."""

    name: str
    table: str
    label: Label
    fields: Mapping[str, Field]
    rules: tuple[Rule, ...] = ()
    min: int = 0
    max: int = 0
    visible: bool | Formula = True
    edit: bool | Formula = True
    renamed: tuple[str, ...] = ()
    retired: str = ""
    origin: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class State:
    """A state of a document. `edit` is True (all), False (none) or the fields that may change,
    line fields as `items.note`.
    """

    name: str
    label: Label
    start: bool = False
    edit: bool | tuple[str, ...] = False
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """An act on a record: from some states to another (both empty: no move), under a condition.

    `issue` are fields whose number is taken now; `copy` makes a new record instead; `flow` names an
    approval flow; `auto` is a formula that moves the record by itself.
    """

    name: str
    label: Label
    source: tuple[str, ...] = ()
    target: str = ""
    when: Formula | None = None
    issue: tuple[str, ...] = ()
    copy: bool = False
    confirm: Label = field(default_factory=Label)
    reason: str = ""
    flow: str = ""
    auto: Formula | None = None
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Tree:
    """The entity is a tree: `root` is one, many or none; `group` the field that marks groups."""

    parent: str = "parent"
    root: str = "many"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A declared kind of record, everything merged: aspects, overlays, system fields.

    `fields` holds the header's fields in order, system fields included; `key` the business key;
    `title` is text with `{path}` placeholders; `levels` maps a level to its fields; `kind` is
    "entity" or "setting" (one record per `per`); `fingerprint` changes with anything in it.
    `made_by` is "" or "system" (no door may create or change it). `stored` is False for a view.
    """

    id: str
    module: str
    label: Label
    table: str
    fields: Mapping[str, Field]
    lines: Mapping[str, Lines] = field(default_factory=dict)
    title: str = ""
    key: tuple[str, ...] = ()
    key_renames: bool = True
    states: Mapping[str, State] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    indexes: tuple[Index, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aspects: tuple[str, ...] = ()
    tree: Tree | None = None
    kind: str = "entity"
    per: str = ""
    made_by: str = ""
    stored: bool = True
    view: str = ""
    picture: str = ""
    timeline: str = ""
    files: int = 0
    search: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    retired: str = ""
    fingerprint: str = ""
    origin: str = ""
    place: Place = field(default_factory=Place)
