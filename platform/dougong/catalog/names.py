"""Resolves every name, or says what it could have meant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dougong.catalog import problems as kinds
from dougong.catalog.catalog import Catalog
from dougong.catalog.collect import Declared
from dougong.catalog.entity import Entity
from dougong.catalog.nearest import nearest
from dougong.catalog.references import Reference, references
from dougong.catalog.scope import Known
from dougong.catalog.values import Map
from dougong.foundation.errors import Place, Problem

Objects = Mapping[tuple[str, str], Declared]
BULK = frozenset({"export", "print", "delete", "edit", "mail"})


@dataclass(frozen=True, slots=True)
class Way:
    """A path followed: the shelves and names passed, and the first name that led nowhere."""

    steps: tuple[tuple[str, str], ...]
    wrong: str = ""
    after: str = ""


def follow(known: Known, home: str, path: str) -> Way:
    """Follow a path from an entity or its lines, over links and sets of lines."""
    steps: list[tuple[str, str]] = []
    here = home
    for name in path.split("."):
        if not here:
            return Way(tuple(steps), name, steps[-1][1])
        type_ = known.field(here, name)
        if type_ is None:
            return Way(tuple(steps), name)
        steps.append((here, name))
        if type_.kind == "set":
            here = f"{here}.{name}"
        else:
            here = type_.to[0] if type_.kind == "link" and len(type_.to) == 1 else ""
    return Way(tuple(steps))


def check_names(objects: Objects, known: Known, catalog: Catalog) -> list[Problem]:
    """Return a problem for every name that is not there."""
    checker = _Checker(objects, known, catalog)
    for (kind, id_), declared in objects.items():
        for each in references(kind, id_, declared.body):
            checker.check(each)
    return checker.problems


def shipped_keys(
    data: Mapping[str, Declared], bodies: Mapping[str, Map]
) -> dict[str, frozenset[str]]:
    """Return the business keys that data files bring, by entity."""
    found: dict[str, set[str]] = {}
    for each in data.values():
        entity = each.body.text("entity")
        body = bodies.get(entity, Map())
        key = body.map("key").texts("fields") or body.texts("key")
        if key[:1] == (each.body.text("key"),):
            found.setdefault(entity, set()).update(each.body.map("rows"))
    return {entity: frozenset(keys) for entity, keys in found.items()}


def numbered_by(entities: Mapping[str, Entity]) -> dict[str, str]:
    """Return the entity that each number rule numbers."""
    return {
        sequence: entity.id
        for entity in entities.values()
        for field in entity.fields.values()
        for sequence in field.sequences
    }


class _Checker:
    def __init__(self, objects: Objects, known: Known, catalog: Catalog) -> None:
        self.known = known
        self.catalog = catalog
        self.objects = objects
        self.problems: list[Problem] = []
        self.numbered = numbered_by(catalog.entities)
        self.ids: dict[str, set[str]] = {}
        for kind, id_ in objects:
            self.ids.setdefault(kind, set()).add(id_)

    def check(self, each: Reference) -> None:
        """Check one reference."""
        if each.what in ("field", "header", "by_list", "by_link"):
            self._field(each)
        elif each.what == "target":
            if each.name not in self.known.shelves or each.name in self.ids.get("aspect", ()):
                self._missing(each, "entity", self.known.shelves)
        elif each.what == "record":
            known = self.ids.get("entity", set()) | self.ids.get("setting", set())
            if each.name not in known:
                self._missing(each, "entity", known)
        elif each.what in ("state", "action", "level", "lines", "part", "bulk"):
            self._inside(each)
        elif each.name not in self.ids.get(each.what, ()):
            self._missing(each, each.what, self.ids.get(each.what, ()))

    def _inside(self, each: Reference) -> None:
        """Names that belong to one entity or form."""
        if each.what == "part":
            form = self.catalog.forms.get(each.home)
            names: Iterable[str] = [part.id for part in form.parts] if form else ()
        else:
            entity = self.catalog.entities.get(each.home)
            if entity is None:
                return
            names = {
                "state": entity.states, "action": entity.actions, "level": entity.levels,
                "lines": entity.lines, "bulk": {*entity.actions, *BULK},
            }[each.what]  # fmt: skip
        if each.name not in names:
            self._missing(each, "action" if each.what == "bulk" else each.what, names)

    def _home(self, each: Reference) -> str:
        if each.what == "by_list":
            listed = self.catalog.lists.get(each.home)
            return listed.entity if listed else ""
        if each.what == "by_link":
            entity, _, name = each.home.rpartition(":")
            type_ = self.known.field(entity, name)
            return type_.to[0] if type_ is not None and type_.to else ""
        if each.home.startswith("sequence "):
            return self.numbered.get(each.home.removeprefix("sequence "), "")
        return each.home

    def _field(self, each: Reference) -> None:
        home = self._home(each)
        if home not in self.known.shelves:
            return
        way = follow(self.known, home, each.name)
        header = self.known.shelves[home].header
        if way.wrong and header and not way.steps:
            way = follow(self.known, header, each.name.removeprefix("doc."))
        where = self._where(each)
        if way.after:
            rest = each.name[each.name.index(way.wrong) :]
            values = {"name": way.after, "rest": rest}
            self.problems.append(Problem(kinds.NOT_A_LINK, where, values))
        elif way.wrong:
            self._unknown_field(each, home, way)
        elif each.what == "header" and "." in each.name:
            values = {"entity": home, "name": each.name}
            self.problems.append(Problem(kinds.UNKNOWN_FIELD, where, values))
        else:
            self._type(each, way)

    def _unknown_field(self, each: Reference, home: str, way: Way) -> None:
        here = home
        if way.steps:
            shelf, name = way.steps[-1]
            type_ = self.known.field(shelf, name)
            here = f"{shelf}.{name}" if type_ is None or not type_.to else type_.to[0]
        renamed = self._renamed(here, way.wrong)
        if renamed:
            values = {"name": way.wrong, "new": renamed}
            self.problems.append(Problem(kinds.OLD_NAME, self._where(each), values, renamed))
            return
        values = {"entity": here, "name": way.wrong}
        near = nearest(way.wrong, self.known.names(here))
        self.problems.append(Problem(kinds.UNKNOWN_FIELD, self._where(each), values, near))

    def _renamed(self, home: str, old: str) -> str:
        entity = self.catalog.entities.get(home)
        fields = entity.fields.values() if entity else ()
        return next((field.name for field in fields if old in field.renamed), "")

    def _type(self, each: Reference, way: Way) -> None:
        shelf, name = way.steps[-1]
        entity = self.catalog.entities.get(shelf)
        field = entity.fields.get(name) if entity else None
        if field is None and entity is None:
            owner, _, lines = shelf.rpartition(".")
            held = self.catalog.entities.get(owner)
            field = held.lines[lines].fields.get(name) if held and lines in held.lines else None
        if field is None:
            return
        if each.types and field.type not in each.types:
            values = {"name": name, "type": field.type, "wants": ", ".join(each.types)}
            self.problems.append(Problem(kinds.WRONG_FIELD_TYPE, self._where(each), values))
        if field.retired and not each.is_key:
            values = {"name": name, "since": field.retired}
            problem = Problem(kinds.RETIRED_USED, self._where(each), values, level="warn")
            self.problems.append(problem)

    def _missing(self, each: Reference, what: str, names: Iterable[str]) -> None:
        values = {"what": kinds.WHAT.get(what, what), "name": each.name}
        near = nearest(each.name, names)
        self.problems.append(Problem(kinds.UNKNOWN_REFERENCE, self._where(each), values, near))

    def _where(self, each: Reference) -> Place:
        return each.mark.at_key(each.path) if each.is_key else each.mark.at_value(each.path)
