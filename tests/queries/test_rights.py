"""Roles × rights × rows × fields, decided by the one access function and asked of the database."""

import pytest

from dougong.access.decide import access
from dougong.access.why import why
from dougong.foundation.errors import Refused
from dougong.queries.list_records import list_records
from dougong.queries.query import Query

EVERY = frozenset({"50", "51", "52", "53", "54"})
OURS = {"user": 1, "companies": (20, 21)}
NONE = frozenset()


def reach(shop, role, right, **who):
    """Ids of the orders that `right` is given for."""
    work = shop.work(role, **{**OURS, **who})
    rule = work.access("shop.order").rows(right)
    where = f" WHERE {rule.text}" if rule else ""
    params = rule.fill(work.context) if rule else ()
    found = work.connection.run(f'SELECT t."id" FROM @."shop_order" AS t{where}', params)
    return frozenset(str(row[0]) for row in found)


ROWS = [
    ("boss", "read", EVERY), ("boss", "update", EVERY), ("boss", "delete", EVERY), ("boss", "export", EVERY),
    ("boss", "print", EVERY), ("boss", "report", EVERY), ("boss", "create", EVERY), ("boss", "import", EVERY),
    ("boss", "mail", NONE), ("boss", "share", NONE),
    ("seller", "read", {"50", "51", "54"}), ("seller", "update", {"51", "54"}), ("seller", "delete", NONE),
    ("seller", "export", NONE), ("seller", "print", {"50", "51", "54"}), ("seller", "create", EVERY),
    ("helper", "read", EVERY), ("helper", "update", NONE), ("helper", "create", NONE),
    ("regional", "read", EVERY), ("base.everyone", "read", NONE),
]  # fmt: skip


def test_the_rows_of_a_right(shop):
    for role, right, rows in ROWS:
        assert reach(shop, role, right) == rows, (role, right)
        assert shop.work(role).access("shop.order").may(right) is bool(rows)


def test_nobody_has_no_right_and_no_row(shop):
    decided = access(shop.catalog, frozenset(), "shop.order", shop.connection.dialect)
    assert decided.rights == frozenset()
    assert decided.rows("read").text == "1 = 0"


def test_the_wall_narrows_every_right(shop):
    for right in ("read", "update", "delete", "create", "export"):
        assert reach(shop, "boss", right, companies=(20,)) == {"50", "51", "53", "54"}


def test_an_exempt_role_passes_the_wall(shop_of):
    made = shop_of(
        {
            "shop/roles/auditor.yaml": "role: shop.auditor\nlabel: {zh: 审计, en: Auditor}\ngrants:\n  shop.order: {read: true}\n",
            "shop/guards/owners.yaml": "guard: shop.owners\nlabel: {zh: 归属, en: Owners}\nentities: [shop.order]\nrows: owner == user\nexcept: [shop.auditor]\n",
        }
    )
    made.put("shop.order", id=60, number="A", owner=1)
    made.put("shop.order", id=61, number="B", owner=2)
    assert reach(made, "boss", "read", user=1) == {"60"}
    assert reach(made, "auditor", "read", user=1) == {"60", "61"}


def test_the_wall_alone_is_what_a_changed_row_must_keep_to(shop):
    work = shop.work("seller", **OURS)
    walls = work.access("shop.order").walls()
    assert "company" in walls.text
    assert "owner" not in walls.text


def test_the_fields_of_a_role(shop):
    for role, hidden in [
        ("boss", set()),
        ("seller", {"discount", "pay", "items.cost"}),
        ("helper", {"total", "pay", "customer"}),
    ]:
        decided = shop.work(role).access("shop.order")
        assert (decided.hidden, decided.read_only, decided.update_fields) == (hidden, hidden, NONE)


def test_a_bounded_change_and_a_level(shop):
    seller = shop.work("seller").access("shop.customer")
    assert seller.update_fields == {"name"}
    assert seller.hidden == {"credit"}
    assert seller.writable("name", creating=False)
    assert not seller.writable("code", creating=False)
    regional = shop.work("regional").access("shop.customer")
    assert "credit" not in regional.hidden
    assert not regional.may("update")


