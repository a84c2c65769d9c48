"""The rename drill: one field, named in ten files, gets a new name; its data comes along in one commit."""

from datetime import UTC, datetime

import pytest

from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.records import store
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_work

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
GARAGE = {
    "module.yaml": "module: garage\nlabel: {zh: 修车, en: Garage}\nversion: 1.0.0\nneeds: {base: '>=1.0'}\n",
    "entities/job.yaml": """entity: garage.job
label: {zh: 工单, en: Job}
title: "{code} {rate}"
key: [code]
fields:
  code: {like: base.code}
  # what an hour costs
  rate: {type: money, label: {zh: 工时价, en: Rate}, required: true, check: "rate > 0"}
  limit: {type: money, label: {zh: 上限, en: Limit}, default: rate * 10}
  total: {type: money, label: {zh: 合计, en: Total}, formula: sum(work.amount), store: true}
lines:
  work:
    label: {zh: 工作, en: Work}
    fields:
      hours: {type: quantity, label: {zh: 工时, en: Hours}, required: true}
      rate: {type: money, label: {zh: 单价, en: Rate}, default: doc.rate}
      amount: {type: money, label: {zh: 金额, en: Amount}, formula: "round(hours * rate, 2)", store: true}
rules:
  within: {check: total <= limit, say: {zh: "按 {rate} 算超了", en: "Too much at {rate}"}}
indexes: {by_rate: [rate, code]}
""",
    "forms/job.yaml": "form: garage.job\nentity: garage.job\nhead: [code, rate]\nparts:\n  main: {cols: 2, fields: [code, rate, limit]}\n  work: {grid: work, columns: [hours, rate, amount]}\n",
    "lists/job.yaml": "list: garage.job\nentity: garage.job\ncolumns: [code, rate, total]\nsort: [-rate]\nfilters: [rate]\nviews: {dear: {label: {zh: 贵, en: Dear}, where: rate > 150}}\n",
    "roles/mechanic.yaml": 'role: garage.mechanic\nlabel: {zh: 技工, en: Mechanic}\ngrants:\n  garage.job: {read: {rows: "rate < 500"}, create: true, update: {fields: [rate, limit, work]}, act: []}\n',
    "roles/guest.yaml": "role: garage.guest\nlabel: {zh: 访客, en: Guest}\ngrants: {garage.job: {read: true, hide: [rate]}}\n",
    "imports/jobs.yaml": "import: garage.jobs\nentity: garage.job\nmap: {code: Code, rate: Rate}\n",
    "i18n/de.yaml": "i18n: de\ntexts: {garage.job.fields.rate: Stundensatz, garage.job.lines.work.fields.rate: Preis}\n",
    "menu.yaml": "menu: garage\nlabel: {zh: 修车, en: Garage}\nitems: {job: {list: garage.job}}\n",
    "tests/job.yaml": """test: garage.job
cases:
  the_rate_is_the_default_of_a_line:
    as: garage.mechanic
    make: {garage.job J1: {code: J1, rate: 120, work: [{hours: 2}]}}
    expect: {J1: {rate: 120.00, limit: 1200.00, total: 240.00, work: [{rate: 120.00}]}}
  a_rate_is_above_nothing:
    as: garage.mechanic
    make: {garage.job J1: {code: J1, rate: 0}}
    stops: records.check-failed
  a_guest_sees_no_rate:
    as: garage.guest
    given: {garage.job J2: {code: J2, rate: 90}}
    read: J2
    hidden: [rate]
""",
    "hooks.py": "def nothing(door, *, rate):\n    return rate\n",
}
LAYER = {
    "tenant.yaml": "tenant: north\nlabel: {zh: 北星, en: North}\nmodules: [garage]\n",
    "changes/garage.job.yaml": """extend: garage.job
checked: garage 1.0.0
fields:
  x__double: {type: money, label: {zh: 双倍, en: Double}, formula: rate * 2, store: true}
set:
  fields.rate.label: {to: {zh: 小时价, en: Hourly rate}, was: {zh: 工时价, en: Rate}}
place:
  form.main: {after: rate, add: [x__double]}
""",
    "roles/boss.yaml": 'role: x.boss\nlabel: {zh: 老板, en: Boss}\ngrants: {garage.job: {read: {rows: "rate > 100 and x__double > 0"}, update: true, create: true}}\n',
}


