"""Finding records: by words, pinyin and codes; sums and groups of what was found; what changed."""

import json
from datetime import date
from decimal import Decimal

import pytest

from dougong.foundation.errors import Refused
from dougong.queries.changes import changes
from dougong.queries.groups import group
from dougong.queries.list_records import list_records
from dougong.queries.lookup import lookup
from dougong.queries.query import Query
from dougong.queries.search import search
from dougong.queries.totals import totals


def codes_found(work, text):
    return [row["code"] for row in list_records(work, "shop.customer", Query(search=text)).rows]


def refused_codes(refused):
    return [problem.code for problem in refused.value.problems]


TEXTS = [
    ("轴承", ["A1"]), ("不锈钢", ["A10"]), ("钢", ["A10"]), ("海轴", ["A1"]), ("上承", []),
    ("shzcc", ["A1"]), ("shang", ["A1"]), ("bolts", ["B2"]), ("zur", ["B2"]), ("ZÜRICH", ["B2"]),
    ("a1", ["A1", "A10"]), ("bolts 轴承", []), ("bolts zur", ["B2"]), ("A1 轴承", ["A1"]),
    ("%", []), ("\"'*()-^:&|!<>\\", []), ("100%", ["B2"]), ("轴承 OR 不锈钢", []), ("NEAR(a b)", []),
]  # fmt: skip


def test_free_text_finds_the_same_on_both_databases(shop):
    assert [(text, codes_found(shop.work("boss"), text)) for text, _ in TEXTS] == TEXTS


def test_free_text_keeps_to_the_rows_in_reach(shop):
    assert codes_found(shop.work("seller", user=1), "不锈钢") == []
    assert codes_found(shop.work("seller", user=2), "不锈钢") == ["A10"]


def test_a_hidden_word_cannot_be_guessed_by_searching(shop):
    shop.index("shop.order", 51, ["SO2", None, "北京不锈钢"])
    boss, seller = shop.work("boss", companies=(20,)), shop.work("seller", user=1, companies=(20,))
    found = [row["number"] for row in list_records(boss, "shop.order", Query(search="不锈钢")).rows]
    assert found == ["SO2"]
    # the seller reads the order but not its customer
    assert list_records(seller, "shop.order", Query(search="不锈钢")).rows == []
    found = [row["number"] for row in list_records(seller, "shop.order", Query(search="so2")).rows]
    assert found == ["SO2"]
    helper = shop.work("helper", companies=(20,))
    assert list_records(helper, "shop.order", Query(search="不锈钢")).rows == []


def test_one_text_across_entities(shop):
    work = shop.work("boss", companies=(20, 21))
    assert [(hit.entity, hit.title) for hit in search(work, "轴承", ())] == [
        ("shop.customer", "A1 上海轴承厂"),
        ("shop.order", "SO4 B2"),
    ]
    assert [hit.id for hit in search(work, "so", ["shop.order"], limit=2)] == ["53", "52"]
    assert search(work, "  ") == []
    assert search(shop.work("helper"), "轴承", ["shop.customer"]) == []


def titles(candidates):
    return [one.title for one in candidates]


def test_candidates_by_code_name_initials_and_barcode(shop):
    work = shop.work("boss")
    assert titles(lookup(work, "shop.order", "customer", "")) == ["A1 上海轴承厂", "A10 北京不锈钢"]
    assert titles(lookup(work, "shop.order", "customer", "a10")) == ["A10 北京不锈钢"]
    assert titles(lookup(work, "shop.order", "customer", "a1")) == [
        "A1 上海轴承厂",
        "A10 北京不锈钢",
    ]
    assert titles(lookup(work, "shop.order", "customer", "bjbxg")) == ["A10 北京不锈钢"]
    assert titles(lookup(work, "shop.order", "customer", "轴承")) == ["A1 上海轴承厂"]
    assert titles(lookup(work, "shop.order", "customer", "6901")) == ["A1 上海轴承厂"]
    one = lookup(work, "shop.order", "customer", "A1", limit=1)[0]
    assert (one.id, one.code, one.title) == ("40", "A1", "A1 上海轴承厂")


