"""The upgrade drill: a tenant with changes of its own goes through three versions of a module."""

import json
from datetime import UTC, datetime

import pytest

from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.records import store
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_work

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MODULE = "module: shop\nlabel: {{zh: 商店, en: Shop}}\nversion: {version}.0.0\n"
ORDER = """entity: shop.order
label: {{zh: 订单, en: Order}}
key: [code]
fields:
  code: {{like: base.code}}
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
rules:
  limit: {{check: net < 1000, say: X}}
opens: [rules.limit.level]
"""
FORM = (
    "form: shop.order\nentity: shop.order\nparts:\n  {part}: {{fields: [code, due, {customer}]}}\n"
)
OLD = "gone: {type: text, label: {zh: 旧, en: Gone}}"
VERSIONS = {
    1: {
        "due": "", "note": "{zh: 备注, en: Note}", "customer": "customer", "renamed": "",
        "net": "sum(items.amount)", "extra": OLD, "part": "main",
    },
    2: {
        "due": ", required: true", "note": "{zh: 备注信息, en: Remarks}", "customer": "customer",
        "renamed": "", "net": "sum(items.amount)", "extra": OLD, "part": "main",
    },
    3: {
        "due": ", required: true", "note": "{zh: 客户备注, en: Customer note}", "customer": "buyer",
        "renamed": ", renamed: customer", "net": "sum(items.amount) - sum(items.cost)",
        "extra": OLD.replace("label:", "retired: {since: 3.0.0}, label:"), "part": "basics",
    },
}  # fmt: skip
CHANGE = """extend: shop.order
checked: shop 1.0.0
fields:
  x__priority: {type: choice, options: {low: {zh: 低, en: Low}, high: {zh: 高, en: High}}, label: {zh: 优先级, en: Priority}, default: "'low'"}
set:
  fields.due.required: {to: true, was: false}
  fields.note.label: {to: {zh: 客户备注, en: Customer note}, was: {zh: 备注, en: Note}}
  fields.customer.required: {to: true, was: false}
  fields.net.formula: {to: "round(sum(items.amount), 1)", was: sum(items.amount)}
  rules.limit.level: {to: warn, was: stop}
place:
  form.main: {after: due, add: [x__priority]}
"""
FILE = "changes/shop.order.yaml"
PATHS = [
    "fields.due.required", "fields.note.label", "fields.customer.required", "fields.net.formula",
    "rules.limit.level", "place.form.main",
]  # fmt: skip


class Tenant:
    def __init__(self, workshop) -> None:
        self.shop = workshop
        self.ship(1)
        self.write(CHANGE)
        self.shop.write({"north/tenant.yaml": "tenant: north\nlabel: N\nmodules: [shop]\n"})
        self.shop.does("tenant", "create", "north", "--module", "shop", "--folder", "north")
        line = {"amount": "10.26", "cost": "4"}
        body = {"code": "A", "due": "2026-04-01", "customer": "甲", "gone": "old", "x__priority": "high", "items": [line]}  # fmt: skip
        self.act(lambda work: store.create(work, "shop.order", body))

    def ship(self, version: int) -> None:
        said = VERSIONS[version]
        self.shop.write(
            {
                "modules/shop/module.yaml": MODULE.format(version=version),
                "modules/shop/entities/order.yaml": ORDER.format(**said),
                "modules/shop/forms/order.yaml": FORM.format(**said),
            }
        )

    def write(self, text: str) -> None:
        self.shop.write({f"north/{FILE}": text})

    def decide(self, *pairs: tuple[str, str]) -> None:
        text = self.shop.text(f"north/{FILE}")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        self.write(text)
        self.shop.does("push", "north", "north")

    def act(self, do, *, write=True):
        registry = Registry(self.shop.settings, lambda: NOW)
        try:
            opened = registry.open("north")
            context = opened.setup_context(NOW)
            return opened.run(context, lambda work: do(setup_work(work)), write=write)
        finally:
            registry.close()

    def order(self) -> dict:
        query = Query(fields=("code",))
        id_ = self.act(lambda work: list_records(work, "shop.order", query), write=False).rows[0]
        return self.act(lambda work: store.read(work, "shop.order", int(id_["id"])), write=False)

    def statuses(self, *arguments: str) -> dict[str, str]:
        """What plan or apply says of every override, to a program; refused or not."""
        _, said = self.shop.run(*arguments, "--json")
        overrides = json.loads(said)["overrides"]
        assert [each["path"] for each in overrides] == PATHS
        return {
            path: each["status"]
            for path, each in zip(PATHS, overrides, strict=True)
            if each["status"] != "applied"
        }


