"""Lists in the browser: sorting, filtering, searching, paging, many at once."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]


def dates(page: Any) -> list[str]:
    heads = page.locator(".table thead th").all_inner_texts()
    at = next(index for index, head in enumerate(heads) if head.startswith("日期")) + 1
    texts: list[str] = page.locator(f".table tbody td:nth-child({at})").all_inner_texts()
    return texts


def test_a_click_on_a_head_sorts_and_the_address_says_so(manager: Any) -> None:
    page = manager.go("sales.order")
    page.click(".table thead a:has-text('日期')")
    page.wait_for_url("**sort=date*")
    page.wait_for_selector("th[aria-sort=ascending]")
    shown = dates(page)
    assert shown == sorted(shown)
    page.click(".table thead a:has-text('日期')")
    page.wait_for_selector("th[aria-sort=descending]")
    shown = dates(page)
    assert shown == sorted(shown, reverse=True)


def test_typing_in_the_search_box_finds_and_keeps_the_cursor(manager: Any) -> None:
    page = manager.go("sales.order")
    page.keyboard.press("/")
    page.keyboard.type("金鼎", delay=20)
    page.wait_for_url("**q=*")
    page.wait_for_function(
        "[...document.querySelectorAll('.table tbody tr')].every(row => row.innerText.includes('金鼎'))"
    )
    assert page.evaluate("document.activeElement.id") == "list-search"
    assert page.input_value("#list-search") == "金鼎"
    page.fill("#list-search", "没有这样的客户")
    page.wait_for_selector(".empty")
    page.click(".empty a:has-text('清除筛选')")
    page.wait_for_selector(".table tbody tr")


def test_filters_by_state_and_by_a_record(manager: Any) -> None:
    page = manager.go("sales.order")
    page.click("summary:has-text('状态')")
    page.click("label.pick:has-text('已关闭')")
    page.wait_for_selector(".empty")
    page.go_back()
    page.wait_for_selector(".table tbody tr")
    page.click("summary:has-text('客户')")
    page.fill(".filter[open] dg-ref input:not([type=hidden])", "恒泰")
    page.wait_for_selector(".hits li")
    page.keyboard.press("Enter")
    page.wait_for_selector(".filter.on:has-text('上海恒泰')")
    shown = page.locator(".table tbody tr").all_inner_texts()
    assert len(shown) >= 20
    assert all("上海恒泰" in row for row in shown)


def test_paging_forward_and_back(manager: Any) -> None:
    page = manager.go("sales.order")
    assert page.locator(".table tbody tr").count() == 50
    total = int(page.locator(".found").inner_text().split()[0])
    first = page.locator("a[data-open]").first.get_attribute("href")
    page.click("[aria-label='下一页']")
    page.wait_for_url("**page=2*")
    assert page.locator(".table tbody tr").count() == total - 50
    fresh = manager.page.context.new_page()  # an address sent by a colleague: no history
    fresh.goto(page.url)
    fresh.click("[aria-label='上一页']")
    fresh.wait_for_selector("[aria-label='下一页']")
    assert fresh.locator("a[data-open]").first.get_attribute("href") == first
    fresh.close()
    page.click("[aria-label='第一页']")
    page.wait_for_selector("[aria-label='下一页']")
    assert page.locator("a[data-open]").first.get_attribute("href") == first


def test_the_keyboard_walks_and_opens(manager: Any) -> None:
    page = manager.go("sales.order")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("tr.here").count() == 1
    page.keyboard.press("x")
    assert page.locator("tr.chosen").count() == 1
    assert page.locator(".bulk").is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sales.order/*")


def test_many_at_once(manager: Any, shop: Any) -> None:
    page = manager.go("sales.order?sort=total")
    page.locator(".table tbody .pick input").nth(0).check()
    page.locator(".table tbody .pick input").nth(1).check()
    page.click(".bulk >> text=提交")
    page.wait_for_selector(".toast")
    assert "2 条完成" in page.locator(".toast").inner_text()
    page.wait_for_selector(".table >> text=已提交")


def test_a_list_can_be_read_without_scripts(visit: Callable[..., Any]) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.sign_in("clerk")
    page = visitor.go("sales.order")
    assert page.locator(".table tbody tr").count() == 50
    page.click(".table thead a:has-text('日期')")
    assert "sort=date" in page.url
    page.locator("a[data-open]").first.click()
    assert page.locator(".lines tbody tr").count() == 1


def test_a_phone_shows_cards_and_never_scrolls_sideways(visit: Callable[..., Any]) -> None:
    visitor = visit(width=390, height=844)
    visitor.sign_in("clerk")
    for path in ("", "sales.order", "master_data.customer", "sales.order/new"):
        page = visitor.go(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page = visitor.go("sales.order")
    page.locator(".table tbody tr").first.click()
    page.wait_for_selector("dg-document")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".line-cards button").count() == 1
