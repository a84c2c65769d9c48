"""A small shop on both databases: customers in regions, orders with lines, a few people."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dougong.access.column_text import sort_column
from dougong.catalog.catalog import Catalog
from dougong.database.connect import Connection
from dougong.fields.words import index_words, sort_key, words_text
from dougong.foundation.context import Context
from dougong.queries.values import store_of
from dougong.records.work import Work, open_work

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)

SHOP = {
    "shop/entities/region.yaml": """
entity: shop.region
label: {zh: 区域, en: Region}
title: "{code} {name}"
key: [code]
search: [code, name]
fields:
  code: {type: code, label: {zh: 编码, en: Code}, required: true}
  name: {type: text, label: {zh: 名称, en: Name}}
  secret: {type: text, label: {zh: 机密, en: Secret}}
""",
    "shop/entities/customer.yaml": """
entity: shop.customer
label: {zh: 客户, en: Customer}
title: "{code} {name}"
key: [code]
search: [code, name]
levels: {money: [credit]}
fields:
  code: {type: code, label: {zh: 编码, en: Code}, required: true}
  name: {type: text, label: {zh: 名称, en: Name}}
  region: {type: link, to: shop.region, label: {zh: 区域, en: Region}}
  group: {type: choice, label: {zh: 类别, en: Group}, options: {retail: {zh: 零售, en: Retail}, whole: {label: {zh: 批发, en: Wholesale}, code: W}}}
  owner: {type: link, to: base.user, label: {zh: 负责人, en: Owner}}
  credit: {type: money, label: {zh: 信用额度, en: Credit}}
  active: {type: boolean, label: {zh: 启用, en: Active}}
  barcode: {type: barcode, label: {zh: 条码, en: Barcode}}
  tags: {type: links, to: shop.region, label: {zh: 标签, en: Tags}}
""",
    "shop/entities/order.yaml": """
entity: shop.order
label: {zh: 订单, en: Order}
title: "{number} {customer}"
key: [number]
search: [number, note, customer.name]
fields:
  number: {type: code, label: {zh: 编号, en: Number}}
  company: {type: link, to: base.company, label: {zh: 组织, en: Company}}
  owner: {type: link, to: base.user, label: {zh: 负责人, en: Owner}}
  customer: {type: link, to: shop.customer, label: {zh: 客户, en: Customer}, where: "active and (this.region == null or region == this.region)"}
  region: {type: link, to: shop.region, label: {zh: 区域, en: Region}}
  currency: {type: link, to: base.currency, label: {zh: 币别, en: Currency}}
  date: {type: date, label: {zh: 日期, en: Date}}
  at: {type: datetime, label: {zh: 时刻, en: At}}
  urgent: {type: boolean, label: {zh: 加急, en: Urgent}}
  pieces: {type: integer, label: {zh: 件数, en: Pieces}}
  total: {type: money, currency: currency, label: {zh: 金额, en: Total}}
  discount: {type: percent, label: {zh: 折扣, en: Discount}}
  pay: {type: money, label: {zh: 应付, en: Payable}, formula: "round(total * (1 - coalesce(discount, 0)), 2)"}
  note: {type: text, label: {zh: 备注, en: Note}}
lines:
  items:
    label: {zh: 明细, en: Lines}
    fields:
      product: {type: text, label: {zh: 产品, en: Product}}
      qty: {type: quantity, label: {zh: 数量, en: Qty}}
      cost: {type: money, label: {zh: 成本, en: Cost}}
      region: {type: link, to: shop.region, label: {zh: 产地, en: Origin}}
""",
    "shop/entities/words.yaml": """
entity: shop.words
label: {zh: 保留字, en: Words}
search: [select]
fields:
  select: {type: text, label: {zh: a, en: a}}
  from: {type: text, label: {zh: b, en: b}}
  where: {type: integer, label: {zh: c, en: c}}
  order: {type: date, label: {zh: d, en: d}}
  group: {type: boolean, label: {zh: e, en: e}}
  limit: {type: money, label: {zh: f, en: f}}
  table: {type: link, to: shop.words, label: {zh: g, en: g}}
lines:
  union:
    label: {zh: h, en: h}
    fields:
      join: {type: text, label: {zh: i, en: i}}
""",
    "shop/entities/visit.yaml": """
