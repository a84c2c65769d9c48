"""A change of the metadata, made through one process, is served by another from its next request on."""

from collections.abc import Iterator
from typing import Any

import pytest

from dougong.server.app import build_app
from dougong.server.app import close as close_desk
from dougong.tenants import configuration, install
from dougong.tenants.registry import Registry

EXTEND = """extend: sales.order
fields:
  x__batch: {type: text, length: 20, label: {zh: 批次, en: Batch}}
"""


@pytest.fixture
def other(shop: Any) -> Iterator[Any]:
    """The same tenants served by a second registry and application, as by a second process."""
    registry = Registry(shop.settings, shop.clock)
    app = build_app(registry, shop.settings)
    yield app
    close_desk(app.state.desk)


def test_a_new_field_is_served_everywhere_without_a_restart(shop: Any, other: Any) -> None:
    stock = shop.stock()
    first, second = shop.client("manager"), shop.client("manager")
    second.http._transport.app = other
    order = first.get(f"sales.order/{shop.order('manager', stock)['id']}").json()
    for client in (first, second):
        assert client.get(f"sales.order/{order['id']}").json() == order
        assert "x__batch" not in client.get("openapi.json").text
        refused = client.patch(f"sales.order/{order['id']}", 1, {"x__batch": "A7"})
        assert refused.status_code == 422

    opened = shop.acme.opened
    shop.acme.setup(
        lambda work: configuration.put(work, "changes/sales.order.yaml", EXTEND, why="batches")
    )
    change = install.plan(opened, shop.clock())
    install.apply(opened, change, who="tester", why="batches", now=shop.clock())

    for version, client in enumerate((second, first), 1):
        assert "x__batch" in client.get("openapi.json").text
        assert client.get(f"sales.order/{order['id']}").json()["version"] == version
        changed = client.patch(f"sales.order/{order['id']}", version, {"x__batch": f"A{version}"})
        assert changed.status_code == 200, changed.text
        assert changed.json()["x__batch"] == f"A{version}"
    assert first.get("sales.order").json()["rows"][0]["x__batch"] == "A2"
    assert second.get("sales.order").json()["rows"][0]["x__batch"] == "A2"
