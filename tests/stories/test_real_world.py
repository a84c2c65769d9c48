"""Everything the language can say, at run time: the example module as a tenant on both databases."""

import io
import json
import shutil
from pathlib import Path

import pytest

from dougong.catalog.shipped_sets import sets_in
from dougong.exchange.load import load
from dougong.exchange.mapping import suggest, with_key
from dougong.exchange.prepare import prepare
from dougong.exchange.table import read_table
from dougong.jobs.file_jobs import ExportRequest, export_to
from dougong.records.verify import verify

EXAMPLES = Path(__file__).parents[2] / "metadata" / "examples"
HOOKS = """
from decimal import Decimal


def score(door, *, person):
    rows = door.rows("real_world.person", where={"id": person}, fields=["name"])
    return Decimal(len(rows[0]["name"])) / 4 if rows else None


def sources(door):
    return ["web", "fair"]


def pipeline(door):
    return [{"stage": "late", "amount": Decimal("5.50")}, {"stage": "soon", "amount": None}]
"""
IDS = (
    "buyer", "every_type", "invoice", "keywords", "order", "person", "pipeline", "region", "seller",
    "tag", "unit", "wide", "mail", "stock",
)  # fmt: skip
ROLE = "role: x.all\nlabel: All\ngrants:\n" + "".join(
    f"  real_world.{each}: {{read: true, create: true, update: true, delete: true, act: '*', export: true, import: true{', levels: {pay: edit}' if each == 'person' else ''}}}\n"
    for each in IDS
)


@pytest.fixture
def north(database, ship, serve, tmp_path):
    shutil.copytree(EXAMPLES / "real_world", tmp_path / "real_world")
    (tmp_path / "real_world/hooks.py").write_text(HOOKS)
    person = tmp_path / "real_world/entities/person.yaml"  # otherwise nobody could make one
    person.write_text(person.read_text().replace("made_by: system\n", ""))
    ship(sets_in(tmp_path / "real_world"))
    served = serve(
        database.settings, modules=["real_world"], admin_roles=("base.admin", "x.all"),
        layer={"roles/all.yaml": ROLE},
    )  # fmt: skip
    yield served
    assert served.act(lambda work: verify(work.connection, work.catalog), write=False) == []


def goes_through(north, entity, body, change):
    """Create, read, change and read again; list and form pages answer; returns the record."""
    path = f"real_world.{entity}"
    made = north.post(path, body)
    read = north.get(f"{path}/{made['id']}")
    assert read == made
    changed = north.patch(made, path, change)
    for name, value in change.items():
        assert changed[name] == value, name
    assert north.get(f"{path}/{made['id']}")["version"] == changed["version"]
    listed = north.get(
        path, fields=",".join(name for name in {**body, **change} if name not in ("items", "units"))
    )
    assert made["id"] in [row["id"] for row in listed["rows"]]
    north.page(path, expect=303 if entity in ("mail", "stock") else 200)
    assert f"{path}/{made['id']}" in north.page(f"{path}/{made['id']}")
    north.page(f"{path}/new")
    return changed


def test_every_type(north):
    tag = north.post("real_world.tag", {"name": "new"})
    buyer = north.post("real_world.buyer", {"code": "B", "name": "甲"})
    one = {
        "code": "AB-0001", "plain_text": "文本", "long": "a\nb", "rich": "<p>x</p>", "marked": "# x",
        "page": "<b>x</b>", "script": "select 1", "data": {"a": [1, "2"]}, "phone": "+86 13900001111",
        "mail": "a@b.cn", "site": "https://a.cn", "barcode": "6901234567892", "colour": "#ff0000",
        "secret": "hush", "whole": 7, "ratio": "0.1234", "amount": "10.50", "company_amount": "1.00",
        "qty": "3.250000", "price": "1.234567", "share": "0.125000", "span": 5400, "stars": 4,
        "yes_or_not": True, "kind": "1", "known_later": "web", "day": "2026-03-02", "moment": "08:30:00",
        "instant": "2026-03-02T00:30:00Z", "currency": {"code": "USD"}, "unit": {"code": "kg"},
        "labels": [tag["id"]],         "party_type": "real_world.buyer", "party": buyer["id"],
    }  # fmt: skip
    one["owners"] = [{"login": "admin"}]
    change = {
        "plain_text": "other", "data": {"b": None}, "span": 60, "stars": 1, "kind": "0", "known_later": "fair",
        "labels": [], "yes_or_not": False, "place": {"lat": "31.230000", "lon": "121.470000"},
        "amount": "11.00", "instant": "2026-03-02T00:31:00.000000Z", "moment": "09:00:00",
    }  # fmt: skip
    made = goes_through(north, "every_type", one, change)
    for name, value in {
        "code": "AB-0001", "data": {"b": None}, "span": 60, "share": "0.125000", "party": buyer["id"],
        "party_type": "real_world.buyer", "labels": [], "site": "https://a.cn", "script": "select 1",
        "qty": "3.250000", "company_amount": "1.00", "day": "2026-03-02",
    }.items():  # fmt: skip
        assert made[name] == value, name
    assert len(made["owners"]) == 1
    path = f"real_world.every_type/{made['id']}"
    assert north.get(path, expand="party")["expanded"]["party"]["title"].startswith("B")
    found = north.get("real_world.every_type", filter='{"field": "span", "op": "<", "value": "61"}')
    assert [row["id"] for row in found["rows"]] == [made["id"]]
    for value, wrong in (
        ("party", {"party_type": "real_world.seller"}), ("kind", {"kind": "9"}),
        ("mail", {"mail": "nobody"}), ("stars", {"stars": 6}), ("data", {"data": 1.5}),
        ("place", {"place": "north"}), ("colour", {"colour": "red-ish"}), ("unit", {"unit": "1"}),
    ):  # fmt: skip
        refused = north.patch(made, "real_world.every_type", wrong, expect=422)
        assert value in [each["path"] for each in refused["problems"]], value
    invoice = north.post(
        "real_world.invoice",
        {"buyer": buyer["id"], "currency": {"code": "CNY"}, "items": [{"price": "1"}]},
    )
    line = invoice["items"][0]["id"]
    made = north.patch(made, "real_world.every_type", {"line": line})
    assert made["line"] == line
    north.page(path)
    export_and_import(north, "every_type")


