"""Digests of declarations: the same metadata has the same fingerprint, anywhere."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from dougong.catalog.values import Map

_SEEN = (
    "type", "to", "by", "scale", "options", "formula", "store", "computed", "length", "with", "level",
    "renamed", "retired",
)  # fmt: skip
_HEAD = ("title", "key", "tree", "translated", "view", "states", "actions", "levels")


def digest(*values: Any) -> str:
    """Return the SHA-256 of values; the order of keys counts, because order shows on screens."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def outside(body: Map) -> str:
    """Return the digest of what others see of an entity: types, formulas, title, key, states."""
    seen: dict[str, Any] = {name: body.get(name) for name in _HEAD if name in body}
    seen["fields"] = _fields(body.map("fields"))
    for name, lines in body.map("lines").items():
        if isinstance(lines, Map):
            seen[f"lines.{name}"] = _fields(lines.map("fields"))
    return digest(seen)


def _fields(fields: Map) -> Any:
    return {
        name: {key: each[key] for key in _SEEN if key in each}
        for name, each in fields.items()
        if isinstance(each, Map)
    }


def has_open_formula(body: Map) -> bool:
    """Tell whether an entity has a formula that is computed when it is read."""
    headers = [
        body.map("fields"),
        *(each.map("fields") for each in _maps(body.map("lines").values())),
    ]
    return any(
        "formula" in each and each.get("store") is not True
        for fields in headers
        for each in _maps(fields.values())
    )


def _maps(values: Iterable[Any]) -> Iterable[Map]:
    return (each for each in values if isinstance(each, Map))


def entity_fingerprints(
    bodies: Mapping[str, Map], asked: Mapping[str, frozenset[str]], functions: str
) -> dict[str, str]:
    """Return the fingerprint of each entity: its own declaration, and what it sees of others.

    What it sees: the entities its formulas and links lead to, and through their unstored formulas
    what those lead to. `functions` is the digest of the functions.
    """
    seen = {id_: outside(body) for id_, body in bodies.items()}
    through = {id_ for id_, body in bodies.items() if has_open_formula(body)}
    made = {}
    for id_, body in bodies.items():
        reached: set[str] = set()
        ahead = list(asked.get(id_, ()))
        while ahead:
            other = ahead.pop()
            if other not in reached and other in seen:
                reached.add(other)
                if other in through:
                    ahead.extend(asked.get(other, ()))
        reached.discard(id_)
        made[id_] = digest(body, {other: seen[other] for other in sorted(reached)}, functions)
    return made
