"""Reads YAML, a strict and small part of it, keeping the place of every key and value.

Values are null, true, false, whole numbers and text; decimals, dates and codes stay text until the
field's type reads them. Doubled keys, anchors, aliases, tags and tabs are refused, so what a person
sees in the file is what the platform reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from yaml._yaml import CParser  # the C parser, without a resolver

from dougong.catalog import problems as kinds
from dougong.catalog.values import File, List, Map, Mark
from dougong.foundation.errors import Place, Problem, ProblemKind

Layer = Literal["platform", "module", "plugin", "tenant"]
LAYERS: tuple[Layer, ...] = ("platform", "module", "plugin", "tenant")
MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 20
_WHOLE = re.compile(r"-?[1-9][0-9]{0,17}|0")
_SPECIAL_KEYS = frozenset({"on", "off", "yes", "no", "y", "n"})
_CONSTANTS: dict[str, bool | None] = {"null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class SourceSet:
    """The files of one platform, module, plugin or tenant, by path inside their folder.

    `folder` is shown before each path, so that a person finds the file.
    """

    layer: Layer
    id: str
    files: Mapping[str, str]
    folder: str = ""

    def file(self, path: str) -> File:
        """Return the file as values remember it."""
        name = f"{self.folder}/{path}" if self.folder else path
        return File(name, path, self.layer, self.id)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as values; `body` is None when it can't be read at all."""

    file: File
    body: Map | None
    problems: tuple[Problem, ...] = ()


def read_folder(folder: Path | str, layer: Layer, id_: str = "") -> SourceSet:
    """Read every `.yaml` file of a folder (not of `tests/data`), named by its path inside it.

    The id is the folder's name unless given. Raises NotADirectoryError.
    """
    root = Path(folder)
    if not root.is_dir():
        raise NotADirectoryError(str(root))
    files = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(root.rglob("*.yaml"))
        if not any(part.startswith(".") for part in path.relative_to(root).parts)
    }
    return SourceSet(layer, id_ or root.name, files, _shown(root))


def _shown(root: Path) -> str:
    try:
        return root.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return root.as_posix()


@dataclass(slots=True)
class _Level:
    """A map or list being read."""

    value: Map | List
    flow: bool
    key: str | None = None
    key_line: int = 0
    key_column: int = 0
    keys_seen: set[str] = field(default_factory=set)


class _Stop(Exception):  # noqa: N818 -- carries the problem that ends the reading of a file
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.code)


def parse_file(text: str, file: File) -> Parsed:
    """Read one file. Never raises for what a person wrote; problems come with their place."""
    reader = _Reader(file)
    try:
        _refuse_at_sight(text, file)
        body = reader.read(text)
    except _Stop as stop:
        return Parsed(file, None, (*reader.problems, stop.problem))
    except yaml.YAMLError as error:
        return Parsed(file, None, (*reader.problems, _broken(error, file)))
    return Parsed(file, body, tuple(reader.problems))


def _refuse_at_sight(text: str, file: File) -> None:
    """Refuse a file that is too long or holds tabs or characters no text has."""
    if len(text) > MAX_CHARACTERS:
        raise _Stop(Problem(kinds.TOO_LARGE, Place(file.name), {"size": len(text)}))
    for kind, found in (
        (kinds.TAB, text.find("\t")),
        (kinds.BAD_CHARACTER, next((m.start() for m in _BAD.finditer(text)), -1)),
    ):
        if found >= 0:
            line = text.count("\n", 0, found) + 1
            column = found - text.rfind("\n", 0, found)
            values = {"character": f"U+{ord(text[found]):04X}"}
            raise _Stop(Problem(kind, Place(file.name, line, column), values))


_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd\ufffe\uffff]")


def _broken(error: yaml.YAMLError, file: File) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", "") or getattr(error, "reason", "") or error)
    place = Place(file.name, mark.line + 1, mark.column + 1) if mark else Place(file.name)
    kind = kinds.COLON_CUT if "mapping values are not allowed" in said else kinds.NOT_YAML
    return Problem(kind, place, {"said": said})


