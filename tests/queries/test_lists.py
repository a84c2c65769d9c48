"""One page of records: rows out of reach are not there, hidden fields are absent."""

import pytest

from dougong.foundation.errors import Refused
from dougong.queries.list_records import list_records, stream
from dougong.queries.lookup import lookup
from dougong.queries.query import Query, read_query


def numbers(page):
    return [row.get("number") for row in page.rows]


def where(field, op, value=None):
    return {"field": field, "op": op, **({} if value is None else {"value": value})}


def listed(work, filter_=None, **more):
    return numbers(list_records(work, "shop.order", Query(filter=filter_, **more)))


def codes(refused):
    return [problem.code for problem in refused.value.problems]


def test_a_row_has_every_readable_field_in_json_form(shop):
    page = list_records(shop.work("boss", companies=(20, 21)), "shop.order", Query(limit=1))
    assert page.rows == [
        {
            "id": "50", "version": 1, "created": "2026-11-25T02:00:00.000000Z", "created_by": "1",
            "changed": "2026-11-25T02:00:00.000000Z", "changed_by": "1", "number": "SO1",
            "company": "20", "owner": "1", "customer": "40", "region": None, "currency": "10",
            "date": "2026-01-05", "at": "2026-01-01T00:00:00.000050Z", "urgent": True, "pieces": 3,
            "total": "226.00", "discount": "0.100000", "pay": "203.40", "note": "急件",
        }
    ]  # fmt: skip


def test_the_company_wall_stands_before_every_role(shop):
    assert listed(shop.work("boss", companies=(20,))) == ["SO1", "SO2", "SO4", None]
    assert listed(shop.work("boss", companies=(21,))) == ["SO3", "SO4"]
    assert listed(shop.work("boss")) == ["SO4"]


def test_a_role_reads_its_own_rows_and_not_its_hidden_fields(shop):
    page = list_records(shop.work("seller", user=2, companies=(20, 21)), "shop.order", Query())
    assert numbers(page) == ["SO3", "SO4"]
    assert {"discount", "pay"}.isdisjoint(page.rows[0])
    assert page.rows[0]["total"] == "100.00"


def test_two_roles_read_the_rows_of_both(shop):
    both = list_records(
        shop.work("seller", "helper", user=2, companies=(20, 21)), "shop.order", Query()
    )
    assert numbers(both) == ["SO1", "SO2", "SO3", "SO4", None]
    # the helper hides the total on every row; the seller opens it on his own alone
    assert {"total", "customer", "pay"}.isdisjoint(both.rows[2])


def test_a_row_rule_goes_over_links_and_lines(shop):
    assert listed(shop.work("regional", companies=(20, 21))) == ["SO1", "SO2", "SO3", "SO4", None]
    some = list_records(shop.work("regional", companies=(20, 21)), "shop.customer", Query())
    assert [row["code"] for row in some.rows] == ["A1"]


def test_without_the_right_to_read_there_is_no_list(shop):
    with pytest.raises(Refused) as refused:
        list_records(shop.work("helper"), "shop.customer", Query())
    assert (refused.value.status, codes(refused)) == (403, ["access.right-denied"])


