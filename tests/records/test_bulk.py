"""Many records at once: known by their key, created, changed, left alone or refused, each with reasons."""

import pytest

from dougong.foundation.errors import Refused
from dougong.records import store
from dougong.records.verify import verify


def told(results):
    return [
        (result.status, sorted({(problem.code, problem.where.path) for problem in result.problems}))
        for result in results
    ]


def test_rows_are_created_changed_and_left_alone(sales):
    work = sales.house.as_("shop.admin")
    rows = [
        {"code": "C01", "lead_days": 5},
        {"code": "C02", "name": "乙", "currency": {"code": "CNY"}, "credit_limit": "10"},
        {"code": "C01x", "name": "丙"},
    ]
    results = store.upsert(work, "master_data.customer", rows)
    assert told(results) == [("changed", []), ("created", []), ("created", [])]
    assert results[0].id == sales.customer
    second = store.read(work, "master_data.customer", results[1].id)
    assert (second["currency"], second["credit_limit"], second["group"], second["version"]) == (
        str(sales.cny),
        "10.00",
        "trade",
        1,
    )
    assert store.read(work, "master_data.customer", sales.customer)["name"] == "上海远见办公用品"
    assert told(store.upsert(work, "master_data.customer", rows)) == [
        ("same", []),
        ("same", []),
        ("same", []),
    ]
    assert verify(sales.house.connection, sales.house.catalog) == []


def test_one_bad_row_stops_all_unless_the_good_ones_are_wanted(sales):
    work = sales.house.as_("shop.admin")
    rows = [
        {"code": "G1", "name": "好"},
        {"code": "G2"},
        {"code": "G3", "name": "x", "lead_days": "many", "colour": 1},
        {"name": "no key"},
        {"code": "G1", "name": "twice"},
        {"code": "G4", "name": "x", "currency": {"code": "NONE"}},
        {"code": "G5", "name": "x", "credit_limit": "-1"},
    ]
    expected = [
        ("created", []),
        ("refused", [("records.field-required", "name")]),
        ("refused", [("fields.not-a-number", "lead_days"), ("generated.unknown-field", "colour")]),
        ("refused", [("records.key-missing", "code")]),
        ("refused", [("records.key-twice", "code")]),
        ("refused", [("records.link-not-found", "currency")]),
        ("refused", [("records.check-failed", "credit_limit")]),
    ]
    assert told(store.upsert(work, "master_data.customer", rows)) == expected
    assert sales.house.count("master_data_customer") == 1
    assert told(store.upsert(work, "master_data.customer", rows, good_only=True)) == expected
    assert sales.house.count("master_data_customer") == 2
    assert verify(sales.house.connection, sales.house.catalog) == []


def test_a_row_that_only_the_database_refuses_is_found_among_many(house_of):
    house = house_of({"shop/entities/part.yaml": """
entity: shop.part
label: {zh: 件, en: Part}
key: [code]
fields:
  code: {type: code, label: {zh: a, en: Code}, required: true}
  serial: {type: code, label: {zh: a, en: Serial}, unique: true}
"""}, entities=("shop.part",))  # fmt: skip
    work = house.as_("shop.admin")
    rows = [{"code": f"P{n}", "serial": f"S{n}"} for n in range(70)]
    rows[40]["serial"] = "S3"
    results = store.upsert(work, "shop.part", rows, good_only=True)
    assert [result.index for result in results if result.status == "refused"] == [40]
    assert told(results)[40] == ("refused", [("records.not-unique", "serial")])
    assert house.count("shop_part") == 69
    results = store.upsert(
        work,
        "shop.part",
        [{"code": "P1", "serial": "S2"}, {"code": "P3", "serial": "X"}],
        good_only=True,
    )
    assert told(results) == [("refused", [("records.not-unique", "serial")]), ("changed", [])]
    assert verify(house.connection, house.catalog) == []


def test_documents_with_lines_come_in_bulk_too(sales):
    work = sales.house.as_("shop.admin")
    lines = [
        {"item": {"code": "CP-001"}, "qty": "1", "price": "10"},
        {"item": {"code": "LP-001"}, "qty": "2", "price": "5"},
    ]
    rows = [
        {"customer_order": f"A{n}", "customer": {"code": "C01"}, "items": lines} for n in range(40)
    ]
    results = store.upsert(work, "sales.order", rows, key=("customer_order",))
    assert {result.status for result in results} == {"created"}
    assert store.read(work, "sales.order", results[7].id)["total"] == "22.60"
    rows[7]["items"] = [{**lines[0], "qty": "3"}, lines[1]]
    again = store.upsert(work, "sales.order", rows, key=("customer_order",))
    assert [result.index for result in again if result.status != "same"] == [7]
    assert store.read(work, "sales.order", results[7].id)["total"] == "45.20"
    assert verify(sales.house.connection, sales.house.catalog) == []


def test_there_must_be_a_key(sales):
    with pytest.raises(Refused) as refused:
        store.upsert(sales.house.as_("shop.admin"), "sales.order", [{}])
    assert refused.value.problems[0].code == "records.no-key"
