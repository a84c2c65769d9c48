"""What a bare name means in each place (functions.md A.2), and the types behind a path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dougong.formulas.tree import Found, Root, Signature, Type

TEXT, BOOLEAN, WHOLE = Type("text"), Type("boolean"), Type("number", 0, 18)
DATETIME = Type("datetime")
SETS = Type("set")
RESERVED = frozenset({"this", "doc", "old", "user", "originator"})
"""Words that never mean a field; `doc.user` is the field of that name."""
RECORD_WORDS = frozenset({"old", "changed"})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The types of one entity's fields, or of one set of lines of it; `lines` are its own sets."""

    fields: Mapping[str, Type]
    lines: tuple[str, ...] = ()
    header: str = ""


@dataclass(slots=True)
class Known:
    """What every scope may look up: types by entity (`sales.order`) and lines (`sales.order.items`),
    functions, and the business keys of shipped data. `asked` collects the entities looked into.
    """

    shelves: dict[str, Shelf] = field(default_factory=dict)
    functions: dict[str, Signature] = field(default_factory=dict)
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def field(self, entity: str, name: str) -> Type | None:
        """Return the type of one field, `set` for a set of lines; None when there is none."""
        shelf = self.shelves.get(entity)
        if shelf is None:
            return None
        self.asked.add(shelf.header or entity)
        if name in shelf.lines:
            return SETS
        return shelf.fields.get(name)

    def alias(self, home: str, old: str, new: str) -> None:
        """Let a field be known under two names."""
        shelf = self.shelves.get(home)
        if shelf is not None:
            type_ = shelf.fields.get(old) or shelf.fields.get(new)
            if type_ is not None:
                fields = {**shelf.fields, old: type_, new: type_}
                self.shelves[home] = Shelf(fields, shelf.lines, shelf.header)

    def names(self, entity: str) -> Iterable[str]:
        """Return the names of fields and lines of an entity."""
        shelf = self.shelves.get(entity)
        return () if shelf is None else (*shelf.fields, *shelf.lines)


@dataclass(frozen=True, slots=True)
class Layer:
    """One place where a bare name may be found: the fields of `entity`, under a root."""

    root: Root
    entity: str


@dataclass(frozen=True, slots=True)
class RecordScope:
    """The scope of a record or line. `layers` are asked in order and the first that knows a name
    wins; `words` are the names that stand for a whole record (`doc`, `this`, `old`). `without` is
    the field being computed: its bare name means what lies behind it, so that `default: company`
    of a document's company is the company of the work, and of a line's currency the header's.
    """

    catalog: Known
    layers: tuple[Layer, ...]
    words: Mapping[str, Found] = field(default_factory=dict)
    allows: frozenset[str] = frozenset()
    arguments: Mapping[str, Type] = field(default_factory=dict)
    without: str = ""

    def computing(self, name: str) -> "RecordScope":
        """Return the scope in which field `name` of the first layer is computed."""
        return replace(self, without=name)

    def layer_of(self, name: str) -> int:
        """Return the number of the layer in which a bare name is found, -1 when in none."""
        for index, layer in enumerate(self.layers):
            if (index or name != self.without) and self.catalog.field(
                layer.entity, name
            ) is not None:
                return index
        return -1

    def find(self, name: str) -> Found | None:
        """Return what the bare name means here."""
        if name in self.words:
            return self.words[name]
        if name in RESERVED:
            return None
        if name in self.arguments:
            return Found("argument", self.arguments[name])
        index = self.layer_of(name)
        type_ = self.catalog.field(self.layers[index].entity, name) if index >= 0 else None
        if type_ is None:
            return None
        if type_.kind == "set":
            return Found("rows", type_, rows=name)
        return Found(self.layers[index].root, type_, hides=self._hidden(index, name))

    def _hidden(self, index: int, name: str) -> str:
        below = self.layers[index + 1 :]
        known = any(self.catalog.field(layer.entity, name) is not None for layer in below)
        return f"doc.{name}" if known else ""

    def step(self, type_: Type, name: str) -> Type | None:
        """Return the type of a field of the record that `type_` points to."""
        found = [self.catalog.field(entity, name) for entity in type_.to]
        if not found or None in found:
            return None
        return found[0] if all(each == found[0] for each in found) else None

    def rows(self, rows: str, name: str) -> Type | None:
        """Return the type of a field of a set of lines."""
        return self.catalog.field(self._lines(rows), name)

    def _lines(self, rows: str) -> str:
        for layer in reversed(self.layers):
            shelf = self.catalog.shelves.get(layer.entity)
            if shelf is not None and rows in shelf.lines:
                return f"{layer.entity}.{rows}"
        return ""

    def names(self, of: Type | None = None, rows: str = "") -> Iterable[str]:
        """Return every name there is at a place."""
        if of is not None:
            return [name for entity in of.to for name in self.catalog.names(entity)]
        if rows:
            return self.catalog.names(self._lines(rows))
        bare = [
            name
            for layer in self.layers
            for name in self.catalog.names(layer.entity)
            if name != self.without
        ]
        return [*self.words, *self.arguments, *bare]

    def signature(self, function: str) -> Signature | None:
        """Return a module's function by its full id."""
        return self.catalog.functions.get(function)

    def known(self, entity: str, key: str) -> bool | None:
        """Tell whether shipped data holds the record; None when no data file does for its entity."""
        keys = self.catalog.keys.get(entity)
        return None if keys is None else key in keys


def _link(entity: str) -> Type:
    return Type("link", to=(entity,))


def record_scope(known: Known, entity: str) -> RecordScope:
    """The header: formula, default, check, required, visible, edit, rules, action conditions."""
    words = {"doc": Found("record", _link(entity)), "old": Found("old", _link(entity))}
    return RecordScope(known, (Layer("record", entity),), words, RECORD_WORDS)


def line_scope(known: Known, entity: str, lines: str) -> RecordScope:
    """A line: the line's names, then the header's; `doc` is the header."""
    layers = (Layer("line", f"{entity}.{lines}"), Layer("header", entity))
    words = {"doc": Found("header", _link(entity)), "old": Found("old", _link(f"{entity}.{lines}"))}
    return RecordScope(known, layers, words, RECORD_WORDS)


def where_scope(known: Known, target: str, holder: str) -> RecordScope:
    """A link's `where`: the record linked to; `this` is the record or line that holds the link."""
    words = {"this": Found("this", _link(holder))}
    return RecordScope(known, (Layer("record", target),), words, frozenset({"this"}))


def rows_scope(known: Known, entity: str) -> RecordScope:
    """Rows of roles and guards, `where` of lists: the record that is filtered."""
    return RecordScope(known, (Layer("record", entity),))


def function_scope(known: Known, arguments: Mapping[str, Type]) -> RecordScope:
    """The formula of a function: its arguments."""
    return RecordScope(known, (), {}, frozenset(), arguments)
