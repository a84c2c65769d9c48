"""What a declaration takes from elsewhere: aspects by `use:`, dictionary words by `like:`, `self`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dougong.catalog import problems as kinds
from dougong.catalog.collect import Declared
from dougong.catalog.merge import joined, lay, put_at
from dougong.catalog.nearest import nearest
from dougong.catalog.values import List, Map, Mark
from dougong.foundation.errors import Problem

_HEAD = ("aspect", "label", "reads", "opens", "use")


@dataclass(slots=True)
class Shelves:
    """Aspects, already merged with those they use, and the words of the dictionary by full id."""

    aspects: Mapping[str, Declared]
    words: Mapping[str, Map]
    problems: list[Problem] = field(default_factory=list)
    merged: dict[str, Map] = field(default_factory=dict)
    used: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def aspect(self, id_: str, mark: Mark) -> Map | None:
        """Return an aspect merged with what it uses itself; notes a problem when there is none."""
        if id_ in self.merged:
            return self.merged[id_]
        declared = self.aspects.get(id_)
        if declared is None:
            self._unknown("aspect", id_, mark, self.aspects)
            return None
        if id_ in self._open:
            circle = " → ".join([*self._open[self._open.index(id_) :], id_])
            self.problems.append(Problem(kinds.CIRCLE, mark.at_value(), {"circle": circle}))
            return None
        self._open.append(id_)
        self.merged[id_] = self.expand(declared.body, id_)
        self._open.pop()
        return self.merged[id_]

    def expand(self, body: Map, id_: str) -> Map:
        """Return a header with its aspects, lines and dictionary words written out."""
        base = Map(body.mark)
        used: list[str] = []
        for name, mark in body.named("use"):
            aspect = self.aspect(name, mark)
            if aspect is not None:
                used.extend((name, *self.used.get(name, ())))
                base = lay(base, aspect.without(*_HEAD))
        self.used[id_] = tuple(dict.fromkeys(used))
        return self._words(lay(base, body) if base else body)

    def expand_added(self, before: Map, body: Map) -> Map:
        """Return a body whose changes have been written out too: new fields, new lines."""
        made = (
            _replaced(body, "fields", self._fields(body.map("fields")))
            if "fields" in body
            else body
        )
        lines = body.map("lines")
        for name, each, mark in list(lines.walk()):
            if not isinstance(each, Map):
                continue
            whole = each if name in before.map("lines") else self._line_set(each)
            if isinstance(whole.get("fields"), Map):
                whole = _replaced(whole, "fields", self._fields(whole.map("fields")))
            if whole is not each:
                lines = lines.copied()
                lines.put(name, whole, mark)
        return _replaced(made, "lines", lines) if "lines" in body else made

    def _words(self, body: Map) -> Map:
        """Write out the dictionary words of the fields, and the aspects of the lines."""
        made = body
        if "fields" in body and isinstance(body["fields"], Map):
            made = _replaced(made, "fields", self._fields(body.map("fields")))
        if "lines" in body:
            lines = body.map("lines")
            for name, each, mark in list(lines.walk()):
                if isinstance(each, Map):
                    whole = self._line_set(each)
                    if whole is not each:
                        lines = lines.copied()
                        lines.put(name, whole, mark)
            made = _replaced(made, "lines", lines)
        return made

    def _line_set(self, lines: Map) -> Map:
        base = Map(lines.mark)
        for name, mark in lines.named("use"):
            aspect = self.aspect(name, mark)
            if aspect is not None:
                base = lay(base, aspect.without(*_HEAD, "tree", "root", "group"))
        whole = lay(base, lines) if base else lines
        if isinstance(whole.get("fields"), Map):
            whole = _replaced(whole, "fields", self._fields(whole.map("fields")))
        return whole

    def _fields(self, fields: Map) -> Map:
        made = fields
        for name, each, mark in fields.walk():
            if isinstance(each, Map) and "like" in each:
                word = self.words.get(each.text("like"))
                if word is None:
                    self._unknown("word", each.text("like"), each.marks["like"], self.words)
                    continue
                if made is fields:
                    made = fields.copied()
                made.put(name, lay(word, each.without("like")), mark)
        return made

    def _unknown(self, what: str, name: str, mark: Mark, known: Mapping[str, object]) -> None:
        values = {"what": kinds.WHAT[what], "name": name}
        problem = Problem(kinds.UNKNOWN_REFERENCE, mark.at_value(), values, nearest(name, known))
        self.problems.append(problem)


def _replaced(body: Map, key: str, value: Map) -> Map:
    if body.get(key) is value:
        return body
    made = body.copied()
    made.put(key, value, body.marks.get(key, body.mark))
    return made


def dictionary(declared: Mapping[str, Declared]) -> tuple[dict[str, Map], list[Problem]]:
    """Return the words of all dictionaries by full id (`base.phone`)."""
    words: dict[str, Map] = {}
    wrong: list[Problem] = []
    for each in declared.values():
        for name, word, mark in each.body.map("words").walk():
            id_ = f"{each.space}.{name}"
            if id_ in words:
                values = {"kind": "word", "id": id_, "other": words[id_].mark.file.name}
                wrong.append(Problem(kinds.DOUBLED_ID, mark.at_key(), values))
            elif isinstance(word, Map):
                words[id_] = word
    return words, wrong


def with_uses(declared: Declared, changes: Iterable[Declared]) -> Declared:
    """Return the declaration with the aspects that changes add to it."""
    body = declared.body
    for change in changes:
        if "use" in change.body:
            used = joined(body.list("use"), change.body.list("use"), List())
            body = put_at(body, ["use"], used, change.body.marks["use"])
    return declared if body is declared.body else replace(declared, body=body)


def written_out(declared: Declared, shelves: Shelves) -> Declared:
    """Return an entity, setting or aspect with everything it uses, and `self` as its own id."""
    body = _with_company(shelves.expand(declared.body, declared.id), declared.kind)
    return replace(declared, body=name_self(body, declared.id))


def _with_company(body: Map, kind: str) -> Map:
    """Give the settings of a company the field that says whose they are."""
    fields = body.map("fields")
    if kind != "setting" or body.text("per") != "company" or "company" in fields:
        return body
    mark = body.marks["per"]
    label, company, whole = Map(mark), Map(mark), Map(mark)
    label.put("zh", "核算组织", mark)
    label.put("en", "Company", mark)
    for key, value in (
        ("type", "link"), ("to", "base.company"), ("label", label), ("required", True),
        ("default", "company"), ("edit", "once"), ("unique", True),
    ):  # fmt: skip
        company.put(key, value, mark)
    whole.put("company", company, mark)
    return _replaced(body, "fields", lay(whole, fields))


def name_self(body: Map, id_: str) -> Map:
    """Write the entity's own id where a link says `self`."""
    made = body
    if _says_self(body.map("fields")):
        made = _replaced(made, "fields", _named(body.map("fields"), id_))
    lines = body.map("lines")
    for name, each, mark in list(lines.walk()):
        if isinstance(each, Map) and _says_self(each.map("fields")):
            lines = lines.copied()
            lines.put(name, _replaced(each, "fields", _named(each.map("fields"), id_)), mark)
            made = _replaced(made, "lines", lines)
    return made


def _says_self(fields: Map) -> bool:
    return any(isinstance(each, Map) and "self" in each.list("to") for each in fields.values())


def _named(fields: Map, id_: str) -> Map:
    made = fields.copied()
    for name, each, mark in fields.walk():
        if isinstance(each, Map) and "self" in each.list("to"):
            targets = List(each.marks["to"])
            for target, at in each.list("to").walk():
                targets.add(id_ if target == "self" else target, at)
            field_ = each.copied()
            field_.put("to", targets, each.marks["to"])
            made.put(name, field_, mark)
    return made
