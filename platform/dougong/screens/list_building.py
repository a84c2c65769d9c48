"""Builds the ListPage of an entity for one person: its query, rows, filters, views and totals."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dougong.catalog.entity import Entity, Field
from dougong.catalog.screen import ListView, View
from dougong.fields.types import FIELD_TYPES, scale_of
from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.queries.totals import totals
from dougong.records.work import Work
from dougong.screens.list_page import (
    PAGE_SIZE,
    ActionModel,
    Column,
    Empty,
    FilterModel,
    ListPage,
    ListState,
    ViewTab,
)
from dougong.screens.paths import Found, find_path
from dougong.screens.titles import record_title
from dougong.screens.values import number_text
from dougong.screens.widgets import OptionModel, align_of, options_of, widget_of
from dougong.screens.words import Words

SORTABLE = frozenset({"text", "number", "date", "datetime", "time", "boolean"})
"""The kinds of fields a list may be sorted by."""
FIGURES = frozenset({"money", "price", "quantity"})


@dataclass(frozen=True, slots=True)
class _Building:
    """What every step needs."""

    work: Work
    entity: Entity
    view: ListView
    state: ListState
    url: str
    words: Words

    @property
    def language(self) -> str:
        return self.work.context.language

    def find(self, path: str) -> Found | None:
        """Follow a path as far as this person may see."""
        return find_path(
            self.work.catalog, self.entity, path, lambda entity: self.work.access(entity).hidden
        )

    def address(self, state: ListState) -> str:
        """Return the address of the list in a state."""
        query = state.query()
        return f"{self.url}?{query}" if query else self.url


def build_list(work: Work, entity_id: str, state: ListState, base: str) -> ListPage:
    """Build the list of an entity; `base` is the address the tenant's pages begin with.

    Raises Refused: 403 without the right to read, 400 for a filter or sort that does not fit.
    """
    access = work.access(entity_id)
    access.demand("read")
    entity, view = work.entity(entity_id), work.catalog.lists[entity_id]
    words = Words(work.context.language)
    url = f"{base}/{entity_id}"
    building = _Building(work, entity, view, state, url, words)
    chosen = next((one for one in view.views if one.id == state.view), None)
    columns = _columns(building, chosen)
    query = _query(building, chosen, columns)
    page = list_records(work, entity_id, query)
    label = view.label.say(work.context.language)
    filtered = bool(state.search or any(state.filters.values()))
    new_url = f"{url}/new" if access.may("create") else ""
    first = (state.page - 1) * PAGE_SIZE + 1
    before = state.previous()
    bulk = _bulk(building)
    return ListPage(
        id=view.id,
        entity=entity_id,
        label=label,
        url=url,
        columns=columns,
        rows=tuple(page.rows),
        search=state.search,
        search_label=_search_label(building),
        sort=state.sort,
        view=chosen.id if chosen else "",
        views=_tabs(building, chosen),
        filters=_filters(building),
        filtered=filtered,
        count=page.count,
        capped=page.capped,
        page=state.page,
        first_row=first,
        next_url=building.address(state.following(page.next)) if page.next else "",
        previous_url=building.address(before) if before else "",
        first_url=building.address(state.first()),
        clear_url=building.address(ListState(view=state.view, sort=state.sort)),
        new_url=new_url,
        export_url=f"{url}/export?{state.query()}" if access.may("export") else "",
        import_url=f"{url}/import" if access.may("import") else "",
        bulk=bulk,
        bulk_url=f"{url}/bulk",
        open_url=url,
        empty=None if page.rows else _empty(building, label, new_url, filtered=filtered),
        totals=_totals(building, query, columns) if page.rows else {},
    )


def export_query(work: Work, entity_id: str, state: ListState) -> Query:
    """Return the query of the list in a state, without its page."""
    entity, view = work.entity(entity_id), work.catalog.lists[entity_id]
    building = _Building(work, entity, view, state, "", Words(work.context.language))
    chosen = next((one for one in view.views if one.id == state.view), None)
    query = _query(building, chosen, ())
    return replace(query, fields=(), expand=(), after="", count="none")


# --- columns --------------------------------------------------------------------------------------


def _columns(building: _Building, chosen: View | None) -> tuple[Column, ...]:
    paths = (chosen.columns if chosen else ()) or building.view.columns
    found = [one for one in map(building.find, paths) if one]
    sort = _sort(building, chosen)
    directions = {one.removeprefix("-"): one.startswith("-") for one in sort[:1]}
    columns = [_column(building, one, directions, first=not at) for at, one in enumerate(found)]
    return _with_roles(columns)


def _column(
    building: _Building, found: Found, directions: Mapping[str, bool], *, first: bool
) -> Column:
    field = found.field
    kind = FIELD_TYPES[field.type].kind
    sortable = bool(field.column) and kind in SORTABLE
    down = directions.get(found.path)
    flipped = f"-{found.path}" if down is False else found.path
    return Column(
        path=found.path,
        label=found.label(building.language),
        type=field.type,
        kind=kind,
        align=align_of(field.type),
        scale=scale_of(field.shape) if kind == "number" else None,
        options=options_of(field, building.language),
        direction="" if down is None else "descending" if down else "ascending",
        sort_url=building.address(building.state.first(sort=flipped)) if sortable else "",
        opens=first,
    )


def _with_roles(columns: list[Column]) -> tuple[Column, ...]:
    """Say what each column is on a phone's card: head, figure, sub, note, tag, or more (left out)."""
    roles: dict[str, str] = {}
    for column in reversed(columns):
        if column.options and "tag" not in roles.values():
            roles[column.path] = "tag"
        elif column.type in FIGURES and "figure" not in roles.values():
            roles[column.path] = "figure"
    plain = [column for column in columns if column.path not in roles]
    named = next((column for column in plain if "." in column.path or column.path == "name"), None)
    head = named or (plain[0] if plain else None)
    if head:
        roles[head.path] = "head"
        others = (column for column in plain if column is not head)
        roles |= {column.path: role for column, role in zip(others, ("sub", "note"), strict=False)}
    return tuple(replace(column, role=roles.get(column.path, "more")) for column in columns)


