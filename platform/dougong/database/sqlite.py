"""SQLite: one file per tenant, one connection per thread."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from dougong.database.port import Busy, Conflict, ConflictKind, Fault, Row, Storage, qualified

SqlFunction = tuple[str, int, Callable[..., Any]]
"""Name, number of arguments (-1: any), and what it does. It must be deterministic."""

Durable = Literal["process", "power"]
"""What an acknowledged write survives, see `open_sqlite`."""

_SYNCHRONOUS: Final = {"process": "normal", "power": "full"}
_BUSY_MS: Final = 10_000
_STATEMENTS: Final = 512
_FAILED = re.compile(r"^(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.*))?$")
_KINDS: Final[dict[str, ConflictKind]] = {
    "UNIQUE": "unique", "NOT NULL": "required", "CHECK": "check", "FOREIGN KEY": "foreign_key",
}  # fmt: skip


def open_sqlite(
    path: Path | str,
    *,
    create: bool = False,
    functions: Iterable[SqlFunction] = (),
    durable: Durable = "power",
    fault: Fault | None = None,
) -> "SqliteConnection":
    """Open the tenant's file; `create` makes it when it is missing.

    WAL with `synchronous=NORMAL` loses nothing when the process is killed, since the pages are with
    the operating system by then, but a power cut may take the last transactions (never half of
    one). An acknowledged document must not vanish, so the default is FULL: one fsync of the log per
    commit. `durable="process"` is for what can be made again: tests, imports into a new file.
    Raises Storage when the file cannot be opened, FileNotFoundError when it is not there.
    """
    name = str(path)
    if name != ":memory:" and not create and not Path(name).is_file():
        raise FileNotFoundError(name)
    try:
        raw = sqlite3.connect(
            name,
            timeout=_BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
        )
        for pragma in (
            "journal_mode = wal",
            f"synchronous = {_SYNCHRONOUS[durable]}",
            "foreign_keys = on",
            "temp_store = memory",
            "cache_size = -8000",
            "trusted_schema = off",
        ):
            raw.execute(f"pragma {pragma}").fetchall()
        for function, arity, body in functions:
            raw.create_function(function, arity, body, deterministic=True)
    except sqlite3.Error as error:
        raise _translated(error) from error
    return SqliteConnection(raw, fault)


class SqliteConnection:
    """The port over the standard library's sqlite3; transactions are begun by hand only."""

    dialect: Final = "sqlite"
    schema: Final = ""

    def __init__(self, raw: sqlite3.Connection, fault: Fault | None = None) -> None:
        self.raw = raw
        self._execute = raw.execute
        self._fault = fault

    def run(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        if self._fault:
            self._fault("run")
        try:
            return self._execute(qualified(sql, ""), params).fetchall()
        except sqlite3.Error as error:
            raise _translated(error) from error

    def change(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it touched (0 for DDL)."""
        if self._fault:
            self._fault("change")
        try:
            return max(self._execute(qualified(sql, ""), params).rowcount, 0)
        except sqlite3.Error as error:
            raise _translated(error) from error

    def change_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once per row of parameters."""
        if self._fault:
            self._fault("change")
        try:
            self.raw.executemany(qualified(sql, ""), rows)
        except sqlite3.Error as error:
            raise _translated(error) from error

    def begin(self, *, write: bool, first: str = "") -> list[Row]:
        """Begin a transaction and run `first`."""
        if self._fault:
            self._fault("begin")
        try:
            self._execute("begin immediate" if write else "begin")
            if not first:
                return []
            try:
                return self._execute(qualified(first, "")).fetchall()
            except sqlite3.Error:
                self.rollback()
                raise
        except sqlite3.Error as error:
            raise _translated(error) from error

    def commit(self) -> None:
        """Make the transaction's changes permanent."""
        if self._fault:
            self._fault("commit")
        try:
            self._execute("commit")
        except sqlite3.Error as error:
            raise _translated(error) from error
        if self._fault:
            self._fault("committed")

    def rollback(self) -> None:
        """Undo the transaction; harmless when none is open."""
        if self._fault:
            self._fault("rollback")
        if self.raw.in_transaction:
            self._execute("rollback")

    def close(self) -> None:
        """Close; an open transaction is undone."""
        self.raw.close()


def _translated(error: sqlite3.Error) -> Exception:
    """Say in the port's words what SQLite said; a mistake in the SQL stays what it is."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(str(error))
    if code == sqlite3.SQLITE_FULL:
        return Storage("full", str(error))
    if code == sqlite3.SQLITE_READONLY:
        return Storage("read_only", str(error))
    if code in (
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    ):
        return Storage("broken", str(error))
    found = _FAILED.match(str(error))
    return _conflict(_KINDS[found[1]], found[2] or "") if found else error


def _conflict(kind: ConflictKind, rest: str) -> Conflict:
    """Read `table.column, table.column` or `index 'name'`."""
    if kind in ("foreign_key", "check"):
        return Conflict(kind, constraint=rest)
    if rest.startswith("index "):
        return Conflict(kind, constraint=rest.removeprefix("index ").strip("'"))
    parts = [part.rpartition(".") for part in rest.split(", ")]
    return Conflict(kind, "", parts[0][0], tuple(column for _, _, column in parts))
