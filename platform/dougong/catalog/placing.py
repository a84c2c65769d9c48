"""Puts what a layer adds where it says it should stand, in an entity's own form and list."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dougong.catalog import problems as kinds
from dougong.catalog.collect import Declared
from dougong.catalog.merge import put_at
from dougong.catalog.nearest import nearest
from dougong.catalog.overlay import Laid, set_one
from dougong.catalog.override import Override, Status
from dougong.catalog.source import LAYERS
from dougong.catalog.texts import Objects
from dougong.catalog.values import File, List, Map, Mark, plain
from dougong.foundation.errors import Problem

LIST_SLOTS = ("columns", "filters", "search", "sum", "sort", "edit")


@dataclass(slots=True)
class Placed:
    """What came of placing."""

    overrides: list[Override] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def place(objects: Objects, id_: str, changes: Sequence[Declared]) -> Placed:
    """Carry out `place:`, and `set:` on `form.…` and `list.…`; `objects` takes the result."""
    placed = Placed()
    for change in changes:
        for path, wanted, mark in change.body.map("set").walk():
            kind, _, inner = path.partition(".")
            target = objects.get((kind, id_))
            if kind in ("form", "list") and target is not None:
                laid = Laid(target.body)
                set_one(target, change, inner, wanted, mark, laid)
                objects[kind, id_] = replace(target, body=laid.body)
                placed.overrides.extend(laid.overrides)
                placed.problems.extend(laid.problems)
        for path, wanted, mark in change.body.map("place").walk():
            if isinstance(wanted, Map):
                _place_one(objects, id_, change, path, wanted, mark, placed)
    return placed


def _place_one(
    objects: Objects, id_: str, change: Declared, path: str, wanted: Map, mark: Mark, placed: Placed
) -> None:
    kind, _, slot = path.partition(".")
    target = objects.get((kind, id_))
    if target is None:
        return
    keys = _slot(target.body, kind, slot)
    if keys is None:
        _miss(target, change, path, wanted, mark, placed, slot, _slots(target.body, kind))
        return
    body, last = target.body, keys[-1]
    here = body
    for key in keys[:-1]:
        here = here.map(key)
    made = _inserted(here.list(last), wanted)
    if made is None:
        anchor = wanted.text("after") or wanted.text("before")
        _miss(target, change, path, wanted, mark, placed, anchor, here.texts(last))
        return
    objects[kind, id_] = replace(target, body=put_at(body, keys, made, mark))
    _note(target, change, path, wanted, mark, "applied", placed)


def _slot(body: Map, kind: str, slot: str) -> list[str] | None:
    """Return the keys of the list a slot means: a part's fields or columns, the head, columns."""
    if kind == "list":
        return [slot] if slot in LIST_SLOTS else None
    if slot in ("head", "quick"):
        return [slot]
    part = body.map("parts").get(slot)
    if not isinstance(part, Map):
        return None
    return ["parts", slot, "columns" if "grid" in part else "fields"]


def _slots(body: Map, kind: str) -> Sequence[str]:
    return LIST_SLOTS if kind == "list" else ("head", "quick", *body.map("parts"))


def _inserted(there: List, wanted: Map) -> List | None:
    """Return the list with the additions in place; None when what they stand beside is not there."""
    nested = [index for index, each in enumerate(there) if isinstance(each, List)]
    anchor = wanted.text("after") or wanted.text("before")
    if nested:
        made = List(there.mark)
        hit = False
        for index, (each, mark) in enumerate(there.walk()):
            here = anchor in each if anchor else index == nested[-1]
            inner = _inserted(each, wanted) if here else each
            hit = hit or here
            made.add(inner if inner is not None else each, mark)
        return made if hit else None
    added = wanted.list("add")
    kept = [(each, mark) for each, mark in there.walk() if each not in added]
    position = len(kept)
    if anchor:
        found = [index for index, (each, _) in enumerate(kept) if str(each).lstrip("-") == anchor]
        if not found:
            return None
        position = found[0] + (1 if "after" in wanted else 0)
    made = List(there.mark)
    for each, mark in [*kept[:position], *added.walk(), *kept[position:]]:
        made.add(each, mark)
    return made


def _note(
    target: Declared, change: Declared, path: str, wanted: Map, mark: Mark, status: Status,
    placed: Placed,
) -> None:  # fmt: skip
    file, to = change.file, plain(wanted)
    inner = f"place.{path}"
    placed.overrides.append(
        Override(
            target.kind, target.id, inner, status, to, None, None, file.layer, file.owner,
            mark.at_key(inner),
        )
    )  # fmt: skip


def _miss(
    target: Declared, change: Declared, path: str, wanted: Map, mark: Mark, placed: Placed, wrong: str,
    there: Sequence[str],
) -> None:  # fmt: skip
    _note(target, change, path, wanted, mark, "conflict", placed)
    values = {"id": f"{target.kind} {target.id}", "path": wrong, "places": ", ".join(there)}
    problem = Problem(kinds.NO_PLACE, mark.at_key(f"place.{path}"), values, nearest(wrong, there))
    placed.problems.append(problem)


def add_unplaced(objects: Objects, id_: str) -> None:
    """Show what a higher layer added to an entity and nobody placed, at the end of its form."""
    form, entity = (
        objects["form", id_],
        next(objects[kind, id_] for kind in ("entity", "setting") if (kind, id_) in objects),
    )
    file = form.body.mark.file
    body = form.body
    placed = set(_placed(body))
    mark = form.body.mark
    missing = List(mark)
    for name, each, spot in entity.body.map("fields").walk():
        if _is_added(each, spot.file, file) and name not in placed:
            missing.add(name, spot)
    if missing:
        part = Map(mark)
        label = Map(mark)
        label.put("zh", "附加信息", mark)
        label.put("en", "Additional", mark)
        part.put("label", label, mark)
        part.put("fields", missing, mark)
        body = put_at(body, ["parts", "added"], part, mark)
    for name, part, _ in list(body.map("parts").walk()):
        if isinstance(part, Map) and "grid" in part and "columns" in part:
            columns = part.list("columns")
            more = List(columns.mark)
            for each, spot in columns.walk():
                more.add(each, spot)
            fields = entity.body.map("lines").map(part.text("grid")).map("fields")
            for line_field, each, spot in fields.walk():
                if _is_added(each, spot.file, file) and line_field not in columns:
                    more.add(line_field, spot)
            if len(more) > len(columns):
                body = put_at(body, ["parts", name, "columns"], more, part.marks["columns"])
    if body is not form.body:
        objects["form", id_] = replace(form, body=body)


def _is_added(field_: object, file: File, form: File) -> bool:
    """Tell whether a field comes from a layer above the form's and is to be seen."""
    if not isinstance(field_, Map) or field_.get("visible") is False or "retired" in field_:
        return False
    order = [str(layer) for layer in LAYERS]
    above = order.index(file.layer) > order.index(form.layer)
    beside = file.layer == form.layer and file.owner != form.owner and file.layer != "platform"
    return above or beside


def _placed(form: Map) -> list[str]:
    found = [*form.texts("head")]
    for part in form.map("parts").values():
        if isinstance(part, Map):
            for each in part.list("fields"):
                found.extend(map(str, each) if isinstance(each, List) else [str(each)])
    return found
