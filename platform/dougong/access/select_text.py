"""The one place where the text of a SELECT is put together; every value is a placeholder."""

from dougong.fields.field_type import Dialect

_IDENTIFIER = "abcdefghijklmnopqrstuvwxyz0123456789_"


def select(what: str, table: str, alias: str, where: str = "", tail: str = "") -> str:
    """Write `SELECT what FROM table AS alias WHERE where tail`.

    `table` is a table of the catalog or the platform; the other parts are made of its columns.
    """
    return f"SELECT {what}{source(table, alias, where)}{tail}"


def source(table: str, alias: str, where: str = "") -> str:
    """Write ` FROM table AS alias WHERE where`. Raises ValueError for what is no table name."""
    if not table or not set(table) <= set(_IDENTIFIER):
        raise ValueError(f"{table!r} is no table name")
    condition = f" WHERE {where}" if where else ""
    return f' FROM @."{table}" AS {alias}{condition}'


def exists(table: str, alias: str, where: str) -> str:
    """Write `EXISTS (SELECT 1 …)`."""
    return f"EXISTS ({select('1', table, alias, where)})"


def mark(dialect: Dialect) -> str:
    """Return the placeholder of one value."""
    return "?" if dialect == "sqlite" else "%s"


def among(dialect: Dialect, kind: str = "bigint") -> str:
    """Write `… is one of the values of one parameter`: JSON text on SQLite, an array of `kind` on
    PostgreSQL.
    """
    if dialect == "sqlite":
        return "IN (SELECT value FROM json_each(?))"
    return f"= ANY(%s::{kind}[])"
