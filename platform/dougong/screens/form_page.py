"""FormPage: one record as a person fills it in — parts, fields, line grids, actions, history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dougong.foundation.errors import Problem
from dougong.screens.list_page import ActionModel
from dougong.screens.widgets import FieldModel, OptionModel


@dataclass(frozen=True, slots=True)
class PartModel:
    """A part of the form: `columns` of header field names, or the `grid` of a set of lines.

    A `side` part stands at the right, the part `beside` it at its left.
    """

    id: str
    label: str = ""
    cols: int = 2
    columns: tuple[tuple[str, ...], ...] = ()
    grid: str = ""
    side: bool = False
    beside: bool = False
    fold: bool = False
    visible_when: Any = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the part, row by row."""
        return tuple(name for column in self.columns for name in column)


@dataclass(frozen=True, slots=True)
class RowModel:
    """One line: its id, its values as JSON carries them, the titles of its links."""

    id: str
    values: Mapping[str, Any]
    titles: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GridModel:
    """A set of lines: columns, rows, how many there must be, whether lines may be changed.

    `carried` are fields of the lines that the page does not show but its formulas read.
    """

    name: str
    label: str
    columns: tuple[FieldModel, ...]
    rows: tuple[RowModel, ...] = ()
    carried: tuple[FieldModel, ...] = ()
    min: int = 0
    max: int = 0
    readonly: bool = False
    paste: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """A state of the document's life; `place` is "done", "now" or "ahead"."""

    code: str
    label: str
    place: str = "ahead"


@dataclass(frozen=True, slots=True)
class ChangeModel:
    """One changed value, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """Who did what when, and why if they said so; `more` counts the changes not shown."""

    at: str
    who: str
    act: str
    reason: str = ""
    changes: tuple[ChangeModel, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class PageProblem:
    """A problem in the reader's language, at a path of the document ("" for the whole)."""

    path: str
    message: str
    fix: str = ""
    level: str = "stop"
    code: str = ""


def page_problem(problem: Problem, language: str) -> PageProblem:
    """Say a problem in the reader's language."""
    return PageProblem(
        path=problem.where.path,
        message=problem.reason(language),
        fix=problem.hint(language),
        level=problem.level,
        code=problem.code,
    )


@dataclass(frozen=True, slots=True)
class FormPage:
    """A record as JSON and as a page.

    `id` is "" for a new one. `record` holds the header's values as JSON carries them, `titles` the
    titles of its links. `urls` are save, propose, lookup, list, new, delete and self. `may` says
    what is possible now: save, delete, create; `links` lead to pages beside the form.
    """

    entity: str
    label: str
    id: str
    version: int
    title: str
    urls: Mapping[str, str]
    may: Mapping[str, bool]
    record: Mapping[str, Any]
    titles: Mapping[str, Any]
    fields: Mapping[str, FieldModel]
    head: tuple[str, ...] = ()
    parts: tuple[PartModel, ...] = ()
    grids: Mapping[str, GridModel] = field(default_factory=dict)
    carried: tuple[FieldModel, ...] = ()
    state: OptionModel | None = None
    steps: tuple[Step, ...] = ()
    actions: tuple[ActionModel, ...] = ()
    problems: tuple[PageProblem, ...] = ()
    trail: tuple[TrailEntry, ...] | None = None
    links: tuple[ActionModel, ...] = ()
    scope: Mapping[str, Any] = field(default_factory=dict)
