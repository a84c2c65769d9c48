"""The doors for people obey the same rules: whatever route there is, walked by who may not use it."""

from typing import Any

import pytest

from dougong.server import pages
from dougong.server.rest import PREFIX, ROUTES
from dougong.server.routes import Route

SECRETS = (
    "919191.91",
    "919,191.91",
    "717171.71",
    "717,171.71",
    "13900001111",
    "9191919.10",
    "9,191,919.10",
)
EVERY = [(PREFIX, route) for route in ROUTES] + [(pages.PREFIX, route) for route in pages.ROUTES]


def address(prefix: str, route: Route, order: str, tenant: str = "acme") -> str:
    values = {
        "tenant": tenant, "entity": "sales.order", "id:int": order, "action": "submit",
        "path": "customer", "key": "k", "name": "n", "kind": "list",
    }  # fmt: skip
    filled = prefix + route.path
    for name, value in values.items():
        filled = filled.replace("{" + name + "}", value)
    assert "{" not in filled, f"{route.door}: this test does not know how to fill {filled}"
    return filled


def ask(client: Any, method: str, path: str) -> Any:
    body = {} if method in {"GET", "DELETE"} else {"json": {"note": "x"}}
    return client.ask(method, path, headers={"If-Match": '"1"'}, **body)


@pytest.fixture
def order(sqlite_shop: Any) -> str:
    sqlite_shop.tenant("globex")
    return str(sqlite_shop.order()["id"])


def test_no_door_lets_a_stranger_in(sqlite_shop: Any, order: str) -> None:
    stranger = {"Authorization": f"Bearer {sqlite_shop.tenants['globex'].tokens['manager']}"}
    clients = [sqlite_shop.client(), sqlite_shop.client(**stranger)]
    for prefix, route in EVERY:
        if route.right == "open":
            continue
        for client in clients:
            answer = ask(client, route.method, address(prefix, route, order))
            assert answer.status_code in {303, 401}, (
                route.door,
                answer.status_code,
                answer.text[:200],
            )
            assert "sales.order" not in answer.text.replace("/sales.order", "")


def test_no_door_to_an_entity_opens_without_a_right_on_it(sqlite_shop: Any, order: str) -> None:
    client = sqlite_shop.client("plain")
    for prefix, route in EVERY:
        if route.entity:
            answer = ask(client, route.method, address(prefix, route, order))
            assert answer.status_code == 403, (route.door, answer.status_code, answer.text[:200])


def test_no_door_reaches_a_row_out_of_reach(sqlite_shop: Any, order: str) -> None:
    client = sqlite_shop.client("trainee")
    for prefix, route in EVERY:
        if route.entity and "{id:int}" in route.path:
            answer = ask(client, route.method, address(prefix, route, order))
            assert answer.status_code in {403, 404, 422}, (
                route.door,
                answer.status_code,
                answer.text[:200],
            )
    assert sqlite_shop.client("manager").get(f"sales.order/{order}").json()["version"] == 1


def test_no_door_shows_a_hidden_field(sqlite_shop: Any, order: str) -> None:
    """The trainee's own order costs, and its customer has, what the trainee must not know."""
    own = sqlite_shop.order("trainee", sqlite_shop.stock(mark="2"))["id"]
    client = sqlite_shop.client("trainee")
    seen = 0
    for prefix, route in EVERY:
        if route.method != "GET":
            continue
        answer = ask(client, "GET", address(prefix, route, str(own)))
        assert answer.status_code < 500, (route.door, answer.text[:300])
        seen += answer.status_code == 200
        for secret in SECRETS:
            at = answer.text.find(secret)
            assert at < 0, (route.door, answer.text[max(0, at - 80) : at + 80])
    assert seen > 20


def test_get_never_changes_anything(sqlite_shop: Any, order: str) -> None:
    client = sqlite_shop.client("manager")

    def state() -> Any:
        return client.get("sales.order/changes").json(), client.get("preferences").json()

    before = state()
    for prefix, route in EVERY:
        if route.method == "GET":
            ask(client, "GET", address(prefix, route, order))
            assert not route.write
    assert state() == before
