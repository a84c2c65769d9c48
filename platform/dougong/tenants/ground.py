"""Where tenants live: one file each on SQLite, one schema and role each on PostgreSQL."""

import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING, Final, Protocol

from dougong.database.connect import Connection, Fault, open_sqlite
from dougong.formulas import to_sql
from dougong.foundation.settings import Settings
from dougong.records import ids
from dougong.tenants.directory import SCHEMA

if TYPE_CHECKING:
    from dougong.database.connect import PostgresConnection

OPEN_FILES: Final = 128
"""How many tenants' files one thread keeps open (three descriptors and half a megabyte each)."""


class Ground(Protocol):
    """The place of all tenants of one database."""

    def lend(self, tenant: str) -> AbstractContextManager[Connection]:
        """Lend this thread a connection to a tenant that is there."""
        ...

    def lend_directory(self) -> AbstractContextManager[Connection]:
        """Lend a connection to the directory."""
        ...

    def is_bound(self) -> bool:
        """Tell whether the operator's login reads nothing of a tenant by itself."""
        ...

    def build(self, tenant: str) -> AbstractContextManager[Connection]:
        """Make the tenant's place and lend a connection of its own for changing tables in it."""
        ...

    def alone(self, tenant: str) -> AbstractContextManager[Connection]:
        """Lend a connection of its own to a tenant that is there, for changing tables."""
        ...

    def drop(self, tenant: str) -> None:
        """Remove the place with all that is in it; harmless when there is none."""
        ...

    def let_go(self, tenant: str) -> None:
        """Close what this thread holds open of a tenant."""
        ...

    def forget(self, tenant: str) -> None:
        """Forget what is known of a tenant whose name may stand for a new one by now."""
        ...

    def close(self) -> None:
        """Close everything."""
        ...


