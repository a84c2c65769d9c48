"""Ids: whole numbers, unique in a tenant, handed out in the process from blocks of 1000."""

from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from dougong.database.port import Connection
from dougong.database.system import BLOCK, SEQUENCE

_NEXT_SQLITE = (
    'INSERT INTO @."dougong_counter" ("name", "per", "n") VALUES (\'id\', \'\', ?) '
    'ON CONFLICT ("name", "per") DO UPDATE SET "n" = "n" + ? RETURNING "n"'
)
_LAST_SQLITE = 'SELECT "n" FROM @."dougong_counter" WHERE "name" = \'id\' AND "per" = \'\''
_NEXT_POSTGRES = f"SELECT nextval('@.\"{SEQUENCE}\"')"


@dataclass(slots=True)
class Block:
    """Ids from `next` up to, not including, `end`.

    On SQLite the block is reserved inside a write transaction and is `sure` only once that was
    committed; a later unit of work looks before it goes on using it.
    """

    next: int
    end: int
    sure: bool
    work: int = 0


_sqlite: "WeakKeyDictionary[Connection, Block]" = WeakKeyDictionary()
_postgres: dict[tuple[str, str], Block] = {}
_servers: "WeakKeyDictionary[Any, str]" = WeakKeyDictionary()
_lock = Lock()


def take(connection: Connection, work: int, count: int = 1) -> int:
    """Return the first of `count` consecutive new ids; `work` numbers the unit of work that asks.

    On SQLite it must run inside a write transaction.
    """
    if connection.dialect == "sqlite":
        return _take_sqlite(connection, work, count)
    with _lock:
        return _take_postgres(connection, count)


def forget(schema: str) -> None:
    """Forget what is left of the blocks of a PostgreSQL schema, because it was dropped."""
    with _lock:
        for key in [key for key in _postgres if key[1] == schema]:
            del _postgres[key]


def _take_sqlite(connection: Connection, work: int, count: int) -> int:
    block = _sqlite.get(connection)
    if block is not None and not block.sure and block.work != work:
        rows = connection.run(_LAST_SQLITE)
        block.sure = bool(rows) and rows[0][0] >= block.end
        if not block.sure:
            block = None
    if block is None or block.next + count > block.end:
        whole = -(-count // BLOCK) * BLOCK
        end = connection.run(_NEXT_SQLITE, [whole + BLOCK, whole])[0][0]
        block = Block(end - whole, end, sure=False, work=work)
        _sqlite[connection] = block
    first = block.next
    block.next += count
    return first


def _take_postgres(connection: Connection, count: int) -> int:
    key = (_server(connection), connection.schema)
    block = _postgres.get(key)
    if block is None or block.next + count > block.end:
        last = block.end if block else 0
        start = connection.run(_NEXT_POSTGRES)[0][0]
        while start < last:  # the schema was dropped and made again
            start = connection.run(_NEXT_POSTGRES)[0][0]
        end = start + BLOCK
        while end < start + count:
            following = connection.run(_NEXT_POSTGRES)[0][0]
            start, end = (
                (start, following + BLOCK) if following == end else (following, following + BLOCK)
            )
        block = Block(start, end, sure=True)
        _postgres[key] = block
    first = block.next
    block.next += count
    return first


def _server(connection: Connection) -> str:
    """Name the server and database of a connection; asking the driver takes long, so once each."""
    raw = getattr(connection, "raw", None)
    if raw is None:
        return ""
    name = _servers.get(raw)
    if name is None:
        name = _servers[raw] = str(raw.info.dsn)
    return name
