"""The directory: which tenants there are, and which of them has work due.

On SQLite a small file beside the tenants' files, on PostgreSQL the schema `dougong_directory`. The
directory belongs to the operator; no tenant's role can read it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from dougong.database.connect import Conflict, Connection
from dougong.foundation.errors import refuse
from dougong.tenants.columns import marked
from dougong.tenants.problems import NAME_TAKEN

SCHEMA = "dougong_directory"
State = Literal["making", "ready", "removing"]

_TABLES = (
    'create table if not exists @."tenant" (name text primary key, label text not null,'
    " language text not null, state text not null, created text not null)",
    'create table if not exists @."due" (name text primary key, at text not null)',
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A tenant in the directory. `state` is "making" until it is whole, "removing" once given up."""

    name: str
    label: str
    language: str
    state: State
    created: datetime


class Directory:
    """Reads and writes the directory; `lend` lends a connection to it."""

    def __init__(self, lend: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._lend = lend
        self._prepare()

    def entries(self) -> list[Entry]:
        """Return every tenant, by name."""
        rows = self._read(
            'select name, label, language, state, created from @."tenant" order by name'
        )
        return [
            Entry(name, label, language, state, datetime.fromisoformat(created))
            for name, label, language, state, created in rows
        ]

    def find(self, name: str) -> Entry | None:
        """Return the tenant `name`, or None."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def add(self, entry: Entry) -> None:
        """Add a tenant. Refuses a name that is taken; two at once can't both have it."""
        try:
            self._write(
                'insert into @."tenant" (name, label, language, state, created) values (?, ?, ?, ?, ?)',
                entry.name, entry.label, entry.language, entry.state, _text(entry.created),
            )  # fmt: skip
        except Conflict as conflict:
            raise refuse(NAME_TAKEN, "name", name=entry.name) from conflict

    def move(self, name: str, state: State) -> None:
        """Set the state of a tenant."""
        self._write('update @."tenant" set state = ? where name = ?', state, name)

    def remove(self, name: str) -> None:
        """Forget a tenant."""
        self._write('delete from @."due" where name = ?', name)
        self._write('delete from @."tenant" where name = ?', name)

    def call_at(self, name: str, at: datetime) -> None:
        """Note that a tenant has work due at `at`, unless something is due earlier already."""
        self._write(
            'insert into @."due" (name, at) values (?, ?) on conflict (name) do update'
            " set at = case when excluded.at < due.at then excluded.at else due.at end",
            name, _text(at),
        )  # fmt: skip

    def due(self, now: datetime) -> list[str]:
        """Return the tenants with work due by `now`, the longest waiting first."""
        rows = self._read('select name from @."due" where at <= ? order by at', _text(now))
        return [name for (name,) in rows]

    def served(self, name: str, seen: datetime, next_at: datetime | None) -> None:
        """Replace what was due by `seen` with `next_at` (None: nothing); a later call stays."""
        self._write('delete from @."due" where name = ? and at <= ?', name, _text(seen))
        if next_at is not None:
            self.call_at(name, next_at)

    def _prepare(self) -> None:
        """Make the tables where they are missing."""
        with self._lend() as connection:
            if connection.dialect == "postgresql":
                connection.begin(write=True)
                connection.run("select pg_advisory_xact_lock(72114020)")
                connection.change(f'create schema if not exists "{SCHEMA}"')
            else:
                connection.begin(write=True)
            for table in _TABLES:
                connection.change(table)
            connection.commit()

    def _read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lend() as connection:
            connection.begin(write=False)
            try:
                return connection.run(marked(connection, sql), values)
            finally:
                connection.rollback()

    def _write(self, sql: str, *values: Any) -> None:
        with self._lend() as connection:
            connection.begin(write=True)
            try:
                connection.change(marked(connection, sql), values)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()


def _text(at: datetime) -> str:
    """Write a time so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
