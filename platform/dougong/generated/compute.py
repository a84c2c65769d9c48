"""Source that computes a record: defaults and formulas, header and lines, in order of dependence.

A *node* is a field with a default or a formula. Nodes are put in an order in which each comes after
what it reads. Where a node reads through a link that was itself computed, the records linked to are
read just before, for all lines at once.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dougong.catalog.entity import Field
from dougong.fields.field_type import BadValue
from dougong.fields.numbers import DecimalType
from dougong.fields.text import TextType
from dougong.fields.types import field_type
from dougong.formulas import tree
from dougong.formulas.kinds import type_of
from dougong.formulas.tree import Formula
from dougong.generated.expressions import Expressions, maps_used
from dougong.generated.shape import EntityShape

_LOOKED_UP = re.compile(r"m(\d+)\.get\(([rs])\.f_([a-z0-9_]+), n\1\)")
"""The look-up of a linked record, as `Expressions` writes it."""
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
        _node(table.name, each, formula, expressions)
        for table in shape.tables
        for each in table.fields.values()
        if (formula := each.formula or each.default) is not None
    ]
    return tuple(_ordered(made))


def _node(lines: str, each: Field, formula: Formula, expressions: Expressions) -> Node:
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
        """One function per node: `run_0`, `run_1` and so on."""
        texts = []
        for number, node in enumerate(self.nodes):
            value = self._source(node)
            head = "".join(
                f"    {line}\n" for line in maps_used([value], len(self.expressions.plan.wanted))
            )
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
        loop: list[str] = []
        fetched: set[tuple[str, str]] = set()
        known: set[str] = set()
        place = ""

        def end_loop() -> None:
            body.extend(loop)
            loop.clear()

        for node in nodes:
            needs = {
                self._spot(node, root, link): (root, link, target)
                for root, link, target in sorted(node.links)
                if self._is_unread(node, root, link, unread)
            }
            late = [spot for spot in needs if spot not in fetched]
            if late or node.lines != place:
                end_loop()
            for spot in late:
                fetched.add(spot)
                root, link, target = needs[spot]
                number = self.expressions.plan.number(target)
                body.append(need_source(number, self._ids(node, root, link)))
            step = self._step(node, "        " if node.lines else "    ")
            if node.lines and not loop:
                known = {name for name in known if not name.endswith("_s")}
                body += self._known(step, "r", known, unread, "", "    ")
                body.append(f"    for s in r.l_{node.lines}:")
            place = node.lines
            into = loop if node.lines else body
            into += self._known(step, "r", known, unread, "", "        " if place else "    ")
            if node.lines:
                into += self._known(step, "s", known, unread, node.lines, "        ")
            into += [self._with_known(line, unread, node.lines) for line in step]
        end_loop()
        head = [f"def {name}(r, e, k, bad):", "    o = p = None"]
        head += [f"    {line}" for line in maps_used(body, len(self.expressions.plan.wanted))]
        return "\n".join([*head, *body]) + "\n"

    def _known(
        self,
        step: list[str],
        base: str,
        known: set[str],
        unread: set[Spot],
        lines: str,
        indent: str,
    ) -> list[str]:
        """Look a linked record up once for all the paths that lead through it."""
        found = []
        for line in step:
            for match in _LOOKED_UP.finditer(line):
                number, owner, link = match.groups()
                name = f"w{number}_{link}_{owner}"
                is_fixed = (lines if owner == "s" else "", link) not in unread
                if owner == base and is_fixed and name not in known:
                    known.add(name)
                    found.append(f"{indent}{name} = {match[0]}")
        return found

    def _with_known(self, line: str, unread: set[Spot], lines: str) -> str:
        def name(match: re.Match[str]) -> str:
            number, owner, link = match.groups()
            is_fixed = (lines if owner == "s" else "", link) not in unread
            return f"w{number}_{link}_{owner}" if is_fixed else match[0]

        return _LOOKED_UP.sub(name, line)

    def _spot(self, node: Node, root: str, link: str) -> tuple[str, str]:
        """Where a link stands, whoever reads through it."""
        if root in ("company", "user"):
            return (root, "")
        lines = node.lines if root == "line" else root.removeprefix("rows.")
        return ("" if root == "record" else lines, link)

    def _source(self, node: Node) -> str:
        summed = _plain_sum(node.formula.node)
        if summed is not None:
            return f"sum([x for l in r.l_{summed[0]} if (x := l.f_{summed[1]}) is not None], Z0)"
        own = node.field.name if node.is_default and not node.lines else ""
        return self.expressions.source(node.formula, node.lines, own=own)

    def _is_unread(self, node: Node, root: str, link: str, unread: set[Spot]) -> bool:
        return root in ("company", "user") or self._spot(node, root, link) in unread

    def _ids(self, node: Node, root: str, link: str) -> str:
        if root in ("company", "user"):
            return f"(e.{root},)"
        if root == "record":
            return f"(r.f_{link},)"
        lines = node.lines if root == "line" else root.removeprefix("rows.")
        return f"[s.f_{link} for s in r.l_{lines}]"

    def _step(self, node: Node, indent: str) -> list[str]:
        goal = f"{'s' if node.lines else 'r'}.f_{node.field.name}"
        text = []
        if node.is_default:
            test = f"{goal} is UNSET"
            if node.field.fill == "empty":
                test = f"({test} or {goal} is None)"
            text.append(f"{indent}if {test}:")
            indent += "    "
        ready = self._ready(node)
        if ready:
            return [*text, f"{indent}{goal} = {ready}"]
        path = repr(node.field.name)
        if node.lines:
            path = f"f'{node.lines}.{{s.position}}.{node.field.name}'"
        source, settled = self._source(node), self._settled(node)
        scale = self._rounded(node)
        if scale is not None:
            node = replace(node, formula=replace(node.formula, node=node.formula.node.arguments[0]))  # type: ignore[attr-defined]
            source = self._source(node).replace("PLUS(", "(", 1)  # rounding leaves no minus zero
            settled = f"(None if v is None else (round_fit(v, Q{scale}) or Z{scale}))"
        return [
            *text,
            f"{indent}try:",
            f"{indent}    v = {source}",
            f"{indent}    {goal} = {settled}",
            f"{indent}except WRONG as x:",
            f"{indent}    {goal} = None",
            f"{indent}    bad({path}, x)",
        ]

    def _ready(self, node: Node) -> str:
        """Return the source of a value that fits without a look; "" for anything else.

        That is a constant, or the value of a field of the same kind.
        """
        each, tree_node = node.field, node.formula.node
        if isinstance(tree_node, tree.Number) and node.field.type != "boolean":
            try:
                value = field_type(each.type).settle(tree_node.value, each.shape)
            except BadValue:
                return ""
            name = f"constant_{len(self.names)}"
            self.names[name] = value
            return name
        if isinstance(tree_node, tree.Path):
            end = self.expressions.end(tree_node, node.lines)
            if end is not None and _is_as_narrow(end, each):
                return self._source(node)
        return ""

    def _rounded(self, node: Node) -> int | None:
        """Return the scale when a formula rounds to just what its field holds: one step does both."""
        call, shape = node.formula.node, node.field.shape
        kind = field_type(node.field.type)
        if (
            not isinstance(call, tree.Call)
            or call.function != "round"
            or not isinstance(kind, DecimalType)
        ):
            return None
        places = call.arguments[1]
        scale = kind.scale_of(shape)
        is_it = isinstance(places, tree.Number) and places.value == scale
        return scale if is_it and type_of(call.arguments[0]).scale > scale else None

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


def need_source(number: int, ids: str) -> str:
    """Return the statement that reads linked records unless the one there is was read already."""
    one = re.fullmatch(r"\(([re]\.[a-z0-9_]+),\)", ids)
    test = f"if {one[1]} not in k.maps[{number}]: " if one else ""
    return f"    {test}k.need({number}, {ids})"


def _plain_sum(node: tree.Node) -> tuple[str, str] | None:
    """Return lines and field of a sum over just a field. Python's own adds them as exactly: 28 digits
    hold ten thousand million numbers of 18.
    """
    if not isinstance(node, tree.Call) or node.function != "sum" or node.named:
        return None
    path = node.arguments[0]
    if isinstance(path, tree.Path) and path.root == "rows" and len(path.names) == 1:
        return (path.rows, path.names[0])
    return None


def _is_as_narrow(end: Field, own: Field) -> bool:
    """Tell whether whatever one field holds fits another."""
    one, other = field_type(end.type), field_type(own.type)
    if one.kind != other.kind or one.kind in ("json", "entity", "links"):
        return False
    if isinstance(one, DecimalType) and isinstance(other, DecimalType):
        return one.scale_of(end.shape) == other.scale_of(own.shape)
    if one.kind == "number":
        return one is other and one.name == "integer"
    if isinstance(one, TextType) and isinstance(other, TextType):
        plain = other.form is None or other is one
        alike = one is other or not (one.lines or one.name in ("choice", "password"))
        return (
            plain
            and alike
            and other.name not in ("choice", "password", "rich_text", "html")
            and (one.limit(end.shape) <= other.limit(own.shape))
        )
    return True
