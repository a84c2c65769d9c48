"""Passwords, companies, settings, jobs: what a person does with the account rather than the work."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

OLD = "four plain little words"
NEW = "five other rather plain words"


def change(page: Any, old: str, new: str, again: str = "") -> None:
    page.fill("[name=old]", old)
    page.fill("[name=new]", new)
    page.fill("[name=again]", again or new)
    page.click("form.stacked button.primary")


def test_one_s_own_password(visit: Callable[..., Any], shop: Any) -> None:
    shop.add("changer", "赵改", "sales.clerk")
    visitor = visit()
    page = visitor.sign_in("changer")
    elsewhere = httpx.Client(base_url=f"{shop.base}/t/acme/")
    elsewhere.post("sign-in", data={"login": "changer", "password": OLD})
    assert elsewhere.get("sales.order").status_code == 200
    page.click("details.menu summary.plain")
    page.click(".sheet >> text=修改密码")
    change(page, "not the old one", NEW)
    assert "用户名或密码不对" in page.locator("[role=alert]").inner_text()
    change(page, OLD, NEW, "something else again")
    assert "不一样" in page.locator("[role=alert]").inner_text()
    change(page, OLD, "short", "short")
    assert page.locator("h1:has-text('修改密码')").count() == 1
    change(page, OLD, NEW)
    page.wait_for_selector("h1:has-text('密码已修改')")
    page.click("main a.primary")
    page.wait_for_url("**/t/acme/")
    assert elsewhere.get("sales.order").status_code == 303, "the other session has ended"
    elsewhere.close()
    visitor.complaints.clear()  # the browser notes the statuses 401 and 422


def test_a_new_person_gets_a_password_shown_once_and_changes_it(
    visit: Callable[..., Any], shop: Any
) -> None:
    shop.add("chief", "钱管", "base.admin")
    visitor = visit()
    page = visitor.sign_in("chief")
    page = visitor.go("base.user/new")
    page.fill("[name=login]", "fresh")
    page.fill("[name=name]", "孙新")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/base\.user/\d+$"))
    page.click("a:has-text('设置新密码')")
    page.click("text=生成随机密码")
    secret = page.locator("[data-secret]").inner_text()
    assert re.fullmatch(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", secret)
    page.click("main a.primary")
    assert secret not in page.content()

    other = visit()
    page = other.go("sign-in?next=/t/acme/base.company")
    page.fill("[name=login]", "fresh")
    page.fill("[name=password]", secret)
    page.click("button.primary")
    page.wait_for_url("**/password?next=*")
    assert "别人设置的" in page.locator("main").inner_text()
    other.go("base.company")
    assert "/password?next=" in page.url, "nothing else comes first"
    change(page, secret, NEW)
    page.wait_for_selector("h1:has-text('密码已修改')")
    page.click("main a.primary")
    page.wait_for_url("**/base.company")
    page.wait_for_selector(".list .empty")  # she works in no company yet


def test_only_who_may_change_people_sets_passwords(manager: Any, shop: Any) -> None:
    admin = shop.person("admin")
    page = manager.go(f"base.user/{admin}")
    assert page.locator("a:has-text('设置新密码')").count() == 0
    page = manager.go(f"base.user/{admin}/password")
    assert page.locator(".notice h1:has-text('没有权限')").count() == 1
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    csrf = page.evaluate("JSON.parse(document.getElementById('shell').textContent).csrf")
    answer = httpx.post(
        f"{shop.base}/t/acme/base.user/{admin}/password", data={"csrf": csrf}, cookies=cookies
    )
    assert answer.status_code == 403
    assert httpx.get(f"{shop.base}/t/acme/sales.order/1/password", cookies=cookies).status_code in (
        403, 404,
    )  # fmt: skip
    manager.complaints.clear()  # the browser notes the status 403


def test_switching_the_company(visit: Callable[..., Any], shop: Any) -> None:
    second = shop.make("base.company", code="HK", name="香港分公司", currency={"code": "CNY"})
    shop.add("traveller", "周行", "sales.clerk")
    visitor = visit()
    page = visitor.sign_in("traveller")
    page.click("details.menu summary.plain")
    assert "甲贸易" in page.locator(".who").inner_text()
    page.click(f"button[name=company][value='{second}']")
    page.wait_for_url("**/t/acme/")
    page.click("details.menu summary.plain")
    assert "香港分公司" in page.locator(".who").inner_text()
    assert page.get_attribute(f"button[name=company][value='{second}']", "aria-current") == "true"
    page = visitor.go("sales.order/new")
    assert f'"company":"{second}"' in page.content()
    page.context.add_cookies(
        [{"name": "dougong_company", "value": "987654321", "url": f"{shop.base}/t/acme/"}]
    )
    page = visitor.go("sales.order")
    assert page.locator(".list").count() == 1, "a company that is not hers counts for nothing"


def test_a_setting_of_the_tenant_and_one_of_each_company(
    visit: Callable[..., Any], shop: Any
) -> None:
    shop.make("base.company", code="SZ", name="深圳分公司", currency={"code": "CNY"})
    shop.add("tuner", "吴调", "x.tuner")
    visitor = visit()
    page = visitor.sign_in("tuner")
    page.click(".nav >> text=提醒规则")
    page.wait_for_url("**/x.reminders/new")
    page.fill("[name=days]", "5")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/x\.reminders/\d+$"))
    page = visitor.go("setting/x.reminders")
    assert page.input_value("[name=days]") == "5"
    assert page.locator(".nav a[aria-current=page]").inner_text() == "提醒规则"

    for company, text in (("深圳分公司", "深圳抬头"), ("甲贸易", "甲抬头")):
        page.click("details.menu summary.plain")
        page.click(f".sheet >> text={company}")
        page.wait_for_url("**/t/acme/")
        page = visitor.go("setting/x.letterhead")
        assert "/new" in page.url
        page.fill("[name=head]", text)
        page.keyboard.press("Control+s")
        page.wait_for_url(re.compile(r"/x\.letterhead/\d+$"))
    page = visitor.go("setting/x.letterhead")
    assert page.input_value("[name=head]") == "甲抬头"
    page.click("details.menu summary.plain")
    page.click(".sheet >> text=深圳分公司")
    page = visitor.go("setting/x.letterhead")
    assert page.input_value("[name=head]") == "深圳抬头"
    assert visitor.go("setting/base.user").locator(".notice").count() == 1
    visitor.complaints.clear()  # the browser notes the status 404
