"""Exports and imports as jobs: asked for in a list, followed, stopped, run again, taken back."""

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dougong.jobs.file_jobs import FILE_JOBS
from dougong.jobs.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]


def work_off(shop: Any) -> None:
    """Do the jobs that wait, as the worker beside the server would."""
    worker = Worker(shop.registry, FILE_JOBS, shop.registry.clock)
    while worker.round():
        pass


def ask_for(page: Any, kind: str) -> None:
    page.click("summary:has-text('导出')")
    page.click(f".sheet button[value={kind}]")
    page.wait_for_url(re.compile(r"/jobs/\d+$"))


def test_the_filtered_list_as_a_file(manager: Any, shop: Any) -> None:
    page = manager.go(f"sales.order?f.customer={shop.customers[1]}&sort=customer_order")
    ask_for(page, "csv")
    work_off(shop)
    page.wait_for_selector("#job >> text=已完成")
    with page.expect_download() as coming:
        page.click("#job a.primary")
    text = Path(coming.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    orders = [row["客户订单号"] for row in rows]
    assert len(rows) >= 20
    # Orders that other tests left without a number of the customer stand last, as in the list.
    assert orders == sorted(orders, key=lambda number: (not number, number))
    assert {row["客户"] for row in rows} == {"C2"}


def test_a_workbook_from_the_list_of_jobs(manager: Any, shop: Any) -> None:
    page = manager.go("master_data.item")
    ask_for(page, "xlsx")
    page = manager.go("jobs")
    page.wait_for_selector(".table tbody tr:first-child >> text=排队中")
    work_off(shop)
    page.wait_for_selector(".table tbody tr:first-child >> text=已完成")
    with page.expect_download() as coming:
        page.locator(".table a.button").first.click()
    assert coming.value.suggested_filename.endswith(".xlsx")
    assert zipfile.is_zipfile(coming.value.path())


def test_a_job_is_stopped_and_run_again(manager: Any, shop: Any) -> None:
    page = manager.go("master_data.item")
    ask_for(page, "csv")
    page = manager.go("jobs")
    first = page.locator(".table tbody tr").first
    first.locator("button:has-text('停止')").click()
    page.wait_for_selector(".table tbody tr:first-child >> text=已停止")
    work_off(shop)
    page = manager.go("jobs")
    first = page.locator(".table tbody tr").first
    first.locator("button:has-text('重新执行')").click()
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    work_off(shop)
    page.wait_for_selector("#job >> text=已完成")


def test_an_import_is_taken_back_from_the_list_of_imports(
    manager: Any, shop: Any, tmp_path: Path
) -> None:
    sheet = tmp_path / "新客户.csv"
    sheet.write_text("编码,名称\nT1,泰州新客户\n", "utf-8")
    page = manager.go("master_data.customer/import")
    page.set_input_files("input[type=file]", sheet)
    page.wait_for_selector(".import-summary")
    page.click("text=导入 1 行")
    page.wait_for_url("**/jobs/*")
    work_off(shop)
    page = manager.go("imports")
    row = page.locator(".table tbody tr", has_text="新客户.csv")
    row.locator("button:has-text('撤销导入')").click()
    page.click("dialog .dialog-tools .button.danger")
    page.wait_for_url("**/jobs/*")
    work_off(shop)
    page = manager.go("imports")
    assert "撤销" in page.locator(".table tbody tr", has_text="新客户.csv").inner_text()
    assert manager.go("master_data.customer?q=T1").locator(".empty").count() == 1


def test_who_has_asked_for_nothing_is_told_what_jobs_are(visit: Any) -> None:
    visitor = visit()
    visitor.sign_in("clerk")
    assert "导出和导入" in visitor.go("jobs").locator(".empty").inner_text()
    assert visitor.go("imports").locator(".empty, .table").count() == 1
