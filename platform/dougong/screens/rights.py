"""Rights on one record: what this person may fill in, save, delete and do now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dougong.catalog.entity import Action, Entity, Field
from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.records.work import Work

EVERYTHING = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be done with one record. `open_fields` are the paths the state leaves open
    (`EVERYTHING` for all); `creating` is true for a record not yet saved.
    """

    work: Work
    entity: Entity
    creating: bool
    save: bool
    delete: bool
    create: bool
    open_fields: frozenset[str]
    state: str

    def writable(self, field: Field, lines: str = "") -> bool:
        """Tell whether the page may offer `field` to be filled in."""
        path = f"{lines}.{field.name}" if lines else field.name
        if not self.save or field.edit is False or field.system:
            return False
        if field.edit == "once" and not self.creating:
            return False
        if self.open_fields is not EVERYTHING and path not in self.open_fields:
            return False
        return self.work.access(self.entity.id).writable(path, creating=self.creating)

    def lines_open(self, lines: str) -> bool:
        """Tell whether lines may be added to a set of lines or taken from it."""
        declared = self.entity.lines[lines]
        if not self.save or declared.edit is False:
            return False
        everything = self.open_fields is EVERYTHING or lines in self.open_fields
        return everything and self.work.access(self.entity.id).writable(
            lines, creating=self.creating
        )

    def actions(self) -> list[Action]:
        """Return the actions this person may do in the present state, in the order declared."""
        access = self.work.access(self.entity.id)
        return [
            action
            for action in self.entity.actions.values()
            if action.auto is None
            and not (self.creating and (action.copy or action.confirm or action.reason))
            and (not action.source or self.state in action.source)
            and access.acts(action.name)
        ]


def rights_on(work: Work, entity: Entity, record: Mapping[str, Any], id_: int) -> Rights:
    """Decide what may be done with a record as it stands; `id_` is 0 for a new one."""
    access = work.access(entity.id)
    state = str(record.get("state") or start_state(entity))
    open_fields = _open_fields(entity, state)
    if not id_:
        may = access.may("create")
        return Rights(work, entity, True, may, False, may, EVERYTHING, state)  # noqa: FBT003
    save = bool(open_fields) and reaches(work, entity.id, id_, "update")
    delete = reaches(work, entity.id, id_, "delete")
    create = access.may("create")
    return Rights(work, entity, False, save, delete, create, open_fields, state)  # noqa: FBT003


def start_state(entity: Entity) -> str:
    """Return the state a new record begins in; empty without a life."""
    return next((state.name for state in entity.states.values() if state.start), "")


def _open_fields(entity: Entity, state: str) -> frozenset[str]:
    if not entity.states or state not in entity.states:
        return EVERYTHING
    edit = entity.states[state].edit
    if edit is True:
        return EVERYTHING
    return frozenset() if edit is False else frozenset(edit)


def reaches(work: Work, entity_id: str, id_: int, right: str) -> bool:
    """Tell whether `right` is given for this very row."""
    access = work.access(entity_id)
    if not access.may(right):
        return False
    if access.rows(right) is None:
        return True
    only = {"field": "id", "op": "==", "value": str(id_)}
    query = Query(filter=only, fields=("id",), limit=1)
    return bool(list_records(work, entity_id, query, right=right).rows)
