"""Whole tenants on the move: copied, exported to a file, imported on either database."""

import gzip
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from dougong.database.connect import Connection
from dougong.database.dump import dump, restore
from dougong.database.tables import State
from dougong.foundation.errors import refuse
from dougong.records.work import open_work
from dougong.tenants.directory import Entry
from dougong.tenants.opened import LOCKED
from dougong.tenants.problems import NOT_AN_EXPORT, UNKNOWN_TENANT
from dougong.tenants.registry import Registry, check_name, renew_stamps
from dougong.tenants.row_tasks import index_all
from dougong.tenants.setup import setup_context

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class _Head:
    """The first line of an export: what the directory knows of the tenant."""

    label: str
    language: str


def export(registry: Registry, name: str, file: Path) -> int:
    """Write a tenant to a file, from one snapshot; return how many rows. Sessions stay behind.

    The file is whole or not there at all.
    """
    entry = _entry(registry, name)
    new = file.with_name(f"{file.name}.part")
    rows = 0
    try:
        with gzip.open(new, "wb", compresslevel=6) as out, registry.connected(name) as connection:
            head = {"dougong_tenant": FORMAT, "label": entry.label, "language": entry.language}
            out.write(json.dumps(head, ensure_ascii=False).encode() + b"\n")
            for line in dump(connection):
                out.write(line)
                rows += line.startswith(b"[")
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    return rows


def import_(registry: Registry, file: Path, name: str, now: datetime) -> int:
    """Make a tenant from an export, on whichever database this registry has; return how many rows.

    Refuses a file that is none or not whole; nothing is left behind then.
    """
    with _reading(file) as lines:
        head = _head(next(lines, b""), file)
        counted = _Counted(lines)
        try:
            _make(registry, Entry(name, head.label, head.language, "making", now), counted)
        except (OSError, EOFError) as wrong:
            raise refuse(NOT_AN_EXPORT, file=file) from wrong
    return counted.rows


def copy(registry: Registry, source: str, name: str, now: datetime) -> None:
    """Make a tenant with all data of another. Jobs that wait there do not run twice."""
    entry = _entry(registry, source)
    check_name(name)
    with registry.connected(source) as connection:
        made = Entry(name, entry.label, entry.language, "making", now)
        _make(registry, made, dump(connection), is_copy=True)


def _make(
    registry: Registry, entry: Entry, lines: Iterable[bytes], *, is_copy: bool = False
) -> None:
    def finish(connection: Connection, state: State) -> None:
        del state
        renew_stamps(connection)
        _reindex(registry, entry, connection)
        if is_copy:
            connection.change(
                "update @.\"dougong_job\" set state = 'stopped' where state in ('waiting', 'running')"
            )

    def fill() -> None:
        with registry.empty(entry.name) as connection:
            restore(connection, lines, then=finish)

    registry.settle(entry, fill)


def _reindex(registry: Registry, entry: Entry, connection: Connection) -> None:
    """Make the search index, which no export carries."""
    catalog = registry.catalogs.packed(bytes(connection.run(LOCKED)[0][0]))
    context = setup_context(entry.name, entry.created, language=entry.language)
    index_all(open_work(context, catalog, connection))


def _entry(registry: Registry, name: str) -> Entry:
    entry = registry.directory.find(name)
    if entry is None or entry.state != "ready":
        raise refuse(UNKNOWN_TENANT, name=name)
    return entry


class _Counted:
    """Lines that count how many of them are rows as they are read."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.rows = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.rows += line.startswith(b"[")
            yield line


@contextmanager
def _reading(file: Path) -> Iterator[Iterator[bytes]]:
    """Open an export and give its lines."""
    try:
        with gzip.open(file, "rb") as packed:
            yield iter(packed)
    except (gzip.BadGzipFile, FileNotFoundError, IsADirectoryError) as wrong:
        raise refuse(NOT_AN_EXPORT, file=file) from wrong


def _head(line: bytes, file: Path) -> _Head:
    try:
        said: dict[str, Any] = json.loads(line)
        known = said["dougong_tenant"] == FORMAT
        head = _Head(str(said["label"]), str(said["language"]))
    except (ValueError, KeyError, TypeError) as wrong:
        raise refuse(NOT_AN_EXPORT, file=file) from wrong
    if not known:
        raise refuse(NOT_AN_EXPORT, file=file)
    return head
