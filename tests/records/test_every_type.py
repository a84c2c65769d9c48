"""One record with a field of every type, under names that are words of SQL and Python."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from dougong.foundation.errors import Refused
from dougong.generated.code import code_for
from dougong.generated.explain import decode
from dougong.records import store
from dougong.records.drafting import REFUSALS, record_of
from dougong.records.verify import verify

THING = """
entity: shop.thing
label: {zh: 物, en: Thing}
title: "{from}"
key: [from]
search: [from, select]
fields:
  from: {type: code, label: {zh: a, en: a}, required: true}
  select: {type: text, label: {zh: a, en: a}, length: 60}
  class: {type: long_text, label: {zh: a, en: a}}
  def: {type: rich_text, label: {zh: a, en: a}}
  import: {type: markdown, label: {zh: a, en: a}}
  lambda: {type: email, label: {zh: a, en: a}}
  where: {type: phone, label: {zh: a, en: a}}
  order: {type: url, label: {zh: a, en: a}}
  group: {type: colour, label: {zh: a, en: a}}
  limit: {type: barcode, label: {zh: a, en: a}}
  table: {type: integer, label: {zh: a, en: a}}
  index: {type: decimal, scale: 4, label: {zh: a, en: a}}
  values: {type: money, label: {zh: a, en: a}}
  join: {type: quantity, label: {zh: a, en: a}}
  union: {type: price, label: {zh: a, en: a}}
  percent: {type: percent, label: {zh: a, en: a}}
  rating: {type: rating, label: {zh: a, en: a}}
  duration: {type: duration, label: {zh: a, en: a}}
  true_: {type: boolean, label: {zh: a, en: a}}
  case: {type: choice, label: {zh: a, en: a}, options: {one: {label: {zh: 一, en: One}, code: "1"}, "two": {zh: 二, en: Two}}}
  date: {type: date, label: {zh: a, en: a}}
  time: {type: time, label: {zh: a, en: a}}
  datetime: {type: datetime, label: {zh: a, en: a}}
  self: {type: link, to: shop.thing, label: {zh: a, en: a}}
  all: {type: links, to: shop.thing, label: {zh: a, en: a}}
  user: {type: json, label: {zh: a, en: a}}
  default: {type: location, label: {zh: a, en: a}}
  file: {type: attachment, label: {zh: a, en: a}}
  image: {type: image, label: {zh: a, en: a}}
  secret: {type: password, label: {zh: a, en: a}}
  kind: {type: entity, label: {zh: a, en: a}}
  party: {type: link, by: kind, to: [shop.thing, base.user], label: {zh: a, en: a}}
lines:
  return:
    label: {zh: a, en: a}
    fields:
      select: {type: text, label: {zh: a, en: a}}
      join: {type: quantity, label: {zh: a, en: a}}
      all: {type: links, to: shop.thing, label: {zh: a, en: a}}
      user: {type: json, label: {zh: a, en: a}}
      true_: {type: boolean, label: {zh: a, en: a}}
      date: {type: date, label: {zh: a, en: a}}
      time: {type: time, label: {zh: a, en: a}}
      datetime: {type: datetime, label: {zh: a, en: a}}
      table: {type: integer, label: {zh: a, en: a}}
