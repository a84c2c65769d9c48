"""A shop behind a real server, and a browser in front of it."""

import importlib.util
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dougong.foundation.settings import Settings
from dougong.foundation.shipped import shipped_folder
from dougong.records import store
from dougong.server.app import build_app
from dougong.tenants.passwords import Passwords
from dougong.tenants.people import find_login
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_context, setup_work
from dougong.tenants.users import add_user

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
PASSWORD = "four plain little words"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CUSTOMERS = ("上海恒泰精密机械有限公司", "苏州金鼎自动化设备有限公司", "天津瑞丰环保科技有限公司")
ITEMS = (
    ("10.01", "深沟球轴承", "12.50"),
    ("10.02", "三相异步电机", "860.00"),
    ("10.03", "不锈钢法兰", "45.25"),
)
ORDERS = 60


LAYER = {
    "settings/reminders.yaml": """setting: x.reminders
label: {zh: 提醒规则, en: Reminders}
fields:
  days: {type: integer, label: {zh: 提前天数, en: Days ahead}, default: 3}
""",
    "settings/letterhead.yaml": """setting: x.letterhead
label: {zh: 抬头, en: Letterhead}
per: company
fields:
  head: {type: text, label: {zh: 抬头文字, en: Head}, length: 60}
""",
    "roles/tuner.yaml": """role: x.tuner
label: {zh: 调校员, en: Tuner}
grants:
  x.reminders: {read: true, create: true, update: true}
  x.letterhead: {read: true, create: true, update: true}
""",
    "menu.yaml": """menu: x
label: {zh: 参数, en: Settings}
items:
  reminders: {setting: x.reminders}
  letterhead: {setting: x.letterhead}
""",
}
"""What the tenant of the tests configures itself: a setting of its own, one of each company."""


class Shop:
    """One tenant `acme` with people, customers, items and orders, served on a port of its own."""

    name = "acme"

    def __init__(self, folder: Path, cache: Path, database_url: str = "") -> None:
        settings = Settings(data=folder, database_url=database_url, threads=2, cache=cache)
        self.quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.registry = Registry(settings, lambda: NOW, passwords=self.quick)
        self.registry.create(
            "acme", modules=["sales"], label="甲贸易", language="zh", now=NOW, password=PASSWORD,
            layer=LAYER,
        )  # fmt: skip
        self.opened = self.registry.open("acme")
        self.orders: list[str] = []
        self.fill()
        self.base, self.server = serve(build_app(self.registry, settings))

    def setup(self, act: Callable[[Any], Any]) -> Any:
        context = setup_context("acme", NOW, language="zh")
        return self.opened.run(context, lambda work: act(setup_work(work)), write=True)

    def make(self, entity: str, **values: Any) -> str:
        return str(self.setup(lambda work: store.create(work, entity, values)).id)

    def add(self, login: str, name: str, *roles: str) -> int:
        encoded = self.quick.hash(PASSWORD)
        return self.setup(
            lambda work: add_user(work, login, name, roles=roles, encoded=encoded, now=NOW)
        )

    def person(self, login: str) -> int:
        with self.opened.begun(write=False) as (connection, catalog, _):
            return find_login(connection, catalog, login)

    def fill(self) -> None:
        manager = self.add("manager", "王芳", "sales.manager")
        self.add("clerk", "李强", "sales.clerk")
        customers = [
            self.make("master_data.customer", code=f"C{number}", name=name, credit_limit="1000000")
            for number, name in enumerate(CUSTOMERS, 1)
        ]
        items = [
            self.make(
                "master_data.item", code=code, name=name, unit={"code": "pcs"}, list_price=price,
                tax_rate={"code": "vat13"},
            )
            for code, name, price in ITEMS
        ]  # fmt: skip
        self.customers, self.items = customers, items

        def orders(work: Any) -> None:
            for number in range(ORDERS):
                line = {"item": items[number % 3], "qty": str(number + 1), "price": "10"}
                body = {
                    "customer": customers[number % 3],
                    "date": f"2026-10-{number % 28 + 1:02d}",
                    "customer_order": f"PO-{number:03d}",
                    "items": [line],
                }
                self.orders.append(str(store.create(work, "sales.order", body).id))

        context = self.opened.context_of(manager, door="test")
        assert context
        self.opened.run(context, orders, write=True)

    def close(self) -> None:
        self.server.should_exit = True


