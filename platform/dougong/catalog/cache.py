"""What earlier checks found, kept in a folder: a check after one change reads one file again.

A file's reading is known by the digest of its text. An object's problems are known by the digest of
its file and of everything that reaches into every object (aspects, dictionary, changes, functions,
data, the list of all ids), together with the digests of the entities its names and formulas lead
to. The copy on disk is trusted like the files beside it; another version of the code never reads it.
"""

import hashlib
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from secrets import token_hex

from dougong import __version__
from dougong.catalog.collect import read_file
from dougong.catalog.source import Parsed
from dougong.catalog.values import File
from dougong.foundation.errors import Problem
from dougong.foundation.shipped import shipped_folder

_ROOMS = ("foundation", "fields", "formulas", "catalog")


@dataclass(slots=True)
class Cache:
    """Readings and problems by digest. Only what this run used is written back."""

    path: Path
    files: dict[str, bytes] = field(default_factory=dict)
    objects: dict[str, tuple[Mapping[str, str], bytes]] = field(default_factory=dict)
    used_files: dict[str, bytes] = field(default_factory=dict)
    used_objects: dict[str, tuple[Mapping[str, str], bytes]] = field(default_factory=dict)

    def read_file(self, text: str, file: File) -> Parsed:
        """Read a file, or remember how it was read."""
        key = digest_of(file.name, file.layer, file.owner, text)
        kept = self.files.get(key)
        if kept is None:
            parsed = read_file(text, file)
            self.used_files[key] = pickle.dumps(parsed, pickle.HIGHEST_PROTOCOL)
            return parsed
        self.used_files[key] = kept
        found: Parsed = pickle.loads(kept)  # noqa: S301 -- our own file, see above
        return found

    def problems(self, key: str, outsides: Mapping[str, str]) -> list[Problem] | None:
        """Return what was found in an object; None when it or what it leads to has changed."""
        kept = self.objects.get(key)
        if kept is None or any(outsides.get(id_) != seen for id_, seen in kept[0].items()):
            return None
        self.used_objects[key] = kept
        found: list[Problem] = pickle.loads(kept[1])  # noqa: S301 -- our own file, see above
        return found

    def keep(self, key: str, asked: Mapping[str, str], problems: list[Problem]) -> None:
        """Remember what was found in an object."""
        self.used_objects[key] = (asked, pickle.dumps(problems, pickle.HIGHEST_PROTOCOL))

    def save(self) -> None:
        """Write what this run used; a reader sees the old copy or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.{token_hex(4)}")
        whole = (self.used_files, self.used_objects)
        new.write_bytes(pickle.dumps(whole, pickle.HIGHEST_PROTOCOL))
        new.replace(self.path)


def open_cache(folder: Path) -> Cache:
    """Open the cache in a folder; an empty one where there is none that fits."""
    path = folder / f"check-{code_digest()}.pickle"
    try:
        files, objects = pickle.loads(path.read_bytes())  # noqa: S301 -- our own file, see above
    except (
        OSError,
        EOFError,
        pickle.UnpicklingError,
        AttributeError,
        ImportError,
        IndexError,
        ValueError,
    ):
        return Cache(path)  # none yet, or a torn one; it is made again
    return Cache(path, files, objects)


def digest_of(*texts: str) -> str:
    """Return the digest of some texts."""
    found = hashlib.sha256()
    for text in texts:
        data = text.encode(errors="surrogatepass")
        found.update(b"%d:" % len(data))
        found.update(data)
    return found.hexdigest()


@cache
def code_digest() -> str:
    """Return the digest of the code and schemas that check, so that new code starts afresh."""
    found = hashlib.sha256(f"{__version__} {sys.version}".encode())
    root = Path(__file__).parents[1]
    folders = [*(root / room for room in _ROOMS), shipped_folder("metadata") / "schema"]
    for folder in folders:
        for file in sorted(folder.iterdir()):
            if file.is_file():
                stat = file.stat()
                found.update(f"{file.name} {stat.st_mtime_ns} {stat.st_size}".encode())
    return found.hexdigest()[:16]
