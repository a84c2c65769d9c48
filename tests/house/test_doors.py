"""Code of modules and plugins comes in by one door: dougong.api."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOOR = "dougong.api"


def imported(source: str) -> set[str]:
    """The modules of ours that the source imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module == "dougong":
                found.update(f"dougong.{alias.name}" for alias in node.names)
            else:
                found.add("." * node.level + module)
    return {name for name in found if name.split(".")[0] in ("dougong", "dougong_hooks", "")}


def python_of_modules() -> list[Path]:
    folders = (ROOT / "modules", ROOT / "plugins", ROOT / "metadata")
    return [path for folder in folders if folder.is_dir() for path in folder.rglob("*.py")]


def test_modules_import_only_the_door():
    inside = {
        str(path.relative_to(ROOT)): imported(path.read_text(encoding="utf-8")) - {DOOR}
        for path in python_of_modules()
    }
    assert {path: names for path, names in inside.items() if names} == {}


def test_the_test_sees_every_way_in():
    assert imported("import dougong.records.store") == {"dougong.records.store"}
    assert imported("def f():\n    from dougong import records") == {"dougong.records"}
    assert imported("from . import other") == {"."}
    assert imported("from dougong.api import Door\nimport decimal") == {DOOR}


def test_metadata_and_modules_hold_no_other_programs():
    allowed = {".yaml", ".md", ".py", ".csv", ".json"}
    for folder in ("modules", "metadata"):
        odd = [
            path.relative_to(ROOT)
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and path.suffix not in allowed and "__pycache__" not in path.parts
        ]
        assert odd == []