# --- the query ------------------------------------------------------------------------------------


def _sort(building: _Building, chosen: View | None) -> tuple[str, ...]:
    if building.state.sort:
        return tuple(building.state.sort.split(","))
    declared = (chosen.sort if chosen else ()) or building.view.sort
    return tuple(path for path in declared if building.find(path.removeprefix("-")))


def _query(building: _Building, chosen: View | None, columns: tuple[Column, ...]) -> Query:
    links = tuple(column.path for column in columns if column.kind in ("link", "links"))
    conditions = [
        condition
        for path, text in building.state.filters.items()
        for condition in _conditions(building, path, text)
    ]
    return Query(
        filter={"and": conditions} if conditions else None,
        sort=_sort(building, chosen),
        fields=tuple(column.path for column in columns),
        expand=links,
        limit=PAGE_SIZE,
        after=building.state.after,
        count="capped",
        search=building.state.search,
        view=chosen.id if chosen else "",
    )


def _conditions(building: _Building, path: str, text: str) -> list[dict[str, Any]]:
    """Turn the text of a filter into conditions; a path that cannot be seen is left to the query,
    which refuses it.
    """
    found = building.find(path)
    widget = widget_of(found.field.type) if found else "text"
    if widget in ("choice", "link", "links"):
        return [{"field": path, "op": "in", "value": text.split(",")}]
    if widget == "boolean":
        return [{"field": path, "op": "==", "value": text == "true"}]
    if widget in ("date", "datetime"):
        zone = building.work.context.zone if widget == "datetime" else ""
        return _between(path, text, zone)
    if widget == "number":
        return [{"field": path, "op": "==", "value": text}]
    return [{"field": path, "op": "contains", "value": text}]


def _between(path: str, text: str, zone: str) -> list[dict[str, Any]]:
    """Return the conditions of a day or of `from..to`, both ends within."""
    first, dots, last = text.partition("..")
    last = last if dots else first
    found = []
    if first:
        found.append({"field": path, "op": ">=", "value": _edge(first, zone, days=0)})
    if last and zone:
        found.append({"field": path, "op": "<", "value": _edge(last, zone, days=1)})
    elif last:
        found.append({"field": path, "op": "<=", "value": last})
    return found


