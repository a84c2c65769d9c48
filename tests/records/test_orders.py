"""A day with sales orders: made, changed, submitted, refused, deleted; on both databases."""

import msgspec
import pytest

from dougong.foundation.errors import Refused
from dougong.records import store, trail


def codes(refused):
    return {(problem.code, problem.where.path) for problem in refused.value.problems}


def test_an_order_is_computed_from_quantity_price_discount_and_tax(sales):
    saved = sales.order({"item": str(sales.desk), "qty": "60", "price": "1200", "discount": "5%"})
    record = saved.record
    assert (record["net"], record["tax"], record["total"]) == ("68400.00", "8892.00", "77292.00")
    assert (record["due"], record["ship_to"], record["state"]) == (
        "2026-06-26",
        "上海市浦东新区",
        "draft",
    )
    assert (record["currency"], record["company"], record["owner"]) == (
        str(sales.cny),
        str(sales.company),
        str(sales.user),
    )
    line = record["items"][0]
    assert line["unit"] == str(sales.piece)
    assert line["tax_rate"] == "0.130000"
    assert line["cost"] == "29480.32"
    assert line["description"] == "实木办公桌"
    assert store.read(sales.house.as_("shop.admin"), "sales.order", saved.id) == record


def test_json_bytes_and_mappings_are_read_alike(sales):
    work = sales.house.as_("shop.admin")
    body = {
        "customer": str(sales.customer),
        "items": [{"item": str(sales.lamp), "qty": "1.5", "price": 2}],
        "note": "急\r\n件",
    }
    one = store.create(work, "sales.order", body).record
    other = store.create(work, "sales.order", msgspec.json.encode(body)).record
    drop = {"id", "items"}
    assert {k: v for k, v in one.items() if k not in drop} == {
        k: v for k, v in other.items() if k not in drop
    }
    assert one["note"] == "急\n件"


