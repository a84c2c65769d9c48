"""Source sets to declared objects: every file parsed, held to its schema, its id and path agreed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dougong.catalog import problems as kinds
from dougong.catalog.kinds import KINDS, expected_path, kind_at
from dougong.catalog.nearest import nearest
from dougong.catalog.schema import check_shape
from dougong.catalog.source import Parsed, SourceSet, parse_file
from dougong.catalog.values import File, Map
from dougong.foundation.errors import Place, Problem

ReadFile = Callable[[str, File], Parsed]
_NAMED = (
    "fields",
    "lines",
    "states",
    "actions",
    "rules",
    "indexes",
    "levels",
    "parts",
    "views",
    "words",
)
"""Sections whose keys are names."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An object as one file declares it. `space` is the module part of its layer's own ids."""

    kind: str
    id: str
    body: Map
    file: File
    space: str

    @property
    def place(self) -> Place:
        """The beginning of the object."""
        return self.body.place(self.kind)


@dataclass(slots=True)
class Collected:
    """Everything declared: objects by kind and id, and what changes them in layer order."""

    objects: dict[tuple[str, str], Declared] = field(default_factory=dict)
    changes: list[Declared] = field(default_factory=list)
    texts: list[Declared] = field(default_factory=list)
    sets: list[tuple[SourceSet, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, kind: str) -> Mapping[str, Declared]:
        """Return the objects of a kind by id."""
        return {each.id: each for each in self.objects.values() if each.kind == kind}


def read_file(text: str, file: File) -> Parsed:
    """Parse one file and hold it to the schema of its kind."""
    parsed = parse_file(text, file)
    if parsed.body is None:
        return parsed
    found = list(parsed.problems)
    kind = next(iter(parsed.body), "")
    if kind in KINDS:
        found.extend(check_shape(parsed.body, kind))
    else:
        found.append(_unknown_kind(parsed.body, file, kind))
    return Parsed(file, parsed.body, tuple(found))


def _unknown_kind(body: Map, file: File, first: str) -> Problem:
    wanted = kind_at(file.path)
    if wanted and wanted in body:
        return Problem(kinds.KIND_FIRST, body.marks[wanted].at_key(), {"kind": wanted})
    place = body.marks[first].at_key() if first else Place(file.name, 1, 1)
    values = {"kind": first, "kinds": ", ".join(KINDS)}
    return Problem(kinds.UNKNOWN_KIND, place, values, wanted or nearest(first, KINDS))


def collect(sets: Sequence[SourceSet], read: ReadFile = read_file) -> Collected:
    """Read every file of every set. Problems are collected, never raised."""
    found = Collected()
    for source in sets:
        parsed = [
            read(text, source.file(path))
            for path, text in source.files.items()
            if path.count("/") < 2
        ]
        space = _space(source, parsed)
        found.sets.append((source, space))
        _head_file(source, found)
        for each in parsed:
            found.problems.extend(each.problems)
            _declare(each, space, source, found)
    return found


def _space(source: SourceSet, parsed: Iterable[Parsed]) -> str:
    if source.layer == "platform":
        return "base"
    if source.layer == "tenant":
        return "x"
    if source.layer == "plugin":
        for each in parsed:
            if each.file.path == "plugin.yaml" and each.body is not None:
                return each.body.text("namespace", source.id.partition(".")[0])
        return source.id.partition(".")[0]
    return source.id


def _head_file(source: SourceSet, found: Collected) -> None:
    needed = {"module": "module.yaml", "plugin": "plugin.yaml"}.get(source.layer)
    if needed and needed not in source.files:
        values = {"folder": source.folder or source.id, "file": needed}
        found.problems.append(
            Problem(kinds.NO_HEAD_FILE, Place(source.folder or source.id), values)
        )


def _declare(parsed: Parsed, space: str, source: SourceSet, found: Collected) -> None:
    body = parsed.body
    kind = next(iter(body), "") if body else ""
    if body is None or kind not in KINDS:
        return
    id_ = body.text(kind)
    declared = Declared(kind, id_, body, parsed.file, space)
    wrong = _id_problem(declared, source)
    if wrong is not None:
        found.problems.append(wrong)
    if source.layer in ("platform", "module"):
        found.problems.extend(_shipped_names(body, ""))
    path = expected_path(kind, id_, body.text("kind", "entity"))
    if path != parsed.file.path:
        values = {"kind": kind, "id": id_, "path": path}
        found.problems.append(Problem(kinds.WRONG_PATH, declared.place, values))
    if kind == "extend":
        found.changes.append(declared)
    elif kind == "i18n":
        found.texts.append(declared)
    elif (kind, id_) in found.objects:
        values = {"kind": kind, "id": id_, "other": str(found.objects[kind, id_].file.name)}
        found.problems.append(Problem(kinds.DOUBLED_ID, declared.place, values))
    else:
        found.objects[kind, id_] = declared


def _shipped_names(body: Map, path: str) -> Iterator[Problem]:
    """Names with two underscores are kept for those who lay changes over what ships."""
    for section in _NAMED:
        for name, each, mark in body.map(section).walk():
            here = f"{path}{section}.{name}"
            if "__" in name:
                yield Problem(kinds.RESERVED_DOUBLE, mark.at_key(here), {"key": name})
            if section == "lines" and isinstance(each, Map):
                yield from _shipped_names(each, f"{here}.")


def _id_problem(declared: Declared, source: SourceSet) -> Problem | None:
    """Tell whether an id belongs to the layer that declares it."""
    kind, id_, space = declared.kind, declared.id, declared.space
    if kind in ("tenant", "extend", "i18n"):
        return None
    module, _, name = id_.partition(".")
    expected = source.id if kind in ("module", "plugin") else space
    belongs = id_ == expected if kind in ("module", "plugin") else module == expected
    if not belongs:
        values = {"id": id_, "owner": source.id, "prefix": expected}
        return Problem(kinds.FOREIGN_ID, declared.place, values)
    if "__" in name and source.layer in ("platform", "module"):
        return Problem(kinds.RESERVED_DOUBLE, declared.place, {"key": id_})
    return None
