"""Every door for every role: generated from the route table; a new route without a row here fails."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from dougong.server import record_doors
from dougong.server.rest import ROUTES
from dougong.server.routes import BadRoutes, Route, check_routes

COST, LIMIT, PHONE = "919191.91", "717171.71", "13900001111"
WHO = ("manager", "clerk", "trainee", "plain", "nobody", "stranger")
ORDER = "sales.order"


class Scene:
    """One order of the trainee and one of the manager, and what they are made of."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.stock = shop.stock()
        self.own = shop.order("trainee", self.stock)
        self.other = shop.order("manager", self.stock)

    def body(self) -> dict[str, Any]:
        line = {"item": self.stock["item"], "qty": "1", "price": "3"}
        return {"customer": self.stock["customer"], "items": [line]}


Ask = Callable[[Scene, Any], httpx.Response]
SIGNED_IN = {"nobody": 401, "stranger": 401}
NO_RIGHT = {"plain": 403, **SIGNED_IN}


def everyone(status: int, **others: int) -> dict[str, int]:
    return {**dict.fromkeys(WHO, status), **SIGNED_IN, **others}


def order_rights(status: int, **others: int) -> dict[str, int]:
    return {**dict.fromkeys(WHO, status), **NO_RIGHT, **others}


FILE = {"": {"digest": "0" * 64, "name": "a.csv"}}

# door → how it is asked, and what each person is answered
DOORS: dict[str, tuple[Ask, dict[str, int]]] = {
    "root": (lambda s, c: c.get(""), everyone(200)),
    "index": (lambda s, c: c.get(f"{c.base}/"), everyone(200)),
    "search": (lambda s, c: c.get("search", params={"q": "公司"}), everyone(200)),
    "openapi": (lambda s, c: c.get("openapi.json"), everyone(200)),
    "sign_in": (
        lambda s, c: c.post("session", {"login": "nobody", "password": "wrong password"}),
        {**dict.fromkeys(WHO, 401), "stranger": 429},  # the sixth failure in a row
    ),
    "me": (lambda s, c: c.get("session"), everyone(200)),
    "sign_out": (lambda s, c: c.delete("session"), everyone(204)),
    "password": (
        lambda s, c: c.post("password", {"old": "wrong password", "new": "a b c d e f"}),
        everyone(401),
    ),
    "tokens": (lambda s, c: c.get("tokens"), everyone(200)),
    "issue_token": (lambda s, c: c.post("tokens", {"name": "more"}), everyone(403)),
    "revoke_token": (lambda s, c: c.delete("tokens/none"), everyone(404)),
    "preferences": (lambda s, c: c.get("preferences"), everyone(200)),
    "set_preference": (lambda s, c: c.ask("PUT", "preferences/a.b", json={"w": 1}), everyone(204)),
    "drop_preference": (lambda s, c: c.delete("preferences/a.b"), everyone(204)),
    "upload": (
        lambda s, c: c.ask("POST", "files", params={"name": "a.csv"}, content=b"a,b"),
        everyone(201),
    ),
    "preview_import": (
        lambda s, c: c.post("imports/preview", {"entity": ORDER, "files": FILE}),
        everyone(403, manager=404, clerk=404),
    ),
    "import": (
        lambda s, c: c.post("imports", {"entity": ORDER, "files": FILE}),
        everyone(403, manager=202, clerk=202),
    ),
    "imports": (lambda s, c: c.get("imports"), everyone(200)),
    "undo_import": (lambda s, c: c.post("imports/1/undo"), everyone(202)),
    "export": (
        lambda s, c: c.post("exports", {"entity": ORDER}),
        everyone(403, manager=202, clerk=202),
    ),
    "exported": (lambda s, c: c.get("exports/1"), everyone(404)),
    "jobs": (lambda s, c: c.get("jobs"), everyone(200)),
    "job": (lambda s, c: c.get("jobs/1"), everyone(404)),
    "stop_job": (lambda s, c: c.post("jobs/1/stop"), everyone(404)),
    "job_again": (lambda s, c: c.post("jobs/1/again"), everyone(404)),
    "list": (lambda s, c: c.get(ORDER), order_rights(200)),
    "view_list": (lambda s, c: c.get(f"views/list/{ORDER}"), order_rights(200)),
    "view_form": (
        lambda s, c: c.get(f"views/form/{ORDER}", params={"record": s.other["id"]}),
        order_rights(200, trainee=404),
    ),
    "create": (lambda s, c: c.post(ORDER, s.body()), order_rights(201)),
    "bulk": (
        lambda s, c: c.post(f"{ORDER}/bulk", {"rows": [s.body()], "key": ["number"]}),
        order_rights(422),
    ),
    "changes": (lambda s, c: c.get(f"{ORDER}/changes"), order_rights(200)),
    "totals": (
        lambda s, c: c.get(f"{ORDER}/totals", params={"fields": "total"}),
        order_rights(200, trainee=403),
    ),
    "lookup": (
        lambda s, c: c.get(f"{ORDER}/lookup/customer", params={"q": "甲"}),
        order_rights(200),
    ),
    "propose": (lambda s, c: c.post(f"{ORDER}/propose", s.body()), order_rights(200)),
    "read": (lambda s, c: c.get(f"{ORDER}/{s.other['id']}"), order_rights(200, trainee=404)),
    "change": (
        lambda s, c: c.patch(f"{ORDER}/{s.other['id']}", 9, {"note": "x"}),
        order_rights(409, trainee=404),
    ),
    "delete": (
        lambda s, c: c.delete(f"{ORDER}/{s.other['id']}", 9),
        order_rights(409, clerk=403, trainee=403),
    ),
    "act": (
        lambda s, c: c.act(f"{ORDER}/{s.other['id']}", "approve", 9),
        order_rights(409, clerk=403, trainee=403),
    ),
    "propose_change": (
        lambda s, c: c.post(f"{ORDER}/{s.other['id']}/propose", {"note": "x"}),
        order_rights(200, trainee=404),
    ),
    "history": (
        lambda s, c: c.get(f"{ORDER}/{s.other['id']}/history"),
        order_rights(200, trainee=404),
    ),
}


