"""How to reach the tables of a tenant: the port and its openers, under one name."""

from typing import TYPE_CHECKING, Any

from dougong.database.port import (
    Busy,
    Conflict,
    Connection,
    Fault,
    Lost,
    Moved,
    Row,
    Storage,
    qualified,
)
from dougong.database.sqlite import Durable, SqlFunction, SqliteConnection, open_sqlite

if TYPE_CHECKING:
    from dougong.database.postgres import PostgresConnection, PostgresPool, open_postgres

__all__ = [
    "Busy",
    "Conflict",
    "Connection",
    "Durable",
    "Fault",
    "Lost",
    "Moved",
    "PostgresConnection",
    "PostgresPool",
    "Row",
    "SqlFunction",
    "SqliteConnection",
    "Storage",
    "open_postgres",
    "open_sqlite",
    "qualified",
]


def __getattr__(name: str) -> Any:
    """Import psycopg only where PostgreSQL is used: it is an extra."""
    if name in ("PostgresPool", "PostgresConnection", "open_postgres"):
        from dougong.database import postgres  # noqa: PLC0415

        return getattr(postgres, name)
    raise AttributeError(f"dougong.database.connect has no {name!r}")