def serve(app: Any) -> tuple[str, uvicorn.Server]:
    """Serve an application on a free port in a thread of its own; return once it answers."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    return f"http://127.0.0.1:{port}", server


@pytest.fixture(scope="session")
def shop_at(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Callable[..., Shop]:
    """Open a shop: `shop_at(database_url=…)`, on SQLite without."""
    manifest = shipped_folder("web") / "dist" / "manifest.json"
    assert manifest.is_file(), "web/dist is not built: pip install -e ."

    def open_(database_url: str = "") -> Shop:
        return Shop(tmp_path_factory.mktemp("shop"), shared_cache, database_url)

    return open_


@pytest.fixture(scope="session")
def sqlite_shop(shop_at: Callable[..., Shop]) -> Iterator[Shop]:
    made = shop_at()
    yield made
    made.close()


@pytest.fixture(scope="module")
def shop(sqlite_shop: Shop) -> Shop:
    """The shop that a module's tests visit."""
    return sqlite_shop


@pytest.fixture(scope="session")
def every_page() -> ModuleType:
    """The module every_page.py beside this file, which pictures.py uses too."""
    spec = importlib.util.spec_from_file_location(
        "web_every_page", Path(__file__).with_name("every_page.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a module: as long as it is driven, an event loop is running."""
    chromium = shutil.which("chromium")
    assert chromium, "These tests need Chromium: apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


class Visitor:
    """A person at a browser: pages by path, and everything the console complained about."""

    def __init__(self, context: BrowserContext, shop: Any) -> None:
        self.shop = shop
        self.page: Page = context.new_page()
        self.page.set_default_timeout(8000)
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def go(self, path: str = "") -> Page:
        self.page.goto(f"{self.shop.base}/t/{self.shop.name}/{path}")
        return self.page

    def sign_in(self, login: str) -> Page:
        page = self.go("sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_url(f"**/t/{self.shop.name}/")
        return page

    def cell(self, row: int, field: str) -> str:
        """What stands in a cell of the line grid."""
        cell = self.page.locator(f"td[data-cell='{row}.{self.column(field)}']")
        return cell.inner_text().strip()

    def at(self, row: int, field: str) -> None:
        """Click a cell; the input that lies over the active one may take the click."""
        cell = self.page.locator(f"td[data-cell='{row}.{self.column(field)}']")
        cell.scroll_into_view_if_needed()
        box = cell.bounding_box()
        assert box
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def column(self, field: str) -> int:
        heads = self.page.locator(".lines thead th").all_inner_texts()
        return next(at for at, head in enumerate(heads) if head.strip(" *") == field) - 1


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Open a browser window on what is served: `window(shop, width=390)`; nothing may be left in
    the console at the end.
    """
    visitors: list[Visitor] = []
    contexts: list[BrowserContext] = []

    def open_(shop: Any, width: int = 1440, height: int = 860, **options: Any) -> Visitor:
        viewport = {"width": width, "height": height}
        context = browser.new_context(viewport=viewport, **{"locale": "zh-CN", **options})
        contexts.append(context)
        visitors.append(Visitor(context, shop))
        return visitors[-1]

    yield open_
    for context in contexts:
        context.close()
    complaints = [text for visitor in visitors for text in visitor.complaints]
    assert complaints == []


@pytest.fixture
def visit(window: Callable[..., Visitor], shop: Shop) -> Callable[..., Visitor]:
    """Open a window on the shop: `visit(width=390)`."""
    return partial(window, shop)


@pytest.fixture(scope="session")
def serving() -> Callable[[Any], tuple[str, uvicorn.Server]]:
    return serve


@pytest.fixture
def manager(visit: Callable[..., Visitor]) -> Visitor:
    visitor = visit()
    visitor.sign_in("manager")
    return visitor
