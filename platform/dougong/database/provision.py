"""A tenant's place on PostgreSQL: its schema, its role, and what all tenants of a database share."""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

import psycopg

from dougong.database.port import Row
from dougong.database.postgres import PostgresConnection

SHARED: Final = "dougong"
"""The schema of the exact SQL functions, usable by every role."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")


def schema_of(tenant: str) -> str:
    """Return the tenant's schema. Raises ValueError for a name that could be none."""
    return f"t_{_checked(tenant)}"


def role_of(tenant: str) -> str:
    """Return the tenant's role. Raises ValueError for a name that could be none."""
    return f"dougong_t_{_checked(tenant)}"


def _checked(tenant: str) -> str:
    if not _NAME.fullmatch(tenant):
        raise ValueError(f"{tenant!r} can't name a schema")
    return tenant


def share_functions(connection: PostgresConnection, functions: Iterable[str]) -> None:
    """Put the SQL functions into the shared schema; a no-op when they are there unchanged.

    `functions` are DDL statements (`create or replace function dougong.…`). Their digest is kept as
    the schema's comment. Runs in a transaction of its own.
    """
    texts = list(functions)
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    connection.begin(write=True)
    try:
        connection.run("select pg_advisory_xact_lock(hashtext(%s))", [SHARED])
        found = connection.run("select obj_description(to_regnamespace(%s)::oid)", [SHARED])
        if found[0][0] != digest:
            _share(connection, texts, digest)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _share(connection: PostgresConnection, texts: list[str], digest: str) -> None:
    connection.script(f'create schema if not exists "{SHARED}"')
    for text in texts:
        connection.script(text)
    connection.script(
        f'grant usage on schema "{SHARED}" to public;'
        f'grant execute on all functions in schema "{SHARED}" to public;'
        f"comment on schema \"{SHARED}\" is '{digest}'"
    )


def create_space(connection: PostgresConnection, tenant: str) -> None:
    """Create the tenant's role and its empty schema, in a transaction of its own.

    The role can't log in; the pool's login may put it on but inherits nothing from it. Raises
    psycopg.errors.DuplicateSchema when the schema is there already.
    """
    schema, role = schema_of(tenant), role_of(tenant)
    connection.begin(write=True)
    try:
        if not connection.run("select 1 from pg_roles where rolname = %s", [role]):
            connection.script(f'create role "{role}" nologin')
        connection.script(f'grant "{role}" to current_user{_not_inherited(connection.raw)}')
        connection.script(f'create schema "{schema}" authorization "{role}"')
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _not_inherited(raw: psycopg.Connection[Row]) -> str:
    """Since version 16 inheritance is a property of the grant; before, of the login (NOINHERIT)."""
    return " with inherit false, set true" if raw.info.server_version >= 160_000 else ""


def drop_space(connection: PostgresConnection, tenant: str) -> None:
    """Drop the tenant's schema with all that is in it, and its role.

    The role stays when another database of the same cluster still has a tenant of that name.
    """
    schema, role = schema_of(tenant), role_of(tenant)
    connection.begin(write=True)
    try:
        if connection.run("select to_regnamespace(%s)", [schema])[0][0]:
            connection.script(
                f'set local role "{role}"; drop schema "{schema}" cascade; reset role'
            )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    connection.begin(write=True)
    try:
        connection.script(f'drop role if exists "{role}"')
        connection.commit()
    except psycopg.errors.DependentObjectsStillExist:
        connection.rollback()
    except BaseException:
        connection.rollback()
        raise


def bound_login(connection: PostgresConnection) -> bool:
    """Whether the login can read nothing without putting a role on (no superuser, no inheritance)."""
    rows = connection.run(
        "select rolsuper or rolbypassrls or rolinherit from pg_roles where rolname = current_user"
    )
    return not rows[0][0]
