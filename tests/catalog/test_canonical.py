import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dougong.catalog.canonical import fmt
from dougong.catalog.merge import same
from dougong.catalog.shipped_sets import platform_set, sets_in
from dougong.catalog.source import parse_file
from dougong.catalog.values import File
from dougong.foundation.errors import Refused
from dougong.foundation.shipped import shipped_folder

FILE = File("f.yaml", "f.yaml", "module", "shop")
MESSY = """# The order.

label:   {en: Order, zh: 订单}   # what people read
entity: shop.order

fields:
  # due soon
  due: {default: date + 1m,  type: date, label: {zh: 交期, en: "Due"}, required: 'true'}  # the day
  k: {label: X, type: integer, default: "3", check: k > 0}
  t: {label: "a, b", type: text, hint: "yes"}
  long: {type: text,
    # inside
    label: X,
    length: 10}


key:
- due
title: '{due}'
# the end
"""
NEAT = """# The order.

entity: shop.order
label: {en: Order, zh: 订单}  # what people read
title: "{due}"
key:
  - due

fields:
  # due soon
  due: {type: date, label: {zh: 交期, en: Due}, required: true, default: "date + 1m"}  # the day
  k: {type: integer, label: X, default: 3, check: "k > 0"}
  t: {type: text, label: "a, b", hint: "yes"}
  long:
    type: text
    # inside
    label: X
    length: 10
# the end
"""


def everything():
    folders = [shipped_folder("metadata") / "examples", shipped_folder("modules")]
    return [platform_set(), *(each for folder in folders for each in sets_in(folder))]


def test_a_messy_file_becomes_the_one_form_and_keeps_its_comments():
    lines = fmt(MESSY).split("\n")
    assert sorted(line for line in lines if line) == sorted(
        line for line in NEAT.split("\n") if line
    )
    assert fmt(MESSY) == fmt(fmt(MESSY))
    assert [line for line in lines if line and not line.startswith((" ", "#"))] == [
        "entity: shop.order", "label: {en: Order, zh: 订单}  # what people read", 'title: "{due}"', "key:", "fields:",
    ]  # fmt: skip


@pytest.mark.parametrize("source", everything(), ids=lambda source: source.id)
def test_twice_is_once_and_the_meaning_stays(source):
    for path, text in source.files.items():
        once = fmt(text, path)
        assert fmt(once, path) == once
        assert same(parse_file(text, FILE).body, parse_file(once, FILE).body)


@pytest.mark.parametrize(
    "source",
    [platform_set(), *sets_in(shipped_folder("metadata") / "examples")],
    ids=lambda source: source.id,
)
def test_the_shipped_metadata_has_the_one_form(source):
    for path, text in source.files.items():
        assert fmt(text, path) == text, path


def test_a_file_that_can_not_be_read_is_refused():
    with pytest.raises(Refused):
        fmt("a: &x 1\n")


TEXTS = st.text(alphabet=st.sampled_from("ab1 :#,{}[]'\"-|>%@!&*?\n=.yesno"), max_size=12)
KEYS = st.sampled_from(
    ["label", "type", "fields", "x", "formula", "say", "check", "rules", "yes", "1", "a b"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def dump(value):
    """Any value as YAML in braces; JSON is YAML."""
    import json

    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_file_keeps_its_meaning(rest):
    text = dump({"entity": "shop.a", **rest})
    once = fmt(text)
    assert same(parse_file(text, FILE).body, parse_file(once, FILE).body)
    assert fmt(once) == once