def test_candidates_fulfil_the_where_of_the_link(shop):
    work = shop.work("boss")
    assert titles(lookup(work, "shop.order", "customer", "zur")) == []
    in_west = lookup(work, "shop.order", "customer", "", values={"region": "31"})
    assert titles(in_west) == ["A10 北京不锈钢"]
    assert titles(lookup(work, "shop.order", "customer", "", values={"region": "x"})) == titles(
        lookup(work, "shop.order", "customer", "")
    )


def test_candidates_are_only_records_in_reach(shop):
    work = shop.work("seller", user=1)
    assert titles(lookup(work, "shop.order", "customer", "")) == ["A1 上海轴承厂"]
    assert titles(lookup(work, "shop.order", "items.region", "")) == ["EAST East", "WEST West"]
    assert lookup(shop.work("helper"), "shop.order", "items.region", "") == []


def test_a_lookup_needs_a_link_that_may_be_seen(shop):
    for role, path, code in [
        ("boss", "number", "queries.lookup-unfit"),
        ("boss", "custmer", "access.path-unknown"),
        ("boss", "items.x", "access.path-unknown"),
        ("boss", "x.y", "access.path-unknown"),
        ("helper", "customer", "access.field-hidden"),
    ]:
        with pytest.raises(Refused) as refused:
            lookup(shop.work(role), "shop.order", path, "")
        assert refused_codes(refused) == [code]
    with pytest.raises(Refused) as refused:
        lookup(shop.work("helper"), "shop.customer", "region", "")
    assert refused_codes(refused) == ["access.right-denied"]


def test_totals_are_exact_and_never_of_two_currencies(shop):
    work = shop.work("boss", companies=(20, 21))
    assert totals(work, "shop.order", Query(), ["total", "pieces"]) == {"total": None, "pieces": 13}
    cny = Query(filter={"field": "currency", "op": "==", "value": "10"})
    assert totals(work, "shop.order", cny, ["total", "pay"]) == {"total": "276.51", "pay": "253.91"}
    none = Query(filter={"or": []})
    assert totals(work, "shop.order", none, ["total", "pieces"]) == {"total": "0.00", "pieces": 0}


def test_totals_do_not_overflow(shop):
    for number in range(12):
        shop.put(
            "shop.order",
            number=f"X{number}",
            owner=1,
            total=Decimal("9999999999999999.99"),
            pieces=10**18 - 1,
        )
    big = Query(filter={"field": "number", "op": "starts_with", "value": "X"})
    work = shop.work("boss")
    assert totals(work, "shop.order", big, ["total", "pieces"]) == {
        "total": "119999999999999999.88", "pieces": 12 * (10**18 - 1),
    }  # fmt: skip


def test_only_readable_numbers_are_summed(shop):
    for role, field, code, status in [
        ("boss", "number", "queries.sum-unfit", 400),
        ("boss", "customer.credit", "queries.sum-unfit", 400),
        ("helper", "total", "access.field-hidden", 403),
        ("boss", "totl", "access.path-unknown", 400),
    ]:
        with pytest.raises(Refused) as refused:
            totals(shop.work(role), "shop.order", Query(), [field])
        assert (refused_codes(refused), refused.value.status) == ([code], status)


def test_groups_count_and_sum(shop):
    work = shop.work("boss", companies=(20, 21))
    groups = group(work, "shop.order", Query(), "customer", ["total"])
    assert [(one.value, one.title, one.count, one.sums["total"]) for one in groups] == [
        ("41", "A10 北京不锈钢", 2, None), ("40", "A1 上海轴承厂", 1, "226.00"),
        ("42", "B2 Zürich Bolts 100%", 1, "0.01"), (None, "", 1, "0.00"),
    ]  # fmt: skip
    months = group(work, "shop.order", Query(), "date:month")
    assert [(one.value, one.count) for one in months] == [
        ("2026-01-01", 2), ("2026-02-01", 2), (None, 1),
    ]  # fmt: skip
    by_group = group(work, "shop.order", Query(), "customer.group")
    assert [(one.value, one.title, one.count) for one in by_group] == [
        ("W", "Wholesale", 3), ("retail", "Retail", 1), (None, "", 1),
    ]  # fmt: skip


