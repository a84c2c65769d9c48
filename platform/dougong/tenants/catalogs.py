"""Catalogs in memory, one for all tenants with the same metadata; on disk, so none is read twice.

A catalog is known by the digest of the files it was made from and of the code that made it. The disk
copy lies in the data folder, or where the operator keeps caches: trusted as much as tenants' files.
"""

import hashlib
import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from secrets import token_hex
from threading import Lock

import msgspec

from dougong import __version__
from dougong.catalog.assemble import assemble
from dougong.catalog.catalog import Catalog
from dougong.catalog.source import SourceSet
from dougong.foundation.errors import Refused
from dougong.foundation.shipped import shipped_folder
from dougong.tenants.sources import at_home, digest, pack, unpack

KEPT = 64
"""How many different catalogs stay in memory; a tenant that is open keeps its own alive anyway."""

FILES = 200
"""How many catalogs stay on disk."""

_CODE = ("foundation", "fields", "formulas", "catalog")


class Catalogs:
    """Gives the catalog of a set of sources: from memory, from disk, or newly assembled."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = Lock()
        self._known: OrderedDict[str, Catalog] = OrderedDict()

    def of(self, sets: Sequence[SourceSet]) -> Catalog:
        """Return the catalog of `sets`. Refuses sources with problems, with all of them."""
        return self._kept(digest(pack(sets)), lambda: sets)

    def packed(self, sources: bytes) -> Catalog:
        """Return the catalog of packed sources, which are unpacked only when nobody has it yet."""
        return self._kept(digest(sources), lambda: unpack(sources))

    def _kept(self, key: str, sets: Callable[[], Sequence[SourceSet]]) -> Catalog:
        with self._lock:
            found = self._known.get(key) or self._read(key)
            if found is None:
                found = _assembled(at_home(sets()))
                self._write(key, found)
            self._known[key] = found
            self._known.move_to_end(key)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
            return found

    def _file(self, key: str) -> Path | None:
        return self._folder / f"catalog-{key}-{platform_digest()}.pickle" if self._folder else None

    def _read(self, key: str) -> Catalog | None:
        file = self._file(key)
        if file is None or not file.is_file():
            return None
        try:
            found = pickle.loads(file.read_bytes())  # noqa: S301 -- our own file, see above
        except (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError):
            file.unlink(missing_ok=True)  # a torn or foreign file; it is made again
            return None
        return found if isinstance(found, Catalog) else None

    def _write(self, key: str, catalog: Catalog) -> None:
        file = self._file(key)
        if file is None:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f"{file.name}.{token_hex(4)}")
        new.write_bytes(pickle.dumps(catalog, protocol=pickle.HIGHEST_PROTOCOL))
        new.replace(file)
        keep_newest(file.parent, "catalog-*", FILES)


def _assembled(sets: Sequence[SourceSet]) -> Catalog:
    """Assemble, or refuse with every problem and with what became of every changed property."""
    made = assemble(sets)
    stops = [problem for problem in made.problems if problem.level == "stop"]
    if made.catalog is None or stops:
        told = [msgspec.to_builtins(each) for each in made.overrides]
        raise Refused(stops or made.problems, extra={"overrides": told} if told else None)
    return made.catalog


def keep_newest(folder: Path, pattern: str, count: int) -> None:
    """Remove all files of a pattern but the newest ones; they can be made again.

    Other processes may do the same at the same time.
    """
    ages: dict[Path, float] = {}
    for file in folder.glob(pattern):
        with suppress(FileNotFoundError):
            ages[file] = file.stat().st_mtime
    for file in sorted(ages, key=ages.__getitem__, reverse=True)[count:]:
        file.unlink(missing_ok=True)


@cache
def platform_digest() -> str:
    """Return the digest of the code that makes catalogs, so that new code never reads an old copy."""
    home = shipped_folder("modules").resolve()
    found = hashlib.sha256(f"{__version__} {sys.version} {home}".encode())
    root = Path(__file__).parents[1]
    for room in _CODE:
        for file in sorted((root / room).glob("*.py")):
            found.update(file.name.encode())
            found.update(file.read_bytes())
    return found.hexdigest()[:16]
