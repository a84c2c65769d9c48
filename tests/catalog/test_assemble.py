from decimal import Decimal

import pytest
from catalog_files import build, codes, module, plugin, said, tenant

from dougong.catalog.assemble import assemble
from dougong.catalog.shipped_sets import platform_set, sets_for, sets_in, shipped_modules
from dougong.catalog.source import SourceSet
from dougong.foundation.shipped import shipped_folder

ITEM = "entity: shop.item\nlabel: {zh: 物料, en: Item}\nkey: [code]\nfields:\n  code: {like: base.code}\n  name: {like: base.name}\n  price: {type: money, label: {zh: 价格, en: Price}}\n"
ORDER = """entity: shop.order
label: {zh: 订单, en: Order}
use: [base.document]
title: "{number} {item.name}"
fields:
  item: {type: link, to: shop.item, label: {zh: 物料, en: Item}, required: true}
  total: {type: money, label: {zh: 合计, en: Total}, formula: "sum(items.amount)", store: true}
lines:
  items:
    label: {zh: 明细, en: Lines}
    fields:
      item: {type: link, to: shop.item, label: {zh: 物料, en: Item}}
      qty: {type: quantity, label: {zh: 数量, en: Qty}}
      amount: {type: money, label: {zh: 金额, en: Amount}, formula: "round(qty * 2, 2)", store: true}
"""
FILES = {"entities/item.yaml": ITEM, "entities/order.yaml": ORDER}


def one(body, **more):
    """A module with one more entity `shop.a`."""
    head = "entity: shop.a\nlabel: {zh: 甲, en: A}\n"
    return build(module({**FILES, "entities/a.yaml": head + body, **more}))


def test_the_platform_alone_has_no_problem():
    done = assemble([platform_set()])
    assert not done.problems
    assert set(done.catalog.entities) == {
        "base.user", "base.role", "base.company", "base.currency", "base.attachment",
    }  # fmt: skip


@pytest.mark.parametrize("name", shipped_modules())
def test_every_shipped_module_assembles(name):
    assert said(assemble(sets_for([name]))) == ""


def test_the_examples_assemble_without_problems():
    done = assemble(sets_for([], sets_in(shipped_folder("metadata") / "examples")))
    assert said(done) == ""
    assert {each.status for each in done.overrides} == {"applied"}
    assert (
        len(
            [
                each
                for each in done.catalog.entities["real_world.wide"].fields.values()
                if not each.system
            ]
        )
        == 140
    )


def test_a_document_brings_its_life():
    done = build(module(FILES))
    order = done.catalog.entities["shop.order"]
    assert list(order.states) == ["draft", "submitted", "approved", "closed", "void"]
    assert {"submit", "approve", "unapprove", "close", "reopen", "void"} <= set(order.actions)
    assert order.fields["state"].shape.options == tuple(order.states)
    assert order.actions["submit"].issue == ("number",)
    assert order.table == "shop_order"
    assert order.lines["items"].table == "shop_order__items"
    assert order.fields["total"].column == "total"
    assert order.fields["total"].edit is False
    assert order.search == ("number",)
    assert order.fields["total"].formula.reads == {("rows", "items", "amount")}


def test_an_entity_alone_has_a_form_and_a_list():
    done = build(module(FILES))
    form, listed = done.catalog.forms["shop.order"], done.catalog.lists["shop.order"]
    assert not form.declared
    assert [part.id for part in form.parts] == ["main", "items", "sums"]
    assert form.parts[1].grid_columns == ("item", "qty", "amount")
    assert listed.columns[0] == "number"
    assert listed.sort == ("-date", "-number")


def test_links_to_self_in_an_aspect_mean_the_entity():
    done = one("use: [base.tree]\nfields: {name: {like: base.name}}\n")
    entity = done.catalog.entities["shop.a"]
    assert entity.fields["parent"].targets == ("shop.a",)
    assert entity.tree.parent == "parent"


def test_fingerprints_change_with_what_an_entity_sees_and_with_nothing_else():
    def prints(item):
        done = build(module({**FILES, "entities/item.yaml": item}))
        return done.catalog.fingerprint, {
            id_: each.fingerprint for id_, each in done.catalog.entities.items()
        }

    whole, before = prints(ITEM)
    same, again = prints(ITEM)
    assert (whole, before) == (same, again)
    label, after = prints(ITEM.replace("物料", "商品"))
    assert label != whole
    assert after["shop.item"] != before["shop.item"]
    assert after["shop.order"] == before["shop.order"]
    _, typed = prints(ITEM.replace("type: money", "type: price"))
    assert typed["shop.order"] != before["shop.order"]
    assert typed["base.user"] == before["base.user"]


