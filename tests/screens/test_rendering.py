"""HTML from page models: everything a person typed is escaped, nothing in an island ends it."""

from dougong.screens.list_page import ActionModel, Column, ListPage
from dougong.screens.values import Reader
from dougong.screens.widgets import OptionModel
from dougong.server.render import island, list_rows, value_getter

EVIL = "<script>alert('甲')</script>"
COLUMNS = (
    Column("number", "单据编号", "code", "text", opens=True),
    Column("customer.name", "客户", "text", "text"),
    Column("total", "合计", "money", "number", "right", 2),
    Column("state", "状态", "choice", "text", options=(OptionModel("draft", "暂存", "grey"),)),
)


def rows_of(*rows: dict[str, object]) -> ListPage:
    return ListPage(
        "sales.order", "sales.order", "订单", "/t/a/sales.order", COLUMNS, rows,
        open_url="/t/a/sales.order", bulk=(ActionModel("submit", "提交"),),
    )  # fmt: skip


def test_what_people_typed_is_escaped(reader: Reader) -> None:
    row = {
        "id": "7", "version": 2, "number": EVIL, "total": "-5.00", "state": "draft",
        "expanded": {"customer": {"id": "1", "name": EVIL}},
    }  # fmt: skip
    html = list_rows(rows_of(row), reader)
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 3
    assert 'data-id="7"' in html
    assert 'href="/t/a/sales.order/7"' in html
    assert 'minus">-5.00' in html
    assert '<span class="tag grey">暂存</span>' in html


def test_a_record_without_a_name_can_still_be_opened(reader: Reader) -> None:
    html = list_rows(rows_of({"id": "7", "version": 1}), reader)
    assert '<a href="/t/a/sales.order/7" data-open>—</a>' in html


def test_nothing_in_an_island_ends_it() -> None:
    assert "</" not in island({"name": "</script><script>"})


def test_a_value_behind_a_link_out_of_reach_is_empty() -> None:
    assert value_getter("customer.name")({"id": "1", "customer": "5"}) is None
    assert value_getter("customer.name")({"expanded": {"customer": {"name": "甲"}}}) == "甲"