@pytest.fixture
def tenant(workshop) -> Tenant:
    return Tenant(workshop)


def test_three_versions_and_nothing_is_lost(tenant):
    shop = tenant.shop
    assert tenant.order()["net"] == "10.30"
    assert tenant.statuses("plan", "north") == {}

    # --- version 2: one change is the base's own by now, one replaces what the base has changed
    tenant.ship(2)
    assert tenant.statuses("plan", "north") == {
        "fields.due.required": "absorbed", "fields.note.label": "conflict",
    }  # fmt: skip
    for command in (("plan", "north"), ("apply", "north", "--why", "2")):
        said = shop.refuses(*command)
        assert "absorbed  shop.order fields.due.required" in said
        assert "conflict  shop.order fields.note.label" in said
        assert "applied  shop.order fields.net.formula" in said
        assert f"north/{FILE}:7:" in said
        assert "[catalog.override-conflict]" in said
    assert "冲突" in shop.run("plan", "north", language="zh")[1]
    assert tenant.order()["note"] is None  # version 1 still runs

    remarks = ("was: {zh: 备注, en: Note}", "was: {zh: 备注信息, en: Remarks}")
    tenant.decide(remarks, ("checked: shop 1.0.0", "checked: shop 2.0.0"))
    assert tenant.statuses("plan", "north") == {"fields.due.required": "absorbed"}
    said = shop.does("apply", "north", "--why", "Version 2")
    assert "absorbed  shop.order fields.due.required" in said
    assert "~ shop/entities/order.yaml" in said
    assert tenant.order()["x__priority"] == "high"

    # --- version 3: renamed, retired, another formula, another part of the form
    tenant.ship(3)
    assert tenant.statuses("plan", "north") == {
        "fields.due.required": "absorbed", "fields.note.label": "absorbed",
        "fields.net.formula": "conflict", "place.form.main": "conflict",
    }  # fmt: skip
    assert "basics" in shop.refuses("plan", "north")
    tenant.decide(
        ("was: sum(items.amount)", 'was: "sum(items.amount) - sum(items.cost)"'),
        ("form.main", "form.basics"),
        ("  fields.note.label: {to: {zh: 客户备注, en: Customer note}, was: {zh: 备注信息, en: Remarks}}\n", ""),
    )  # fmt: skip
    left = [path for path in PATHS if path != "fields.note.label"]
    said = shop.answer("apply", "north", "--why", "Version 3")
    assert [each["path"].replace("basics", "main") for each in said["overrides"]] == left
    assert {each["status"] for each in said["overrides"]} == {"applied", "absorbed"}
    order = tenant.order()
    assert (order["buyer"], order["net"], order["x__priority"]) == ("甲", "10.30", "high")
    assert "customer" not in order
    assert shop.answer("verify", "north") == {"problems": []}


def test_an_object_the_module_dropped_stops_the_change_of_it(tenant):
    shop = tenant.shop
    (shop.folder / "modules/shop/forms/order.yaml").unlink()
    (shop.folder / "modules/shop/entities/order.yaml").unlink()
    said = shop.refuses("plan", "north")
    assert "[catalog.nothing-to-extend]" in said
    assert f"north/{FILE}:1:" in said
    assert tenant.order()["code"] == "A"


def test_a_module_that_is_not_there_any_more_is_said_and_nothing_happens(tenant):
    shop = tenant.shop
    for path in sorted((shop.folder / "modules/shop").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    said = shop.refuses("plan", "north")
    assert "“shop”" in said
    assert "[tenants.unknown-module]" in said
    assert "shop" in shop.refuses("push", "north", "north")
    assert tenant.order()["code"] == "A"
