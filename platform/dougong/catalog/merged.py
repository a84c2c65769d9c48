"""Every declaration with its aspects, words, changes and texts laid together; forms and lists too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dougong.catalog import placing
from dougong.catalog.aspects import Shelves, dictionary, name_self, with_uses, written_out
from dougong.catalog.collect import Collected, Declared
from dougong.catalog.derive import derived_form, derived_list
from dougong.catalog.nearest import nearest
from dougong.catalog.overlay import lay_changes
from dougong.catalog.override import Override
from dougong.catalog.problems import NOTHING_TO_EXTEND, WHAT
from dougong.catalog.schema import check_shape
from dougong.catalog.texts import Objects, lay_texts
from dougong.catalog.values import Map
from dougong.foundation.errors import Problem

RECORDS = ("entity", "setting")
"""Kinds that become an Entity."""
Changes = Mapping[tuple[str, str], Sequence[Declared]]


@dataclass(slots=True)
class Merged:
    """What came of laying the layers together. `used` are the aspects of each entity, `written` the
    forms and lists that a file declares (the others are made from their entity).
    """

    objects: Objects = field(default_factory=dict)
    used: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    written: frozenset[tuple[str, str]] = frozenset()
    overrides: list[Override] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, *kinds: str) -> dict[str, Declared]:
        """Return the objects of some kinds by id."""
        return {id_: each for (kind, id_), each in self.objects.items() if kind in kinds}

    def bodies(self, *kinds: str) -> dict[str, Map]:
        """Return the declarations of some kinds by id."""
        return {id_: each.body for id_, each in self.of(*kinds).items()}


def merge(found: Collected) -> Merged:
    """Lay all layers together."""
    merged = Merged()
    changes = _by_target(found.changes)
    _records(merged, found, changes)
    _screens(merged)
    for key, declared in list(merged.objects.items()):
        if key[0] not in ("aspect", *RECORDS):
            merged.objects[key] = _changed(merged, declared, changes)
    _place(merged, changes)
    _nothing_to_extend(merged, changes)
    merged.problems.extend(lay_texts(merged.objects, found.texts))
    return merged


def _records(merged: Merged, found: Collected, changes: Changes) -> None:
    """Write out aspects and words of entities, then lay what changes them over the result."""
    words, wrong = dictionary(found.of("dictionary"))
    merged.problems.extend(wrong)
    aspects = {id_: _changed(merged, each, changes) for id_, each in found.of("aspect").items()}
    shelves = Shelves(aspects, words)
    for (kind, id_), declared in found.objects.items():
        if kind == "aspect":
            body = shelves.aspect(id_, declared.body.marks[kind])
            merged.objects[kind, id_] = replace(aspects[id_], body=body or declared.body)
        elif kind in RECORDS:
            using = with_uses(declared, changes.get((kind, id_), ()))
            whole = written_out(using, shelves)
            changed = _changed(merged, whole, changes)
            if changed is not whole:
                body = name_self(shelves.expand_added(whole.body, changed.body), id_)
                changed = replace(changed, body=body)
            merged.objects[kind, id_] = changed
        else:
            merged.objects[kind, id_] = declared
    merged.used = shelves.used
    merged.problems.extend(shelves.problems)


def _changed(merged: Merged, declared: Declared, changes: Changes) -> Declared:
    """Return the object with its changes laid over it, held to its schema again."""
    laid_over = changes.get((declared.kind, declared.id))
    if not laid_over:
        return declared
    laid = lay_changes(declared, laid_over)
    merged.overrides.extend(laid.overrides)
    merged.problems.extend(laid.problems)
    merged.problems.extend(check_shape(laid.body, declared.kind))
    return replace(declared, body=laid.body)


def _screens(merged: Merged) -> None:
    """Add a form and a list for each entity that has none of its own."""
    objects = merged.objects
    merged.written = frozenset(key for key in objects if key[0] in ("form", "list"))
    for id_, each in merged.of(*RECORDS).items():
        if ("form", id_) not in objects:
            form = derived_form(id_, each.kind, each.body)
            objects["form", id_] = replace(each, kind="form", body=form)
        if ("list", id_) not in objects and each.kind == "entity":
            key, title = each.body.texts("key"), each.body.text("title")
            body = derived_list(id_, each.kind, each.body, key, title)
            objects["list", id_] = replace(each, kind="list", body=body)


def _place(merged: Merged, changes: Changes) -> None:
    """Carry out `place:` and what `set:` says of an entity's own form and list."""
    for (kind, id_), laid_over in changes.items():
        if kind in RECORDS:
            placed = placing.place(merged.objects, id_, laid_over)
            merged.overrides.extend(placed.overrides)
            merged.problems.extend(placed.problems)
    for id_ in merged.of(*RECORDS):
        placing.add_unplaced(merged.objects, id_)


def _nothing_to_extend(merged: Merged, changes: Changes) -> None:
    for (kind, id_), laid_over in changes.items():
        if (kind, id_) in merged.objects:
            continue
        near = nearest(id_, merged.of(kind))
        for each in laid_over:
            values = {"kind": WHAT.get(kind, kind), "id": id_}
            merged.problems.append(Problem(NOTHING_TO_EXTEND, each.place, values, near))


def _by_target(changes: Sequence[Declared]) -> dict[tuple[str, str], list[Declared]]:
    found: dict[tuple[str, str], list[Declared]] = {}
    for each in changes:
        found.setdefault((each.body.text("kind", "entity"), each.id), []).append(each)
    return found
