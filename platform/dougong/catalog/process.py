"""Role, Guard, Sequence, Function, DataSet: who may, how numbers are made, what comes along."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dougong.formulas.tree import Formula, Type
from dougong.foundation.errors import Place
from dougong.foundation.translate import Label

RIGHTS = (
    "read", "create", "update", "delete", "act", "export", "import", "print", "mail", "share", "report",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do with one entity.

    `rights` maps a right to its row condition: True (every row) or a formula; a right that is not
    in it is not given. `act` are the actions allowed ("*" for all). `update_fields` bounds what may
    be changed (empty: all); `hide` and `read_only` are field paths (`items.cost`); `levels` maps a
    field level to "read" or "edit".
    """

    entity: str
    rights: Mapping[str, bool | Formula]
    act: frozenset[str] = frozenset()
    update_fields: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    levels: Mapping[str, str] = field(default_factory=dict)
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Role:
    """A role and its grants by entity id. `admin` roles may configure the tenant (nothing more)."""

    id: str
    label: Label
    grants: Mapping[str, Grant]
    includes: tuple[str, ...] = ()
    admin: bool = False
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Guard:
    """A restriction on every entity that has the field `has` (or is in `entities`): AND."""

    id: str
    label: Label
    rows: Mapping[str, Formula]
    exempt: frozenset[str] = frozenset()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A number rule. `pattern` is text with `{n:5}` and `{path:format}`; `per` are the formulas
    whose values start a count of their own; `gapless` numbers are taken in the posting transaction.
    """

    id: str
    label: Label
    pattern: str
    entity: str = ""
    per: tuple[Formula, ...] = ()
    gapless: bool = False
    start: int = 1
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Function:
    """A function a module provides to formulas."""

    id: str
    label: Label
    arguments: Mapping[str, Type]
    optional: frozenset[str]
    gives: Type
    reads: tuple[str, ...]
    code: bool
    formula: Formula | None = None
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    module: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class DataSet:
    """Records that come with a module: rows by business key, values as written in the file.

    `owner` is "tenant" (seeded once) or "module" (kept equal at upgrades). `demo` rows are loaded
    only on request.
    """

    id: str
    entity: str
    key: str
    rows: Mapping[str, Mapping[str, Any]]
    owner: str = "tenant"
    demo: bool = False
    module: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A `test:` file as data; the runner reads its keys as language.md §2 describes."""

    id: str
    module: str
    body: Mapping[str, Any]
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """Where the values of one field come from in a file: a `column` by its heading, or one `value`
    for every row. `by` finds a link's target by that field instead of its business key; `values`
    translates what the file says; `format` is the pattern of a date (`yyyy-MM-dd HH:mm`).
    """

    field: str
    column: str = ""
    value: str = ""
    by: str = ""
    format: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinesSource:
    """Where the lines of one set come from: a `file` of their own whose rows belong to the header
    where `match` (line column to header column) agrees; without a file, the header's own rows.
    """

    lines: str
    columns: tuple[ColumnSource, ...]
    file: str = ""
    match: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """An `import:` file: how the columns of a file fill the fields of an entity."""

    id: str
    entity: str
    label: Label
    columns: tuple[ColumnSource, ...]
    key: tuple[str, ...] = ()
    lines: tuple[LinesSource, ...] = ()
    file: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    place: Place = field(default_factory=Place)
