"""Blocks of ids: handed out in one step, used up in the process."""

from dougong.database.port import Connection
from dougong.database.system import BLOCK, SEQUENCE


def take_block(connection: Connection) -> range:
    """Take the next block of ids of this tenant. Runs inside a write transaction.

    On SQLite the block is given back when the transaction is rolled back: forget it then.
    """
    if connection.dialect == "postgresql":
        first = int(connection.run(f"select nextval('@.\"{SEQUENCE}\"')")[0][0])
    else:
        first = int(
            connection.run(
                'update @."dougong_counter" set n = n + ? where name = ? and per = ?'
                " returning n - ?",
                [BLOCK, "id", "", BLOCK],
            )[0][0]
        )
    return range(first, first + BLOCK)
