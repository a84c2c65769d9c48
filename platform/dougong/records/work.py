"""Work: one unit of work — who acts, with which catalog, in which transaction."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any

from dougong.access import decide
from dougong.access.decide import EntityAccess
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity
from dougong.database.port import Connection
from dougong.fields.field_type import Dialect
from dougong.foundation.context import Context
from dougong.foundation.errors import refuse
from dougong.generated.code import EntityCode, code_for
from dougong.records import ids
from dougong.records.problems import UNKNOWN_ENTITY

_numbers = count(1)
_KEPT = 500
_shared: OrderedDict[tuple[str, frozenset[str], Dialect], "Decided"] = OrderedDict()
_lock = Lock()


@dataclass(slots=True)
class Decided:
    """What was decided for a set of roles, shared by the units of work under one catalog.

    `access` by entity; `readable` the conditions without values of the person, `tests` the rules of
    new records in Python (see `rowtest`).
    """

    access: dict[str, EntityAccess] = field(default_factory=dict)
    readable: dict[str, tuple[str, tuple[Any, ...]]] = field(default_factory=dict)
    tests: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, EntityCode] = field(default_factory=dict)


def _decided(catalog: Catalog, roles: frozenset[str], dialect: Dialect) -> Decided:
    if not catalog.fingerprint:
        return Decided()
    key = (catalog.fingerprint, roles, dialect)
    with _lock:
        found = _shared.get(key)
        if found is None:
            found = _shared[key] = Decided()
            while len(_shared) > _KEPT:
                _shared.popitem(last=False)
        else:
            _shared.move_to_end(key)
    return found


@dataclass(slots=True)
class Work:
    """A transaction with its context; begun and ended by whoever opened it."""

    context: Context
    catalog: Catalog
    connection: Connection
    dialect: Dialect
    decided: Decided = field(default_factory=Decided, repr=False)
    number: int = field(default_factory=lambda: next(_numbers))
    _readable: dict[str, tuple[str, tuple[Any, ...]]] = field(default_factory=dict, repr=False)

    def entity(self, entity_id: str) -> Entity:
        """Return an entity of the catalog. Raises Refused (404) for one it does not have."""
        entity = self.catalog.entities.get(entity_id)
        if entity is None:
            raise refuse(UNKNOWN_ENTITY, entity=entity_id)
        return entity

    def access(self, entity_id: str) -> EntityAccess:
        """Decide what the acting person may do with an entity; the one way to know."""
        known = self.decided.access.get(entity_id)
        if known is None:
            known = decide.access(self.catalog, self.context.roles, entity_id, self.dialect)
            self.decided.access[entity_id] = known
        return known

    def readable(self, entity_id: str) -> tuple[str, tuple[Any, ...]]:
        """Return the condition over `t` under which the acting person may read a record.

        Its parameters stand beside it; "" for every record.
        """
        known = self.decided.readable.get(entity_id) or self._readable.get(entity_id)
        if known is None:
            access = self.access(entity_id)
            rule = access.rows("read") if access.may("read") else None
            if rule is not None and rule.params:
                known = self._readable[entity_id] = (f"({rule.text})", rule.fill(self.context))
                return known
            text = "1 = 0" if not access.may("read") else f"({rule.text})" if rule else ""
            known = self.decided.readable[entity_id] = (text, ())
        return known

    def code(self, entity_id: str) -> EntityCode:
        """Return the code generated for an entity."""
        known = self.decided.codes.get(entity_id)
        if known is None:
            known = self.decided.codes[entity_id] = code_for(self.catalog, entity_id, self.dialect)
        return known

    def new_id(self) -> int:
        """Return an id that no record of the tenant has."""
        return ids.take(self.connection, self.number)

    def new_ids(self, many: int) -> int:
        """Return the first of `many` consecutive new ids."""
        return ids.take(self.connection, self.number, many)

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What else is known of the acting person, by name."""
        return dict(self.context.attributes)


def open_work(context: Context, catalog: Catalog, connection: Connection) -> Work:
    """Open a unit of work over a transaction that has begun already."""
    dialect = connection.dialect
    return Work(context, catalog, connection, dialect, _decided(catalog, context.roles, dialect))