def test_demands_say_who_may_not_do_what(shop):
    decided = shop.work("seller").access("shop.order")
    decided.demand("read")
    for ask, code in [
        (lambda: decided.demand("delete"), "access.right-denied"),
        (lambda: decided.demand_action("approve"), "access.action-denied"),
        (lambda: decided.demand_field("items.cost"), "access.field-hidden"),
    ]:
        with pytest.raises(Refused) as refused:
            ask()
        assert (refused.value.status, refused.value.problems[0].code) == (403, code)
        assert refused.value.problems[0].reason("zh")
    with pytest.raises(Refused) as refused:
        shop.work("seller").access("shop.nothing")
    assert refused.value.status == 404


def test_decisions_are_kept_by_what_they_depend_on(shop):
    dialect = shop.connection.dialect
    one = access(shop.catalog, frozenset({"shop.boss"}), "shop.order", dialect)
    assert access(shop.catalog, frozenset({"shop.boss"}), "shop.order", dialect) is one
    assert access(shop.catalog, frozenset({"shop.seller"}), "shop.order", dialect) is not one


def test_why_tells_the_way_to_a_yes(shop):
    work = shop.work("seller", **OURS)
    told = why(shop.catalog, work.context, shop.connection, "shop.order", "update", 51)
    assert told.allowed
    assert told.say("en") == [
        "User “user1” holds: base.everyone, shop.seller.",
        "Role shop.seller grants to change shop.order: records where owner == user and not urgent (it holds here).",
        "Guard base.company_wall binds every role: records where company == null or company in user.companies (it holds here).",
        "These may not be filled in: discount, items.cost, pay.",
        "So: may change shop.order 51.",
    ]
    assert all(told.say("zh"))


REFUSALS = [
    ("seller", "update", 50, "owner == user and not urgent (it does not hold here)"),
    ("seller", "read", 52, "owner == user (it does not hold here)"),
    ("seller", "delete", 51, "Role shop.seller has a grant on shop.order, but not to delete."),
    ("base.everyone", "read", 51, "No role has a grant on shop.order."),
    ("boss", "read", 999, "There is no record with id 999."),
    ("boss", "approve", 51, "So: may not approve shop.order 51."),
]


def test_why_tells_the_way_to_a_no(shop):
    for role, act, record, sentence in REFUSALS:
        work = shop.work(role, **OURS)
        told = why(shop.catalog, work.context, shop.connection, "shop.order", act, record)
        assert not told.allowed
        assert any(sentence in said for said in told.say("en")), told.say("en")


def test_why_agrees_with_what_is_done(shop):
    for role in ("boss", "seller", "helper", "regional", "base.everyone"):
        work = shop.work(role, **OURS)
        for right in ("read", "update", "delete", "export"):
            allowed = reach(shop, role, right)
            for record in sorted(EVERY):
                told = why(
                    shop.catalog, work.context, shop.connection, "shop.order", right, int(record)
                )
                assert told.allowed is (record in allowed)
            whole = why(shop.catalog, work.context, shop.connection, "shop.order", right)
            assert whole.allowed is work.access("shop.order").may(right)


def test_a_rule_reads_the_records_of_the_user_and_of_the_company(shop_of):
    made = shop_of(
        {
            "shop/roles/picky.yaml": """
role: shop.picky
label: {zh: a, en: a}
grants:
  shop.region: {read: {rows: "name == user.email or name == company.currency.code"}}
"""
        }
    )
    made.put("base.currency", id=11, code="USD", name="USD", decimals=2)
    made.put("base.company", id=20, code="C", name="C", currency=11, zone="Asia/Shanghai")
    made.put("base.user", id=9, login="nine", name="Nine", email="nine@example.org")
    for code, name in (("1", "nine@example.org"), ("2", "USD"), ("3", "CNY"), ("4", None)):
        made.put("shop.region", code=code, name=name)

    def codes(**who):
        rows = list_records(made.work("picky", **who), "shop.region", Query()).rows
        return [row["code"] for row in rows]

    assert codes(user=9, companies=(20,), company=20) == ["1", "2"]
    assert codes(user=9) == ["1", "4"]
    assert codes(user=1, company=20) == ["2", "4"]
