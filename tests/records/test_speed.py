"""What metadata costs: an order of ten lines saved by the platform and by code written for it alone.

Both do the same: read the body with all its limits, look up what it links to, compute, and write
header, lines, words, trail and version. The measures alternate, so that a busy machine disturbs both.
"""

import gc
import time
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import Annotated, Any, Literal

import msgspec
import pytest

from dougong.fields.dates import instant_text
from dougong.fields.words import index_words, sort_key
from dougong.records import store
from dougong.records.trail import INSERT_SQLITE

D = Decimal
FIT = Context(prec=18, rounding=ROUND_HALF_UP, traps=[Inexact, InvalidOperation]).quantize
ROUND = Context(prec=120, rounding=ROUND_HALF_UP).quantize
CENT, MICRO = D("0.01"), D("0.000001")
Short = Annotated[str, msgspec.Meta(max_length=200)]
Number = str | int


class Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    item: str
    qty: Number
    price: Number
    discount: Number | None = None
    tax_rate: Number | None = None
    description: Short | None = None
    unit: int | None = None
    amount: D | None = None
    tax: D | None = None
    cost: D | None = None
    id: int = 0


class Order(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    customer: str
    items: list[Line]
    date: date
    due: date | None = None
    currency: str | None = None
    company: str | None = None
    owner: str | None = None
    ship_to: Short | None = None
    customer_order: Short | None = None
    note: Short | None = None
    state: Literal["draft"] = "draft"


decode = msgspec.json.Decoder(Order).decode
encode = msgspec.json.encode
HEADER = (
    'INSERT INTO "sales_order" ("id","version","created","created_by","changed","changed_by","number","state","company",'
    '"date","owner","customer","due","currency","ship_to","customer_order","note","net","tax","total","number__sort") '
    f"VALUES ({','.join('?' * 21)})"
)
LINES = (
    'INSERT INTO "sales_order__items" ("id","parent","position","item","description","unit","qty","price","discount",'
    f'"tax_rate","amount","tax","cost") VALUES ({",".join("?" * 13)})'
)
CUSTOMER = 'SELECT "lead_days","currency","ship_to","credit_limit","active","name" FROM "master_data_customer" WHERE "id" = ?'
ITEMS = (
    'SELECT i."id",i."name",i."unit",t."rate",i."standard_cost",i."active" FROM "master_data_item" AS i '
    'LEFT JOIN "master_data_tax_rate" AS t ON t."id" = i."tax_rate" WHERE i."id" IN (SELECT value FROM json_each(?))'
)
WORDS = 'INSERT INTO "dougong_search" (rowid, "entity", "record", "words") VALUES (?, ?, ?, ?)'


def number(value: Any, quantum: Decimal) -> Decimal:
    fitted = FIT(D(value), quantum)
    if fitted.is_nan():
        raise ValueError(value)
    return fitted


def cents(value: Decimal | None, scale: int) -> int | None:
    return None if value is None else int(value.scaleb(scale))


def line_wire(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id), "item": str(line.item), "description": line.description, "unit": str(line.unit),
        "qty": str(line.qty), "price": str(line.price), "discount": str(line.discount), "tax_rate": str(line.tax_rate),
        "amount": str(line.amount), "tax": str(line.tax), "cost": str(line.cost),
    }  # fmt: skip


