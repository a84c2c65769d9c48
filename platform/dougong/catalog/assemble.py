"""The assembly line: source → schema → aspects → changes → names → formulas → one frozen Catalog.

Pure: it reads no disk and no clock. Everything wrong is said at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dougong.catalog import problems as kinds
from dougong.catalog.catalog import Catalog, Module
from dougong.catalog.collect import Collected, Declared, ReadFile, collect, read_file
from dougong.catalog.entity import Entity
from dougong.catalog.fingerprint import digest, entity_fingerprints
from dougong.catalog.formula_reader import FormulaReader, Written
from dougong.catalog.hold import Hold
from dougong.catalog.merged import RECORDS, Merged, merge
from dougong.catalog.names import numbered_by, shipped_keys
from dougong.catalog.needs import check_needs
from dougong.catalog.override import Override
from dougong.catalog.paused import collector_paused
from dougong.catalog.process import Function
from dougong.catalog.read_entity import read_entity, tables_of
from dougong.catalog.read_process import (
    read_data,
    read_functions,
    read_guard,
    read_import,
    read_module,
    read_role,
    read_scenario,
    read_sequence,
)
from dougong.catalog.read_screen import read_form, read_list, read_menu
from dougong.catalog.scope import Known
from dougong.catalog.shapes import known_of
from dougong.catalog.source import SourceSet
from dougong.foundation.errors import Problem

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Assembled:
    """What came of it. `catalog` is None when a problem stops; warnings come along with one.

    `origins` holds every merged declaration by (kind, id); its marks say which file and layer each
    value is from. `overrides` is what became of every changed property. `written` are all formulas
    with their scopes.
    """

    catalog: Catalog | None
    problems: tuple[Problem, ...]
    origins: Mapping[Key, Declared] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    written: tuple[Written, ...] = ()


def assemble(sets: Sequence[SourceSet]) -> Assembled:
    """Assemble the sets, laid in the order given. Never raises for what a person wrote."""
    return assemble_with(sets)[0]


def assemble_with(
    sets: Sequence[SourceSet], *, aliases: Mapping[str, tuple[str, str]] | None = None
) -> tuple[Assembled, Known]:
    """Assemble with some fields known under two names (home: old, new); for rewriting names."""
    with collector_paused():
        line = Line(sets, aliases=aliases or {})
        catalog = line.catalog()
        for key in line.merged.objects:
            line.problems.extend(line.hold.names(key))
        problems = line.sorted_problems()
        stops = any(problem.level == "stop" for problem in problems)
        overrides, written = tuple(line.merged.overrides), tuple(line.written)
        whole = Assembled(
            None if stops else catalog, problems, line.merged.objects, overrides, written
        )
        return whole, line.known


class Line:
    """The line: everything merged, and what reading it object by object needs."""

    def __init__(
        self,
        sets: Sequence[SourceSet],
        *,
        read: ReadFile = read_file,
        aliases: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        found = collect(sets, read)
        self.merged: Merged = merge(found)
        self.problems: list[Problem] = [*found.problems, *self.merged.problems]
        self.written: list[Written] = []
        records = self.merged.bodies(*RECORDS)
        self.known = known_of({**self.merged.bodies("aspect"), **records})
        for home, (old, new) in (aliases or {}).items():
            self.known.alias(home, old, new)
        self.known.keys = shipped_keys(self.merged.of("data"), records)
        self.problems.extend(self._tables_taken())
        self.hold = Hold(self.merged.objects, self.known)
        self.modules = self._modules(found)
        self.functions: Mapping[str, Function] = read_functions(
            self.merged.of("function"), self.known, lambda _: self.reader()
        )
        self.numbered = numbered_by(records)

    def reader(self) -> FormulaReader:
        """Return a reader that leaves what it meets with the line."""
        return FormulaReader(self.known, self.problems, self.written)

    def _modules(self, found: Collected) -> dict[str, Module]:
        folders = {source.id: source.folder for source, _ in found.sets}
        heads = self.merged.of("module", "plugin")
        made = {id_: read_module(each, folders.get(id_, "")) for id_, each in heads.items()}
        self.problems.extend(check_needs(heads, self.merged.of("tenant"), made))
        return made

    def read(self, key: Key, entities: Mapping[str, Entity], reader: FormulaReader) -> Any:
        """Read one object to its frozen value; None for kinds that have none of their own."""
        kind, id_ = key
        declared = self.merged.objects[key]
        match kind:
            case "entity" | "setting":
                return read_entity(declared, self.merged.used.get(id_, ()), reader)
            case "form":
                return read_form(declared, reader, is_declared=key in self.merged.written)
            case "list":
                entity = entities.get(declared.body.text("entity"))
                written = key in self.merged.written
                return read_list(declared, entity, reader, is_declared=written)
            case "role":
                return read_role(declared, reader)
            case "guard":
                return read_guard(declared, self.merged.bodies(*RECORDS), reader)
            case "sequence":
                entity_id = self.numbered.get(id_, declared.body.text("entity"))
                return read_sequence(declared, entity_id, reader)
            case "menu":
                return read_menu(declared, entities)
            case "data":
                return read_data(declared)
            case "test":
                return read_scenario(declared)
            case "import":
                return read_import(declared)
            case _:
                return None

    def catalog(self) -> Catalog:
        """Read everything."""
        entities = self._entities()
        made: dict[str, dict[str, Any]] = {}
        for kind, id_ in self.merged.objects:
            if kind not in RECORDS:
                value = self.read((kind, id_), entities, self.reader())
                made.setdefault(kind, {})[id_] = value
        return Catalog(
            modules=self.modules,
            entities=entities,
            forms=made.get("form", {}),
            lists=made.get("list", {}),
            menus=made.get("menu", {}),
            roles=made.get("role", {}),
            guards=made.get("guard", {}),
            sequences=made.get("sequence", {}),
            functions=self.functions,
            data=made.get("data", {}),
            scenarios=made.get("test", {}),
            imports=made.get("import", {}),
            overrides=tuple(self.merged.overrides),
            fingerprint=self._fingerprint(),
        )

    def _entities(self) -> dict[str, Entity]:
        made: dict[str, Entity] = {}
        asked = {}
        for kind, id_ in self.merged.objects:
            if kind in RECORDS:
                self.known.asked = set()
                made[id_] = self.read((kind, id_), {}, self.reader())
                asked[id_] = frozenset(self.known.asked | _targets(made[id_]))
        signatures = digest(self.merged.bodies("function"))
        prints = entity_fingerprints(self.merged.bodies(*RECORDS), asked, signatures)
        return {id_: replace(each, fingerprint=prints[id_]) for id_, each in made.items()}

    def _tables_taken(self) -> Iterator[Problem]:
        """Walk the tables that two would have: `a.b_c` and `a_b.c` would both be called a_b_c."""
        known: dict[str, str] = {}
        for (kind, id_), declared in self.merged.objects.items():
            for table in tables_of(declared) if kind in RECORDS else ():
                other = "dougong" if table.startswith("dougong_") else known.setdefault(table, id_)
                if other != id_:
                    values = {"id": id_, "table": table, "other": other}
                    yield Problem(kinds.TABLE_TAKEN, declared.place, values)

    def _fingerprint(self) -> str:
        said: dict[str, Any] = {
            f"{kind} {id_}": each.body
            for (kind, id_), each in self.merged.objects.items()
            if kind != "test"
        }
        return digest(said)

    def sorted_problems(self) -> tuple[Problem, ...]:
        """Each problem once, in the order of files and lines."""
        unique = {_place_of(each): each for each in self.problems}
        return tuple(unique[key] for key in sorted(unique))


def _place_of(problem: Problem) -> tuple[str, int, int, str, str]:
    where = problem.where
    return where.file, where.line, where.column, problem.code, str(problem.values)


def _targets(entity: Entity) -> set[str]:
    lines = (each for lines in entity.lines.values() for each in lines.fields.values())
    fields = (*entity.fields.values(), *lines)
    return {".".join(target.split(".")[:2]) for each in fields for target in each.targets}
