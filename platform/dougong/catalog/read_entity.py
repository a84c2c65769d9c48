"""One merged entity or setting to a frozen Entity."""

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from dougong.catalog import problems as kinds
from dougong.catalog.circles import circles
from dougong.catalog.collect import Declared
from dougong.catalog.entity import Action, Entity, Field, Index, Lines, Option, Rule, State, Tree
from dougong.catalog.formula_reader import FormulaReader
from dougong.catalog.read_field import Spot, origin_of, read_field, state_field
from dougong.catalog.scope import RecordScope, line_scope, record_scope
from dougong.catalog.shapes import USER, label_of
from dougong.catalog.values import Map, Mark
from dougong.fields.field_type import Shape
from dougong.foundation.errors import Problem
from dougong.foundation.translate import Label

NOT_FIELDS = frozenset(
    {"id", "entity", "state", "created", "created_by", "changed", "changed_by", "version"}
)
NOT_IN_LINES = frozenset({"id", "parent", "position"})
POSTGRES_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
"""Columns that PostgreSQL adds to every table of its own."""
LONGEST = 63
"""Bytes of a table's name."""
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_.]*)(?::[^}]*)?\}")
_STATE = Label.of({"zh": "状态", "en": "State"})


def _system(name: str, shape: Shape, zh: str, en: str) -> Field:
    label = Label.of({"zh": zh, "en": en})
    return Field(
        name,
        shape,
        label,
        column=name,
        edit=False,
        copied=False,
        system=True,
        origin="platform:base",
    )


SYSTEM_FIELDS = {
    each.name: each
    for each in (
        _system("id", Shape("integer"), "内部编号", "Id"),
        _system("version", Shape("integer"), "版本", "Version"),
        _system("created", Shape("datetime"), "创建时间", "Created"),
        _system("created_by", Shape("link", targets=(USER,)), "创建人", "Created by"),
        _system("changed", Shape("datetime"), "修改时间", "Changed"),
        _system("changed_by", Shape("link", targets=(USER,)), "修改人", "Changed by"),
    )
}
"""What every header table has."""


def placeholders(text: str) -> tuple[str, ...]:
    """Return the paths in a text such as `{number} {customer.name}`."""
    return tuple(_PLACEHOLDER.findall(text))


def table_of(id_: str, kind: str = "entity") -> str:
    """Return the table of an entity: `sales.order` is `sales_order`."""
    name = id_.replace(".", "_")
    return _fitted(f"{name}__setting" if kind == "setting" else name)


def tables_of(declared: Declared) -> list[str]:
    """Return every table of a merged entity: its own and those of its lines."""
    table = table_of(declared.id, declared.kind)
    return [table, *(_fitted(f"{table}__{name}") for name in declared.body.map("lines"))]


def _fitted(name: str) -> str:
    """Fit a table's name into the 63 bytes that PostgreSQL allows, still unlike any other."""
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def read_entity(declared: Declared, used: tuple[str, ...], reader: FormulaReader) -> Entity:
    """Read an entity whose aspects and changes have been laid together."""
    body, id_, kind = declared.body, declared.id, declared.kind
    scope = record_scope(reader.known, id_)
    table = table_of(id_, kind)
    fields = _header(declared, scope, reader)
    key = body.map("key").texts("fields") if isinstance(body.get("key"), Map) else body.texts("key")
    lines = _lines(declared, table, reader)
    made = Entity(
        id=id_,
        module=declared.space,
        label=label_of(body.get("label")),
        table=table,
        fields=fields,
        lines=lines,
        title=body.text("title"),
        key=key,
        key_renames=body.map("key").get("rename") is not False,
        states=_states(body, reader),
        actions=_actions(body, scope, reader),
        rules=_rules(body, scope, "rules", reader),
        indexes=_indexes(body),
        levels={name: body.map("levels").texts(name) for name in body.map("levels")},
        aspects=used,
        tree=_tree(body),
        kind=kind,
        per=body.text("per", "tenant") if kind == "setting" else "",
        made_by=body.text("made_by"),
        stored="view" not in body,
        view=body.text("view"),
        picture=body.text("picture"),
        timeline=body.text("timeline"),
        files=_files(body),
        search=body.texts("search"),
        renamed=body.texts("renamed"),
        retired=body.map("retired").text("since"),
        origin=origin_of(body.marks[kind]),
        place=declared.place,
    )
    reader.problems.extend(circles(made))
    return _with_guesses(_with_levels(_with_neighbours(made)))


