"""The rename drill: every reference follows, and nothing else changes."""

import pytest
from catalog_files import module, said, tenant

from dougong.catalog.assemble import assemble
from dougong.catalog.rename import rewrite
from dougong.catalog.shipped_sets import platform_set, sets_for, sets_in
from dougong.catalog.source import SourceSet
from dougong.foundation.shipped import shipped_folder

FILES = {
    "entities/party.yaml": "entity: shop.party\nlabel: P\nkey: [code]\nfields:\n  code: {like: base.code}\n  limit: {type: money, label: L}  # the limit\n",
    "entities/order.yaml": """entity: shop.order
label: O
use: [base.document]
title: "{number} {party.limit}"
search: [number, party.code]
fields:
  party: {type: link, to: shop.party, label: P, where: "limit > 0"}
  limit: {type: money, label: X, default: party.limit}
  rest: {type: money, label: R, formula: "if(party.limit > 5, party.limit, limit)"}
lines:
  items:
    label: L
    fields:
      over: {type: boolean, label: O, formula: "doc.party.limit > limit"}
rules:
  limit: {check: "limit <= party.limit", say: "over {party.limit} by {limit}"}
""",
    "forms/party.yaml": "form: shop.party\nentity: shop.party\nhead: [code, limit]\nparts: {main: {fields: [code, limit]}}\n",
    "lists/order.yaml": "list: shop.order\nentity: shop.order\ncolumns: [number, limit, party.limit]\nsort: [-party.limit]\n",
    "roles/clerk.yaml": 'role: shop.clerk\nlabel: C\ngrants:\n  shop.party: {read: {rows: "limit < 9"}, hide: [limit]}\n  shop.order: {read: {rows: "party.limit < limit"}, hide: [limit]}\n',
    "functions/left.yaml": 'function: shop.left\nargs: {who: {type: link, to: shop.party}}\ngives: {type: money}\nformula: "who.limit"\n',
    "data/parties.yaml": "data: shop.parties\nentity: shop.party\nkey: code\nrows: {a: {limit: 5}}\n",
    "imports/parties.yaml": "import: shop.parties\nentity: shop.party\nmap: {limit: Limit}\n",
    "i18n/de.yaml": "i18n: de\ntexts: {shop.party.fields.limit: Limit, shop.order.fields.limit: Grenze}\n",
    "tests/limit.yaml": "test: shop.limit\ngiven: {shop.party P1: {code: a, limit: 5}}\ncases: {one: {make: {shop.order O1: {party: P1, limit: 3}}, expect: {P1: {limit: 5}}}}\n",
}
LAYER = {
    "changes/shop.party.yaml": 'extend: shop.party\nfields:\n  x__double: {type: money, label: D, formula: "limit * 2"}\nset:\n  fields.limit.required: {to: true, was: false}\nplace:\n  form.main: {after: limit, add: [x__double]}\n',
}


def sets():
    return [platform_set(), module(FILES), tenant(LAYER)]


def renamed(home, old, new):
    given = sets()
    changed = {each.file: each.text for each in rewrite(given, home, old, new)}
    return [
        SourceSet(
            source.layer,
            source.id,
            {path: changed.get(source.file(path), text) for path, text in source.files.items()},
            source.folder,
        )
        for source in given
    ], changed


def test_everything_stands_before_and_after():
    assert said(assemble(sets())) == ""
    after, changed = renamed("shop.party", "limit", "credit")
    done = assemble(after)
    assert said(done) == ""
    field = done.catalog.entities["shop.party"].fields["credit"]
    assert field.renamed == ("limit",)
    assert {file.path for file in changed} == {*FILES, *LAYER} - {"menu.yaml"}


