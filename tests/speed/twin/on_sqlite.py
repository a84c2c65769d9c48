"""Orders kept in SQLite by hand: one connection, used by one thread."""

import base64
import hashlib
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from tests.speed.twin.order import (
    Order,
    encode,
    instant,
    number_text,
    period,
    read_order,
    show_order,
)
from tests.speed.twin.principal import Principal, Unknown

from dougong.fields.words import index_words, sort_key

BLOCK = 1000
STAMPS = "select name, value from dougong_stamp"
TOKEN = 'select "user" from dougong_token where hash = ? and revoked is null and expires > ?'
PERSON = "select login, companies from base_user where id = ? and active = 1"
ROLES = (
    'select r.code from base_user__grants g join base_role r on r.id = g."role" where g.parent = ?'
)
IDS = (
    "insert into dougong_counter (name, per, n) values ('id', '', ?) "
    "on conflict (name, per) do update set n = n + ? returning n"
)
COUNT = (
    "insert into dougong_counter (name, per, n) values ('x.order_no', ?, 1) "
    "on conflict (name, per) do update set n = n + 1 returning n"
)
FIND_KEY = (
    'select body, answer, record from dougong_key where "user" = ? and route = ? and "key" = ?'
)
ADD_KEY = (
    'insert into dougong_key ("user", route, "key", body, status, answer, record, at) '
    "values (?, ?, ?, ?, ?, ?, ?, ?)"
)
ORDER = (
    'insert into x_order (id, version, created, created_by, changed, changed_by, "number", "owner", "date", '
    "due, customer, warehouse, channel, reference, ship_to, phone, urgent, note, rate, net, tax, total, number__sort) "
    f"values ({', '.join('?' * 23)})"
)
LINE = f"({', '.join('?' * 16)})"
LINES = (
    "insert into x_order__items (id, parent, position, item, description, warehouse, due, qty, price, discount, "
    "tax_rate, batch, note, gross, amount, tax) values "
)
WORDS = "insert into dougong_search (rowid, entity, record, words) values (?, ?, ?, ?)"
TRAIL = (
    'insert into dougong_trail (id, at, "user", login, door, entity, record, version, action, changes, company, trace, tx) '
    "values (?, ?, ?, ?, 'api', 'x.order', ?, 1, 'create', ?, ?, ?, 0)"
)
MINE = "(\"owner\" = ? or channel = 'shop')"
HEADER = (
    'id, version, created, created_by, changed, changed_by, "number", "owner", "date", due, customer, warehouse, '
    "channel, reference, ship_to, phone, urgent, note, rate, net, tax, total"
)
GET = f"select {HEADER} from x_order where id = ? and {MINE}"
GET_LINES = (
    "select id, item, description, warehouse, due, qty, price, discount, tax_rate, batch, note, gross, amount, tax "
    "from x_order__items where parent = ? order by position, id"
)
LIST = f"select {HEADER}, number__sort from x_order where {MINE} order by number__sort desc, id desc limit ?"
LIST_AFTER = (
    f"select {HEADER}, number__sort from x_order where {MINE} and (number__sort, id) < (?, ?) "
    "order by number__sort desc, id desc limit ?"
)


def micros(value: Decimal) -> int:
    return int(value.scaleb(6))


def cents(value: Decimal) -> int:
    return int(value.scaleb(2))


def micros_text(value: int) -> str:
    return f"{value // 1_000_000}.{value % 1_000_000:06}"


def cents_text(value: int) -> str:
    return f"{value // 100}.{value % 100:02}"


def id_text(value: int | None) -> str | None:
    return None if value is None else str(value)


