"""Work: one unit of work — who acts, with which catalog, in which transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
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


@dataclass(slots=True)
class Work:
    """A transaction with its context; begun and ended by whoever opened it."""

    context: Context
    catalog: Catalog
    connection: Connection
    dialect: Dialect
    number: int = field(default_factory=lambda: next(_numbers))
    _access: dict[str, EntityAccess] = field(default_factory=dict, repr=False)

    def entity(self, entity_id: str) -> Entity:
        """Return an entity of the catalog. Raises Refused (404) for one it does not have."""
        entity = self.catalog.entities.get(entity_id)
        if entity is None:
            raise refuse(UNKNOWN_ENTITY, entity=entity_id)
        return entity

    def access(self, entity_id: str) -> EntityAccess:
        """Decide what the acting person may do with an entity; the one way to know."""
        known = self._access.get(entity_id)
        if known is None:
            known = decide.access(self.catalog, self.context.roles, entity_id, self.dialect)
            self._access[entity_id] = known
        return known

    def code(self, entity_id: str) -> EntityCode:
        """Return the code generated for an entity."""
        return code_for(self.catalog, entity_id, self.dialect)

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
    return Work(context, catalog, connection, connection.dialect)
