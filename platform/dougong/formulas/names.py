"""What a path of a formula means: its root, the fields on its way, its type."""

from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from dougong.formulas import problems, tree
from dougong.formulas.functions import OFFERED
from dougong.formulas.kinds import UNKNOWN
from dougong.formulas.tree import Found, Path, Scope, Type
from dougong.foundation.errors import ProblemKind
from dougong.foundation.translate import Label

MOST_STEPS = 5

_LISTENED = frozenset({"this", "old", "originator"})
_RECORDS = frozenset({"doc", "this", "old", "user", "originator"})
"""Words that stand for a whole record and are no step of a path."""

_CONTEXT = {
    "user": Found("user", Type("link", to=("base.user",))),
    "company": Found("company", Type("link", to=("base.company",))),
}
_USER = {
    "roles": Type("text", many=True),
    "companies": Type("link", to=("base.company",), many=True),
}
"""What a user has beside the fields of base.user: ids of roles held in the company in use, and the
companies the user may work in."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something wrong with a name, to be said at the path."""

    kind: ProblemKind
    values: dict[str, object] = field(default_factory=dict)
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path with its root, names and type filled, or what is wrong with it; `hides` warns."""

    path: Path
    type: Type
    wrong: Complaint | None = None
    hides: str = ""


def resolve(path: Path, scope: Scope) -> Resolved:
    """Find out what a path means in a scope."""
    first, rest = path.names[0], path.names[1:]
    if first in _LISTENED and first not in scope.allows:
        values: dict[str, object] = {"name": first, "where": OFFERED[first]}
        return _wrong(path, problems.NOT_HERE, values)
    found = scope.find(first) or _CONTEXT.get(first)
    if found is None:
        near = nearest(first, (*scope.names(), *_CONTEXT))
        return _wrong(path, problems.UNKNOWN_NAME, {"name": first}, near)
    if len(path.names) - 1 > MOST_STEPS:
        values = {"name": ".".join(path.names), "most": MOST_STEPS}
        return _wrong(path, problems.PATH_TOO_LONG, values)
    if found.root == "rows":
        return _walk_rows(path, found.rows or first, rest, scope)
    bare = first in _RECORDS or found.root == "company"
    own = () if bare else (found.name or first,)
    start = replace(path, names=own, root=found.root)
    walked = _walk(start, found.type, rest, scope)
    return replace(walked, hides=found.hides) if found.hides else walked


def _walk(start: Path, type_: Type, rest: tuple[str, ...], scope: Scope) -> Resolved:
    """Follow the links of a path from where it starts."""
    path, at = start, type_
    for name in rest:
        if path.root == "user" and not path.names and name in _USER:
            following: Type | None = _USER[name]
        elif at.kind not in ("link", "record") or at.many:
            said = ".".join(path.names) or str(path.root)
            return _wrong(path, problems.NOT_A_LINK, {"name": said, "step": name})
        else:
            following = scope.step(at, name)
        if following is None:
            near = nearest(name, scope.names(at))
            values: dict[str, object] = {"owner": ", ".join(at.to) or "?", "name": name}
            return _wrong(path, problems.UNKNOWN_FIELD, values, near)
        if following.kind == "set":
            return _walk_rows(path, name, rest[rest.index(name) + 1 :], scope)
        path, at = replace(path, names=(*path.names, name)), following
    return Resolved(replace(path, type=at), at)


def _walk_rows(path: Path, rows: str, rest: tuple[str, ...], scope: Scope) -> Resolved:
    """Find the field of a set of lines, and follow its links."""
    if not rest:
        lines = Type("set")
        return Resolved(replace(path, names=(), root="rows", rows=rows, type=lines), lines)
    type_ = scope.rows(rows, rest[0])
    if type_ is None:
        near = nearest(rest[0], scope.names(rows=rows))
        return _wrong(path, problems.UNKNOWN_FIELD, {"owner": rows, "name": rest[0]}, near)
    start = replace(path, names=(rest[0],), root="rows", rows=rows)
    return _walk(start, type_, rest[1:], scope)


def _wrong(path: Path, kind: ProblemKind, values: dict[str, object], near: str = "") -> Resolved:
    return Resolved(path, UNKNOWN, Complaint(kind, values, near))


def nearest(name: str, names: object) -> str:
    """Return the right name that comes nearest to a wrong one, or nothing."""
    known = [str(one) for one in names] if isinstance(names, (tuple, list)) else []
    return next(iter(get_close_matches(name, known, 1, 0.6)), "")


def read_of(path: Path) -> tuple[str, ...]:
    """Say a resolved path as an element of `Formula.reads`."""
    root = str(path.root)
    return (root, path.rows, *path.names) if path.root == "rows" else (root, *path.names)


def label_of(path: tree.Path) -> Label:
    """Say a path as it is written."""
    return Label.of(".".join((path.rows, *path.names) if path.rows else path.names))
