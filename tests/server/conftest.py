"""A shop on the wire: two tenants, people in roles, a client for each of them."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from dougong.foundation.context import Context
from dougong.records import store
from dougong.server.app import build_app
from dougong.server.app import close as close_desk
from dougong.tenants import tokens
from dougong.tenants.opened import Opened
from dougong.tenants.passwords import Passwords
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_context, setup_work
from dougong.tenants.users import add_user

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
PASSWORD = "four plain little words"
PEOPLE = {
    "manager": ["sales.manager"],
    "clerk": ["sales.clerk"],
    "trainee": ["sales.trainee"],
    "plain": [],
}
COST, LIMIT, PHONE = "919191.91", "717171.71", "13900001111"
"""What a trainee must never see: the cost of an item, a customer's limit and phone."""


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


class Loop:
    """An event loop in a thread of its own, so that tests stay plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, waited: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(waited, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Client:
    """One person's program: `client.get("sales.order")` asks below the tenant's /api."""

    def __init__(self, loop: Loop, app: Any, tenant: str, headers: dict[str, str]) -> None:
        self._loop = loop
        self.base = f"/t/{tenant}/api"
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 5000), raise_app_exceptions=False)
        self.http = httpx.AsyncClient(
            transport=transport, base_url="https://erp.example", headers=headers
        )

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        if not path.startswith("/t/"):
            path = f"{self.base}/{path}".rstrip("/")
        answer: httpx.Response = self._loop.run(self.http.request(method, path, **given))
        return answer

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, json: Any = None, **given: Any) -> httpx.Response:
        return self.ask("POST", path, json=json, **given)

    def patch(self, path: str, version: int | None, json: Any) -> httpx.Response:
        return self.ask("PATCH", path, json=json, headers=match(version))

    def delete(self, path: str, version: int | None = None) -> httpx.Response:
        return self.ask("DELETE", path, headers=match(version))

    def act(self, path: str, action: str, version: int | None, json: Any = None) -> httpx.Response:
        return self.ask("POST", f"{path}/actions/{action}", json=json, headers=match(version))


def match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


class Tenant:
    """A tenant with its people's ids and tokens, and what it sells."""

    def __init__(self, registry: Registry, name: str, clock: Clock) -> None:
        self.name = name
        registry.create(
            name, modules=["sales"], label=name, language="zh", now=clock(), password=PASSWORD,
        )  # fmt: skip
        self.opened: Opened = registry.open(name)
        self.encoded = registry.passwords.hash(PASSWORD)
        self.clock = clock
        self.users = {who: self.add(who, roles) for who, roles in PEOPLE.items()}
        self.tokens = {
            who: tokens.issue(self.opened, user, "test", clock(), expires=clock() + timedelta(90))
            for who, user in self.users.items()
        }

    def setup(self, act: Callable[[Any], Any]) -> Any:
        """Do something with every right."""
        context = setup_context(self.name, self.clock(), language="zh")
        return self.opened.run(context, lambda work: act(setup_work(work)), write=True)

    def add(self, login: str, roles: list[str]) -> int:
        found: int = self.setup(
            lambda work: add_user(
                work, login, login, roles=roles, encoded=self.encoded, now=self.clock()
            )
        )
        return found

    def make(self, entity: str, **values: Any) -> str:
        saved = self.setup(lambda work: store.create(work, entity, values))
        return str(saved.id)

    def context(self, who: str) -> Context:
        found = self.opened.principal(self.tokens[who])
        assert found is not None
        return found


class Shop:
    """Both tenants behind one application."""

    def __init__(self, database: Any) -> None:
        self.clock = Clock()
        self.settings = database.settings
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.registry = Registry(database.settings, self.clock, passwords=quick)
        self.app = build_app(self.registry, database.settings)
        self.loop = Loop()
        self.tenants: dict[str, Tenant] = {}

    @property
    def acme(self) -> Tenant:
        return self.tenant("acme")

    def tenant(self, name: str) -> Tenant:
        if name not in self.tenants:
            self.tenants[name] = Tenant(self.registry, name, self.clock)
        return self.tenants[name]

    def client(self, who: str = "", tenant: str = "acme", **headers: str) -> Client:
        known = self.tenants.get(tenant)
        if who and known:
            headers["Authorization"] = f"Bearer {known.tokens[who]}"
        return Client(self.loop, self.app, tenant, headers)

    def stock(self, tenant: Tenant | None = None, mark: str = "") -> dict[str, str]:
        """Make a customer and an item whose secrets are unmistakable."""
        place = tenant or self.acme
        owner = str(place.users["trainee"])
        customer = place.make(
            "master_data.customer", code=f"C1{mark}", name=f"甲公司{mark}", credit_limit=LIMIT,
            phone=PHONE, owner=owner,
        )  # fmt: skip
        item = place.make(
            "master_data.item", code=f"I1{mark}", name=f"螺丝{mark}", unit={"code": "pcs"},
            list_price="2.50", standard_cost=COST,
        )  # fmt: skip
        return {"customer": customer, "item": item}

    def order(self, who: str = "manager", stock: dict[str, str] | None = None, **given: Any) -> Any:
        """Send an order as `who`; return the record."""
        known = stock or self.stock()
        body = {
            "customer": known["customer"],
            "items": [{"item": known["item"], "qty": "10", "price": "20"}],
            **given,
        }
        answer = self.client(who).post("sales.order", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def close(self) -> None:
        self.loop.close()
        close_desk(self.app.state.desk)


@pytest.fixture
def shop(database: Any) -> Iterator[Shop]:
    """The shop on both databases."""
    with ExitStack() as stack:
        made = Shop(database)
        stack.callback(made.close)
        made.tenant("acme")
        yield made


@pytest.fixture
def sqlite_shop(sqlite_database: Any) -> Iterator[Shop]:
    """The shop on SQLite, for what does not depend on the database."""
    with ExitStack() as stack:
        made = Shop(sqlite_database)
        stack.callback(made.close)
        made.tenant("acme")
        yield made