def test_every_door_has_its_row_in_this_table() -> None:
    assert {route.door for route in ROUTES} == set(DOORS)


def test_every_door_answers_every_role_as_its_right_says(shop: Any) -> None:
    scene = Scene(shop)
    shop.tenant("globex")
    wrong = []
    for door, (ask, expected) in DOORS.items():
        for who in WHO:
            headers = {}
            if who == "stranger":
                headers = {"Authorization": f"Bearer {shop.tenants['globex'].tokens['manager']}"}
            client = shop.client("" if who in {"nobody", "stranger"} else who, **headers)
            answer = ask(scene, client)
            if answer.status_code != expected[who]:
                wrong.append(
                    f"{door} as {who}: {answer.status_code}, not {expected[who]}: {answer.text[:300]}"
                )
    assert not wrong, "\n".join(wrong)


FIELD_DOORS: dict[str, Ask] = {
    "list": lambda s, c: c.get(ORDER),
    "list_lines": lambda s, c: c.get(ORDER, params={"expand": "customer,items.item"}),
    "read": lambda s, c: c.get(f"{ORDER}/{s.own['id']}"),
    "expand": lambda s, c: c.get(
        f"{ORDER}/{s.own['id']}", params={"expand": "customer,items.item"}
    ),
    "create": lambda s, c: c.post(ORDER, s.body()),
    "change": lambda s, c: c.patch(f"{ORDER}/{s.own['id']}", 1, {"note": "seen"}),
    "propose": lambda s, c: c.post(f"{ORDER}/propose", s.body()),
    "propose_change": lambda s, c: c.post(f"{ORDER}/{s.own['id']}/propose", {"note": "x"}),
    "history": lambda s, c: c.get(f"{ORDER}/{s.own['id']}/history"),
    "changes": lambda s, c: c.get(f"{ORDER}/changes"),
    "lookup": lambda s, c: c.get(f"{ORDER}/lookup/customer", params={"q": "甲"}),
    "lookup_item": lambda s, c: c.get(f"{ORDER}/lookup/items.item", params={"q": "螺"}),
    "customer": lambda s, c: c.get(f"master_data.customer/{s.stock['customer']}"),
    "item": lambda s, c: c.get(f"master_data.item/{s.stock['item']}"),
    "item_history": lambda s, c: c.get(f"master_data.item/{s.stock['item']}/history"),
    "search": lambda s, c: c.get("search", params={"q": "公司"}),
    "view_list": lambda s, c: c.get(f"views/list/{ORDER}"),
    "view_form": lambda s, c: c.get(f"views/form/{ORDER}", params={"record": s.own["id"]}),
    "view_new": lambda s, c: c.get(f"views/form/{ORDER}"),
    "openapi": lambda s, c: c.get("openapi.json"),
}


