"""Constants compared with a choice must be options of it."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from dougong.catalog import problems as kinds
from dougong.catalog.formula_reader import Written
from dougong.catalog.names import Objects, field_body, follow
from dougong.catalog.nearest import nearest
from dougong.catalog.values import Map
from dougong.formulas import tree
from dougong.foundation.errors import Problem


def check_options(written: Sequence[Written], objects: Objects) -> list[Problem]:
    """Return a problem for `state == 'aproved'`, at the constant."""
    wrong = []
    for each in written:
        if each.formula is None or "'" not in each.text:
            continue
        for path, constant in _pairs(each.formula.node):
            field = _field(path, each, objects)
            keys = () if field is None else _keys(field)
            if keys and constant.value not in keys:
                place = dataclasses.replace(
                    each.mark.at_value(each.path), column=each.mark.column + constant.at
                )
                values = {"what": kinds.WHAT["option"], "name": constant.value}
                near = nearest(constant.value, keys)
                wrong.append(Problem(kinds.UNKNOWN_REFERENCE, place, values, near))
    return wrong


def _pairs(node: Any) -> Iterator[tuple[tree.Path, tree.Text]]:
    """Walk a path with each constant it is compared with."""
    if isinstance(node, tree.Compare):
        texts = [each for each in node.operands if isinstance(each, tree.Text)]
        paths = [each for each in node.operands if isinstance(each, tree.Path)]
        yield from ((path, text) for path in paths for text in texts)
    elif isinstance(node, tree.Membership):
        options = node.options if isinstance(node.options, tuple) else ()
        for each in options:
            if isinstance(each, tree.Text) and isinstance(node.operand, tree.Path):
                yield node.operand, each
    if isinstance(node, tree.Node):
        for part in dataclasses.fields(node):
            yield from _pairs(getattr(node, part.name))
    elif isinstance(node, tuple):
        for each in node:
            yield from _pairs(each)


def _field(path: tree.Path, written: Written, objects: Objects) -> Map | None:
    """Return the field at the end of a resolved path (the states for `state`); None for what is no
    declared field.
    """
    scope = written.scope
    home = next((each.entity for each in scope.layers if each.root == path.root), "")
    if path.root in ("this", "old"):
        home = scope.words[path.root].type.to[0]
    elif path.root == "rows":
        entity = scope.layers[-1].entity
        home = f"{entity}.{path.rows}"
    elif path.root == "user":
        home = "base.user"
    elif path.root == "record" and not home:
        home = scope.layers[-1].entity if scope.layers else ""
    if not home or not path.names:
        return None
    way = follow(scope.catalog, home, ".".join(path.names))
    if way.wrong:
        return None
    shelf, name = way.steps[-1]
    if name == "state" and ("entity", shelf) in objects:
        return objects["entity", shelf].body.map("states")
    return field_body(objects, shelf, name)


def _keys(field: Map) -> tuple[str, ...]:
    """Return the option keys of a choice, or the states; none for every other field."""
    if "type" not in field:
        return tuple(field)
    if field.text("type") != "choice" or isinstance(field.map("options").get("from"), str):
        return ()
    return tuple(field.map("options"))
