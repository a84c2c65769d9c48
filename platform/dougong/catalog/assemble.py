"""The assembly line: source → schema → aspects → changes → names → formulas → one frozen Catalog.

Pure: it reads no disk and no clock. Everything wrong is said at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dougong.catalog import names, placing
from dougong.catalog.aspects import Shelves, dictionary, name_self, with_uses, written_out
from dougong.catalog.catalog import Catalog, Module
from dougong.catalog.check_data import check_data
from dougong.catalog.check_options import check_options
from dougong.catalog.check_reads import check_reads
from dougong.catalog.collect import Collected, Declared, collect, read_file
from dougong.catalog.derive import derived_form, derived_list
from dougong.catalog.entity import Entity
from dougong.catalog.fingerprint import entity_fingerprints, ordered_digest
from dougong.catalog.formula_reader import FormulaReader, Written
from dougong.catalog.nearest import nearest
from dougong.catalog.needs import check_needs
from dougong.catalog.overlay import Override, lay_changes
from dougong.catalog.problems import NOTHING_TO_EXTEND, WHAT
from dougong.catalog.process import Function
from dougong.catalog.read_entity import read_entity
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
from dougong.catalog.schema import check_shape
from dougong.catalog.scope import Known
from dougong.catalog.shapes import known_of
from dougong.catalog.source import SourceSet
from dougong.catalog.texts import Objects, lay_texts
from dougong.catalog.values import Map
from dougong.foundation.errors import Problem

RECORDS = ("entity", "setting")
"""Kinds that become an Entity."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """What came of it. `catalog` is None when a problem stops; warnings come along with one.

    `origins` holds every merged declaration by (kind, id); its marks say which file and layer each
    value is from. `overrides` is what became of every changed property. `written` are all formulas
    with their scopes.
    """

    catalog: Catalog | None
    problems: tuple[Problem, ...]
    origins: Mapping[tuple[str, str], Declared] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    written: tuple[Written, ...] = ()


def assemble(sets: Sequence[SourceSet]) -> Assembled:
    """Assemble the sets, laid in the order given. Never raises for what a person wrote."""
    return _Line().run(sets)


def assemble_with(
    sets: Sequence[SourceSet], *, aliases: Mapping[str, tuple[str, str]]
) -> tuple[Assembled, Known]:
    """Assemble with fields known under two names each (home: old, new); for rewriting names."""
    line = _Line(aliases)
    return line.run(sets), line.known


class _Line:
    """The line with everything that lies on it."""

    def __init__(self, aliases: Mapping[str, tuple[str, str]] | None = None) -> None:
        self.aliases = aliases or {}
        self.problems: list[Problem] = []
        self.overrides: list[Override] = []
        self.written: list[Written] = []
        self.objects: Objects = {}
        self.known = Known()

    def run(self, sets: Sequence[SourceSet]) -> Assembled:
        """Carry the sets from end to end."""
        found = collect(sets, read_file)
        self.problems.extend(found.problems)
        self._merge(found)
        self.problems.extend(lay_texts(self.objects, found.texts))
        self.known = known_of(self._bodies("aspect", *RECORDS))
        for home, (old, new) in self.aliases.items():
            self.known.alias(home, old, new)
        self.known.keys = names.shipped_keys(self._of("data"), self._bodies(*RECORDS))
        catalog = self._catalog(found)
        self.problems.extend(names.check_names(self.objects, self.known, catalog))
        self.problems.extend(check_reads(self.objects, self.known))
        self.problems.extend(check_options(self.written, catalog))
        self.problems.extend(check_data(self.objects, catalog))
        problems = _sorted(self.problems)
        stops = any(problem.level == "stop" for problem in problems)
        overrides, written = tuple(self.overrides), tuple(self.written)
        return Assembled(None if stops else catalog, problems, self.objects, overrides, written)

    def _of(self, *kinds: str) -> dict[str, Declared]:
        return {id_: each for (kind, id_), each in self.objects.items() if kind in kinds}

    def _bodies(self, *kinds: str) -> dict[str, Map]:
        return {id_: each.body for id_, each in self._of(*kinds).items()}

    # --- merging --------------------------------------------------------------------------------

    def _merge(self, found: Collected) -> None:
        """Write out aspects and words, lay the changes, add the forms and lists nobody wrote."""
        words, wrong = dictionary(found.of("dictionary"))
        self.problems.extend(wrong)
        changes = _by_target(found.changes)
        aspects = {id_: self._changed(each, changes) for id_, each in found.of("aspect").items()}
        shelves = Shelves(aspects, words)
        for (kind, id_), declared in found.objects.items():
            if kind == "aspect":
                body = shelves.aspect(id_, declared.body.marks[kind])
                self.objects[kind, id_] = replace(aspects[id_], body=body or declared.body)
            elif kind in RECORDS:
                used = with_uses(declared, changes.get((kind, id_), ()))
                whole = self._changed(written_out(used, shelves), changes)
                if (kind, id_) in changes:
                    whole = replace(whole, body=name_self(shelves.expand(whole.body, id_), id_))
                self.objects[kind, id_] = whole
            else:
                self.objects[kind, id_] = declared
        self.used = shelves.used
        self.problems.extend(shelves.problems)
        self._derive()
        for key, declared in list(self.objects.items()):
            if key[0] not in ("aspect", *RECORDS):
                self.objects[key] = self._changed(declared, changes)
        self._place(changes)
        self._nothing_to_extend(changes)

    def _changed(
        self, declared: Declared, changes: Mapping[tuple[str, str], list[Declared]]
    ) -> Declared:
        """Return the object with its changes laid over it, held to its schema again."""
        laid_over = changes.get((declared.kind, declared.id))
        if not laid_over:
            return declared
        laid = lay_changes(declared, laid_over)
        self.overrides.extend(laid.overrides)
        self.problems.extend(laid.problems)
        self.problems.extend(check_shape(laid.body, declared.kind))
        return replace(declared, body=laid.body)

    def _derive(self) -> None:
        """Add a form and a list for each entity that has none of its own."""
        self.declared = {key for key in self.objects if key[0] in ("form", "list")}
        for id_, each in self._of(*RECORDS).items():
            if ("form", id_) not in self.objects:
                form = derived_form(id_, each.kind, each.body)
                self.objects["form", id_] = replace(each, kind="form", body=form)
            if ("list", id_) not in self.objects and each.kind == "entity":
                key, title = each.body.texts("key"), each.body.text("title")
                body = derived_list(id_, each.kind, each.body, key, title)
                self.objects["list", id_] = replace(each, kind="list", body=body)

    def _place(self, changes: Mapping[tuple[str, str], list[Declared]]) -> None:
        """Carry out `place:` and what `set:` says of an entity's own form and list."""
        for (kind, id_), laid_over in changes.items():
            if kind in RECORDS:
                placed = placing.place(self.objects, id_, laid_over)
                self.overrides.extend(placed.overrides)
                self.problems.extend(placed.problems)
        for id_ in self._of(*RECORDS):
            placing.add_unplaced(self.objects, id_)

    def _nothing_to_extend(self, changes: Mapping[tuple[str, str], list[Declared]]) -> None:
        for (kind, id_), laid_over in changes.items():
            if (kind, id_) in self.objects:
                continue
            near = nearest(id_, self._of(kind))
            for each in laid_over:
                values = {"kind": WHAT.get(kind, kind), "id": id_}
                self.problems.append(Problem(NOTHING_TO_EXTEND, each.place, values, near))

    # --- reading --------------------------------------------------------------------------------

    def _reader(self, _id: str = "") -> FormulaReader:
        return FormulaReader(self.known, self.problems, self.written)

    def _catalog(self, found: Collected) -> Catalog:
        modules = self._modules(found)
        functions = read_functions(self._of("function"), self.known, self._reader)
        entities = self._entities(functions)
        forms = {
            id_: read_form(each, self._reader(), is_declared=("form", id_) in self.declared)
            for id_, each in self._of("form").items()
        }
        lists = {
            id_: read_list(
                each,
                entities.get(each.body.text("entity")),
                self._reader(),
                is_declared=("list", id_) in self.declared,
            )
            for id_, each in self._of("list").items()
        }
        numbered = names.numbered_by(entities)
        of = self._of
        return Catalog(
            modules=modules,
            entities=entities,
            forms=forms,
            lists=lists,
            menus={id_: read_menu(each, entities) for id_, each in of("menu").items()},
            roles={id_: read_role(each, self._reader()) for id_, each in of("role").items()},
            guards={
                id_: read_guard(each, entities, self._reader()) for id_, each in of("guard").items()
            },
            sequences={
                id_: read_sequence(
                    each, numbered.get(id_, each.body.text("entity")), self._reader()
                )
                for id_, each in of("sequence").items()
            },
            functions=functions,
            data={id_: read_data(each) for id_, each in of("data").items()},
            scenarios={id_: read_scenario(each) for id_, each in of("test").items()},
            imports={id_: read_import(each) for id_, each in of("import").items()},
            fingerprint=self._fingerprint(),
        )

    def _modules(self, found: Collected) -> dict[str, Module]:
        folders = {source.id: source.folder for source, _ in found.sets}
        heads = self._of("module", "plugin")
        made = {id_: read_module(each, folders.get(id_, "")) for id_, each in heads.items()}
        self.problems.extend(check_needs(heads, self._of("tenant"), made))
        return made

    def _entities(self, functions: Mapping[str, Function]) -> dict[str, Entity]:
        made, asked = {}, {}
        for id_, declared in self._of(*RECORDS).items():
            self.known.asked = set()
            made[id_] = read_entity(declared, self.used.get(id_, ()), self._reader())
            asked[id_] = frozenset(self.known.asked | _targets(made[id_]))
        signatures = ordered_digest(self._bodies("function"))
        prints = entity_fingerprints(self._bodies(*RECORDS), asked, signatures)
        return {id_: replace(each, fingerprint=prints[id_]) for id_, each in made.items()}

    def _fingerprint(self) -> str:
        said: dict[str, Any] = {
            f"{kind} {id_}": each.body
            for (kind, id_), each in self.objects.items()
            if kind != "test"
        }
        return ordered_digest(said)


def _targets(entity: Entity) -> set[str]:
    lines = (each for lines in entity.lines.values() for each in lines.fields.values())
    fields = (*entity.fields.values(), *lines)
    return {".".join(target.split(".")[:2]) for each in fields for target in each.targets}


def _by_target(changes: Sequence[Declared]) -> dict[tuple[str, str], list[Declared]]:
    found: dict[tuple[str, str], list[Declared]] = {}
    for each in changes:
        found.setdefault((each.body.text("kind", "entity"), each.id), []).append(each)
    return found


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of files and lines."""
    unique = {
        (each.code, each.where.file, each.where.line, each.where.column, str(each.values)): each
        for each in problems
    }
    return tuple(
        sorted(
            unique.values(),
            key=lambda each: (each.where.file, each.where.line, each.where.column, each.code),
        )
    )
