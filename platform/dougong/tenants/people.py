"""Who a user is: login, language, companies, and the roles held in each of them."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from dougong.access.grants import EVERYONE
from dougong.catalog.catalog import Catalog
from dougong.database.connect import Connection
from dougong.foundation.context import Context, Door
from dougong.tenants.columns import from_json, marked

ZONE = "Asia/Shanghai"
"""The zone of someone who works in no company yet."""


@dataclass(frozen=True, slots=True)
class Person:
    """An active user. `grants` are (role, company), company 0 for every company; `companies` the
    ids she may work in, with the zone of each. `must_change` says that somebody else knows her
    password.
    """

    user: int
    login: str
    name: str
    language: str
    companies: tuple[tuple[int, str], ...]
    grants: frozenset[tuple[str, int]]
    must_change: bool = False

    def roles_in(self, company: int) -> frozenset[str]:
        """Return the roles held in `company`, `base.everyone` among them."""
        return _roles_in(self.grants, company)

    def context(
        self,
        tenant: str,
        *,
        now: datetime,
        door: Door,
        language: str,
        company: int = 0,
        trace: str = "",
        proof: tuple[tuple[str, object], ...] = (),
    ) -> Context:
        """Return her context in `company`, or in her first one when it is not hers.

        `language` serves where she has chosen none; `proof` says what the context was derived from.
        """
        zones = dict(self.companies)
        used = company if company in zones else next(iter(zones), 0)
        return Context(
            tenant=tenant,
            user=self.user,
            login=self.login,
            roles=self.roles_in(used),
            now=now,
            company=used,
            companies=tuple(zones),
            language=self.language or language,
            zone=zones.get(used, ZONE),
            door=door,
            trace=trace,
            attributes=proof,
        )


@lru_cache(maxsize=1_000)
def _roles_in(grants: frozenset[tuple[str, int]], company: int) -> frozenset[str]:
    return frozenset({EVERYONE, *(role for role, place in grants if place in (0, company))})


def find_person(connection: Connection, catalog: Catalog, user: int) -> Person | None:
    """Return the active user with this id, or None."""
    users = catalog.entities["base.user"]
    rows = connection.run(
        marked(
            connection,
            'select "login", "name", "language", "companies", "active", c.must_change'  # noqa: S608
            f' from @."{users.table}" u left join @."dougong_credential" c on c."user" = u.id'
            " where u.id = ?",
        ),
        [user],
    )
    if not rows or not rows[0][4]:
        return None
    login, name, language, companies, _, must_change = rows[0]
    return Person(
        user,
        login,
        name,
        language or "",
        _companies(connection, catalog, from_json(connection, companies) or []),
        _grants(connection, catalog, user),
        bool(must_change),
    )


def find_login(connection: Connection, catalog: Catalog, login: str) -> int:
    """Return the id of the user with this login, active or not; 0 when there is none."""
    table = catalog.entities["base.user"].table
    sql = marked(connection, f'select id from @."{table}" where "login" = ?')  # noqa: S608
    rows = connection.run(sql, [login])
    return int(rows[0][0]) if rows else 0


def find_companies(connection: Connection, catalog: Catalog) -> tuple[tuple[int, str], ...]:
    """Return (id, zone) of every company, oldest first."""
    table = catalog.entities["base.company"].table
    rows = connection.run(f'select id, "zone" from @."{table}" order by id')  # noqa: S608
    return tuple((int(id_), zone or ZONE) for id_, zone in rows)


def _companies(
    connection: Connection, catalog: Catalog, ids: list[Any]
) -> tuple[tuple[int, str], ...]:
    """Return (id, zone) of the companies that are there, in the order given."""
    zones = dict(find_companies(connection, catalog))
    return tuple((int(id_), zones[int(id_)]) for id_ in ids if int(id_) in zones)


def _grants(connection: Connection, catalog: Catalog, user: int) -> frozenset[tuple[str, int]]:
    users, roles = catalog.entities["base.user"], catalog.entities["base.role"]
    lines = users.lines["grants"].table
    rows = connection.run(
        marked(
            connection,
            f'select r."code", g."company" from @."{lines}" g'  # noqa: S608
            f' join @."{roles.table}" r on r.id = g."role" where g.parent = ?',
        ),
        [user],
    )
    return frozenset((code, int(company or 0)) for code, company in rows if code in catalog.roles)
