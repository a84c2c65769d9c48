"""The driver port: what a connection to a tenant's tables can do, and how it says no."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal, Protocol

from dougong.fields.field_type import Dialect

Row = tuple[Any, ...]
Fault = Callable[[str], None]
"""Called with the name of a point just before it is passed: `begin`, `run`, `change`, `commit`,
`committed` (after the commit, before anyone was told), `rollback`. A crash test stops the process
there; a connection opened without one has no such points."""

ConflictKind = Literal["unique", "foreign_key", "required", "check"]


class Conflict(Exception):  # noqa: N818 -- an answer of the database, not a failure
    """A constraint said no.

    `table` and `columns` are known for `unique` and `required` on both databases; `constraint` is
    its name on PostgreSQL (on SQLite only for an index over expressions). SQLite does not tell which
    foreign key was broken: all three are empty then.
    """

    def __init__(
        self,
        kind: ConflictKind,
        constraint: str = "",
        table: str = "",
        columns: tuple[str, ...] = (),
    ) -> None:
        self.kind: ConflictKind = kind
        self.constraint = constraint
        self.table = table
        self.columns = columns
        super().__init__(kind, constraint, table, columns)


class Busy(Exception):  # noqa: N818 -- try again
    """A lock, a deadlock or a serialisation failure: nothing was done, the whole unit may be retried."""


class Moved(Busy):
    """The tables changed while this unit ran (an apply was committed in between)."""


class Lost(Exception):  # noqa: N818 -- the server went away
    """The connection to the server broke. Without `committing` nothing was committed and the unit may
    be retried; with it the outcome is unknown and only an idempotency key can tell.
    """

    def __init__(self, message: str, *, committing: bool) -> None:
        self.committing = committing
        super().__init__(message)


class Storage(Exception):  # noqa: N818 -- the disk said no
    """The disk is `full`, or reading and writing failed (`broken`, `read_only`); nothing was done."""

    def __init__(self, kind: Literal["full", "broken", "read_only"], message: str) -> None:
        self.kind: Literal["full", "broken", "read_only"] = kind
        super().__init__(message)


class Connection(Protocol):
    """One connection, used by one thread at a time.

    SQL carries `?` (SQLite) or `%s` (PostgreSQL) for values and writes every table as `@."table"`;
    the connection replaces `@.` by the qualified schema. Raises Conflict, Busy, Lost and Storage;
    anything else the driver raises is a mistake in the SQL.
    """

    @property
    def dialect(self) -> Dialect:
        """`sqlite` or `postgresql`."""
        ...

    @property
    def schema(self) -> str:
        """The PostgreSQL schema; empty on SQLite."""
        ...

    def run(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return its rows (none for a statement without rows)."""
        ...

    def change(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        ...

    def change_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once per row of parameters."""
        ...

    def begin(self, *, write: bool, first: str = "") -> list[Row]:
        """Begin a transaction and run `first` (which takes no parameters); return its rows.

        A write transaction holds SQLite's write lock from the start; a read one sees one snapshot
        to its end. On PostgreSQL begin, role and `first` travel in one message.
        """
        ...

    def commit(self) -> None:
        """Make the transaction's changes permanent."""
        ...

    def rollback(self) -> None:
        """Undo the transaction; harmless when none is open."""
        ...

    def close(self) -> None:
        """Close; an open transaction is undone."""
        ...


@lru_cache(maxsize=16_384)
def qualified(sql: str, schema: str) -> str:
    """Put the schema where the SQL says `@."`."""
    return sql.replace('@."', f'"{schema}"."' if schema else '"')
