"""Builds the FormPage of a record for one person, and reads what the page sends back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dougong.catalog.entity import Entity, Field, Lines
from dougong.catalog.screen import Form, Part
from dougong.formulas.tree import Formula
from dougong.records import store
from dougong.records.work import Work
from dougong.screens.account_page import account_links
from dougong.screens.form_page import (
    FormPage,
    GridModel,
    PageProblem,
    PartModel,
    RowModel,
    Step,
)
from dougong.screens.history import build_history
from dougong.screens.list_page import ActionModel
from dougong.screens.rights import Rights, rights_on
from dougong.screens.titles import add_titles, link_paths, record_titles
from dougong.screens.widgets import FieldModel, OptionModel, browser_tree, field_model, tone_of
from dougong.screens.words import Words


@dataclass(frozen=True, slots=True)
class _Building:
    """What every step needs."""

    work: Work
    entity: Entity
    form: Form
    base: str
    rights: Rights
    hidden: frozenset[str]
    words: Words

    @property
    def language(self) -> str:
        return self.work.context.language

    def field(
        self, field: Field, lines: str = "", *, summed: bool = False, wide_link: bool = False
    ) -> FieldModel:
        """Build the model of a field; `hidden` bounds what its formulas may read."""
        return field_model(
            field,
            language=self.language,
            lines=lines,
            readonly=not self.rights.writable(field, lines),
            address=lambda entity: f"{self.base}/{entity}",
            hidden=self.hidden,
            summed=summed,
            wide_link=wide_link,
        )


def build_form(work: Work, entity_id: str, id_: int, base: str) -> FormPage:
    """Build the form of a record, of a new one when `id_` is 0.

    Raises Refused: 403 without the right, 404 for a record out of reach.
    """
    entity, access = work.entity(entity_id), work.access(entity_id)
    access.demand("read" if id_ else "create")
    record, flags = read_record(work, entity, id_)
    words = Words(work.context.language)
    rights = rights_on(work, entity, record, id_)
    form = work.catalog.forms[entity_id]
    building = _Building(work, entity, form, base, rights, access.hidden, words)
    parts = _parts(building)
    grids = _grids(building, record, [part.grid for part in parts if part.grid])
    shown = [name for part in parts for name in part.fields]
    fields = {
        name: _flagged(building.field(entity.fields[name]), flags.get(name, {}))
        for name in dict.fromkeys(shown)
    }
    url = f"{base}/{entity_id}"
    label = entity.label.say(work.context.language)
    return FormPage(
        entity=entity_id,
        label=label,
        id=str(id_) if id_ else "",
        version=int(record.get("version") or 0),
        title=_title(building, record, id_),
        urls=_urls(url, id_, building, record),
        may={"save": rights.save, "delete": rights.delete, "create": rights.create},
        record={name: value for name, value in record.items() if _plain(entity, name)},
        titles=titles_of(record),
        fields=fields,
        head=tuple(name for name in form.head if name in entity.fields),
        parts=parts,
        grids=grids,
        carried=tuple(_carried(building, entity.fields, fields)),
        state=_state(building),
        steps=_steps(building),
        actions=_actions(building, url, id_),
        trail=_trail(building, id_),
        links=account_links(work, entity_id, id_, base),
        scope={
            "today": work.context.today.isoformat(),
            "user": str(work.context.user),
            "company": str(work.context.company) if work.context.company else "",
            "zone": work.context.zone,
        },
    )


def _flagged(model: FieldModel, flags: Mapping[str, bool]) -> FieldModel:
    """Return the field as it stands now, where a condition decides."""
    if not flags:
        return model
    return replace(
        model,
        required=model.required or flags.get("required", False),
        visible=model.visible and flags.get("visible", True),
        readonly=model.readonly or not flags.get("edit", True),
    )


# --- the record -----------------------------------------------------------------------------------


def read_record(
    work: Work, entity: Entity, id_: int
) -> tuple[dict[str, Any], Mapping[str, Mapping[str, bool]]]:
    """Read a record with the titles of its links, and the flags of its fields as they stand; for a
    new one what would be proposed.
    """
    if not id_:
        answer = proposed(work, entity, {}, 0)
        return answer["record"], answer["flags"]
    record = store.read(work, entity.id, id_, expand=link_paths(work, entity))
    flags = store.propose(work, entity.id, {}, id=id_)["flags"] if _has_conditions(entity) else {}
    return record, flags


def _has_conditions(entity: Entity) -> bool:
    """Tell whether any field is shown, required or open only under a condition."""
    fields = [*entity.fields.values()]
    for lines in entity.lines.values():
        fields += lines.fields.values()
    return any(
        isinstance(condition, Formula)
        for field in fields
        for condition in (field.required, field.visible, field.edit)
    )


def titles_of(record: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return the titles of the links of a record or line from its `expanded`."""
    found: dict[str, str | list[str]] = {}
    for name, target in (record.get("expanded") or {}).items():
        if isinstance(target, list):
            found[name] = [str(one.get("title", "")) for one in target]
        elif target:
            found[name] = str(target.get("title", ""))
    return found