def _header(declared: Declared, scope: RecordScope, reader: FormulaReader) -> dict[str, Field]:
    body = declared.body
    translated = body.texts("translated")
    made = dict(SYSTEM_FIELDS)
    for name, each, mark in body.map("fields").walk():
        if not isinstance(each, Map):
            continue
        path = f"fields.{name}"
        if _is_taken(name, NOT_FIELDS, mark, path, reader):
            continue
        read = read_field(name, each, Spot(scope, declared.id, path, mark), reader)
        made[name] = replace(read, translated=True) if name in translated else read
        if name == "number" and "states" in body:
            made["state"] = _state(body)
    if "states" in body and "state" not in made:
        made["state"] = _state(body)
    return made


_OWN = Label.of({"zh": "记录自带的名字", "en": "the record's own"})
_POSTGRES = Label.of(
    {"zh": "PostgreSQL 每张表自带的列", "en": "a column PostgreSQL gives every table"}
)


def _is_taken(name: str, own: frozenset[str], mark: Mark, path: str, reader: FormulaReader) -> bool:
    """Tell whether a name can't be a field's, and say so."""
    if name not in own and name not in POSTGRES_COLUMNS:
        return False
    values = {"name": name, "use": _OWN if name in own else _POSTGRES}
    reader.problems.append(Problem(kinds.RESERVED_NAME, mark.at_key(path), values))
    return True


def _state(body: Map) -> Field:
    options = tuple(
        Option(name, name, label_of(each.get("label")), each.text("colour"))
        for name, each in body.map("states").items()
        if isinstance(each, Map)
    )
    return state_field(options, _STATE, body.marks["states"])


def _lines(declared: Declared, table: str, reader: FormulaReader) -> dict[str, Lines]:
    made = {}
    header = declared.body.map("fields")
    for name, body, mark in declared.body.map("lines").walk():
        if not isinstance(body, Map):
            continue
        path = f"lines.{name}"
        if name in header:
            reader.problems.append(Problem(kinds.NAME_TWICE, mark.at_key(path), {"name": name}))
        made[name] = _line_set(declared.id, table, name, body, mark, reader)
    return made


def _line_set(
    entity: str, table: str, name: str, body: Map, mark: Mark, reader: FormulaReader
) -> Lines:
    path = f"lines.{name}"
    scope = line_scope(reader.known, entity, name)
    header = record_scope(reader.known, entity)
    if "label" not in body:
        reader.problems.append(Problem(kinds.NEEDS_LABEL, mark.at_key(path), {"name": name}))
    fields = {}
    for field, each, spot in body.map("fields").walk():
        inner = f"{path}.fields.{field}"
        if not _is_taken(field, NOT_IN_LINES, spot, inner, reader) and isinstance(each, Map):
            holder = f"{entity}.{name}"
            fields[field] = read_field(field, each, Spot(scope, holder, inner, spot), reader)
    visible = reader.condition(body, "visible", header, path, default=True)
    edit = reader.condition(body, "edit", header, path, default=True)
    return Lines(
        name=name,
        table=_fitted(f"{table}__{name}"),
        label=label_of(body.get("label")),
        fields=fields,
        rules=_rules(body, scope, f"{path}.rules", reader),
        min=_whole(body, "min"),
        max=_whole(body, "max"),
        visible=visible,
        edit=edit,
        renamed=body.texts("renamed"),
        retired=body.map("retired").text("since"),
        origin=origin_of(mark),
        place=mark.at_key(path),
    )


def _whole(body: Map, key: str) -> int:
    found = body.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def _files(body: Map) -> int:
    if isinstance(body.get("files"), Map):
        return _whole(body.map("files"), "max")
    return 20 if body.get("files") is True else 0


def _states(body: Map, reader: FormulaReader) -> dict[str, State]:
    made = {}
    for name, each, mark in body.map("states").walk():
        if not isinstance(each, Map):
            continue
        if "label" not in each:
            reader.problems.append(
                Problem(kinds.NEEDS_LABEL, mark.at_key(f"states.{name}"), {"name": name})
            )
        start = each.get("start") is True
        edit = each.get("edit", start)
        may = edit if isinstance(edit, bool) else each.texts("edit")
        made[name] = State(name, label_of(each.get("label")), start, may, each.text("colour"))
    starts = sum(state.start for state in made.values())
    if made and starts != 1:
        values = {"entity": body.text("entity"), "count": starts}
        place = body.marks["states"].at_key("states")
        reader.problems.append(Problem(kinds.NO_ONE_STATE, place, values))
    return made


