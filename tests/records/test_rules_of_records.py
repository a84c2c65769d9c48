"""Trees without circles, numbers, fields set once, conditions, rights: each told by a small shop."""

import threading
from datetime import UTC, datetime
from functools import partial

import pytest

from dougong.foundation.errors import Refused
from dougong.records import store, trail
from dougong.records.verify import verify
from dougong.records.work import open_work

SHOP = {
    "shop/entities/place.yaml": """
entity: shop.place
label: {zh: 地点, en: Place}
title: "{code}"
key: [code]
search: [code]
tree: above
root: one
group: is_group
fields:
  code: {type: code, label: {zh: a, en: Code}, required: true}
  above: {type: link, to: shop.place, label: {zh: a, en: Above}, cycle: refuse}
  is_group: {type: boolean, label: {zh: a, en: Group}, default: "true"}
""",
    "shop/sequences/ticket_no.yaml": """
sequence: shop.ticket_no
label: {zh: 号, en: No}
pattern: "T{opened:yyyyMM}-{place.code}-{n:3}"
per: [place, month(opened)]
""",
    "shop/entities/ticket.yaml": """
entity: shop.ticket
label: {zh: 工单, en: Ticket}
title: "{slip}"
search: [slip, subject]
levels: {money: [cost, parts.price]}
fields:
  slip: {type: code, label: {zh: a, en: No}, sequence: [shop.ticket_no], unique: true}
  subject: {type: text, label: {zh: a, en: Subject}, required: "urgent or place != null"}
  place: {type: link, to: shop.place, label: {zh: a, en: Place}, edit: once}
  opened: {type: date, label: {zh: a, en: Opened}, default: today()}
  urgent: {type: boolean, label: {zh: a, en: Urgent}, default: "false"}
  reason: {type: text, label: {zh: a, en: Reason}, required: true, visible: urgent}
  locked: {type: text, label: {zh: a, en: Locked}, edit: "not urgent"}
  copied: {type: text, label: {zh: a, en: Copied}, default: subject}
  follows: {type: text, label: {zh: a, en: Follows}, default: "subject & '!'", edit: false}
  filled: {type: text, label: {zh: a, en: Filled}, default: subject, fill: empty}
  owner: {type: link, to: base.user, label: {zh: a, en: Owner}, default: user}
  cost: {type: money, label: {zh: a, en: Cost}}
  parts_cost: {type: money, label: {zh: a, en: Parts}, formula: "sum(parts.price, where = parts.kind == 'new')", store: true}
  shown: {type: money, label: {zh: a, en: Shown}, formula: "round(parts_cost * 2, 2)"}
lines:
  parts:
    label: {zh: a, en: Parts}
    max: 3
    edit: "not urgent"
    fields:
      kind: {type: choice, label: {zh: a, en: Kind}, options: {new: {zh: 新, en: New}, old: {zh: 旧, en: Old}}, default: "'new'"}
      price: {type: money, label: {zh: a, en: Price}}
    rules:
      dear: {check: "price == null or price <= 1000", say: {zh: "{price} 太贵", en: "{price} is dear"}}
states:
  open: {label: {zh: 开, en: Open}, start: true, edit: true}
  done: {label: {zh: 完, en: Done}, edit: [locked, parts.kind]}
actions:
  finish: {label: {zh: 完成, en: Finish}, from: [open], to: done, when: "subject != null"}
  again: {label: {zh: 再来, en: Again}, from: [done], copy: true, to: open}
  sleep: {label: {zh: 自动, en: Sleep}, from: [open], to: done, auto: "cost == 7"}
""",
    "shop/roles/clerk.yaml": """
role: shop.clerk
label: {zh: 员, en: Clerk}
grants:
  shop.ticket: {read: {rows: owner == user}, create: {rows: owner == user}, update: {rows: "owner == user and not urgent"}, act: [finish], hide: [copied], read_only: [follows, filled]}
  shop.place: {read: {rows: "code != 'SECRET'"}}
  base.user: {read: true}
""",
}  # fmt: skip


@pytest.fixture
def shop(house_of):
    house = house_of(SHOP, entities=("shop.place", "shop.ticket", "base.user"),
                     more={"shop.ticket": ", act: [finish, again, sleep], levels: {money: edit}"})  # fmt: skip
    boss = house.as_("shop.admin")
    house.user = store.create(boss, "base.user", {"login": "wang", "name": "王"}).id
    house.other = store.create(boss, "base.user", {"login": "li", "name": "李"}).id
    house.place = store.create(boss, "shop.place", {"code": "EAST"}).id
    return house


def refusal(act):
    with pytest.raises(Refused) as refused:
        act()
    return {(problem.code, problem.where.path) for problem in refused.value.problems}


