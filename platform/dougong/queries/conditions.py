"""The filter tree as SQL: names become columns or are refused, values become parameters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dougong.access.column_text import Columns
from dougong.access.paths import readable
from dougong.access.read_path import ReadPath
from dougong.access.select_text import among, exists, mark
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Field
from dougong.fields.field_type import BadValue, Dialect
from dougong.fields.types import FIELD_TYPES
from dougong.formulas.sql_pieces import Piece
from dougong.foundation.errors import Place, Problem, Refused
from dougong.queries.filters import Condition, Group, Negation, Test
from dougong.queries.problems import OPERATOR_UNFIT
from dougong.queries.values import (
    POSTGRES_TYPES,
    accepted,
    accepted_id,
    accepted_list,
    accepted_text,
    value_problem,
)

_DECLARED = {"not_in": "not in", "not_empty": "empty"}
_LINE = "l"


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter: the value of the filter with this index, once it has been accepted."""

    index: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How one value of the filter is accepted: by the field and operator it was given for."""

    index: int
    path: str
    place: str
    accept: Callable[[Any], Any]


@dataclass(slots=True)
class Conditions:
    """Compiles the conditions of one query; gathers how its values are read, and problems."""

    catalog: Catalog
    roles: frozenset[str]
    entity_id: str
    columns: Columns
    readings: list[Reading] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def dialect(self) -> Dialect:
        """The database."""
        return self.columns.dialect

    def compile(self, condition: Condition) -> Piece:
        """Compile a condition over the alias `t`; after it `problems` must be looked at."""
        match condition:
            case Group(word, parts):
                if not parts:
                    return Piece("1 = 1" if word == "and" else "1 = 0", ())
                pieces = [self.compile(part) for part in parts]
                text = f" {word.upper()} ".join(f"({piece.text})" for piece in pieces)
                return Piece(text, tuple(param for piece in pieces for param in piece.params))
            case Negation(part):
                inner = self.compile(part)
                return Piece(f"({inner.text}) IS NOT TRUE", inner.params)
            case Test():
                return self._test(condition)

    def _test(self, test: Test) -> Piece:
        try:
            path = readable(
                self.catalog, self.roles, self.entity_id, test.path, self.dialect, lines=True
            )
            column = self.columns.read(path, _LINE if path.lines else "t")
        except Refused as refused:
            self.problems += [
                Problem(one.kind, Place(path=test.place), one.values, one.nearest)
                for one in refused.problems
            ]
            return Piece("1 = 0", ())
        operators = FIELD_TYPES[path.field.type].operators
        if _DECLARED.get(test.op, test.op) not in operators:
            known = ", ".join(sorted(operators))
            values = {"op": test.op, "at": test.path, "type": path.field.type, "known": known}
            self.problems.append(Problem(OPERATOR_UNFIT, Place(path=test.place), values))
            return Piece("1 = 0", ())
        if test.value >= 0:
            accept = _accept(test.op, path.field, self.dialect)
            self.readings.append(Reading(test.value, test.path, test.place, accept))
        compared = compare(test.op, column, path.field, Given(test.value), self.dialect)
        return self._within_lines(path, compared) if path.lines else compared

    def _within_lines(self, path: ReadPath, compared: Piece) -> Piece:
        """A condition on a field of lines holds when it holds for at least one line."""
        table = path.entity.lines[path.lines].table
        where = f'{_LINE}."parent" = t."id" AND ({compared.text})'
        return Piece(exists(table, _LINE, where), compared.params)


def read_values(readings: tuple[Reading, ...], values: tuple[Any, ...]) -> dict[int, Any]:
    """Accept the values of a filter. Raises Refused (400) with every value that does not fit."""
    taken: dict[int, Any] = {}
    problems: list[Problem] = []
    for reading in readings:
        try:
            taken[reading.index] = reading.accept(values[reading.index])
        except BadValue as error:
            problems.append(value_problem(error, reading.path, reading.place))
    if problems:
        raise Refused(problems)
    return taken


def _accept(op: str, field_: Field, dialect: Dialect) -> Callable[[Any], Any]:
    if op in ("in", "not_in"):
        return lambda values: accepted_list(field_, values, dialect)
    if op in ("contains", "starts_with"):
        return accepted_id if FIELD_TYPES[field_.type].kind == "links" else accepted_text
    return lambda value: accepted(field_, value, dialect)


def compare(op: str, column: Piece, field_: Field, value: Any, dialect: Dialect) -> Piece:
    """Compile one comparison; `value` is the parameter. Two-valued: null is never a surprise."""
    value_mark = mark(dialect)
    text, postgres = column.text, dialect == "postgresql"
    with_value = (*column.params, value)
    match op:
        case "empty":
            return Piece(f"{text} IS NULL", column.params)
        case "not_empty":
            return Piece(f"{text} IS NOT NULL", column.params)
        case "!=":
            word = "IS DISTINCT FROM" if postgres else "IS NOT"
            return Piece(f"{text} {word} {value_mark}", with_value)
        case "in" | "not_in":
            kind = POSTGRES_TYPES.get(FIELD_TYPES[field_.type].kind, "text")
            inside = Piece(f"{text} {among(dialect, kind)}", with_value)
            return Piece(f"({inside.text}) IS NOT TRUE", with_value) if op == "not_in" else inside
        case "contains" if FIELD_TYPES[field_.type].kind == "links":
            if postgres:
                return Piece(f"{value_mark} = ANY({text})", (value, *column.params))
            found = f"EXISTS (SELECT 1 FROM json_each({text}) WHERE value = {value_mark})"  # noqa: S608 -- made of catalog names
            return Piece(found, with_value)
        case "contains" | "starts_with":
            search = (
                f"strpos(lower({text}), {value_mark})"
                if postgres
                else f"instr(lower({text}), {value_mark})"
            )
            return Piece(f"{search} {'> 0' if op == 'contains' else '= 1'}", with_value)
        case _:
            sql = {"==": "="}.get(op, op)
            return Piece(f"{text} {sql} {value_mark}", with_value)