def _edge(day: str, zone: str, *, days: int) -> str:
    """Return the instant a day begins at in `zone`, or the day itself without one.

    What is no date stays as it is: the query refuses it with its own words.
    """
    if not zone:
        return day
    try:
        begins = datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone))
    except ValueError:
        return day
    return (begins + timedelta(days=days)).astimezone(ZoneInfo("UTC")).isoformat()


# --- around the rows ------------------------------------------------------------------------------


def _tabs(building: _Building, chosen: View | None) -> tuple[ViewTab, ...]:
    only = not building.view.views
    label = building.view.label.say(building.language) if only else building.words("list.all")
    everything = ViewTab("", label, building.url, current=chosen is None)
    tabs = [everything]
    for view in building.view.views:
        count = None
        if view.badge:
            query = Query(view=view.id, limit=1, count="capped", fields=("id",))
            count = list_records(building.work, building.entity.id, query).count
        url = building.address(ListState(view=view.id))
        label = view.label.say(building.language)
        tabs.append(ViewTab(view.id, label, url, current=view is chosen, count=count))
    return tuple(tabs)


def _filters(building: _Building) -> tuple[FilterModel, ...]:
    found = [(path, building.find(path)) for path in building.view.filters]
    return tuple(_filter(building, path, one) for path, one in found if one)


def _filter(building: _Building, path: str, found: Found) -> FilterModel:
    value = building.state.filters.get(path, "")
    options = options_of(found.field, building.language)
    widget = "choice" if options else widget_of(found.field.type)
    filters = {name: text for name, text in building.state.filters.items() if name != path}
    return FilterModel(
        path=path,
        label=found.label(building.language),
        widget="date" if widget == "datetime" else widget,
        value=value,
        text=_filter_text(building, found.field, value, options) if value else "",
        options=options,
        lookup=f"{building.url}/lookup?path={path}&values=%7B%7D"
        if widget == "link" and not found.field.to_line
        else "",
        clear_url=building.address(building.state.first(filters=filters)),
    )


def _filter_text(
    building: _Building, field: Field, value: str, options: tuple[OptionModel, ...]
) -> str:
    labels = {option.code: option.label for option in options}
    if options:
        return "、".join(labels.get(code, code) for code in value.split(","))
    if field.type == "boolean":
        return building.words("yes" if value == "true" else "no")
    if field.targets and not field.to_line:
        return record_title(building.work, field.targets[0], value)
    return value.replace("..", " – ").strip(" –")


def _search_label(building: _Building) -> str:
    found = [one for one in map(building.find, building.view.search) if one]
    labels = list(dict.fromkeys(one.label(building.language) for one in found))
    if not labels:
        return building.words("list.search_any")
    return building.words("list.search", fields=" / ".join(labels[:3]))


def _totals(building: _Building, query: Query, columns: tuple[Column, ...]) -> Mapping[str, str]:
    shown = {column.path: column for column in columns}
    paths = tuple(path for path in building.view.sum if path in shown)
    if not paths:
        return {}
    sums = totals(building.work, building.entity.id, query, paths)
    return {
        path: number_text(sums[path], shown[path].type, shown[path].scale)
        for path in paths
        if sums.get(path) is not None
    }


def _bulk(building: _Building) -> tuple[ActionModel, ...]:
    access = building.work.access(building.entity.id)
    actions = building.entity.actions
    return tuple(
        ActionModel(
            name=name,
            label=actions[name].label.say(building.language),
            confirm=actions[name].confirm.say(building.language),
            reason=actions[name].reason,
        )
        for name in building.view.bulk
        if name in actions and access.acts(name)
    )


def _empty(building: _Building, label: str, new_url: str, *, filtered: bool) -> Empty:
    words = building.words
    if filtered or building.state.view:
        clear_url = building.address(ListState())
        return Empty(
            words("list.filtered", label=label), words("list.filtered_text"), clear_url=clear_url
        )
    text = words("list.empty_text" if new_url else "list.empty_read")
    return Empty(words("list.empty", label=label), text, new_url=new_url)
