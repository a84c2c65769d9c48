"""An order in the browser, entered by keyboard alone, computed, saved, refused, acted upon."""

import re
from collections.abc import Callable
from typing import Any

import pytest

SAVED = re.compile(r"/sales\.order/[0-9]+$")

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]


def pick(page: Any, name: str, text: str) -> None:
    page.fill(f"[name={name}]", text)
    page.wait_for_selector(".hits li")
    page.keyboard.press("Enter")


def enter_lines(visitor: Any, lines: list[tuple[str, str]]) -> None:
    """Type item and quantity of each line; Enter alone leads from cell to cell."""
    page = visitor.page
    visitor.at(0, "物料")
    for number, (item, qty) in enumerate(lines):
        if number:
            page.keyboard.press("Control+Enter")
        page.keyboard.type(item, delay=15)
        page.keyboard.press("Enter")  # to the description
        page.keyboard.press("Enter")  # to the quantity
        page.keyboard.type(qty, delay=15)
        page.keyboard.press("Enter")


def test_an_order_by_keyboard(manager: Any) -> None:
    page = manager.go("sales.order/new")
    pick(page, "customer", "金鼎")
    assert page.input_value("[name=customer]") == "苏州金鼎自动化设备有限公司"
    page.fill("[name=due]", "+7")
    page.keyboard.press("Tab")
    assert page.input_value("[name=due]") == "2026-12-02"
    enter_lines(manager, [("10.01", "=12*3.5"), ("不锈钢", "1,000"), ("10.02", "２")])
    page.wait_for_function("document.querySelector('[name=total]').value !== ''")
    page.wait_for_timeout(700)
    assert manager.cell(0, "数量") == "42"
    assert manager.cell(0, "单价") == "12.50"
    assert manager.cell(0, "金额") == "525.00"
    assert manager.cell(1, "物料").endswith("不锈钢法兰")
    assert manager.cell(1, "金额") == "45,250.00"
    assert manager.cell(2, "税率") == "13%"
    assert page.input_value("[name=net]") == "47,495.00"
    assert page.input_value("[name=tax]") == "6,174.35"
    assert page.input_value("[name=total]") == "53,669.35"
    page.keyboard.press("Control+s")
    page.wait_for_url(SAVED)
    page.wait_for_selector(".toast >> text=已保存")
    assert page.locator(".lines tbody tr").count() == 3
    assert page.input_value("[name=total]") == "53,669.35"


def test_the_page_computes_at_once_what_the_server_confirms(manager: Any) -> None:
    page = manager.go("sales.order/new")
    pick(page, "customer", "恒泰")
    enter_lines(manager, [("10.01", "3")])
    page.wait_for_timeout(700)
    manager.at(0, "单价")
    page.keyboard.type("7.333")
    page.keyboard.press("Enter")
    assert manager.cell(0, "金额") == "22.00", "no round trip needed"
    page.keyboard.press("Control+s")
    page.wait_for_url(SAVED)
    assert manager.cell(0, "金额") == "22.00"


def test_problems_stand_at_their_places_and_lead_there(manager: Any) -> None:
    page = manager.go("sales.order/new")
    enter_lines(manager, [("10.01", "-5")])
    page.wait_for_timeout(500)
    page.keyboard.press("Control+s")
    bar = page.locator("[data-problems]")
    bar.wait_for(state="visible")
    assert "客户" in bar.inner_text()
    assert page.locator("[data-field=customer].bad").count() == 1
    assert page.locator("td.bad").count() >= 1
    bar.locator("button", has_text="第 1 行").first.click()
    page.wait_for_selector(".cell-problem")
    assert page.url.endswith("/sales.order/new"), "nothing typed is lost"
    manager.complaints.clear()  # the browser notes the status 422


def test_a_cell_that_is_no_number_is_kept_and_marked(manager: Any) -> None:
    page = manager.go("sales.order/new")
    enter_lines(manager, [("10.01", "abc")])
    assert manager.cell(0, "数量") == "abc"
    assert page.locator("td.bad").count() == 1
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-problems] >> text=不是数字")


