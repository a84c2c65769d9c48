"""PostgreSQL: one schema and one role per tenant, a small pool of connections per process."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any, Final

import psycopg
from psycopg.types.numeric import Int8Dumper

from dougong.database.port import (
    Busy,
    Conflict,
    ConflictKind,
    Fault,
    Lost,
    Moved,
    Row,
    Storage,
    qualified,
)

_CONFLICTS: Final[dict[str, ConflictKind]] = {
    "23505": "unique", "23503": "foreign_key", "23502": "required", "23514": "check",
}  # fmt: skip
_BUSY: Final = {"40001", "40P01", "55P03", "53300"}
_MOVED: Final = {"42703", "42P01", "0A000"}
_GONE: Final = {"57P01", "57P02", "57P03"}
_KEY = re.compile(r"\((.+?)\)=\(")
_MARK = re.compile("%[s%]")
_PREPARE_AFTER: Final = 2
_PREPARED: Final = 400
_LEASES: Final = 20_000
_IDLE: Final = psycopg.pq.TransactionStatus.IDLE
_Slot = tuple[psycopg.Cursor[Row], int]
"""A connection of the pool, by its cursor, and how often it was leased."""


class PostgresConnection:
    """The port over psycopg, as one tenant.

    The login of the pool inherits nothing: only `begin` puts the tenant's role on, for the length of
    the transaction, so a statement outside one can read no table of any tenant.
    """

    dialect: Final = "postgresql"

    def __init__(
        self,
        raw: psycopg.Connection[Row],
        schema: str,
        role: str,
        fault: Fault | None = None,
        again: Callable[[], psycopg.Connection[Row]] | None = None,
        cursor: psycopg.Cursor[Row] | None = None,
    ) -> None:
        self.raw = raw
        self.schema = schema
        self._fault = fault
        self._again = again
        self.cursor = cursor or raw.cursor()
        role_too = f'; set local role "{role}"' if role else ""
        self._begin_write = f"begin{role_too}"
        self._begin_read = f"begin isolation level repeatable read read only{role_too}"

    def run(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return its rows; `%%` stands for a percent sign."""
        if self._fault:
            self._fault("run")
        cursor = self.cursor
        try:
            cursor.execute(numbered(sql, self.schema), params)
            return cursor.fetchall() if cursor.rownumber is not None else []
        except psycopg.Error as error:
            raise _translated(error, self.raw) from error

    def change(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it touched (0 for DDL)."""
        if self._fault:
            self._fault("change")
        try:
            return max(self.cursor.execute(numbered(sql, self.schema), params).rowcount, 0)
        except psycopg.Error as error:
            raise _translated(error, self.raw) from error

    def change_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once per row of parameters (pipelined by psycopg)."""
        if self._fault:
            self._fault("change")
        try:
            self.cursor.executemany(numbered(sql, self.schema), rows)
        except psycopg.Error as error:
            raise _translated(error, self.raw) from error

    def script(self, sql: str) -> None:
        """Run statements without parameters as they stand (a percent sign is one)."""
        if self._fault:
            self._fault("change")
        try:
            self._simple(qualified(sql, self.schema))
        except psycopg.Error as error:
            raise _translated(error, self.raw) from error

    def begin(self, *, write: bool, first: str = "") -> list[Row]:
        """Begin, put the tenant's role on and run `first`, all in one message."""
        if self._fault:
            self._fault("begin")
        text = self._begin_write if write else self._begin_read
        if first:
            text = f"{text}; {qualified(first, self.schema)}"
        try:
            return self._simple(text)
        except psycopg.Error as error:
            translated = _translated(error, self.raw)
            if not isinstance(translated, Lost):
                self.rollback()
                raise translated from error
            if not self._again:
                raise translated from error
        self._reconnect()
        try:
            return self._simple(text)
        except psycopg.Error as error:
            raise _translated(error, self.raw) from error

    def _reconnect(self) -> None:
        """Take a new connection: the server hung up while this one was idle, nothing was begun."""
        if self._again:
            self.raw.close()
            self.raw = self._again()
            self.cursor = self.raw.cursor()

    def commit(self) -> None:
        """Make the transaction's changes permanent."""
        if self._fault:
            self._fault("commit")
        try:
            self.raw.commit()
        except psycopg.Error as error:
            raise _translated(error, self.raw, committing=True) from error
        if self._fault:
            self._fault("committed")

    def rollback(self) -> None:
        """Undo the transaction; harmless when none is open or the connection is gone."""
        if self._fault:
            self._fault("rollback")
        if not self.raw.broken and not self.raw.closed:
            self.raw.rollback()

    def close(self) -> None:
        """Close; the server undoes an open transaction."""
        self.raw.close()

    def _simple(self, text: str) -> list[Row]:
        """Send several statements as one message; return the last one's rows."""
        cursor = self.cursor
        cursor.execute(text, prepare=False)
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.rownumber is not None else []


def open_postgres(
    url: str, schema: str = "", role: str = "", *, fault: Fault | None = None
) -> PostgresConnection:
    """Open one connection outside any pool. Raises Lost when the server cannot be reached."""
    return PostgresConnection(_connect(url), schema, role, fault)


class PostgresPool:
    """At most `size` connections of one process to one database.

    Connections are leased to one tenant at a time and given up after `_LEASES` leases, because a
    backend remembers every table it ever touched (25 KB each). Each has one cursor, which remembers
    how to read the types it met.
    """

    def __init__(
        self, url: str, size: int, *, wait: float = 10.0, fault: Fault | None = None
    ) -> None:
        self._url = url
        self._wait = wait
        self._fault = fault
        self._lock = Lock()
        self._closed = False
        self._slots: LifoQueue[_Slot | None] = LifoQueue()
        for _ in range(size):
            self._slots.put(None)

    @contextmanager
    def lease(self, schema: str, role: str) -> Iterator[PostgresConnection]:
        """Lend a connection; a transaction left open is undone.

        Raises Busy when none comes free within `wait` seconds, Lost when the server is not there.
        """
        try:
            slot = self._slots.get(timeout=self._wait)
        except Empty as error:
            raise Busy(f"no connection came free in {self._wait} s") from error
        back: _Slot | None = None
        try:
            cursor, leases = self._whole(slot)
            lent = PostgresConnection(
                cursor.connection, schema, role, self._fault, lambda: _connect(self._url), cursor
            )
            try:
                yield lent
            finally:
                back = self._given_back(lent, leases + 1)
        finally:
            self._slots.put(back)

    def close(self) -> None:
        """Close the connections that are not lent; the others close when they come back."""
        with self._lock:
            self._closed = True
        spare: list[None] = []
        while True:
            try:
                slot = self._slots.get_nowait()
            except Empty:
                break
            if slot:
                slot[0].connection.close()
            spare.append(None)
        for nothing in spare:
            self._slots.put(nothing)

    def _whole(self, slot: _Slot | None) -> _Slot:
        """Return the slot's connection, or a new one where there is none or it broke."""
        if slot:
            raw = slot[0].connection
            if not raw.closed and not raw.broken:
                return slot
            raw.close()
        return _connect(self._url).cursor(), 0

    def _given_back(self, lent: PostgresConnection, leases: int) -> _Slot | None:
        raw = lent.raw
        if not raw.closed and not raw.broken and raw.pgconn.transaction_status != _IDLE:
            raw.rollback()
        if self._closed or raw.closed or raw.broken or leases >= _LEASES:
            raw.close()
            return None
        return lent.cursor, leases


@lru_cache(maxsize=16_384)
def numbered(sql: str, schema: str) -> bytes:
    """Write a statement as the server reads it: `$1` for the first `%s`, `%` for `%%`.

    psycopg would do it anew each time for a statement of more than fifty parameters.
    """
    numbers = count(1)
    text = _MARK.sub(
        lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", qualified(sql, schema)
    )
    return text.encode()


def _connect(url: str) -> psycopg.Connection[Row]:
    try:
        raw = psycopg.connect(
            url,
            autocommit=True,
            prepare_threshold=_PREPARE_AFTER,
            connect_timeout=10,
            application_name="dougong",
            cursor_factory=psycopg.RawCursor,
            options="-c timezone=UTC -c lock_timeout=10s -c client_min_messages=warning",
        )
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:  # the latter: no address
        raise Lost(str(error).strip(), committing=False) from error
    raw.prepared_max = _PREPARED
    raw.adapters.register_dumper(int, Int8Dumper)  # one prepared statement, not one per width
    return raw


def _translated(
    error: psycopg.Error, raw: psycopg.Connection[Row], *, committing: bool = False
) -> Exception:
    """Say in the port's words what PostgreSQL said; a mistake in the SQL stays what it is."""
    state = error.sqlstate or ""
    if raw.broken or raw.closed or state in _GONE or state.startswith("08"):
        return Lost(str(error).strip(), committing=committing)
    if state in _CONFLICTS:
        diag = error.diag
        found = _KEY.search(diag.message_detail or "")
        names = found[1].replace('"', "").split(", ") if found else [diag.column_name or ""]
        columns = tuple(name for name in names if name)
        return Conflict(
            _CONFLICTS[state], diag.constraint_name or "", diag.table_name or "", columns
        )
    if state in _BUSY:
        return Busy(str(error).strip())
    if state in _MOVED:
        return Moved(str(error).strip())
    if state == "53100":
        return Storage("full", str(error).strip())
    if state == "58030":
        return Storage("broken", str(error).strip())
    return error