def test_a_tree_has_no_circle_one_root_and_groups_only_above(shop):
    work = shop.as_("shop.admin")
    make = lambda **values: store.create(work, "shop.place", values).id  # noqa: E731
    inner = make(code="IN", above={"code": "EAST"})
    leaf = make(code="LEAF", above=str(inner), is_group=False)
    assert refusal(
        lambda: store.change(work, "shop.place", shop.place, 1, {"above": str(leaf)})
    ) == {("records.tree-circle", "above")}
    assert refusal(lambda: store.change(work, "shop.place", inner, 1, {"above": str(inner)})) == {
        ("records.tree-circle", "above")
    }
    assert refusal(lambda: make(code="X")) == {("records.tree-one-root", "above")}
    assert refusal(lambda: make(code="X", above=str(leaf))) == {
        ("records.tree-not-a-group", "above")
    }


def test_a_number_is_taken_at_once_where_no_action_issues_it(shop):
    work = shop.as_("shop.admin")
    make = lambda **values: store.create(work, "shop.ticket", values).record["slip"]  # noqa: E731
    assert make(subject="a", place={"code": "EAST"}) == "T202606-EAST-001"
    assert make(subject="b", place=str(shop.place)) == "T202606-EAST-002"
    assert make(subject="c", place=str(shop.place), opened="2026-07-01") == "T202607-EAST-001"
    assert make() == "T202606--001"


def test_conditions_bend_what_is_required_and_what_may_change(shop):
    work = shop.as_("shop.admin")
    assert refusal(lambda: store.create(work, "shop.ticket", {"urgent": True})) == {
        ("records.field-required", "subject"), ("records.field-required", "reason"),
    }  # fmt: skip
    ticket = store.create(
        work, "shop.ticket", {"subject": "a", "place": str(shop.place), "locked": "x"}
    )
    urgent = store.change(work, "shop.ticket", ticket.id, 1, {"urgent": True, "reason": "r"})
    change = lambda **values: store.change(work, "shop.ticket", ticket.id, urgent.version, values)  # noqa: E731
    assert refusal(lambda: change(locked="y")) == {("records.not-editable", "locked")}
    assert refusal(lambda: change(parts=[{"price": "1"}])) == {("records.not-editable", "parts")}
    assert refusal(lambda: change(place=None)) == {("records.set-once", "place")}
    assert change(locked="x").version == urgent.version


def test_defaults_are_taken_followed_and_filled(shop):
    work = shop.as_("shop.admin")
    typed = store.create(
        work, "shop.ticket", {"subject": "a", "copied": None, "filled": None}
    ).record
    assert (typed["copied"], typed["follows"], typed["filled"]) == (None, "a!", "a")
    ticket = store.create(work, "shop.ticket", {"subject": "a"})
    changed = store.change(work, "shop.ticket", ticket.id, 1, {"subject": "b"}).record
    assert (changed["copied"], changed["follows"], changed["filled"]) == ("b", "b!", "a")
    assert refusal(lambda: store.create(work, "shop.ticket", {"subject": "a", "follows": "x"})) == {
        ("records.field-guarded", "follows")
    }
    store.create(work, "shop.ticket", {"subject": "a", "follows": "a!"})


def test_lines_are_bounded_and_have_rules_of_their_own(shop):
    work = shop.as_("shop.admin")
    make = lambda *parts: store.create(work, "shop.ticket", {"parts": list(parts)})  # noqa: E731
    saved = make({"price": "1.50"}, {"price": "2", "kind": "old"}, {"price": "3"})
    assert (saved.record["parts_cost"], saved.record["shown"]) == ("4.50", "9.00")
    assert store.read(work, "shop.ticket", saved.id)["shown"] == "9.00"
    assert refusal(lambda: make({}, {}, {}, {"price": "2000"})) == {
        ("records.too-many-lines", "parts"),
        ("records.rule-broken", "parts.3"),
    }
    with pytest.raises(Refused) as refused:
        make({"price": "2000"})
    assert refused.value.problems[0].reason("zh") == "2000.00 太贵"


def test_a_record_moves_by_itself_and_may_be_copied(shop):
    work = shop.as_("shop.admin")
    saved = store.create(
        work, "shop.ticket", {"subject": "a", "cost": "7", "parts": [{"price": "5", "kind": "old"}]}
    )
    assert (saved.record["state"], saved.version) == ("done", 2)
    assert [row.action for row in trail.history(work, "shop.ticket", saved.id)] == [
        "sleep",
        "create",
    ]
    again = store.act(work, "shop.ticket", saved.id, "again", 2)
    assert again.created
    assert again.id != saved.id
    assert (again.record["subject"], again.record["parts"][0]["kind"], again.record["slip"]) == (
        "a",
        "old",
        "T202606--002",
    )
    assert refusal(lambda: store.delete(work, "shop.ticket", saved.id, 2)) == {
        ("records.not-deletable", "")
    }
    part = saved.record["parts"][0]["id"]
    kept = store.change(work, "shop.ticket", saved.id, 2, {"parts": [{"id": part, "kind": "new"}]})
    assert kept.record["parts_cost"] == "5.00"
    assert refusal(lambda: store.change(work, "shop.ticket", saved.id, 3, {"parts": []})) == {
        ("records.not-editable", "parts")
    }
    assert verify(shop.connection, shop.catalog) == []