class _Reader:
    """Turns the events of the C parser into maps and lists, with a stack of its own."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.stack: list[_Level] = []

    def problem(self, kind: ProblemKind, line: int, column: int, **values: Any) -> None:
        """Note a problem; reading goes on."""
        self.problems.append(Problem(kind, Place(self.file.name, line, column), values))

    def read(self, text: str) -> Map | None:
        """Read the one document of a file."""
        parser = CParser(text)
        try:
            return self._document(parser)
        finally:
            parser.dispose()

    def _document(self, parser: Any) -> Map | None:
        root: Map | None = None
        get = parser.get_event
        while True:
            event = get()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                made = self._open(event, is_map=kind is yaml.MappingStartEvent)
                if len(self.stack) == 1 and root is None and isinstance(made, Map):
                    root = made
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self.stack.pop()
            elif kind is yaml.AliasEvent:
                mark = event.start_mark
                self.problem(kinds.ANCHOR, mark.line + 1, mark.column + 1, what="*" + event.anchor)
                self._add(None, mark.line + 1, mark.column + 1)
            elif kind is yaml.DocumentStartEvent:
                self._document_start(event, second=root is not None)
            elif kind is yaml.StreamEndEvent:
                if root is None and not self.problems:
                    self.problem(kinds.NOT_A_MAP, 1, 1)
                return root

    def _document_start(self, event: Any, *, second: bool) -> None:
        mark = event.start_mark
        if second or event.version or event.tags:
            raise _Stop(Problem(kinds.SECOND_DOCUMENT, Place(self.file.name, mark.line + 1, 1), {}))

    def _refuse_marks(self, event: Any) -> None:
        mark = event.start_mark
        if event.anchor:
            self.problem(kinds.ANCHOR, mark.line + 1, mark.column + 1, what="&" + event.anchor)
        if event.tag:
            self.problem(kinds.TAG, mark.line + 1, mark.column + 1, tag=event.tag)

    def _open(self, event: Any, *, is_map: bool) -> Map | List:
        if event.anchor or event.tag:
            self._refuse_marks(event)
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        mark = self._mark(line, column)
        made: Map | List = Map(mark) if is_map else List(mark)
        self._add(made, line, column)
        if len(self.stack) >= MAX_DEPTH:
            raise _Stop(Problem(kinds.TOO_DEEP, Place(self.file.name, line, column), {}))
        self.stack.append(_Level(made, bool(event.flow_style)))
        return made

    def _mark(self, line: int, column: int) -> Mark:
        if self.stack and self.stack[-1].key is not None:
            level = self.stack[-1]
            return Mark(self.file, level.key_line, level.key_column, line, column)
        return Mark(self.file, line, column, line, column)

    def _scalar(self, event: Any) -> None:
        if event.anchor or event.tag:
            self._refuse_marks(event)
        mark = event.start_mark
        line, column, text = mark.line + 1, mark.column + 1, event.value
        quoted = not event.implicit[0]
        level = self.stack[-1] if self.stack else None
        if level is not None and level.key is None and isinstance(level.value, Map):
            self._key(level, text, line, column, quoted=quoted)
            return
        if quoted:
            self._add(text, line, column + (event.style in "'\""))
            return
        if text in ("", "~"):
            self._empty(level, line, column)
            return
        value: Any = text
        if text in _CONSTANTS:
            value = _CONSTANTS[text]
        elif _WHOLE.fullmatch(text):
            value = int(text)
        self._add(value, line, column)

    def _key(self, level: _Level, text: str, line: int, column: int, *, quoted: bool) -> None:
        if not quoted and text.lower() in _SPECIAL_KEYS:
            self.problem(kinds.SPECIAL_KEY, line, column, key=text)
        if not text:
            self.problem(kinds.NO_VALUE, line, column, key="")
        if text in level.keys_seen:
            self.problem(kinds.DOUBLED_KEY, line, column, key=text)
        level.keys_seen.add(text)
        level.key, level.key_line, level.key_column = text, line, column

    def _empty(self, level: _Level | None, line: int, column: int) -> None:
        key = (level.key or "") if level else ""
        if level is not None and level.flow:
            self.problem(
                kinds.COMMA_CUT, level.key_line or line, level.key_column or column, key=key
            )
        else:
            self.problem(kinds.NO_VALUE, line, column, key=key)
        self._add(None, line, column)

    def _add(self, value: Any, line: int, column: int) -> None:
        if not self.stack:
            return
        level = self.stack[-1]
        if isinstance(level.value, List):
            level.value.add(value, Mark(self.file, line, column, line, column))
        elif level.key is None:
            raise _Stop(Problem(kinds.COMPLEX_KEY, Place(self.file.name, line, column), {}))
        else:
            mark = Mark(self.file, level.key_line, level.key_column, line, column)
            level.value.put(level.key, value, mark)
            level.key = None