class Garage:
    """A tenant of the module with its own layer and three jobs."""

    def __init__(self, workshop) -> None:
        self.shop = workshop
        workshop.write({f"modules/garage/{path}": text for path, text in GARAGE.items()})
        workshop.write({f"north/{path}": text for path, text in LAYER.items()})
        workshop.does("check", ".")
        workshop.answer("tenant", "create", "north", "--module", "garage", "--folder", "north")

        def fill(work):
            for number, rate in enumerate(("90.50", "120.00", "200.25"), 1):
                lines = [{"hours": "2"}, {"hours": "3", "rate": "10"}]
                store.create(
                    work, "garage.job", {"code": f"J{number}", "rate": rate, "work": lines}
                )

        self.act(fill)
        self.act(lambda work: store.change(work, "garage.job", self.ids()["J1"], 1, {"rate": "91"}))

    def act(self, do, *, write=True):
        registry = Registry(self.shop.settings, lambda: NOW)
        try:
            opened = registry.open("north")
            context = opened.setup_context(NOW)
            return opened.run(context, lambda work: do(setup_work(work)), write=write)
        finally:
            registry.close()

    def rows(self, *fields, **query):
        asked = Query(fields=("code", *fields), **query)
        return self.act(lambda work: list_records(work, "garage.job", asked), write=False).rows

    def ids(self):
        return {row["code"]: int(row["id"]) for row in self.rows()}

    def column(self, name):
        return {row["code"]: row[name] for row in self.rows(name)}


@pytest.fixture
def garage(workshop) -> Garage:
    return Garage(workshop)


RATES = {"J1": "91.00", "J2": "120.00", "J3": "200.25"}


def test_one_command_renames_it_in_the_module_and_in_the_tenants_folder(garage):
    shop = garage.shop
    told = shop.answer("rename", "garage.job", "rate", "hourly_rate", "--folder", ".")
    assert {name.partition("/")[2] for name in told["files"]} == {
        "garage/entities/job.yaml", "garage/forms/job.yaml", "garage/lists/job.yaml",
        "garage/roles/mechanic.yaml", "garage/roles/guest.yaml", "garage/imports/jobs.yaml",
        "garage/i18n/de.yaml", "garage/tests/job.yaml", "changes/garage.job.yaml", "roles/boss.yaml",
    }  # fmt: skip
    assert told["code"] == ["modules/garage/hooks.py:1", "modules/garage/hooks.py:2"]
    entity = shop.text("modules/garage/entities/job.yaml")
    assert "  # what an hour costs\n  hourly_rate: {renamed: rate, type: money" in entity
    assert "rate: {type: money, label: {zh: 单价, en: Rate}, default: doc.hourly_rate}" in entity
    assert "columns: [hours, rate, amount]" in shop.text("modules/garage/forms/job.yaml")
    assert shop.does("check", ".").endswith("0 errors, 0 warnings\n")
    assert "3 cases, 0 not" in shop.does("test", "modules/garage")

    shop.does("push", "north", "north")
    said = shop.does("plan", "north")
    assert "rename garage_job.rate to hourly_rate; the data stays" in said
    assert "\n! " not in said
    shop.does("apply", "north", "--why", "An hour is what it costs")

    assert garage.column("hourly_rate") == RATES
    assert garage.column("x__double") == {"J1": "182.00", "J2": "240.00", "J3": "400.50"}
    dear = {"field": "hourly_rate", "op": ">", "value": "100"}
    found = garage.rows(filter=dear, sort=("-hourly_rate",))
    assert [row["code"] for row in found] == ["J3", "J2"]
    garage.act(lambda work: store.change(work, "garage.job", garage.ids()["J2"], 1, {"hourly_rate": "130"}))  # fmt: skip
    assert garage.column("x__double")["J2"] == "260.00"
    assert shop.answer("verify", "north") == {"problems": []}

    assert shop.answer("plan", "north")["steps"] == []
    shop.does("rollback", "north", "--why", "The old name after all")
    assert garage.column("rate") == {**RATES, "J2": "130.00"}
    assert shop.answer("verify", "north") == {"problems": []}


