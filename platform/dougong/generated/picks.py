"""Values picked from a record by path or formula, outside the code of its entity: the placeholders of
a message, the parts of a number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import Dialect
from dougong.fields.source_names import NAMES
from dougong.formulas import to_python
from dougong.formulas.tree import Formula
from dougong.generated.expressions import Expressions
from dougong.generated.fetch import Fetch, FetchPlan, value_of
from dougong.generated.shape import shape_of
from dougong.generated.source import compiled


@dataclass(frozen=True, slots=True)
class Picks:
    """`run[i](r, s, o, p, e, k)` gives the i-th value; `needs(r, s, e)` the ids to be read first, as
    (number of fetch, ids); `fields[i]` is the field a path ends at, None for a formula.
    """

    run: tuple[Callable[..., Any], ...]
    needs: Callable[..., list[tuple[int, tuple[Any, ...]]]]
    fields: tuple[Field | None, ...]
    fetches: tuple[Fetch, ...]


class _Held:
    """What is compiled, known by entity and texts."""

    def __init__(self, catalog: Catalog, entity: Entity, wanted: tuple[Formula | str, ...]) -> None:
        self.catalog, self.entity, self.wanted = catalog, entity, wanted
        texts = tuple(one if isinstance(one, str) else f"={one.text}" for one in wanted)
        self.key = (entity.id, entity.fingerprint or id(catalog), texts)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.key == self.key


def picks_for(
    catalog: Catalog,
    entity: Entity,
    wanted: tuple[Formula | str, ...],
    lines: str,
    dialect: Dialect,
) -> Picks:
    """Return the picks of paths (text) and formulas of an entity's header, or of one of its lines.

    Raises LookupError for a path that cannot be read.
    """
    return _made(_Held(catalog, entity, wanted), lines, dialect)


@lru_cache(maxsize=2000)
def _made(held: _Held, lines: str, dialect: Dialect) -> Picks:
    shape = shape_of(held.entity)
    plan = FetchPlan(held.catalog, dialect)
    expressions = Expressions(shape, plan)
    sources: list[str] = []
    needs: list[str] = []
    fields: list[Field | None] = []
    for one in held.wanted:
        if isinstance(one, str):
            source, field = _path(expressions, one, lines, needs)
        else:
            source, field = expressions.source(one, lines), None
            for root, name, target in expressions.needs(one, lines):
                needs.append(_need(plan.number(target), root, name))
        sources.append(source)
        fields.append(field)
    text = []
    for at, source in enumerate(sources):
        maps = "".join(
            f"    m{n} = k.maps[{n}]; n{n} = k.empty[{n}]\n"
            for n in range(len(plan.wanted)) if f"m{n}." in source
        )  # fmt: skip
        text.append(f"def pick_{at}(r, s, o, p, e, k):\n{maps}    return {source}\n")
    text.append(f"def needs(r, s, e):\n    return [{', '.join(needs)}]\n")
    space = compiled(f"{held.entity.id}.picks", "\n".join(text), {**NAMES, **to_python.NAMES})
    return Picks(
        tuple(space[f"pick_{at}"] for at in range(len(sources))),
        space["needs"],
        tuple(fields),
        plan.finished(),
    )


def _need(number: int, root: str, name: str) -> str:
    if root in ("company", "user"):
        return f"({number}, (e.{root},))"
    if root.startswith("rows."):
        return f"({number}, tuple(x.f_{name} for x in r.l_{root.removeprefix('rows.')}))"
    return f"({number}, ({'s' if root == 'line' else 'r'}.f_{name},))"


def _path(
    expressions: Expressions, path: str, lines: str, needs: list[str]
) -> tuple[str, Field | None]:
    names = tuple(path.split("."))
    shape = expressions.shape
    base, table = "r", shape.header
    if names[0] == "doc":
        names = names[1:]
    elif lines and names[0] in shape.lines[lines].fields:
        base, table = "s", shape.lines[lines]
    elif lines and names[0] == lines and len(names) > 1:
        base, table, names = "s", shape.lines[lines], names[1:]
    source = expressions.value(base, table, names)
    field = table.fields.get(names[0])
    if len(names) > 1 and field is not None:
        number = expressions.plan.number(field.targets[0])
        needs.append(_need(number, "line" if base == "s" else "record", names[0]))
        target = expressions.plan.wanted[field.targets[0]].target
        dialect = expressions.plan.dialect
        _, field = value_of(expressions.plan.catalog, target, names[1:], "t", dialect)
    return source, field