def test_a_code_typed_by_a_scanner_lands_in_its_own_row(manager: Any) -> None:
    page = manager.go("sales.order/new")
    manager.at(0, "物料")
    for code in ("10.01", "10.03", "10.02"):
        page.keyboard.type(code, delay=5)
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Enter")
    page.wait_for_timeout(900)
    names = [manager.cell(row, "物料") for row in range(3)]
    assert [name.split()[0] for name in names] == ["10.01", "10.03", "10.02"]


def test_pasting_a_table(manager: Any) -> None:
    page = manager.go("sales.order/new")
    manager.at(0, "物料")
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        "10.01\t甲\n10.02\t乙\n没有\t丙\n",
    )
    page.wait_for_selector(".toast >> text=已粘贴 3 行")
    page.wait_for_timeout(600)
    assert manager.cell(1, "物料").startswith("10.02")
    assert manager.cell(2, "说明") == "丙"
    assert page.locator("td.bad").count() == 1
    page.keyboard.press("Control+z")
    assert manager.cell(0, "物料") == ""


def test_lines_can_be_filled_down_inserted_and_removed(manager: Any) -> None:
    page = manager.go("sales.order/new")
    enter_lines(manager, [("10.01", "5"), ("10.02", "6")])
    manager.at(1, "数量")
    page.keyboard.press("Control+d")
    assert manager.cell(1, "数量") == "5"
    page.keyboard.press("Insert")
    assert page.locator(".lines tbody tr").count() == 3
    page.keyboard.press("Control+Delete")
    assert page.locator(".lines tbody tr").count() == 2
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert manager.cell(1, "数量") == "6"


def test_submitting_and_approving(manager: Any) -> None:
    page = manager.go("sales.order/new")
    pick(page, "customer", "瑞丰")
    enter_lines(manager, [("10.02", "1")])
    page.wait_for_timeout(600)
    page.click("[data-do=act][data-action=submit]")
    page.wait_for_url(SAVED)
    page.wait_for_selector(".tag >> text=已提交")
    assert page.locator("[name=number]").count() + page.locator("h1 small").count() >= 1
    page.click("[data-do=act][data-action=approve]")
    page.wait_for_selector(".tag >> text=已审核")
    assert page.locator("[name=customer]").get_attribute("readonly") is not None
    assert page.locator("[name=note]").get_attribute("readonly") is None
    assert "审核" in page.locator(".history").inner_text()


def test_a_reason_is_asked_for_and_told(manager: Any) -> None:
    page = manager.go("sales.order/new")
    pick(page, "customer", "瑞丰")
    enter_lines(manager, [("10.02", "1")])
    page.wait_for_timeout(600)
    page.keyboard.press("Control+s")
    page.wait_for_url(SAVED)
    page.click("details.menu summary:has-text('更多')")
    page.click("[data-do=act][data-action=void]")
    page.fill("dialog textarea", "客户取消")
    page.click("dialog .dialog-tools .button.danger")
    page.wait_for_selector(".tag >> text=已作废")
    assert "客户取消" in page.locator(".history").inner_text()


def test_two_people_at_once_are_asked_value_by_value(
    manager: Any, visit: Callable[..., Any]
) -> None:
    page = manager.go(f"sales.order/{manager.shop.orders[30]}")
    page.wait_for_selector("dg-document")
    other = visit()
    other.sign_in("clerk")
    other.page.goto(page.url)
    other.page.fill("[name=ship_to]", "对方的地址")
    other.page.keyboard.press("Control+s")
    other.page.wait_for_selector(".toast >> text=已保存")
    page.fill("[name=ship_to]", "我的地址")
    page.keyboard.press("Control+s")
    page.wait_for_selector("dialog .merge")
    assert "对方的地址" in page.locator("dialog .merge").inner_text()
    page.click("dialog .dialog-tools .button.primary")
    page.wait_for_selector(".toast >> text=已保存")
    assert page.input_value("[name=ship_to]") == "我的地址"
    manager.complaints.clear()  # the browser notes the status 409


def test_a_clerk_never_gets_the_cost(visit: Callable[..., Any]) -> None:
    visitor = visit()
    visitor.sign_in("clerk")
    page = visitor.go(f"sales.order/{visitor.shop.orders[31]}")
    page.wait_for_selector("dg-document")
    heads = page.locator(".lines thead th").all_inner_texts()
    assert "成本" not in heads
    assert '"cost"' not in page.content()