def test_a_tenant_follows_a_module_that_was_renamed_before_it(garage):
    shop = garage.shop
    shop.answer("rename", "garage.job", "rate", "hourly_rate", "--folder", "modules")
    said = shop.refuses("plan", "north")
    assert "north/changes/garage.job.yaml:4:" in said
    assert "hourly_rate" in said
    told = shop.answer("rename", "garage.job", "rate", "hourly_rate", "--tenant", "north")
    assert told["files"] == ["changes/garage.job.yaml", "roles/boss.yaml"]
    shop.does("plan", "north", "-o", "plan.json")
    shop.does("apply", "north", "plan.json", "--why", "As the module says")
    assert garage.column("hourly_rate") == RATES
    shop.does("pull", "north", "pulled")
    assert 'rows: "hourly_rate > 100' in shop.text("pulled/roles/boss.yaml")


def test_a_field_of_lines_and_a_field_of_the_tenants_own(garage):
    shop = garage.shop
    shop.answer("rename", "garage.job.work", "rate", "price", "--folder", "modules")
    shop.answer("rename", "garage.job.work", "price", "unit_price", "--folder", "modules")
    assert "unit_price: {renamed: [rate, price]," in shop.text("modules/garage/entities/job.yaml")
    assert "{hours: 2}" in shop.text("modules/garage/tests/job.yaml")
    shop.answer("rename", "garage.job", "x__double", "x__twice", "--tenant", "north")
    shop.does("apply", "north", "--why", "Words")
    assert garage.column("x__twice")["J3"] == "400.50"
    job = garage.act(lambda work: store.read(work, "garage.job", garage.ids()["J3"]))
    assert [line["unit_price"] for line in job["work"]] == ["200.25", "10.00"]
    shop.answer("rename", "garage.job.work", "unit_price", "rate", "--folder", "modules")
    assert "rate: {renamed: [price, unit_price]," in shop.text("modules/garage/entities/job.yaml")
    shop.does("apply", "north", "--why", "The old word again")
    assert shop.answer("verify", "north") == {"problems": []}


def test_what_cannot_be_renamed_is_said_and_nothing_is_written(garage):
    shop = garage.shop
    before = {path: path.read_text(encoding="utf-8") for path in shop.folder.rglob("*.yaml")}
    for arguments, said in (
        (("garage.jbo", "rate", "price"), "garage.job"),
        (("garage.job", "rat", "price"), "rate"),
        (("garage.job", "rate", "limit"), "called “limit” already"),
        (("garage.job", "rate", "Price"), "can't be a name"),
        (("garage.job", "x__double", "twice", "--folder", "north"), "x__twice"),
        (("garage.job", "rate", "price", "--folder", "north"), "modules/garage/entities/job.yaml"),
        (("garage.job", "rate", "price", "--tenant", "north"), "--folder"),
        (("garage.job", "rate", "price", "--folder", "nowhere"), "nowhere"),
        (("garage.job", "rate", "price", "--tenant", "south"), "south"),
    ):  # fmt: skip
        assert said in shop.refuses("rename", *arguments), arguments
    assert before == {
        path: path.read_text(encoding="utf-8") for path in shop.folder.rglob("*.yaml")
    }
