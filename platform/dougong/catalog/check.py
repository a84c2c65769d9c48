"""Checks sources without making a catalog, and remembers what it found: `dougong check`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dougong.catalog.assemble import Key, Line
from dougong.catalog.cache import Cache, digest_of, open_cache
from dougong.catalog.collect import Declared, read_file
from dougong.catalog.fingerprint import outside
from dougong.catalog.formula_reader import FormulaReader
from dougong.catalog.merged import RECORDS
from dougong.catalog.override import Override
from dougong.catalog.paused import collector_paused
from dougong.catalog.source import SourceSet
from dougong.foundation.errors import Problem

REMEMBERED = frozenset({"entity", "setting", "form", "list", "role"})
"""Kinds of which there are many; their problems are remembered one by one."""
_ALONE = ("entities/", "settings/", "forms/", "lists/", "roles/", "tests/", "menu.yaml", "menus/")
"""Files that reach into no object but their own."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: every problem, and what became of every changed property."""

    problems: tuple[Problem, ...]
    overrides: tuple[Override, ...]
    files: int


def check(sets: Sequence[SourceSet], folder: Path | None = None) -> Checked:
    """Check the sets, laid in the order given; `folder` keeps what was found for the next time."""
    with collector_paused():
        kept = open_cache(folder) if folder is not None else None
        line = Line(sets, read=kept.read_file if kept else read_file)
        if kept is None:
            for key in line.merged.objects:
                line.problems.extend(_look_at(line, key))
        else:
            _look_at_changed(line, kept, sets)
            kept.save()
        files = sum(len(each.files) for each in sets)
        return Checked(line.sorted_problems(), tuple(line.merged.overrides), files)


def _look_at(line: Line, key: Key) -> list[Problem]:
    """Read one object and hold it to the others."""
    reader = FormulaReader(line.known)
    line.read(key, {}, reader)
    return [*reader.problems, *line.hold.names(key)]


def _look_at_changed(line: Line, kept: Cache, sets: Sequence[SourceSet]) -> None:
    """Look at each object that has changed, or that leads to one that has."""
    outsides = {id_: outside(body) for id_, body in line.merged.bodies(*RECORDS).items()}
    wide = _wide(sets, line.merged.objects)
    texts = {source.file(path): text for source in sets for path, text in source.files.items()}
    for key, declared in line.merged.objects.items():
        if key[0] not in REMEMBERED:
            line.problems.extend(_look_at(line, key))
            continue
        name = digest_of(*key, wide, declared.file.name, texts.get(declared.file, ""))
        found = kept.problems(name, outsides)
        if found is None:
            line.known.asked = set()
            found = _look_at(line, key)
            asked = {id_: outsides[id_] for id_ in line.known.asked if id_ in outsides}
            kept.keep(name, asked, found)
        line.problems.extend(found)


def _wide(sets: Sequence[SourceSet], objects: Mapping[Key, Declared]) -> str:
    """Return the digest of everything that reaches into every object."""
    texts = [
        f"{source.layer} {source.id} {path}\n{text}"
        for source in sets
        for path, text in sorted(source.files.items())
        if not path.startswith(_ALONE)
    ]
    return digest_of(*texts, *(f"{kind} {id_}" for kind, id_ in sorted(objects)))
