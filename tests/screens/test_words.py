"""Both languages say the same things, and every text a page asks for exists."""

import re
from pathlib import Path

import pytest

from dougong.foundation.shipped import shipped_folder
from dougong.screens import words
from dougong.screens.words import Words, texts

HOLE = re.compile(r"\{(\w+)")


def test_chinese_and_english_have_the_same_keys_and_holes() -> None:
    assert texts("zh").keys() == texts("en").keys()
    for key, text in texts("zh").items():
        assert set(HOLE.findall(text)) == set(HOLE.findall(texts("en")[key])), key


def test_every_text_a_template_or_the_server_says_exists() -> None:
    package = Path(words.__file__).parents[1]
    sources = [*shipped_folder("web").glob("templates/**/*.html")]
    sources += [*package.glob("screens/*.py"), *package.glob("server/page*.py")]
    asked = {
        key
        for source in sources
        for key in re.findall(
            r"""words\(\s*["']([a-z0-9_.]*[a-z0-9_])["']""", source.read_text("utf-8")
        )
    }
    assert len(asked) > 60
    assert asked <= texts("zh").keys()


def test_every_text_a_script_says_exists() -> None:
    scripts = shipped_folder("web").glob("src/**/*.ts")
    asked = {
        key
        for script in scripts
        for key in re.findall(r'say\("([a-z_]+)"', script.read_text("utf-8"))
    }
    assert len(asked) > 30
    assert asked <= Words("zh").browser().keys()


def test_an_unknown_language_reads_english() -> None:
    assert Words("fr")("home") == "Home"


def test_a_text_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("zh")("no.such.text")