WRONG = [
    (
        "fields: {x: {type: link, to: shop.itme, label: X}}",
        "catalog.unknown-reference",
        "shop.item",
    ),
    ("fields: {x: {type: txt, label: X}}", "catalog.unknown-type", "text"),
    ("fields: {x: {label: X}}", "catalog.needs-type", ""),
    ("fields: {x: {type: text}}", "catalog.needs-label", ""),
    ("fields: {x: {type: link, label: X}}", "catalog.type-needs-key", ""),
    ("fields: {x: {type: text, label: X, scale: 2}}", "catalog.key-does-not-fit", ""),
    ("fields: {x: {like: base.phon}}", "catalog.unknown-reference", "base.phone"),
    ("fields: {state: {type: text, label: X}}", "catalog.reserved-name", ""),
    ("use: [base.documnt]", "catalog.unknown-reference", "base.document"),
    ("fields: {x: {type: text, label: X}}\nkey: [y]", "catalog.unknown-field", ""),
    (
        "fields: {link: {type: link, to: shop.item, label: X}}\nsearch: [link.nam]",
        "catalog.unknown-field",
        "name",
    ),
    ("fields: {x: {type: text, label: X}}\nsearch: [x.y]", "catalog.not-a-link", ""),
    ("fields: {x: {type: text, label: X}}\ntitle: '{xx}'", "catalog.unknown-field", "x"),
    ("fields: {x: {type: text, label: X}}\npicture: x", "catalog.wrong-field-type", ""),
    ("fields: {x: {type: integer, label: X, default: y}}", "formulas.unknown-name", ""),
    ("fields: {x: {type: integer, label: X, default: 'true'}}", "formulas.wrong-result", ""),
    (
        "fields: {x: {type: integer, label: X, formula: z, store: true}, z: {type: integer, label: Z, formula: x, store: true}}",
        "formulas.cycle",
        "",
    ),
    (
        "fields: {x: {type: integer, label: X, default: z}, z: {type: integer, label: Z, default: x}}",
        "formulas.cycle",
        "",
    ),
    (
        "fields: {p: {type: link, to: shop.item, label: P}, x: {type: money, label: X, formula: p.price, store: true}}",
        "formulas.stored",
        "",
    ),
    ("states: {new: {label: N}, old: {label: O}}", "catalog.start-state", ""),
    (
        "states: {new: {label: N, start: true}}\nactions: {go: {label: G, from: [nev], to: new}}",
        "catalog.unknown-reference",
        "new",
    ),
    (
        "states: {new: {label: N, start: true}}\nrules: {r: {check: \"state == 'nwe'\", say: X}}",
        "formulas.unknown-option",
        "new",
    ),
    (
        "fields: {x: {type: choice, label: X, options: {low: L, high: H}, default: \"'lo'\"}}",
        "formulas.unknown-option",
        "low",
    ),
    (
        "lines: {x: {label: X, fields: {}}}\nfields: {x: {type: text, label: X}}",
        "catalog.name-twice",
        "",
    ),
    (
        "lines: {items: {label: X, use: [base.trade_line]}}\nfields: {currency: {type: text, label: X}}",
        "catalog.needs-reads",
        "",
    ),
]


@pytest.mark.parametrize(
    ("body", "code", "nearest"), WRONG, ids=[f"{n}:{code}" for n, (_, code, _) in enumerate(WRONG)]
)
def test_every_wrong_name_is_a_problem_with_its_place(body, code, nearest):
    done = one(body + "\n")
    found = [each for each in done.problems if each.code.startswith(code)]
    assert found, said(done)
    assert found[0].where.file == "modules/shop/entities/a.yaml"
    assert found[0].where.line >= 3
    assert found[0].nearest == nearest
    assert done.catalog is None


def test_a_formula_problem_stands_at_its_character():
    done = one('fields:\n  x: {type: integer, label: X, default: "1 + yy"}\n')
    assert str(done.problems[0].where) == "modules/shop/entities/a.yaml:4:46"