def proposed(work: Work, entity: Entity, body: Mapping[str, Any], id_: int) -> dict[str, Any]:
    """Return what a record with these values would become, with the titles of its links, the flags
    of its fields and what would be wrong with it (`record`, `flags`, `problems`).
    """
    answer = store.propose(work, entity.id, body, id=id_ or None)
    return {**answer, "record": add_titles(work, entity, answer["record"])}


def proposal(work: Work, entity_id: str, body: Mapping[str, Any], id_: int) -> dict[str, Any]:
    """Return what follows from the values typed so far, as the page takes it: header values and
    titles, and for each set of lines the same, line by line in the order they were sent.
    """
    entity = work.entity(entity_id)
    answer = proposed(work, entity, body, id_)
    record = answer["record"]
    return {
        "record": {name: value for name, value in record.items() if _plain(entity, name)},
        "titles": titles_of(record),
        "lines": {
            name: [row_model(line) for line in record.get(name) or ()] for name in entity.lines
        },
        "flags": answer["flags"],
        "problems": [_told(problem) for problem in answer["problems"]],
    }


def _told(problem: Mapping[str, str]) -> PageProblem:
    """Turn a problem as the records room says it into the page's."""
    return PageProblem(
        path=problem["path"],
        message=problem["reason"],
        fix=problem["hint"],
        level=problem["level"],
        code=problem["code"],
    )


def _plain(entity: Entity, name: str) -> bool:
    return name not in entity.lines and name not in ("expanded", "id", "version")


# --- parts and grids ------------------------------------------------------------------------------


def _parts(building: _Building) -> tuple[PartModel, ...]:
    """Return the parts in their order; beside a part at the right stands the one after it."""
    made = [part for part in (_part(building, one) for one in building.form.parts) if part]
    ordered: list[PartModel] = []
    for part in made:
        before = ordered[-1] if ordered else None
        if before and before.side and not part.side and not part.grid:
            ordered.insert(-1, _beside(part))
        else:
            ordered.append(part)
    return tuple(ordered)


def _beside(part: PartModel) -> PartModel:
    return replace(part, beside=True, fold=False)


def _part(building: _Building, part: Part) -> PartModel | None:
    if part.grid and (part.grid not in building.entity.lines or part.grid in building.hidden):
        return None
    columns = tuple(
        tuple(name for name in column if _shows(building, name)) for column in part.fields
    )
    if not part.grid and not any(columns):
        return None
    return PartModel(
        id=part.id,
        label=part.label.say(building.language),
        cols=1 if part.side else part.cols,
        columns=columns,
        grid=part.grid,
        side=part.side,
        fold=part.fold is True,
        visible_when=browser_tree(part.when, building.hidden),
    )


def _shows(building: _Building, name: str) -> bool:
    field = building.entity.fields.get(name)
    return field is not None and name not in building.hidden and field.visible is not False


def _grids(
    building: _Building, record: Mapping[str, Any], names: Iterable[str]
) -> dict[str, GridModel]:
    parts = {part.grid: part for part in building.form.parts if part.grid}
    return {
        name: _grid(building, building.entity.lines[name], parts[name], record) for name in names
    }


