"""What a command is, and how it speaks: to a person in her language, to a machine in JSON."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from dougong.foundation.errors import Place, Problem
from dougong.foundation.settings import Settings
from dougong.foundation.translate import Label

DONE = 0
REFUSED = 1
"""The command found problems, or was refused; nothing it was not asked for has changed."""
WRONG_USE = 2
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Console:
    """Where a command speaks and what it was set up with.

    `json` asks for answers a program reads; then standard output carries JSON and nothing else.
    """

    settings: Settings
    language: str = "en"
    json: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def text(self, zh: str, en: str) -> str:
        """Return the text in the reader's language."""
        return zh if self.language == "zh" else en

    def say(self, zh: str, en: str) -> None:
        """Tell a person something; silent when a program listens."""
        if not self.json:
            print(self.text(zh, en), file=self.out, flush=True)

    def note(self, zh: str, en: str) -> None:
        """Tell a person something that is not the answer (progress), on standard error."""
        print(self.text(zh, en), file=self.err, flush=True)

    def answer(self, value: Any) -> None:
        """Give the answer to a program, as JSON on one line; silent for a person."""
        if self.json:
            print(json.dumps(value, ensure_ascii=False, default=str), file=self.out, flush=True)

    def problems(self, problems: Sequence[Problem], **more: Any) -> None:
        """Tell every problem: place, sentence, what to do, code; `more` is for programs only."""
        if self.json:
            told = [problem_json(each, self.language) for each in problems]
            self.answer({"problems": told, **more})
            return
        for problem in problems:
            print(problem_text(problem, self.language), file=self.err)

    def table(self, heads: Sequence[Label], rows: Iterable[Sequence[str]]) -> None:
        """Print rows in columns; silent when a program listens."""
        if self.json:
            return
        lines = [[head.say(self.language) for head in heads], *[list(row) for row in rows]]
        widths = [max(_width(line[column]) for line in lines) for column in range(len(heads))]
        for line in lines:
            cells = [_pad(text, width) for text, width in zip(line, widths, strict=True)]
            print("  ".join(cells).rstrip(), file=self.out)

    def now(self) -> datetime:
        """Read the clock."""
        return datetime.now(UTC)  # noqa: TID251 -- a command is where time enters


def sub_command(verbs: Any, name: str, description: str, console: Console) -> ArgumentParser:
    """Add a sub-command such as `tenant create` and return its parser."""
    made: ArgumentParser = verbs.add_parser(
        name, description=description, language=console.language
    )
    return made


@dataclass(frozen=True, slots=True)
class Command:
    """One command: how its arguments are read, and what it does. `run` returns the exit code."""

    arguments: Callable[[ArgumentParser, Console], None]
    run: Callable[[Namespace, Console], int]


def problem_text(problem: Problem, language: str) -> str:
    """Write a problem as a person reads it."""
    where = str(shown_place(problem.where))
    mark = (
        {"zh": "提醒", "en": "warning"}
        if problem.level == "warn"
        else {"zh": "错误", "en": "error"}
    )
    first = f"{where}: " if where else ""
    hint = problem.hint(language)
    said = f"{first}{mark.get(language, mark['en'])}: {problem.reason(language)} [{problem.code}]"
    return f"{said}\n    {hint}" if hint else said


def problem_json(problem: Problem, language: str) -> dict[str, Any]:
    """Write a problem as a program reads it."""
    place = shown_place(problem.where)
    return {
        "code": problem.code,
        "level": problem.level,
        "reason": problem.reason(language),
        "hint": problem.hint(language),
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "path": place.path,
        "nearest": problem.nearest,
    }


def shown_place(place: Place) -> Place:
    """Return the place with its file named from the current folder where that is shorter."""
    if not place.file:
        return place
    file = Path(place.file)
    if file.is_absolute() and file.is_relative_to(Path.cwd()):
        return Place(str(file.relative_to(Path.cwd())), place.line, place.column, place.path)
    return place


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
