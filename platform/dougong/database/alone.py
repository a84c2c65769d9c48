"""One transaction in which tables may change and nobody else changes them."""

from collections.abc import Iterator
from contextlib import contextmanager

from dougong.database.port import Connection
from dougong.database.problems import DANGLING
from dougong.foundation.errors import Place, Problem, Refused


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """One write transaction in which no other apply runs; commits, or leaves everything as it was.

    SQLite rebuilds tables, which needs its foreign keys off; they are checked before the commit.
    """
    if connection.dialect == "sqlite":
        connection.run("pragma foreign_keys = off")
    try:
        connection.begin(write=True)
        if connection.dialect == "postgresql":
            connection.run("select pg_advisory_xact_lock(hashtext(%s))", [connection.schema])
        try:
            yield
            _check_links(connection)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    finally:
        if connection.dialect == "sqlite":
            connection.run("pragma foreign_keys = on")


def _check_links(connection: Connection) -> None:
    if connection.dialect != "sqlite":
        return
    broken: dict[tuple[str, str], int] = {}
    for table, _, target, _ in connection.run("pragma foreign_key_check"):
        broken[table, target] = broken.get((table, target), 0) + 1
    if broken:
        raise Refused(
            Problem(DANGLING, Place(path=table), {"name": table, "target": target, "rows": rows})
            for (table, target), rows in broken.items()
        )
