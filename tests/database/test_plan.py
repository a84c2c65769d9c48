"""Planning is pure: two declared states in, steps and reasons out."""

import pytest
from msgspec import structs

from dougong.database import explain
from dougong.database.counts import NoRows
from dougong.database.plan import from_json, plan, to_json
from dougong.database.state import state_of
from dougong.database.steps import walk
from dougong.database.tables import Column, ForeignKey, Index, State, Table
from dougong.database.tables import from_json as state_from_json
from dougong.database.tables import to_json as state_to_json
from dougong.database.types import TYPES
from dougong.foundation.errors import Refused


def number(scale: int) -> dict[str, str]:
    return {"sqlite": "INTEGER", "postgresql": f"NUMERIC(18, {scale})"}


def column(word: str, **more) -> Column:
    """`code:text!`, `qty:number2`: name, kind, scale; `!` is required."""
    name, kind = word.rstrip("!").split(":")
    scale = int(kind[6:] or 0) if kind.startswith("number") else 0
    kind = "number" if kind.startswith("number") else kind
    types = number(scale) if kind == "number" else TYPES[kind]
    return Column(
        name=name,
        kind=kind,
        types=types,
        scale=scale,
        required=word.endswith("!"),
        module="shop",
        **more,
    )


def table(name: str, words: str, *, entity: str = "", **more) -> Table:
    columns = [column(word) for word in f"id:link! {words}".split()]
    made = {"name": name, "columns": {one.name: one for one in columns}, "module": "shop"}
    return Table(**made, entity=entity or name.replace("_", ".", 1), **more)


def state(*tables: Table) -> State:
    return State({one.name: one for one in tables}, {"shop": "1"})


def with_column(one: Table, made: Column) -> Table:
    return structs.replace(one, columns={**one.columns, made.name: made})


class Rows(NoRows):
    """Three rows everywhere, every cell filled but the `empty` ones."""

    def __init__(self, *, empty: int = 0, misfits: int = 0, alike: int = 0, dangling: int = 0):
        self.numbers = (misfits, alike, dangling)
        self.empty = empty

    def rows(self, table):
        return 3

    def filled(self, table, column):
        return 3 - self.empty

    def misfits(self, table, before, after):
        return self.numbers[0]

    def alike(self, table, columns):
        return self.numbers[1]

    def dangling(self, table, column, target):
        return self.numbers[2]


def kinds(made) -> list[str]:
    return [type(step).__name__ for step in made.steps]


def codes(caught) -> list[str]:
    return [problem.code for problem in caught.value.problems]


ITEM = table("shop_item", "code:text! name:text qty:number2")


def test_the_same_state_needs_no_step():
    assert plan(state(ITEM), state(ITEM)).steps == ()


def test_a_new_tenant_is_tables_and_then_their_links():
    line = table("shop_line", "item:link", foreign={"item": ForeignKey("item", "shop_item")})
    made = plan(State(), state(line, ITEM))
    assert kinds(made) == ["CreateTable", "CreateTable", "HoldLinks"]
    assert {step.level for step in made.steps} == {"safe"}


def test_a_renamed_field_keeps_its_data():
    after = table("shop_item", "code:text! qty:number2")
    after = with_column(after, column("title:text", renamed=("name",)))
    made = plan(state(ITEM), state(after), counts=Rows())
    assert kinds(made) == ["RenameColumn"]
    assert not made.destructive


def test_a_vanished_field_is_refused_and_so_is_everything_else_at_once():
    after = table("shop_item", "code:text!")
    with pytest.raises(Refused) as caught:
        plan(state(ITEM, table("shop_old", "a:text")), state(after))
    assert codes(caught) == ["database.vanished-without-statement"] * 3
    assert "renamed: name" in caught.value.problems[1].hint("en")


def test_a_retired_field_may_go_and_takes_its_values_aside():
    before = with_column(ITEM, column("name:text", retired=True))
    after = table("shop_item", "code:text! qty:number2")
    made = plan(state(before), state(after), counts=Rows())
    assert kinds(made) == ["DropColumn"]
    assert [step.level for step in made.steps] == ["destructive"]
    assert plan(state(before), state(after)).destructive == ()


def test_tables_of_a_module_that_left_may_go():
    made = plan(state(ITEM), State({}, {}), counts=Rows())
    assert kinds(made) == ["DropTable"]
    assert made.steps[0].rows == 3


def test_more_decimals_are_safe_and_too_many_are_refused():
    after = with_column(ITEM, column("qty:number6"))
    assert plan(state(ITEM), state(after), counts=Rows()).steps[0].level == "back-fill"
    with pytest.raises(Refused) as caught:
        plan(state(ITEM), state(after), counts=Rows(misfits=1))
    assert codes(caught) == ["database.values-too-large"]


def test_fewer_decimals_need_consent_only_where_digits_are_lost():
    after = with_column(ITEM, column("qty:number0"))
    assert plan(state(ITEM), state(after), counts=Rows()).destructive == ()
    assert plan(state(ITEM), state(after), counts=Rows(misfits=2)).destructive[0].rows == 2


def test_text_does_not_become_a_number():
    with pytest.raises(Refused) as caught:
        plan(state(ITEM), state(with_column(ITEM, column("name:number2"))), counts=Rows())
    assert codes(caught) == ["database.type-change-refused"]


