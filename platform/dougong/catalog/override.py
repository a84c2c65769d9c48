"""What became of a property that a layer changed."""

from dataclasses import dataclass
from typing import Any, Literal

from dougong.foundation.errors import Place

Status = Literal["applied", "absorbed", "conflict"]


@dataclass(frozen=True, slots=True)
class Override:
    """One property that a layer changed: what it was when the change was written, what the base
    says now, what the change wants, and what became of it. `path` is inside the object `id`.

    *Applied*: the base still says what was replaced. *Absorbed*: it now says the same by itself.
    *Conflict*: it says something else, and a person decides.
    """

    kind: str
    id: str
    path: str
    status: Status
    to: Any
    was: Any
    now: Any
    layer: str
    owner: str
    place: Place