def test_the_other_field_of_that_name_is_left_alone():
    after, _ = renamed("shop.party", "limit", "credit")
    files = after[1].files
    assert 'formula: "if(party.credit > 5, party.credit, limit)"' in files["entities/order.yaml"]
    assert 'formula: "doc.party.credit > limit"' in files["entities/order.yaml"]
    assert (
        'check: "limit <= party.credit", say: "over {party.credit} by {limit}"'
        in files["entities/order.yaml"]
    )
    assert 'where: "credit > 0"' in files["entities/order.yaml"]
    assert (
        "columns: [number, limit, party.credit]\nsort: [-party.credit]" in files["lists/order.yaml"]
    )
    assert (
        "shop.party.fields.credit: Limit, shop.order.fields.limit: Grenze" in files["i18n/de.yaml"]
    )
    assert "expect: {P1: {credit: 5}}" in files["tests/limit.yaml"]
    assert "{party: P1, limit: 3}" in files["tests/limit.yaml"]
    assert "# the limit" in files["entities/party.yaml"]
    layer = after[2].files["changes/shop.party.yaml"]
    assert "fields.credit.required" in layer
    assert "after: credit" in layer
    assert '"credit * 2"' in layer


def test_a_field_declared_under_its_new_name_finds_its_references():
    given = sets()
    party = FILES["entities/party.yaml"].replace("limit: {type", "credit: {renamed: limit, type")
    given[1] = module({**FILES, "entities/party.yaml": party})
    changed = {
        each.file.path: each.text for each in rewrite(given, "shop.party", "limit", "credit")
    }
    assert "entities/party.yaml" not in changed
    assert "party.credit" in changed["entities/order.yaml"]


EXAMPLES = sets_for([], sets_in(shipped_folder("metadata") / "examples"))


def fields():
    done = assemble(EXAMPLES)
    for entity in done.catalog.entities.values():
        if not entity.id.startswith("base.") and entity.id != "real_world.wide":
            yield from (
                (entity.id, name)
                for name, each in entity.fields.items()
                if not each.system and each.origin != "platform:base" and "." not in name
            )
            for lines in entity.lines.values():
                yield from ((f"{entity.id}.{lines.name}", name) for name in lines.fields)


def declared_in_aspect(home, name):
    if (home, name) == ("real_world.stock", "company"):
        return True  # nobody wrote it
    aspects = {"real_world.invoice", "real_world.order", "library.reader"}
    return home.removesuffix(".items") in aspects and name in (
        "unit",
        "qty",
        "price",
        "amount",
        "by_weight",
        "on_invoice",
        "currency",
        "note",
        "phone",
        "name",
        "company",
    )


@pytest.mark.parametrize(
    ("home", "old"), [each for each in fields() if not declared_in_aspect(*each)][::4]
)
def test_any_field_of_the_examples_can_be_renamed(home, old):
    prefix = f"{old.partition('__')[0]}__" if "__" in old else ""
    changed = {
        each.file: each.text for each in rewrite(EXAMPLES, home, old, f"{prefix}another_name")
    }
    assert changed
    after = [
        SourceSet(
            source.layer,
            source.id,
            {path: changed.get(source.file(path), text) for path, text in source.files.items()},
            source.folder,
        )
        for source in EXAMPLES
    ]
    assert said(assemble(after)) == ""


def test_a_field_of_an_aspect_takes_all_its_users_along():
    changed = {
        each.file.path: each.text
        for each in rewrite(EXAMPLES, "real_world.goods_line", "qty", "quantity")
    }
    assert set(changed) >= {
        "aspects/goods_line.yaml",
        "forms/invoice.yaml",
        "forms/goods_line.yaml",
        "roles/clerk.yaml",
    }
    after = [
        SourceSet(
            source.layer,
            source.id,
            {
                path: changed.get(path, text) if source.id == "real_world" else text
                for path, text in source.files.items()
            },
            source.folder,
        )
        for source in EXAMPLES
    ]
    assert said(assemble(after)) == ""
    assert "renamed: qty" in changed["aspects/goods_line.yaml"]
