"""Laying one map over another, and finding a dotted path in it; nothing is changed in place."""

from typing import Any

from dougong.catalog.values import List, Map, Mark, text_of


def lay(base: Map, over: Map) -> Map:
    """Return `base` with the keys of `over` laid over it, map by map."""
    made = base.copied()
    for key, value, mark in over.walk():
        below = made.get(key)
        if isinstance(value, Map) and isinstance(below, Map):
            made.put(key, lay(below, value), made.marks[key])
        else:
            made.put(key, value, mark)
    return made


def keys_of(body: Map, path: str) -> list[str] | None:
    """Split a dotted path into the keys it names in `body`; the last key need not exist.

    A key may itself hold dots (`grants.sales.order.read`); a field that was renamed is found by its
    earlier name. None when a map on the way is missing.
    """
    parts = path.split(".")
    keys: list[str] = []
    here: Any = body
    while parts:
        if not isinstance(here, Map):
            return None
        taken = _take(here, parts)
        if taken == 0:
            new = _renamed(here, parts[0])
            if new:
                parts[0], taken = new, 1
            elif len(parts) > 1:
                return None
        key = ".".join(parts[: taken or 1])
        keys.append(key)
        here = here.get(key)
        parts = parts[taken or 1 :]
    return keys


def _take(here: Map, parts: list[str]) -> int:
    for count in range(len(parts), 0, -1):
        if ".".join(parts[:count]) in here:
            return count
    return 0


def _renamed(here: Map, old: str) -> str:
    for key, value in here.items():
        if isinstance(value, Map) and old in value.texts("renamed"):
            return key
    return ""


def at(body: Map, keys: list[str]) -> Any:
    """Return the value under `keys`, None when it is missing."""
    here: Any = body
    for key in keys:
        here = here.get(key) if isinstance(here, Map) else None
    return here


def put_at(body: Map, keys: list[str], value: Any, mark: Mark) -> Map:
    """Return `body` with the value under `keys` replaced."""
    made = body.copied()
    if len(keys) == 1:
        made.put(keys[0], value, mark)
    else:
        inner = made.get(keys[0])
        below = inner if isinstance(inner, Map) else Map(mark)
        kept = made.marks.get(keys[0], mark)
        made.put(keys[0], put_at(below, keys[1:], value, mark), kept)
    return made


def remove_at(body: Map, keys: list[str]) -> Map:
    """Return `body` without the key under `keys`."""
    if len(keys) == 1:
        return body.without(keys[0])
    inner = body.map(keys[0])
    return put_at(body, keys[:1], remove_at(inner, keys[1:]), body.marks.get(keys[0], body.mark))


def same(one: Any, other: Any) -> bool:
    """Tell whether two values say the same; `100` and `"100"` do."""
    if isinstance(one, dict) or isinstance(other, dict):
        return (
            isinstance(one, dict)
            and isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list) or isinstance(other, list):
        return (
            isinstance(one, list)
            and isinstance(other, list)
            and len(one) == len(other)
            and all(map(same, one, other))
        )
    return text_of(one) == text_of(other)


def joined(base: List, added: List, removed: List) -> List:
    """Return the list with some values added at its end and some taken out."""
    made = List(base.mark)
    for value, mark in base.walk():
        if value not in removed:
            made.add(value, mark)
    for value, mark in added.walk():
        if value not in made:
            made.add(value, mark)
    return made
