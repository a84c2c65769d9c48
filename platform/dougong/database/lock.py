"""The lock: what was applied last, the declared state and the sources it came from."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dougong.catalog.source import SourceSet
from dougong.database.port import Connection
from dougong.database.rows import mark, stored_instant
from dougong.database.tables import NOTHING, State, from_json, to_json


@dataclass(frozen=True, slots=True)
class Lock:
    """What a tenant stands on; `id` is 0 where nothing was ever applied."""

    id: int = 0
    fingerprint: str = ""
    state: State = NOTHING
    sources: tuple[SourceSet, ...] = ()


def has_lock(connection: Connection) -> bool:
    """Whether anything was ever applied here. Runs inside a transaction."""
    if connection.dialect == "sqlite":
        return bool(connection.run("select 1 from sqlite_master where name = 'dougong_lock'"))
    found = connection.run(
        "select 1 from pg_tables where schemaname = %s and tablename = 'dougong_lock'",
        [connection.schema],
    )
    return bool(found)


def read_lock(connection: Connection, number: int = 0) -> Lock:
    """Read the newest lock, or the one with that number. Runs inside a transaction.

    Raises LookupError when there is no lock of that number.
    """
    if not has_lock(connection):
        return Lock()
    where = f"where id = {mark(connection.dialect)}" if number else "order by id desc limit 1"
    found = connection.run(
        f'select id, fingerprint, state, sources from @."dougong_lock" {where}',  # noqa: S608 -- constant
        [number] if number else [],
    )
    if not found:
        if number:
            raise LookupError(f"there is no lock {number}")
        return Lock()
    row = found[0]
    return Lock(row[0], row[1], from_json(zlib.decompress(row[2])), unpack_sources(row[3]))


def applied_fingerprint(connection: Connection) -> str:
    """The fingerprint of the catalog applied last, empty for none: one row is read."""
    if not has_lock(connection):
        return ""
    found = connection.run('select fingerprint from @."dougong_lock" order by id desc limit 1')
    return str(found[0][0]) if found else ""


def write_lock(connection: Connection, lock: Lock, now: datetime) -> int:
    """Add the lock as the newest one; return its id."""
    one = mark(connection.dialect)
    number = next_id(connection, "dougong_lock")
    text = 'insert into @."dougong_lock" (id, fingerprint, state_hash, state, sources, at)'
    connection.change(
        f"{text} values ({', '.join([one] * 6)})",
        [
            number,
            lock.fingerprint,
            lock.state.hash,
            zlib.compress(to_json(lock.state)),
            pack_sources(lock.sources),
            stored_instant(now, connection.dialect),
        ],
    )
    return number


def next_id(connection: Connection, table: str) -> int:
    """The next number of a table that only an apply writes, which is alone while it runs."""
    found = connection.run(f'select coalesce(max(id), 0) + 1 from @."{table}"')  # noqa: S608 -- our names
    return int(found[0][0])


def pack_sources(sets: Iterable[SourceSet]) -> bytes:
    """Pack sources into few bytes; the same bytes for the same sources."""
    packed = [
        {
            "layer": one.layer,
            "id": one.id,
            "folder": one.folder,
            "files": dict(sorted(one.files.items())),
        }
        for one in sets
    ]
    text = json.dumps(packed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return zlib.compress(text.encode("utf-8"), 6)


def unpack_sources(packed: bytes) -> tuple[SourceSet, ...]:
    """Read what `pack_sources` wrote."""
    return tuple(
        SourceSet(one["layer"], one["id"], one["files"], one["folder"])
        for one in json.loads(zlib.decompress(packed))
    )


def source_changes(before: Iterable[SourceSet], after: Iterable[SourceSet]) -> dict[str, list[str]]:
    """Which files were added, changed and removed, as `module/path`."""
    old, new = _by_path(before), _by_path(after)
    return {
        "added": sorted(new.keys() - old.keys()),
        "changed": sorted(path for path in old.keys() & new.keys() if old[path] != new[path]),
        "removed": sorted(old.keys() - new.keys()),
    }


def _by_path(sets: Iterable[SourceSet]) -> Mapping[str, str]:
    return {f"{one.id}/{path}": text for one in sets for path, text in one.files.items()}
