"""A field gets a new name because a person asks: looked at first, refused with every reason."""

import re
from collections.abc import Sequence

from dougong.catalog import problems as kinds
from dougong.catalog.assemble import Assembled, Line, assemble_with
from dougong.catalog.nearest import nearest
from dougong.catalog.rename import Changed, rewrite
from dougong.catalog.schema import NAME_RULE
from dougong.catalog.source import SourceSet
from dougong.catalog.values import Map
from dougong.foundation.errors import Problem, Refused, refuse

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def has_field(sets: Sequence[SourceSet], home: str, *names: str) -> bool:
    """Tell whether `home` is known and has a field of one of these names."""
    shelf = Line(sets).known.shelves.get(home)
    return shelf is not None and any(name in shelf.fields for name in names)


def rename(sets: Sequence[SourceSet], home: str, old: str, new: str) -> tuple[Changed, ...]:
    """Return the files that change when field `old` of `home` is called `new`.

    `home` is an entity, a set of lines (`sales.order.items`) or an aspect; the field may stand under
    its new name already. Refuses a home or field nobody has, a name that is taken or is none, and
    metadata that would have problems afterwards, with all of them.
    """
    assembled, known = assemble_with(sets)
    shelf = known.shelves.get(home)
    if shelf is None:
        near = nearest(home, known.shelves)
        raise refuse(kinds.UNKNOWN_REFERENCE, nearest=near, what=kinds.WHAT["entity"], name=home)
    if not _NAME.fullmatch(new):
        raise refuse(kinds.BAD_NAME, key=new, rule=NAME_RULE)
    if old not in shelf.fields and new not in shelf.fields:
        near = nearest(old, shelf.fields)
        raise refuse(kinds.UNKNOWN_FIELD, nearest=near, entity=home, name=old)
    if old in shelf.fields and new in known.names(home):
        raise refuse(kinds.NAME_TAKEN, home=home, name=new)
    changed = rewrite(sets, home, old, new)
    after, names = assemble_with(_after(sets, changed))
    if new not in names.shelves[home].fields or old in names.shelves[home].fields:
        raise Refused([_elsewhere(assembled, home, old)])
    stops = [each for each in after.problems if each.level == "stop"]
    if stops:
        raise Refused(stops)
    return changed


def _elsewhere(assembled: Assembled, home: str, name: str) -> Problem:
    """Say where a field of `home` is declared, when that is no file of its own."""
    parts = home.split(".")
    entity, lines = ".".join(parts[:2]), ".".join(parts[2:])
    found = (assembled.origins.get((kind, entity)) for kind in ("entity", "setting", "aspect"))
    body = next((each.body for each in found if each is not None), Map())
    fields = (body.map("lines").map(lines) if lines else body).map("fields")
    return Problem(
        kinds.DECLARED_ELSEWHERE, fields.map(name).mark.at_key(), {"home": home, "name": name}
    )


def _after(sets: Sequence[SourceSet], changed: Sequence[Changed]) -> list[SourceSet]:
    texts = {each.file: each.text for each in changed}
    return [
        SourceSet(
            source.layer,
            source.id,
            {path: texts.get(source.file(path), text) for path, text in source.files.items()},
            source.folder,
        )
        for source in sets
    ]
