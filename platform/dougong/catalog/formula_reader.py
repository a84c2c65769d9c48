"""Turns the raw text of a key into a checked formula, and collects what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dougong.catalog.scope import BOOLEAN, Known, RecordScope
from dougong.catalog.values import List, Map, Mark, text_of
from dougong.formulas.check import check
from dougong.formulas.tree import Formula, Target, Type
from dougong.foundation.errors import Problem

PYTHON: tuple[Target, ...] = ("python",)
SQL: tuple[Target, ...] = ("sql",)


@dataclass(frozen=True, slots=True)
class Written:
    """A formula as it stands in a file: for whoever rewrites names in it."""

    text: str
    scope: RecordScope
    mark: Mark
    path: str
    formula: Formula | None


@dataclass(slots=True)
class FormulaReader:
    """Reads the formulas of one object; `problems` and `written` collect what it met."""

    known: Known
    problems: list[Problem] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)

    def read(
        self,
        body: Map,
        key: str,
        scope: RecordScope,
        path: str,
        *,
        wants: Type | None = None,
        targets: Sequence[Target] = PYTHON,
        stored: bool = False,
    ) -> Formula | None:
        """Return the formula under `key`, None when there is none or it is wrong."""
        if key not in body or isinstance(body[key], (Map, List)):
            return None
        mark = body.marks.get(key, body.mark)
        whole = f"{path}.{key}"
        return self.text(
            text_of(body[key]), mark, scope, whole, wants=wants, targets=targets, stored=stored
        )

    def text(
        self,
        text: str,
        mark: Mark,
        scope: RecordScope,
        path: str,
        *,
        wants: Type | None = None,
        targets: Sequence[Target] = PYTHON,
        stored: bool = False,
    ) -> Formula | None:
        """Return a formula from its text."""
        formula, wrong = check(
            text, scope, mark.at_value(path), wants=wants, targets=targets, stored=stored
        )
        self.problems.extend(wrong)
        self.written.append(Written(text, scope, mark, path, formula))
        return formula

    def condition(
        self, body: Map, key: str, scope: RecordScope, path: str, *, default: bool
    ) -> bool | Formula:
        """Return true, false or a condition; `default` when the key is missing or wrong."""
        if key not in body or isinstance(body[key], bool):
            return bool(body.get(key, default))
        return self.read(body, key, scope, path, wants=BOOLEAN) or default

    def boolean(
        self,
        body: Map,
        key: str,
        scope: RecordScope,
        path: str,
        *,
        targets: Sequence[Target] = PYTHON,
    ) -> Formula | None:
        """Return the condition under `key`."""
        return self.read(body, key, scope, path, wants=BOOLEAN, targets=targets)