FILTERS = [
    (where("number", "==", "SO2"), ["SO2"]),
    (where("number", "!=", "SO2"), ["SO1", "SO3", "SO4", None]),
    (where("number", "in", ["SO1", "SO4", "no"]), ["SO1", "SO4"]),
    (where("number", "not_in", ["SO1", "SO4"]), ["SO2", "SO3", None]),
    (where("number", "in", []), []),
    (where("number", "empty"), [None]),
    (where("number", "not_empty"), ["SO1", "SO2", "SO3", "SO4"]),
    (where("number", "contains", "o3"), ["SO3"]),
    (where("number", "starts_with", "so"), ["SO1", "SO2", "SO3", "SO4"]),
    (where("note", "contains", "_b%"), ["SO3"]),
    (where("note", "contains", "%"), ["SO3"]),
    (where("total", ">", "50.5"), ["SO1", "SO3"]),
    (where("total", ">=", "50.50"), ["SO1", "SO2", "SO3"]),
    (where("total", "<", 1), ["SO4"]),
    (where("total", "in", ["226", "100.00"]), ["SO1", "SO3"]),
    (where("pieces", "<=", 3), ["SO1", "SO4", None]),
    (where("date", ">=", "2026-01-20"), ["SO2", "SO3", None]),
    (where("date", "in", ["2026-01-05"]), ["SO1"]),
    (where("at", "==", "2026-01-01T00:00:00.000051Z"), ["SO2"]),
    (where("urgent", "==", value=True), ["SO1"]),
    (where("urgent", "!=", value=True), ["SO2", "SO3", "SO4", None]),
    (where("customer", "==", "41"), ["SO2", "SO3"]),
    (where("customer.region.code", "==", "EAST"), ["SO1"]),
    (where("customer.name", "contains", "轴承"), ["SO1"]),
    (where("customer.group", "==", "W"), ["SO2", "SO3", "SO4"]),
    (where("customer.region.code", "!=", "EAST"), ["SO2", "SO3", "SO4", None]),
    (where("items.qty", ">", "104"), ["SO4", None]),
    (where("items.region.code", "==", "EAST"), ["SO1", "SO2", "SO3", "SO4", None]),
    (where("pay", "==", "203.40"), ["SO1"]),
    (where("id", "in", ["51", 52]), ["SO2", "SO3"]),
    ({"not": where("number", "==", "SO2")}, ["SO1", "SO3", "SO4", None]),
    ({"and": []}, ["SO1", "SO2", "SO3", "SO4", None]),
    ({"or": []}, []),
    ({"or": [where("number", "==", "SO1"), {"and": [where("pieces", "==", 3), where("owner", "==", "2")]}]}, ["SO1", "SO4"]),
    ({"and": [where("owner", "==", "1"), {"not": {"or": [where("urgent", "==", value=True), where("pieces", "empty")]}}]}, [None]),
    ({"field": "number", "op": "==", "value": None}, [None]),
]  # fmt: skip


def test_filters(shop):
    work = shop.work("boss", companies=(20, 21))
    assert [(filter_, listed(work, filter_)) for filter_, _ in FILTERS] == FILTERS


def test_links_contain(shop):
    page = list_records(
        shop.work("boss"), "shop.customer", Query(filter=where("tags", "contains", "31"))
    )
    assert [row["code"] for row in page.rows] == ["A1"]
    assert page.rows[0]["tags"] == ["30", "31"]


BAD_FILTERS = [
    (where("nummer", "==", "x"), "access.path-unknown"),
    (where("number.code", "==", "x"), "access.path-no-link"),
    (where("a.b.c.d.e.f.g", "==", "x"), "access.path-too-long"),
    (where("urgent", "<", value=True), "queries.operator-unfit"),
    (where("number", "like", "x"), "queries.operator-unknown"),
    (where("number", "=="), "queries.value-missing"),
    (where("total", ">", "ten"), "queries.value-wrong"),
    (where("total", ">", "NaN"), "queries.value-wrong"),
    (where("total", "in", "10"), "queries.values-no-list"),
    (where("date", "==", "2026-02-30"), "queries.value-wrong"),
    (where("customer", "==", {"code": "A1"}), "queries.value-wrong"),
    (where("number", "==", {"a": 1}), "queries.value-wrong"),
    (where("number", "contains", "\0"), "queries.value-wrong"),
    (where("number", "contains", "\ud800"), "queries.value-wrong"),
    (where("number", "==", ""), "queries.value-wrong"),
    ({"xor": []}, "queries.filter-shape"),
    ({"and": {}}, "queries.filter-shape"),
    ({"field": "number", "op": "==", "value": 1, "more": 2}, "queries.filter-shape"),
    ({"and": [where("number", "empty")] * 200}, "queries.filter-too-large"),
    (where("number", "in", ["x"] * 2000), "queries.filter-too-large"),
]


def test_bad_filters_are_answered_with_400(shop):
    for filter_, code in BAD_FILTERS:
        with pytest.raises(Refused) as refused:
            listed(shop.work("boss", companies=(20,)), filter_)
        assert (refused.value.status, codes(refused)) == (400, [code]), filter_


