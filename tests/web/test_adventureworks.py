"""A real company's lists and orders in the browser: 19,820 customers, orders of many lines."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from dougong.foundation.settings import Settings
from dougong.jobs.file_jobs import Given, ImportRequest, import_files
from dougong.server.app import build_app
from dougong.tenants.passwords import Passwords
from dougong.tenants.people import find_login
from dougong.tenants.registry import Registry

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("web")]

TESTS = Path(__file__).parents[1]
TENANT, DATA = TESTS / "stories" / "adventureworks", TESTS / "data" / "adventureworks"
PASSWORD = "four plain little words"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Works:
    """The tenant with its customers, items and sales orders, served."""

    name = "adventureworks"

    def __init__(self, folder: Path, serving: Callable[[Any], tuple[str, Any]]) -> None:
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        settings = Settings(data=folder, threads=2)
        self.registry = Registry(settings, lambda: NOW, passwords=quick)
        layer = {
            path.relative_to(TENANT).as_posix(): path.read_text(encoding="utf-8")
            for path in TENANT.rglob("*.yaml")
        }
        self.registry.create(
            "adventureworks", modules=["sales"], label="Adventure Works Cycles", language="en",
            now=NOW, currency="USD", zone="America/Los_Angeles", layer=layer, password=PASSWORD,
            admin_roles=("base.admin", "sales.manager"),
        )  # fmt: skip
        self.opened = self.registry.open("adventureworks")
        for name in ("units", "categories", "items", "customers", "sales_orders"):
            self.import_(name)
        self.base, self.server = serving(build_app(self.registry, settings))

    def import_(self, name: str) -> None:
        opened = self.opened
        with opened.begun(write=False) as (connection, catalog, _):
            context = opened.context_of(find_login(connection, catalog, "admin"), door="command")
        assert context

        def run(act: Callable[[Any], Any], *, write: bool) -> Any:
            return opened.run(context, act, write=write)

        mapping = opened.catalog.imports[f"x.{name}"]
        names = {"": mapping.file} | {lines.file: lines.file for lines in mapping.lines}
        files = {
            key: Given(opened.files.keep((DATA / file).read_bytes()), file)
            for key, file in names.items()
        }
        request = ImportRequest(entity=mapping.entity, files=files, mapping=mapping.id)
        batch = run(lambda work: work.new_id(), write=True)
        outcome = import_files(opened.files, request, run, lambda *_: None, "en", batch)
        assert not outcome.problems


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory, serving: Any) -> Iterator[Works]:
    made = Works(tmp_path_factory.mktemp("works"), serving)
    yield made
    made.server.should_exit = True


@pytest.fixture
def admin(works: Works, window: Callable[..., Any]) -> Any:
    visitor = window(works, locale="en-US")
    visitor.sign_in("admin")
    return visitor


def codes(page: Any) -> list[str]:
    found: list[str] = page.locator(".table tbody a[data-open]").all_inner_texts()
    return found


def test_the_list_of_19820_customers(admin: Any) -> None:
    page = admin.go("master_data.customer")
    assert page.locator(".found").inner_text() == "more than 10,000 records"
    page.click(".table thead a:has-text('Code')")
    page.wait_for_selector("th[aria-sort=ascending]")
    assert codes(page) == [f"AW{number:08d}" for number in range(1, 51)]
    for number in (2, 3):
        page.click("[aria-label='Next page']")
        page.wait_for_url(f"**page={number}*")
    assert codes(page)[0] == "AW00000101"
    page.fill("#list-search", "AW00029515")
    page.wait_for_selector(".found:text-is('1 record'), .found:text-is('1 records')")
    assert codes(page) == ["AW00029515"]
    page.fill("#list-search", "AW0002951")
    page.wait_for_selector(".found:text-is('10 records')")
    assert codes(page) == [f"AW0002951{number}" for number in range(10)]


def test_an_order_of_thirteen_lines_is_opened_changed_and_saved(admin: Any) -> None:
    page = admin.go("sales.order?q=AW00029515")
    page.click("tr:has-text('85,982.4771') a[data-open]")
    page.wait_for_url(re.compile(r"/sales\.order/[0-9]+$"))
    page.wait_for_selector(".lines tbody tr")
    assert page.locator(".lines tbody tr").count() == 13
    assert page.input_value("[name=net]") == "85,982.4771"
    row = next(row for row in range(13) if admin.cell(row, "Discount") == "2%")
    assert admin.cell(row, "Price") == "1,957.4942"
    assert admin.cell(row, "Amount") == "23,020.131792"

    admin.at(row, "Qty")
    page.keyboard.type("13")
    page.keyboard.press("Enter")
    assert admin.cell(row, "Amount") == "24,938.476108", "no round trip needed"
    assert page.input_value("[name=net]") == "87,900.8214"
    assert page.input_value("[name=total]") == "87,900.8214"
    page.keyboard.press("Control+s")
    bar = page.locator("[data-problems]")
    bar.wait_for(state="visible")
    assert "85982.4771" in bar.inner_text()
    admin.complaints.clear()  # the browser notes the status 422
    page.fill("[name=x__subtotal]", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+s")
    page.wait_for_selector(".toast >> text=Saved")
    page.reload()
    assert admin.cell(row, "Qty") == "13"
    assert admin.cell(row, "Amount") == "24,938.476108"
    assert page.input_value("[name=net]") == "87,900.8214"
