"""An order by hand: what its body may hold, what is computed, how it is shown. No database here."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import Annotated, Any, Literal

import msgspec

from dougong.fields.text import _PHONE as PHONE

D = Decimal
EXACT = Context(prec=18, traps=[Inexact, InvalidOperation])
ROUND = Context(prec=120, rounding=ROUND_HALF_UP)
MICRO, CENT = D("0.000001"), D("0.01")
ONE, NONE, NO_MONEY = D("1.000000"), D("0.000000"), D("0.00")

Text = Annotated[str, msgspec.Meta(max_length=200)]
Short = Annotated[str, msgspec.Meta(max_length=60)]
Code = Annotated[str, msgspec.Meta(max_length=40)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,17}$")]
Number = str | int


class Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A line as it comes in; then as it is: numbers are Decimals, `gross` … `tax` are computed."""

    item: Id
    qty: Number
    price: Number
    description: Text | None = None
    warehouse: Id | None = None
    due: date | None = None
    discount: Number | None = None
    tax_rate: Number | None = None
    batch: Code | None = None
    note: Text | None = None
    gross: Any = msgspec.UNSET
    amount: Any = msgspec.UNSET
    tax: Any = msgspec.UNSET
    id: int = 0


class Order(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An order as it comes in; then as it is."""

    customer: Id
    date: date
    items: Annotated[list[Line], msgspec.Meta(min_length=1)]
    due: date | None = None
    warehouse: Id | None = None
    channel: Literal["web", "shop"] | None = None
    reference: Short | None = None
    ship_to: Text | None = None
    phone: str | None = None
    urgent: bool = False
    note: str | None = None
    rate: Number = "1"
    net: Any = NO_MONEY
    tax: Any = NO_MONEY
    total: Any = NO_MONEY
    number: str | None = None
    id: int = 0


class Wrong(Exception):  # noqa: N818 -- an answer
    """The body is not good; the text says where."""


decoder = msgspec.json.Decoder(Order)
encode = msgspec.json.Encoder().encode


def text(value: str | None, where: str) -> str | None:
    if value is None:
        return None
    if not value.isprintable():
        raise Wrong(where)
    return value.strip() or None


def number(value: Number, where: str) -> Decimal:
    try:
        fitted = EXACT.quantize(D(value), MICRO)
    except ArithmeticError:
        raise Wrong(where) from None
    if not fitted.is_finite():
        raise Wrong(where)
    return fitted


def read_order(body: bytes) -> Order:
    """Read and compute an order. Raises Wrong, or what msgspec raises."""
    order = decoder.decode(body)
    if order.number is not None or order.id or order.net or order.tax or order.total:
        raise Wrong("computed")
    order.reference = text(order.reference, "reference")
    order.ship_to = text(order.ship_to, "ship_to")
    if order.note is not None:
        order.note = order.note.strip() or None
    if order.phone is not None and not PHONE.fullmatch(order.phone):
        raise Wrong("phone")
    order.rate = number(order.rate, "rate")
    net = tax = NO_MONEY
    for line in order.items:
        read_line(line)
        net += line.amount
        tax += line.tax
    order.net = EXACT.quantize(net, CENT)
    order.tax = EXACT.quantize(tax, CENT)
    order.total = EXACT.quantize(net + tax, CENT)
    return order


def read_line(line: Line) -> None:
    """Check a line and compute it."""
    if line.id or not line.gross is line.amount is line.tax is msgspec.UNSET:
        raise Wrong("computed")
    line.description = text(line.description, "description")
    line.batch = text(line.batch, "batch")
    line.note = text(line.note, "note")
    qty = line.qty = number(line.qty, "qty")
    price = line.price = number(line.price, "price")
    discount = line.discount = NONE if line.discount is None else number(line.discount, "discount")
    tax_rate = line.tax_rate = NONE if line.tax_rate is None else number(line.tax_rate, "tax_rate")
    if qty <= 0 or price < 0 or not 0 <= discount < 1:
        raise Wrong("qty, price, discount")
    gross = ROUND.multiply(qty, price)
    line.gross = EXACT.quantize(ROUND.quantize(gross, CENT), CENT)
    amount = ROUND.multiply(gross, ROUND.subtract(1, discount))
    line.amount = EXACT.quantize(ROUND.quantize(amount, CENT), CENT)
    tax = ROUND.multiply(line.amount, tax_rate)
    line.tax = EXACT.quantize(ROUND.quantize(tax, CENT), CENT)


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def show_order(order: Order, user: int, at: str) -> dict[str, Any]:
    """A new order as JSON shows it."""
    return {
        "id": str(order.id), "version": 1, "number": order.number, "owner": str(user),
        "date": order.date.isoformat(), "due": day(order.due), "customer": order.customer,
        "warehouse": order.warehouse, "channel": order.channel, "reference": order.reference,
        "ship_to": order.ship_to, "phone": order.phone, "urgent": order.urgent, "note": order.note,
        "rate": str(order.rate), "net": str(order.net), "tax": str(order.tax),
        "total": str(order.total), "items": [show_line(line) for line in order.items],
        "created": at, "created_by": str(user), "changed": at, "changed_by": str(user),
    }  # fmt: skip


def show_line(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id), "item": line.item, "description": line.description,
        "warehouse": line.warehouse, "due": day(line.due), "qty": str(line.qty),
        "price": str(line.price), "discount": str(line.discount), "tax_rate": str(line.tax_rate),
        "batch": line.batch, "note": line.note, "gross": str(line.gross),
        "amount": str(line.amount), "tax": str(line.tax),
    }  # fmt: skip


def instant(at: datetime) -> str:
    """Write an instant (UTC) as it is stored and sent."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def period(on: date) -> str:
    """The period an order is counted in."""
    return f'["{on.year:04}-{on.month:02}-01"]'


def number_text(on: date, n: int) -> str:
    """The number of the n-th order of a month."""
    return f"B{on.year % 100:02}{on.month:02}-{n:06}"
