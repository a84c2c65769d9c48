"""Orders kept in PostgreSQL by hand: a connection per worker thread, the tenant's role put on in `begin`."""

import base64
import hashlib
from datetime import UTC, date, datetime
from threading import Lock, local
from typing import Any

import msgspec
import psycopg
from psycopg.types.numeric import Int8Dumper
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

from dougong.fields.words import index_words, sort_key, words_text

TENANT = "t_bench"
ROLE = "dougong_t_bench"
BLOCK = 1000
STAMPS = f"select name, value from {TENANT}.dougong_stamp"
WRITE = f"begin; set local role {ROLE}; {STAMPS}"
READ = f"begin isolation level repeatable read read only; set local role {ROLE}; {STAMPS}"
TOKEN = f'select "user" from {TENANT}.dougong_token where hash = %s and revoked is null and expires > %s'
PERSON = f"select login, companies from {TENANT}.base_user where id = %s and active"
ROLES = (
    f"select r.code from {TENANT}.base_user__grants g join {TENANT}.base_role r on r.id = g.role "
    "where g.parent = %s"
)
IDS = f"select nextval('{TENANT}.dougong_id')"
COUNT = (
    f"insert into {TENANT}.dougong_counter as c (name, per, n) values ('x.order_no', %s, 1) "
    "on conflict (name, per) do update set n = c.n + 1 returning n"
)
FIND_KEY = f'select body, answer, record from {TENANT}.dougong_key where "user" = %s and route = %s and key = %s'
ADD_KEY = (
    f'insert into {TENANT}.dougong_key ("user", route, key, body, status, answer, record, at) '
    "values (%s, %s, %s, %s, %s, %s, %s, %s)"
)
INSERT = f"""with o as (
    insert into {TENANT}.x_order (id, version, created, created_by, changed, changed_by, number, owner, date, due,
        customer, warehouse, channel, reference, ship_to, phone, urgent, note, rate, net, tax, total, number__sort)
    values ({", ".join(["%s"] * 23)})
), l as (
    insert into {TENANT}.x_order__items (id, parent, position, item, description, warehouse, due, qty, price,
        discount, tax_rate, batch, note, gross, amount, tax)
    select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::date[],
        %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[], %s::text[], %s::text[], %s::numeric[],
        %s::numeric[], %s::numeric[])
), w as (
    insert into {TENANT}.dougong_search (record, entity, words) values (%s, 'x.order', %s::tsvector)
)
insert into {TENANT}.dougong_trail
    (id, at, "user", login, door, entity, record, version, action, changes, company, trace, tx)
values (%s, %s, %s, %s, 'api', 'x.order', %s, 1, 'create', %s::jsonb, %s, %s, pg_current_xact_id()::text::bigint)"""
MINE = "(owner = %s or channel = 'shop')"
HEADER = (
    "id, version, created, created_by, changed, changed_by, number, owner, date, due, customer, warehouse, channel, "
    "reference, ship_to, phone, urgent, note, rate, net, tax, total"
)
GET = f"select {HEADER} from {TENANT}.x_order where id = %s and {MINE}"
GET_LINES = (
    "select id, item, description, warehouse, due, qty, price, discount, tax_rate, batch, note, gross, amount, tax "
    f"from {TENANT}.x_order__items where parent = %s order by position, id"
)
LIST = f"""select {HEADER}, number__sort from {TENANT}.x_order where {MINE}
    order by number__sort desc, id desc limit %s"""
LIST_AFTER = f"""select {HEADER}, number__sort from {TENANT}.x_order where {MINE} and (number__sort, id) < (%s, %s)
    order by number__sort desc, id desc limit %s"""


def id_text(value: int | None) -> str | None:
    return None if value is None else str(value)


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


