"""The slow, patient reader: takes a body apart and names everything that is wrong with it at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import msgspec

from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import BadValue
from dougong.fields.links import read_link
from dougong.fields.types import field_type
from dougong.foundation.errors import Place, Problem, ProblemKind
from dougong.foundation.translate import Label
from dougong.generated import problems as kinds
from dougong.generated.bodies import is_guarded
from dougong.generated.shape import HEADER, EntityShape, TableShape

MOST = 200
"""Problems told of one body."""
_OWN = frozenset((*HEADER, "entity"))


@dataclass(slots=True)
class GivenLine:
    """A line as it was given: its id (0 for a new one), its values by field, and what is guarded."""

    id: int
    values: dict[str, Any]
    guarded: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Given:
    """What a body gives: values in memory by field, lines by name.

    `guarded` holds, as they came, the values of fields nobody may fill in; they pass only when they
    equal what is stored.
    """

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, list[GivenLine]] = field(default_factory=dict)
    guarded: dict[str, Any] = field(default_factory=dict)


Accept = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Reader:
    table: TableShape
    accepts: Mapping[str, Accept]
    guarded: frozenset[str]


class Explainer:
    """Reads bodies of one entity; problems are added to the list handed in."""

    def __init__(self, shape: EntityShape) -> None:
        self.entity: Entity = shape.entity
        self.header = _reader(shape.header)
        self.lines = {name: _reader(table) for name, table in shape.lines.items()}

    def read(self, body: Any, wrong: list[Problem]) -> Given:
        """Read a decoded JSON object."""
        given = Given()
        if not isinstance(body, Mapping):
            wrong.append(Problem(kinds.NOT_AN_OBJECT, values={"label": self.entity.label}))
            return given
        for name, value in body.items():
            if name in self.lines:
                given.lines[name] = self._lines(self.lines[name], value, wrong)
            else:
                self._value(self.header, name, value, name, given.values, given.guarded, wrong)
        return given

    def _lines(self, reader: _Reader, rows: Any, wrong: list[Problem]) -> list[GivenLine]:
        name = reader.table.name
        if rows is None:
            return []
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            label = self.entity.lines[name].label
            wrong.append(Problem(kinds.NOT_A_LIST, Place(path=name), {"label": label}))
            return []
        return [self._line(reader, row, f"{name}.{at}", wrong) for at, row in enumerate(rows)]

    def _line(self, reader: _Reader, row: Any, path: str, wrong: list[Problem]) -> GivenLine:
        line = GivenLine(0, {})
        if not isinstance(row, Mapping):
            label = self.entity.lines[reader.table.name].label
            wrong.append(Problem(kinds.NOT_AN_OBJECT, Place(path=path), {"label": label}))
            return line
        for name, value in row.items():
            if name == "id":
                line.id = _line_id(value, path, wrong)
            else:
                self._value(reader, name, value, f"{path}.{name}", line.values, line.guarded, wrong)
        return line

    def _value(
        self,
        reader: _Reader,
        name: Any,
        value: Any,
        path: str,
        values: dict[str, Any],
        guarded: dict[str, Any],
        wrong: list[Problem],
    ) -> None:
        if name in reader.guarded:
            guarded[name] = value
            return
        accept = reader.accepts.get(name)
        if accept is None:
            if len(wrong) < MOST:
                wrong.append(self._unknown(reader, str(name), path))
            return
        try:
            values[name] = accept(value)
        except BadValue as bad:
            values[name] = None
            if len(wrong) < MOST:
                wrong.append(bad_value(bad, path, reader.table.fields[name].label))

    def _unknown(self, reader: _Reader, name: str, path: str) -> Problem:
        near = get_close_matches(name, [*reader.accepts, *reader.guarded, *self.lines], 1)
        values = {"entity": self.entity.label, "name": name[:60]}
        return Problem(kinds.UNKNOWN_FIELD, Place(path=path[:200]), values, near[0] if near else "")


def bad_value(bad: BadValue, path: str, label: Label) -> Problem:
    """Return the problem of a value that does not fit, at its path."""
    return Problem(bad.kind, Place(path=path), {**bad.values, "label": label})


def decode(body: bytes | Mapping[str, Any]) -> Any:
    """Decode JSON. Raises ValueError for what is none."""
    if not isinstance(body, (bytes, bytearray)):
        return body
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)[:200]) from error


def not_json(error: ValueError) -> Problem:
    """Return the problem of a body that is no JSON."""
    kind: ProblemKind = kinds.NOT_JSON
    return Problem(kind, values={"why": str(error)})


def _reader(table: TableShape) -> _Reader:
    accepts: dict[str, Accept] = {}
    guarded = set() if table.name else set(_OWN)
    for name, each in table.fields.items():
        if is_guarded(each):
            guarded.add(name)
        else:
            accepts[name] = _accept(each)
    return _Reader(table, accepts, frozenset(guarded))


def _accept(each: Field) -> Accept:
    kind, shape = field_type(each.type), each.shape
    return lambda value: kind.accept(value, shape)


def _line_id(value: Any, path: str, wrong: list[Problem]) -> int:
    try:
        found = read_link(value)
    except BadValue:
        found = None
    if isinstance(found, int):
        return found
    if value is not None:
        wrong.append(Problem(kinds.BAD_LINE_ID, Place(path=f"{path}.id")))
    return 0
