"""First users, added by the operator: a record of base.user, its roles, a password."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.nearest import nearest
from dougong.foundation.context import Context
from dougong.foundation.errors import Place, Problem, Refused
from dougong.records import store
from dougong.records.work import Work
from dougong.tenants.passwords import Passwords, random_password
from dougong.tenants.people import Person, find_login, find_person
from dougong.tenants.problems import LOGIN_TAKEN, UNKNOWN_ROLE
from dougong.tenants.setup import setup_work
from dougong.tenants.sign_in import put_hash


def add_user(
    work: Work,
    login: str,
    name: str,
    *,
    roles: Iterable[str],
    encoded: str,
    now: datetime,
    language: str = "",
    companies: Iterable[int] = (),
    must_change: bool = False,
) -> int:
    """Add a user with a password (its hash) in the transaction of `work`; return her id.

    `companies` are all there are unless given. Refuses unknown roles and a login that is taken.
    """
    roles = tuple(roles)
    check_roles(work.catalog, roles)
    if find_login(work.connection, work.catalog, login):
        raise Refused([Problem(LOGIN_TAKEN, Place(path="login"), {"login": login})])
    held = tuple(companies) or all_companies(work)
    body: dict[str, Any] = {
        "login": login,
        "name": name,
        "companies": [str(company) for company in held],
        "grants": [{"role": {"code": role}} for role in roles],
    }
    if language:
        body["language"] = language
    saved = store.create(setup_work(work), "base.user", body)
    put_hash(work.connection, saved.id, encoded, now, must_change=must_change)
    return saved.id


def check_roles(catalog: Catalog, roles: Iterable[str]) -> None:
    """Refuse roles the catalog does not have, all of them."""
    unknown = [
        Problem(UNKNOWN_ROLE, Place(path="roles"), {"role": role}, nearest(role, catalog.roles))
        for role in roles
        if role not in catalog.roles
    ]
    if unknown:
        raise Refused(unknown)


def add_company(work: Work, values: Mapping[str, Any]) -> int:
    """Add a company in the transaction of `work` and return its id."""
    return store.create(setup_work(work), "base.company", values).id


def all_companies(work: Work) -> tuple[int, ...]:
    """Return the ids of all companies, oldest first."""
    table = work.catalog.entities["base.company"].table
    rows = work.connection.run(f'select id from @."{table}" order by id')  # noqa: S608
    return tuple(int(id_) for (id_,) in rows)


def with_companies(context: Context, companies: tuple[int, ...]) -> Context:
    """Return the context with these companies, the first of them in use."""
    return replace(context, companies=companies, company=companies[0] if companies else 0)


def password_and_hash(given: str | None, passwords: Passwords) -> tuple[str, str]:
    """Return a password and its hash: the one given, or a random one."""
    if given is not None:
        return given, passwords.hash(given)
    made = random_password()
    return made, passwords.hash_random(made)


def list_users(work: Work) -> list[Person]:
    """Return the active users, by login."""
    table = work.catalog.entities["base.user"].table
    rows = work.connection.run(f'select id from @."{table}" order by "login"')  # noqa: S608
    found = [find_person(work.connection, work.catalog, int(id_)) for (id_,) in rows]
    return [person for person in found if person is not None]
