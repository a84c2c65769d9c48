"""Which fields a query shows: the names asked for, resolved to a tree of entities, lines and links.

A hidden field is left out without a word, so that one declared list serves every reader; a name
that does not exist is a problem.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from dougong.access.decide import EntityAccess, access
from dougong.access.problems import PATH_NO_LINK, PATH_UNKNOWN
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Field, Lines
from dougong.fields.field_type import Dialect
from dougong.foundation.errors import Place, Problem, Refused
from dougong.queries.problems import EXPAND_UNFIT

OWN = frozenset({"id", "version"})


@dataclass(frozen=True, slots=True)
class Expansion:
    """A link whose record is shown too: the link field and what of each target is wanted.

    `by` is the field that names the entity of a dynamic link, whose targets are several.
    """

    link: Field
    targets: tuple["Wanted", ...]
    by: str = ""


@dataclass(frozen=True, slots=True)
class WantedLines:
    """What of one set of lines is wanted."""

    lines: Lines
    fields: tuple[Field, ...]
    expand: tuple[Expansion, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of one entity is wanted; `id` and `version` always come along."""

    access: EntityAccess
    fields: tuple[Field, ...]
    lines: tuple[WantedLines, ...] = ()
    expand: tuple[Expansion, ...] = ()


@dataclass(slots=True)
class _Tree:
    """Names gathered before they are resolved: fields, and below a link or a set of lines more.

    `chosen` is true once a field was asked for by name, so that only those named are wanted.
    """

    fields: dict[str, None] = field(default_factory=dict)
    below: dict[str, "_Tree"] = field(default_factory=dict)
    chosen: bool = False

    def add(self, path: str, *, expand: bool) -> None:
        first, _, rest = path.partition(".")
        self.fields[first] = None
        self.chosen = self.chosen or not expand
        if rest:
            self.below.setdefault(first, _Tree()).add(rest, expand=expand)
        elif expand:
            self.below.setdefault(first, _Tree())


def select(
    catalog: Catalog,
    roles: frozenset[str],
    entity_id: str,
    dialect: Dialect,
    fields: Iterable[str] = (),
    expand: Iterable[str] = (),
) -> Wanted:
    """Resolve `fields` (none: every readable field of the header) and `expand` (links).

    Raises Refused (400) with every name that does not exist or is no link.
    """
    resolving = _Resolving(catalog, roles, dialect)
    tree = _Tree()
    for path in fields:
        tree.add(path, expand=False)
    decided = access(catalog, roles, entity_id, dialect)
    if not tree.chosen:
        tree.fields.update(dict.fromkeys(decided.entity.fields))
    for path in expand:
        tree.add(path, expand=True)
    wanted = resolving.entity(decided, tree)
    if resolving.problems:
        raise Refused(resolving.problems)
    return wanted


def _add_neighbours(tree: _Tree, fields: Mapping[str, Field]) -> None:
    """A dynamic link is only understood beside the field that names its entity."""
    for name in list(tree.below):
        if name in fields and fields[name].by:
            tree.fields[fields[name].by] = None


def showable(one: Field) -> bool:
    """Tell whether lists can show a field: it is stored, or SQL can compute it."""
    return bool(one.column) or (one.formula is not None and "sql" in one.formula.targets)


class _Resolving:
    """Resolves one tree and collects its problems."""

    def __init__(self, catalog: Catalog, roles: frozenset[str], dialect: Dialect) -> None:
        self.catalog = catalog
        self.roles = roles
        self.dialect = dialect
        self.problems: list[Problem] = []

    def entity(self, decided: EntityAccess, tree: _Tree, place: str = "") -> Wanted:
        entity = decided.entity
        _add_neighbours(tree, entity.fields)
        fields: list[Field] = []
        lines: list[WantedLines] = []
        for name in tree.fields:
            if name in entity.lines:
                if name not in decided.hidden:
                    lines.append(
                        self._lines(decided, entity.lines[name], tree.below.get(name), place)
                    )
            elif name in entity.fields:
                if name not in decided.hidden and name not in OWN and showable(entity.fields[name]):
                    fields.append(entity.fields[name])
            elif name not in OWN:
                self._unknown(entity.label, name, place, [*entity.fields, *entity.lines])
        expand = self._expansions(tree, fields, place)
        return Wanted(decided, tuple(fields), tuple(lines), expand)

    def _lines(
        self, decided: EntityAccess, lines: Lines, tree: _Tree | None, place: str
    ) -> WantedLines:
        here = f"{place}{lines.name}."
        if tree:
            _add_neighbours(tree, lines.fields)
        names = tree.fields if tree and tree.chosen else dict.fromkeys(lines.fields)
        fields = [
            lines.fields[name]
            for name in names
            if name in lines.fields
            and f"{lines.name}.{name}" not in decided.hidden
            and lines.fields[name].column
        ]
        for name in names:
            if name not in lines.fields and name != "id":
                self._unknown(lines.label, name, here, list(lines.fields))
        expand = self._expansions(tree or _Tree(), fields, here)
        return WantedLines(lines, tuple(fields), expand)

    def _expansions(
        self, tree: _Tree, fields: Iterable[Field], place: str
    ) -> tuple[Expansion, ...]:
        known = {one.name: one for one in fields}
        return tuple(
            self._expansion(known[name], below, f"{place}{name}.")
            for name, below in tree.below.items()
            if name in known and self._is_link(known[name], f"{place}{name}")
        )

    def _is_link(self, one: Field, path: str) -> bool:
        """Tell whether a name can be expanded; below a link a plain field is one to show."""
        if one.shape.targets and one.type in ("link", "links"):
            return True
        if "." in path:
            return False
        values = {"at": path}
        self.problems.append(Problem(EXPAND_UNFIT, Place(path=path), values))
        return False

    def _expansion(self, link: Field, tree: _Tree, place: str) -> Expansion:
        single = len(link.targets) == 1 and not link.by
        if tree.fields and not single:
            values = {"name": link.name, "at": place.removesuffix(".")}
            self.problems.append(Problem(PATH_NO_LINK, Place(path=place.removesuffix(".")), values))
        targets = tuple(
            self.entity(
                access(self.catalog, self.roles, target, self.dialect),
                tree if single else _Tree(),
                place,
            )
            for target in link.targets
            if target in self.catalog.entities  # a line has no title of its own
        )
        return Expansion(link, targets, "" if single else link.by)

    def _unknown(self, owner: object, name: str, place: str, known: list[str]) -> None:
        near = get_close_matches(name, known, 1)
        path = f"{place}{name}"
        values: Mapping[str, object] = {"entity": owner, "name": name, "at": path}
        self.problems.append(
            Problem(PATH_UNKNOWN, Place(path=path), values, near[0] if near else "")
        )
