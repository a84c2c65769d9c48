"""Roles, guards, number rules, functions, data, imports and scenarios to frozen values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from dougong.catalog import problems as kinds
from dougong.catalog.catalog import Module
from dougong.catalog.collect import Declared
from dougong.catalog.formula_reader import SQL, FormulaReader
from dougong.catalog.process import (
    RIGHTS,
    ColumnSource,
    DataSet,
    Function,
    Grant,
    Guard,
    ImportMapping,
    LinesSource,
    Role,
    Scenario,
    Sequence,
)
from dougong.catalog.scope import Known, function_scope, record_scope, rows_scope
from dougong.catalog.shapes import argument_type, label_of, signature_of
from dougong.catalog.values import List, Map, plain
from dougong.formulas.cycles import order
from dougong.formulas.tree import Formula
from dougong.foundation.errors import Problem

FOLLOW_READ = ("export", "print", "report")
"""Rights that follow `read` unless a grant says otherwise."""


def read_module(declared: Declared, folder: str) -> Module:
    """Read the head of a module or plugin."""
    body = declared.body
    needs = {name: body.map("needs").text(name) for name in body.map("needs")}
    return Module(
        id=declared.id,
        label=label_of(body.get("label")),
        version=body.text("version"),
        summary=label_of(body.get("summary")),
        needs=needs,
        kind=declared.kind,
        folder=folder,
    )


def read_role(declared: Declared, reader: FormulaReader) -> Role:
    """Read a role and its grants."""
    body = declared.body
    grants = {
        entity: _grant(entity, each, f"grants.{entity}", reader)
        for entity, each in body.map("grants").items()
        if isinstance(each, Map)
    }
    return Role(
        id=declared.id,
        label=label_of(body.get("label")),
        grants=grants,
        includes=body.texts("includes"),
        admin=body.get("admin") is True,
        place=declared.place,
    )


def _grant(entity: str, body: Map, path: str, reader: FormulaReader) -> Grant:
    scope = rows_scope(reader.known, entity)
    rights: dict[str, bool | Formula] = {}
    for right in RIGHTS:
        given = body.get(right)
        if given is True:
            rights[right] = True
        elif isinstance(given, Map):
            inner = f"{path}.{right}"
            rows = reader.boolean(given, "rows", scope, inner, targets=SQL)
            rights[right] = True if "rows" not in given else rows or False
    act = body.map("act")
    if isinstance(body.get("act"), (str, List)):
        rights["act"] = True
    elif "rows" in act:
        rights["act"] = reader.boolean(act, "rows", scope, f"{path}.act", targets=SQL) or False
    elif act:
        rights["act"] = True
    for right in FOLLOW_READ:
        if right not in body and "read" in rights:
            rights[right] = rights["read"]
    actions = act.texts("actions") if act else body.texts("act")
    return Grant(
        entity=entity,
        rights={right: rows for right, rows in rights.items() if rows is not False},
        act=frozenset(actions),
        update_fields=frozenset(body.map("update").texts("fields")),
        hide=frozenset(body.texts("hide")),
        read_only=frozenset(body.texts("read_only")),
        levels={level: body.map("levels").text(level) for level in body.map("levels")},
        place=body.mark.at_key(path),
    )


def read_guard(declared: Declared, bodies: Mapping[str, Map], reader: FormulaReader) -> Guard:
    """Read a guard; its condition is checked on every entity (in `bodies`) that it holds."""
    body = declared.body
    has, named = body.text("has"), body.texts("entities")
    held = [
        id_ for id_, each in bodies.items() if id_ in named or (has and has in each.map("fields"))
    ]
    rows: dict[str, Formula] = {}
    for id_ in held:
        formula = reader.boolean(body, "rows", rows_scope(reader.known, id_), "", targets=SQL)
        if formula is not None:
            rows[id_] = formula
    exempt = frozenset(body.texts("except"))
    return Guard(declared.id, label_of(body.get("label")), rows, exempt, declared.place)


def read_sequence(declared: Declared, entity: str, reader: FormulaReader) -> Sequence:
    """Read a number rule; `entity` is the one that uses it, "" when none does."""
    body = declared.body
    scope = record_scope(reader.known, entity)
    per = []
    if entity:
        for index, (text, mark) in enumerate(body.list("per").walk()):
            formula = reader.text(str(text), mark, scope, f"per.{index}")
            if formula is not None:
                per.append(formula)
    start = body.get("start", 1)
    return Sequence(
        id=declared.id,
        label=label_of(body.get("label")),
        pattern=body.text("pattern"),
        entity=entity,
        per=tuple(per),
        gapless=body.text("gaps") == "none",
        start=start if isinstance(start, int) else 1,
        place=declared.place,
    )


def read_functions(
    declared: Mapping[str, Declared], known: Known, reader_of: Callable[[str], FormulaReader]
) -> dict[str, Function]:
    """Read every function, those that others call first; a circle is a problem."""
    made = {id_: _signature(each) for id_, each in declared.items()}
    known.functions.update({id_: signature_of(each) for id_, each in made.items()})
    calls = {id_: _called(each, made) for id_, each in declared.items()}
    sorted_ = order(calls)
    for cycle in sorted_.cycles:
        values = {"circle": " → ".join(cycle)}
        place = declared[cycle[0]].body.place("formula", "formula")
        reader_of(cycle[0]).problems.append(Problem(kinds.CIRCLE, place, values))
    for id_ in sorted_.names:
        each, function = declared[id_], made[id_]
        reader = reader_of(id_)
        scope = function_scope(known, function.arguments)
        formula = reader.read(each.body, "formula", scope, "", wants=function.gives)
        made[id_] = replace(function, formula=formula)
        known.functions[id_] = signature_of(made[id_])
        _check_body(each, reader)
    return made


def _signature(declared: Declared) -> Function:
    body = declared.body
    args = body.map("args")
    given = {name: each for name, each in args.items() if isinstance(each, Map)}
    return Function(
        id=declared.id,
        label=label_of(body.get("label")),
        arguments={name: argument_type(each) for name, each in given.items()},
        optional=frozenset(name for name, each in given.items() if each.get("required") is False),
        gives=argument_type(body.map("gives")),
        reads=body.texts("reads"),
        code=body.get("code") is True,
        examples=plain(body.map("examples")),
        module=declared.space,
        place=declared.place,
    )


def _called(declared: Declared, made: Iterable[str]) -> list[str]:
    text = declared.body.text("formula")
    return [id_ for id_ in made if f"{id_}(" in text]


def _check_body(declared: Declared, reader: FormulaReader) -> None:
    """A function has a formula or code, not both; a tenant has no code."""
    body = declared.body
    if body.get("code") is True and declared.file.layer == "tenant":
        place = body.marks["code"].at_key("code")
        reader.problems.append(Problem(kinds.NO_CODE, place, {"id": declared.id}))
    if ("formula" in body) == (body.get("code") is True):
        reader.problems.append(Problem(kinds.ONE_BODY, declared.place, {"id": declared.id}))


def read_data(declared: Declared) -> DataSet:
    """Read records that come along."""
    body = declared.body
    return DataSet(
        id=declared.id,
        entity=body.text("entity"),
        key=body.text("key"),
        rows=plain(body.map("rows")),
        owner=body.text("owner", "tenant"),
        demo=body.get("demo") is True,
        module=declared.space,
        place=declared.place,
    )


def read_import(declared: Declared) -> ImportMapping:
    """Read an import mapping."""
    body = declared.body
    lines = tuple(
        LinesSource(name, _columns(each.map("map")), each.text("file"), _texts(each.map("match")))
        for name, each in body.map("lines").items()
        if isinstance(each, Map)
    )
    how = body.map("read")
    return ImportMapping(
        id=declared.id,
        entity=body.text("entity"),
        label=label_of(body.get("label")),
        columns=_columns(body.map("map")),
        key=body.texts("key"),
        lines=lines,
        file=body.text("file"),
        encoding=how.text("encoding"),
        delimiter=how.text("delimiter"),
        sheet=how.text("sheet"),
        place=declared.place,
    )


def _columns(body: Map) -> tuple[ColumnSource, ...]:
    return tuple(_column(name, each, body) for name, each in body.items())


def _column(name: str, each: Any, body: Map) -> ColumnSource:
    if not isinstance(each, Map):
        return ColumnSource(name, body.text(name))
    values = _texts(each.map("values"))
    text = each.text
    return ColumnSource(name, text("column"), text("value"), text("by"), text("format"), values)


def _texts(body: Map) -> dict[str, str]:
    return {key: body.text(key) for key in body}


def read_scenario(declared: Declared) -> Scenario:
    """Read a test; its body stays a map that knows its places."""
    return Scenario(declared.id, declared.space, declared.body, declared.place)