def test_all_problems_of_all_files_are_said_at_once():
    done = build(
        module(
            {
                "entities/item.yaml": ITEM.replace("base.name", "base.nam"),
                "entities/order.yaml": ORDER.replace("to: shop.item", "to: shop.itm"),
                "roles/clerk.yaml": "role: shop.clerk\nlabel: C\ngrants: {shop.ordr: {read: true}}\n",
                "menu.yaml": "menu: shop\nlabel: S\nitems: {a: {list: shop.itme}}\n",
                "entities/b.yaml": "entity: shop.b\nlabel: [\n",
            }
        )
    )
    files = {each.where.file.rpartition("/")[2] for each in done.problems}
    assert files == {"item.yaml", "order.yaml", "clerk.yaml", "menu.yaml", "b.yaml"}


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("entities/b.yaml", "entity: shop.c\nlabel: B\n", "catalog.wrong-path"),
        ("entities/b.yaml", "entity: sales.b\nlabel: B\n", "catalog.foreign-id"),
        ("entities/b__c.yaml", "entity: shop.b__c\nlabel: B\n", "catalog.shipped-name"),
        ("entities/b.yaml", "entity: shop.b\nlabel: B\nfields: {a__b: {type: text, label: X}}\n", "catalog.shipped-name"),
        ("entities/b.yaml", "entty: shop.b\nlabel: B\n", "catalog.unknown-kind"),
        ("entities/b.yaml", "label: B\nentity: shop.b\n", "catalog.kind-first"),
        ("roles/b.yaml", "role: shop.b\nlabel: B\nincludes: [shop.c]\n", "catalog.unknown-reference"),
        ("roles/b.yaml", "role: shop.b\nlabel: B\ngrants: {shop.order: {act: [subnit]}}\n", "catalog.unknown-reference"),
        ("roles/b.yaml", "role: shop.b\nlabel: B\ngrants: {shop.order: {hide: [items.qyt]}}\n", "catalog.unknown-field"),
        ("roles/b.yaml", "role: shop.b\nlabel: B\ngrants: {shop.order: {read: {rows: ownr == user}}}\n", "formulas.unknown-name"),
        ("lists/b.yaml", "list: shop.b\nentity: shop.order\ncolumns: [item.nam]\n", "catalog.unknown-field"),
        ("forms/b.yaml", "form: shop.b\nentity: shop.order\nparts: {m: {grid: itms}}\n", "catalog.unknown-reference"),
        ("forms/b.yaml", "form: shop.b\nentity: shop.order\nparts: {m: {grid: items, columns: [qyt]}}\n", "catalog.unknown-field"),
        ("data/b.yaml", "data: shop.b\nentity: shop.item\nkey: code\nrows: {a: {nam: x}}\n", "catalog.unknown-field"),
        ("data/b.yaml", "data: shop.b\nentity: shop.item\nkey: code\nrows: {a: {price: x}}\n", "catalog.data-value"),
        ("imports/b.yaml", "import: shop.b\nentity: shop.order\nmap: {item: {column: I, by: nam}}\n", "catalog.unknown-field"),
        ("functions/b.yaml", "function: shop.b\ngives: {type: money}\n", "catalog.one-body"),
        ("changes/shop.x.yaml", "extend: shop.x\n", "catalog.nothing-to-extend"),
        ("i18n/de.yaml", "i18n: de\ntexts: {shop.order.fields.totl: X}\n", "catalog.unknown-reference"),
    ],
)  # fmt: skip
def test_what_each_kind_of_file_can_get_wrong(path, text, code):
    done = build(module({**FILES, path: text}))
    assert code in codes(done), said(done)


def test_functions_call_each_other_but_not_in_a_circle():
    half = "function: shop.half\nargs: {{x: {{type: money}}}}\ngives: {{type: decimal, scale: 4}}\nformula: {}\n"
    done = build(
        module(
            {
                "functions/half.yaml": half.format('"x / 2"'),
                "functions/quarter.yaml": half.replace("half", "quarter")
                .replace("money", "decimal, scale: 4")
                .format('"shop.half(1) / 2"'),
            }
        )
    )
    assert not any(each.startswith("catalog.circle") for each in codes(done)), said(done)
    done = build(module({"functions/half.yaml": half.format('"shop.half(x)"')}))
    assert "catalog.circle" in codes(done)


