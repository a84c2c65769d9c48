"""A workshop: a folder of modules that count as shipped, and the command line on either database."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dougong.catalog import shipped_sets
from dougong.cli.console import DONE, Console
from dougong.cli.main import run


class Workshop:
    """`folder` is where the person stands: `modules/` in it ship, what else there is does not."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.folder = folder
        self.settings = settings

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def run(self, *arguments: object, language: str = "en") -> tuple[int, str]:
        """Run a command; return its exit code and everything it said."""
        out = io.StringIO()
        code = run(
            [str(each) for each in arguments], Console(self.settings, language, out=out, err=out)
        )
        return code, out.getvalue()

    def does(self, *arguments: object) -> str:
        code, said = self.run(*arguments)
        assert code == DONE, said
        return said

    def refuses(self, *arguments: object) -> str:
        code, said = self.run(*arguments)
        assert code != DONE, said
        return said

    def answer(self, *arguments: object) -> Any:
        return json.loads(self.does(*arguments, "--json"))


@pytest.fixture
def workshop(database, tmp_path, monkeypatch) -> Workshop:
    folder = tmp_path / "workshop"
    (folder / "modules").mkdir(parents=True)
    monkeypatch.chdir(folder)
    shipped: Callable[[], Mapping[str, Any]] = shipped_sets._shipped
    monkeypatch.setattr(
        shipped_sets,
        "_shipped",
        lambda: {**shipped(), **{each.id: each for each in shipped_sets.sets_in("modules")}},
    )
    return Workshop(folder, database.settings)