entity: shop.visit
label: {zh: 拜访, en: Visit}
fields:
  name: {type: text, label: {zh: 名称, en: Name}}
  about_kind: {type: entity, label: {zh: 对象类型, en: About what}}
  about: {type: link, by: about_kind, to: [shop.customer, shop.order], label: {zh: 对象, en: About}}
""",
    "shop/roles/boss.yaml": """
role: shop.boss
label: {zh: 老板, en: Boss}
grants:
  shop.visit: {read: true, create: true}
  shop.region: {read: true, create: true, update: true, delete: true}
  shop.customer: {read: true, create: true, update: true, delete: true, levels: {money: edit}}
  shop.order: {read: true, create: true, update: true, delete: true, import: true}
  shop.words: {read: true}
  base.user: {read: true}
  base.company: {read: true}
""",
    "shop/roles/seller.yaml": """
role: shop.seller
label: {zh: 销售员, en: Seller}
grants:
  shop.region: {read: {rows: "code != 'SEC'"}, hide: [secret]}
  shop.customer: {read: {rows: "owner == user or group == 'retail'"}, update: {fields: [name]}}
  shop.order: {read: {rows: owner == user}, create: true, update: {rows: "owner == user and not urgent"}, hide: [items.cost, discount, pay], export: false}
""",
    "shop/roles/helper.yaml": """
role: shop.helper
label: {zh: 助理, en: Helper}
grants:
  shop.order: {read: true, hide: [total, pay, customer]}
""",
    "shop/roles/regional.yaml": """
role: shop.regional
label: {zh: 区域经理, en: Regional}
grants:
  shop.region: {read: true}
  shop.customer: {read: {rows: "region.code == 'EAST'"}, levels: {money: read}}
  shop.order: {read: {rows: "customer.region.code == 'EAST' or any(items.qty > 100)"}}
""",
    "shop/lists/order.yaml": """
list: shop.order
entity: shop.order
columns: [number, customer.name, total]
views:
  big: {label: {zh: 大单, en: Big}, where: total > 100}
  mine: {label: {zh: 我的, en: Mine}, where: owner == user}
""",
}


class Shop:
    """A tenant with the shop's tables and a hand to put records in and look at them."""

    def __init__(self, catalog: Catalog, connection: Connection) -> None:
        self.catalog = catalog
        self.connection = connection
        self.statements: list[tuple[str, tuple[Any, ...]]] = []
        self.last = 100

    def put(
        self, entity_id: str, /, lines: Mapping[str, list[dict]] | None = None, **values: Any
    ) -> int:
        """Write a record past every rule and return its id."""
        entity = self.catalog.entities[entity_id]
        self.last += 1
        id_ = values.pop("id", self.last)
        own = {
            "id": id_,
            "version": 1,
            "created": self._at(),
            "created_by": 1,
            "changed": self._at(),
            "changed_by": 1,
        }
        self._insert(entity.table, {**own, **self._columns(entity, entity.fields, values)})
        for name, rows in (lines or {}).items():
            for position, row in enumerate(rows):
                self.last += 1
                kept = self._columns(None, entity.lines[name].fields, row)
                head = {"id": self.last, "parent": id_, "position": position}
                self._insert(entity.lines[name].table, {**head, **kept})
        if entity.search:
            self.index(entity_id, id_, [values.get(path) for path in entity.search])
        return id_

    def index(self, entity_id: str, id_: int, texts: list[str | None]) -> None:
        dialect = self.connection.dialect
        self.connection.change(f'DELETE FROM @."dougong_search" WHERE "record" = {id_:d}')
        row = {"record": id_, "entity": entity_id, "words": words_text(index_words(texts), dialect)}
        if dialect == "sqlite":
            row["rowid"] = id_
        self._insert("dougong_search", row)

    def work(
        self, *roles: str, user: int = 1, companies: tuple[int, ...] = (), **more: Any
    ) -> Work:
        context = Context(
            tenant="test",
            user=user,
            login=f"user{user}",
            roles=frozenset(
                {"base.everyone", *(role if "." in role else f"shop.{role}" for role in roles)}
            ),
            now=NOW,
            companies=companies,
            language=more.pop("language", "en"),
            **more,
        )
        return open_work(context, self.catalog, Recorder(self.connection, self.statements))

    def _at(self) -> Any:
        return "2026-11-25T02:00:00.000000Z" if self.connection.dialect == "sqlite" else NOW

    def _columns(
        self, entity: Any, fields: Mapping[str, Any], values: Mapping[str, Any]
    ) -> dict[str, Any]:
        made = {}
        for name, value in values.items():
            kind = fields[name]
            made[kind.column] = (
                None if value is None else store_of(kind.shape, self.connection.dialect)(value)
            )
            if entity and sort_column(entity, kind):
                made[sort_column(entity, kind)] = sort_key(value)
        return made

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        mark = "?" if self.connection.dialect == "sqlite" else "%s"
        marks = ["%s::tsvector" if mark == "%s" and name == "words" else mark for name in row]
        names = ", ".join(f'"{name}"' for name in row)
        sql = f'INSERT INTO @."{table}" ({names}) VALUES ({", ".join(marks)})'
        self.connection.change(sql, tuple(row.values()))