"""
FILE = {"hash": "a" * 64, "name": "图.png", "size": 12, "type": "image/png"}
WHOLE = {
    "from": "T1", "select": "甲 公司", "class": "一\n二", "def": "<p>甲</p>", "import": "# 甲", "lambda": "a@b.cn",
    "where": "+86 21 1234", "order": "https://a.cn/x", "group": "#1a2b3c", "limit": "6901234567892", "table": 999999999999999999,
    "index": "-12.3400", "values": "0.10", "join": "1.000001", "union": "999999999999.999999", "percent": "0.130000", "rating": 4,
    "duration": 3600, "true_": False, "case": "1", "date": "2026-02-28", "time": "09:30:00", "datetime": "2026-02-28T01:30:00.000001Z",
    "user": {"a": [1, "x", None, True]}, "default": {"lat": "31.230416", "lon": "121.473701"}, "file": FILE, "image": FILE,
    "return": [
        {"select": "甲", "join": "2.5", "user": [1], "true_": True, "date": "2026-01-01", "time": "23:59:59", "datetime": "2026-01-01T00:00:00Z", "table": -1},
        {"select": None},
    ],
}  # fmt: skip


@pytest.fixture
def house(house_of):
    return house_of({"shop/entities/thing.yaml": THING}, entities=("shop.thing", "base.user"))


def test_every_type_is_kept_and_told_again(house):
    work = house.as_("shop.admin")
    first = store.create(work, "shop.thing", msgspec.json.encode(WHOLE))
    for name, value in WHOLE.items():
        if name not in ("return", "table"):
            assert first.record[name] == value, name
    assert first.record["table"] == "999999999999999999"
    assert store.read(work, "shop.thing", first.id) == first.record
    links = {"from": "T2", "self": {"from": "T1"}, "all": [str(first.id)], "kind": "shop.thing", "party": {"from": "T1"},
             "secret": "hush", "return": [{"all": [{"from": "T1"}]}, {"all": None}]}  # fmt: skip
    second = store.create(work, "shop.thing", links)
    assert second.record["self"] == second.record["party"] == str(first.id)
    assert second.record["all"] == second.record["return"][0]["all"] == [str(first.id)]
    assert second.record["secret"] is None
    assert store.read(work, "shop.thing", second.id) == second.record
    changed = store.change(
        work, "shop.thing", second.id, 1, {**WHOLE, "from": "T2", "self": str(second.id), "all": []}
    )
    assert changed.record["all"] == []
    assert store.read(work, "shop.thing", second.id) == changed.record
    assert verify(house.connection, house.catalog) == []


def test_everything_may_be_emptied_again(house):
    work = house.as_("shop.admin")
    first = store.create(work, "shop.thing", WHOLE)
    empty: dict[str, Any] = {name: None for name in WHOLE if name != "from"}
    changed = store.change(work, "shop.thing", first.id, 1, empty)
    assert {name: changed.record[name] for name in empty} == {**empty, "return": []}
    assert verify(house.connection, house.catalog) == []


def test_a_link_to_several_kinds_needs_its_kind(house):
    work = house.as_("shop.admin")
    first = store.create(work, "shop.thing", {"from": "T1"})
    for body, code in (
        ({"party": str(first.id)}, "records.link-without-entity"),
        ({"kind": "base.user", "party": str(first.id)}, "records.link-not-found"),
        ({"kind": "sales.order", "party": str(first.id)}, "fields.not-an-entity"),
    ):
        with pytest.raises(Refused) as refused:
            store.create(work, "shop.thing", {"from": "T2", **body})
        assert code in {problem.code for problem in refused.value.problems}
    store.create(work, "shop.thing", {"from": "T2", "kind": "shop.thing", "party": str(first.id)})
    with pytest.raises(Refused) as refused:
        store.delete(work, "shop.thing", first.id, 1)
    assert refused.value.problems[0].code == "records.referenced"


# ---------------------------------------------------------------- the fast and the patient reader agree

NAMES = (
    "select",
    "table",
    "index",
    "values",
    "join",
    "percent",
    "true_",
    "case",
    "date",
    "time",
    "datetime",
    "self",
    "all",
    "user",
    "where",
    "lambda",
    "nothing",
)
VALUES = some.one_of(
    some.none(), some.booleans(), some.integers(-(10**19), 10**19), some.floats(), some.text(max_size=8),
    some.sampled_from(["", " ", "1", "-0", "1.5", "1e2", "NaN", "Infinity", "1_0", "１２", "13%", "2026-01-31", "2026-02-30", "09:30", "24:00",
                       "2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "one", "two", "a@b.cn", "12345", "0", "9" * 19, "a\nb", "\x00", "\ud7ff"]),
    some.lists(some.sampled_from(["1", 2, "x"]), max_size=3), some.dictionaries(some.sampled_from(["from", "id", "x"]), some.sampled_from(["T1", 1, None]), max_size=2),
)  # fmt: skip
ROWS = some.lists(
    some.dictionaries(
        some.sampled_from(("select", "join", "true_", "date", "table", "nothing")),
        VALUES,
        max_size=3,
    ),
    max_size=3,
)
BODIES = some.builds(lambda values, rows: {**values, **({"return": rows} if rows is not None else {})},
                     some.dictionaries(some.sampled_from(NAMES), VALUES, max_size=4), some.none() | ROWS)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@given(body=BODIES)
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_accepted_fast_is_read_the_same_patiently(house, body):
    code = code_for(house.catalog, "shop.thing", "sqlite")
    try:
        raw = msgspec.json.encode(body)
    except (UnicodeEncodeError, ValueError):
        return
    try:
        fast = code.take(code.decode(raw))
    except REFUSALS:
        return
    wrong: list[Any] = []
    slow = record_of(code, code.explainer.read(decode(raw), wrong))
    assert wrong == []
    for line in (*fast.l_return, *slow.l_return):
        line.position = 0
    assert fast == slow


def test_decimals_are_exact_to_the_last_digit(house):
    work = house.as_("shop.admin")
    for n, value in enumerate(
        ["9999999999999999.99", "-9999999999999999.99", "0.01", "1234567890123456.78"]
    ):
        saved = store.create(work, "shop.thing", {"from": f"D{n}", "values": value})
        assert store.read(work, "shop.thing", saved.id)["values"] == value
        assert Decimal(saved.record["values"]) == Decimal(value)


def test_the_instant_of_a_change_is_the_works(house):
    work = house.as_("shop.admin")
    saved = store.create(work, "shop.thing", {"from": "T1"})
    later = house.as_("shop.admin", now=datetime(2027, 1, 1, tzinfo=UTC))
    changed = store.change(later, "shop.thing", saved.id, 1, {"select": "x"})
    assert (changed.record["created"], changed.record["changed"]) == (
        "2026-06-03T01:00:00.000000Z",
        "2027-01-01T00:00:00.000000Z",
    )
