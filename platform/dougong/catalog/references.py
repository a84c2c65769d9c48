"""Every place of a declaration that names something else, in one walk over each kind.

Names are resolved over it (`names.py`) and rewritten over it (`rename.py`), so what one knows the
other knows too. Formulas are not here: they carry their own references.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dougong.catalog.values import List, Map, Mark
from dougong.fields.types import FIELD_TYPES

_PLACEHOLDER = re.compile(r"\{(-?[a-z][a-z0-9_.]*)(?::[^}]*)?\}")

_SEARCHED = tuple(
    name for name, each in FIELD_TYPES.items() if each.kind == "text" and name != "password"
)
"""Types with words to be found by."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a file. `what` is what it names: a kind (`entity`, `role`, …), `field` (a path from
    `home`), `state`, `action`, `lines`, `level`, `part` (of `home`). `whole` is the scalar it stands
    in and `start` where in it; `is_key` when it is the key itself. `types` bounds a field's type.
    """

    what: str
    name: str
    mark: Mark
    path: str
    home: str = ""
    whole: str = ""
    start: int = 0
    is_key: bool = False
    types: tuple[str, ...] = ()


Walk = Iterator[Reference]


def references(kind: str, id_: str, body: Map) -> Walk:
    """Walk the references of a declaration."""
    walk = _WALKS.get(kind)
    if walk is not None:
        yield from walk(id_, body)


def _one(
    what: str, body: Map, key: str, path: str, home: str = "", types: tuple[str, ...] = ()
) -> Walk:
    """The text, or every text of the list, under a key."""
    for value, mark in body.list(key).walk():
        if isinstance(value, str):
            name = value.lstrip("-")
            start = len(value) - len(name)
            yield Reference(what, name, mark, f"{path}{key}", home, value, start, types=types)


def _text(body: Map, key: str, path: str, home: str) -> Walk:
    """The placeholders of a text, or of a text in each language."""
    value = body.get(key)
    if isinstance(value, Map):
        for language in value:
            yield from _text(value, language, f"{path}{key}.", home)
    elif isinstance(value, str):
        for found in _PLACEHOLDER.finditer(value):
            mark, where = body.marks[key], f"{path}{key}"
            yield Reference("field", found.group(1), mark, where, home, value, found.start(1))


def _fields(fields: Map, path: str, holder: str) -> Walk:
    for name, body in fields.items():
        if not isinstance(body, Map):
            continue
        here = f"{path}{name}."
        for each in _one("target", body, "to", here):
            if each.name != "self":
                yield each
        yield from _one("field", body, "by", here, holder, ("entity",))
        yield from _one("sequence", body, "sequence", here)
        yield from _one("function", body, "computed", here)
        options = body.map("options")
        if isinstance(options.get("from"), str):
            yield from _one("function", options, "from", f"{here}options.")
        yield from _fields(body.map("with"), f"{here}with.", holder)


def _record(id_: str, body: Map) -> Walk:
    yield from _fields(body.map("fields"), "fields.", id_)
    yield from _text(body, "title", "", id_)
    key = body.map("key")
    yield from (
        _one("header", key, "fields", "key.", id_) if key else _one("header", body, "key", "", id_)
    )
    yield from _one("field", body, "search", "", id_, _SEARCHED)
    yield from _one(
        "header", body, "translated", "", id_, ("text", "long_text", "rich_text", "markdown")
    )
    yield from _one("header", body, "picture", "", id_, ("image",))
    yield from _one("header", body, "timeline", "", id_, ("date", "datetime"))
    yield from _one("header", body, "tree", "", id_, ("link",))
    yield from _one("header", body, "group", "", id_, ("boolean",))
    yield from _one("function", body, "view", "")
    for name, lines in body.map("lines").items():
        if isinstance(lines, Map):
            here = f"lines.{name}."
            yield from _fields(lines.map("fields"), f"{here}fields.", f"{id_}.{name}")
            yield from _rules(lines, here, f"{id_}.{name}")
    for name in body.map("levels"):
        yield from _one("field", body.map("levels"), name, "levels.", id_)
    for name in body.map("indexes"):
        index = body.map("indexes").map(name)
        inner, key_ = (index, "fields") if index else (body.map("indexes"), name)
        yield from _one("header", inner, key_, "indexes.", id_)
    yield from _rules(body, "", id_)
    yield from _life(id_, body)


def _rules(body: Map, path: str, home: str) -> Walk:
    for name, rule in body.map("rules").items():
        if isinstance(rule, Map):
            yield from _text(rule, "say", f"{path}rules.{name}.", home)


def _life(id_: str, body: Map) -> Walk:
    for name, state in body.map("states").items():
        if isinstance(state, Map) and isinstance(state.get("edit"), List):
            yield from _one("field", state, "edit", f"states.{name}.", id_)
    for name, action in body.map("actions").items():
        if isinstance(action, Map):
            here = f"actions.{name}."
            yield from _one("state", action, "from", here, id_)
            yield from _one("state", action, "to", here, id_)
            yield from _one("header", action, "issue", here, id_)
            yield from _text(action, "confirm", here, id_)


def _form(id_: str, body: Map) -> Walk:
    home = body.text("entity") or body.text("aspect")
    yield from _one("record", body, "entity", "")
    yield from _one("aspect", body, "aspect", "")
    yield from _one("field", body, "head", "", home)
    yield from _one("header", body, "quick", "", home)
    for name, part in body.map("parts").items():
        if isinstance(part, Map):
            here = f"parts.{name}."
            yield from _nested(part, here, home)
            yield from _one("lines", part, "grid", here, home)
            lines = f"{home}.{part.text('grid')}"
            yield from _one("field", part, "columns", here, lines)
            yield from _one("field", part, "sum", here, lines)
            yield from _one("form", part, "detail", here)
    for name, tab in body.map("tabs").items():
        if isinstance(tab, Map):
            yield from _one("part", tab, "parts", f"tabs.{name}.", id_)
    phone = body.map("phone")
    yield from _one("field", phone, "head", "phone.", home)
    yield from _one("part", phone, "parts", "phone.", id_)
    for name, extra in body.map("extras").items():
        if isinstance(extra, Map):
            yield from _one("action", extra, "action", f"extras.{name}.", home)
            if extra.text("after") not in body.map("parts"):
                yield from _one("field", extra, "after", f"extras.{name}.", home)
    for name, related in body.map("related").items():
        if isinstance(related, Map):
            yield from _one("list", related, "list", f"related.{name}.")
            yield from _one(
                "by_list",
                related,
                "by",
                f"related.{name}.",
                related.text("list"),
                ("link", "links"),
            )


def _nested(part: Map, path: str, home: str) -> Walk:
    for value, mark in part.list("fields").walk():
        for name, at in value.walk() if isinstance(value, List) else ((value, mark),):
            yield Reference("field", str(name), at, f"{path}fields", home, str(name))


def _list(id_: str, body: Map) -> Walk:
    home = body.text("entity")
    yield from _one("record", body, "entity", "")
    for key in ("columns", "sort", "filters", "sum"):
        yield from _one("field", body, key, "", home)
    yield from _one("field", body, "search", "", home, _SEARCHED)
    yield from _one("header", body, "edit", "", home)
    yield from _one("bulk", body, "bulk", "", home)
    for name, view in body.map("views").items():
        if isinstance(view, Map):
            yield from _one("field", view, "sort", f"views.{name}.", home)
            yield from _one("field", view, "columns", f"views.{name}.", home)
    for name, board in body.map("boards").items():
        if isinstance(board, Map):
            yield from _one("header", board, "by", f"boards.{name}.", home, ("choice", "link"))
            yield from _one("field", board, "card", f"boards.{name}.", home)


def _role(id_: str, body: Map) -> Walk:
    yield from _one("role", body, "includes", "")
    for entity, grant, mark in body.map("grants").walk():
        yield Reference("record", entity, mark, "grants", whole=entity, is_key=True)
        if not isinstance(grant, Map):
            continue
        here = f"grants.{entity}."
        for right in grant:
            if right not in ("act", "levels"):
                yield from _one("field", grant.map(right), "fields", f"{here}{right}.", entity)
        yield from _one("field", grant, "hide", here, entity)
        yield from _one("field", grant, "read_only", here, entity)
        acts = grant.map("act")
        listed = (
            _one("action", acts, "actions", f"{here}act.", entity)
            if acts
            else _one("action", grant, "act", here, entity)
        )
        yield from (each for each in listed if each.name != "*")
        for level, _, spot in grant.map("levels").walk():
            yield Reference("level", level, spot, f"{here}levels", entity, level, is_key=True)


def _guard(id_: str, body: Map) -> Walk:
    yield from _one("entity", body, "entities", "")
    yield from _one("role", body, "except", "")


def _sequence(id_: str, body: Map) -> Walk:
    yield from _one("entity", body, "entity", "")
    home = body.text("entity") or f"sequence {id_}"
    for each in _text(body, "pattern", "", home):
        if each.name != "n":
            yield each


def _function(id_: str, body: Map) -> Walk:
    for name, argument in body.map("args").items():
        if isinstance(argument, Map):
            yield from _one("target", argument, "to", f"args.{name}.")
    yield from _one("target", body.map("gives"), "to", "gives.")
    yield from _one("entity", body, "reads", "")


def _data(id_: str, body: Map) -> Walk:
    home = body.text("entity")
    yield from _one("entity", body, "entity", "")
    yield from _one("header", body, "key", "", home)
    for key, row in body.map("rows").items():
        if isinstance(row, Map):
            yield from _keys(row, f"rows.{key}", home)


def _keys(row: Map, path: str, home: str) -> Walk:
    for name, value, mark in row.walk():
        yield Reference("field", name, mark, path, home, name, is_key=True)
        if isinstance(value, List):
            for index, each in enumerate(value):
                if isinstance(each, Map):
                    yield from _keys(each, f"{path}.{name}.{index}", f"{home}.{name}")


def _import(id_: str, body: Map) -> Walk:
    home = body.text("entity")
    yield from _one("entity", body, "entity", "")
    yield from _one("field", body, "key", "", home)
    yield from _columns(body.map("map"), "map", home)
    for name, lines, mark in body.map("lines").walk():
        yield Reference("lines", name, mark, "lines", home, name, is_key=True)
        if isinstance(lines, Map):
            yield from _columns(lines.map("map"), f"lines.{name}.map", f"{home}.{name}")


def _columns(columns: Map, path: str, home: str) -> Walk:
    for name, column, mark in columns.walk():
        yield Reference("field", name, mark, path, home, name, is_key=True)
        if isinstance(column, Map):
            yield from _one("by_link", column, "by", f"{path}.{name}.", f"{home}:{name}")


def _menu(id_: str, body: Map) -> Walk:
    for name, item in body.map("items").items():
        if isinstance(item, Map):
            for key in ("list", "form", "setting"):
                yield from _one(key, item, key, f"items.{name}.")
            yield from _menu(id_, item)


def _aspect(id_: str, body: Map) -> Walk:
    for name, argument in body.map("reads").items():
        if isinstance(argument, Map):
            yield from _one("target", argument, "to", f"reads.{name}.")


def scenario_references(body: Map) -> Walk:
    """Walk the fields that a test names: records by `entity name`, later by their name alone."""
    homes: dict[str, str] = {}
    yield from _scenario(body, homes)


def _scenario(body: Map, homes: dict[str, str]) -> Walk:
    for key in ("given", "make"):
        for name, row in body.map(key).items():
            entity, _, called = name.partition(" ")
            homes[called or entity] = entity
            if isinstance(row, Map):
                yield from _keys(row, key, entity)
    for key in ("expect", "change"):
        for name, row in body.map(key).items():
            if isinstance(row, Map) and name in homes:
                yield from _keys(row, key, homes[name])
    for key in ("hidden", "visible"):
        if body.text("read") in homes:
            yield from _one("field", body, key, "", homes[body.text("read")])
    for key in ("cases", "steps"):
        for inner in body.map(key).values():
            if isinstance(inner, Map):
                yield from _scenario(inner, homes)


_WALKS: Mapping[str, Callable[[str, Map], Walk]] = {
    "entity": _record, "setting": _record, "aspect": _aspect, "form": _form, "list": _list,
    "role": _role, "guard": _guard, "sequence": _sequence, "function": _function, "data": _data,
    "import": _import, "menu": _menu,
}  # fmt: skip
