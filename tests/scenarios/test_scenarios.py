"""Scenarios are read with every mistake at its line, played, and told where they differ."""

import pytest

from dougong.catalog.shipped_sets import sets_for
from dougong.catalog.source import SourceSet
from dougong.scenarios.run import run_scenarios
from dougong.tenants.catalogs import Catalogs

MODULE = """\
module: shop
label: {zh: 店, en: Shop}
version: 1.0.0
language: 1
needs: {base: ">=1.0"}
"""
ITEM = """\
entity: shop.item
label: {zh: 商品, en: Item}
title: "{name}"
key: [code]
fields:
  code: {type: code, label: {zh: 编码, en: Code}, required: true, length: 20}
  name: {type: text, label: {zh: 名称, en: Name}, required: true, length: 60}
  price: {type: money, label: {zh: 单价, en: Price}, check: "price >= 0"}
  cost: {type: money, label: {zh: 成本, en: Cost}}
"""
ORDER = """\
entity: shop.order
label: {zh: 订单, en: Order}
use: [base.document]
title: "{number}"
fields:
  number: {sequence: shop.order_no}
  total: {type: money, label: {zh: 合计, en: Total}, formula: sum(items.amount), store: true}
lines:
  items:
    label: {zh: 明细, en: Lines}
    fields:
      item: {type: link, to: shop.item, label: {zh: 商品, en: Item}, required: true}
      qty: {type: quantity, label: {zh: 数量, en: Qty}, required: true}
      price: {type: money, label: {zh: 单价, en: Price}, default: item.price}
      amount: {type: money, label: {zh: 金额, en: Amount}, formula: "round(qty * price, 2)", store: true}
rules:
  limit:
    check: total <= 1000
    say: {zh: 超限, en: Over the limit}
"""
SEQUENCE = """\
sequence: shop.order_no
label: {zh: 订单编号, en: Order number}
pattern: "O{n:3}"
"""
CLERK = """\
role: shop.clerk
label: {zh: 店员, en: Clerk}
grants:
  shop.item: {read: true, hide: [cost]}
  shop.order: {read: true, create: true, update: true, act: [submit]}
"""
FILES = {
    "module.yaml": MODULE,
    "entities/item.yaml": ITEM,
    "entities/order.yaml": ORDER,
    "sequences/order_no.yaml": SEQUENCE,
    "roles/clerk.yaml": CLERK,
}
GIVEN = """\
test: shop.order
now: "2026-06-03 09:00"
given:
  shop.item PEN: {code: pen, name: Pen, price: 1.25, cost: 1}
cases:
"""


@pytest.fixture
def play():
    """Run one test file and return its results by case."""

    def run(text):
        source = SourceSet("module", "shop", {**FILES, "tests/order.yaml": text}, "shop")
        group = sets_for((), (source,))
        catalog = Catalogs(None).of(group)
        return {result.case: result for result in run_scenarios(group, catalog, only=["shop"])}

    return run


def codes(result):
    return [problem.code for problem in result.problems]


def test_a_day_that_goes_as_told(play):
    results = play(
        GIVEN
        + """\
  sums_up:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 3}, {item: pen, qty: 1}]}}
    expect: {A: {total: 5.00, date: "2026-06-03", state: draft, items: [{amount: 3.75}, {amount: 1.25}]}}
    do: {A: submit}
"""
    )
    assert results["sums_up"].problems == ()


def test_every_case_begins_anew(play):
    case = """\
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1}]}}
    do: {A: submit}
    expect: {A: {number: O001}}
"""
    results = play(f"{GIVEN}  first:\n{case}  second:\n{case}")
    assert [result.problems for result in results.values()] == [(), ()]


def test_a_difference_is_told_with_its_line(play):
    result = play(
        GIVEN
        + """\
  wrong_sum:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 3}]}}
    expect: {A: {total: 4.00}}
"""
    )["wrong_sum"]
    (problem,) = result.problems
    assert problem.code == "scenarios.differs"
    assert (problem.values["path"], problem.values["wanted"], problem.values["found"]) == (
        "A.total",
        "4.00",
        "3.75",
    )
    assert problem.where.file.endswith("tests/order.yaml")
    assert problem.where.line == 9


def test_a_rule_stops_by_its_name(play):
    results = play(
        GIVEN
        + """\
  stops:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1000}]}}
    stops: limit
  stops_otherwise:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1000}]}}
    stops: access.action-denied
  does_not_stop:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1}]}}
    stops: limit
  nobody_expected_it:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1000}]}}
"""
    )
    assert codes(results["stops"]) == []
    assert codes(results["stops_otherwise"]) == ["scenarios.stopped-otherwise"]
    assert codes(results["does_not_stop"]) == ["scenarios.not-stopped"]
    assert codes(results["nobody_expected_it"]) == ["scenarios.stopped"]


def test_rights_are_those_of_the_role(play):
    results = play(
        GIVEN
        + """\
  no_approval:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1}]}}
    do: {A: [submit, approve]}
    stops: access.action-denied
  no_cost:
    as: shop.clerk
    read: PEN
    hidden: [cost]
    visible: [price]
  told_wrong:
    as: shop.clerk
    read: PEN
    hidden: [price]
    visible: [cost]
"""
    )
    assert codes(results["no_approval"]) == []
    assert codes(results["no_cost"]) == []
    assert codes(results["told_wrong"]) == ["scenarios.seen", "scenarios.unseen"]


def test_what_was_refused_is_undone_and_the_day_goes_on(play):
    result = play(
        GIVEN
        + """\
  refused:
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1}]}}
    change: {A: {items: [{item: PEN, qty: 5000}]}}
    stops: limit
    expect: {A: {total: 1.25, items: [{qty: 1}]}}
"""
    )["refused"]
    assert codes(result) == []


def test_a_misspelt_scenario_is_told_whole(play):
    results = play("""\
test: shop.order
now: tomorrow
cases:
  odd:
    as: shop.clerc
    makes: {shop.order A: {}}
    make: {shop.order: {}}
""")
    (result,) = results.values()
    assert set(codes(result)) == {
        "scenarios.unknown-key",
        "scenarios.bad-make",
        "scenarios.bad-time",
    }


def test_an_unknown_role_name_or_entity_is_told(play):
    results = play(
        GIVEN
        + """\
  role:
    as: shop.clerc
    read: PEN
  name:
    as: shop.clerk
    read: PENCIL
  entity:
    as: shop.clerk
    make: {shop.odrer A: {}}
"""
    )
    assert [codes(result) for result in results.values()] == [
        ["scenarios.unknown-role"],
        ["scenarios.unknown-name"],
        ["scenarios.unknown-entity"],
    ]


def test_steps_are_told_by_several_people_at_several_times(play):
    result = play("""\
test: shop.order
given:
  shop.item PEN: {code: pen, name: Pen, price: 2}
steps:
  morning:
    at: "2026-06-03 09:00"
    as: shop.clerk
    make: {shop.order A: {items: [{item: PEN, qty: 1}]}}
  evening:
    at: "2026-06-04 18:00"
    make: {shop.order B: {items: [{item: PEN, qty: 2}]}}
    expect: {A: {date: "2026-06-03"}, B: {date: "2026-06-04", total: 4}}
""")["steps"]
    assert codes(result) == []


def test_the_scenarios_of_the_shipped_modules_hold():
    group = sets_for(["sales", "master_data"])
    results = list(run_scenarios(group, Catalogs(None).of(group)))
    assert results
    bad = [f"{result.case}: {problem}" for result in results for problem in result.problems]
    assert bad == []
