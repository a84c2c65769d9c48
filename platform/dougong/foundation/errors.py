"""Problems: what is wrong, where, why, and what to do; and the exceptions that carry them.

A room declares its problems once, in `<room>/problems.py`, as `ProblemKind` constants. A problem is
a kind plus the values that fill its sentence, so it can be said in any language at any time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dougong.foundation.translate import Label

Level = Literal["stop", "warn"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: in a file (line and column count from 1) or in a document.

    `path` is dotted: `fields.due.required` in a file, `items.3.qty` in a document (lines count
    from 0 there, as in JSON).
    """

    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        if not self.file:
            return self.path
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One thing that can be wrong: `room.what-is-wrong`, its sentence and its instruction.

    `reason` and `hint` are texts in Chinese and English with `{placeholders}`; `page` is the longer
    explanation that `dougong explain CODE` prints. `status` is the HTTP status it answers with.
    """

    code: str
    reason: Label
    hint: Label
    page: Label = field(default_factory=Label)
    status: int = 422


def problem_kind(
    code: str,
    *,
    zh: str,
    en: str,
    do_zh: str,
    do_en: str,
    page_zh: str = "",
    page_en: str = "",
    status: int = 422,
) -> ProblemKind:
    """Declare a kind of problem; `zh`/`en` say what is wrong, `do_zh`/`do_en` what to do."""
    page = Label.of({"zh": page_zh, "en": page_en}) if page_en else Label()
    return ProblemKind(
        code, Label.of({"zh": zh, "en": en}), Label.of({"zh": do_zh, "en": do_en}), page, status
    )


class _Kept(dict[str, Any]):
    """Leaves a placeholder that has no value standing, so a sentence never fails."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at one place.

    `values` fill the placeholders; a value may be a `Label`. `nearest` is the right name that
    comes nearest to a wrong one, or empty.
    """

    kind: ProblemKind
    where: Place = field(default_factory=Place)
    values: Mapping[str, Any] = field(default_factory=dict)
    nearest: str = ""
    level: Level = "stop"

    @property
    def code(self) -> str:
        """The code, `room.what-is-wrong`."""
        return self.kind.code

    def _fill(self, text: Label, language: str) -> str:
        said = {
            name: value.say(language) if isinstance(value, Label) else value
            for name, value in self.values.items()
        }
        return text.say(language).format_map(_Kept(said))

    def reason(self, language: str) -> str:
        """Say what is wrong."""
        return self._fill(self.kind.reason, language)

    def hint(self, language: str) -> str:
        """Say what to do."""
        said = self._fill(self.kind.hint, language)
        if self.nearest:
            near = {"zh": f"是否想写“{self.nearest}”？", "en": f"Did you mean “{self.nearest}”?"}
            said = f"{near.get(language, near['en'])} {said}".strip()
        return said

    def __str__(self) -> str:
        where = f"{self.where}: " if str(self.where) else ""
        return f"{where}[{self.code}] {self.reason('en')} {self.hint('en')}"


class Refused(Exception):  # noqa: N818 -- it is an answer, not a failure
    """The request can't be carried out; carries every problem found.

    `status` is the HTTP status of the answer as a whole (the first problem's unless given);
    `extra` is added to the answer, such as the field-by-field difference of a version conflict.
    """

    def __init__(
        self,
        problems: Iterable[Problem],
        *,
        status: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.problems = tuple(problems)
        self.status = status or (self.problems[0].kind.status if self.problems else 422)
        self.extra = dict(extra or {})
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refuse(kind: ProblemKind, path: str = "", *, nearest: str = "", **values: Any) -> Refused:
    """Build the exception for one problem in a document, to be raised at once."""
    return Refused([Problem(kind, Place(path=path), values, nearest)])
