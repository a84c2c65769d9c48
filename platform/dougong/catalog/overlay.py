"""Lays the changes of plugins and tenants over what a module declares, and keeps what they replaced.

Each override is *applied* (the base still says what it replaced), *absorbed* (the base now says the
same) or a *conflict* (the base says something else). None is ever lost silently.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dougong.catalog import problems as kinds
from dougong.catalog.collect import Declared
from dougong.catalog.merge import at, joined, keys_of, put_at, remove_at, same
from dougong.catalog.override import Override, Status
from dougong.catalog.values import List, Map, Mark, plain
from dougong.foundation.errors import Problem

SECTIONS = (
    "fields", "lines", "states", "actions", "rules", "indexes", "levels", "parts", "tabs", "views",
    "boards", "items", "grants", "extras", "related",
)  # fmt: skip
UNSAID: dict[str, Any] = {
    "required": False, "unique": False, "store": False, "edit": True, "visible": True,
    "copy": True, "print": True, "level": "stop", "min": 0, "max": 0,
}  # fmt: skip
"""What a property means while nobody says it, for comparing with `was`."""


@dataclass(slots=True)
class Laid:
    """An object with changes laid over it."""

    body: Map
    overrides: list[Override] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def lay_changes(target: Declared, changes: Iterable[Declared]) -> Laid:
    """Lay the changes over an object in the order given; never raises for what a person wrote."""
    laid = Laid(target.body)
    for change in changes:
        _add_sections(target, change, laid)
        for path, wanted, mark in change.body.map("set").walk():
            if not path.startswith(("form.", "list.")) or target.kind not in ("entity", "setting"):
                set_one(target, change, path, wanted, mark, laid)
    return laid


def _add_sections(target: Declared, change: Declared, laid: Laid) -> None:
    for section in SECTIONS:
        for key, value, mark in change.body.map(section).walk():
            laid.body = _add(target, change, [section], key, value, mark, laid)
    for name in change.body.list("opens"):
        opened = joined(laid.body.list("opens"), change.body.list("opens"), List())
        if name and change.space == target.space:
            laid.body = put_at(laid.body, ["opens"], opened, change.body.marks["opens"])


def _add(
    target: Declared,
    change: Declared,
    above: list[str],
    key: str,
    value: Any,
    mark: Mark,
    laid: Laid,
) -> Map:
    """Return the body with a new key; into lines and states that exist only new keys go below."""
    there = at(laid.body, [*above, key])
    if (
        isinstance(there, Map)
        and isinstance(value, Map)
        and above[-1] in ("lines", "grants", "items")
    ):
        for name, each, below in value.walk():
            inner = at(laid.body, [*above, key, name])
            if isinstance(each, Map) and (inner is None or isinstance(inner, Map)):
                for last, item, spot in each.walk():
                    laid.body = _add(target, change, [*above, key, name], last, item, spot, laid)
            else:
                laid.body = _add(target, change, [*above, key], name, each, below, laid)
        return laid.body
    if there is not None:
        values = {"id": target.id, "path": ".".join([*above, key])}
        laid.problems.append(Problem(kinds.ADDS_EXISTING, mark.at_key(), values))
        return laid.body
    prefix = prefix_of(change, target)
    if prefix and above[-1] != "grants" and above[0] != "grants" and not key.startswith(prefix):
        values = {"key": key, "prefix": prefix, "right": prefix + key}
        laid.problems.append(Problem(kinds.NEEDS_PREFIX, mark.at_key(), values))
    return put_at(laid.body, [*above, key], value, mark)


def prefix_of(change: Declared, target: Declared) -> str:
    """Return what names added by this layer begin with; "" on one's own objects and in modules."""
    layered = change.file.layer in ("plugin", "tenant") and change.space != target.space
    return f"{change.space}__" if layered else ""


