"""What is hidden can't be guessed: not by sending it back, nor by asking what would follow from it."""

from typing import Any


def test_a_hidden_value_is_refused_whether_right_or_wrong(shop: Any) -> None:
    order = shop.order("trainee")
    whole = shop.client("manager").get(f"sales.order/{order['id']}").json()
    line = whole["items"][0]
    trainee = shop.client("trainee")
    for right, wrong in (
        ({"total": whole["total"]}, {"total": "1.00"}),
        ({"items": [{"id": line["id"], "cost": line["cost"]}]},) * 2,
        ({"items": [{"id": line["id"], "discount": line["discount"]}]},) * 2,
    ):
        first = trainee.patch(f"sales.order/{order['id']}", whole["version"], right)
        second = trainee.patch(f"sales.order/{order['id']}", whole["version"], wrong)
        assert first.status_code == second.status_code == 422, (right, first.text, second.text)
        assert [one["code"] for one in first.json()["problems"]] == [
            one["code"] for one in second.json()["problems"]
        ]
    new = {
        "customer": order["customer"],
        "items": [{"item": line["item"], "qty": "1", "price": "1", "cost": "919191.91"}],
    }
    assert trainee.post("sales.order", new).status_code == 422


def test_a_proposal_shows_nothing_of_records_out_of_sight(shop: Any) -> None:
    stock = shop.stock()
    tenant = shop.acme
    unseen = tenant.make(
        "master_data.item", code="I9", name="UNSEEN", unit={"code": "pcs"}, active=False,
        list_price="77.77",
    )  # fmt: skip
    stranger = tenant.make("master_data.customer", code="C9", name="STRANGER", ship_to="SECRET")
    trainee = shop.client("trainee")
    for item in (unseen, {"code": "I9"}):
        for customer in (stranger, {"code": "C9"}):
            body = {"customer": customer, "items": [{"item": item, "qty": "1"}]}
            for address in ("sales.order/propose", "/t/acme/sales.order/propose"):
                sent = {"record": body} if address.startswith("/") else body
                answer = trainee.post(address, sent)
                assert answer.status_code == 200, answer.text
                for word in ("UNSEEN", "SECRET", "77.77", unseen, stranger):
                    assert word not in answer.text, (word, answer.text)
    known = trainee.post(
        "sales.order/propose",
        {"customer": stock["customer"], "items": [{"item": stock["item"], "qty": "1"}]},
    ).json()["record"]
    assert known["items"][0]["description"] == "螺丝"


def test_a_proposal_keeps_a_link_the_record_holds_already(shop: Any) -> None:
    stock = shop.stock()
    stranger = shop.acme.make("master_data.customer", code="C9", name="STRANGER")
    mine = str(shop.acme.users["trainee"])
    order = shop.order("manager", {**stock, "customer": stranger}, owner=mine)
    answer = shop.client("trainee").post(
        f"sales.order/{order['id']}/propose", {"note": "x", "customer": stranger}
    )
    assert answer.json()["record"]["customer"] == stranger, answer.text
    assert answer.json()["problems"] == []