class Recorder:
    """A connection that remembers every statement."""

    def __init__(self, inner: Connection, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
        self.inner = inner
        self.statements = statements
        self.dialect = inner.dialect
        self.schema = inner.schema

    def run(self, sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
        self.statements.append((sql, tuple(params)))
        return self.inner.run(sql, params)


@pytest.fixture
def shop_of(database, catalog_of) -> Callable[..., Shop]:
    """Build a shop: `shop_of()`, or with further files."""

    def make(files: Mapping[str, str] | None = None) -> Shop:
        catalog = catalog_of({**SHOP, **(files or {})})
        connection = database.laid(catalog, NOW)
        connection.begin(write=True)
        shop = Shop(catalog, connection)
        for user in (1, 2, 3):
            shop.put("base.user", id=user, login=f"user{user}", name=f"User {user}")
        return shop

    return make


@pytest.fixture
def shop(shop_of) -> Shop:
    """A shop with a few records: see the code, it is short."""
    made = shop_of()
    made.put("base.currency", id=10, code="CNY", name="人民币", decimals=2)
    made.put("base.currency", id=11, code="USD", name="US dollar", decimals=2)
    for company in (20, 21):
        made.put(
            "base.company",
            id=company,
            code=f"C{company}",
            name=f"Company {company}",
            currency=10,
            zone="Asia/Shanghai",
        )
    for id_, code in ((30, "EAST"), (31, "WEST"), (32, "SEC")):
        made.put("shop.region", id=id_, code=code, name=code.title(), secret=f"s-{code}")
    made.put(
        "shop.customer",
        id=40,
        code="A1",
        name="上海轴承厂",
        region=30,
        group="retail",
        owner=1,
        credit=Decimal("1000.00"),
        active=True,
        barcode="6901",
        tags=(30, 31),
    )
    made.put(
        "shop.customer",
        id=41,
        code="A10",
        name="北京不锈钢",
        region=31,
        group="whole",
        owner=2,
        credit=Decimal("50.00"),
        active=True,
    )
    made.put(
        "shop.customer",
        id=42,
        code="B2",
        name="Zürich Bolts 100%",
        region=32,
        group="whole",
        owner=3,
        active=False,
    )
    orders = [
        (50, "SO1", 20, 1, 40, 10, date(2026, 1, 5), True, 3, "226.00", "急件"),
        (51, "SO2", 20, 1, 41, 10, date(2026, 1, 20), False, None, "50.50", None),
        (52, "SO3", 21, 2, 41, 11, date(2026, 2, 1), None, 7, "100.00", "a_b%c"),
        (53, "SO4", None, 2, 42, 10, None, False, 3, "0.01", "轴承"),
        (54, None, 20, 1, None, None, date(2026, 2, 28), False, 0, None, ""),
    ]
    for id_, number, company, owner, customer, currency, day, urgent, pieces, total, note in orders:
        made.put(
            "shop.order", id=id_, number=number, company=company, owner=owner, customer=customer,
            currency=currency, date=day, urgent=urgent, pieces=pieces, note=note or None,
            at=datetime(2026, 1, 1, 0, 0, 0, id_, tzinfo=UTC),
            total=Decimal(total) if total else None, discount=Decimal("0.100000") if id_ == 50 else None,
            lines={"items": [{"product": f"P{id_}", "qty": Decimal(id_ * 2), "cost": Decimal("9.99"), "region": 30}]},
        )  # fmt: skip
    return made
