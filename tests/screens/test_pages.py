"""Page models without a database: addresses, menus, columns, formulas of the page."""

from dataclasses import replace

from dougong.catalog.catalog import Catalog
from dougong.screens.list_page import WAY_BACK, ListState, read_state
from dougong.screens.paths import find_path
from dougong.screens.shell import build_menu
from dougong.screens.widgets import browser_tree, field_model

NOTHING: frozenset[str] = frozenset()


def test_the_address_is_the_state_of_a_list() -> None:
    state = ListState("late", "恒泰", "-date", {"state": "draft,submitted"}, "abc", 3)
    written = dict(part.split("=", 1) for part in state.query().split("&"))
    assert written["view"] == "late"
    assert written["page"] == "3"
    assert read_state({"view": "late", "q": "恒泰", "sort": "-date", "f.state": "draft,submitted",
                       "after": "abc", "page": "3"}) == state  # fmt: skip


def test_boxes_and_date_ends_of_the_form_become_one_filter_each() -> None:
    state = read_state(
        {"f.state:draft": "1", "f.state:closed": "1", "f.date:from": "2026-11-01", "f.date:to": ""}
    )
    assert state.filters == {"state": "draft,closed", "date": "2026-11-01.."}


def test_changing_anything_goes_back_to_the_first_page() -> None:
    state = ListState(after="abc", page=4).first(sort="number")
    assert (state.after, state.page, state.sort) == ("", 1, "number")


def test_the_way_back_through_pages_stands_in_the_address() -> None:
    second = ListState(sort="number").following("aa")
    third = second.following("bb")
    assert third.previous() == second
    assert second.previous() == ListState(sort="number")
    assert ListState().previous() is None
    params = dict(part.split("=", 1) for part in third.query().replace("%7E", "~").split("&"))
    assert read_state(params) == third
    far = ListState()
    for number in range(60):
        far = far.following(f"c{number}")
    assert len(far.back) == WAY_BACK
    while before := far.previous():
        far = before
    assert far.page == 60 - WAY_BACK + 1, "further back there is the first page"


def test_a_page_number_that_is_none_is_the_first() -> None:
    assert all(read_state({"page": odd}).page == 1 for odd in ("²", "٣", "-1", "x", "", "1" * 9))


def test_the_menu_holds_only_what_this_person_may_read(catalog: Catalog) -> None:
    menu = build_menu(catalog, lambda entity: entity == "sales.order", "/t/a", "zh")
    entries = [entry for group in menu for entry in group.items]
    assert [entry.url for entry in entries] == ["/t/a/sales.order"]
    assert entries[0].label == "销售订单"
    assert build_menu(catalog, lambda _: False, "/t/a", "zh") == ()


def test_a_path_through_a_link_is_called_after_the_link(catalog: Catalog) -> None:
    order = catalog.entities["sales.order"]
    name = find_path(catalog, order, "customer.name", lambda _: NOTHING)
    phone = find_path(catalog, order, "customer.phone", lambda _: NOTHING)
    assert name is not None
    assert phone is not None
    assert name.label("zh") == "客户"
    assert phone.label("zh") == "客户 · 电话"


def test_a_hidden_field_is_not_there_for_columns(catalog: Catalog) -> None:
    order = catalog.entities["sales.order"]
    hidden = {"master_data.customer": frozenset({"phone"})}
    found = find_path(catalog, order, "customer.phone", lambda e: hidden.get(e, NOTHING))
    assert found is None
    assert find_path(catalog, order, "nonsense.phone", lambda _: NOTHING) is None


def test_the_page_gets_only_formulas_it_can_compute(catalog: Catalog) -> None:
    lines = catalog.entities["sales.order"].lines["items"].fields
    assert browser_tree(lines["amount"].formula, NOTHING) is not None
    assert browser_tree(lines["price"].default, NOTHING) is None
    assert browser_tree(lines["tax_rate"].default, NOTHING) is None, "it reads across a link"


def test_a_formula_that_reads_a_hidden_field_stays_on_the_server(catalog: Catalog) -> None:
    lines = catalog.entities["sales.order"].lines["items"].fields
    assert browser_tree(lines["amount"].formula, frozenset({"discount"})) is None


def test_a_computed_field_is_read_only_whatever_the_rights(catalog: Catalog) -> None:
    order = catalog.entities["sales.order"]
    model = field_model(
        order.lines["items"].fields["amount"],
        language="en", lines="items", readonly=False, address=lambda entity: f"/t/a/{entity}",
    )  # fmt: skip
    assert model.readonly
    assert model.formula
    assert model.path == "items.amount"
    assert model.align == "right"
    assert replace(model, name="x").label == "Amount"
