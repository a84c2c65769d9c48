"""After a day's work everything agrees; what is changed behind the system's back is found."""

import pytest

from dougong.records import store
from dougong.records.verify import verify


def problems(house):
    return [
        (problem.code, problem.values["path"])
        for problem in verify(house.connection, house.catalog)
    ]


def a_day(sales):
    work = sales.house.as_("shop.admin")
    saved = sales.order(
        {"item": str(sales.desk), "qty": "1", "price": "1"},
        {"item": str(sales.lamp), "qty": "2", "price": "3"},
    )
    line = saved.record["items"][1]["id"]
    changed = store.change(
        work,
        "sales.order",
        saved.id,
        1,
        {"items": [{"id": line, "qty": "5"}, {"item": str(sales.desk), "qty": "1", "price": "9"}]},
    )
    store.act(work, "sales.order", saved.id, "submit", changed.version)
    store.act(work, "sales.order", saved.id, "void", 3, {"reason": "x"})
    store.change(work, "master_data.customer", sales.customer, 1, {"name": "北京轴承"})
    gone = sales.order()
    store.delete(work, "sales.order", gone.id, 1)
    return saved


def test_a_day_of_work_verifies(sales):
    a_day(sales)
    assert problems(sales.house) == []


@pytest.mark.parametrize(("sql", "found"), [
    ('UPDATE @."sales_order" SET "note" = \'x\'', ("records.trail-differs", "note")),
    ('UPDATE @."sales_order__items" SET "position" = 9, "description" = \'x\'', ("records.trail-differs", "description")),
    ('UPDATE @."sales_order" SET "version" = 99', ("records.version-differs", "")),
    ('DELETE FROM @."dougong_trail" WHERE "entity" = \'sales.order\'', ("records.record-without-trail", "")),
    ('DELETE FROM @."dougong_search" WHERE "entity" = \'sales.order\'', ("records.words-differ", "")),
])  # fmt: skip
def test_what_was_changed_behind_its_back_is_found(sales, sql, found):
    a_day(sales)
    sales.house.connection.change(sql)
    told = {(code, path.rpartition(".")[2]) for code, path in problems(sales.house)}
    assert found in told


def test_a_row_that_vanished_is_found(sales):
    a_day(sales)
    sales.house.connection.change('DELETE FROM @."sales_order"')
    assert ("records.trail-without-record", "") in problems(sales.house)
