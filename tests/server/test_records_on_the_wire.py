"""Records over HTTP: versions, idempotency, bulk, pages, languages, limits."""

import json
from typing import Any

import pytest

ORDER = "sales.order"


def test_an_order_is_created_read_changed_acted_on_and_deleted(shop: Any) -> None:
    stock = shop.stock()
    client = shop.client("manager")
    line = {"item": stock["item"], "qty": "10", "price": "20", "tax_rate": "0.13"}
    made = client.post(ORDER, {"customer": {"code": "C1"}, "items": [line]})
    assert made.status_code == 201, made.text
    order = made.json()
    path = f"{ORDER}/{order['id']}"
    assert made.headers["location"] == f"{client.base}/{path}"
    assert made.headers["etag"] == '"1"'
    assert order["total"] == "226.00"
    assert isinstance(order["id"], str)

    read = client.get(made.headers["location"], params={"expand": "customer"})
    assert read.json()["customer"] == stock["customer"]
    assert "甲公司" in read.json()["expanded"]["customer"]["title"]
    unchanged = client.ask("GET", path, headers={"If-None-Match": '"1"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")

    changed = client.patch(path, 1, {"note": "加急"})
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] == '"2"'
    submitted = client.act(path, "submit", 2)
    assert submitted.status_code == 200, submitted.text
    assert submitted.json()["state"] == "submitted"
    assert submitted.json()["number"]

    history = client.get(f"{path}/history").json()["rows"]
    assert history[0]["action"] == "submit"
    assert client.delete(path, 3).status_code in {403, 404, 422}

    draft = shop.order("manager", stock)
    gone = client.delete(f"{ORDER}/{draft['id']}", 1)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(f"{ORDER}/{draft['id']}").status_code == 404


def test_a_change_says_which_version_it_changes_and_loses_nothing(shop: Any) -> None:
    order = shop.order()
    client = shop.client("manager")
    path = f"{ORDER}/{order['id']}"
    assert client.patch(path, None, {"note": "x"}).status_code == 428
    assert client.delete(path).status_code == 428
    assert client.act(path, "submit", None).status_code == 428
    assert client.patch(path, 1, {"note": "theirs"}).status_code == 200
    late = client.patch(path, 1, {"note": "mine", "ship_to": "上海"})
    assert late.status_code == 409, late.text
    different = {one["field"]: one for one in late.json()["differences"]}
    assert different["note"]["yours"] == "mine"
    assert different["note"]["theirs"] == "theirs"
    assert client.get(path).json()["note"] == "theirs"


def test_of_two_changes_of_one_version_one_wins(shop: Any) -> None:
    order = shop.order()
    client = shop.client("manager")
    path = f"{ORDER}/{order['id']}"
    statuses = sorted(client.patch(path, 1, {"note": str(n)}).status_code for n in range(8))
    assert statuses == [200] + [409] * 7


def test_a_create_with_a_key_happens_once(shop: Any) -> None:
    stock = shop.stock()
    client = shop.client("manager")
    line = {"item": stock["item"], "qty": "1", "price": "2"}
    body = {"customer": stock["customer"], "items": [line]}
    key = {"Idempotency-Key": "6f9d-1"}
    first = client.post(ORDER, body, headers=key)
    again = client.post(ORDER, body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = client.post(ORDER, {**body, "note": "another"}, headers=key)
    assert other.status_code == 422, other.text
    clerk = shop.client("clerk").post(ORDER, body, headers=key)
    assert clerk.json()["id"] != first.json()["id"]
    assert len(client.get(ORDER).json()["rows"]) == 2


def test_many_records_are_saved_by_their_key_all_or_none_or_the_good_ones(shop: Any) -> None:
    client = shop.client("manager")
    rows = [{"code": f"K{n}", "name": f"客户{n}"} for n in range(5)]
    made = client.post("master_data.customer/bulk", {"rows": rows})
    assert made.status_code == 200, made.text
    assert made.json()["counts"] == {"created": 5, "changed": 0, "same": 0, "refused": 0}
    rows[0]["name"] = "改名"
    again = client.post("master_data.customer/bulk", {"rows": rows, "key": ["code"]}).json()
    assert again["counts"]["changed"] == 1
    assert again["counts"]["same"] == 4

    bad = [
        {"code": "N1", "name": "好"},
        {"code": "N2"},
        {"code": "N3", "name": "x", "lead_days": 999},
    ]
    none = client.post("master_data.customer/bulk", {"rows": bad})
    assert none.status_code == 422
    paths = {problem["path"] for problem in none.json()["problems"]}
    assert {"rows.1.name", "rows.2.lead_days"} <= paths
    some = client.post("master_data.customer/bulk", {"rows": bad, "good_only": True})
    assert some.status_code == 200
    assert [row["status"] for row in some.json()["results"]] == ["created", "refused", "refused"]
    listed = client.get(
        "master_data.customer",
        params={"filter": json.dumps({"field": "code", "op": "starts_with", "value": "N"})},
    )
    assert [row["code"] for row in listed.json()["rows"]] == ["N1"]


def test_pages_follow_one_another_without_gap_or_doubling(shop: Any) -> None:
    client = shop.client("manager")
    rows = [{"code": f"P{n:03}", "name": f"名{n % 3}"} for n in range(25)]
    client.post("master_data.customer/bulk", {"rows": rows})
    seen: list[str] = []
    after = ""
    for _ in range(9):
        page = client.get(
            "master_data.customer", params={"sort": "-name,code", "limit": "4", "after": after}
        ).json()
        seen += [row["code"] for row in page["rows"]]
        after = page["next"]
        if not after:
            break
    ordered = [row["code"] for row in sorted(rows, key=lambda row: row["code"])]
    ordered.sort(key=lambda code: -(int(code[1:]) % 3))
    assert seen == ordered
    counted = client.get("master_data.customer", params={"count": "exact", "limit": "1"}).json()
    assert counted["count"] == 25


def test_what_changed_since_is_told_without_gaps(shop: Any) -> None:
    client = shop.client("manager")
    stock = shop.stock()
    start = client.get(f"{ORDER}/changes").json()["next"]
    made = [shop.order("manager", stock)["id"] for _ in range(3)]
    client.patch(f"{ORDER}/{made[0]}", 1, {"note": "x"})
    feed = client.get(f"{ORDER}/changes", params={"since": start}).json()
    assert made[0] in json.dumps(feed)
    assert made[2] in json.dumps(feed)
    assert client.get(f"{ORDER}/changes", params={"since": feed["next"]}).json()["rows"] == []


def test_a_form_is_helped_while_it_is_filled_in(shop: Any) -> None:
    stock = shop.stock()
    client = shop.client("manager")
    proposed = client.post(
        f"{ORDER}/propose",
        {"customer": stock["customer"], "items": [{"item": stock["item"], "qty": "4"}]},
    )
    assert proposed.status_code == 200, proposed.text
    assert "2.50" in proposed.text
    assert "10.00" in proposed.text
    found = client.get(f"{ORDER}/lookup/items.item", params={"q": "螺"}).json()["rows"]
    assert found[0]["id"] == stock["item"]
    assert client.get(ORDER).json()["rows"] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_problems_are_said_in_the_readers_language(sqlite_shop: Any, language: str) -> None:
    client = sqlite_shop.client("manager", **{"Accept-Language": language})
    answer = client.post(ORDER, {"items": []})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    problem = answer.json()
    assert problem["trace"] == answer.headers["x-trace"]
    assert "customer" in {one["path"] for one in problem["problems"]}
    assert len({one["path"] for one in problem["problems"]}) >= 2


HOSTILE: list[tuple[str, str, dict[str, Any], set[int]]] = [
    ("POST", ORDER, {"content": b"{"}, {400}),
    ("POST", ORDER, {"content": b"[]"}, {400, 422}),
    ("POST", ORDER, {"content": b'"x"'}, {400, 422}),
    ("POST", ORDER, {"content": b'{"customer": NaN}'}, {400}),
    ("POST", ORDER, {"content": b'{"items": ' + b"[" * 5000 + b"]" * 5000 + b"}"}, {400}),
    ("POST", ORDER, {"content": b'{"items": ' + b"[" * 60}, {400}),
    ("POST", ORDER, {"content": b'{"items": [{"qty": 1e400}]}'}, {400, 422}),
    ("POST", ORDER, {"content": b'{"items": [{"qty": 1.5}]}'}, {422}),
    ("POST", ORDER, {"content": b'{"items": [{"qty": ' + b"9" * 5000 + b"}]}"}, {400, 422}),
    ("POST", ORDER, {"content": b'{"note": "\\u0000"}'}, {422}),
    ("POST", ORDER, {"content": b'{"note": "\\ud800"}'}, {400, 422}),
    ("POST", ORDER, {"content": b'{"note": "\xff"}'}, {400}),
    ("POST", ORDER, {"content": b"{" + b",".join(b'"k%d":1' % n for n in range(100_000)) + b"}"}, {413, 422}),
    ("POST", ORDER, {"content": b'"' + b"a" * (1 << 21) + b'"'}, {413}),
    ("POST", ORDER, {"json": {"custmer": "1"}}, {422}),
    ("POST", ORDER, {"json": {"customer": "99999999999999999999"}}, {422}),
    ("POST", ORDER, {"json": {"customer": {"code": "nope"}}}, {422}),
    ("POST", ORDER, {"json": {"customer": {"code'; drop table x": "1"}}}, {422}),
    ("POST", ORDER, {"json": {"items": "x"}}, {422}),
    ("POST", ORDER, {"json": {"items": [7, None, []]}}, {422}),
    ("POST", ORDER, {"json": {"items": [{"id": "5"}]}}, {422}),
    ("POST", ORDER, {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, {415}),
    ("POST", ORDER, {"content": b"{}", "headers": {"Content-Type": "application/json; charset=utf-16"}}, {415}),
    ("POST", ORDER, {"json": {}, "headers": {"Accept": "text/html"}}, {406}),
    ("POST", ORDER, {"json": {}, "headers": {"Idempotency-Key": "x" * 300}}, {400}),
    ("POST", ORDER, {"json": {}, "params": {"force": "1"}}, {400}),
    ("PUT", ORDER, {"json": {}}, {405}),
    ("PATCH", f"{ORDER}/999999", {"json": {}, "headers": {"If-Match": '"1"'}}, {404}),
    ("GET", f"{ORDER}/999999", {}, {404}),
    ("GET", f"{ORDER}/0", {}, {404}),
    ("GET", f"{ORDER}/99999999999999999999999", {}, {404}),
    ("GET", f"{ORDER}/x", {}, {404}),
    ("GET", f"{ORDER}/-1", {}, {404}),
    ("GET", "sales.oder", {}, {404}),
    ("GET", "nowhere/at/all", {}, {404}),
    ("GET", ORDER, {"params": {"lmit": "5"}}, {400}),
    ("GET", ORDER, {"params": {"limit": "0"}}, {400}),
    ("GET", ORDER, {"params": {"limit": "1000000"}}, {400}),
    ("GET", ORDER, {"params": {"limit": "１"}}, {400}),
    ("GET", ORDER, {"params": {"sort": "nme"}}, {400}),
    ("GET", ORDER, {"params": {"sort": "id;drop table sales_order"}}, {400}),
    ("GET", ORDER, {"params": {"sort": "number desc, (select 1)"}}, {400}),
    ("GET", ORDER, {"params": {"filter": "{"}}, {400}),
    ("GET", ORDER, {"params": {"filter": '{"field":"number","op":"or 1=1","value":"1"}'}}, {400}),
    ("GET", ORDER, {"params": {"filter": '{"field":"number\\"","op":"==","value":"1"}'}}, {400}),
    ("GET", ORDER, {"params": {"filter": '{"field":"date","op":"==","value":"never"}'}}, {400, 422}),
    ("GET", ORDER, {"params": {"filter": "[" * 5000}}, {400}),
    ("GET", ORDER, {"params": {"filter": '{"not":' * 500 + "{}" + "}" * 500}}, {400}),
    ("GET", ORDER, {"params": {"after": "rubbish"}}, {400}),
    ("GET", ORDER, {"params": {"expand": "__class__"}}, {400}),
    ("GET", ORDER, {"params": {"q": "' or 1=1 --"}}, {200}),
    ("GET", ORDER, {"params": {"q": "%_*\"^:()"}}, {200}),
    ("GET", ORDER, {"params": {"q": "\x00"}}, {200, 400}),
    ("GET", ORDER, {"params": {f"p{n}": "1" for n in range(3000)}}, {400, 414}),
    ("GET", ORDER, {"params": {"q": "x" * 30_000}}, {400, 414}),
    ("GET", ORDER, {"params": [("limit", "1"), ("limit", "2")]}, {400}),
    ("GET", f"{ORDER}/totals", {"params": {"fields": "note"}}, {400}),
    ("GET", f"{ORDER}/totals", {"params": {"fields": ""}}, {200, 400}),
    ("GET", f"{ORDER}/changes", {"params": {"since": "rubbish"}}, {400}),
    ("GET", f"{ORDER}/lookup/nothing", {}, {400, 404}),
    ("GET", f"{ORDER}/lookup/note", {}, {400, 404}),
    ("GET", f"{ORDER}/lookup/customer", {"params": {"values": "["}}, {400}),
    ("GET", f"{ORDER}/lookup/customer", {"params": {"values": '{"zzz": 1}'}}, {200, 400, 422}),
    ("POST", f"{ORDER}/1/actions/fly", {"headers": {"If-Match": '"1"'}}, {404}),
    ("POST", f"{ORDER}/bulk", {"json": {"rows": 5}}, {422}),
    ("POST", f"{ORDER}/bulk", {"json": {"rows": [], "key": []}}, {422}),
    ("POST", f"{ORDER}/bulk", {"json": {"rows": [{}], "key": ["no"]}}, {400, 422}),
    ("POST", f"{ORDER}/bulk", {"json": {"row": []}}, {422}),
    ("POST", "session", {"json": {"login": 5, "password": None}}, {422}),
    ("POST", "session", {"json": {"login": "a", "password": "b" * 5000}}, {422}),
    ("PUT", "preferences/A B", {"json": 1}, {422}),
    ("PUT", "preferences/a", {"json": "x" * 20_000}, {422}),
    ("GET", "search", {"params": {"entities": "nope"}}, {404}),
    ("GET", f"views/list/{ORDER}", {"params": {"page": "²"}}, {200, 400}),
    ("GET", f"views/list/{ORDER}", {"params": {"f.nothing": "1"}}, {200, 400}),
    ("GET", f"views/list/{ORDER}", {"params": {"f.date": "never..ever"}}, {200, 400, 422}),
    ("GET", f"views/list/{ORDER}", {"params": {"srt": "1"}}, {400}),
    ("GET", f"views/form/{ORDER}", {"params": {"record": "x"}}, {400}),
    ("GET", f"views/form/{ORDER}", {"params": {"record": "999999"}}, {404}),
]  # fmt: skip


def test_hostile_requests_are_refused_never_failed(shop: Any) -> None:
    client = shop.client("manager")
    wrong = []
    for method, path, given, expected in HOSTILE:
        headers = (
            {"Content-Type": "application/json", **given.get("headers", {})}
            if "content" in given
            else given.get("headers", {})
        )
        answer = client.ask(method, path, **{**given, "headers": headers})
        if answer.status_code not in expected:
            wrong.append(
                f"{method} {path} {str(given)[:120]}: {answer.status_code}, not {expected}: {answer.text[:300]}"
            )
        elif (
            answer.status_code >= 400
            and answer.headers["content-type"] != "application/problem+json"
        ):
            wrong.append(f"{method} {path}: no problem+json")
        elif "Traceback" in answer.text or "sqlite" in answer.text or "psycopg" in answer.text:
            wrong.append(f"{method} {path}: talks too much: {answer.text[:300]}")
    assert not wrong, "\n".join(wrong)


def test_unknown_names_are_answered_with_the_nearest_right_one(sqlite_shop: Any) -> None:
    client = sqlite_shop.client("manager")
    assert client.get(ORDER, params={"lmit": "5"}).json()["problems"][0]["nearest"] == "limit"
    assert client.get("sales.oder").json()["problems"][0]["nearest"] == ORDER
    assert client.post(ORDER, {"custmer": "1"}).json()["problems"][0]["nearest"] == "customer"
    path = f"{ORDER}/1/actions/submt"
    assert (
        client.ask("POST", path, headers={"If-Match": '"1"'}).json()["problems"][0]["nearest"]
        == "submit"
    )
    assert sqlite_shop.client("plain").get("sales.oder").json()["problems"][0]["nearest"] == ""


def test_methods_and_security_headers(sqlite_shop: Any) -> None:
    client = sqlite_shop.client("manager")
    refused = client.ask("PUT", ORDER, json={})
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, POST, HEAD"
    assert client.ask("HEAD", ORDER).status_code == 200
    for answer in (
        refused,
        client.get(ORDER),
        client.get("/t/acme/x/y/z/w"),
        client.get("/t/none/api"),
    ):
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_an_address_that_leads_nowhere_is_told_to_persons_as_a_page(sqlite_shop: Any) -> None:
    client = sqlite_shop.client("manager")
    for path in ("/", "/nothing/here", "/t/acme/x/y/z/w"):
        person = client.ask(
            "GET",
            path if path.startswith("/t/") else f"/t/..{path}",
            headers={"Accept": "text/html"},
        )
        assert person.status_code == 404
        assert person.headers["content-type"].startswith("text/html")
    program = client.get("/t/acme/x/y/z/w")
    assert program.headers["content-type"] == "application/problem+json"


def test_a_failure_tells_its_number_and_nothing_else(
    sqlite_shop: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from dougong.records import store

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(store, "read", fail)
    answer = sqlite_shop.client("manager").get(f"{ORDER}/7")
    assert answer.status_code == 500
    assert answer.json()["code"] == "server.failed"
    assert "secret" not in answer.text
    assert answer.headers["x-trace"] in answer.text
    assert any("secret inside" in str(record.exc_info) for record in caplog.records)
