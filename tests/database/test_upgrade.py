"""A module's next version, from YAML to rows: what is new is computed, in the right order."""

from datetime import UTC, datetime

import pytest

from dougong.database.apply import By, apply, current, plan_for
from dougong.database.drift import drift
from dougong.database.lock import Lock
from dougong.database.rows import mark
from dougong.database.state import state_of
from dougong.foundation.errors import Refused

BY = By(datetime(2026, 3, 1, 8, 0, tzinfo=UTC), 7, "wang", "upgrade")
FIRST = """
entity: shop.order
label: {zh: 单, en: Order}
fields:
  rate: {type: percent, label: {zh: 率, en: Rate}}
lines:
  items:
    label: {zh: 行, en: Lines}
    fields:
      qty: {type: quantity, label: {zh: 数量, en: Qty}, required: true}
      price: {type: price, label: {zh: 价, en: Price}, required: true}
"""
SECOND = """
entity: shop.order
label: {zh: 单, en: Order}
fields:
  rate: {type: percent, label: {zh: 率, en: Rate}}
  twice: {type: money, label: {zh: 双, en: Twice}, formula: total * 2, store: true}
  total: {type: money, label: {zh: 计, en: Total}, formula: sum(items.amount), store: true}
  kind: {type: choice, label: {zh: 类, en: Kind}, options: {big: {zh: 大, en: Big}, small: {zh: 小, en: Small}}, required: true, default: "if(total > 20, 'big', 'small')"}
lines:
  items:
    label: {zh: 行, en: Lines}
    fields:
      qty: {type: quantity, label: {zh: 数量, en: Qty}, required: true}
      price: {type: price, label: {zh: 价, en: Price}, required: true}
      amount: {type: money, label: {zh: 额, en: Amount}, formula: "round(qty * price * (1 + coalesce(doc.rate, 0)), 2)", store: true}
"""


def _bring(connection, catalog, **more):
    new = Lock(0, catalog.fingerprint, state_of(catalog))
    return apply(connection, plan_for(connection, new.state), new, by=BY, **more)


def _put(connection, table: str, **values) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join([mark(connection.dialect)] * len(values))
    connection.begin(write=True)
    connection.change(f'insert into @."{table}" ({names}) values ({marks})', list(values.values()))
    connection.commit()


@pytest.fixture
def shop(database, catalog_of):
    opened = database.connection("alpha")
    _bring(opened, catalog_of({"shop/entities/order.yaml": FIRST}))
    scaled = 10**6 if opened.dialect == "sqlite" else 1
    now = "2026-03-01T08:00:00.000000Z"
    for number, rate in ((1, 0), (2, None)):
        _put(opened, "shop_order", id=number, version=1, created=now, changed=now, rate=rate)
    for number, parent, qty in ((10, 1, 3), (11, 1, 4), (12, 2, 1)):
        _put(
            opened,
            "shop_order__items",
            id=number,
            parent=parent,
            position=0,
            qty=qty * scaled,
            price=5 * scaled,
        )
    return opened


def test_stored_formulas_of_lines_come_before_those_of_the_header(shop, catalog_of):
    catalog = catalog_of({"shop/entities/order.yaml": SECOND})
    _bring(shop, catalog)
    shop.begin(write=False)
    found = shop.run('select total, twice, kind from @."shop_order" order by id')
    shop.rollback()
    scale = 100 if shop.dialect == "sqlite" else 1
    assert [(a / scale, b / scale, c) for a, b, c in found] == [(35, 70, "big"), (5, 10, "small")]
    assert drift(shop, current(shop).state) == []


def test_a_field_that_just_vanishes_is_refused(shop, catalog_of):
    without = SECOND.replace("  rate: {type: percent, label: {zh: 率, en: Rate}}\n", "")
    without = without.replace(" * (1 + coalesce(doc.rate, 0))", "")
    with pytest.raises(Refused) as caught:
        _bring(shop, catalog_of({"shop/entities/order.yaml": without}))
    assert [one.code for one in caught.value.problems] == ["database.vanished-without-statement"]
    assert "shop.order.rate" in caught.value.problems[0].reason("en")


def test_retired_first_and_dropped_later(shop, catalog_of):
    retired = FIRST.replace(
        "label: {zh: 率, en: Rate}}", "label: {zh: 率, en: Rate}, retired: {since: 1.1}}"
    )
    _bring(shop, catalog_of({"shop/entities/order.yaml": retired}))
    gone = FIRST.replace(
        "  rate: {type: percent, label: {zh: 率, en: Rate}}\n",
        "  day: {type: date, label: {zh: 日, en: Day}}\n",
    )
    _bring(shop, catalog_of({"shop/entities/order.yaml": gone}), consent=True)
    assert "rate" not in current(shop).state.tables["shop_order"].columns
    assert drift(shop, current(shop).state) == []


def test_every_shipped_module_stands_without_drift(database, catalog_of):
    opened = database.connection("beta")
    catalog = catalog_of({}, modules=("sales",))
    _bring(opened, catalog)
    assert drift(opened, state_of(catalog)) == []
