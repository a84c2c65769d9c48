"""The tenant that the benches measure: x.order, a seller, customers, items; on either database."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from dougong.database import provision
from dougong.database.connect import open_postgres
from dougong.formulas import to_sql
from dougong.foundation.settings import Settings
from dougong.records import store
from dougong.tenants import tokens
from dougong.tenants.configuration import read_files
from dougong.tenants.opened import Opened
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_work
from dougong.tenants.users import add_user

HERE = Path(__file__).parent
TENANT = "bench"
PASSWORD = "four plain little words"


def now() -> datetime:
    return datetime.now(UTC)


def _tests_conftest() -> ModuleType:
    """The tests' own way to start PostgreSQL."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("speed_conftest", HERE.parent / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own with an empty database; yields the address of its plain login."""
    given = os.environ.get("DOUGONG_TEST_PG_URL", "")
    with ExitStack() as stack:
        admin_url = given
        if not given:
            conftest = _tests_conftest()
            binaries = conftest._system_binaries()
            start = (
                conftest._start_system_server(binaries)
                if binaries
                else conftest._start_packaged_server()
            )
            admin_url = stack.enter_context(contextmanager(lambda: start)())
        name = f"dougong_speed_{os.getpid()}"
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute(f"create role {name} login noinherit createrole password 'speed'")
            admin.execute(f"create database {name} owner {name}")
        parts = urlsplit(admin_url)
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit(parts._replace(netloc=f"{name}:speed@{host}", path=f"/{name}"))
        door = open_postgres(url)
        provision.share_functions(door, list(to_sql.postgres_functions()))
        door.close()
        try:
            yield url
        finally:
            with psycopg.connect(admin_url, autocommit=True) as admin:
                admin.execute(f"drop database {name} with (force)")
                for (role,) in admin.execute(
                    "select rolname from pg_roles where rolname like 'dougong\\_t\\_%'"
                ).fetchall():
                    admin.execute(f'drop role "{role}"')
                admin.execute(f"drop role {name}")


@contextmanager
def settings_of(dialect: str) -> Iterator[Settings]:
    """Settings over an empty place for tenants on `sqlite` or `postgresql`."""
    folder = Path(tempfile.mkdtemp(prefix="dougong-speed-"))
    try:
        if dialect == "sqlite":
            yield Settings(data=folder, threads=1)
        else:
            with postgres() as url:
                yield Settings(data=folder, database_url=url, threads=4)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class House:
    """The tenant as it stands: who sells, with which token, and what there is to sell."""

    settings: Settings
    registry: Registry
    opened: Opened
    user: int
    token: str
    customers: tuple[int, ...]
    items: tuple[int, ...]
    warehouses: tuple[int, ...]


def build(settings: Settings) -> House:
    """Create the tenant with its seller and its master data."""
    registry = Registry(settings, now)
    registry.create(
        TENANT, modules=["master_data"], label="Bench", language="en", now=now(),
        layer=read_files(HERE / "tenant"), password=PASSWORD,
    )  # fmt: skip
    opened = registry.open(TENANT)
    encoded = registry.passwords.hash(PASSWORD)

    def fill(work: Any) -> tuple[int, tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        user = add_user(
            work, "seller", "Wang", roles=["x.seller"], encoded=encoded, now=now(), language="en"
        )
        done = setup_work(work)
        unit = store.create(done, "master_data.unit", {"code": "pcs9", "name": "Pieces"}).id
        customers = [{"code": f"C{n:03}", "name": f"Customer 客户 {n}"} for n in range(50)]
        items = [
            {"code": f"I{n:03}", "name": f"Item 物料 {n}", "unit": str(unit)} for n in range(100)
        ]
        stores = [{"code": f"W{n}", "name": f"Warehouse {n}"} for n in range(3)]

        def all_of(entity: str, rows: list[dict[str, Any]]) -> tuple[int, ...]:
            return tuple(
                one.id for one in store.upsert(done, entity, rows, key=("code",), good_only=False)
            )

        return (
            user,
            all_of("master_data.customer", customers),
            all_of("master_data.item", items),
            all_of("master_data.warehouse", stores),
        )

    context = opened.setup_context(now())
    user, customers, items, stores = opened.run(context, fill, write=True)
    token = tokens.issue(opened, user, "bench", now(), expires=now() + timedelta(days=9))
    return House(settings, registry, opened, user, token, customers, items, stores)


def seller(house: House) -> Any:
    """The context of the seller, as a unit of work takes it."""
    context = house.opened.principal(house.token)
    assert context is not None
    return replace(context, now=now())
