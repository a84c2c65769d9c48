"""The stage of scenarios: a tenant in memory, with its data, a company, and people for the roles."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

from dougong.access.grants import EVERYONE
from dougong.catalog.catalog import Catalog
from dougong.catalog.source import SourceSet
from dougong.database.connect import open_sqlite
from dougong.formulas import to_sql
from dougong.foundation.context import Context
from dougong.records.work import Work, open_work
from dougong.tenants.laying import Laying
from dougong.tenants.setup import SETUP, setup_context, with_every_right
from dougong.tenants.users import add_company, add_user

MORNING: Final = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""When a scenario plays that does not say (nine o'clock on a Monday in Shanghai)."""
TENANT: Final = "test"
NO_SIGN_IN: Final = "!"
"""Stands where a password's hash would; nothing hashes to it."""


class Stage:
    """A tenant in memory. Everything done on it within `scene` is undone at its end."""

    def __init__(
        self, sources: Sequence[SourceSet], catalog: Catalog, *, language: str = "zh"
    ) -> None:
        self.catalog = catalog
        self.language = language
        self.connection = open_sqlite(
            ":memory:", create=True, functions=to_sql.sqlite_functions(), durable="process"
        )
        Laying(tuple(sources), catalog, {}, language, MORNING).lay(self.connection, TENANT)
        self.setup = setup_context(TENANT, MORNING, language=language, login="test", door="test")
        self._number = 0
        self._people: dict[tuple[str, ...], int] = {}
        self._open_company()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def work_for(self, context: Context) -> Work:
        """Return a work for the context in the transaction that is open."""
        catalog = with_every_right(self.catalog) if SETUP in context.roles else self.catalog
        return Work(context, catalog, self.connection, "sqlite", number=self._number)

    def actor(self, roles: tuple[str, ...]) -> Context:
        """Return the context of the person who holds these roles; `cast` made her."""
        login = _login(roles)
        return replace(
            self.setup, user=self._people[roles], login=login, roles=frozenset({*roles, EVERYONE})
        )

    @contextmanager
    def scene(self) -> Iterator[None]:
        """A transaction that is never kept."""
        self.connection.begin(write=True)
        self._number = open_work(self.setup, self.catalog, self.connection).number
        self._people.clear()
        try:
            yield
        finally:
            self.connection.rollback()

    def cast(self, roles: Iterable[tuple[str, ...]]) -> None:
        """Make a person for every set of roles that is known, inside the scene."""
        work = self.work_for(self.setup)
        for each in dict.fromkeys(roles):
            if each and all(role in self.catalog.roles for role in each):
                self._people[each] = add_user(
                    work, _login(each), _login(each), roles=each, encoded=NO_SIGN_IN, now=MORNING,
                    language=self.language,
                )  # fmt: skip

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A part of a scene whose effects are undone."""
        self.connection.run("savepoint part")
        try:
            yield
        finally:
            self.connection.run("rollback to part")
            self.connection.run("release part")

    def _open_company(self) -> None:
        """Make the company everybody works in and who makes what is given; they stay."""
        self.connection.begin(write=True)
        work = open_work(self.setup, self.catalog, self.connection)
        values = {
            "code": "main",
            "name": "Test",
            "currency": {"code": "CNY"},
            "zone": self.setup.zone,
        }
        company = add_company(work, values)
        user = add_user(
            work, TENANT, TENANT, roles=(), encoded=NO_SIGN_IN, now=MORNING, language=self.language
        )
        self.connection.commit()
        self.setup = replace(self.setup, user=user, company=company, companies=(company,))


def _login(roles: Iterable[str]) -> str:
    return "+".join(roles)
