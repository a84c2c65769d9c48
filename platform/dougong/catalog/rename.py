"""Rewrites every reference to a field that has a new name, in the files that hold it.

The text of a file changes only where the name stands; comments, order and quotes stay. Files are
found through the same walk that resolves names, and formulas through their trees.
"""

import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml
from yaml._yaml import CParser

from dougong.catalog.assemble import Assembled, assemble_with
from dougong.catalog.canonical import is_plain
from dougong.catalog.collect import Declared, collect
from dougong.catalog.formula_reader import Written
from dougong.catalog.merged import RECORDS, Merged, merge
from dougong.catalog.names import follow
from dougong.catalog.references import Reference, references, scenario_references
from dougong.catalog.scope import RESERVED, Known, RecordScope
from dougong.catalog.source import SourceSet
from dougong.catalog.values import File, List, Map, Mark, text_of
from dougong.formulas import tree
from dougong.formulas.parse import FormulaError, parse

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
Spot = tuple[str, int, int]
"""A scalar: its file, line and column."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A file with its new text."""

    file: File
    text: str


@dataclass(slots=True)
class _Edits:
    """Replacements inside scalars: where in the scalar the old name begins."""

    old: str
    new: str
    homes: frozenset[str]
    found: dict[Spot, dict[int, str]] = field(default_factory=dict)

    def add(self, file: File, line: int, column: int, start: int) -> None:
        """Note that the old name stands at `start` of the scalar that begins there."""
        self.found.setdefault((file.name, line, column), {})[start] = self.new


def rewrite(sets: Sequence[SourceSet], home: str, old: str, new: str) -> tuple[Changed, ...]:
    """Return the files that change when field `old` of `home` is called `new`.

    `home` is an entity (`sales.order`), a set of lines (`sales.order.items`) or an aspect, whose
    users follow. The field may be declared under either name; under the old one, its declaration is
    rewritten too and keeps `renamed: old`.
    """
    found = collect(sets)
    homes = _homes(merge(found), home, (old, new))
    assembled, known = assemble_with(sets, aliases=dict.fromkeys(homes, (old, new)))
    edits = _Edits(old, new, homes)
    for (kind, id_), declared in assembled.origins.items():
        head = declared.body.marks.get(kind)
        for each in references(kind, id_, declared.body):
            if each.mark != head:  # a form or list nobody wrote has no text to change
                _reference(each, known, edits, assembled)
        if kind == "test":
            for each in scenario_references(declared.body):
                _reference(each, known, edits, assembled)
    shared = {
        each.file
        for (kind, _), each in assembled.origins.items()
        if kind == "guard" and "has" in each.body
    }
    for written in assembled.written:
        if written.mark.file not in shared:  # it speaks of every entity that has the field
            _formula(written, known, edits)
    for each_home in sorted(homes):
        for change in found.changes:
            _change(change, each_home, known, edits, assembled.written)
        for texts in found.texts:
            _texts(texts, each_home, edits)
    declared_at = _declaration(found.objects, found.changes, home, edits)
    return tuple(_files(sets, edits, declared_at))


def _homes(merged: Merged, home: str, names: tuple[str, str]) -> frozenset[str]:
    """Return the home, and for an aspect's field every entity and set of lines that has it."""
    aspect = merged.objects.get(("aspect", home))
    if aspect is None:
        return frozenset({home})
    declared = aspect.body.map("fields")
    marks = [declared.marks[name] for name in names if name in declared]
    found = {home}
    for id_, body in merged.bodies(*RECORDS).items():
        lines = {f"{id_}.{name}": body.map("lines").map(name) for name in body.map("lines")}
        for each, holder in {id_: body, **lines}.items():
            fields = holder.map("fields")
            if any(name in fields and fields.marks[name] in marks for name in names):
                found.add(each)
    return frozenset(found)


def _reference(each: Reference, known: Known, edits: _Edits, assembled: Assembled) -> None:
    if each.what not in ("field", "header", "by_list", "by_link"):
        return
    start_home = _home(each, known, assembled)
    way = follow(known, start_home, each.name)
    if way.wrong and not way.steps and start_home in known.shelves:
        header = known.shelves[start_home].header
        way = follow(known, header, each.name) if header else way
    at = each.start
    names = each.name.split(".")
    for (shelf, name), text in zip(way.steps, names, strict=False):
        if shelf in edits.homes and name == edits.old:
            mark = each.mark
            line, column = (
                (mark.key_line, mark.key_column) if each.is_key else (mark.line, mark.column)
            )
            edits.add(mark.file, line, column, at)
        at += len(text) + 1


