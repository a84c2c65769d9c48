"""The upgrade drill: one tenant's changes over three versions of a module; none is lost silently."""

import pytest
from catalog_files import build, codes, module, said, tenant

from dougong.catalog.layers import show

ORDER = """entity: shop.order
label: {{zh: 订单, en: Order}}
use: [base.document]
fields:
  due: {{type: date, label: {{zh: 交期, en: Due}}{due}}}
  note: {{type: long_text, label: {note}}}
  {customer}: {{type: text, label: {{zh: 客户, en: Customer}}{renamed}}}
  net: {{type: money, label: {{zh: 净额, en: Net}}, formula: "{net}", store: true}}
  {extra}
lines:
  items:
    label: {{zh: 明细, en: Lines}}
    fields:
      amount: {{type: money, label: {{zh: 金额, en: Amount}}}}
      cost: {{type: money, label: {{zh: 成本, en: Cost}}}}
states: {{approved: {{edit: {edit}}}}}
rules:
  limit: {{check: net < 1000, say: X}}
opens: [rules.limit.level]
"""
FORM = "form: shop.order\nentity: shop.order\nparts:\n  main: {fields: [due, customer]}\n  items: {grid: items, columns: [amount, cost]}\n"
V1 = ORDER.format(
    due="", note="{zh: 备注, en: Note}", customer="customer", renamed="", net="sum(items.amount)",
    edit="[due]", extra="gone: {type: text, label: {zh: 旧, en: Gone}}",
)  # fmt: skip
V2 = ORDER.format(
    due=", required: true", note="{zh: 备注信息, en: Remarks}", customer="customer", renamed="",
    net="sum(items.amount)", edit="[due, note]", extra="gone: {type: text, label: {zh: 旧, en: Gone}}",
)  # fmt: skip
V3 = ORDER.format(
    due=", required: true", note="{zh: 客户备注, en: Customer note}", customer="buyer",
    renamed=", renamed: customer", net="sum(items.amount) - sum(items.cost)", edit="[due, note]", extra="",
)  # fmt: skip
CHANGE = """extend: shop.order
checked: shop 1.0.0
fields:
  x__priority: {type: choice, options: {low: {zh: 低, en: Low}, high: {zh: 高, en: High}}, label: {zh: 优先级, en: Priority}, default: "'low'"}
lines:
  items:
    fields:
      x__box: {type: text, label: {zh: 箱号, en: Box}}
set:
  fields.due.required: {to: true, was: false}
  fields.note.label: {to: {zh: 客户备注, en: Customer note}, was: {zh: 备注, en: Note}}
  fields.customer.required: {to: true, was: false}
  fields.net.formula: {to: "round(sum(items.amount), 1)", was: sum(items.amount)}
  fields.gone.visible: {to: false, was: true}
  states.approved.edit: {add: [x__priority]}
  rules.limit.level: {to: warn, was: stop}
place:
  form.main: {after: due, add: [x__priority]}
  list.columns: {before: state, add: [x__priority]}
"""


def drill(version, form=FORM):
    files = {"entities/order.yaml": version, "forms/order.yaml": form}
    return build(module(files), tenant({"changes/shop.order.yaml": CHANGE}))


def states(done):
    return {each.path: each.status for each in done.overrides}


def test_on_the_version_it_was_written_for_everything_applies():
    done = drill(V1)
    assert said(done) == ""
    assert set(states(done).values()) == {"applied"}
    order = done.catalog.entities["shop.order"]
    assert order.fields["due"].required is True
    assert order.fields["note"].label.say("en") == "Customer note"
    assert order.states["approved"].edit == ("due", "x__priority")
    assert order.rules[0].level == "warn"
    assert order.fields["x__priority"].origin == "tenant:north"
    form = done.catalog.forms["shop.order"]
    assert form.parts[0].fields == (("due", "x__priority", "customer"),)
    assert form.parts[1].grid_columns == ("amount", "cost", "x__box")


def test_the_second_version_absorbs_one_and_disagrees_with_one():
    done = drill(V2)
    assert states(done) == {
        "fields.due.required": "absorbed",
        "fields.note.label": "conflict",
        "fields.customer.required": "applied",
        "fields.net.formula": "applied",
        "fields.gone.visible": "applied",
        "states.approved.edit": "applied",
        "rules.limit.level": "applied",
        "place.form.main": "applied",
        "place.list.columns": "applied",
    }
    assert codes(done) == ["catalog.override-conflict"]
    assert '"Remarks"' in said(done)
    assert done.catalog is None


def test_the_third_version_renamed_changed_and_dropped():
    done = drill(V3, FORM.replace("customer", "buyer"))
    assert states(done) == {
        "fields.due.required": "absorbed",
        "fields.note.label": "absorbed",
        "fields.customer.required": "applied",
        "fields.net.formula": "conflict",
        "fields.gone.visible": "conflict",
        "states.approved.edit": "applied",
        "rules.limit.level": "applied",
        "place.form.main": "applied",
        "place.list.columns": "applied",
    }
    text = show(done, "shop.order")
    assert "conflict  fields.net.formula" in text
    assert "absorbed  fields.due.required" in text


