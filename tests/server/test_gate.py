"""The gate: who is asking, from where, in which language."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dougong.foundation.context import Context
from dougong.foundation.errors import Refused
from dougong.server import gate
from dougong.server.call import Call
from dougong.tenants.sessions import csrf_of

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


class Opened:
    """A tenant in which one token is known."""

    def __init__(self, language: str = "zh") -> None:
        self.language = language

    def principal(
        self, token: str, *, door: Any = "api", company: int = 0, trace: str = ""
    ) -> Context | None:
        if token != "good":
            return None
        return Context(
            "acme", 7, "li", frozenset({"sales.rep"}), NOW,
            company=company if company in (0, 5) else 5, companies=(5,),
            language=self.language, door=door, trace=trace,
        )  # fmt: skip


def call(method: str = "GET", **given: Any) -> Call:
    headers = {name.replace("_", "-"): value for name, value in given.pop("headers", {}).items()}
    return Call(
        method, "/t/acme/api/x.y", headers={"host": "erp.example", **headers}, trace="t1", **given
    )


SESSION = {"dougong_session": "good"}
CSRF = {"x_csrf_token": csrf_of("good")}
JSON = {"content_type": "application/json"}


def enter(request: Call, opened: Any = None) -> Context:
    return gate.enter(opened or Opened(), request, "api")


def status(request: Call) -> int:
    with pytest.raises(Refused) as refused:
        enter(request)
    return refused.value.status


def test_a_token_and_a_session_both_say_who_it_is() -> None:
    assert enter(call(headers={"authorization": "Bearer good"})).user == 7
    assert enter(call(cookies=SESSION)).trace == "t1"


@pytest.mark.parametrize(
    "request_",
    [
        call(),
        call(headers={"authorization": "Bearer wrong"}),
        call(headers={"authorization": "Basic good"}),
        call(cookies={"dougong_session": "wrong"}),
        call(cookies=SESSION, headers={"authorization": "Bearer wrong"}),
    ],
)
def test_without_valid_credentials_nobody_enters(request_: Call) -> None:
    assert status(request_) == 401


def test_a_change_with_a_session_needs_the_sessions_own_token() -> None:
    assert status(call("POST", cookies=SESSION, headers=JSON)) == 403
    foreign = {"x_csrf_token": csrf_of("another")}
    assert status(call("POST", cookies=SESSION, headers=JSON | foreign)) == 403
    assert status(call("DELETE", cookies=SESSION)) == 403
    assert enter(call("POST", cookies=SESSION, headers=JSON | CSRF)).user == 7


def test_a_form_carries_the_token_in_a_field() -> None:
    form = {"content_type": "application/x-www-form-urlencoded"}
    body = f"note=1&csrf={csrf_of('good')}".encode()
    assert enter(call("POST", cookies=SESSION, headers=form, body=body)).user == 7
    assert status(call("POST", cookies=SESSION, headers=form, body=b"csrf=")) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://erp.example.evil"},
    ],
)
def test_another_site_cannot_change_anything_even_with_the_token(headers: dict[str, str]) -> None:
    assert status(call("POST", cookies=SESSION, headers=JSON | CSRF | headers)) == 403


@pytest.mark.parametrize("media", ["text/plain", "text/plain;charset=utf-8", ""])
def test_bodies_only_a_foreign_form_would_send_are_refused(media: str) -> None:
    headers = CSRF | ({"content_type": media} if media else {})
    assert status(call("POST", cookies=SESSION, headers=headers, body=b"{}")) == 415


def test_our_own_pages_and_programs_pass() -> None:
    own = {"sec_fetch_site": "same-origin", "origin": "https://erp.example"}
    assert enter(call("POST", cookies=SESSION, headers=JSON | CSRF | own)).user == 7
    bearer = {"authorization": "Bearer good", "sec_fetch_site": "cross-site"}
    assert enter(call("POST", headers=JSON | bearer)).user == 7


def test_reading_needs_no_token() -> None:
    assert enter(call(cookies=SESSION, headers={"sec_fetch_site": "cross-site"})).user == 7


def test_a_program_may_say_in_which_company_it_works() -> None:
    bearer = {"authorization": "Bearer good"}
    assert enter(call(headers=bearer | {"x_company": "5"})).company == 5
    assert status(call(headers=bearer | {"x_company": "6"})) == 403
    assert status(call(headers=bearer | {"x_company": "x"})) == 403


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr,en;q=0.5,zh;q=0.4", "en"),
        ("fr", ""),
        ("en;q=0", ""),
        ("*", ""),
        (";;;,,q=x", ""),
        ("e" * 100_000, ""),
    ],
)
def test_accept_language_is_read_by_preference(header: str, language: str) -> None:
    assert gate.accepted_language(header) == language


def test_a_program_is_answered_in_the_language_it_asks_for_a_person_in_their_own() -> None:
    english = {"accept_language": "en"}
    assert enter(call(headers={"authorization": "Bearer good"} | english)).language == "en"
    assert enter(call(headers={"authorization": "Bearer good"})).language == "zh"
    assert enter(call(cookies=SESSION, headers=english)).language == "zh"
    switched = SESSION | {"dougong_language": "en"}
    assert enter(call(cookies=switched)).language == "en"
    assert (
        enter(replace(call(cookies=SESSION), language="en"), Opened(language="")).language == "en"
    )
