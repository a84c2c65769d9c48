"""A small shop to write formulas in: an order with lines, its customer, items, units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from dougong.formulas.check import check
from dougong.formulas.tree import Formula, Found, Signature, Type
from dougong.foundation.errors import Place, Problem

MONEY, PRICE, QTY = Type("number", 2), Type("number", 6), Type("number", 6)
RATE, WHOLE, TEXT = Type("number", 4), Type("number", 0), Type("text")
DATE, BOOLEAN = Type("date"), Type("boolean")
STATE = Type("text", options=("draft", "submitted", "approved", "closed"))


def link(entity: str, *, many: bool = False) -> Type:
    return Type("link", to=(entity,), many=many)


ENTITIES: Mapping[str, Mapping[str, Type]] = {
    "shop.order": {
        "id": link("shop.order"), "number": TEXT, "state": STATE, "date": DATE, "due": DATE, "sent": Type("datetime"),
        "at": Type("time"), "customer": link("shop.customer"), "owner": link("base.user"),
        "company": link("base.company"), "currency": link("shop.currency"), "net": MONEY, "tax": MONEY,
        "total": MONEY, "rate": RATE, "qty": QTY, "price": PRICE, "amt": MONEY, "n": WHOLE, "m": WHOLE, "note": TEXT,
        "name": TEXT, "urgent": BOOLEAN, "paid": BOOLEAN, "tags": link("shop.tag", many=True),
        "data": Type("json"), "items": Type("set"), "gifts": Type("set"), "other": Type("link"),
    },
    "shop.customer": {
        "code": TEXT, "name": TEXT, "credit_limit": MONEY, "lead_days": WHOLE, "active": BOOLEAN, "since": DATE,
        "owner": link("base.user"), "parent": link("shop.customer"), "discount": RATE,
    },
    "shop.item": {
        "code": TEXT, "name": TEXT, "unit": link("shop.unit"), "cost": PRICE, "lot": QTY, "active": BOOLEAN,
    },
    "shop.unit": {"code": TEXT, "decimals": WHOLE},
    "shop.currency": {"code": TEXT, "decimals": WHOLE},
    "base.user": {"name": TEXT, "department": link("shop.department"), "active": BOOLEAN},
    "base.company": {"code": TEXT, "name": TEXT},
    "shop.department": {"name": TEXT},
}  # fmt: skip
LINES: Mapping[str, Mapping[str, Type]] = {
    "items": {
        "item": link("shop.item"), "unit": link("shop.unit"), "qty": QTY, "price": PRICE, "amount": MONEY,
        "tax": MONEY, "kind": TEXT, "due": DATE, "done": BOOLEAN, "shipped": QTY, "n": WHOLE,
    },
    "gifts": {"qty": QTY},
}  # fmt: skip
KNOWN = {"shop.unit": {"pcs", "kg"}, "shop.currency": {"CNY", "USD"}}


@dataclass(frozen=True)
class Shop:
    """The header of an order, or one of its lines."""

    line: str = ""
    allows: frozenset[str] = frozenset()
    functions: Mapping[str, Signature] = field(default_factory=dict)
    here: str = "shop.order"

    def find(self, name: str) -> Found | None:
        root = "header" if self.line else "record"
        if name == "doc":
            return Found(root, link(self.here))
        if name in ("this", "old") and name in self.allows:
            return Found(name, link(self.here))  # type: ignore[arg-type]
        if name in LINES.get(self.line, {}):
            hidden = f"doc.{name}" if name in ENTITIES[self.here] else ""
            return Found("line", LINES[self.line][name], hides=hidden)
        type_ = ENTITIES[self.here].get(name)
        if type_ is None:
            return None
        return Found("rows", type_, name) if type_.kind == "set" else Found(root, type_)  # type: ignore[arg-type]

    def step(self, type_: Type, name: str) -> Type | None:
        found = [ENTITIES.get(entity, {}).get(name) for entity in type_.to]
        return found[0] if found and all(found) else None

    def rows(self, rows: str, name: str) -> Type | None:
        return LINES[rows].get(name)

    def names(self, of: Type | None = None, rows: str = "") -> Iterable[str]:
        if rows:
            return list(LINES[rows])
        if of is not None:
            return [name for entity in of.to for name in ENTITIES.get(entity, {})]
        return [*LINES.get(self.line, {}), *ENTITIES[self.here]]

    def signature(self, function: str) -> Signature | None:
        return self.functions.get(function)

    def known(self, entity: str, key: str) -> bool | None:
        return key in KNOWN[entity] if entity in KNOWN else None


class Desk:
    """Checks formulas in the shop."""

    shop = Shop
    entities, lines = ENTITIES, LINES

    @staticmethod
    def problems(text: str, scope: Shop | None = None, **keys: object) -> list[Problem]:
        return check(text, scope or Shop(), Place("order.yaml", 3, 10), **keys)[1]  # type: ignore[arg-type]

    @staticmethod
    def formula(text: str, scope: Shop | None = None, **keys: object) -> Formula:
        formula, problems = check(text, scope or Shop(), Place("order.yaml", 3, 10), **keys)  # type: ignore[arg-type]
        assert formula is not None, [str(problem) for problem in problems]
        return formula


@pytest.fixture(scope="session")
def desk() -> type[Desk]:
    return Desk