def test_a_group_out_of_reach_has_no_name(shop):
    work = shop.work("seller", user=1, companies=(20, 21))
    groups = group(work, "shop.order", Query(), "customer")
    assert {one.value: one.title for one in groups} == {"40": "A1 上海轴承厂", "41": "—", None: ""}
    with pytest.raises(Refused) as refused:
        group(work, "shop.order", Query(), "discount")
    assert refused_codes(refused) == ["access.field-hidden"]
    for by in ("number:month", "date:week", "tags"):
        with pytest.raises(Refused) as refused:
            group(shop.work("boss"), "shop.customer" if by == "tags" else "shop.order", Query(), by)
        assert refused_codes(refused) == ["queries.sort-unfit"]


def trail(shop, id_, record, action, tx, *, version=1, entity="shop.order", changes="{}"):
    at = "2026-11-25T02:00:00.000000Z"
    shop._insert(
        "dougong_trail",
        {
            "id": id_, "at": at, "user": 1, "login": "user1", "door": "api", "entity": entity, "record": record,
            "version": version, "action": action, "changes": changes, "trace": "", "tx": tx,
        },
    )  # fmt: skip


def gone(**record):
    return json.dumps({"": [{"id": "99", "version": 1, **record}, None]})


def test_changes_come_in_order_and_each_record_once(shop):
    for id_, record, action in [(1, 50, "create"), (2, 51, "create"), (3, 50, "change")]:
        trail(shop, id_, record, action, id_)
    trail(shop, 4, 99, "delete", 4, changes=gone(company="20", owner="1"))
    work = shop.work("boss", companies=(20, 21))
    first = changes(work, "shop.order", "", 2)
    assert [(row["id"], row["action"], row["record"]["number"]) for row in first.rows] == [
        ("50", "create", "SO1"), ("51", "create", "SO2"),
    ]  # fmt: skip
    second = changes(work, "shop.order", first.next)
    assert [(row["id"], row["action"], row["version"]) for row in second.rows] == [
        ("50", "change", 1),
        ("99", "delete", 1),
    ]
    assert second.rows[1]["record"] is None
    assert changes(work, "shop.order", second.next) == changes(work, "shop.order", second.next)
    assert changes(work, "shop.order", second.next).rows == []


def test_changes_tell_nothing_of_records_out_of_reach(shop):
    for id_, record in enumerate((50, 52), 1):
        trail(shop, id_, record, "change", id_)
    trail(
        shop, 3, 97, "delete", 3, changes=gone(company="20", owner="1", total="1.00", urgent=True)
    )
    trail(shop, 4, 98, "delete", 4, changes=gone(company="20", owner="2"))
    trail(shop, 5, 99, "delete", 5, changes=gone(company="29", owner="1"))
    trail(shop, 6, 96, "delete", 6)
    told = changes(shop.work("seller", user=1, companies=(20, 21)), "shop.order")
    assert [row["id"] for row in told.rows] == ["50", "97"]
    assert "discount" not in told.rows[0]["record"]


def test_changes_take_only_positions_they_gave(shop):
    for since in ("x", "1", "-", "1-2-3", "١-١", "1-99999999999999999999", "-1--1"):
        with pytest.raises(Refused) as refused:
            changes(shop.work("boss"), "shop.order", since)
        assert refused_codes(refused) == ["queries.since-wrong"]


def test_dates_group_by_year_too(shop):
    shop.put("shop.order", number="OLD", owner=1, date=date(2025, 12, 31))
    groups = group(
        shop.work("boss"),
        "shop.order",
        Query(filter={"field": "date", "op": "not_empty"}),
        "date:year",
    )
    assert [(one.value, one.count) for one in groups] == [("2025-01-01", 1)]
