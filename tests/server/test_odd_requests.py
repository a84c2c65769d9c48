"""Requests that no honest caller sends: each is refused, none of them fails."""

from typing import Any

import pytest

HUGE = 10**30


@pytest.mark.parametrize("door", ["imports", "imports/preview", "exports"])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe{}", b"\x00", b"{'a': 1}"])
def test_doors_to_files_refuse_what_is_no_json(sqlite_shop: Any, door: str, body: bytes) -> None:
    answer = sqlite_shop.client("manager").ask(
        "POST", door, content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "server.bad-json"


def test_an_address_with_more_digits_than_an_id_leads_nowhere(sqlite_shop: Any) -> None:
    client = sqlite_shop.client("manager")
    for digits in (20, 4301, 10_000):
        assert client.get(f"sales.order/{'9' * digits}").status_code == 404
        assert client.get(f"/t/acme/sales.order/{'9' * digits}").status_code == 404


def test_a_page_is_refused_versions_and_ids_beyond_any_record(shop: Any) -> None:
    client, order = shop.client("manager"), shop.order()
    base = f"/t/acme/sales.order/{order['id']}"
    for version in (HUGE, 2**63, True, 0):
        for address, more in (
            (base, {"record": {}}),
            (f"{base}/act/submit", {}),
            (f"{base}/delete", {}),
        ):
            answer = client.post(address, {"version": version, **more})
            assert answer.status_code in (400, 422), (address, version, answer.text)
        one = [{"id": order["id"], "version": version}]
        answer = client.post("/t/acme/sales.order/bulk/submit", {"records": one})
        assert answer.status_code in (400, 422), (version, answer.text)
    for id_ in ("9" * 30, "9" * 5000, "²", "٣"):
        answer = client.post("/t/acme/sales.order/propose", {"id": id_, "record": {}})
        assert answer.status_code in (400, 422), answer.text
        one = [{"id": id_, "version": 1}]
        answer = client.post("/t/acme/sales.order/bulk/submit", {"records": one})
        assert answer.status_code in (400, 422), answer.text


def test_a_preference_holds_no_nul(shop: Any) -> None:
    answer = shop.client("clerk").ask("PUT", "preferences/list", json={"width\x00": "1\x00"})
    assert answer.status_code in (400, 422), answer.text


def test_an_origin_that_is_no_address_is_foreign(sqlite_shop: Any) -> None:
    client = sqlite_shop.client()
    answer = client.ask(
        "POST", "session", json={"login": "x", "password": "y"}, headers={"Origin": "http://[bad"}
    )
    assert answer.status_code == 403, answer.text


def test_addresses_no_route_takes_are_told_so(sqlite_shop: Any) -> None:
    client = sqlite_shop.client("manager")
    for address in ("/t/", "/t/acme/no/such/page", f"/t/acme/sales.order/{'9' * 40}"):
        for accept in ("text/html", "application/json", "*/*"):
            assert client.ask("GET", address, headers={"Accept": accept}).status_code == 404


def test_a_nul_in_an_address_leads_nowhere(shop: Any) -> None:
    client = shop.client("manager")
    assert client.ask("DELETE", "tokens/%00").status_code == 404
    assert client.get("imports?entity=%00").status_code == 404
    assert client.get("sales.order%00").status_code == 404


def test_bulk_knows_records_by_fields_a_person_fills_in(sqlite_shop: Any) -> None:
    client = sqlite_shop.client("manager")
    for name in ("id", "version", "created", "changed_by", "nosuch", "contact'"):
        body = {"rows": [{"code": "K1", name: "1"}], "key": [name]}
        assert client.post("master_data.customer/bulk", body).status_code == 400, name


def test_bulk_does_not_choose_among_several_records(shop: Any) -> None:
    client = shop.client("manager")
    for code in ("A1", "A2"):
        client.post("master_data.customer", {"code": code, "name": code, "tax_number": "T"})
    body = {"rows": [{"tax_number": "T", "contact": "甲"}], "key": ["tax_number"]}
    answer = client.post("master_data.customer/bulk", body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "records.key-ambiguous"


def test_bulk_tells_nothing_of_records_out_of_sight(shop: Any) -> None:
    stock = shop.stock()
    shop.order("manager", stock, customer_order="SECRET-1")
    line = {"item": stock["item"], "qty": "1", "price": "1"}
    rows = [{"customer_order": "SECRET-1", "customer": stock["customer"], "items": [line]}]
    answer = shop.client("trainee").post(
        "sales.order/bulk", {"rows": rows, "key": ["customer_order"]}
    )
    assert answer.json()["counts"] == {"created": 1, "changed": 0, "same": 0, "refused": 0}
