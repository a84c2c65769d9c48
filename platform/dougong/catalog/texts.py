"""Texts in further languages, by path, laid into the labels they translate."""

from dataclasses import replace

from dougong.catalog import problems as kinds
from dougong.catalog.collect import Declared
from dougong.catalog.kinds import KINDS
from dougong.catalog.merge import at, keys_of, put_at
from dougong.catalog.nearest import nearest
from dougong.catalog.values import Map, Mark
from dougong.foundation.errors import Problem

Objects = dict[tuple[str, str], Declared]


def lay_texts(objects: Objects, texts: list[Declared]) -> list[Problem]:
    """Put every text where it belongs, later layers over earlier ones; `objects` takes the result.

    A path is `sales.order.fields.due` (its label), `….fields.due.hint`, `….rules.credit.say`, or
    begins with another kind: `form.sales.order.parts.more`. The own module may be left out.
    """
    wrong = []
    for each in texts:
        for path, text, mark in each.body.map("texts").walk():
            if not _lay(objects, each.space, each.id, path, text, mark):
                names = [f"{id_}.{key}" for (_, id_), one in objects.items() for key in one.body]
                values = {"what": kinds.WHAT["text"], "name": path}
                near = nearest(path, [id_ for _, id_ in objects] + names)
                wrong.append(Problem(kinds.UNKNOWN_REFERENCE, mark.at_key(), values, near))
    return wrong


def _lay(objects: Objects, space: str, language: str, path: str, text: str, mark: Mark) -> bool:
    for key, rest in _candidates(path, space):
        found = objects.get(key)
        if found is None:
            continue
        keys = keys_of(found.body, rest) if rest else []
        body = None if keys is None else _labelled(found.body, keys, language, text, mark)
        if body is not None:
            objects[key] = replace(found, body=body)
            return True
    return False


def _candidates(path: str, space: str) -> list[tuple[tuple[str, str], str]]:
    """Return the objects a path may mean, with what is left of it."""
    kind, _, below = path.partition(".")
    kind, below = (kind, below) if kind in KINDS and below else ("", path)
    parts = below.split(".")
    made = []
    for each in [kind] if kind else ["entity", "setting", "aspect"]:
        made.append(((each, ".".join(parts[:2])), ".".join(parts[2:])))
        made.append(((each, f"{space}.{parts[0]}"), ".".join(parts[1:])))
        made.append(((each, parts[0]), ".".join(parts[1:])))
    return made


def _labelled(body: Map, keys: list[str], language: str, text: str, mark: Mark) -> Map | None:
    """Return the body with the text in place; None when nothing there has a label."""
    found = at(body, keys) if keys else body
    if not isinstance(found, Map):
        return put_at(body, [*keys, language], text, mark) if _is_label(keys, found) else None
    if keys and (
        keys[-1] in ("label", "hint", "say", "confirm", "summary") or _is_option(keys, found)
    ):
        return put_at(body, [*keys, language], text, mark)
    last = "say" if "say" in found else "label"
    return put_at(body, [*keys, last, language], text, mark)


def _is_label(keys: list[str], found: object) -> bool:
    return found is None and bool(keys) and keys[-1] in ("label", "hint", "confirm")


def _is_option(keys: list[str], found: Map) -> bool:
    return len(keys) > 1 and keys[-2] == "options" and "label" not in found