def test_rows_fields_and_acts_are_bounded_by_role(shop):
    clerk, boss = shop.as_("shop.clerk"), shop.as_("shop.admin")
    mine = store.create(clerk, "shop.ticket", {"subject": "a"})
    assert not {"copied", "cost"} & set(mine.record)
    assert set(mine.record["parts"][0] if mine.record["parts"] else {}) == set()
    theirs = store.create(
        boss, "shop.ticket", {"subject": "b", "owner": str(shop.other), "cost": "5"}
    )
    for act in (
        lambda: store.read(clerk, "shop.ticket", theirs.id),
        lambda: store.change(clerk, "shop.ticket", theirs.id, 1, {"subject": "x"}),
        lambda: store.act(clerk, "shop.ticket", theirs.id, "finish", 1),
        lambda: trail.history(clerk, "shop.ticket", theirs.id),
    ):
        assert refusal(act) == {("records.not-found", "")}
    assert refusal(
        lambda: store.create(clerk, "shop.ticket", {"subject": "a", "owner": str(shop.other)})
    ) == {("records.out-of-reach", "")}
    assert refusal(lambda: store.create(clerk, "shop.ticket", {"subject": "a", "cost": "1", "filled": "x"})) == {
        ("records.field-read-only", "cost"), ("records.field-read-only", "filled"),
    }  # fmt: skip
    assert refusal(lambda: store.change(clerk, "shop.ticket", mine.id, 1, {"cost": "1"})) == {
        ("records.field-read-only", "cost")
    }
    assert refusal(lambda: store.act(clerk, "shop.ticket", mine.id, "again", 1)) == {
        ("access.action-denied", "")
    }
    assert "copied" not in trail.history(clerk, "shop.ticket", mine.id)[0].changes
    store.change(boss, "shop.ticket", mine.id, 1, {"urgent": True, "reason": "r"})
    assert refusal(lambda: store.change(clerk, "shop.ticket", mine.id, 2, {"subject": "x"})) == {
        ("records.row-denied", "")
    }


def test_a_link_out_of_reach_is_no_link(shop):
    boss, clerk = shop.as_("shop.admin"), shop.as_("shop.clerk")
    secret = store.create(boss, "shop.place", {"code": "SECRET", "above": str(shop.place)}).id
    for link in (str(secret), {"code": "SECRET"}, "123456789"):
        body = {"subject": "a", "place": link}
        assert refusal(partial(store.create, clerk, "shop.ticket", body)) == {
            ("records.link-not-found", "place")
        }
    assert refusal(
        lambda: store.create(boss, "shop.ticket", {"subject": "a", "place": {"is_group": True}})
    ) == {("records.key-unknown", "place")}


def test_a_refused_change_leaves_no_trace(shop):
    work = shop.as_("shop.admin")
    ticket = store.create(work, "shop.ticket", {"subject": "a", "parts": [{"price": "1"}]})
    before = {
        table: shop.count(table)
        for table in (
            "shop_ticket",
            "shop_ticket__parts",
            "dougong_trail",
            "dougong_search",
            "dougong_counter",
        )
    }
    refusal(
        lambda: store.change(
            work, "shop.ticket", ticket.id, 1, {"subject": "x", "parts": [{"price": "5000"}]}
        )
    )
    refusal(lambda: store.create(work, "shop.ticket", {"parts": [{"price": "5000"}]}))
    assert {table: shop.count(table) for table in before} == before
    assert store.read(work, "shop.ticket", ticket.id) == ticket.record


def test_no_number_is_given_twice_to_writers_at_once(house_of, database):
    house = house_of(SHOP, entities=("shop.place", "shop.ticket", "base.user"))
    house.connection.commit()
    numbers: list[str] = []
    failures: list[BaseException] = []
    others = [database.connect("test_1") for _ in range(4)]

    def write(connection):
        try:
            for _ in range(15):
                connection.begin(write=True)
                work = open_work(
                    house.as_("shop.admin", now=datetime(2026, 6, 3, tzinfo=UTC)).context,
                    house.catalog,
                    connection,
                )
                saved = store.create(
                    work, "shop.ticket", {"subject": "a", "parts": [{"kind": "old"}]}
                )
                connection.commit()
                numbers.append(saved.record["slip"])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(connection,)) for connection in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(numbers) == [f"T202606--{n:03d}" for n in range(1, 61)]
    house.connection.begin(write=False)
    assert verify(house.connection, house.catalog) == []
