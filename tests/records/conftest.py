"""A tenant with the shipped sales module on both databases, and people to work in it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from dougong.catalog.catalog import Catalog
from dougong.database.connect import Connection
from dougong.foundation.context import Context
from dougong.foundation.errors import Refused
from dougong.records import store
from dougong.records.store import Saved
from dougong.records.work import Work, open_work

NOW = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)


class House:
    """A tenant: `as_(roles)` opens a unit of work in the transaction that is open."""

    def __init__(self, catalog: Catalog, connection: Connection) -> None:
        self.catalog = catalog
        self.connection = connection
        self.user = 0
        self.company = 0

    def as_(self, *roles: str, user: int | None = None, now: datetime = NOW, **more: Any) -> Work:
        context = Context(
            tenant="test", user=self.user if user is None else user, login="wang", now=now,
            roles=frozenset({"base.everyone", *roles}), company=self.company,
            companies=(self.company,) if self.company else (), language="en", **more,
        )  # fmt: skip
        return open_work(context, self.catalog, self.connection)

    def count(self, table: str) -> int:
        return self.connection.run(f'SELECT count(*) FROM @."{table}"')[0][0]


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    """The problems of a refusal as (code, path)."""
    return {(problem.code, problem.where.path) for problem in refused.value.problems}


ADMIN = """
role: shop.admin
label: {zh: 全部, en: All}
grants:
%s
"""


@pytest.fixture
def house_of(database, catalog_of) -> Callable[..., House]:
    """Build a house: entities by YAML, and a role `shop.admin` that may do everything."""

    def make(
        files: dict[str, str],
        *,
        modules: Iterable[str] = (),
        entities: Iterable[str] = (),
        more: Mapping[str, str] = {},
    ) -> House:
        grants = "".join(
            f"  {name}: {{read: true, create: true, update: true, delete: true{more.get(name, '')}}}\n"
            for name in entities
        )
        catalog = catalog_of(
            {"shop/roles/admin.yaml": ADMIN % grants, **files}, modules=tuple(modules)
        )
        connection = database.laid(catalog, NOW)
        connection.begin(write=True)
        return House(catalog, connection)

    return make


SALES = (
    "base.user", "base.company", "base.currency", "base.role", "master_data.customer", "master_data.item",
    "master_data.unit", "master_data.tax_rate", "master_data.category", "master_data.price_list", "sales.order",
)  # fmt: skip


class Sales:
    """The sales module with a few master data; ids by name."""

    def __init__(self, house: House) -> None:
        self.house = house
        boss = house.as_("shop.admin")
        make = lambda entity, **values: store.create(boss, entity, values).id  # noqa: E731
        self.cny = make("base.currency", code="CNY", name="人民币", decimals=2)
        self.company = make("base.company", code="C1", name="总部", currency={"code": "CNY"})
        self.user = make("base.user", login="wang", name="王五")
        house.user, house.company = self.user, self.company
        self.piece = make("master_data.unit", code="piece", name="件")
        self.t13 = make("master_data.tax_rate", code="t13", name="13%", rate="13%")
        self.desk = make(
            "master_data.item", code="CP-001", name="实木办公桌", unit=str(self.piece), tax_rate=str(self.t13),
            list_price="1200", standard_cost="491.338696",
        )  # fmt: skip
        self.lamp = make(
            "master_data.item",
            code="LP-001",
            name="台灯",
            unit=str(self.piece),
            tax_rate={"code": "t13"},
            list_price="33.35",
            standard_cost="12.5",
        )
        self.customer = make(
            "master_data.customer",
            code="C01",
            name="上海远见办公用品",
            credit_limit="100000",
            lead_days=23,
            ship_to="上海市浦东新区",
        )

    def order(self, *items: dict[str, Any], work: Work | None = None, **values: Any) -> Saved:
        work = work or self.house.as_("shop.admin")
        rows = list(items) or [{"item": str(self.desk), "qty": "2", "price": "100"}]
        return store.create(
            work, "sales.order", {"customer": str(self.customer), "items": rows, **values}
        )


@pytest.fixture
def sales_of(house_of) -> Callable[[], Sales]:
    """Build a tenant with the sales module, ready for orders."""
    more = {
        "sales.order": ", act: [submit, withdraw, approve, unapprove, close, reopen, void]",
        "master_data.item": ", levels: {cost: edit}",
    }
    return lambda: Sales(house_of({}, modules=("sales",), entities=SALES, more=more))


@pytest.fixture
def sales(sales_of) -> Sales:
    """One such tenant."""
    return sales_of()
