"""The code of an entity: made when it is first used, kept as long as what it was made of stays.

An entity's fingerprint changes with its declaration and with what it sees of others, so two tenants
with the same entity share its code; a tenant that changes three entities of a hundred adds the code
of three.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import msgspec
from msgspec import UNSET

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Action, Entity, Field, Rule
from dougong.fields.dates import stamp
from dougong.fields.field_type import BadValue, Dialect
from dougong.fields.links import KeyOf
from dougong.fields.source_names import NAMES
from dougong.fields.words import sort_key
from dougong.formulas import to_python
from dougong.formulas.tree import Formula
from dougong.generated import rows
from dougong.generated.bodies import body_structs, take_source
from dougong.generated.checks import ChecksWriter, linked_source, typed_source, words_source
from dougong.generated.compute import ComputeWriter, Node, nodes_of
from dougong.generated.explain import Explainer
from dougong.generated.expressions import Expressions, maps_used
from dougong.generated.fetch import Fetch, FetchPlan
from dougong.generated.shape import EntityShape, TableShape, shape_of
from dougong.generated.source import compiled
from dougong.generated.sql import EntitySql, sql_of

KEPT = 2_000
Need = tuple[str, str, str]
"""A link that is read through: root, field, target."""
WRONG = (ArithmeticError, ValueError, BadValue)
"""What an expression may raise when a value does not fit."""


@dataclass(frozen=True, slots=True)
class TableCode:
    """The functions of the header or of one set of lines.

    `new()` makes an empty record; `bind(r)` (lines: `bind(s, parent)`) gives the values of all
    columns and `values[field](r)` that of one; `load(row)` and `wire_row(row)` read a row of all
    columns; `wire(r)` writes a record for JSON; `differ(o, r)` names the stored fields that differ.
    """

    shape: TableShape
    new: Callable[..., Any]
    bind: Callable[..., tuple[Any, ...]]
    values: Mapping[str, Callable[[Any], Any]]
    load: Callable[[Any], Any]
    wire_row: Callable[[Any], dict[str, Any]]
    wire: Callable[[Any], dict[str, Any]]
    differ: Callable[[Any, Any], list[str]]
    number: Callable[..., list[Any]]


@dataclass(frozen=True, slots=True)
class EntityCode:
    """Everything that was generated for an entity on one database.

    `numbered` are the fields whose number is taken when a record is made, because no action issues
    it; `has_ties` tells whether `records.ties` has anything to check; `autos` the actions by which a record moves by itself; `start` the state it begins in.
    """

    entity: Entity
    shape: EntityShape
    start: str | None
    dialect: Dialect
    sql: EntitySql
    header: TableCode
    lines: Mapping[str, TableCode]
    body: Any
    line_bodies: Mapping[str, Any]
    decode: Callable[[bytes], Any]
    take: Callable[[Any], Any]
    explainer: Explainer
    nodes: tuple[Node, ...]
    compute: Callable[..., None]
    derive: Callable[..., None]
    derives: bool
    has_dynamic: bool
    has_ties: bool
    numbered: tuple[Field, ...]
    autos: tuple[Action, ...]
    check: Callable[..., None]
    check_new: Callable[..., None]
    linked: Callable[[Any], tuple[tuple[int, tuple[Any, ...]], ...]]
    typed: Callable[[Any, Any], bool]
    words: Callable[..., tuple[Any, ...]]
    rules: tuple[tuple[str, Rule], ...]
    fetches: tuple[Fetch, ...]
    empties: tuple[tuple[Any, ...], ...]
    numbers: Mapping[str, int]
    check_needs: Mapping[str, frozenset[Need]]
    conditions: Mapping[str, tuple[Callable[..., Any], frozenset[Need]]]

    def fresh(self, **lines: int) -> Any:
        """Return an empty new record with so many lines: defaults are still to be taken."""
        given = {
            f"l_{name}": [self.line_bodies[name]() for _ in range(n)] for name, n in lines.items()
        }
        return self.take(self.body(**given))

    def condition(self, formula: Formula, lines: str = "") -> Callable[..., Any]:
        """Return a condition of this entity (`edit`, `when`, …) as a function `f(r, s, o, p, e, k)`.

        Raises KeyError for a formula that does not belong to it.
        """
        return self.conditions[f"{lines}:{formula.text}"][0]

    def condition_needs(
        self, formula: Formula, lines: str, record: Any, line: Any, environment: Any = None
    ) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Return what must be read before a condition is asked: (number of fetch, ids)."""
        needs = self.conditions[f"{lines}:{formula.text}"][1]
        return self.needs(needs, record, () if line is None else (line,), environment)

    def needs(
        self, links: Iterable[Need], record: Any, lines: Iterable[Any], environment: Any
    ) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Return what must be read for links that are read through: (number of fetch, ids)."""
        for root, name, target in links:
            number = self.numbers[target]
            if root == "record":
                yield number, (getattr(record, f"f_{name}"),)
            elif root == "line":
                yield number, tuple(getattr(line, f"f_{name}") for line in lines)
            elif root in ("company", "user"):
                yield number, (getattr(environment, root),)
            else:
                rows = getattr(record, f"l_{root.removeprefix('rows.')}")
                yield number, tuple(getattr(row, f"f_{name}") for row in rows)


_codes: OrderedDict[tuple[str, str], EntityCode] = OrderedDict()
_lock = Lock()


def code_for(catalog: Catalog, entity_id: str, dialect: Dialect) -> EntityCode:
    """Return the code of an entity. Raises KeyError for an entity the catalog does not have."""
    entity = catalog.entities[entity_id]
    if not entity.fingerprint:
        return _made_once(_Held(catalog), entity_id, dialect)
    key = (dialect, entity.fingerprint)
    with _lock:
        known = _codes.get(key)
        if known is not None:
            _codes.move_to_end(key)
            return known
    made = make_code(catalog, entity, dialect)
    with _lock:
        _codes[key] = made
        while len(_codes) > KEPT:
            _codes.popitem(last=False)
    return made


class _Held:
    """A catalog without fingerprints (of a test), known by what it is."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __hash__(self) -> int:
        return id(self.catalog)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.catalog is self.catalog