def export_and_import(north, entity):
    """A file written of an entity changes nothing when it is read again."""

    def back(work):
        buffer = io.BytesIO()
        export_to(work, ExportRequest(entity=f"real_world.{entity}"), buffer)
        table = read_table(buffer.getvalue(), "file.csv")
        known = work.entity(f"real_world.{entity}")
        mapping = with_key(suggest(known, table), known)
        return load(work, prepare(work, mapping, {"": table}), mapping, "file.csv")

    outcome = north.as_admin(back)
    assert (outcome.created, outcome.changed, outcome.problems) == (0, 0, [])


def test_documents_lines_and_life(north):
    north.post("real_world.buyer", {"code": "B", "name": "甲"})
    region = goes_through(
        north, "region", {"code": "R", "name": "r", "is_group": True}, {"name": "s"}
    )
    child = north.post("real_world.region", {"code": "C", "name": "c", "parent": {"code": "R"}})
    north.patch(region, "real_world.region", {"parent": child["id"]}, expect=422)
    lines = [{"qty": "2", "price": "600", "unit": {"code": "kg"}}, {"price": "1.5"}]
    body = {
        "buyer": {"code": "B"},
        "currency": {"code": "CNY"},
        "items": lines,
        "stops": [{"region": child["id"]}],
    }
    made = goes_through(north, "invoice", body, {"due": "2026-05-01", "note": "n"})
    assert (made["total"], made["number"], made["state"]) == ("1201.50", None, "draft")
    assert [line["by_weight"] for line in made["items"]] == [True, False]
    assert [line["on_invoice"] for line in made["items"]] == [True, True]
    place = f"real_world.invoice/{made['id']}/actions"

    def act(action, version, body, expect=200):
        return north.ask("POST", f"{place}/{action}", expect=expect, version=version, json=body)

    sent = act("submit", made["version"], {})
    assert (sent["number"], sent["state"]) == ("I2603-00001", "submitted")
    north.patch(sent, "real_world.invoice", {"note": "late"}, expect=422)
    remarks = [{"id": line["id"], "remark": "r"} for line in sent["items"]]
    sent = north.patch(sent, "real_world.invoice", {"items": remarks})
    act("cancel", sent["version"], {}, expect=422)
    gone = act("cancel", sent["version"], {"reason": "wrong"})
    assert gone["state"] == "cancelled"
    copied = act("amend", gone["version"], {}, expect=201)
    assert (copied["state"], copied["number"], copied["total"]) == ("draft", None, "1201.50")
    order = goes_through(
        north, "order", {"currency": {"code": "CNY"}, "items": [{"price": "2"}]}, {"note": "x"}
    )
    assert order["items"][0]["on_invoice"] is False


def test_people_settings_and_the_rest(north):
    for name, body, change in (
        ("seller", {"code": "S", "name": "s"}, {"name": "t"}),
        ("unit", {"code": "m", "name": "metre"}, {"name": "meter"}),
        ("tag", {"name": "a"}, {"name": "b"}),
        ("keywords", {"key": "k", "from": "2026-01-01"}, {"to": "2026-02-01", "lambda": "0.125"}),
        ("wide", {"text_1": "a"}, {"money_2": "1.00"}),
        ("mail", {"sender": "a@b.cn"}, {"sender": "c@d.cn"}),
        (
            "stock", {"negative": True, "limit": "3.000000", "units": [{"unit": {"code": "kg"}}]},
            {"limit": "4.000000"},
        ),
    ):  # fmt: skip
        goes_through(north, name, body, change)
    north.post("real_world.mail", {"sender": "e@f.cn"}, expect=409)  # one for the tenant
    north.get("views/list/real_world.mail", expect=404)
    boss = goes_through(
        north, "person", {"name": "boss", "phone": "13900000000", "salary": "5"}, {"kind": "own"}
    )
    assert boss["code"] == "P00001"
    one = goes_through(
        north,
        "person",
        {"name": "one", "manager": boss["id"], "joined": "2026-03-01"},
        {"badge": "7"},
    )
    assert (one["phone"], one["manager_phone"], one["age_days"]) == (
        "13900000000",
        "13900000000",
        1,
    )
    north.patch(one, "real_world.person", {"joined": "2026-01-01"}, expect=422)
    north.patch(one, "real_world.person", {"kind": "hired"}, expect=422)
    north.patch(boss, "real_world.person", {"manager": one["id"]}, expect=422)
    north.patch(boss, "real_world.person", {"badge": "7"}, expect=409)
    for path in ("real_world.pipeline", "real_world.pipeline/1", "real_world.pipeline/totals"):
        assert north.get(path, expect=403)["code"] == "access.view-without-door"
    assert "pipeline" not in json.dumps(list(north.get("openapi.json")["paths"]))
    assert north.get("search", q="late")["rows"] == []
    export_and_import(north, "person")