def _grid(building: _Building, lines: Lines, part: Part, record: Mapping[str, Any]) -> GridModel:
    names = part.grid_columns or tuple(lines.fields)
    seen = [
        name
        for name in names
        if name in lines.fields
        and f"{lines.name}.{name}" not in building.hidden
        and lines.fields[name].visible is not False
    ]
    columns = tuple(
        building.field(
            lines.fields[name],
            lines.name,
            summed=name in part.sum,
            wide_link=not at and lines.fields[name].type == "link",
        )
        for at, name in enumerate(seen)
    )
    carried = _carried(
        building, lines.fields, {column.name: column for column in columns}, lines.name
    )
    return GridModel(
        name=lines.name,
        label=lines.label.say(building.language),
        columns=columns,
        rows=tuple(map(row_model, record.get(lines.name) or ())),
        carried=tuple(carried),
        min=lines.min,
        max=lines.max,
        readonly=not building.rights.lines_open(lines.name),
        paste=part.paste,
    )


def row_model(line: Mapping[str, Any]) -> RowModel:
    """Turn a line in its wire form into a row."""
    values = {name: value for name, value in line.items() if name not in ("id", "expanded")}
    return RowModel(str(line.get("id") or ""), values, titles_of(line))


def _carried(
    building: _Building,
    fields: Mapping[str, Field],
    shown: Mapping[str, FieldModel],
    lines: str = "",
) -> Iterable[FieldModel]:
    """Return computed fields the form does not show; shown ones may read them."""
    for name, field in fields.items():
        path = f"{lines}.{name}" if lines else name
        if name not in shown and path not in building.hidden and isinstance(field.formula, Formula):
            yield building.field(field, lines)


# --- around the fields ----------------------------------------------------------------------------


def _title(building: _Building, record: Mapping[str, Any], id_: int) -> str:
    if not id_:
        return building.words("form.new", label=building.entity.label.say(building.language))
    titles = record_titles(building.work, building.entity.id, [str(id_)])
    named = record.get("number") or titles.get(str(id_))
    return str(named or building.entity.label.say(building.language))


def _urls(url: str, id_: int, building: _Building, record: Mapping[str, Any]) -> dict[str, str]:
    here = f"{url}/{id_ or 'new'}"
    found = {
        "list": url,
        "self": here,
        "lookup": f"{url}/lookup",
        "new": f"{url}/new",
    }
    if building.rights.save:
        found |= {"save": here, "propose": f"{url}/propose"}
    if building.rights.delete:
        title = _title(building, record, id_)
        asked = building.words("form.delete_confirm", title=title)
        found |= {"delete": f"{here}/delete", "delete_confirm": asked}
    return found


def _state(building: _Building) -> OptionModel | None:
    state = building.entity.states.get(building.rights.state)
    if state is None:
        return None
    return OptionModel(state.name, state.label.say(building.language), tone_of(state.colour))


def _steps(building: _Building) -> tuple[Step, ...]:
    """Return the states a document walks through from its start, without the ways out of it."""
    states, actions = building.entity.states, building.entity.actions.values()
    code = next((state.name for state in states.values() if state.start), "")
    way: list[str] = []
    while code and code not in way:
        way.append(code)
        onward = (action.target for action in actions if code in action.source)
        code = next((one for one in onward if _is_later(states, code, one)), "")
    if building.rights.state not in way or len(way) < 3:
        return ()
    at = way.index(building.rights.state)
    return tuple(
        Step(
            name,
            states[name].label.say(building.language),
            "done" if index < at else "now" if index == at else "ahead",
        )
        for index, name in enumerate(way)
    )


def _is_later(states: Mapping[str, Any], here: str, there: str) -> bool:
    order = list(states)
    return there in states and order.index(there) == order.index(here) + 1


def _actions(building: _Building, url: str, id_: int) -> tuple[ActionModel, ...]:
    return tuple(
        ActionModel(
            name=action.name,
            label=action.label.say(building.language),
            confirm=action.confirm.say(building.language),
            reason=action.reason,
            tone="danger" if action.confirm else "",
            url=f"{url}/{id_ or 'new'}/act/{action.name}",
        )
        for action in building.rights.actions()
    )


def _trail(building: _Building, id_: int) -> Any:
    if "trail" not in building.form.panels:
        return None
    return build_history(building.work, building.entity, id_) if id_ else ()
