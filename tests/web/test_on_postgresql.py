"""The same shop on PostgreSQL: an order keyed, saved, submitted, found, exported, its setting kept."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dougong.jobs.file_jobs import FILE_JOBS
from dougong.jobs.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]


@pytest.fixture(scope="module")
def shop(shop_at: Callable[..., Any], shared_postgres: str, shared_cache: Path) -> Iterator[Any]:
    """This module's shop stands on PostgreSQL."""
    made = shop_at(database_url=shared_postgres)
    yield made
    made.close()
    made.registry.remove("acme")
    made.registry.close()


def test_a_day_on_postgresql(manager: Any, shop: Any) -> None:
    page = manager.go("sales.order/new")
    page.fill("[name=customer]", "金鼎")
    page.wait_for_selector(".hits li")
    page.keyboard.press("Enter")
    manager.at(0, "物料")
    for text in ("10.02", "", "3"):
        page.keyboard.type(text, delay=15)
        page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/sales\.order/\d+$"))
    page.wait_for_selector("dg-document")
    assert page.input_value("[name=total]") == "2,915.40"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast >> text=提交")
    assert page.locator(".title-bar .tag").inner_text() == "已提交"

    page = manager.go("sales.order?f.state=submitted")
    assert page.locator(".table tbody tr").count() == 1
    page.click(".table thead a:has-text('日期')")
    page.wait_for_selector("th[aria-sort=ascending]")
    page = manager.go("sales.order?page=2")
    page.click("summary:has-text('导出')")
    page.click(".sheet button[value=csv]")
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    worker = Worker(shop.registry, FILE_JOBS, shop.registry.clock)
    while worker.round():
        pass
    page.wait_for_selector("#job >> text=已完成")
    page = manager.go("sales.order/1")
    assert page.locator(".nav").count() == 1
    manager.complaints.clear()  # the browser notes the status 404
