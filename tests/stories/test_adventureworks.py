"""A real company's data, declared as a tenant of YAML and mappings alone and imported as a user would."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from dougong.exchange.load import Outcome
from dougong.jobs.file_jobs import Given, ImportRequest, import_files
from dougong.queries.query import Query
from dougong.queries.totals import totals
from dougong.tenants.opened import Opened
from dougong.tenants.passwords import Passwords
from dougong.tenants.people import find_login
from dougong.tenants.registry import Registry

TENANT = Path(__file__).parent / "adventureworks"
DATA = Path(__file__).parents[1] / "data" / "adventureworks"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ORDER = (
    "units", "categories", "items", "suppliers", "customers", "bom_rows", "purchase_orders",
    "sales_orders",
)  # fmt: skip


class Company:
    """The tenant with everything imported; `outcomes` by mapping."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        with opened.begun(write=False) as (connection, catalog, _):
            user = find_login(connection, catalog, "admin")
        context = opened.context_of(user, door="command")
        assert context is not None
        self.context = context
        self.outcomes = {name: self.import_(name) for name in ORDER}

    def run(self, act, *, write):
        return self.opened.run(self.context, act, write=write)

    def import_(self, name: str) -> Outcome:
        mapping = self.opened.catalog.imports[f"x.{name}"]
        names = {"": mapping.file} | {lines.file: lines.file for lines in mapping.lines}
        files = {
            key: Given(self.opened.files.keep((DATA / file).read_bytes()), file)
            for key, file in names.items()
        }
        request = ImportRequest(entity=mapping.entity, files=files, mapping=mapping.id)
        batch = self.run(lambda work: work.new_id(), write=True)
        return import_files(self.opened.files, request, self.run, lambda *_: None, "en", batch)

    def totals(self, entity: str, *fields: str) -> dict:
        return self.run(lambda work: totals(work, entity, Query(), fields), write=False)


@pytest.fixture(scope="module")
def company(module_database) -> Iterator[Company]:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=2048, parallelism=1))
    registry = Registry(module_database.settings, lambda: NOW, passwords=passwords)
    layer = {
        str(path.relative_to(TENANT)): path.read_text(encoding="utf-8")
        for path in sorted(TENANT.rglob("*.yaml"))
    }
    registry.create(
        "adventureworks", modules=["master_data", "sales"], label="Adventure Works Cycles",
        language="en", now=NOW, currency="USD", zone="America/Los_Angeles", layer=layer,
        admin_roles=("base.admin", "sales.manager", "x.buyer"),
    )  # fmt: skip
    yield Company(registry.open("adventureworks"))
    registry.close()


@pytest.mark.slow
class TestAdventureWorks:
    def test_every_row_came_in(self, company: Company) -> None:
        for name, outcome in company.outcomes.items():
            assert not outcome.problems, (name, outcome.problems[:3])
        created = {name: outcome.created for name, outcome in company.outcomes.items()}
        assert created == {
            "units": 38, "categories": 37, "items": 504, "suppliers": 104, "customers": 19_820,
            "bom_rows": 2_679, "purchase_orders": 4_012, "sales_orders": 1_566,
        }  # fmt: skip

    def test_purchase_orders_add_up(self, company: Company) -> None:
        found = company.totals("x.purchase_order", "net", "subtotal", "total")
        assert Decimal(found["net"]) == Decimal("63791994.8380")
        assert Decimal(found["subtotal"]) == Decimal("63791994.8380")
        assert Decimal(found["total"]) == Decimal("70479332.6383")

    def test_sales_orders_add_up(self, company: Company) -> None:
        found = company.totals("sales.order", "net", "x__subtotal")
        assert Decimal(found["net"]) == Decimal("12527981.9927")
        assert Decimal(found["x__subtotal"]) == Decimal("12527981.9927")

    def test_importing_again_changes_nothing(self, company: Company) -> None:
        for name in ("items", "bom_rows", "purchase_orders", "sales_orders"):
            again = company.import_(name)
            assert (again.created, again.changed, again.refused) == (0, 0, 0), name
            assert again.same == company.outcomes[name].created
