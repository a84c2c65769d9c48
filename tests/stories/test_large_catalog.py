"""500 entities and 10,000 fields as a tenant that serves; one entity of 140 stored columns."""

import json
import re
import time
from dataclasses import replace

import pytest
from large_catalog import sets

from dougong.records.verify import verify

TRIED = [f"m{number % 10}.entity_{number}" for number in (0, 3, 43, 499)]
ROLE = "role: x.all\nlabel: All\ngrants:\n" + "".join(
    f"  {each}: {{read: true, create: true, update: true}}\n" for each in TRIED
)


def with_menus(made):
    """The large catalog's modules, each with a menu; the first entity may be without lines."""
    for each in made:
        numbers = sorted(re.findall(r"entities/entity_(\d+)", " ".join(each.files)), key=int)
        items = ", ".join(f"e{one}: {{list: {each.id}.entity_{one}}}" for one in numbers)
        menu = f"menu: {each.id}\nlabel: {{zh: 菜单, en: Menu {each.id}}}\nitems: {{{items}}}\n"
        files = {**each.files, "menu.yaml": menu}
        if each.id == "m0":
            files["entities/entity_0.yaml"] = files["entities/entity_0.yaml"].replace(
                "    min: 1\n", ""
            )
        yield replace(each, files=files)


@pytest.mark.slow
def test_500_entities_and_10000_fields_serve(sqlite_database, ship, serve):
    made = list(with_menus(sets(500, 20)))
    ship(made)
    roles = ("base.admin", "x.all", *(f"{each.id}.clerk" for each in made))
    north = serve(
        sqlite_database.settings, modules=[each.id for each in made], admin_roles=roles,
        layer={"roles/all.yaml": ROLE},
    )  # fmt: skip
    entities = [each for each in north.opened.catalog.entities.values() if each.id[0] == "m"]
    assert len(entities) == 500
    fields = sum(
        not field.system and field.origin != "platform:base"
        for each in entities
        for holder in (each, *each.lines.values())
        for field in holder.fields.values()
    )
    assert fields == 10_000

    began = time.perf_counter()
    body = {"text_0": "x", "quantity_2": "1", "quantity_10": "1"}
    item = north.post("m0.entity_0", body)["id"]
    for path in TRIED:
        number = int(path.rpartition("_")[2])
        saved = north.post(path, {**body, "items": [{"item": item, "qty": "2", "price": "3"}]})
        assert saved["items"][0]["amount"] == f"{6 * number}.00"
        assert saved["money_1"] == f"{9 * number}.00"
        having = json.dumps({"field": "items.item", "op": "==", "value": item})
        found = north.get(path, filter=having, expand="owner", sort="-date")
        assert [row["id"] for row in found["rows"]] == [saved["id"]]
        assert north.get(f"{path}/{saved['id']}")["version"] == saved["version"]
        assert path in north.page(path)
        assert 'name="text_0"' in north.page(f"{path}/{saved['id']}")
    asked = time.perf_counter()
    document = north.get("openapi.json")
    assert len(document["paths"]) > 5_000
    again = time.perf_counter()
    assert north.get("openapi.json") == document
    print(f"{time.perf_counter() - again:.1f} s for OpenAPI once more")
    home = north.page()
    assert sum(f'/m{number % 10}.entity_{number}"' in home for number in range(500)) == 500
    ended = time.perf_counter()
    print(f"{asked - began:.1f} s for 24 requests, {ended - asked:.1f} s for OpenAPI and the menu")
    assert ended - began < 30


KINDS = {
    "text": ("value", "other"), "money": ("1234.50", "1.00"), "quantity": ("3.000001", "4.000000"),
    "date": ("2026-03-02", "2026-04-01"), "boolean": (True, False), "integer": (17, -4),
    "choice": ("low", "high"), "decimal": ("0.1235", "9.0000"),
}  # fmt: skip


def test_an_entity_of_140_stored_columns(database, serve):
    fields, first, second = [], {}, {}
    for number in range(140):
        kind, values = list(KINDS.items())[number % len(KINDS)]
        name = f"{kind}_{number}"
        more = {
            "choice": ", options: {low: {zh: 低, en: Low}, high: {zh: 高, en: High}}",
            "decimal": ", scale: 4",
        }
        fields.append(
            f"  {name}: {{type: {kind}, label: {{zh: 列{number}, en: Column {number}}}{more.get(kind, '')}}}\n"
        )
        first[name], second[name] = values
    wide = "entity: x.wide\nlabel: Wide\nfields:\n" + "".join(fields)
    role = "role: x.all\nlabel: All\ngrants: {x.wide: {read: true, create: true, update: true}}\n"
    north = serve(
        database.settings, modules=[], admin_roles=("base.admin", "x.all"),
        layer={"entities/wide.yaml": wide, "roles/all.yaml": role},
    )  # fmt: skip
    saved = north.post("x.wide", first)
    assert {name: saved[name] for name in first} == first
    changed = north.patch(saved, "x.wide", second)
    assert {name: changed[name] for name in second} == second
    read = north.get("x.wide", fields=",".join(second), sort="-decimal_135,date_3")["rows"][0]
    assert {name: read[name] for name in second} == second
    page = north.page(f"x.wide/{saved['id']}")
    assert all(f'name="{name}"' in page for name in second)
    assert "Column 0" in north.page("x.wide")
    assert north.act(lambda work: verify(work.connection, work.catalog), write=False) == []
