"""The house's names: what may not be there, and what every problem must say."""

import importlib
import pkgutil
import string
from pathlib import Path

import dougong
from dougong.foundation.errors import Problem, ProblemKind

HOUSE = Path(dougong.__file__).parent
ROOT = HOUSE.parents[1]
FORBIDDEN = (
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "service",
    "services",
    "misc",
    "base",
)


def test_the_standard_library_keeps_its_platform():
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_no_file_or_room_has_a_name_that_says_nothing():
    named = [path for path in HOUSE.rglob("*") if path.is_dir() or path.suffix == ".py"]
    assert [str(path.relative_to(ROOT)) for path in named if path.stem in FORBIDDEN] == []


def test_every_room_says_what_it_is():
    rooms = [path for path in HOUSE.iterdir() if (path / "__init__.py").is_file()]
    empty = [
        path.name
        for path in HOUSE.rglob("*.py")
        if not path.read_text(encoding="utf-8").lstrip().startswith(('"""', 'r"""'))
    ]
    assert len(rooms) > 10
    assert empty == []


def _kinds() -> list[tuple[str, str, ProblemKind]]:
    """Every ProblemKind of every room's problems.py: (room, name, kind)."""
    found = []
    for room in pkgutil.iter_modules(dougong.__path__):
        file = HOUSE / room.name / "problems.py"
        if not file.is_file():
            continue
        module = importlib.import_module(f"dougong.{room.name}.problems")
        for name, value in vars(module).items():
            if isinstance(value, ProblemKind):
                found.append((room.name, name, value))
    return found


def test_every_problem_has_a_code_of_its_own_room_once():
    codes: dict[str, str] = {}
    for room, name, kind in _kinds():
        assert codes.setdefault(kind.code, f"{room}.{name}") == f"{room}.{name}", kind.code
        assert kind.code.startswith(f"{room}."), kind.code
    assert len(codes) > 50


def test_every_problem_says_why_and_what_to_do_in_both_languages():
    silent = []
    for _, _, kind in _kinds():
        for text in (kind.reason, kind.hint):
            said = dict(text.items())
            if not said.get("zh", "").strip() or not said.get("en", "").strip():
                silent.append(kind.code)
        page = dict(kind.page.items())
        if page and not (page.get("zh") and page.get("en")):
            silent.append(kind.code)
    assert silent == []


def test_every_problem_can_be_said_without_its_values():
    for _, _, kind in _kinds():
        for language in ("zh", "en"):
            problem = Problem(kind)
            assert problem.reason(language)
            assert problem.hint(language)


def test_both_languages_name_the_same_things():
    different = []
    for _, _, kind in _kinds():
        for text in (kind.reason, kind.hint):
            names = {
                language: {name for _, name, _, _ in string.Formatter().parse(said) if name}
                for language, said in text.items()
            }
            if names["zh"] != names["en"]:
                different.append((kind.code, names))
    assert different == []