@lru_cache(maxsize=200)
def _made_once(held: _Held, entity_id: str, dialect: Dialect) -> EntityCode:
    return make_code(held.catalog, held.catalog.entities[entity_id], dialect)


def make_code(catalog: Catalog, entity: Entity, dialect: Dialect) -> EntityCode:
    """Make the code of an entity. Raises ValueError or LookupError for what cannot be generated,
    which the checks of the catalog keep out.
    """
    shape = shape_of(entity)
    plan = FetchPlan(catalog, dialect)
    expressions = Expressions(shape, plan)
    linked = linked_source(shape, expressions)
    nodes = nodes_of(shape, expressions)
    writer = ComputeWriter(shape, expressions, nodes)
    checks = ChecksWriter(shape, expressions, frozenset(node.spot for node in nodes))
    texts = {
        "compute": writer.compute(),
        "derive": writer.derive(),
        "runs": writer.runs(),
        "check": checks.check(new=False),
        "check_new": checks.check(new=True),
        "conditions": _conditions(entity, expressions),
        "linked": linked,
        "typed": typed_source(shape, expressions),
        "words": words_source(shape, expressions),
    }
    header, lines = _tables(shape, dialect)
    names = {
        **NAMES, **to_python.NAMES, **writer.names,
        "UNSET": UNSET, "WRONG": WRONG, "KeyOf": KeyOf,
    }  # fmt: skip
    space: dict[str, Any] = {}
    for name, text in texts.items():
        space.update(compiled(f"{entity.id}.{name}", text, names))
    body, line_bodies = body_structs(shape)
    records = {f"Record_{name}": table.record for name, table in shape.lines.items()}
    take = compiled(
        f"{entity.id}.take", take_source(shape), {**names, **records, "Record": shape.header.record}
    )["take"]
    conditions = {
        key: (space[f"condition_{at}"], frozenset(expressions.needs(formula, inner)))
        for at, (key, formula, inner) in enumerate(_all_conditions(entity))
    }
    fetches = plan.finished()
    numbers = {fetch.target.id: number for number, fetch in enumerate(fetches)}
    start = next((state.name for state in entity.states.values() if state.start), None)
    return EntityCode(
        entity, shape, start, dialect, sql_of(shape, dialect), header, lines, body, line_bodies,
        msgspec.json.Decoder(body).decode, take, Explainer(shape), writer.with_runs(space),
        space["compute"], space["derive"], any(table.unstored for table in shape.tables),
        _is_dynamic(shape), _is_dynamic(shape) or _is_tied(entity),
        _numbered(shape), tuple(each for each in entity.actions.values() if each.auto is not None),
        space["check"], space["check_new"], space["linked"], space["typed"], space["words"], tuple(checks.rules),
        fetches, tuple(each.empty for each in fetches), numbers, checks.needs(), conditions,
    )  # fmt: skip


