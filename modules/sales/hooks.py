"""What YAML can't say about sales: the search for a price."""

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from dougong.api import Door


def price_of(
    door: Door,
    *,
    item: int,
    customer: int,
    qty: Decimal,
    date: datetime.date,
    currency: int,
    home: int,
) -> Decimal | None:
    """Return the price of one unit before tax, in `currency`; None when no price is known.

    The customer's own price list wins, then the lists of the customer's group, then the item's list
    price, which is in the company's currency `home`. Within a list the break with the largest
    quantity not above `qty` that is valid on `date` counts.
    """
    if item is None or customer is None:
        return None
    fields = ["price_list", "group"]
    for found in door.rows("master_data.customer", where={"id": customer}, fields=fields):
        for price_list in _lists(door, found, currency):
            price = _break(door, price_list, item, qty, date)
            if price is not None:
                return price
    if currency is not None and home is not None and currency != home:
        return None
    rows = door.rows("master_data.item", where={"id": item}, fields=["list_price"])
    return rows[0]["list_price"] if rows else None


def _lists(door: Door, customer: Mapping[str, Any], currency: int) -> Iterable[int]:
    """Walk the ids of the price lists that apply, in the order in which they win."""
    wanted: dict[str, Any] = {"active": True}
    if currency is not None:
        wanted["currency"] = currency
    own = customer["price_list"]
    if own is not None:
        for row in door.rows("master_data.price_list", where={"id": own, **wanted}, fields=["id"]):
            yield row["id"]
    if customer["group"] is not None:
        by_group = {"group": customer["group"], **wanted}
        rows = door.rows("master_data.price_list", where=by_group, fields=["id", "code"])
        for row in sorted(rows, key=lambda row: row["code"]):
            if row["id"] != own:
                yield row["id"]


def _break(
    door: Door, price_list: int, item: int, qty: Decimal | None, day: datetime.date | None
) -> Decimal | None:
    rows = door.rows(
        "master_data.price_list.prices",
        where={"parent": price_list, "item": item},
        fields=["min_qty", "price", "valid_from", "valid_to"],
    )
    fitting = [
        row
        for row in rows
        if row["min_qty"] <= (qty or 0)
        and (row["valid_from"] is None or day is None or row["valid_from"] <= day)
        and (row["valid_to"] is None or day is None or day <= row["valid_to"])
    ]
    best = max(
        fitting,
        key=lambda row: (row["min_qty"], row["valid_from"] or datetime.date.min),
        default=None,
    )
    return best["price"] if best else None
