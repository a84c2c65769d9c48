"""Code generated per entity: only from identifiers, shared by what is equal, readable in a traceback."""

import linecache
import traceback
from dataclasses import replace
from decimal import Decimal

import pytest

from dougong.generated.code import code_for, make_code
from dougong.generated.shape import quoted, shape_of
from dougong.generated.sql import many_rows, sql_of

ORDER = """
entity: shop.order
label: {zh: 单, en: Order}
fields:
  customer: {type: link, to: shop.party, label: {zh: a, en: a}, required: true}
  rate: {type: percent, label: {zh: a, en: a}, default: customer.group.rate}
  net: {type: money, label: {zh: a, en: a}, formula: sum(items.amount), store: true}
  total: {type: money, label: {zh: a, en: a}, formula: "round(net * (1 + coalesce(rate, 0)), 2)", store: true}
lines:
  items:
    label: {zh: a, en: a}
    fields:
      qty: {type: quantity, label: {zh: a, en: a}, required: true}
      price: {type: price, label: {zh: a, en: a}}
      amount: {type: money, label: {zh: a, en: a}, formula: "round(qty * price, 2)", store: true}
"""
PARTY = """
entity: shop.party
label: {zh: 方, en: Party}
fields:
  name: {type: text, label: {zh: a, en: a}}
  group: {type: link, to: shop.group, label: {zh: a, en: a}}
"""
GROUP = """
entity: shop.group
label: {zh: 组, en: Group}
fields:
  rate: {type: percent, label: {zh: a, en: a}}
"""
FILES = {
    "shop/entities/order.yaml": ORDER,
    "shop/entities/party.yaml": PARTY,
    "shop/entities/group.yaml": GROUP,
}


@pytest.fixture
def catalog(catalog_of):
    return catalog_of(FILES)


class Maps:
    """What was read of linked records, as records would hand it to generated code."""

    def __init__(self, code):
        self.maps = [{} for _ in code.fetches]
        self.empty = list(code.empties)

    def need(self, number, ids):
        """Everything is there already."""


class Nobody:
    """Nobody acts."""

    user = company = today = None


def test_defaults_and_formulas_are_computed_in_the_order_of_what_they_read(catalog):
    code = code_for(catalog, "shop.order", "sqlite")
    record = code.fresh(items=2)
    record.f_customer = 7
    for line, qty in zip(record.l_items, ("2", "3"), strict=True):
        line.f_qty, line.f_price = Decimal(qty), Decimal("1.005")
    maps = Maps(code)
    maps.maps[code.numbers["shop.party"]][7] = (1, Decimal("0.130000"))
    wrong = []
    code.compute(record, Nobody(), maps, lambda *what: wrong.append(what))
    assert wrong == []
    assert [str(line.f_amount) for line in record.l_items] == ["2.01", "3.02"]
    assert (str(record.f_net), str(record.f_total)) == ("5.03", "5.68")


def test_what_does_not_fit_is_told_by_its_path_and_the_rest_is_computed(catalog):
    code = code_for(catalog, "shop.order", "sqlite")
    record = code.fresh(items=1)
    record.l_items[0].position = 0
    record.l_items[0].f_qty = record.l_items[0].f_price = Decimal("999999999999.999999")
    wrong = []
    code.compute(record, Nobody(), Maps(code), lambda path, error: wrong.append(path))
    assert wrong == ["items.0.amount"]
    assert record.f_total == 0


def test_what_a_path_needs_of_a_linked_record_is_one_statement(catalog):
    code = code_for(catalog, "shop.order", "sqlite")
    (fetch,) = [fetch for fetch in code.fetches if fetch.target.id == "shop.party"]
    sql = fetch.sql("", many=True)
    assert sql.count("SELECT") == 3
    assert 'FROM @."shop_party" AS t WHERE t."id" IN (SELECT "value" FROM json_each(?))' in sql


def test_generated_code_is_shown_in_a_traceback(catalog):
    code = code_for(catalog, "shop.order", "sqlite")
    try:
        code.compute(None, None, Maps(code), None)
    except AttributeError as error:
        shown = "".join(traceback.format_exception(error))
    assert 'File "<dougong:shop.order.compute>"' in shown
    assert "r.f_customer" in shown
    assert linecache.getlines("<dougong:shop.order.compute>")[0].startswith("def compute(")


def test_equal_entities_share_their_code_and_changed_ones_do_not(catalog_of):
    one, same = catalog_of(FILES), catalog_of(FILES)
    other = catalog_of(
        {
            **FILES,
            "shop/entities/group.yaml": GROUP.replace("type: percent", "type: percent, scale: 4"),
        }
    )
    assert code_for(one, "shop.order", "sqlite") is code_for(same, "shop.order", "sqlite")
    assert code_for(one, "shop.order", "sqlite") is not code_for(one, "shop.order", "postgresql")
    assert code_for(one, "shop.party", "sqlite") is not code_for(other, "shop.party", "sqlite")
    assert code_for(one, "shop.group", "sqlite") is not code_for(other, "shop.group", "sqlite")


@pytest.mark.parametrize("name", ['a"b', "a b", "A", "1a", "", "a;drop", "é", "a" * 64])
def test_only_identifiers_reach_generated_text(catalog, name):
    with pytest.raises(ValueError, match="no identifier"):
        quoted(name)
    entity = catalog.entities["shop.party"]
    field = replace(entity.fields["name"], name=name, column=name)
    with pytest.raises(ValueError, match="no identifier"):
        make_code(
            catalog, replace(entity, fields={name: field}, search=(), fingerprint=""), "sqlite"
        )


def test_every_name_in_sql_stands_in_quotes(catalog):
    for dialect in ("sqlite", "postgresql"):
        sql = sql_of(shape_of(catalog.entities["shop.order"]), dialect)
        texts = [
            sql.get,
            sql.insert,
            sql.delete,
            sql.update(("net",)),
            sql.lines["items"].get,
            sql.lines["items"].insert,
        ]
        for text in texts:
            assert "shop_order" not in text.replace('"shop_order"', "").replace(
                '"shop_order__items"', ""
            )
            assert '@."shop_order' in text


def test_many_rows_make_one_statement():
    assert (
        many_rows('INSERT INTO t ("a") VALUES (?, ?)', 3)
        == 'INSERT INTO t ("a") VALUES (?, ?), (?, ?), (?, ?)'
    )
