"""Assets: the built files of web/dist — which name stands for which file, served for a year."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route as StarletteRoute

from dougong.foundation.shipped import shipped_folder

PREFIX = "/assets"
_NAME = re.compile(r"[a-z_]+-[A-Z0-9]{8}\.(js|css|svg)(\.(map|LEGAL\.txt))?", re.ASCII)
_YEAR = "public, max-age=31536000, immutable"


class NotBuilt(Exception):  # noqa: N818 -- an answer to whoever installed it
    """web/dist holds no built assets."""


@dataclass(frozen=True, slots=True)
class Assets:
    """The built files: `names` maps what a template says to the hashed file in `folder`."""

    folder: Path
    names: Mapping[str, str]

    def address(self, name: str) -> str:
        """Return the address of `name`, such as `core.js`. Raises KeyError for an unknown one."""
        return f"{PREFIX}/{self.names[name]}"


def read_assets() -> Assets:
    """Read what web/dist/manifest.json says. Raises NotBuilt when there is none."""
    folder = shipped_folder("web") / "dist"
    manifest = folder / "manifest.json"
    try:
        changed = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        raise NotBuilt from None
    return _assets(folder, changed)


@cache
def _assets(folder: Path, changed: int) -> Assets:
    """Read the manifest as it was at `changed`, so a rebuild shows without a restart."""
    names: dict[str, str] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Assets(folder, names)


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    file = shipped_folder("web") / "dist" / name
    if not _NAME.fullmatch(name) or not file.is_file():
        return Response("Not found\n", 404, media_type="text/plain")
    media = guess_type(name)[0] or "text/plain"
    headers = {"Cache-Control": _YEAR, "X-Content-Type-Options": "nosniff"}
    return FileResponse(file, media_type=media, headers=headers)


def routes() -> list[StarletteRoute]:
    """Return the route of the built files; it needs no tenant."""
    return [StarletteRoute(f"{PREFIX}/{{name}}", _serve, methods=["GET", "HEAD"])]
