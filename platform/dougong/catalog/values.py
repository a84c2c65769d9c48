"""Map and List: what a YAML file holds, each value knowing where it stands and who said it."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from dougong.foundation.errors import Place

Scalar: TypeAlias = "str | int | bool | None"
Value: TypeAlias = "Scalar | Map | List"


class File(NamedTuple):
    """A file of a source set. `name` is what a person is shown; `layer` is platform, module, plugin
    or tenant, `owner` the id of the module, plugin or tenant.
    """

    name: str
    path: str
    layer: str
    owner: str


class Mark(NamedTuple):
    """Where a key and its value stand; lines and columns count from 1. The value's column is its
    first character, after an opening quote.
    """

    file: File
    key_line: int
    key_column: int
    line: int
    column: int

    def at_key(self, path: str = "") -> Place:
        """Return the place of the key."""
        return Place(self.file.name, self.key_line, self.key_column, path)

    def at_value(self, path: str = "") -> Place:
        """Return the place of the value."""
        return Place(self.file.name, self.line, self.column, path)


NOWHERE = Mark(File("", "", "platform", ""), 0, 0, 0, 0)


class Map(dict[str, Any]):
    """A YAML map: keys in order, and a mark for each. Never changed once it has been read."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark = NOWHERE) -> None:
        super().__init__()
        self.mark = mark
        self.marks: dict[str, Mark] = {}

    def put(self, key: str, value: Any, mark: Mark) -> None:
        """Add or replace a key; for whoever is building the map."""
        self[key] = value
        self.marks[key] = mark

    def copied(self) -> "Map":
        """Return a copy whose values are shared."""
        made = Map(self.mark)
        made.update(self)
        made.marks.update(self.marks)
        return made

    def without(self, *keys: str) -> "Map":
        """Return a copy that lacks `keys`."""
        made = Map(self.mark)
        for key, value in self.items():
            if key not in keys:
                made.put(key, value, self.marks[key])
        return made

    def walk(self) -> Iterator[tuple[str, Any, Mark]]:
        """Walk (key, value, mark)."""
        marks = self.marks
        for key, value in self.items():
            yield key, value, marks.get(key, self.mark)

    def map(self, key: str) -> "Map":
        """Return the map under `key`, an empty one when there is none."""
        found = self.get(key)
        return found if isinstance(found, Map) else Map(self.marks.get(key, self.mark))

    def list(self, key: str) -> "List":
        """Return the list under `key`; a single text counts as a list of one."""
        found = self.get(key)
        if isinstance(found, List):
            return found
        made = List(self.marks.get(key, self.mark))
        if found is not None and not isinstance(found, Map):
            made.add(found, self.marks.get(key, self.mark))
        return made

    def named(self, key: str) -> Iterator[tuple[str, Mark]]:
        """Walk (text, mark) of the list under `key`; what is no text is passed over."""
        for value, mark in self.list(key).walk():
            if isinstance(value, str):
                yield value, mark

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list under `key` as texts."""
        return tuple(text_of(value) for value in self.list(key))

    def text(self, key: str, default: str = "") -> str:
        """Return the text under `key`, whatever YAML made of it; `default` when there is none."""
        found = self.get(key)
        return default if found is None or isinstance(found, (Map, List)) else text_of(found)

    def place(self, key: str, path: str = "") -> Place:
        """Return where the value of `key` stands; the map itself when the key is missing."""
        return self.marks.get(key, self.mark).at_value(path)

    def __reduce__(self) -> Any:
        return _map, (self.mark, dict(self), self.marks)


class List(list[Any]):
    """A YAML list: values in order, and a mark for each."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark = NOWHERE) -> None:
        super().__init__()
        self.mark = mark
        self.marks: list[Mark] = []

    def add(self, value: Any, mark: Mark) -> None:
        """Append a value."""
        self.append(value)
        self.marks.append(mark)

    def walk(self) -> Iterator[tuple[Any, Mark]]:
        """Walk (value, mark)."""
        return iter(zip(self, self.marks, strict=True))

    def __reduce__(self) -> Any:
        return _list, (self.mark, list(self), self.marks)


def _map(mark: Mark, items: dict[str, Any], marks: dict[str, Mark]) -> Map:
    made = Map(mark)
    made.update(items)
    made.marks = marks
    return made


def _list(mark: Mark, items: Sequence[Any], marks: list[Mark]) -> List:
    made = List(mark)
    made.extend(items)
    made.marks = marks
    return made


def text_of(value: Scalar) -> str:
    """Return the raw text of a scalar as it stood in the file: a formula is this text."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def plain(value: Value) -> Any:
    """Return the value as plain dicts and lists."""
    if isinstance(value, Map):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, List):
        return [plain(each) for each in value]
    return value
