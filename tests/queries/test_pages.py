"""Walking page by page gives the whole sorted list: no row twice, none lost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dougong.queries.list_records import list_records
from dougong.queries.query import Query

PATHS = ("number", "total", "date", "at", "urgent", "pieces", "note", "customer", "customer.name", "customer.region.code", "pay", "id", "created", "discount")  # fmt: skip
SORTS = st.lists(
    st.tuples(st.sampled_from(["", "-"]), st.sampled_from(PATHS)),
    max_size=3,
    unique_by=lambda one: one[1],
).map(lambda parts: tuple(f"{sign}{path}" for sign, path in parts))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from([None, "SO1", "SO2", "上海", "北京", "Ä", "a"]),
            "total": st.sampled_from([None, Decimal("-1.00"), Decimal("0.00"), Decimal("9999999999999999.99")]),
            "date": st.sampled_from([None, date(1999, 12, 31), date(2026, 1, 1)]),
            "at": st.sampled_from([None, datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]),
            "urgent": st.sampled_from([None, True, False]),
            "pieces": st.sampled_from([None, 0, -5, 10**17]),
            "note": st.sampled_from([None, "a", "A", "ab\u3000c", "😀"]),
            "customer": st.sampled_from([None, 40, 41, 42]),
            "discount": st.sampled_from([None, Decimal("0.333333")]),
        }
    ),
    max_size=12,
    unique_by=lambda row: row["number"] or id(row),
)  # fmt: skip


@pytest.fixture
def empty(shop):
    for table in ("shop_order__items", "shop_order"):
        shop.connection.change(f'DELETE FROM @."{table}"')
    return shop


@given(rows=ROWS, sort=SORTS, limit=st.integers(1, 4))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_walking_the_pages_equals_the_full_sort(empty, rows, sort, limit):
    empty.connection.change('DELETE FROM @."shop_order"')
    for row in rows:
        empty.put("shop.order", **row)
    work = empty.work("boss")
    whole = [
        row["id"] for row in list_records(work, "shop.order", Query(sort=sort, limit=500)).rows
    ]
    assert len(whole) == len(rows)
    walked, after = [], ""
    while True:
        page = list_records(work, "shop.order", Query(sort=sort, limit=limit, after=after))
        walked += [row["id"] for row in page.rows]
        after = page.next
        if not after:
            break
        assert len(page.rows) == limit
    assert walked == whole


@given(rows=ROWS, path=st.sampled_from(["number", "total", "date", "urgent", "pieces", "note"]))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_order_is_that_of_the_values_with_empty_ones_last(empty, rows, path):
    from dougong.fields.words import sort_key

    empty.connection.change('DELETE FROM @."shop_order"')
    ids = {empty.put("shop.order", **row): row[path] for row in rows}
    work = empty.work("boss")
    found = [
        int(row["id"])
        for row in list_records(work, "shop.order", Query(sort=(path,), limit=500)).rows
    ]

    def key(id_):
        value = ids[id_]
        if isinstance(value, str):
            value = sort_key(value).encode()
        return (value is None, 0 if value is None else value, id_)

    assert found == sorted(ids, key=key)


def test_new_rows_do_not_disturb_a_walk(shop):
    work = shop.work("boss", companies=(20, 21))
    first = list_records(work, "shop.order", Query(sort=("number",), limit=2))
    shop.put("shop.order", number="SO0", owner=1)
    shop.put("shop.order", number="SO2b", owner=1)
    second = list_records(work, "shop.order", Query(sort=("number",), limit=10, after=first.next))
    assert [row["number"] for row in second.rows] == ["SO2b", "SO3", "SO4", None]