def test_everything_wrong_is_told_at_once(sales):
    work = sales.house.as_("shop.admin")
    body = {
        "customer": "999999", "colour": 1, "due": "2020-01-01", "total": "1.00",
        "items": [{"qty": 1.5, "item": {"code": "NONE"}}, {"item": str(sales.desk), "qty": "-1", "price": "1", "amount": "7"}],
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        store.create(work, "sales.order", msgspec.json.encode(body))
    found = codes(refused)
    assert {
        ("generated.unknown-field", "colour"), ("records.link-not-found", "customer"), ("records.check-failed", "due"),
        ("fields.float", "items.0.qty"), ("records.link-not-found", "items.0.item"), ("records.check-failed", "items.1.qty"),
        ("records.field-guarded", "total"), ("records.field-guarded", "items.1.amount"),
    } <= found  # fmt: skip
    assert sales.house.count("sales_order") == 0


def test_lines_are_replaced_by_the_list_that_is_given(sales):
    saved = sales.order(
        {"item": str(sales.desk), "qty": "1", "price": "100"},
        {"item": str(sales.lamp), "qty": "2", "price": "10"},
    )
    first, second = (line["id"] for line in saved.record["items"])
    work = sales.house.as_("shop.admin")
    changed = store.change(
        work,
        "sales.order",
        saved.id,
        1,
        {
            "items": [
                {"id": second, "qty": "3"},
                {"item": str(sales.desk), "qty": "1", "price": "7"},
            ]
        },
    )
    lines = changed.record["items"]
    assert [line["qty"] for line in lines] == ["3.000000", "1.000000"]
    assert lines[0]["id"] == second
    assert first not in {line["id"] for line in lines}
    assert changed.record["net"] == "37.00"
    assert changed.version == 2
    assert store.read(work, "sales.order", saved.id) == changed.record


def test_a_default_follows_until_a_person_types(sales):
    saved = sales.order()
    work = sales.house.as_("shop.admin")
    moved = store.change(work, "sales.order", saved.id, 1, {"date": "2026-07-01"})
    assert moved.record["due"] == "2026-07-24"
    typed = store.change(work, "sales.order", saved.id, 2, {"due": "2026-08-01"})
    again = store.change(work, "sales.order", saved.id, 3, {"date": "2026-07-02"})
    assert typed.record["due"] == again.record["due"] == "2026-08-01"


def test_a_line_follows_its_item(sales):
    saved = sales.order()
    line = saved.record["items"][0]["id"]
    work = sales.house.as_("shop.admin")
    changed = store.change(
        work, "sales.order", saved.id, 1, {"items": [{"id": line, "item": {"code": "LP-001"}}]}
    )
    assert changed.record["items"][0]["description"] == "台灯"
    assert changed.record["items"][0]["price"] == "100.000000"


def test_a_version_that_is_old_is_refused_with_the_differences(sales):
    saved = sales.order()
    work = sales.house.as_("shop.admin")
    store.change(work, "sales.order", saved.id, 1, {"note": "theirs"})
    with pytest.raises(Refused) as refused:
        store.change(work, "sales.order", saved.id, 1, {"note": "yours"})
    assert refused.value.status == 409
    assert refused.value.extra["differences"] == [
        {"field": "note", "yours": "yours", "theirs": "theirs", "base": None}
    ]


def test_sending_back_what_was_read_changes_nothing(sales):
    saved = sales.order()
    work = sales.house.as_("shop.admin")
    same = store.change(work, "sales.order", saved.id, 1, msgspec.json.encode(saved.record))
    assert (same.version, same.record) == (1, saved.record)
    assert len(trail.history(work, "sales.order", saved.id)) == 1


@pytest.mark.parametrize("field", ["total", "state", "number", "id", "created_by", "version"])
def test_a_guarded_field_cannot_be_set(sales, field):
    saved = sales.order()
    work = sales.house.as_("shop.admin")
    with pytest.raises(Refused) as refused:
        store.change(work, "sales.order", saved.id, 1, {field: "5"})
    assert codes(refused) == {("records.field-guarded", field)}


def test_a_number_is_taken_when_the_order_is_submitted(sales):
    work = sales.house.as_("shop.admin")
    numbers = []
    for _ in range(2):
        saved = sales.order()
        assert saved.record["number"] is None
        numbers.append(store.act(work, "sales.order", saved.id, "submit", 1).record["number"])
    assert numbers == ["SO2606-00001", "SO2606-00002"]


def test_states_bound_what_may_be_changed(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order()
    store.act(work, "sales.order", saved.id, "submit", 1)
    with pytest.raises(Refused) as refused:
        store.change(work, "sales.order", saved.id, 2, {"note": "x"})
    assert codes(refused) == {("records.not-editable", "note")}
    store.act(work, "sales.order", saved.id, "approve", 2)
    assert (
        store.change(work, "sales.order", saved.id, 3, {"note": "x", "due": "2026-09-01"}).version
        == 4
    )
    with pytest.raises(Refused) as refused:
        store.change(work, "sales.order", saved.id, 4, {"ship_to": "x", "items": []})
    assert {("records.not-editable", "ship_to"), ("records.not-editable", "items")} <= codes(
        refused
    )


def test_an_action_starts_from_its_states_only(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order()
    with pytest.raises(Refused) as refused:
        store.act(work, "sales.order", saved.id, "approve", 1)
    assert codes(refused) == {("records.wrong-state", "")}
    with pytest.raises(Refused) as refused:
        store.act(work, "sales.order", saved.id, "void", 1)
    assert codes(refused) == {("records.reason-required", "reason")}
    void = store.act(work, "sales.order", saved.id, "void", 1, {"reason": "重复"})
    assert void.record["state"] == "void"
    assert trail.history(work, "sales.order", saved.id)[0].changes["@reason"] == [None, "重复"]


def test_over_the_credit_limit_warns_with_the_figure(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order({"item": str(sales.desk), "qty": "1000", "price": "1200"})
    submitted = store.act(work, "sales.order", saved.id, "submit", 1)
    assert [warning.values["rule"] for warning in submitted.warnings] == ["credit"]
    assert submitted.warnings[0].reason("en") == "Over the customer's credit limit of 100000.00"


def test_what_is_referred_to_is_not_deleted(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order()
    with pytest.raises(Refused) as refused:
        store.delete(work, "master_data.customer", sales.customer, 1)
    assert refused.value.status == 409
    assert "Sales order" in refused.value.problems[0].reason("en")
    store.delete(work, "sales.order", saved.id, 1)
    store.delete(work, "master_data.customer", sales.customer, 1)
    assert sales.house.count("sales_order__items") == 0
    with pytest.raises(Refused) as refused:
        store.read(work, "sales.order", saved.id)
    assert refused.value.status == 404


def test_a_key_that_is_taken_is_told_with_its_field(sales):
    work = sales.house.as_("shop.admin")
    with pytest.raises(Refused) as refused:
        store.create(work, "master_data.customer", {"code": "C01", "name": "x"})
    assert codes(refused) == {("records.not-unique", "code")}
    assert refused.value.status == 409


def test_the_same_key_gives_the_same_answer(sales):
    work = sales.house.as_("shop.admin")
    body = msgspec.json.encode({"code": "C9", "name": "甲"})
    first = store.create(work, "master_data.customer", body, key="k1")
    second = store.create(work, "master_data.customer", body, key="k1")
    assert (second.id, second.record, second.replayed) == (first.id, first.record, True)
    assert sales.house.count("master_data_customer") == 2
    with pytest.raises(Refused) as refused:
        store.create(work, "master_data.customer", b"{}", key="k1")
    assert codes(refused) == {("records.key-reused", "")}


def test_the_trail_tells_every_change(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order()
    line = saved.record["items"][0]["id"]
    store.change(
        work, "sales.order", saved.id, 1, {"items": [{"id": line, "qty": "3"}], "note": "x"}
    )
    newest, oldest = trail.history(work, "sales.order", saved.id)
    assert newest.changes["note"] == [None, "x"]
    assert newest.changes[f"items.{line}.qty"] == ["2.000000", "3.000000"]
    assert newest.changes["net"] == ["200.00", "300.00"]
    assert oldest.action == "create"
    assert oldest.changes[f"items.{line}.qty"] == [None, "2.000000"]


def test_a_record_is_found_by_its_words_and_those_of_its_customer(sales):
    from dougong.fields.words import match_text

    work = sales.house.as_("shop.admin")
    saved = sales.order()
    store.act(work, "sales.order", saved.id, "submit", 1)

    def found(text):
        match = match_text(text, work.dialect)
        sql = 'SELECT "record" FROM @."dougong_search" WHERE "words" MATCH ? AND "entity" = \'sales.order\''
        if work.dialect == "postgresql":
            sql = 'SELECT "record" FROM @."dougong_search" WHERE "words" @@ %s::tsquery AND "entity" = \'sales.order\''
        return [row[0] for row in work.connection.run(sql, [match])]

    for text in ("远见", "上海远见", "SO2606", "shyj", "品", "shanghai"):
        assert found(text) == [saved.id], text
    store.change(work, "master_data.customer", sales.customer, 1, {"name": "北京"})
    assert found("远见") == []
    assert found("北京") == [saved.id]


def test_links_are_told_beside_the_record(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order()
    record = store.read(
        work, "sales.order", saved.id, expand=("customer", "customer.code", "items.item")
    )
    assert record["expanded"]["customer"] == {
        "id": str(sales.customer),
        "title": "上海远见办公用品",
        "code": "C01",
    }
    assert record["items"][0]["expanded"]["item"]["title"] == "CP-001 实木办公桌"


def test_a_form_sees_what_a_record_would_become(sales):
    work = sales.house.as_("shop.admin")
    told = store.propose(
        work,
        "sales.order",
        {
            "customer": {"code": "C01"},
            "items": [{"item": str(sales.desk), "qty": "2", "price": "5"}],
        },
    )
    assert told["record"]["total"] == "11.30"
    assert told["record"]["items"][0]["unit"] == str(sales.piece)
    assert told["flags"]["total"] == {"edit": False}
    assert told["flags"]["items.0.qty"] == {"required": True}
    assert told["problems"] == []
    assert sales.house.count("sales_order") == 0
    saved = sales.order()
    told = store.propose(work, "sales.order", {"date": "2026-07-01"}, id=saved.id)
    assert told["record"]["due"] == "2026-07-24"
    assert store.read(work, "sales.order", saved.id) == saved.record


def test_a_link_by_business_key_that_means_the_same_is_no_change(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order()
    line = saved.record["items"][0]["id"]
    store.act(work, "sales.order", saved.id, "submit", 1)
    body = {"customer": {"code": "C01"}, "items": [{"id": line, "item": {"code": "CP-001"}}]}
    assert store.change(work, "sales.order", saved.id, 2, body).version == 2
    with pytest.raises(Refused) as refused:
        store.change(
            work,
            "sales.order",
            saved.id,
            2,
            {"items": [{"id": line, "item": {"code": "LP-001"}}], "owner": {"login": "nobody"}},
        )
    assert codes(refused) == {
        ("records.not-editable", "items.0.item"),
        ("records.link-not-found", "owner"),
    }


@pytest.mark.parametrize("id_", [0, -1, 10**30])
def test_an_id_that_can_be_none_is_not_found(sales, id_):
    work = sales.house.as_("shop.admin")
    for act in (
        lambda: store.read(work, "sales.order", id_),
        lambda: store.delete(work, "sales.order", id_, 1),
        lambda: trail.history(work, "sales.order", id_),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.status == 404


def test_history_goes_back_page_by_page(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order()
    for version in (1, 2, 3):
        store.change(work, "sales.order", saved.id, version, {"note": str(version)})
    first = trail.history(work, "sales.order", saved.id, 2)
    rest = trail.history(work, "sales.order", saved.id, 2, first[-1].id)
    assert [row.version for row in (*first, *rest)] == [4, 3, 2, 1]
    with pytest.raises(Refused) as refused:
        trail.history(work, "sales.order", saved.id, 2, "x")
    assert refused.value.status == 400
