"""Whatever order people change a record in: no change is lost, and the trail tells how it came about."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from dougong.foundation.errors import Refused
from dougong.records import store
from dougong.records.verify import verify

NOTE = """
entity: shop.note
label: {zh: 便签, en: Note}
key: [code]
search: [code, subject]
fields:
  code: {type: code, label: {zh: a, en: a}, required: true}
  subject: {type: text, label: {zh: a, en: a}}
  total: {type: money, label: {zh: a, en: a}, formula: sum(rows.amount), store: true}
lines:
  rows:
    label: {zh: a, en: a}
    fields:
      amount: {type: money, label: {zh: a, en: a}, default: "1"}
      remark: {type: text, label: {zh: a, en: a}}
"""
STEPS = some.lists(
    some.tuples(
        some.sampled_from(
            ["subject", "add", "drop", "amount", "swap", "stale", "delete", "create"]
        ),
        some.integers(0, 3),
        some.sampled_from(["", "甲", "b"]),
        some.integers(-500, 500),
    ),
    max_size=14,
)


@pytest.fixture
def house(house_of):
    return house_of({"shop/entities/note.yaml": NOTE}, entities=("shop.note",))


@given(steps=STEPS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_record_is_what_its_changes_made_of_it(house, steps):
    connection = house.connection
    connection.change("SAVEPOINT example")
    try:
        play(house, steps)
        assert verify(connection, house.catalog) == []
    finally:
        connection.change("ROLLBACK TO SAVEPOINT example")
        connection.change("RELEASE SAVEPOINT example")


def play(house: Any, steps: Any) -> None:
    work = house.as_("shop.admin")
    known: dict[int, dict[str, Any]] = {}
    for act, which, text, cents in steps:
        if act == "create" or not known:
            rows = [{"amount": f"{cents / 100:.2f}"}] * which
            saved = store.create(
                work, "shop.note", {"code": f"N{len(known)}-{which}-{work.new_id()}", "rows": rows}
            )
            known[saved.id] = saved.record
            continue
        id_ = sorted(known)[which % len(known)]
        record = known[id_]
        version = record["version"]
        if act == "delete":
            store.delete(work, "shop.note", id_, version)
            del known[id_]
            continue
        if act == "stale":
            with pytest.raises(Refused) as refused:
                store.change(work, "shop.note", id_, version + 1, {"subject": "lost"})
            assert refused.value.status == 409
            continue
        known[id_] = store.change(
            work, "shop.note", id_, version, body(act, record, text, cents)
        ).record
    for id_, record in known.items():
        assert store.read(work, "shop.note", id_) == record
        cents = sum(
            round(float(row["amount"]) * 100) for row in record["rows"] if row["amount"] is not None
        )
        assert (
            record["total"]
            == f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
        )


def body(act: str, record: dict[str, Any], text: str, cents: int) -> dict[str, Any]:
    rows = [{"id": row["id"]} for row in record["rows"]]
    if act == "subject":
        return {"subject": text}
    if act == "add":
        return {"rows": [{"remark": text}, *rows]}
    if act == "drop":
        return {"rows": rows[1:]}
    if act == "swap":
        return {"rows": rows[::-1]}
    return {"rows": [{**row, "amount": f"{cents / 100:.2f}"} for row in rows]}
