"""Rows as JSON that both databases can read back: for what is parked, and for export."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from dougong.database.port import Connection, Row
from dougong.database.tables import Column, quote
from dougong.fields.field_type import Dialect

Convert = Callable[[Any], Any]
CHUNK = 1000


def mark(dialect: Dialect) -> str:
    """The placeholder of a value."""
    return "%s" if dialect == "postgresql" else "?"


def chosen(columns: Sequence[Column], dialect: Dialect) -> str:
    """The columns as a SELECT list that `readers` can read."""
    json_too = "::text" if dialect == "postgresql" else ""
    return ", ".join(
        quote(one.name) + (json_too if one.kind in ("json", "words") else "") for one in columns
    )


def readers(columns: Sequence[Column], dialect: Dialect) -> list[Convert]:
    """How to turn each stored value into JSON: numbers, dates and JSON itself as text, links as ints."""
    return [_none_safe(_reader(column, dialect)) for column in columns]


def writers(columns: Sequence[Column], dialect: Dialect) -> list[Convert]:
    """How to turn each value from JSON into what the driver binds."""
    return [_none_safe(_writer(column, dialect)) for column in columns]


def _none_safe(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _same(value: Any) -> Any:
    return value


def _reader(column: Column, dialect: Dialect) -> Convert:
    sqlite = dialect == "sqlite"
    match column.kind:
        case "number" if sqlite:
            return lambda value: f"{Decimal(value).scaleb(-column.scale):f}"
        case "number":
            return lambda value: f"{value:f}"
        case "boolean":
            return bool
        case "date" | "time" if not sqlite:
            return lambda value: value.isoformat()
        case "datetime" if not sqlite:
            return instant
        case "links" if sqlite:
            return lambda value: [int(one) for one in json.loads(value)]
        case "bytes":
            return lambda value: base64.b64encode(value).decode("ascii")
        case _:
            return _same


def _writer(column: Column, dialect: Dialect) -> Convert:
    sqlite = dialect == "sqlite"
    match column.kind:
        case "number" if sqlite:
            return lambda value: int(Decimal(value).scaleb(column.scale))
        case "number":
            return Decimal
        case "boolean" if sqlite:
            return int
        case "date" if not sqlite:
            return date.fromisoformat
        case "time" if not sqlite:
            return time.fromisoformat
        case "datetime" if not sqlite:
            return datetime.fromisoformat
        case "links" if sqlite:
            return lambda value: json.dumps(value, separators=(",", ":"))
        case "bytes":
            return base64.b64decode
        case _:
            return _same


def instant(value: datetime) -> str:
    """An aware time as SQLite stores it and JSON carries it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stored_instant(value: datetime, dialect: Dialect) -> Any:
    """An aware time as the driver binds it."""
    return instant(value) if dialect == "sqlite" else value


def in_chunks(
    connection: Connection,
    table: str,
    columns: Sequence[Column],
    key: Sequence[str],
    where: str = "",
) -> Iterator[list[Row]]:
    """Read the table by its key, a thousand rows at a time; rows may change while it is read."""
    names = chosen(columns, connection.dialect)
    places = [next(n for n, one in enumerate(columns) if one.name == name) for name in key]
    keys = ", ".join(quote(name) for name in key)
    marks = ", ".join([mark(connection.dialect)] * len(key))
    order = f"order by {keys} limit {CHUNK}"
    last: list[Any] = []
    while True:
        conditions = [f"({keys}) > ({marks})"] if last else []
        if where:
            conditions.append(f"({where})")
        condition = f"where {' and '.join(conditions)}" if conditions else ""
        rows = connection.run(f"select {names} from @.{quote(table)} {condition} {order}", last)  # noqa: S608 -- our names
        if not rows:
            return
        yield rows
        last = [rows[-1][place] for place in places]
