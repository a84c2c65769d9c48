"""What goes wrong keeps the menu; whatever an address says, it is never the server that fails."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from dougong.foundation.errors import refuse
from dougong.server import page_answers, pages
from dougong.server.assets import NotBuilt
from dougong.server.problems import CONFLICTING, OVERLOADED

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("web")]

ODD = (
    "²",
    "٣",
    "-1",
    "9" * 30,
    "0",
    "1e3",
    "\0",
    "'",
    "%",
    "..",
    "..x",
    "2026-13-45..",
    "a.b.c",
    "~",
)
NAMES = (
    "page", "after", "back", "sort", "view", "q", "f.state", "f.customer", "f.date", "f.date:from",
    "f.date:to", "f.total", "f.nonsense", "f.", "f.state:draft", "f.items.qty", "f.customer.name",
)  # fmt: skip


@pytest.fixture(scope="module")
def clerk(shop: Any) -> Iterator[httpx.Client]:
    html = {"Accept": "text/html"}
    with httpx.Client(base_url=f"{shop.base}/t/acme/", headers=html) as client:
        answer = client.post(
            "sign-in", data={"login": "manager", "password": "four plain little words"}
        )
        assert answer.status_code == 303
        yield client


@pytest.mark.parametrize("name", NAMES)
def test_no_address_of_a_list_makes_the_server_fail(clerk: httpx.Client, name: str) -> None:
    for odd in ODD:
        answer = clerk.get("sales.order", params={name: odd})
        assert answer.status_code in (200, 400, 403, 404, 422), (name, odd, answer.status_code)
        assert 'class="nav"' in answer.text, "the menu stays"


@pytest.mark.parametrize("odd", ODD)
def test_no_address_of_other_pages_makes_the_server_fail(clerk: httpx.Client, odd: str) -> None:
    for path, params in (
        ("find", {"q": odd}),
        ("sales.order/lookup", {"path": odd, "q": "a"}),
        ("sales.order/lookup", {"path": "customer", "q": odd, "values": odd}),
        ("password", {"next": odd, "done": odd}),
        ("sign-in", {"next": odd}),
        ("sales.order/" + "9" * 30, {}),
        ("jobs/" + "9" * 19, {}),
        ("setting/" + (odd if odd.isalnum() else "x"), {}),
    ):
        answer = clerk.get(path, params=params)
        assert answer.status_code < 500, (path, params, answer.status_code)


@pytest.mark.parametrize(
    ("path", "status"),
    [("sales.order/1", 404), ("nothing.here", 404), ("a/b/c/d", 404), ("base.user/new", 403)],
)
def test_what_is_not_there_or_not_allowed_keeps_the_menu(
    visit: Callable[..., Any], path: str, status: int
) -> None:
    visitor = visit()
    visitor.sign_in("clerk")
    page = visitor.go(path)
    assert str(status) in page.locator(".notice h1").inner_text()
    assert page.locator(".nav a").filter(has_text="销售订单").count() == 1
    page.click(".notice a.primary")
    page.wait_for_url("**/t/acme/")
    visitor.complaints.clear()  # the browser notes the status


@pytest.mark.parametrize(
    ("error", "status"),
    [(refuse(CONFLICTING, columns="x"), 409), (refuse(OVERLOADED, seconds=1), 503),
     (ZeroDivisionError("a fault of ours"), 500)],
)  # fmt: skip
def test_failures_keep_the_menu(
    clerk: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(pages, "build_list", fail)
    answer = clerk.get("sales.order")
    assert answer.status_code == status
    assert 'class="nav"' in answer.text
    assert "ZeroDivision" not in answer.text


def test_a_stranger_learns_nothing_of_what_there_is(shop: Any) -> None:
    for path in ("sales.order/1", "nothing.here", "a/b/c"):
        answer = httpx.get(f"{shop.base}/t/acme/{path}")
        assert answer.status_code == 303
        assert "/sign-in?next=" in answer.headers["location"]


def test_missing_assets_are_said_plainly(
    clerk: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> bytes:
        raise NotBuilt

    monkeypatch.setattr(page_answers, "render", missing)
    answer = clerk.get("sales.order")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert "npm run build" in answer.text