def set_one(
    target: Declared, change: Declared, path: str, wanted: Any, mark: Mark, laid: Laid
) -> None:
    """Carry out one entry of `set:` and note what became of it."""
    if not isinstance(wanted, Map):
        return
    keys = keys_of(laid.body, path)
    if keys is None or (len(keys) > 1 and not isinstance(at(laid.body, keys[:-1]), Map)):
        now: Any = None
        _note(target, change, path, "conflict", wanted, now, mark, laid)
        return
    now = at(laid.body, keys)
    if "to" not in wanted:
        _set_list(target, change, path, keys, wanted, mark, laid)
        return
    to, unsaid = wanted["to"], UNSAID.get(keys[-1])
    current = unsaid if now is None else now
    if same(current, unsaid if to is None else to):
        _note(target, change, path, "absorbed", wanted, now, mark, laid)
        return
    if "was" not in wanted:
        values = {"path": path, "now": _said(now)}
        laid.problems.append(Problem(kinds.NEEDS_WAS, mark.at_key(), values))
        return
    was = wanted["was"]
    if not same(current, unsaid if was is None else was):
        _note(target, change, path, "conflict", wanted, now, mark, laid)
        return
    if loosens(keys, current, to) and not _opened(target, change, path):
        values = {"id": target.id, "path": path, "was": _said(current), "to": _said(to)}
        laid.problems.append(Problem(kinds.LOOSENS, mark.at_key(), values))
        return
    if to is None:
        laid.body = remove_at(laid.body, keys)
    else:
        laid.body = put_at(laid.body, keys, to, wanted.marks["to"])
    _note(target, change, path, "applied", wanted, now, mark, laid)


def _set_list(
    target: Declared,
    change: Declared,
    path: str,
    keys: list[str],
    wanted: Map,
    mark: Mark,
    laid: Laid,
) -> None:
    now = at(laid.body, keys)
    base = now if isinstance(now, List) else List(mark)
    added, removed = wanted.list("add"), wanted.list("remove")
    prefix = prefix_of(change, target)
    foreign = [
        each
        for each in added
        if each not in base and not str(each).rpartition(".")[2].startswith(prefix)
    ]
    if keys[0] == "states" and prefix and foreign and not _opened(target, change, path):
        values = {"id": target.id, "path": path, "was": _said(now), "to": _said(foreign)}
        laid.problems.append(Problem(kinds.LOOSENS, mark.at_key(), values))
        return
    done = all(each in base for each in added) and not any(each in base for each in removed)
    if now is True and not removed:
        _note(target, change, path, "absorbed", wanted, now, mark, laid)
        return
    if now not in (None, False) and not isinstance(now, List):
        _note(target, change, path, "conflict", wanted, now, mark, laid)
        return
    laid.body = put_at(laid.body, keys, joined(base, added, removed), mark)
    _note(target, change, path, "absorbed" if done else "applied", wanted, now, mark, laid)


def _note(
    target: Declared, change: Declared, path: str, status: Status, wanted: Map, now: Any, mark: Mark,
    laid: Laid,
) -> None:  # fmt: skip
    to, was = plain(wanted.get("to", wanted.get("add"))), plain(wanted.get("was"))
    file = change.file
    laid.overrides.append(
        Override(
            target.kind, target.id, path, status, to, was, plain(now), file.layer, file.owner,
            mark.at_key(f"set.{path}"),
        )
    )  # fmt: skip
    if status == "conflict":
        values = {
            "id": target.id,
            "path": path,
            "was": _said(was),
            "now": _said(now),
            "to": _said(to),
        }
        laid.problems.append(Problem(kinds.CONFLICT, mark.at_key(f"set.{path}"), values))


def _opened(target: Declared, change: Declared, path: str) -> bool:
    """Tell whether the layer may loosen this: its own objects, and what the base opens."""
    return change.space == target.space or path in target.body.texts("opens")


def loosens(keys: list[str], now: Any, to: Any) -> bool:
    """Tell whether a change lets through what the base refuses."""
    name = keys[-1]
    if name == "required":
        return now is True or (now is not False and to is not True)
    if name == "unique":
        return now is True
    if name == "edit":
        return now is not True and to is not False and not (keys[0] == "states" and to is None)
    if name in ("check", "where"):
        return now is not None
    if keys[0] == "rules":
        return name == "when" or (name == "level" and now == "stop")
    if keys[0] == "actions":
        return name in ("from", "to", "when") and now is not None
    if name in ("rows", "except", "has", "entities") and len(keys) == 1:
        return True
    return name == "min" and now not in (None, 0)


def _said(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False)
