"""Route: one door of the server as a declared value; the table is checked before anything is served."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from dougong.foundation.context import Context
from dougong.records.work import Work
from dougong.server.body import MOST
from dougong.server.call import Answer, Call
from dougong.tenants.opened import Opened

Right = Literal[
    "open", "self", "any", "read", "create", "update", "delete", "act", "write", "use", "import", "export",
]  # fmt: skip
"""What a caller must hold to come in at all.

`open`: nothing, not even a sign-in. `self`: to be signed in; it touches only the caller's own things.
`any`: to be signed in; the answer holds only what the caller may read. The others are rights on the
route's entity: `write` is create or update, `use` is read, create or update.
"""
MEANT: dict[str, tuple[str, ...]] = {
    "read": ("read",),
    "create": ("create",),
    "update": ("update",),
    "delete": ("delete",),
    "act": ("act",),
    "import": ("import",),
    "export": ("export",),
    "write": ("create", "update"),
    "use": ("read", "create", "update"),
}
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Handler = Callable[[Work, Call], Answer]
Porch = Callable[[Opened, Context, Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One door: `method` on `path` (below its mount) needs `right` and is answered by `handler`.

    `door` is its name in tests, logs and OpenAPI. `handler` works inside one unit of work, a writing
    one when `write`; `porch` is for what happens before or beside a unit of work (signing in).
    Exactly one of them is given. `query` names the parameters it knows; None means the handler reads
    them itself and refuses unknown ones. `most` bounds the body in bytes. `gives` are the statuses of
    success. `versioned` doors need If-Match; `slow` ones hash passwords and have threads of their own.
    """

    method: Method
    path: str
    door: str
    right: Right
    handler: Handler | None = None
    porch: Porch | None = None
    write: bool = False
    query: tuple[str, ...] | None = ()
    most: int = MOST
    gives: tuple[int, ...] = (200,)
    versioned: bool = False
    slow: bool = False
    page: bool = False

    @property
    def entity(self) -> bool:
        """Whether the door leads to one entity."""
        return "{entity}" in self.path


class BadRoutes(Exception):  # noqa: N818 -- the program itself is wrong
    """The route table is not fit to be served; says every fault of it."""


def check_routes(routes: Iterable[Route]) -> tuple[Route, ...]:
    """Return the routes when every one declares its right and exactly one handler.

    Raises BadRoutes: a door without a right, doubled, or with a right that its path can't have.
    """
    table = tuple(routes)
    faults = [fault for route in table for fault in _faults(route)]
    seen: set[tuple[str, str]] = set()
    doors: set[str] = set()
    for route in table:
        if (route.method, route.path) in seen or route.door in doors:
            faults.append(f"{route.method} {route.path} ({route.door}): declared twice")
        seen.add((route.method, route.path))
        doors.add(route.door)
    if faults:
        raise BadRoutes("\n".join(faults))
    return table


def _faults(route: Route) -> list[str]:
    said = f"{route.method} {route.path} ({route.door})"
    faults = []
    if route.right not in get_args(Right):
        faults.append(f"{said}: no right declared")
    if not route.door:
        faults.append(f"{said}: no door named")
    if (route.handler is None) == (route.porch is None):
        faults.append(f"{said}: needs exactly one of handler and porch")
    if (route.right in MEANT) != route.entity:
        faults.append(f"{said}: a right on an entity needs an entity in the path, and the reverse")
    if route.right == "open" and route.porch is None:
        faults.append(f"{said}: an open door can't work inside a unit of work")
    if route.write and route.method == "GET":
        faults.append(f"{said}: GET never writes")
    return faults