def _is_dynamic(shape: EntityShape) -> bool:
    return any(each.by for table in shape.tables for each in table.fields.values())


def _is_tied(entity: Entity) -> bool:
    if entity.tree is not None or entity.kind == "setting":
        return True
    return any(each.cycle == "refuse" for each in entity.fields.values())


def _numbered(shape: EntityShape) -> tuple[Field, ...]:
    """The numbered fields that no action issues."""
    issued = {name for action in shape.entity.actions.values() for name in action.issue}
    return tuple(each for each in shape.header.stored if each.sequences and each.name not in issued)


def _tables(shape: EntityShape, dialect: Dialect) -> tuple[TableCode, dict[str, TableCode]]:
    lines = {name: _table(shape, table, dialect) for name, table in shape.lines.items()}
    return _table(shape, shape.header, dialect), lines


def _no_lines(*_: Any) -> list[Any]:
    raise TypeError("a header has no places")


def _table(shape: EntityShape, table: TableShape, dialect: Dialect) -> TableCode:
    names = {
        **NAMES, "Record": table.record, "sort_key": sort_key, "stamp": stamp,
    }  # fmt: skip
    text = "\n".join(
        (
            rows.bind_source(table, dialect),
            rows.values_source(table, dialect),
            rows.load_source(table, dialect),
            rows.wire_row_source(table, dialect),
            rows.wire_source(table, {} if table.name else shape.lines),
            rows.number_source(table, dialect),
            rows.differ_source(table),
        )
    )
    name = f"{shape.entity.id}.{table.name}.row" if table.name else f"{shape.entity.id}.row"
    made = compiled(name, text, names)
    return TableCode(
        table, table.record, made["bind"], made["values"], made["load"], made["wire_row"],
        made["wire"], made["differ"], made.get("number", _no_lines),
    )  # fmt: skip


def _all_conditions(entity: Entity) -> list[tuple[str, Formula, str]]:
    """List the conditions that are asked one by one: key, formula, lines."""
    found: dict[str, tuple[Formula, str]] = {}

    def add(condition: object, lines: str = "") -> None:
        if isinstance(condition, Formula):
            found[f"{lines}:{condition.text}"] = (condition, lines)

    for each in entity.fields.values():
        for condition in (each.required, each.visible, each.edit):
            add(condition)
    for name, lines in entity.lines.items():
        add(lines.visible)
        add(lines.edit)
        for each in lines.fields.values():
            for condition in (each.required, each.visible, each.edit):
                add(condition, name)
    for action in entity.actions.values():
        add(action.when)
        add(action.auto)
    return [(key, formula, lines) for key, (formula, lines) in found.items()]


def _conditions(entity: Entity, expressions: Expressions) -> str:
    texts = []
    for at, (_, formula, lines) in enumerate(_all_conditions(entity)):
        source = expressions.source(formula, lines)
        count = len(expressions.plan.wanted)
        maps = "".join(f"    {line}\n" for line in maps_used([source], count))
        texts.append(f"def condition_{at}(r, s, o, p, e, k):\n{maps}    return bool({source})\n")
    return "\n".join(texts)
