"""Source that computes a record: defaults and formulas, header and lines, in order of dependence.

A *node* is a field with a default or a formula. Nodes are put in an order in which each comes after
what it reads. Where a node reads through a link that was itself computed, the records linked to are
read just before, for all lines at once.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dougong.catalog.entity import Field
from dougong.fields.types import field_type
from dougong.formulas.tree import Formula
from dougong.generated.expressions import Expressions
from dougong.generated.shape import EntityShape, TableShape

Spot = tuple[str, str]
"""Lines name ("" for the header) and field name; the field is "" for the set of lines itself."""


@dataclass(frozen=True, slots=True)
class Node:
    """A field that is computed. `reads` are the fields of the record it depends on; `links` the
    links it reads through, as (root, field, target); `run(r, s, o, p, e, k)` gives its value.
    """

    lines: str
    field: Field
    formula: Formula
    reads: frozenset[Spot]
    links: frozenset[tuple[str, str, str]]
    run: Callable[..., Any] = dataclasses.field(default=lambda *_: None, compare=False)

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return (self.lines, self.field.name)

    @property
    def is_default(self) -> bool:
        """Tell a default from a formula."""
        return self.field.formula is None

    @property
    def follows(self) -> bool:
        """Tell whether a default is taken whatever a person typed: nobody may type."""
        return self.is_default and self.field.edit is False


def nodes_of(shape: EntityShape, expressions: Expressions) -> tuple[Node, ...]:
    """Return the nodes in order. Raises ValueError for a circle (the catalog refuses those)."""
    made = [
        _node(table.name, each, expressions)
        for table in shape.tables
        for each in table.fields.values()
        if (each.formula is not None or each.default is not None)
    ]
    return tuple(_ordered(made))


def _node(lines: str, each: Field, expressions: Expressions) -> Node:
    formula = each.formula or each.default
    assert formula is not None
    links = frozenset(expressions.needs(formula, lines))
    return Node(lines, each, formula, frozenset(_reads(formula, lines)), links)


def _reads(formula: Formula, lines: str) -> Iterable[Spot]:
    for root, *names in formula.reads:
        if root in ("record", "header") and names:
            yield ("", names[0])
        elif root == "line" and names:
            yield (lines, names[0])
        elif root == "rows" and names:
            yield (names[0], names[1] if len(names) > 1 else "")


def _ordered(nodes: list[Node]) -> Iterable[Node]:
    waiting = {node.spot: node for node in nodes}
    last = ""
    while waiting:
        ready = [
            node for node in waiting.values()
            if not any(spot in waiting and spot != node.spot for spot in node.reads)
        ]  # fmt: skip
        if not ready:
            raise ValueError(f"formulas in a circle: {sorted(waiting)}")
        chosen = next((node for node in ready if node.lines == last), ready[0])
        last = chosen.lines
        del waiting[chosen.spot]
        yield chosen


class ComputeWriter:
    """Writes `compute(r, e, k, bad)` for new records and `derive(r, e, k, bad)` for stored ones.

    `bad(path, exception)` is told of a value that does not fit.
    """

    def __init__(
        self, shape: EntityShape, expressions: Expressions, nodes: tuple[Node, ...]
    ) -> None:
        self.shape = shape
        self.expressions = expressions
        self.nodes = nodes
        self.names: dict[str, Any] = {}

    def compute(self) -> str:
        """Every node: defaults where nothing was given, formulas."""
        computed = {node.spot for node in self.nodes}
        return self._function("compute", self.nodes, computed)

    def derive(self) -> str:
        """The formulas that are not stored."""
        nodes = tuple(node for node in self.nodes if not node.is_default and not node.field.column)
        every = {
            (table.name, name) for table in self.shape.tables for name in table.fields
        }  # a stored link has not been read yet
        return self._function("derive", nodes, every)

    def runs(self) -> str:
        """One function per node, `run_0`, `run_1`, …"""
        texts = []
        for number, node in enumerate(self.nodes):
            value = self._source(node)
            head = "".join(f"    {line}\n" for line in self._maps([value]))
            texts.append(
                f"def run_{number}(r, s, o, p, e, k):\n{head}"
                f"    v = {value}\n    return {self._settled(node)}\n"
            )
        return "\n".join(texts)

    def with_runs(self, space: Mapping[str, Any]) -> tuple[Node, ...]:
        """Return the nodes with their functions."""
        return tuple(
            replace(node, run=space[f"run_{number}"]) for number, node in enumerate(self.nodes)
        )

    def _function(self, name: str, nodes: tuple[Node, ...], unread: set[Spot]) -> str:
        body: list[str] = []
        sources: list[str] = []
        fetched: set[tuple[str, str]] = set()
        place = ""
        for node in nodes:
            needs = [
                need for need in sorted(node.links)
                if (need[0], need[1]) not in fetched and self._is_unread(node, need, unread)
            ]  # fmt: skip
            for root, link, target in needs:
                fetched.add((root if root != "line" else f"rows.{node.lines}", link))
                fetched.add((root, link))
                body.append(
                    f"    k.need({self.expressions.plan.number(target)}, {self._ids(node, root, link)})"
                )
            if node.lines and (place != node.lines or needs):
                body.append(f"    for s in r.l_{node.lines}:")
            place = node.lines
            source = self._source(node)
            sources.append(source)
            body += self._step(node, source, "        " if node.lines else "    ")
        head = [f"def {name}(r, e, k, bad):", "    o = p = None"]
        head += [f"    {line}" for line in self._maps(sources)]
        return "\n".join([*head, *body]) + "\n"

    def _source(self, node: Node) -> str:
        own = node.field.name if node.is_default and not node.lines else ""
        return self.expressions.source(node.formula, node.lines, own=own)

    def _is_unread(self, node: Node, need: tuple[str, str, str], unread: set[Spot]) -> bool:
        root, link, _ = need
        if root in ("company", "user"):
            return True
        lines = (
            node.lines if root == "line" else root.removeprefix("rows.") if root != "record" else ""
        )
        return (lines, link) in unread

    def _ids(self, node: Node, root: str, link: str) -> str:
        if root in ("company", "user"):
            return f"(e.{root},)"
        if root == "record":
            return f"(r.f_{link},)"
        lines = node.lines if root == "line" else root.removeprefix("rows.")
        return f"[s.f_{link} for s in r.l_{lines}]"

    def _maps(self, sources: Iterable[str]) -> list[str]:
        text = " ".join(sources)
        return [
            f"m{number} = k.maps[{number}]; n{number} = k.empty[{number}]"
            for number in range(len(self.expressions.plan.wanted))
            if f"m{number}." in text
        ]

    def _step(self, node: Node, source: str, indent: str) -> list[str]:
        base = "s" if node.lines else "r"
        goal = f"{base}.f_{node.field.name}"
        path = repr(node.field.name)
        if node.lines:
            path = f"f'{node.lines}.{{s.position}}.{node.field.name}'"
        text = []
        if node.is_default:
            test = f"{goal} is UNSET"
            if node.field.fill == "empty":
                test = f"({test} or {goal} is None)"
            text.append(f"{indent}if {test}:")
            indent += "    "
        return [
            *text,
            f"{indent}try:",
            f"{indent}    v = {source}",
            f"{indent}    {goal} = {self._settled(node)}",
            f"{indent}except WRONG as x:",
            f"{indent}    {goal} = None",
            f"{indent}    bad({path}, x)",
        ]

    def _settled(self, node: Node) -> str:
        kind, shape = field_type(node.field.type), node.field.shape
        source = kind.settle_source("v", shape)
        if not source:
            name = f"settle_{len(self.names)}"
            self.names[name] = partial(kind.settle, shape=shape)
            source = f"{name}(v)"
        if kind.kind == "boolean":
            return source
        return source if source == "v" else f"(None if v is None else {source})"


def table_named(shape: EntityShape, lines: str) -> TableShape:
    """Return the header for "", else the lines."""
    return shape.lines[lines] if lines else shape.header