def test_a_hidden_field_is_absent_at_every_door(shop: Any) -> None:
    scene = Scene(shop)
    client = shop.client("trainee")
    secrets = (COST, LIMIT, PHONE, "9191919.10")
    names = ('"cost"', '"total":', "credit_limit", "standard_cost")
    for door, ask in FIELD_DOORS.items():
        answer = ask(scene, client)
        assert answer.status_code < 400, (door, answer.text)
        wanted = secrets if door.startswith("view") else (*secrets, *names)
        for secret in wanted:
            at = answer.text.find(secret)
            assert at < 0, (door, answer.text[max(0, at - 80) : at + 80])


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (ORDER, {"sort": "total"}),
        (ORDER, {"sort": "-net"}),
        (ORDER, {"filter": '{"field": "total", "op": ">", "value": "1"}'}),
        (ORDER, {"filter": '{"not": {"field": "net", "op": "empty"}}'}),
        (ORDER, {"filter": '{"field": "customer.credit_limit", "op": ">", "value": "1"}'}),
        (ORDER, {"sort": "customer.phone"}),
        (f"{ORDER}/totals", {"fields": "net"}),
        ("master_data.customer", {"sort": "phone"}),
        ("master_data.item", {"filter": '{"field": "standard_cost", "op": ">", "value": "1"}'}),
    ],
)
def test_a_hidden_field_can_be_neither_sorted_nor_filtered_nor_asked_for(
    sqlite_shop: Any, path: str, params: dict[str, str]
) -> None:
    Scene(sqlite_shop)
    answer = sqlite_shop.client("trainee").get(path, params=params)
    assert answer.status_code == 403, answer.text
    assert sqlite_shop.client("manager").get(path, params=params).status_code == 200


def test_a_hidden_field_asked_for_is_left_out(sqlite_shop: Any) -> None:
    Scene(sqlite_shop)
    asked = {"fields": "number,total,customer.phone,items.cost"}
    for row in sqlite_shop.client("trainee").get(ORDER, params=asked).json()["rows"]:
        assert not {"total", "customer.phone", "items.cost"} & set(row)
        assert PHONE not in str(row)


def test_guarded_fields_stay_as_they_are(shop: Any) -> None:
    """id, version, number, state, owner's trail and every formula: 422, or the very same value."""
    scene = Scene(shop)
    client = shop.client("manager")
    path = f"{ORDER}/{scene.other['id']}"
    before = client.get(path).json()
    document = client.get("openapi.json").json()
    record = document["components"]["schemas"][ORDER]["properties"]
    guarded = [name for name, schema in record.items() if schema.get("readOnly")]
    assert {"id", "version", "number", "state", "total", "created_by"} <= set(guarded)
    for name in set(guarded) - {"expanded", "warnings"}:
        forged = client.patch(path, before["version"], {name: "7"})
        assert forged.status_code == 422, (name, forged.text)
        assert any(name in one["path"] for one in forged.json()["problems"]), forged.text
        created = client.post(ORDER, {**scene.body(), name: "7"})
        assert created.status_code == 422, (name, created.text)
    assert client.get(path).json() == before


def test_the_server_refuses_to_start_with_a_route_without_a_right() -> None:
    good = ROUTES[0]
    for wrong in (
        replace(good, door="x", right=""),  # type: ignore[arg-type]
        replace(good, door="x", right="read"),
        replace(good, door="x", handler=None),
        replace(good, door="x", path="/{entity}/all"),
        replace(good, door="", path="/other"),
        replace(good, door="x", path="/other", write=True),
        Route("POST", "/x", "x", "open", record_doors.list_door),
        good,
    ):
        with pytest.raises(BadRoutes):
            check_routes((*ROUTES, wrong))
