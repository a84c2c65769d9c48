"""What saving answers with."""

from dataclasses import dataclass
from typing import Any, Literal

from dougong.access.decide import EntityAccess
from dougong.foundation.errors import Problem


@dataclass(frozen=True, slots=True)
class Saved:
    """A record as it was saved, for JSON and without hidden fields.

    `created` tells a new record (an action may make one); `replayed` that the answer is that of an
    earlier request with the same idempotency key; `json` is the record as JSON where it has been
    written already.
    """

    id: int
    version: int
    record: dict[str, Any]
    created: bool = False
    warnings: tuple[Problem, ...] = ()
    replayed: bool = False
    json: bytes = b""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row of a bulk save; `id` is 0 when it was refused."""

    index: int
    status: Literal["created", "changed", "same", "refused"]
    id: int = 0
    problems: tuple[Problem, ...] = ()


def shown(access: EntityAccess, wired: dict[str, Any]) -> dict[str, Any]:
    """Return a record for JSON without what is hidden from these roles."""
    hidden = access.hidden
    if not hidden:
        return wired
    kept = {name: value for name, value in wired.items() if name not in hidden}
    for name in access.entity.lines:
        inner = {path.partition(".")[2] for path in hidden if path.startswith(f"{name}.")}
        if inner and name in kept:
            kept[name] = [
                {key: value for key, value in line.items() if key not in inner}
                for line in kept[name]
            ]
    return kept