class Orders:
    """All there is to do with orders."""

    def __init__(self, file: Path) -> None:
        self.db = sqlite3.connect(
            file, isolation_level=None, check_same_thread=False, timeout=10, cached_statements=512
        )
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            self.db.execute(f"pragma {pragma}")
        self.run = self.db.execute
        self.principals: dict[str, Principal] = {}
        self.next = self.end = 0

    def create(self, token: str, body: bytes, key: str, trace: str) -> tuple[int, bytes]:
        """Create an order; returns its id and its JSON."""
        with_key = bool(key)
        self.run("begin immediate")
        try:
            who = self.principal(token)
            if not who.is_seller:
                raise Unknown("create")  # noqa: TRY301 -- undone below
            digest = ""
            if with_key:
                digest = hashlib.sha256(body).hexdigest()
                known = self.run(FIND_KEY, (who.user, "create x.order", key)).fetchone()
                if known is not None:
                    if known[0] != digest:
                        raise Unknown("key used for another body")  # noqa: TRY301 -- undone below
                    self.run("rollback")
                    return known[2], known[1].encode()
            order = read_order(body)
            self.check_links(order)
            at = datetime.now(UTC)
            shown = self.insert(order, who, instant(at), trace)
            if with_key:
                self.run(
                    ADD_KEY,
                    (
                        who.user,
                        "create x.order",
                        key,
                        digest,
                        201,
                        shown.decode(),
                        order.id,
                        instant(at),
                    ),
                )
            self.run("commit")
        except BaseException:
            self.next = self.end = 0
            if self.db.in_transaction:
                self.run("rollback")
            raise
        return order.id, shown

    def read(self, token: str, id_: int) -> bytes | None:
        """The JSON of an order; None when it is not there or out of reach."""
        self.run("begin")
        try:
            who = self.principal(token)
            if not who.is_seller:
                raise Unknown("read")
            header = self.run(GET, (id_, who.user)).fetchone()
            if header is None:
                return None
            lines = self.run(GET_LINES, (id_,)).fetchall()
        finally:
            self.run("commit")
        shown = header_shown(header)
        shown["items"] = [line_shown(line) for line in lines]
        return encode(shown)

    def list(self, token: str, limit: int, after: str) -> bytes:
        """A page of orders, the newest number first."""
        self.run("begin")
        try:
            who = self.principal(token)
            if not who.is_seller:
                raise Unknown("read")
            if after:
                number, last = msgspec.json.decode(base64.urlsafe_b64decode(after))
                rows = self.run(LIST_AFTER, (who.user, number, last, limit + 1)).fetchall()
            else:
                rows = self.run(LIST, (who.user, limit + 1)).fetchall()
        finally:
            self.run("commit")
        position = ""
        if len(rows) > limit:
            rows = rows[:limit]
            position = base64.urlsafe_b64encode(encode([rows[-1][22], rows[-1][0]])).decode()
        return encode({"rows": [header_shown(row) for row in rows], "next": position})

    def principal(self, token: str) -> Principal:
        """Who asks; read anew when the security stamp has moved. It is a transaction's first act."""
        stamps = dict(self.run(STAMPS).fetchall())
        proof = hashlib.sha256(token.encode()).hexdigest()
        known = self.principals.get(proof)
        if known is not None and known.security == stamps["security"]:
            return known
        found = self.run(TOKEN, (proof, instant(datetime.now(UTC)))).fetchone()
        person = found and self.run(PERSON, found).fetchone()
        if not person:
            raise Unknown("token")
        roles = frozenset(code for (code,) in self.run(ROLES, found))
        companies = msgspec.json.decode(person[1] or "[]")
        known = Principal(found[0], person[0], int(companies[0]), stamps["security"], roles)
        self.principals[proof] = known
        return known

    def check_links(self, order: Order) -> None:
        """Everything the order links to must be there."""
        stores = {int(line.warehouse) for line in order.items if line.warehouse}
        if order.warehouse:
            stores.add(int(order.warehouse))
        items = {int(line.item) for line in order.items}
        self.check_all("master_data_customer", {int(order.customer)})
        self.check_all("master_data_warehouse", stores)
        self.check_all("master_data_item", items)

    def check_all(self, table: str, ids: set[int]) -> None:
        given = encode(sorted(ids)).decode()
        sql = f"select id from {table} where id in (select value from json_each(?))"
        if ids - {id_ for (id_,) in self.run(sql, (given,))}:
            raise Unknown(table)

    def insert(self, order: Order, who: Principal, at: str, trace: str) -> bytes:
        """Write a new order with all that belongs to it; returns its JSON."""
        run, count = self.run, len(order.items)
        order.id = first = self.ids(count + 2)
        counted = run(COUNT, (period(order.date),)).fetchone()
        order.number = number_text(order.date, counted[0])
        run(ORDER, (
            first, 1, at, who.user, at, who.user, order.number, who.user, order.date.isoformat(),
            order.due and order.due.isoformat(), int(order.customer),
            int(order.warehouse) if order.warehouse else None, order.channel, order.reference,
            order.ship_to, order.phone, order.urgent, order.note, micros(order.rate),
            cents(order.net), cents(order.tax), cents(order.total), sort_key(order.number),
        ))  # fmt: skip
        values: list[Any] = []
        for position, line in enumerate(order.items):
            line.id = first + 1 + position
            values += (
                line.id, first, position, int(line.item), line.description,
                int(line.warehouse) if line.warehouse else None,
                line.due and line.due.isoformat(), micros(line.qty), micros(line.price),
                micros(line.discount), micros(line.tax_rate), line.batch, line.note,
                cents(line.gross), cents(line.amount), cents(line.tax),
            )  # fmt: skip
        run(LINES + ", ".join([LINE] * count), values)
        shown = encode(show_order(order, who.user, at))
        run(WORDS, (first, "x.order", first, " ".join(index_words([order.number]))))
        changes = f'{{"":[null,{shown.decode()}]}}'
        run(TRAIL, (first + count + 1, at, who.user, who.login, first, changes, who.company, trace))
        return shown

    def ids(self, count: int) -> int:
        """The first of some new ids, from a block that this transaction may just have taken."""
        if self.next + count > self.end:
            (self.end,) = self.run(IDS, (2 * BLOCK, BLOCK)).fetchone()
            self.next = self.end - BLOCK
        first = self.next
        self.next += count
        return first


def header_shown(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        id_, version, created, created_by, changed, changed_by, number, owner, date, due, customer,
        warehouse, channel, reference, ship_to, phone, urgent, note, rate, net, tax, total, *_,
    ) = row  # fmt: skip
    return {
        "id": str(id_), "version": version, "number": number, "owner": id_text(owner), "date": date,
        "due": due, "customer": str(customer), "warehouse": id_text(warehouse), "channel": channel,
        "reference": reference, "ship_to": ship_to, "phone": phone, "urgent": urgent == 1,
        "note": note, "rate": micros_text(rate), "net": cents_text(net), "tax": cents_text(tax),
        "total": cents_text(total), "created": created, "created_by": id_text(created_by),
        "changed": changed, "changed_by": id_text(changed_by),
    }  # fmt: skip


def line_shown(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        id_, item, description, warehouse, due, qty, price, discount, tax_rate, batch, note, gross,
        amount, tax,
    ) = row  # fmt: skip
    return {
        "id": str(id_), "item": str(item), "description": description,
        "warehouse": id_text(warehouse), "due": due, "qty": micros_text(qty),
        "price": micros_text(price), "discount": micros_text(discount),
        "tax_rate": micros_text(tax_rate), "batch": batch, "note": note,
        "gross": cents_text(gross), "amount": cents_text(amount), "tax": cents_text(tax),
    }  # fmt: skip
