"""Signing in and out, cookies, CSRF, throttling, tokens, preferences."""

import json
from typing import Any

import pytest

PASSWORD = "four plain little words"


def sign_in(shop: Any, **headers: str) -> tuple[Any, str]:
    """Sign the administrator in; return a client that keeps the cookie, and the CSRF token."""
    client = shop.client(**headers)
    answer = client.post("session", {"login": "admin", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client, answer.json()["csrf"]


def test_a_session_lives_from_sign_in_to_sign_out(shop: Any) -> None:
    client, csrf = sign_in(shop)
    cookie = client.http.cookies.jar
    (session,) = [one for one in cookie if one.name == "dougong_session"]
    assert session.path == "/t/acme/"
    me = client.get("session").json()
    assert me["login"] == "admin"
    assert "base.admin" in me["roles"]
    assert me["csrf"] == csrf
    assert client.delete("session").status_code == 403
    assert client.ask("DELETE", "session", headers={"X-CSRF-Token": csrf}).status_code == 204
    assert client.get("session").status_code == 401
    stolen = shop.client(Cookie=f"dougong_session={session.value}")
    assert stolen.get("session").status_code == 401


def test_the_cookie_is_for_this_tenant_and_not_for_scripts(sqlite_shop: Any) -> None:
    answer = sqlite_shop.client().post("session", {"login": "admin", "password": PASSWORD})
    parts = answer.headers["set-cookie"].split("; ")
    assert {"Path=/t/acme/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(parts)
    assert answer.headers["cache-control"] == "no-store"


def test_a_session_of_one_tenant_is_nothing_in_another(shop: Any) -> None:
    client, _ = sign_in(shop)
    shop.tenant("globex")
    (session,) = [one.value for one in client.http.cookies.jar]
    foreign = shop.client(tenant="globex", Cookie=f"dougong_session={session}")
    assert foreign.get("session").status_code == 401


def test_a_new_sign_in_gives_a_new_session_and_ends_the_old(shop: Any) -> None:
    client, _ = sign_in(shop)
    (first,) = [one.value for one in client.http.cookies.jar]
    client.post("session", {"login": "admin", "password": PASSWORD})
    (second,) = [one.value for one in client.http.cookies.jar]
    assert first != second
    assert shop.client(Cookie=f"dougong_session={first}").get("session").status_code == 401
    fixed = shop.client(Cookie="dougong_session=chosen-by-an-attacker")
    answer = fixed.post("session", {"login": "admin", "password": PASSWORD})
    assert "chosen-by-an-attacker" not in answer.headers["set-cookie"]


def test_another_site_cannot_use_the_session(sqlite_shop: Any) -> None:
    client, csrf = sign_in(sqlite_shop)
    body = {"code": "X1", "name": "x", "currency": {"code": "CNY"}}
    path = "base.company"
    own = {"X-CSRF-Token": csrf}
    assert client.post(path, body).status_code == 403
    assert client.post(path, body, headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    foreign = own | {"Origin": "https://evil.example"}
    assert client.post(path, body, headers=foreign).status_code == 403
    crossed = own | {"Sec-Fetch-Site": "cross-site"}
    assert client.post(path, body, headers=crossed).status_code == 403
    plain = client.ask(
        "POST", path, content=b'{"code": "X1"}', headers=own | {"Content-Type": "text/plain"}
    )
    assert plain.status_code == 415
    assert (
        client.post(path, body, headers=own | {"Origin": "https://erp.example"}).status_code == 201
    )


def test_sign_in_from_another_site_is_refused(sqlite_shop: Any) -> None:
    client = sqlite_shop.client(**{"Sec-Fetch-Site": "cross-site"})
    answer = client.post("session", {"login": "admin", "password": PASSWORD})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_unknown_login_and_wrong_password_are_answered_alike(shop: Any) -> None:
    client = shop.client()
    unknown = client.post("session", {"login": "nobody", "password": "wrong password"})
    wrong = client.post("session", {"login": "admin", "password": "wrong password"})
    assert unknown.status_code == wrong.status_code == 401
    told = [{**answer.json(), "trace": ""} for answer in (unknown, wrong)]
    assert told[0] == told[1]


def test_guessing_is_slowed_down_for_the_account(shop: Any) -> None:
    client = shop.client()
    statuses = [
        client.post("session", {"login": "admin", "password": f"guess number {n}"}).status_code
        for n in range(7)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    refused = client.post("session", {"login": "admin", "password": PASSWORD})
    assert refused.status_code == 429
    seconds = int(refused.headers["retry-after"])
    assert seconds >= 1
    shop.clock.turn(seconds=seconds + 1)
    assert client.post("session", {"login": "admin", "password": PASSWORD}).status_code == 200


def test_guessing_is_slowed_down_for_the_address(sqlite_shop: Any) -> None:
    client = sqlite_shop.client()
    statuses = [
        client.post("session", {"login": f"user{n}", "password": "password1!"}).status_code
        for n in range(25)
    ]
    assert statuses[-1] == 429


def test_a_new_password_ends_the_other_sessions(shop: Any) -> None:
    here, csrf = sign_in(shop)
    there, _ = sign_in(shop)
    new = "another four plain words"
    changed = here.post("password", {"old": PASSWORD, "new": new}, headers={"X-CSRF-Token": csrf})
    assert changed.status_code == 204, changed.text
    assert here.get("session").status_code == 200
    assert there.get("session").status_code == 401
    assert (
        shop.client().post("session", {"login": "admin", "password": PASSWORD}).status_code == 401
    )
    assert shop.client().post("session", {"login": "admin", "password": new}).status_code == 200


def test_tokens_are_made_in_a_session_shown_once_and_revoked(shop: Any) -> None:
    client, csrf = sign_in(shop)
    own = {"X-CSRF-Token": csrf}
    made = client.post("tokens", {"name": "till", "days": 30}, headers=own)
    assert made.status_code == 201, made.text
    token = made.json()["token"]
    program = shop.client(Authorization=f"Bearer {token}")
    assert program.get("session").json()["login"] == "admin"
    assert program.post("tokens", {"name": "more"}).status_code == 403
    assert token not in client.get("tokens").text
    assert [row["name"] for row in client.get("tokens").json()["rows"]] == ["till"]
    assert client.post("tokens", {"name": "till"}, headers=own).status_code == 409
    assert client.ask("DELETE", "tokens/till", headers=own).status_code == 204
    assert program.get("session").status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x", "days": 0}, {"name": "x", "days": "9"}, {"nme": "x"}]
)
def test_a_token_needs_a_name_and_bearable_days(sqlite_shop: Any, body: dict[str, Any]) -> None:
    client, csrf = sign_in(sqlite_shop)
    assert client.post("tokens", body, headers={"X-CSRF-Token": csrf}).status_code == 422


def test_an_expired_token_is_refused(sqlite_shop: Any) -> None:
    client = sqlite_shop.client("manager")
    assert client.get("session").status_code == 200
    sqlite_shop.clock.turn(days=91)
    assert client.get("session").status_code == 401


def test_rights_taken_away_hold_from_the_next_request(shop: Any) -> None:
    manager = shop.client("manager")
    assert manager.get("sales.order").status_code == 200
    admin, csrf = sign_in(shop)
    path = f"base.user/{shop.acme.users['manager']}"
    user = admin.get(path).json()
    headers = {"X-CSRF-Token": csrf, "If-Match": f'"{user["version"]}"'}
    changed = admin.ask("PATCH", path, json={"grants": []}, headers=headers)
    assert changed.status_code == 200, changed.text
    assert manager.get("sales.order").status_code == 403
    user = changed.json()
    headers = {"X-CSRF-Token": csrf, "If-Match": f'"{user["version"]}"'}
    assert admin.ask("PATCH", path, json={"active": False}, headers=headers).status_code == 200
    assert manager.get("session").status_code == 401


def test_preferences_are_kept_per_person(shop: Any) -> None:
    manager, clerk = shop.client("manager"), shop.client("clerk")
    for value in ({"widths": {"total": 120}}, [1, 2], "text", None, True, 7):
        given = {"content": json.dumps(value), "headers": {"Content-Type": "application/json"}}
        assert manager.ask("PUT", "preferences/list.sales.order", **given).status_code == 204
        assert manager.get("preferences").json() == {"list.sales.order": value}
    assert clerk.get("preferences").json() == {}
    assert manager.delete("preferences/list.sales.order").status_code == 204
    assert manager.get("preferences").json() == {}