def _home(each: Reference, known: Known, assembled: Assembled) -> str:
    if each.what == "by_list":
        listed = assembled.origins.get(("list", each.home))
        return listed.body.text("entity") if listed else ""
    if each.what == "by_link":
        entity, _, name = each.home.rpartition(":")
        type_ = known.field(entity, name)
        return type_.to[0] if type_ is not None and type_.to else ""
    if each.home.startswith("sequence "):
        id_ = each.home.removeprefix("sequence ")
        for (kind, entity), declared in assembled.origins.items():
            fields = declared.body.map("fields").values() if kind == "entity" else ()
            if any(isinstance(body, Map) and id_ in body.list("sequence") for body in fields):
                return entity
    return each.home


# --- formulas -----------------------------------------------------------------------------------


def _formula(written: Written, known: Known, edits: _Edits) -> None:
    mark = written.mark
    for start in _in_formula(written.text, written.scope, known, edits):
        edits.add(mark.file, mark.line, mark.column, start)


def _in_formula(text: str, scope: RecordScope, known: Known, edits: _Edits) -> Iterator[int]:
    """Walk where in a formula the field is named."""
    try:
        root = parse(text)
    except FormulaError:
        return
    for path in _paths(root):
        at = path.at
        for name, shelf in zip(path.names, _shelves(path.names, scope, known), strict=False):
            at = text.index(name, at)
            if shelf in edits.homes and name == edits.old:
                yield at
            at += len(name)


def _paths(node: Any) -> Iterator[tree.Path]:
    if isinstance(node, tree.Path):
        yield node
    elif isinstance(node, tree.Node):
        for each in dataclasses.fields(node):
            yield from _paths(getattr(node, each.name))
    elif isinstance(node, tuple):
        for each in node:
            yield from _paths(each)


def _shelves(names: tuple[str, ...], scope: RecordScope, known: Known) -> Iterator[str]:
    """Walk the entity or lines that each name of a path belongs to; "" for what is no field."""
    first = scope.find(names[0])
    here = ""
    if names[0] in scope.words or names[0] in scope.arguments:
        yield ""
        type_ = first.type if first else None
    else:
        index = scope.layer_of(names[0]) if names[0] not in RESERVED else -1
        here = scope.layers[index].entity if index >= 0 else ""
        yield here
        type_ = known.field(here, names[0])
        if not here and names[0] in ("user", "company"):
            type_ = tree.Type("link", to=(f"base.{names[0]}",))
    for before, name in pairwise(names):
        if type_ is None:
            return
        if type_.kind == "set":
            here = f"{here or (type_.to[0] if type_.to else '')}.{before}"
        else:
            here = type_.to[0] if len(type_.to) == 1 else ""
        yield here
        type_ = known.field(here, name)


# --- changes and texts --------------------------------------------------------------------------


def _change(
    change: Declared, home: str, known: Known, edits: _Edits, written: Sequence[Written]
) -> None:
    """The paths and the replaced values of an overlay."""
    body, file = change.body, change.file
    prefix = _prefix(change.id, home)
    for path, wanted, mark in body.map("set").walk():
        if prefix and f"{path}.".startswith(f"{prefix}{edits.old}."):
            edits.add(file, mark.key_line, mark.key_column, len(prefix))
        if isinstance(wanted, Map) and "was" in wanted:
            _was(wanted, edits, known, written)
    for opened, mark in body.list("opens").walk():
        if prefix and f"{opened}.".startswith(f"{prefix}{edits.old}."):
            edits.add(file, mark.line, mark.column, len(prefix))
    for _, wanted, _ in body.map("place").walk():
        if isinstance(wanted, Map) and home.startswith(change.id):
            for key in ("after", "before"):
                if wanted.text(key) == edits.old:
                    mark = wanted.marks[key]
                    edits.add(file, mark.line, mark.column, 0)


def _prefix(id_: str, home: str) -> str:
    """Return what stands before the field's name in a path of an overlay of `id_`."""
    if home == id_:
        return "fields."
    return f"lines.{home.removeprefix(f'{id_}.')}.fields." if home.startswith(f"{id_}.") else ""


def _was(wanted: Map, edits: _Edits, known: Known, written: Sequence[Written]) -> None:
    """A replaced formula, read where its successor stands; a replaced list of names."""
    mark, to = wanted.marks["was"], wanted.marks.get("to")
    was = wanted["was"]
    if isinstance(was, List):
        for name, spot in was.walk():
            if name == edits.old:
                edits.add(spot.file, spot.line, spot.column, 0)
        return
    scope = next((each.scope for each in written if each.mark == to), None)
    if scope is not None and not isinstance(was, Map):
        for start in _in_formula(text_of(was), scope, known, edits):
            edits.add(mark.file, mark.line, mark.column, start)


