"""Bringing a sheet in: choose, look, start, follow, take back."""

from pathlib import Path
from typing import Any

import pytest

from dougong.jobs.file_jobs import FILE_JOBS
from dougong.jobs.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

SHEET = "编码,名称,电话,备注\nN1,南京新客户,02588886666,\nN2,无锡新客户,,老板姓赵\n,没有编码,,\n"


def work_off(shop: Any) -> None:
    """Do the jobs that wait, as the worker beside the server would."""
    worker = Worker(shop.registry, FILE_JOBS, shop.registry.clock)
    while worker.round():
        pass


def test_a_sheet_of_customers_comes_in_and_goes_out_again(
    manager: Any, shop: Any, tmp_path: Path
) -> None:
    sheet = tmp_path / "客户.csv"
    sheet.write_text(SHEET, "utf-8")
    page = manager.go("master_data.customer")
    page.click("a:has-text('导入')")
    page.set_input_files("input[type=file]", sheet)
    page.wait_for_selector(".import-summary")
    assert page.locator("select[aria-label=电话]").input_value() == "phone"
    assert "新增 2" in page.locator(".import-summary").inner_text()
    assert "第 4 行" in page.locator("[data-preview] .problems").inner_text()
    page.click("text=导入 3 行")
    page.wait_for_url("**/jobs/*")
    work_off(shop)
    page.wait_for_selector("#job >> text=已完成")
    counts = page.locator(".counts").inner_text()
    assert "新增" in counts
    page.click("#job >> text=撤销导入")
    page.click("dialog .dialog-tools .button.danger")
    page.wait_for_selector("#job h1:has-text('撤销')")
    work_off(shop)
    page.wait_for_selector("#job >> text=已完成")
    page = manager.go("master_data.customer?q=N1")
    assert page.locator(".empty").count() == 1
    manager.complaints.clear()


def test_someone_else_s_job_is_not_there(manager: Any, visit: Any) -> None:
    page = manager.go("jobs/123456")
    assert page.locator(".notice").count() == 1
    manager.complaints.clear()  # the browser notes the status 404