def _actions(body: Map, scope: RecordScope, reader: FormulaReader) -> dict[str, Action]:
    made = {}
    for name, each, mark in body.map("actions").walk():
        if not isinstance(each, Map):
            continue
        path = f"actions.{name}"
        if "label" not in each:
            reader.problems.append(Problem(kinds.NEEDS_LABEL, mark.at_key(path), {"name": name}))
        made[name] = Action(
            name=name,
            label=label_of(each.get("label")),
            source=each.texts("from"),
            target=each.text("to"),
            when=reader.boolean(each, "when", scope, path),
            issue=each.texts("issue"),
            copy=each.get("copy") is True,
            confirm=label_of(each.get("confirm")),
            reason=each.text("reason"),
            auto=reader.boolean(each, "auto", scope, path),
            place=mark.at_key(path),
        )
    return made


def _rules(body: Map, scope: RecordScope, path: str, reader: FormulaReader) -> tuple[Rule, ...]:
    made = []
    for name, each, mark in body.map("rules").walk():
        if not isinstance(each, Map):
            continue
        inner = f"{path}.{name}"
        when = reader.boolean(each, "when", scope, inner)
        check = reader.boolean(each, "check", scope, inner)
        if check is not None:
            say, level = label_of(each.get("say")), each.text("level", "stop")
            made.append(Rule(name, check, say, when, level, mark.at_key(inner)))
    return tuple(made)


def _indexes(body: Map) -> tuple[Index, ...]:
    made = []
    for name, each in body.map("indexes").items():
        if isinstance(each, Map):
            made.append(Index(name, each.texts("fields"), each.get("unique") is True))
        else:
            made.append(Index(name, body.map("indexes").texts(name)))
    return tuple(made)


def _tree(body: Map) -> Tree | None:
    if "tree" not in body:
        return None
    return Tree(body.text("tree"), body.text("root", "many"), body.text("group"))


def _with_levels(entity: Entity) -> Entity:
    """Say on each field the level that the entity's `levels` name for it, and the other way round."""
    named = {path: level for level, paths in entity.levels.items() for path in paths}
    if not named and not any(field.level for field in _all_fields(entity)):
        return entity
    fields = {
        name: replace(field, level=field.level or named.get(name, ""))
        for name, field in entity.fields.items()
    }
    lines = {
        name: replace(
            lines,
            fields={
                each: replace(field, level=field.level or named.get(f"{name}.{each}", ""))
                for each, field in lines.fields.items()
            },
        )
        for name, lines in entity.lines.items()
    }
    made = replace(entity, fields=fields, lines=lines)
    return replace(made, levels=_levels(made))


def _with_neighbours(entity: Entity) -> Entity:
    """Bound the entity named beside a dynamic link to those the link allows."""
    lines = {
        name: replace(each, fields=_bounded(each.fields)) for name, each in entity.lines.items()
    }
    return replace(entity, fields=_bounded(entity.fields), lines=lines)


def _bounded(fields: Mapping[str, Field]) -> Mapping[str, Field]:
    named = {each.by: each.shape.targets for each in fields.values() if each.by}
    if not named:
        return fields
    return {
        name: replace(each, shape=replace(each.shape, targets=named[name]))
        if name in named
        else each
        for name, each in fields.items()
    }


def _all_fields(entity: Entity) -> list[Field]:
    return [
        *entity.fields.values(),
        *(f for each in entity.lines.values() for f in each.fields.values()),
    ]


def _levels(entity: Entity) -> Mapping[str, tuple[str, ...]]:
    made: dict[str, list[str]] = {name: [] for name in entity.levels}
    for name, field in entity.fields.items():
        if field.level:
            made.setdefault(field.level, []).append(name)
    for line_name, lines in entity.lines.items():
        for name, field in lines.fields.items():
            if field.level:
                made.setdefault(field.level, []).append(f"{line_name}.{name}")
    return {name: tuple(paths) for name, paths in made.items()}


def _with_guesses(entity: Entity) -> Entity:
    """Fill in title and search where the file does not say them."""
    own = [name for name, field in entity.fields.items() if not field.system]
    texts = [name for name in own if entity.fields[name].type in ("text", "code")]
    title = entity.title
    if not title and entity.kind == "entity":
        named = [name for name in ("number", "code", "name") if name in own] or texts[:1]
        title = " ".join("{" + name + "}" for name in named) or entity.label.say("en")
    search = entity.search
    if not search and entity.kind == "entity":
        guess = (*entity.key, *placeholders(title))
        texts_all = [name for name in dict.fromkeys(guess) if _is_text(entity, name)]
        search = tuple(texts_all)
    return replace(entity, title=title, search=search)


def _is_text(entity: Entity, name: str) -> bool:
    field = entity.fields.get(name)
    return (
        field is not None
        and bool(field.column)
        and field.type in ("text", "code", "phone", "email", "barcode")
    )