def test_required_needs_a_value_for_every_row():
    after = with_column(ITEM, column("name:text!"))
    with pytest.raises(Refused) as caught:
        plan(state(ITEM), state(after), counts=Rows(empty=2))
    assert codes(caught) == ["database.required-without-value"]
    assert kinds(plan(state(ITEM), state(after), counts=Rows())) == ["RequireColumn"]
    filled = with_column(ITEM, column("name:text!", fill="code"))
    made = plan(state(ITEM), state(filled), counts=Rows(empty=2))
    assert [(type(one).__name__, one.rows) for one in made.steps] == [
        ("FillColumn", 2),
        ("RequireColumn", 3),
    ]


def test_a_new_required_field_is_added_filled_and_tightened():
    after = with_column(ITEM, column("unit:text!", fill="'pcs'"))
    made = plan(state(ITEM), state(after), counts=Rows())
    assert kinds(made) == ["AddColumn", "FillColumn", "RequireColumn"]
    with pytest.raises(Refused):
        plan(state(ITEM), state(with_column(ITEM, column("unit:text!"))), counts=Rows())


def test_unique_and_links_look_at_the_rows_first():
    unique = structs.replace(ITEM, indexes={"u": Index("u", ("code",), unique=True)})
    with pytest.raises(Refused) as caught:
        plan(state(ITEM), state(unique), counts=Rows(alike=1))
    assert codes(caught) == ["database.rows-alike"]
    one, other = table("shop_a", "to:link"), table("shop_b", "")
    linked = structs.replace(one, foreign={"to": ForeignKey("to", "shop_b")})
    with pytest.raises(Refused) as caught:
        plan(state(one, other), state(linked, other), counts=Rows(dangling=1))
    assert codes(caught) == ["database.link-to-nothing"]


def test_a_renamed_entity_takes_its_lines_along():
    lines = table(
        "shop_order__items",
        "parent:link! qty:number2",
        entity="shop.order",
        lines="items",
        foreign={"parent": ForeignKey("parent", "shop_order", cascade=True)},
    )
    order = table("shop_order", "code:text!")
    new_order = structs.replace(
        order, name="shop_sale", entity="shop.sale", renamed=("shop.order",)
    )
    new_lines = structs.replace(
        lines, name="shop_sale__rows", entity="shop.sale", lines="rows", renamed=("items",),
        foreign={"parent": ForeignKey("parent", "shop_sale", cascade=True)},
    )  # fmt: skip
    made = plan(state(order, lines), state(new_order, new_lines), counts=Rows())
    assert kinds(made) == ["RenameTable", "RenameTable"]


def test_two_fields_cannot_claim_one_earlier_name():
    after = table("shop_item", "code:text! qty:number2")
    for name in ("one", "two"):
        after = with_column(after, column(f"{name}:text", renamed=("name",)))
    with pytest.raises(Refused) as caught:
        plan(state(ITEM), state(after))
    assert codes(caught) == ["database.renamed-twice"]


def test_a_table_name_must_fit():
    with pytest.raises(Refused) as caught:
        plan(State(), state(table("shop_" + "x" * 60, "")))
    assert codes(caught) == ["database.name-too-long"]


def test_plan_and_state_come_back_from_json():
    after = with_column(ITEM, column("unit:text!", fill="'pcs'"))
    made = plan(state(ITEM), state(after), counts=Rows())
    assert from_json(to_json(made)) == made
    assert made.is_whole
    assert not structs.replace(made, steps=made.steps[:1]).is_whole
    assert state_from_json(state_to_json(state(ITEM))) == state(ITEM)


def test_the_steps_lead_to_the_new_state():
    after = with_column(ITEM, column("unit:text!", fill="'pcs'"))
    made = plan(state(ITEM), state(after), counts=Rows())
    assert walk(state(ITEM), made.steps).hash == state(after).hash == made.new


def test_every_step_is_a_sentence_in_both_languages():
    before = with_column(ITEM, column("name:text", retired=True))
    after = with_column(
        table("shop_item", "code:text! qty:number6"), column("unit:text!", fill="'pcs'")
    )
    made = plan(state(before), state(after), counts=Rows())
    english, chinese = list(explain.lines(made, "en")), list(explain.lines(made, "zh"))
    assert len(english) == len(chinese) == len(made.steps) + 1
    assert english[-2] == "! drop shop_item.name; its 3 values are parked"
    assert list(explain.lines(plan(state(ITEM), state(ITEM)), "zh")) == ["没有变化。"]


def test_a_catalog_says_its_tables(catalog_of):
    catalog = catalog_of(
        {
            "shop/entities/item.yaml": """
entity: shop.item
label: {zh: 商品, en: Item}
key: [code]
search: [code, name]
fields:
  code: {type: code, label: {zh: 编码, en: Code}, required: true}
  name: {type: text, label: {zh: 名称, en: Name}}
  price: {type: price, label: {zh: 价格, en: Price}}
""",
            "shop/entities/order.yaml": """
entity: shop.order
label: {zh: 单, en: Order}
fields:
  from: {type: text, label: {zh: 自, en: From}}
lines:
  items:
    label: {zh: 行, en: Lines}
    fields:
      item: {type: link, to: shop.item, label: {zh: 商品, en: Item}, required: true}
      qty: {type: quantity, label: {zh: 数量, en: Qty}, required: true}
""",
        }
    )
    made = state_of(catalog)
    item, lines = made.tables["shop_item"], made.tables["shop_order__items"]
    assert {"id", "version", "code", "name", "name__sort", "price"} <= set(item.columns)
    assert item.columns["price"].types["postgresql"] == "NUMERIC(18, 6)"
    assert [index.columns for index in item.indexes.values() if index.unique] == [("code",)]
    assert lines.foreign["item"].target == "shop_item"
    assert lines.foreign["parent"].cascade
    assert state_from_json(state_to_json(made)).hash == made.hash
