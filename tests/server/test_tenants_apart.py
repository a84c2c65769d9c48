"""Two tenants behind one server: nothing of the one in anything the other receives."""

from typing import Any

CANARY = "canary-7f3a9"


def test_nothing_of_one_tenant_reaches_the_other(shop: Any, caplog: Any) -> None:
    """A canary stands in every text of acme; globex walks all its doors, with acme's ids too."""
    globex = shop.tenant("globex")
    theirs = shop.stock(mark=CANARY)
    order = shop.order("manager", theirs, note=CANARY, customer_order=CANARY)
    own = shop.stock(globex)
    client = shop.client("manager", "globex")
    line = {"item": own["item"], "qty": "1", "price": "2"}
    body = {"customer": own["customer"], "items": [line]}
    key = {"Idempotency-Key": "the-same-key"}
    shop.client("manager").post(
        "sales.order",
        {
            **body,
            "customer": theirs["customer"],
            "items": [{**line, "item": theirs["item"]}],
            "note": CANARY,
        },
        headers=key,
    )
    made = client.post("sales.order", body, headers=key)
    assert made.status_code == 201, made.text
    caplog.clear()
    answers = [
        made,
        client.get("sales.order", params={"count": "exact", "expand": "customer,items.item"}),
        client.get("sales.order", params={"q": CANARY}),
        client.get("sales.order/changes"),
        client.get("sales.order/totals", params={"fields": "total"}),
        client.get("sales.order/lookup/customer", params={"q": CANARY}),
        client.get("sales.order/lookup/customer", params={"q": ""}),
        client.get("search", params={"q": "公司"}),
        client.get("search", params={"q": "canary"}),
        client.get("openapi.json"),
        client.get(""),
        client.get("preferences"),
        client.post("sales.order", {**body, "customer": theirs["customer"]}),
        client.post("sales.order/propose", {**body, "customer": theirs["customer"]}),
    ]
    for entity, id_ in (
        ("sales.order", order["id"]),
        ("master_data.customer", theirs["customer"]),
        ("master_data.item", theirs["item"]),
    ):
        answers += [
            client.get(f"{entity}/{id_}"),
            client.get(f"{entity}/{id_}/history"),
            client.patch(f"{entity}/{id_}", 1, {"note": "mine"}),
            client.delete(f"{entity}/{id_}", 1),
        ]
    text = "".join(answer.text + str(answer.headers) for answer in answers)
    assert CANARY not in text
    assert all(answer.status_code < 500 for answer in answers)
    assert CANARY not in caplog.text
    assert shop.client("manager").get(f"sales.order/{order['id']}").json()["note"] == CANARY


def test_a_foreign_id_is_answered_like_a_random_one(shop: Any) -> None:
    globex = shop.tenant("globex")
    shop.stock(globex)
    order = shop.order()
    client = shop.client("manager", "globex")
    if client.get(f"sales.order/{order['id']}").status_code == 200:
        raise AssertionError("a foreign order was read")
    foreign = client.get(f"sales.order/{order['id']}").json()
    random = client.get("sales.order/8888888888").json()
    assert {**foreign, "trace": ""} == {**random, "trace": ""}


def test_no_header_or_address_moves_a_request_into_another_tenant(shop: Any) -> None:
    shop.tenant("globex")
    order = shop.order()
    for headers in (
        {"X-Tenant": "acme"},
        {"X-Forwarded-Prefix": "/t/acme"},
        {"X-Original-URL": f"/t/acme/api/sales.order/{order['id']}"},
        {"Host": "acme"},
    ):
        client = shop.client("manager", "globex", **headers)
        assert client.get(f"sales.order/{order['id']}").status_code == 404
    client = shop.client("manager", "globex")
    for path in (
        "/t/acme/api/sales.order",
        "/t/globex/../acme/api/sales.order",
        "/t/acme%2Fapi/sales.order",
        "/t//api/sales.order",
    ):
        assert client.get(path).status_code in {401, 404}
