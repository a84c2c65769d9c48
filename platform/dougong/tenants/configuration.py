"""The tenant's own YAML layer: rows of text, every version kept; a folder of files on request.

What stands here is what the tenant wants; it holds once it was planned and applied (install.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dougong.catalog.shipped_sets import head_of
from dougong.catalog.source import SourceSet
from dougong.database.connect import Connection
from dougong.foundation.errors import Place, Problem, Refused, refuse
from dougong.foundation.translate import Label
from dougong.records.work import Work
from dougong.tenants.columns import from_time, marked, to_time
from dougong.tenants.problems import BAD_LAYER_PATH, LAYER_MOVED, LAYER_TOO_LARGE

LARGEST: Final = 1_000_000
SETTINGS_FILE: Final = "tenant.yaml"
_PATH = re.compile(r"(?:[a-z][a-z0-9_]*/)*[a-z][a-z0-9_.]*\.yaml")


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of a file; `text` is None where the file was removed."""

    path: str
    version: int
    text: str | None
    at: datetime
    login: str
    why: str


def read_layer(connection: Connection) -> dict[str, str]:
    """Return the files as they stand, by path."""
    rows = connection.run(
        marked(
            connection,
            'select path, text from @."dougong_layer" where current = ? and text is not null'
            " order by path",
        ),
        [True],
    )
    return dict(rows)


def layer_set(tenant: str, files: Mapping[str, str]) -> SourceSet:
    """Return the layer as sources; `tenant` is what a place in it is shown under."""
    return SourceSet("tenant", tenant, dict(files), tenant)


def versions(connection: Connection, path: str) -> list[LayerVersion]:
    """Return every version of a file, the newest first."""
    rows = connection.run(
        marked(
            connection,
            'select path, version, text, at, login, why from @."dougong_layer" where path = ?'
            " order by version desc",
        ),
        [path],
    )
    return [
        LayerVersion(name, int(version), text, when, login, why)
        for name, version, text, at, login, why in rows
        if (when := from_time(at)) is not None
    ]


def put(work: Work, path: str, text: str | None, *, why: str, expected: int | None = None) -> int:
    """Write a new version of a file (None removes it) and return its number.

    Refuses a path that is none, a file that is too large, and, with `expected`, one that has
    another version by now. A text equal to the current one makes no new version.
    """
    check_path(path)
    if text is not None and len(text.encode()) > LARGEST:
        raise refuse(LAYER_TOO_LARGE, path, file=path)
    connection = work.connection
    known = versions(connection, path)
    latest = known[0] if known else None
    number = latest.version if latest else 0
    if expected is not None and expected != number:
        raise refuse(LAYER_MOVED, path, file=path, version=number)
    if (latest.text if latest else None) == text:
        return number
    context = work.context
    connection.change(
        marked(
            connection, 'update @."dougong_layer" set current = ? where path = ? and current = ?'
        ),
        [False, path, True],
    )
    connection.change(
        marked(
            connection,
            'insert into @."dougong_layer" (id, path, version, text, at, "user", login, why, current)'
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ),
        [
            work.new_id(), path, number + 1, text, to_time(connection, context.now), context.user,
            context.login, why, True,
        ],
    )  # fmt: skip
    return number + 1


def replace_all(work: Work, files: Mapping[str, str], *, why: str) -> list[str]:
    """Make the layer hold exactly `files`; return the paths that changed. Refuses bad paths, all."""
    bad = [
        Problem(BAD_LAYER_PATH, Place(path), {"file": path})
        for path in files
        if not _PATH.fullmatch(path)
    ]
    if bad:
        raise Refused(bad)
    current = read_layer(work.connection)
    moved = [path for path in sorted({*files, *current}) if files.get(path) != current.get(path)]
    for path in moved:
        put(work, path, files.get(path), why=why)
    return moved


def pull(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write the layer's files into a folder; YAML files there that the layer lacks are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in _yaml_files(folder):
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    written = []
    for name, text in files.items():
        check_path(name)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def read_files(folder: Path) -> dict[str, str]:
    """Return the YAML files of a tenant's folder by their path in it. Raises NotADirectoryError."""
    if not folder.is_dir():
        raise NotADirectoryError(str(folder))
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in _yaml_files(folder)
    }


@dataclass(frozen=True, slots=True)
class Head:
    """What `tenant.yaml` says; empty where it is silent."""

    label: str = ""
    language: str = ""
    currency: str = ""
    zone: str = ""


def head_of_layer(files: Mapping[str, str], language: str) -> Head:
    """Read the `tenant.yaml` of a layer; the label in the tenant's language, else in `language`."""
    head = head_of(layer_set("", files))
    said = head.text("language")
    labels = {key: str(value) for key, value in head.map("label").items()}
    label = Label.of(labels or head.text("label")).say(said or language)
    return Head(label, said, head.text("currency"), head.text("zone"))


def check_path(path: str) -> None:
    """Refuse what is no path of a layer file."""
    if not _PATH.fullmatch(path) or len(path) > 200:
        raise refuse(BAD_LAYER_PATH, path, file=path)


def _yaml_files(folder: Path) -> list[Path]:
    """Return the YAML files of a folder; hidden ones and data beside the tests stay out."""
    return sorted(
        path
        for path in folder.rglob("*.yaml")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
