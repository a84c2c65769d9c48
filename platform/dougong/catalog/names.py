"""Resolves every name, or says what it could have meant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dougong.catalog import problems as kinds
from dougong.catalog.collect import Declared
from dougong.catalog.nearest import nearest
from dougong.catalog.references import Reference, references
from dougong.catalog.scope import Known
from dougong.catalog.values import Map
from dougong.foundation.errors import Place, Problem

Objects = Mapping[tuple[str, str], Declared]
_WHOLE = frozenset(
    {
        "target",
        "record",
        "entity",
        "sequence",
        "function",
        "list",
        "form",
        "role",
        "setting",
        "aspect",
    }
)
"""References by full id."""
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
            return Way(tuple(steps), name, steps[-1][1] if steps else "")
        type_ = known.field(here, name)
        if type_ is None:
            return Way(tuple(steps), name)
        steps.append((here, name))
        if type_.kind == "set":
            here = f"{here}.{name}"
        else:
            here = type_.to[0] if type_.kind == "link" and len(type_.to) == 1 else ""
    return Way(tuple(steps))


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


def numbered_by(bodies: Mapping[str, Map]) -> dict[str, str]:
    """Return the entity that each number rule numbers."""
    return {
        sequence: id_
        for id_, body in bodies.items()
        for field in body.map("fields").values()
        if isinstance(field, Map) and "sequence" in field
        for sequence in field.texts("sequence")
    }


def needed_spaces(objects: Objects) -> dict[str, frozenset[str]]:
    """Return the module parts of ids that each module or plugin may name: its own, and its needs'."""
    heads = {id_: each for (kind, id_), each in objects.items() if kind in ("module", "plugin")}
    found: dict[str, frozenset[str]] = {}
    for id_ in heads:
        reached: set[str] = set()
        ahead = [id_]
        while ahead:
            here = ahead.pop()
            if here not in reached:
                reached.add(here)
                ahead.extend(heads[here].body.map("needs") if here in heads else ())
        spaces = {heads[each].space for each in reached if each in heads}
        found[id_] = frozenset({"base", *spaces})
    return found


def field_body(objects: Objects, shelf: str, name: str) -> Map | None:
    """Return the declaration of a field of an entity or of its lines; None for the record's own."""
    entity = ".".join(shelf.split(".")[:2])
    declared = objects.get(("entity", entity)) or objects.get(("setting", entity))
    if declared is None and ("setting", shelf) in objects:
        declared, entity = objects["setting", shelf], shelf
    if declared is None:
        return None
    lines = shelf[len(entity) + 1 :]
    body = declared.body.map("lines").map(lines) if lines else declared.body
    found = body.map("fields").get(name)
    return found if isinstance(found, Map) else None


class NameChecker:
    """Resolves the references of one object after the other."""

    def __init__(self, objects: Objects, known: Known) -> None:
        self.known = known
        self.objects = objects
        self.problems: list[Problem] = []
        self.ids: dict[str, set[str]] = {}
        records: dict[str, Map] = {}
        for (kind, id_), declared in objects.items():
            self.ids.setdefault(kind, set()).add(id_)
            if kind in ("entity", "setting"):
                records[id_] = declared.body
        self.records = records
        self.numbered = numbered_by(records)
        self.needed = needed_spaces(objects)

    def check(self, kind: str, id_: str, body: Map) -> list[Problem]:
        """Return a problem for every name in an object that is not there."""
        self.problems = []
        for each in references(kind, id_, body):
            self._check(each)
            if each.what in _WHOLE:
                self._needs(each)
        return self.problems

    def _needs(self, each: Reference) -> None:
        """A module may name only what the modules it needs declare."""
        file = each.mark.file
        needed = self.needed.get(file.owner) if file.layer in ("module", "plugin") else None
        module = each.name.partition(".")[0]
        if needed is not None and module not in needed:
            values = {"by": file.owner, "name": each.name, "module": module}
            problem = Problem(kinds.NOT_NEEDED, self._where(each), values, level="warn")
            self.problems.append(problem)

    def _check(self, each: Reference) -> None:
        if each.what in ("field", "header", "by_list", "by_link"):
            self._field(each)
        elif each.what == "target":
            if each.name not in self.known.shelves or each.name in self.ids.get("aspect", ()):
                self._missing(each, "entity", self.known.shelves)
        elif each.what == "record":
            if each.name not in self.records:
                self._missing(each, "entity", self.records)
        elif each.what in ("state", "action", "level", "lines", "part", "bulk"):
            self._inside(each)
        elif each.name not in self.ids.get(each.what, ()):
            self._missing(each, each.what, self.ids.get(each.what, ()))

    def _inside(self, each: Reference) -> None:
        """Names that belong to one entity or form."""
        if each.what == "part":
            names: Iterable[str] = self.objects["form", each.home].body.map("parts")
        else:
            body = self.records.get(each.home)
            if body is None:
                return
            self.known.asked.add(each.home)
            if each.what == "level":
                names = _levels(body)
            elif each.what == "bulk":
                names = {*body.map("actions"), *BULK}
            else:
                names = body.map({"state": "states", "action": "actions"}.get(each.what, each.what))
        if each.name not in names:
            self._missing(each, "action" if each.what == "bulk" else each.what, names)

    def _home(self, each: Reference) -> str:
        if each.what == "by_list":
            listed = self.objects.get(("list", each.home))
            return listed.body.text("entity") if listed else ""
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
        elif way.wrong or not way.steps:
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
        fields = self.records.get(home, Map()).map("fields")
        for name, body in fields.items():
            if isinstance(body, Map) and old in body.list("renamed"):
                return name
        return ""

    def _type(self, each: Reference, way: Way) -> None:
        shelf, name = way.steps[-1]
        field = field_body(self.objects, shelf, name)
        if field is None:
            return
        type_ = field.text("type")
        if each.types and type_ not in each.types:
            values = {"name": name, "type": type_, "wants": ", ".join(each.types)}
            self.problems.append(Problem(kinds.WRONG_FIELD_TYPE, self._where(each), values))
        if "retired" in field and not each.is_key:
            values = {"name": name, "since": field.map("retired").text("since")}
            problem = Problem(kinds.RETIRED_USED, self._where(each), values, level="warn")
            self.problems.append(problem)

    def _missing(self, each: Reference, what: str, names: Iterable[str]) -> None:
        renamed = self._renamed_entity(each.name) if what == "entity" else ""
        if renamed:
            said = {"name": each.name, "new": renamed}
            self.problems.append(Problem(kinds.OLD_NAME, self._where(each), said, renamed))
            return
        values = {"what": kinds.WHAT.get(what, what), "name": each.name}
        near = nearest(each.name, names)
        self.problems.append(Problem(kinds.UNKNOWN_REFERENCE, self._where(each), values, near))

    def _renamed_entity(self, old: str) -> str:
        for id_, body in self.records.items():
            if old in body.list("renamed"):
                return id_
        return ""

    def _where(self, each: Reference) -> Place:
        return each.mark.at_key(each.path) if each.is_key else each.mark.at_value(each.path)


def _levels(body: Map) -> set[str]:
    """Return the field levels of an entity, named by it or by its fields."""
    lines = (each for each in body.map("lines").values() if isinstance(each, Map))
    fields = [body.map("fields"), *(each.map("fields") for each in lines)]
    said = {
        each.text("level")
        for group in fields
        for each in group.values()
        if isinstance(each, Map) and "level" in each
    }
    return {*body.map("levels"), *said}
