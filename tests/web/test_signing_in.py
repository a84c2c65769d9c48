"""Coming in and going out: sign-in, language, menu, what a stranger sees."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]


def test_a_stranger_is_sent_to_sign_in_and_comes_back_where_they_wanted(
    visit: Callable[..., Any],
) -> None:
    visitor = visit()
    page = visitor.go("sales.order?sort=number")
    assert "/sign-in?next=" in page.url
    page.fill("[name=login]", "clerk")
    page.fill("[name=password]", "four plain little words")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sales.order?sort=number")


def test_a_wrong_password_says_so_and_keeps_the_name(visit: Callable[..., Any]) -> None:
    visitor = visit()
    page = visitor.go("sign-in")
    page.fill("[name=login]", "clerk")
    page.fill("[name=password]", "wrong")
    page.click("button.primary")
    assert page.locator("[role=alert]").is_visible()
    assert page.input_value("[name=login]") == "clerk"
    visitor.complaints.clear()  # the browser notes the status 401


def test_another_site_cannot_be_the_next_page(visit: Callable[..., Any], shop: Any) -> None:
    for evil in ("https://evil.example/", "//evil.example/", "/t/acme/../../evil", "/t/other/"):
        answer = httpx.post(
            f"{shop.base}/t/acme/sign-in",
            data={"login": "clerk", "password": "four plain little words", "next": evil},
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/t/acme/"


def test_the_menu_and_the_language(manager: Any) -> None:
    page = manager.page
    assert page.locator(".nav a").filter(has_text="销售订单").count() == 1
    page.click("details.menu summary")
    page.click("button[name=language][value=en]")
    page.wait_for_selector("text=Sales order")
    assert page.get_attribute("html", "lang") == "en"
    page.click("details.menu summary")
    page.click("button[name=language][value=zh]")
    page.wait_for_selector(".nav >> text=销售订单")


def test_signing_out_ends_the_session(manager: Any) -> None:
    page = manager.page
    page.click("details.menu summary")
    page.click("form[action$='/sign-out'] button")
    page.wait_for_url("**/sign-in")
    manager.go("sales.order")
    assert "/sign-in" in page.url


def test_pages_carry_a_strict_policy(shop: Any) -> None:
    answer = httpx.get(f"{shop.base}/t/acme/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text
    assert " onclick" not in answer.text
    assert " style=" not in answer.text


def test_the_palette_finds_menus_and_records(manager: Any) -> None:
    page = manager.page
    page.keyboard.press("Control+k")
    page.keyboard.type("金鼎")
    page.wait_for_selector(".palette-hits >> text=苏州金鼎自动化设备有限公司")
    page.keyboard.press("Enter")
    page.wait_for_url("**/master_data.customer/*")