class SqliteGround:
    """`<data>/tenants/<name>.sqlite`; each thread keeps its own connections, the latest used."""

    def __init__(self, settings: Settings, fault: Fault | None) -> None:
        self._folder = settings.data / "tenants"
        self._directory_file = settings.data / "directory.sqlite"
        self._fault = fault
        self._functions = tuple(to_sql.sqlite_functions())
        self._threads = local()
        self._lock = Lock()
        self._all: set[Connection] = set()
        self._directory: Connection | None = None
        self._directory_lock = Lock()

    def file(self, tenant: str) -> Path:
        """Return the tenant's file."""
        return self._folder / f"{tenant}.sqlite"

    @contextmanager
    def lend(self, tenant: str) -> Iterator[Connection]:
        """Lend the thread's connection, opening it when it is not open yet."""
        mine = self._mine()
        connection = mine.pop(tenant, None) or self._open(tenant)
        try:
            yield connection
        finally:
            connection.rollback()
            if tenant in mine:  # lent twice at a time, one inside the other
                self._shut(connection)
            else:
                mine[tenant] = connection
            if len(mine) > OPEN_FILES:
                self._shut(mine.popitem(last=False)[1])

    @contextmanager
    def lend_directory(self) -> Iterator[Connection]:
        """Lend the one connection to the directory."""
        with self._directory_lock:
            if self._directory is None:
                self._directory_file.parent.mkdir(parents=True, exist_ok=True)
                self._directory = open_sqlite(self._directory_file, create=True)
            yield self._directory

    def is_bound(self) -> bool:
        """A file has no login."""
        return True

    def build(self, tenant: str) -> AbstractContextManager[Connection]:
        """Make the file and lend a connection to it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self.opened(self.file(tenant), create=True)

    def alone(self, tenant: str) -> AbstractContextManager[Connection]:
        """Lend a connection of its own."""
        return self.opened(self.file(tenant))

    @contextmanager
    def opened(self, file: Path, *, create: bool = False) -> Iterator[Connection]:
        """Open any file for a while."""
        connection = open_sqlite(file, create=create, functions=self._functions, fault=self._fault)
        try:
            yield connection
        finally:
            connection.close()

    def put(self, tenant: str, file: Path) -> None:
        """Make the tenant's file a copy of `file`, which nobody has open."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self.file(tenant).with_suffix(".new")
        shutil.copyfile(file, new)
        new.replace(self.file(tenant))

    def drop(self, tenant: str) -> None:
        """Remove the file and what SQLite keeps beside it."""
        self.let_go(tenant)
        file = self.file(tenant)
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                file.with_name(file.name + ending).unlink()

    def let_go(self, tenant: str) -> None:
        """Close this thread's connection."""
        connection = self._mine().pop(tenant, None)
        if connection is not None:
            self._shut(connection)

    def forget(self, tenant: str) -> None:
        """Close this thread's connection; that of another thread finds the stamp of the removed."""
        self.let_go(tenant)

    def close(self) -> None:
        """Close the connections of all threads; none may be in use."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        with self._directory_lock:
            if self._directory is not None:
                self._directory.close()
                self._directory = None

    def _mine(self) -> OrderedDict[str, Connection]:
        if not hasattr(self._threads, "open"):
            self._threads.open = OrderedDict()
        mine: OrderedDict[str, Connection] = self._threads.open
        return mine

    def _open(self, tenant: str) -> Connection:
        connection = open_sqlite(self.file(tenant), functions=self._functions, fault=self._fault)
        with self._lock:
            self._all.add(connection)
        return connection

    def _shut(self, connection: Connection) -> None:
        with self._lock:
            self._all.discard(connection)
        connection.close()


class PostgresGround:
    """A schema and a role per tenant; a pool of connections that are lent with the role put on."""

    def __init__(self, settings: Settings, fault: Fault | None) -> None:
        from dougong.database import postgres, provision  # noqa: PLC0415 -- psycopg is an extra

        self._postgres = postgres
        self._provision = provision
        self._url = settings.database_url
        self._fault = fault
        self._pool = postgres.PostgresPool(self._url, settings.threads + 2, fault=fault)
        with self._own("", "") as connection:
            provision.share_functions(connection, to_sql.postgres_functions())

    def lend(self, tenant: str) -> AbstractContextManager[Connection]:
        """Lend a connection of the pool as the tenant's role."""
        return self._pool.lease(self._provision.schema_of(tenant), self._provision.role_of(tenant))

    def lend_directory(self) -> AbstractContextManager[Connection]:
        """Lend a connection of the pool as the operator."""
        return self._pool.lease(SCHEMA, "")

    def is_bound(self) -> bool:
        """No superuser, and no member that has its roles' rights without putting one on."""
        with self._own("", "") as connection:
            return self._provision.bound_login(connection)

    @contextmanager
    def build(self, tenant: str) -> Iterator[Connection]:
        """Make the role and the schema, and lend a connection as that role."""
        self.forget(tenant)
        with self._own("", "") as connection:
            self._provision.create_space(connection, tenant)
        with self.alone(tenant) as built:
            yield built

    def alone(self, tenant: str) -> AbstractContextManager[Connection]:
        """Lend a new connection: one that changed many tables stays large, so it is not kept."""
        return self._own(self._provision.schema_of(tenant), self._provision.role_of(tenant))

    def drop(self, tenant: str) -> None:
        """Drop the schema and the role."""
        with self._own("", "") as connection:
            self._provision.drop_space(connection, tenant)

    def let_go(self, tenant: str) -> None:
        """Nothing to do: connections belong to no tenant."""

    def forget(self, tenant: str) -> None:
        """Forget the ids still in hand, of a tenant that may have been made anew."""
        ids.forget(self._provision.schema_of(tenant))

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()

    @contextmanager
    def _own(self, schema: str, role: str) -> "Iterator[PostgresConnection]":
        connection = self._postgres.open_postgres(self._url, schema, role, fault=self._fault)
        try:
            yield connection
        finally:
            connection.close()


def ground_of(settings: Settings, fault: Fault | None = None) -> Ground:
    """Return the ground that the settings name."""
    return (
        PostgresGround(settings, fault) if settings.database_url else SqliteGround(settings, fault)
    )
