"""Files of a tenant beside its tables: uploads, exports, attachments; kept under their own digest."""

import hashlib
import os
import re
import shutil
from pathlib import Path
from secrets import token_hex

from dougong.foundation.errors import refuse
from dougong.tenants.problems import NO_FILE

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Files:
    """`<data>/files/<tenant>/<first two letters>/<SHA-256>`: the same content is kept once.

    A name from outside never becomes a path; what a file is called stands in the tables.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep `content` and return its digest; it is on the disk when this returns."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.is_file():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{digest}.{token_hex(4)}")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        return digest

    def read(self, digest: str) -> bytes:
        """Return what is kept under `digest`. Refuses (404) when there is nothing."""
        path = self._path(digest)
        if not path.is_file():
            raise refuse(NO_FILE)
        return path.read_bytes()

    def remove_all(self) -> None:
        """Remove every file of the tenant."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise refuse(NO_FILE)
        return self._folder / digest[:2] / digest