def test_a_tenant_has_no_code():
    code = "function: x.half\ngives: {type: money}\ncode: true\n"
    assert codes(build(tenant({"functions/half.yaml": code}))) == ["catalog.tenant-code"]


def test_needs_are_held_to_versions():
    sales = SourceSet(
        "module",
        "sales",
        {
            "module.yaml": "module: sales\nlabel: S\nversion: 1.0.0\nneeds: {shop: ^2.0, stok: ^1.0}\n"
        },
    )
    assert codes(build(module(FILES), sales)) == ["catalog.wrong-version", "catalog.unknown-module"]


def test_guards_hold_every_entity_that_has_the_field():
    done = build(module(FILES))
    assert set(done.catalog.guards["base.company_wall"].rows) == {"shop.order"}


def test_settings_of_a_company_have_a_company():
    text = "setting: shop.rules\nlabel: R\nper: company\nfields: {days: {type: integer, label: D, default: 30}}\n"
    done = build(module({"settings/rules.yaml": text}))
    entity = done.catalog.entities["shop.rules"]
    assert entity.kind == "setting"
    assert list(entity.fields)[-2:] == ["company", "days"]
    assert "shop.rules" in done.catalog.guards["base.company_wall"].rows


def test_a_grant_says_no_more_than_it_says():
    text = "role: shop.clerk\nlabel: C\ngrants:\n  shop.order: {read: {rows: owner == user}, create: true, export: false, act: [submit]}\n"
    done = build(module({**FILES, "roles/clerk.yaml": text}))
    grant = done.catalog.roles["shop.clerk"].grants["shop.order"]
    assert set(grant.rights) == {"read", "create", "act", "print", "report"}
    assert grant.rights["print"].text == "owner == user"
    assert grant.act == {"submit"}


def test_data_stays_as_written():
    text = "data: shop.items\nentity: shop.item\nkey: code\nrows: {a: {name: {zh: 甲, en: A}, price: 1.50}}\n"
    done = build(module({**FILES, "data/items.yaml": text}))
    row = done.catalog.data["shop.items"].rows["a"]
    assert row == {"name": {"zh": "甲", "en": "A"}, "price": "1.50"}
    assert Decimal(row["price"]) == Decimal("1.5")


def test_a_plugin_adds_under_its_own_name():
    gate = "entity: acme.gate\nlabel: G\nfields: {code: {like: base.code}}\n"
    change = "extend: shop.item\nfields: {tag: {type: text, label: T}}\n"
    done = build(
        module(FILES), plugin({"entities/gate.yaml": gate, "changes/shop.item.yaml": change})
    )
    assert codes(done) == ["catalog.needs-prefix"]
    assert "acme__tag" in said(done)


def test_a_module_says_what_it_needs():
    visit = (
        "entity: visits.visit\nlabel: V\nfields: {item: {type: link, to: shop.item, label: I}}\n"
    )
    done = build(module(FILES), module({"entities/visit.yaml": visit}, "visits"))
    assert [(each.code, each.level) for each in done.problems] == [("catalog.not-in-needs", "warn")]
    assert done.catalog is not None


def test_the_old_name_of_an_entity_or_field_leads_to_the_new_one():
    item = ITEM.replace("key:", "renamed: shop.good\nkey:").replace(
        "price: {", "price: {renamed: cost, "
    )
    order = ORDER.replace("to: shop.item", "to: shop.good", 1) + "search: [item.cost]\n"
    done = build(module({"entities/item.yaml": item, "entities/order.yaml": order}))
    assert ("catalog.old-name", "shop.item") in [
        (each.code, each.nearest) for each in done.problems
    ]
    done = build(
        module({"entities/item.yaml": item, "entities/order.yaml": ORDER + "search: [item.cost]\n"})
    )
    assert [(each.code, each.nearest) for each in done.problems] == [("catalog.old-name", "price")]


def test_a_default_of_its_own_name_means_what_lies_behind_it():
    done = build(module(FILES))
    company = done.catalog.entities["shop.order"].fields["company"]
    assert company.default.reads == {("company",)}
    line = "lines: {items: {label: L, fields: {note: {type: text, label: N, default: note}}}}\n"
    done = one("fields: {note: {type: text, label: N}}\n" + line)
    assert done.catalog.entities["shop.a"].lines["items"].fields["note"].default.reads == {
        ("header", "note")
    }