def test_all_problems_are_told_at_once(shop):
    with pytest.raises(Refused) as refused:
        listed(
            shop.work("boss"),
            {"and": [where("a", "empty"), where("b", "empty")]},
            sort=("c",),
            fields=("d",),
        )
    assert codes(refused) == ["access.path-unknown"] * 4


HIDDEN = [
    ("helper", "total"), ("helper", "customer"), ("helper", "customer.name"), ("helper", "pay"),
    ("seller", "discount"), ("seller", "items.cost"), ("seller", "region.secret"),
    ("seller", "customer.credit"), ("seller", "customer.region.secret"),
]  # fmt: skip


def test_what_is_hidden_can_neither_be_filtered_nor_sorted_by(shop):
    for role, path in HIDDEN:
        work = shop.work(role, companies=(20, 21))
        with pytest.raises(Refused) as refused:
            listed(work, where(path, "not_empty"))
        assert (refused.value.status, codes(refused)) == (403, ["access.field-hidden"])
        if not path.startswith("items"):
            with pytest.raises(Refused) as refused:
                listed(work, sort=(f"-{path}",))
            assert (refused.value.status, codes(refused)) == (403, ["access.field-hidden"])


def test_a_path_through_an_entity_out_of_reach_is_refused(shop):
    with pytest.raises(Refused) as refused:
        listed(shop.work("helper"), where("region.code", "==", "EAST"))
    assert (refused.value.status, codes(refused)) == (403, ["access.path-denied"])


def test_a_linked_record_out_of_reach_counts_as_empty(shop):
    work = shop.work("seller", user=1, companies=(20, 21))
    assert listed(work, where("customer.name", "not_empty")) == ["SO1"]
    assert listed(work, where("customer.name", "empty")) == ["SO2", None]
    assert listed(work, where("customer.name", "contains", "北京")) == []


def test_sorting_puts_empty_values_last_on_both_databases(shop):
    work = shop.work("boss", companies=(20, 21))
    assert listed(work, sort=("pieces", "-number")) == [None, "SO4", "SO1", "SO3", "SO2"]
    assert listed(work, sort=("-pieces", "number")) == ["SO2", "SO3", "SO1", "SO4", None]
    assert listed(work, sort=("customer.name",)) == ["SO2", "SO3", "SO1", "SO4", None]
    assert listed(work, sort=("customer",)) == ["SO1", "SO2", "SO3", "SO4", None]
    assert listed(work, sort=("pay",)) == ["SO4", "SO2", "SO3", "SO1", None]


def test_json_and_sets_are_no_sort(shop):
    with pytest.raises(Refused) as refused:
        list_records(shop.work("boss"), "shop.customer", Query(sort=("tags",)))
    assert codes(refused) == ["queries.sort-unfit"]


def test_a_cursor_is_only_good_for_its_own_sort(shop):
    work = shop.work("boss", companies=(20, 21))
    page = list_records(work, "shop.order", Query(limit=2, sort=("date",)))
    assert list_records(work, "shop.order", Query(limit=2, sort=("date",), after=page.next)).rows
    for after in (page.next[:-2], "x", "é", "W10", page.next + "AA", "bnVsbA"):
        with pytest.raises(Refused) as refused:
            list_records(work, "shop.order", Query(sort=("date",), after=after))
        assert codes(refused) == ["queries.cursor-wrong"]
    with pytest.raises(Refused):
        list_records(work, "shop.order", Query(sort=("-date",), after=page.next))


def test_counting(shop):
    work = shop.work("boss", companies=(20, 21))
    assert list_records(work, "shop.order", Query(limit=2)).count is None
    exact = list_records(work, "shop.order", Query(limit=2, count="exact"))
    assert (exact.count, exact.capped, len(exact.rows)) == (5, False, 2)
    capped = list_records(work, "shop.order", Query(limit=2, count="capped"))
    assert (capped.count, capped.capped) == (5, False)