def _texts(declared: Declared, home: str, edits: _Edits) -> None:
    """The paths of translated texts."""
    parts = home.split(".")
    inner = (
        f"{parts[0]}.{parts[1]}." + (f"lines.{parts[2]}." if len(parts) == 3 else "") + "fields."
    )
    own = inner.removeprefix(f"{declared.space}.")
    for path, _, mark in declared.body.map("texts").walk():
        for prefix in (inner, own):
            if f"{path}.".startswith(f"{prefix}{edits.old}."):
                edits.add(declared.file, mark.key_line, mark.key_column, len(prefix))
                break


def _declaration(
    objects: dict[tuple[str, str], Declared], changes: list[Declared], home: str, edits: _Edits
) -> Map | None:
    """The map under which the field is declared, while that is still by the old name."""
    parts = home.split(".")
    id_, lines = ".".join(parts[:2]), parts[2:]
    named = [
        objects[kind, id_] for kind in ("entity", "setting", "aspect") if (kind, id_) in objects
    ]
    for declared in (*named, *(each for each in changes if each.id == id_)):
        body = declared.body.map("lines").map(lines[0]) if lines else declared.body
        fields = body.map("fields")
        if edits.old in fields:
            mark = fields.marks[edits.old]
            edits.add(mark.file, mark.key_line, mark.key_column, 0)
            return fields.map(edits.old)
    return None


# --- writing ------------------------------------------------------------------------------------


def _files(sets: Sequence[SourceSet], edits: _Edits, declared: Map | None) -> Iterator[Changed]:
    for source in sets:
        for path, text in source.files.items():
            file = source.file(path)
            wanted = {
                (line, column): starts
                for (name, line, column), starts in edits.found.items()
                if name == file.name
            }
            if wanted:
                here = declared if declared is not None and declared.mark.file == file else None
                yield Changed(file, _rewritten(text, wanted, edits, here))


def _rewritten(
    text: str, wanted: dict[tuple[int, int], dict[int, str]], edits: _Edits, declared: Map | None
) -> str:
    """Replace scalars from the end of the text to its beginning, so that places stay right."""
    pieces: list[tuple[int, int, str]] = []
    for event in _scalars(text):
        mark = event.start_mark
        quoted = event.style in ("'", '"')
        starts = wanted.get((mark.line + 1, mark.column + 1)) or wanted.get(
            (mark.line + 1, mark.column + 1 + quoted)
        )
        if starts:
            value = event.value
            for start in sorted(starts, reverse=True):
                value = value[:start] + starts[start] + value[start + len(edits.old) :]
            pieces.append(
                (mark.index, event.end_mark.index, _scalar(value, quoted=not event.implicit[0]))
            )
    if declared is not None:
        pieces.append(_renamed(text, declared, edits))
    for start, end, value in sorted(pieces, reverse=True):
        text = text[:start] + value + text[end:]
    return text


def _scalars(text: str) -> Iterator[Any]:
    parser = CParser(text)
    while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
        if isinstance(event, yaml.ScalarEvent):
            yield event


def _scalar(value: str, *, quoted: bool) -> str:
    if not quoted and is_plain(value, flow=True):
        return value
    return json.dumps(value, ensure_ascii=False)


def _renamed(text: str, declared: Map, edits: _Edits) -> tuple[int, int, str]:
    """The replacement that adds the old name to the earlier names of the field.

    A field that takes an earlier name again drops it from them.
    """
    earlier = [*(name for name in declared.texts("renamed") if name != edits.new), edits.old]
    said = earlier[0] if len(earlier) == 1 else f"[{', '.join(earlier)}]"
    if "renamed" in declared:
        start, end = _span(text, declared.marks["renamed"])
        return start, end, said
    mark = declared.mark
    index = _index(text, mark.line, mark.column)
    if text[index] == "{":
        return index + 1, index + 1, f"renamed: {said}, "
    return index, index, f"renamed: {said}\n{' ' * (mark.column - 1)}"


def _index(text: str, line: int, column: int) -> int:
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1


def _span(text: str, mark: Mark) -> tuple[int, int]:
    """Where the value at a mark begins and ends in the text, its quotes or brackets included."""
    wanted, depth, start = (mark.line - 1, mark.column - 1), 0, -1
    parser: Any = CParser(text)
    while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
        at = event.start_mark
        quoted = isinstance(event, yaml.ScalarEvent) and event.style in ("'", '"')
        if start < 0 and (at.line, at.column + quoted) == wanted:
            start = at.index
        if start >= 0:
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return start, event.end_mark.index
    raise LookupError(f"no value at {mark}")
