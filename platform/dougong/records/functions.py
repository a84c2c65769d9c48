"""Functions of modules, called by formulas: their bodies are code that reads through a door."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Field
from dougong.catalog.process import Function
from dougong.fields.field_type import BadValue, Dialect
from dougong.fields.types import field_type
from dougong.foundation.errors import Refused
from dougong.generated.fetch import Target, target_of
from dougong.generated.rows import memory_to_stored, stored_to_memory
from dougong.generated.shape import quoted
from dougong.generated.sql import mark
from dougong.hooks.loader import load_functions
from dougong.records.problems import FUNCTION_FAILED
from dougong.records.work import Work

_log = logging.getLogger("dougong.hooks")
_OWN = ("id", "parent", "position")


class Functions:
    """Calls functions for one unit of work; what a function read is not read twice."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._read: dict[tuple[Any, ...], list[dict[str, Any]]] = {}

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Call a function with its arguments by name. Raises BadValue when it can't be done."""
        function = self._work.catalog.functions.get(name)
        if function is None:
            raise BadValue(FUNCTION_FAILED, why=name)
        try:
            body = _bodies(_Held(self._work.catalog), function.module)[name]
        except (Refused, KeyError) as error:
            raise BadValue(FUNCTION_FAILED, why=str(error)[:200] or name) from error
        door = ReadDoor(self._work, function, self._read)
        try:
            return body(door, **arguments)
        except Exception as error:
            _log.warning("%s failed", name, exc_info=True)
            why = f"{name}: {type(error).__name__}"
            raise BadValue(FUNCTION_FAILED, why=why) from error


class _Held:
    """A catalog known by its fingerprint, or by itself where it has none."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.key = catalog.fingerprint or id(catalog)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.key == self.key


@lru_cache(maxsize=200)
def _bodies(held: _Held, module: str) -> Mapping[str, Callable[..., Any]]:
    known = held.catalog.modules[module]
    declared = [each for each in held.catalog.functions.values() if each.module == module]
    return load_functions(Path(known.folder), module, declared)


class ReadDoor:
    """What a function may read: the entities its declaration names, and their lines
    (`sales.order.items`, with `parent` for the header's id). Values are plain.
    """

    def __init__(
        self, work: Work, function: Function, memory: dict[tuple[Any, ...], list[dict[str, Any]]]
    ) -> None:
        self._work = work
        self._function = function
        self._memory = memory

    def rows(
        self, entity: str, *, where: Mapping[str, Any], fields: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Return the records whose fields have the values of `where` (a list: one of them), in the
        order they were made. Raises LookupError for what the function may not read.
        """
        key = (
            entity,
            tuple(sorted((name, _frozen(value)) for name, value in where.items())),
            tuple(fields),
        )
        if key not in self._memory:
            self._memory[key] = self._fetch(entity, where, fields)
        return [dict(row) for row in self._memory[key]]

    def _fetch(
        self, entity: str, where: Mapping[str, Any], fields: Sequence[str]
    ) -> list[dict[str, Any]]:
        target = target_of(self._work.catalog, entity)
        if target.entity.id not in self._function.reads:
            raise LookupError(f"{self._function.id} may not read {entity}")
        dialect = self._work.dialect
        columns = [_column(target, name) for name in fields]
        tests: list[str] = []
        params: list[Any] = []
        for name, value in where.items():
            text, given = _test(target, name, value, dialect)
            tests.append(text)
            params += given
        condition = f" WHERE {' AND '.join(tests)}" if tests else ""
        order = '"parent", "position", "id"' if target.lines else '"id"'
        rows = self._work.connection.run(
            f"SELECT {', '.join(columns)} FROM @.{quoted(target.table)}{condition} ORDER BY {order}",  # noqa: S608 -- our names
            params,
        )
        loads = [_loader(target, name, dialect) for name in fields]
        return [
            {name: load(value) for name, load, value in zip(fields, loads, row, strict=True)}
            for row in rows
        ]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, set, frozenset)) else value


def _field(target: Target, name: str) -> Field | None:
    if name in _OWN:
        return None
    found = target.fields.get(name)
    if found is None or not found.column:
        raise LookupError(f"{target.id} stores no field {name}")
    return found


def _column(target: Target, name: str) -> str:
    found = _field(target, name)
    return quoted(found.column if found else name)


def _test(target: Target, name: str, value: Any, dialect: Dialect) -> tuple[str, list[Any]]:
    column, found, one = _column(target, name), _field(target, name), mark(dialect)
    store = memory_to_stored(found, dialect) if found else lambda each: each
    if value is None:
        return f"{column} IS NULL", []
    if isinstance(value, (list, tuple, set, frozenset)):
        given = [store(_settled(found, each)) for each in value]
        if dialect == "sqlite":
            return f"{column} IN (SELECT value FROM json_each(?))", [  # noqa: S608 -- our names
                msgspec.json.encode(given).decode()
            ]
        return f"{column} = ANY({one})", [given]
    return f"{column} = {one}", [store(_settled(found, value))]


def _settled(found: Field | None, value: Any) -> Any:
    return field_type(found.type).settle(value, found.shape) if found else value


def _loader(target: Target, name: str, dialect: Dialect) -> Callable[[Any], Any]:
    found = _field(target, name)
    return stored_to_memory(found, dialect) if found else lambda value: value