def test_a_capped_count_stops(shop, monkeypatch):
    monkeypatch.setattr("dougong.queries.list_records.CAP", 3)
    page = list_records(shop.work("boss", companies=(20, 21)), "shop.order", Query(count="capped"))
    assert (page.count, page.capped) == (3, True)


def test_fields_and_expanded_links(shop):
    work = shop.work("boss", companies=(20, 21))
    page = list_records(
        work,
        "shop.order",
        Query(
            fields=("number", "customer.name", "customer.region.code", "owner"),
            expand=("owner",),
            limit=1,
        ),
    )
    assert page.rows == [
        {
            "id": "50", "version": 1, "number": "SO1", "customer": "40", "owner": "1",
            "expanded": {
                "customer": {
                    "id": "40", "title": "A1 上海轴承厂", "name": "上海轴承厂", "region": "30",
                    "expanded": {"region": {"id": "30", "title": "EAST East", "code": "EAST"}},
                },
                "owner": {"id": "1", "title": "User 1"},
            },
        }
    ]  # fmt: skip


def test_a_link_to_one_of_several_entities_is_expanded_by_its_neighbour(shop):
    shop.put("shop.visit", name="a", about=40, about_kind="shop.customer")
    shop.put("shop.visit", name="b", about=50, about_kind="shop.order")
    shop.put("shop.visit", name="c")
    work = shop.work("boss", companies=(20, 21))
    page = list_records(
        work, "shop.visit", Query(fields=("name",), expand=("about",), sort=("name",))
    )
    assert [row.get("expanded") for row in page.rows] == [
        {"about": {"id": "40", "title": "A1 上海轴承厂"}}, {"about": {"id": "50", "title": "SO1 A1"}}, None,
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        list_records(work, "shop.visit", Query(fields=("about.code",)))
    assert codes(refused) == ["access.path-no-link"]
    found = lookup(work, "shop.visit", "about", "so1", values={"about_kind": "shop.order"})
    assert [one.title for one in found] == ["SO1 A1"]
    with pytest.raises(Refused):
        lookup(work, "shop.visit", "about", "so1", values={"about_kind": "base.user"})


def test_expanding_a_field_of_a_link_shows_that_field(shop):
    work = shop.work("boss", companies=(20, 21))
    page = list_records(
        work,
        "shop.order",
        Query(fields=("number",), expand=("customer.group", "customer.region.code"), limit=1),
    )
    assert page.rows[0]["expanded"] == {
        "customer": {
            "id": "40", "title": "A1 上海轴承厂", "group": "retail", "region": "30",
            "expanded": {"region": {"id": "30", "title": "EAST East", "code": "EAST"}},
        }
    }  # fmt: skip


def test_lines_come_in_order_with_their_own_links(shop):
    work = shop.work("boss", companies=(20, 21))
    page = list_records(
        work, "shop.order", Query(fields=("number", "items.qty", "items.region.code"), limit=2)
    )
    items = page.rows[1]["items"]
    assert [{key: line[key] for key in line if key != "id"} for line in items] == [
        {"qty": "102.000000", "region": "30", "expanded": {"region": {"id": "30", "title": "EAST East", "code": "EAST"}}}
    ]  # fmt: skip


def test_lines_leave_hidden_fields_out(shop):
    page = list_records(
        shop.work("seller", companies=(20,)), "shop.order", Query(fields=("items",), limit=1)
    )
    assert set(page.rows[0]["items"][0]) == {"id", "product", "qty", "region"}


def test_an_expanded_record_out_of_reach_shows_nothing_but_a_dash(shop):
    work = shop.work("seller", user=1, companies=(20, 21))
    page = list_records(
        work, "shop.order", Query(fields=("number", "customer.name", "customer.region.secret"))
    )
    shown = [row.get("expanded", {}).get("customer") for row in page.rows]
    assert shown[0]["title"] == "A1 上海轴承厂"
    assert "secret" not in shown[0]["expanded"]["region"]
    assert shown[1] == {"id": "41", "title": "—"}
    assert shown[2] is None


def test_a_hidden_field_asked_for_is_left_out(shop):
    page = list_records(
        shop.work("helper", companies=(20,)),
        "shop.order",
        Query(fields=("number", "total", "customer.name"), limit=1),
    )
    assert page.rows == [{"id": "50", "version": 1, "number": "SO1"}]


def test_an_unknown_field_is_named_with_its_nearest(shop):
    with pytest.raises(Refused) as refused:
        list_records(
            shop.work("boss"), "shop.order", Query(fields=("totl", "number.x"), expand=("number",))
        )
    assert codes(refused) == ["access.path-unknown", "queries.expand-unfit"]
    assert refused.value.problems[0].nearest == "total"


def test_a_view_adds_its_condition(shop):
    work = shop.work("boss", companies=(20, 21))
    assert listed(work, view="big") == ["SO1"]
    assert listed(work, view="shop.order/mine") == ["SO1", "SO2", None]
    assert listed(work, view="shop.order") == ["SO1", "SO2", "SO3", "SO4", None]
    with pytest.raises(Refused) as refused:
        listed(work, view="small")
    assert codes(refused) == ["queries.view-unknown"]


def test_words_of_sql_are_good_field_names(shop):
    one = shop.put(
        "shop.words", **{"select": "x", "from": "y", "where": 3}, lines={"union": [{"join": "j"}]}
    )
    shop.put("shop.words", select="z", table=one)
    work = shop.work("boss")
    query = Query(
        filter={"and": [where("from", "==", "y"), where("where", ">", 1), where("union.join", "==", "j")]},
        sort=("select", "-from", "order", "table"), fields=("select", "table.from", "union"), count="exact",
    )  # fmt: skip
    page = list_records(work, "shop.words", query)
    assert [row["select"] for row in page.rows] == ["x"]
    assert page.count == 1
    assert len(list_records(work, "shop.words", Query(search="z")).rows) == 1


def test_a_stream_walks_through_everything(shop):
    work = shop.work("boss", companies=(20, 21))
    batches = list(stream(work, "shop.order", Query(sort=("-date",), fields=("number",)), batch=2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [row["number"] for batch in batches for row in batch] == [
        "SO4",
        None,
        "SO3",
        "SO2",
        "SO1",
    ]


def test_export_is_a_right_of_its_own(shop):
    work = shop.work("seller", companies=(20, 21))
    with pytest.raises(Refused) as refused:
        list(stream(work, "shop.order", Query()))
    assert codes(refused) == ["access.right-denied"]


def test_parameters_become_a_query(shop):
    params = {
        "filter": '{"field": "total", "op": ">", "value": 1.50}', "sort": "-date, number", "q": " 轴承 ",
        "fields": "number,customer.name", "expand": "owner", "limit": "7", "count": "capped",
    }  # fmt: skip
    assert read_query(shop.catalog, "shop.order", params) == Query(
        filter={"field": "total", "op": ">", "value": "1.50"}, sort=("-date", "number"), search="轴承",
        fields=("number", "customer.name"), expand=("owner",), limit=7, count="capped",
    )  # fmt: skip
    assert read_query(shop.catalog, "shop.order", {}) == Query()


def test_bad_parameters_are_all_told(shop):
    params = {
        "filters": "x", "filter": "{", "sort": "a;b", "limit": "0", "count": "all", "q": "x" * 201,
        "fields": "number,customer.name;drop", "after": "x" * 5000,
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        read_query(shop.catalog, "shop.order", params)
    assert refused.value.status == 400
    assert sorted((problem.where.path, problem.code) for problem in refused.value.problems) == [
        ("after", "queries.text-too-long"), ("count", "queries.count-wrong"), ("fields", "queries.name-wrong"),
        ("filter", "queries.filter-no-json"), ("filters", "queries.parameter-unknown"),
        ("limit", "queries.limit-wrong"), ("q", "queries.text-too-long"), ("sort", "queries.name-wrong"),
    ]  # fmt: skip


def test_deep_filters_are_refused(shop):
    for text in ("[" * 10_000, '{"not":' * 2_000, '{"and":[' * 20 + "]}" * 20):
        with pytest.raises(Refused) as refused:
            read_query(shop.catalog, "shop.order", {"filter": text})
        assert refused.value.status == 400
