"""Every row of a tenant as lines of JSON that either database can read back.

The first line says what it is, with the declared state; a table begins with a line of its own
(`{"table": …, "columns": […]}`) and its rows are lists; the last line counts the rows and carries a
digest, so a file that was cut off or changed is noticed. Sort keys come along; the search index and
the sessions do not: the one is made anew, the others are over.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from dougong.database.alone import alone
from dougong.database.ddl import statements
from dougong.database.lock import read_lock
from dougong.database.plan import plan
from dougong.database.port import Connection
from dougong.database.problems import NOT_A_DUMP, NOT_EMPTY
from dougong.database.rows import CHUNK, in_chunks, mark, readers, writers
from dougong.database.steps import HoldLinks, advance
from dougong.database.system import BLOCK, SEQUENCE
from dougong.database.tables import NOTHING, Column, State, Table, from_json, quote, to_json
from dougong.foundation.errors import Problem, Refused, refuse

FORMAT: Final = 1
_LEFT_BEHIND: Final = ("dougong_search", "dougong_session")


def dump(connection: Connection) -> Iterator[bytes]:
    """Write the lines, each with its line feed, from one snapshot (a read transaction of its own)."""
    seen = hashlib.sha256()
    count = 0
    for line, is_row in _lines(connection):
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        seen.update(text)
        count += is_row
        yield text
    yield json.dumps({"rows": count, "sha256": seen.hexdigest()}).encode() + b"\n"


def _lines(connection: Connection) -> Iterator[tuple[Any, bool]]:
    connection.begin(write=False)
    try:
        lock = read_lock(connection)
        yield (
            {
                "dougong": FORMAT,
                "fingerprint": lock.fingerprint,
                "next_id": _next_id(connection) if lock.id else BLOCK,
                "state": json.loads(to_json(lock.state)),
            },
            False,
        )
        for table in lock.state.tables.values():
            if table.name not in _LEFT_BEHIND:
                yield from _rows(connection, table)
    finally:
        connection.rollback()


def _rows(connection: Connection, table: Table) -> Iterator[tuple[Any, bool]]:
    columns = list(table.columns.values())
    read = readers(columns, connection.dialect)
    yield {"table": table.name, "columns": [column.name for column in columns]}, False
    where = "name <> 'id' or per <> ''" if table.name == "dougong_counter" else ""
    for chunk in in_chunks(connection, table.name, columns, table.key, where):
        for row in chunk:
            yield [convert(value) for convert, value in zip(read, row, strict=True)], True


def _next_id(connection: Connection) -> int:
    """The first id of the next block."""
    if connection.dialect == "sqlite":
        return int(
            connection.run("select n from dougong_counter where name = 'id' and per = ''")[0][0]
        )
    last, called = connection.run(f'select last_value, is_called from @."{SEQUENCE}"')[0]  # noqa: S608 -- constant
    return int(last) + (BLOCK if called else 0)


def restore(
    connection: Connection,
    lines: Iterable[bytes | str],
    *,
    then: Callable[[Connection, State], None] | None = None,
) -> State:
    """Read the lines into an empty tenant, all or nothing, and return its state.

    `then` runs last in the same transaction: it makes the search index anew. Raises Refused when
    the tenant is not empty or the lines are not whole.
    """
    with alone(connection):
        if read_lock(connection).id:
            raise refuse(NOT_EMPTY, tables="dougong_lock")
        reader = _Reader(connection)
        for number, line in enumerate(lines, 1):
            try:
                reader.read(line)
            except (ValueError, LookupError, TypeError, ArithmeticError) as error:
                raise Refused(
                    [Problem(NOT_A_DUMP, values={"line": number, "why": str(error)})]
                ) from error
        state = reader.finish()
        if then:
            then(connection, state)
    return state


class _Reader:
    """Takes the lines one by one: makes the tables at the first, fills them, ties links at the end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen = hashlib.sha256()
        self._count = 0
        self._state: State | None = None
        self._links: list[str] = []
        self._waiting: list[list[Any]] = []
        self._insert = ""
        self._write: list[Callable[[Any], Any]] = []
        self._whole = False

    def read(self, line: bytes | str) -> None:
        """Take one line. Raises ValueError for one that makes no sense."""
        text = line.encode() if isinstance(line, str) else line
        said = json.loads(text)
        if isinstance(said, dict) and "sha256" in said:
            self._whole = said == {"rows": self._count, "sha256": self._seen.hexdigest()}
            if not self._whole:
                raise ValueError("the digest differs: the file was changed")
            return
        self._seen.update(text)
        if isinstance(said, list):
            self._row(said)
        elif self._state is None:
            self._head(said)
        else:
            self._table(said)

    def finish(self) -> State:
        """Write what waits, tie the links. Raises Refused when the last line never came."""
        self._flush()
        if not self._whole or self._state is None:
            raise Refused([Problem(NOT_A_DUMP, values={"line": 0, "why": "the end is missing"})])
        for text in self._links:
            self._connection.change(text)
        return self._state

    def _head(self, said: dict[str, Any]) -> None:
        if said.get("dougong") != FORMAT:
            raise ValueError(f"it says {said.get('dougong')!r}, not {FORMAT}")
        state = from_json(json.dumps(said["state"]))
        before = NOTHING
        for step in plan(NOTHING, state).steps:
            for text in statements(step, before, self._connection.dialect):
                plain = text.replace("%", "%%") if self._connection.schema else text
                if isinstance(step, HoldLinks):
                    self._links.append(plain)
                else:
                    self._connection.change(plain)
            before = advance(before, step)
        self._state = state
        self._start_ids(int(said["next_id"]))

    def _start_ids(self, following: int) -> None:
        if self._connection.dialect == "sqlite":
            self._connection.change(
                "insert into dougong_counter (name, per, n) values ('id', '', ?)", [following]
            )
        else:
            self._connection.run(f"select setval('@.\"{SEQUENCE}\"', %s, false)", [following])

    def _table(self, said: dict[str, Any]) -> None:
        self._flush()
        if self._state is None:
            raise ValueError("rows before the head")
        table = self._state.tables[said["table"]]
        columns: list[Column] = [table.columns[name] for name in said["columns"]]
        self._write = [
            _nothing_yet if (table.name, one.name) == ("dougong_trail", "tx") else write
            for one, write in zip(columns, writers(columns, self._connection.dialect), strict=True)
        ]
        names = ", ".join(quote(column.name) for column in columns)
        marks = ", ".join([mark(self._connection.dialect)] * len(columns))
        self._insert = f"insert into @.{quote(table.name)} ({names}) values ({marks})"  # noqa: S608 -- our names

    def _row(self, said: list[Any]) -> None:
        if not self._insert:
            raise ValueError("a row without a table")
        self._waiting.append([write(value) for write, value in zip(self._write, said, strict=True)])
        self._count += 1
        if len(self._waiting) == CHUNK:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._connection.change_many(self._insert, self._waiting)
            self._waiting = []


def _nothing_yet(_: Any) -> int:
    """Transaction numbers of another server mean nothing here: what is restored comes first."""
    return 0
