"""Forms, lists and menus to frozen values."""

from collections.abc import Mapping

from dougong.catalog.collect import Declared
from dougong.catalog.entity import Entity
from dougong.catalog.formula_reader import SQL, FormulaReader
from dougong.catalog.scope import RecordScope, record_scope, rows_scope
from dougong.catalog.screen import (
    Board,
    Extra,
    Form,
    ListView,
    Menu,
    MenuItem,
    Part,
    Related,
    Tab,
    View,
)
from dougong.catalog.shapes import label_of
from dougong.catalog.values import List, Map


def read_form(declared: Declared, reader: FormulaReader, *, is_declared: bool) -> Form:
    """Read a form; for an aspect's form `entity` is the aspect's id."""
    body = declared.body
    entity = body.text("entity") or body.text("aspect")
    scope = record_scope(reader.known, entity)
    tab_of = {
        part: tab
        for tab, each in body.map("tabs").items()
        if isinstance(each, Map)
        for part in each.texts("parts")
    }
    parts = [
        _part(name, each, tab_of.get(name, ""), scope, reader)
        for name, each in body.map("parts").items()
        if isinstance(each, Map)
    ]
    tabs = [
        Tab(name, label_of(each.get("label")), reader.boolean(each, "when", scope, f"tabs.{name}"))
        for name, each in body.map("tabs").items()
        if isinstance(each, Map)
    ]
    extras = [
        _extra(name, each, scope, reader)
        for name, each in body.map("extras").items()
        if isinstance(each, Map)
    ]
    related = [
        Related(name, each.text("list"), each.text("by"))
        for name, each in body.map("related").items()
        if isinstance(each, Map)
    ]
    phone = body.map("phone")
    return Form(
        id=declared.id,
        entity=entity,
        head=body.texts("head"),
        parts=tuple(parts),
        tabs=tuple(tabs),
        panels=body.texts("panels") if "panels" in body else ("trail",),
        extras=tuple(extras),
        related=tuple(related),
        quick=body.texts("quick"),
        phone_head=phone.texts("head"),
        phone_parts=phone.texts("parts"),
        declared=is_declared,
        place=declared.place,
    )


def _part(name: str, body: Map, tab: str, scope: RecordScope, reader: FormulaReader) -> Part:
    path = f"parts.{name}"
    fields = body.list("fields")
    columns: tuple[tuple[str, ...], ...] = ()
    if fields:
        nested = [each for each in fields if isinstance(each, List)]
        columns = tuple(tuple(map(str, each)) for each in nested) or (body.texts("fields"),)
    cols = body.get("cols", len(columns) if len(columns) > 1 else 2)
    return Part(
        id=name,
        label=label_of(body.get("label")),
        cols=cols if isinstance(cols, int) else 2,
        fields=columns,
        grid=body.text("grid"),
        grid_columns=body.texts("columns"),
        sum=body.texts("sum"),
        paste=body.get("paste") is not False,
        detail=body.text("detail"),
        side=body.get("side") is True,
        fold=reader.condition(body, "fold", scope, path, default=False),
        when=reader.boolean(body, "when", scope, path),
        tab=tab,
    )


def _extra(name: str, body: Map, scope: RecordScope, reader: FormulaReader) -> Extra:
    return Extra(
        id=name,
        type=body.text("type"),
        label=label_of(body.get("label")),
        after=body.text("after"),
        action=body.text("action"),
        when=reader.boolean(body, "when", scope, f"extras.{name}"),
    )


def read_list(
    declared: Declared, entity: Entity | None, reader: FormulaReader, *, is_declared: bool
) -> ListView:
    """Read a list; its label and search come from the entity unless said."""
    body = declared.body
    id_ = body.text("entity")
    scope = rows_scope(reader.known, id_)
    views = [
        View(
            id=name,
            label=label_of(each.get("label")),
            where=reader.boolean(each, "where", scope, f"views.{name}", targets=SQL),
            sort=each.texts("sort"),
            columns=each.texts("columns"),
            badge=each.get("badge") is True,
        )
        for name, each in body.map("views").items()
        if isinstance(each, Map)
    ]
    boards = [
        Board(name, each.text("by"), each.texts("card"))
        for name, each in body.map("boards").items()
        if isinstance(each, Map)
    ]
    label = label_of(body.get("label"))
    return ListView(
        id=declared.id,
        entity=id_,
        label=label or (entity.label if entity else label),
        columns=body.texts("columns"),
        sort=body.texts("sort"),
        search=body.texts("search") or (entity.search if entity else ()),
        filters=body.texts("filters"),
        where=reader.boolean(body, "where", scope, "", targets=SQL),
        views=tuple(views),
        boards=tuple(boards),
        bulk=body.texts("bulk"),
        sum=body.texts("sum"),
        edit=body.texts("edit"),
        declared=is_declared,
        place=declared.place,
    )


def read_menu(declared: Declared, entities: Mapping[str, Entity]) -> Menu:
    """Read a menu; an entry without a label takes the name of what it opens."""
    body = declared.body
    order = body.get("order", 100)
    return Menu(
        id=declared.id,
        label=label_of(body.get("label")),
        items=_items(body.map("items"), entities),
        order=order if isinstance(order, int) else 100,
        place=declared.place,
    )


def _items(body: Map, entities: Mapping[str, Entity]) -> tuple[MenuItem, ...]:
    made = []
    for name, each in body.items():
        if isinstance(each, Map):
            opens = each.text("list") or each.text("form") or each.text("setting")
            label = label_of(each.get("label"))
            if not label and opens in entities:
                label = entities[opens].label
            items = _items(each.map("items"), entities)
            text = each.text
            made.append(
                MenuItem(name, label, text("list"), text("form"), text("setting"), "", items)
            )
    return tuple(made)
