"""The README's first ten minutes, done word for word, and what else it promises."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEN_MINUTES = README.partition("## Ten minutes")[2].partition("\n## ")[0]
FILE = re.compile(r"^`(my_tenant/[^`]+)`\n\n```yaml\n(.*?)```", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)```", re.MULTILINE | re.DOTALL)


def dougong(folder: Path, line: str, *, fails: bool = False) -> str:
    words = shlex.split(line)
    assert words[0] == "dougong"
    command = [sys.executable, "-m", "dougong", *words[1:], "--data", str(folder / "data")]
    done = subprocess.run(
        [*command, "--lang", "en"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode != 0) == fails, (line, done.stdout, done.stderr)
    return done.stdout + done.stderr


@pytest.mark.slow
def test_the_first_ten_minutes_work_as_written(tmp_path: Path) -> None:
    dougong(tmp_path, "dougong tenant create north_star --module sales")
    steps = [line for block in SHELL.findall(TEN_MINUTES) for line in block.splitlines()]
    files = FILE.findall(TEN_MINUTES)
    assert len(files) == 4
    assert len(steps) == 5
    dougong(tmp_path, steps[0])
    for name, text in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    said = [dougong(tmp_path, step) for step in steps[1:]]
    assert "create table x_repair" in said[1]
    assert "password" in said[3]
    entity = tmp_path / "my_tenant/entities/repair.yaml"
    entity.write_text(entity.read_text().replace("{customer.name}", "{customr.name}"))
    wrong = dougong(tmp_path, "dougong push north_star my_tenant", fails=True)
    assert "entities/repair.yaml:3:" in wrong
    assert "customer" in wrong


def test_every_picture_and_link_of_the_readme_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