class Orders:
    """All there is to do with orders; every worker thread has its connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.mine = local()
        self.lock = Lock()
        self.principals: dict[str, Principal] = {}
        self.next = self.end = 0

    def cursor(self) -> Any:
        """This thread's cursor."""
        if not hasattr(self.mine, "cursor"):
            raw = psycopg.connect(
                self.url, autocommit=True, prepare_threshold=2, options="-c timezone=UTC"
            )
            raw.adapters.register_dumper(int, Int8Dumper)
            self.mine.cursor = raw.cursor()
        return self.mine.cursor

    def begin(self, cursor: Any, text: str, token: str) -> Principal:
        """Begin, put the role on and read the stamps in one message; returns who asks."""
        cursor.execute(text, prepare=False)
        while cursor.nextset():
            pass
        return self.principal(cursor, dict(cursor.fetchall()), token)

    def create(self, token: str, body: bytes, key: str, trace: str) -> tuple[int, bytes]:
        """Create an order; returns its id and its JSON."""
        cursor = self.cursor()
        try:
            who = self.begin(cursor, WRITE, token)
            if not who.is_seller:
                raise Unknown("create")  # noqa: TRY301 -- undone below
            digest = ""
            if key:
                digest = hashlib.sha256(body).hexdigest()
                known = cursor.execute(FIND_KEY, (who.user, "create x.order", key)).fetchone()
                if known is not None:
                    if known[0] != digest:
                        raise Unknown("key used for another body")  # noqa: TRY301 -- undone below
                    cursor.connection.rollback()
                    return known[2], known[1].encode()
            order = read_order(body)
            self.check_links(cursor, order)
            at = datetime.now(UTC)
            shown = self.insert(cursor, order, who, at, trace)
            if key:
                cursor.execute(
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
            cursor.connection.commit()
        except BaseException:
            cursor.connection.rollback()
            raise
        return order.id, shown

    def read(self, token: str, id_: int) -> bytes | None:
        """The JSON of an order; None when it is not there or out of reach."""
        cursor = self.cursor()
        try:
            who = self.begin(cursor, READ, token)
            if not who.is_seller:
                raise Unknown("read")
            header = cursor.execute(GET, (id_, who.user)).fetchone()
            if header is None:
                return None
            lines = cursor.execute(GET_LINES, (id_,)).fetchall()
        finally:
            cursor.connection.commit()
        shown = header_shown(header)
        shown["items"] = [line_shown(line) for line in lines]
        return encode(shown)

    def list(self, token: str, limit: int, after: str) -> bytes:
        """A page of orders, the newest number first."""
        cursor = self.cursor()
        try:
            who = self.begin(cursor, READ, token)
            if not who.is_seller:
                raise Unknown("read")
            if after:
                number, last = msgspec.json.decode(base64.urlsafe_b64decode(after))
                cursor.execute(LIST_AFTER, (who.user, number, last, limit + 1))
            else:
                cursor.execute(LIST, (who.user, limit + 1))
            rows = cursor.fetchall()
        finally:
            cursor.connection.commit()
        position = ""
        if len(rows) > limit:
            rows = rows[:limit]
            position = base64.urlsafe_b64encode(encode([rows[-1][22], rows[-1][0]])).decode()
        return encode({"rows": [header_shown(row) for row in rows], "next": position})

    def principal(self, cursor: Any, stamps: dict[str, int], token: str) -> Principal:
        """Who asks; read anew when the security stamp has moved."""
        proof = hashlib.sha256(token.encode()).hexdigest()
        known = self.principals.get(proof)
        if known is not None and known.security == stamps["security"]:
            return known
        found = cursor.execute(TOKEN, (proof, datetime.now(UTC))).fetchone()
        person = found and cursor.execute(PERSON, found).fetchone()
        if not person:
            raise Unknown("token")
        roles = frozenset(code for (code,) in cursor.execute(ROLES, found))
        known = Principal(found[0], person[0], int(person[1][0]), stamps["security"], roles)
        self.principals[proof] = known
        return known

    def check_links(self, cursor: Any, order: Order) -> None:
        """Everything the order links to must be there."""
        stores = {int(line.warehouse) for line in order.items if line.warehouse}
        if order.warehouse:
            stores.add(int(order.warehouse))
        check_all(cursor, "master_data_customer", {int(order.customer)})
        check_all(cursor, "master_data_warehouse", stores)
        check_all(cursor, "master_data_item", {int(line.item) for line in order.items})

    def insert(self, cursor: Any, order: Order, who: Principal, at: datetime, trace: str) -> bytes:
        """Write a new order with all that belongs to it in one statement; returns its JSON."""
        count = len(order.items)
        order.id = first = self.ids(cursor, count + 2)
        counted = cursor.execute(COUNT, (period(order.date),)).fetchone()
        order.number = number_text(order.date, counted[0])
        rows = []
        for position, line in enumerate(order.items):
            line.id = first + 1 + position
            rows.append((
                line.id, first, position, int(line.item), line.description,
                int(line.warehouse) if line.warehouse else None, line.due, line.qty, line.price,
                line.discount, line.tax_rate, line.batch, line.note, line.gross, line.amount,
                line.tax,
            ))  # fmt: skip
        shown = encode(show_order(order, who.user, instant(at)))
        cursor.execute(INSERT, (
            first, 1, at, who.user, at, who.user, order.number, who.user, order.date, order.due,
            int(order.customer), int(order.warehouse) if order.warehouse else None, order.channel,
            order.reference, order.ship_to, order.phone, order.urgent, order.note, order.rate,
            order.net, order.tax, order.total, sort_key(order.number),
            *(list(column) for column in zip(*rows, strict=True)),
            first, words_text(index_words([order.number]), "postgresql"),
            first + count + 1, at, who.user, who.login, first,
            f'{{"":[null,{shown.decode()}]}}', who.company, trace,
        ))  # fmt: skip
        return shown

    def ids(self, cursor: Any, count: int) -> int:
        """The first of some new ids, from a block that is this process's."""
        with self.lock:
            if self.next + count > self.end:
                (self.next,) = cursor.execute(IDS).fetchone()
                self.end = self.next + BLOCK
            first = self.next
            self.next += count
            return first


def check_all(cursor: Any, table: str, ids: set[int]) -> None:
    sql = f"select id from {TENANT}.{table} where id = any(%s)"
    if ids - {id_ for (id_,) in cursor.execute(sql, (list(ids),))}:
        raise Unknown(table)


def header_shown(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        id_, version, created, created_by, changed, changed_by, number, owner, on, due, customer,
        warehouse, channel, reference, ship_to, phone, urgent, note, rate, net, tax, total, *_,
    ) = row  # fmt: skip
    return {
        "id": str(id_), "version": version, "number": number, "owner": id_text(owner),
        "date": on.isoformat(), "due": day(due), "customer": str(customer),
        "warehouse": id_text(warehouse), "channel": channel, "reference": reference,
        "ship_to": ship_to, "phone": phone, "urgent": urgent, "note": note, "rate": str(rate),
        "net": str(net), "tax": str(tax), "total": str(total), "created": instant(created),
        "created_by": id_text(created_by), "changed": instant(changed),
        "changed_by": id_text(changed_by),
    }  # fmt: skip


def line_shown(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        id_, item, description, warehouse, due, qty, price, discount, tax_rate, batch, note, gross,
        amount, tax,
    ) = row  # fmt: skip
    return {
        "id": str(id_), "item": str(item), "description": description,
        "warehouse": id_text(warehouse), "due": day(due), "qty": str(qty), "price": str(price),
        "discount": str(discount), "tax_rate": str(tax_rate), "batch": batch, "note": note,
        "gross": str(gross), "amount": str(amount), "tax": str(tax),
    }  # fmt: skip
