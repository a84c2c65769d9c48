"""Code of a module: loaded by path, checked against what was declared."""

import sys

import pytest

from dougong.catalog.process import Function
from dougong.formulas.tree import Type
from dougong.foundation.errors import Refused
from dougong.foundation.translate import Label
from dougong.hooks.loader import load_functions
from dougong.hooks.points import POINTS, signature_of

PRICE = Function(
    "shop.price_of",
    Label(),
    {"item": Type("link"), "qty": Type("number"), "day": Type("date")},
    frozenset({"day"}),
    Type("number"),
    ("shop.item",),
    code=True,
)
GOOD = "def price_of(door, *, item, qty, day=None):\n    return qty\n"


def _load(folder, text: str):
    if text:
        (folder / "hooks.py").write_text(text)
    return load_functions(folder, "shop", [PRICE])


def _codes(caught) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def test_a_function_is_found_under_its_short_name(tmp_path):
    found = _load(tmp_path, GOOD)
    assert found["shop.price_of"](None, item=1, qty=2) == 2
    assert sys.modules["dougong_hooks.shop"].__file__ == str(tmp_path / "hooks.py")


def test_without_code_no_file_is_asked_for(tmp_path):
    assert load_functions(tmp_path, "shop", []) == {}


def test_the_signature_is_told(tmp_path):
    assert signature_of(PRICE) == "def price_of(door, *, item, qty, day=None)"
    for text in (
        "def price_of(door, item, qty, day=None): ...",
        "def price_of(door, *, item, qty, day): ...",
        "def price_of(door, *, item, qty): ...",
        "def price_of(*, item, qty, day=None): ...",
        "def price_of(door, *, item, qty, day=None, **rest): ...",
    ):
        with pytest.raises(Refused) as caught:
            _load(tmp_path, text)
        assert _codes(caught) == ["hooks.wrong-signature"]
        assert "item, qty, day=None" in caught.value.problems[0].hint("en")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "hooks.no-file", 0),
        ("x = 1", "hooks.no-function", 0),
        ("x = 1\nraise ValueError('no')\n" + GOOD, "hooks.cannot-load", 2),
        ("def (", "hooks.cannot-load", 1),
        ("import decimal\nimport dougong.records\n" + GOOD, "hooks.foreign-import", 2),
        ("from dougong import database\n" + GOOD, "hooks.foreign-import", 1),
        ("from . import other\n" + GOOD, "hooks.foreign-import", 1),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, code, line):
    with pytest.raises(Refused) as caught:
        _load(tmp_path, text)
    assert _codes(caught) == [code]
    assert caught.value.problems[0].where.line == line


def test_every_point_has_a_moment_and_an_example_that_is_python():
    for point in POINTS:
        assert point.moment.say("zh")
        compile(point.example, point.name, "exec")
