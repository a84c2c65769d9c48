"""What formulas see besides the record: who acts, today, known records, functions of modules."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from dougong.generated.fetch import known_record
from dougong.records.functions import Functions
from dougong.records.work import Work


class Environment:
    """The `e` of generated code; made once per unit of work and entity."""

    def __init__(self, work: Work) -> None:
        self._work = work
        context = work.context
        self.user: int | None = context.user or None
        self.company: int | None = context.company or None
        self.companies = context.companies
        self.login = context.login
        self.now: datetime = context.now
        self._functions = Functions(work)
        self._known: dict[tuple[str, str], int | None] = {}

    @cached_property
    def today(self) -> date:
        """The civil day in the company's time zone."""
        return self._work.context.today

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held in the company in use."""
        return self._work.context.roles

    def attribute(self, name: str) -> Any:
        """Return what else is known of the acting person."""
        return dict(self._work.context.attributes).get(name)

    def known(self, entity: str, key: str) -> int | None:
        """Return the id of the record with a business key, None when there is none."""
        spot = (entity, key)
        if spot not in self._known:
            piece = known_record(self._work.catalog, entity, key, self._work.dialect)
            self._known[spot] = self._work.connection.run(f"SELECT {piece.text}", piece.params)[0][
                0
            ]
        return self._known[spot]

    def call(self, function: str, arguments: Mapping[str, Any]) -> Any:
        """Call a function of a module. Raises BadValue when its code fails."""
        return self._functions.call(function, arguments)