class ByHand:
    """An order saved by code that knows nothing but orders."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.raw = house.connection.raw.execute
        self.many = house.connection.raw.executemany
        self.next = 10**5

    def create(self, body: bytes, now: datetime) -> dict[str, Any]:
        order = decode(body)
        run = self.raw
        customer = run(CUSTOMER, (int(order.customer),)).fetchone()
        owner = run(
            'SELECT "active" FROM "base_user" WHERE "id" = ?', (self.house.user,)
        ).fetchone()
        company = run(
            'SELECT "currency","active" FROM "base_company" WHERE "id" = ?', (self.house.company,)
        ).fetchone()
        ids = encode([int(line.item) for line in order.items]).decode()
        items = {row[0]: row for row in run(ITEMS, (ids,)).fetchall()}
        if customer is None or not customer[4] or not owner[0] or not company[1] or not order.items:
            raise ValueError("links")
        due = order.date + timedelta(customer[0])
        net = tax = D("0.00")
        one = D(1)
        for line in order.items:
            item = items[int(line.item)]
            if not item[5]:
                raise ValueError("item")
            line.description = item[1]
            line.unit = item[2]
            line.qty = number(line.qty, MICRO)
            line.price = number(line.price, MICRO)
            line.discount = number(line.discount or 0, MICRO)
            line.tax_rate = D(item[3]).scaleb(-6)
            if (
                line.qty <= 0
                or line.price < 0
                or not 0 <= line.discount < 1
                or not 0 <= line.tax_rate < 1
            ):
                raise ValueError("check")
            line.amount = FIT(ROUND(line.qty * line.price * (one - line.discount), CENT), CENT)
            line.tax = FIT(ROUND(line.amount * line.tax_rate, CENT), CENT)
            line.cost = FIT(ROUND(line.qty * D(item[4] or 0).scaleb(-6), CENT), CENT)
            net += line.amount
            tax += line.tax
        total = FIT(net + tax, CENT)
        id_ = self.next
        self.next += len(order.items) + 2
        at, user = instant_text(now), self.house.user
        currency = customer[1] or company[0]
        run(HEADER, (
            id_, 1, at, user, at, user, None, "draft", self.house.company, order.date.isoformat(), user, int(order.customer),
            due.isoformat(), currency, customer[2], order.customer_order, order.note, cents(net, 2), cents(tax, 2),
            cents(total, 2), sort_key(None),
        ))  # fmt: skip
        rows = []
        for position, line in enumerate(order.items):
            line.id = id_ + 1 + position
            rows.append((
                line.id, id_, position, int(line.item), line.description, line.unit, cents(line.qty, 6), cents(line.price, 6),
                cents(line.discount, 6), cents(line.tax_rate, 6), cents(line.amount, 2), cents(line.tax, 2), cents(line.cost, 2),
            ))  # fmt: skip
        self.many(LINES, rows)
        wired = {
            "id": str(id_), "version": 1, "number": None, "state": "draft", "company": str(self.house.company),
            "date": order.date.isoformat(), "owner": str(user), "customer": order.customer, "due": due.isoformat(),
            "currency": str(currency), "ship_to": customer[2], "customer_order": order.customer_order, "note": order.note,
            "net": str(net), "tax": str(tax), "total": str(total), "items": [line_wire(line) for line in order.items],
            "created": at, "created_by": str(user), "changed": at, "changed_by": str(user),
        }  # fmt: skip
        words = index_words((None, customer[5]))
        run(WORDS, (id_, "sales.order", id_, " ".join(words)))
        changes = f'{{"":[null,{encode(wired).decode()}]}}'
        run(INSERT_SQLITE.replace('@."', '"'), (
            id_ + 1 + len(rows), at, user, "wang", "api", "sales.order", id_, 1, "create", changes, self.house.company, "",
        ))  # fmt: skip
        return wired


def best_of(*acts: Any, rounds: int = 500, times: int = 2) -> list[float]:
    """The best time of each act, measured in turns, in µs."""
    best = [float("inf")] * len(acts)
    for act in acts:
        act()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for at, act in enumerate(acts):
                start = time.perf_counter()
                for _ in range(times):
                    act()
                best[at] = min(best[at], (time.perf_counter() - start) / times)
    finally:
        gc.enable()
    return [one * 1e6 for one in best]


def order_body(sales: Any) -> bytes:
    items = [
        {
            "item": str(sales.desk if n % 2 else sales.lamp),
            "qty": "2.5",
            "price": "100.00",
            "discount": "0.05",
        }
        for n in range(10)
    ]
    return msgspec.json.encode(
        {"customer": str(sales.customer), "date": "2026-06-03", "items": items}
    )


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_order_costs_no_more_than_by_hand(sales_of):
    sales, twin = sales_of(), sales_of()
    work = sales.house.as_("shop.admin")
    body = order_body(sales)
    by_hand = ByHand(twin.house)
    one, other = (
        by_hand.create(body, work.context.now),
        store.create(work, "sales.order", body).record,
    )
    drop = ("id", "items")
    assert {k: v for k, v in one.items() if k not in drop} == {
        k: v for k, v in other.items() if k not in drop
    }
    assert [{**line, "id": ""} for line in one["items"]] == [
        {**line, "id": ""} for line in other["items"]
    ]

    hand, ours = best_of(
        lambda: by_hand.create(body, work.context.now),
        lambda: store.create(work, "sales.order", body),
    )
    print(f"by hand {hand:.0f} µs, platform {ours:.0f} µs, ratio {ours / hand:.2f}")
    assert ours <= 1.25 * hand  # 1.14 to 1.18 measured; the rest is for a busy machine


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_twelve_thousand_customers_a_second_are_saved_in_bulk(sales):
    number = iter(range(10**6))

    def rows(count: int) -> list[dict[str, Any]]:
        return [
            {
                "code": f"K{n}", "name": f"上海远见办公用品{n}有限公司", "lead_days": 3, "phone": "021-12345678",
                "email": f"buyer{n}@example.cn", "credit_limit": "1000.50", "group": "trade", "ship_to": "上海市浦东新区",
            }
            for n in (next(number) for _ in range(count))
        ]  # fmt: skip

    best = 0.0
    for _ in range(8):
        given = rows(2000)
        start = time.process_time()
        results = store.upsert(
            sales.house.as_("shop.admin"), "master_data.customer", given, key=("code",)
        )
        best = max(best, len(given) / (time.process_time() - start))
        assert {result.status for result in results} == {"created"}
    print(f"{best:.0f} rows a second")
    assert best >= 12_000
