"""Times, JSON and place-holders as the platform's own tables hold them on either database."""

import json
from datetime import UTC, datetime
from typing import Any

from dougong.database.connect import Connection


def marked(connection: Connection, sql: str) -> str:
    """Write the place-holders `?` the connection's way; the SQL holds no other question mark."""
    return sql.replace("?", "%s") if connection.dialect == "postgresql" else sql


def to_time(connection: Connection, at: datetime | None) -> Any:
    """Return what the column of a time is given."""
    if at is None or connection.dialect == "postgresql":
        return at
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_time(value: Any) -> datetime | None:
    """Return the aware UTC time a column holds."""
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found.astimezone(UTC)


def to_json(value: Any) -> str | None:
    """Return what a JSON column is given."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def from_json(connection: Connection, value: Any) -> Any:
    """Return what a JSON column (or one of links) holds; PostgreSQL's driver has read it already."""
    return json.loads(value) if connection.dialect == "sqlite" and value is not None else value