@pytest.mark.parametrize("version", [V1, V2, V3])
def test_every_override_is_accounted_for(version):
    done = drill(version)
    written = [
        line.strip().partition(": ")[0]
        for line in CHANGE.split("set:\n")[1].splitlines()
        if line.startswith("  ")
    ]
    accounted = [each.path.removeprefix("place.") for each in done.overrides]
    assert sorted(accounted) == sorted(written)
    conflicts = [each for each in done.overrides if each.status == "conflict"]
    problems = [
        each for each in codes(done) if each in ("catalog.override-conflict", "catalog.no-place")
    ]
    assert len(problems) == len(conflicts)


def test_a_place_that_is_gone_is_a_conflict_and_not_forgotten():
    done = drill(V1, FORM.replace("main", "basics"))
    assert states(done)["place.form.main"] == "conflict"
    assert "catalog.no-place" in codes(done)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("fields.due.required: {to: true}", "catalog.needs-was"),
        ("fields.number.edit: {to: true, was: false}", "catalog.loosens"),
        ("fields.number.unique: {to: false, was: true}", "catalog.loosens"),
        ("fields.company.required: {to: false, was: true}", "catalog.loosens"),
        ("rules.limit.check: {to: net < 9999, was: net < 1000}", "catalog.loosens"),
        ("states.approved.edit: {add: [note]}", "catalog.loosens"),
        ("actions.approve.from: {to: [draft], was: [submitted]}", "catalog.loosens"),
        ("fields.due.requird: {to: true, was: null}", "catalog.unknown-key"),
        ("fields.due.required: {to: maybe, was: false}", "formulas.unknown-name"),
    ],
)
def test_a_layer_tightens_and_loosens_only_what_is_open(entry, code):
    change = f"extend: shop.order\nset:\n  {entry}\n"
    done = build(module({"entities/order.yaml": V1}), tenant({"changes/shop.order.yaml": change}))
    assert code in codes(done), said(done)


def test_a_layer_may_not_declare_again_what_is_there():
    change = "extend: shop.order\nfields: {due: {type: date, label: X}}\n"
    done = build(module({"entities/order.yaml": V1}), tenant({"changes/shop.order.yaml": change}))
    assert codes(done) == ["catalog.adds-existing"]


def test_roles_menus_and_lists_are_changed_too():
    files = {
        "entities/order.yaml": V1,
        "roles/clerk.yaml": "role: shop.clerk\nlabel: C\ngrants: {shop.order: {read: true, export: true}}\n",
        "menu.yaml": "menu: shop\nlabel: S\nitems: {order: {list: shop.order}}\n",
        "lists/order.yaml": "list: shop.order\nentity: shop.order\ncolumns: [number, due]\n",
    }
    layer = {
        "entities/visit.yaml": "entity: x.visit\nlabel: V\nfields: {name: {like: base.name}}\n",
        "changes/role.shop.clerk.yaml": "extend: shop.clerk\nkind: role\ngrants: {x.visit: {read: true}}\nset: {grants.shop.order.export: {to: false, was: true}}\n",
        "changes/menu.shop.yaml": "extend: shop\nkind: menu\nitems: {x__visit: {list: x.visit}}\n",
        "changes/list.shop.order.yaml": "extend: shop.order\nkind: list\nviews: {x__mine: {label: M, where: owner == user}}\nset: {columns: {add: [total, owner.name], remove: [due]}}\n",
    }
    done = build(module(files), tenant(layer))
    assert codes(done) == ["catalog.unknown-field"]
    layer["changes/list.shop.order.yaml"] = layer["changes/list.shop.order.yaml"].replace(
        "total, ", ""
    )
    done = build(module(files), tenant(layer))
    assert said(done) == ""
    grants = done.catalog.roles["shop.clerk"].grants
    assert set(grants) == {"shop.order", "x.visit"}
    assert "export" not in grants["shop.order"].rights
    assert [item.id for item in done.catalog.menus["shop"].items] == ["order", "x__visit"]
    assert done.catalog.lists["shop.order"].columns == ("number", "owner.name")


def test_a_removed_property_of_an_aspect_stays_removed():
    change = "extend: shop.order\nset: {fields.owner.default: {to: null, was: user}}\n"
    done = build(module({"entities/order.yaml": V1}), tenant({"changes/shop.order.yaml": change}))
    assert said(done) == ""
    assert done.catalog.entities["shop.order"].fields["owner"].default is None


def test_a_text_can_be_said_otherwise_by_a_tenant():
    texts = "i18n: zh\ntexts: {shop.order.fields.due: 到货日, base.user: 员工}\n"
    done = build(module({"entities/order.yaml": V1}), tenant({"i18n/zh.yaml": texts}))
    assert said(done) == ""
    due = done.catalog.entities["shop.order"].fields["due"].label
    assert (due.say("zh"), due.say("en")) == ("到货日", "Due")
    assert "i18n/zh.yaml:2" in show(done, "shop.order")
