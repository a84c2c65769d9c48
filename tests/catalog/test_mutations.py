"""Whatever is done to a file, there is an answer: a catalog or problems, never a traceback."""

import random
import re
from contextlib import suppress

import pytest

from dougong.catalog.assemble import assemble
from dougong.catalog.canonical import fmt
from dougong.catalog.shipped_sets import sets_for, sets_in
from dougong.catalog.source import SourceSet
from dougong.foundation.errors import Refused
from dougong.foundation.shipped import shipped_folder

BITS = ("null", "true", "[]", "{}", "[a, b]", "{a: 1}", "5", "x", '""', "self", "a.b.c", "[[a]]", "{to: 1}", '"{a}"', "-1")  # fmt: skip
TOKEN = re.compile(r"(?<=: )[^,{}\[\]\n]+|\{[^{}]*\}|\[[^\[\]]*\]|[a-z_.]+(?=:)|[a-z_]+")


def mutated(text: str, dice: random.Random) -> str:
    for _ in range(dice.randint(1, 3)):
        tokens = list(TOKEN.finditer(text))
        if not tokens:
            break
        token = dice.choice(tokens)
        kind = dice.random()
        new = (
            dice.choice(BITS) if kind < 0.7 else "" if kind < 0.85 else dice.choice(tokens).group(0)
        )
        text = text[: token.start()] + new + text[token.end() :]
    return text


def run(seed: int, count: int) -> None:
    given = list(sets_for([], sets_in(shipped_folder("metadata") / "examples")))
    dice = random.Random(seed)
    for _ in range(count):
        place = dice.randrange(len(given))
        source = given[place]
        path = dice.choice(sorted(source.files))
        text = mutated(source.files[path], dice)
        after = [*given]
        after[place] = SourceSet(
            source.layer, source.id, {**source.files, path: text}, source.folder
        )
        done = assemble(after)
        assert done.catalog is not None or any(each.level == "stop" for each in done.problems)
        for each in done.problems:
            assert each.reason("zh")
            assert each.hint("en") or each.kind.code
        with suppress(Refused):
            assert fmt(fmt(text)) == fmt(text)


def test_sixty_mutations_are_answered():
    run(seed=1, count=60)


@pytest.mark.nightly
def test_three_thousand_mutations_are_answered():
    run(seed=2, count=3000)
