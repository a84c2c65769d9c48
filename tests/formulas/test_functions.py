"""The table of functions is the one place that knows them: the page knows the same, the annex too."""

import re
from pathlib import Path

from dougong.formulas.cycles import cycle_problems, order
from dougong.formulas.functions import FUNCTIONS, OFFERED, reference
from dougong.foundation.errors import Place

ANNEX = [
    "abs",
    "round",
    "floor",
    "ceil",
    "ceil_to",
    "min",
    "max",
    "coalesce",
    "if",
    "contains",
    "starts_with",
    "today",
    "now",
    "year",
    "quarter",
    "month",
    "week",
    "month_end",
    "year_no",
    "month_no",
    "weekday",
    "add_months",
    "sum",
    "count",
    "avg",
    "least",
    "greatest",
    "all",
    "any",
    "changed",
    "has_role",
    "taken",
    "open",
    "balance",
    "turnover",
    "holders",
    "manager_of",
    "head_of",
    "position",
    "person",
    "count_distinct",
    "shift",
    "share",
    "running",
]


def test_the_table_holds_the_functions_of_the_annex() -> None:
    assert list(FUNCTIONS) == ANNEX
    for function in FUNCTIONS.values():
        assert function.offered in OFFERED
        for language in ("zh", "en"):
            assert function.meaning.say(language)
            assert function.gives.say(language)


def test_the_page_computes_every_function_that_says_so() -> None:
    web = Path(__file__).resolve().parents[2] / "web" / "src" / "formula" / "formula.ts"
    known = set(re.findall(r"^  \"?([a-z_]+)\"?:", web.read_text(encoding="utf-8"), re.MULTILINE))
    rewritten = {"today", "has_role", "changed", "add_months"}  # checking turns these into others
    wanted = {name for name, function in FUNCTIONS.items() if "browser" in function.targets}
    assert wanted - rewritten <= known


def test_the_reference_is_a_table_in_the_readers_language() -> None:
    chinese, english = reference("zh"), reference("en")
    assert "| `round(x, n = 0)` |" in chinese
    assert "half away from zero" in english
    assert len(english.splitlines()) == len(FUNCTIONS) + 2
    assert "P S B" in english


def test_what_is_read_is_computed_first() -> None:
    found = order(
        {"total": ["net", "tax"], "net": ["items"], "tax": ["items", "rate"], "items": ["qty"]}
    )
    assert found.cycles == ()
    assert found.names == ("items", "net", "tax", "total")


def test_a_circle_is_told_with_all_its_names() -> None:
    reads = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"], "e": ["e"], "f": ["qty"]}
    found = order(reads)
    assert found.cycles == (("a", "b", "c", "a"), ("e", "e"))
    assert found.names == ("f",)
    first, second = cycle_problems(reads, {"a": Place("a.yaml", 3, 1)})
    assert str(first.where) == "a.yaml:3:1"
    assert "a → b → c → a" in first.reason("en")
    assert second.code == "formulas.cycle"


def test_a_long_chain_needs_no_recursion() -> None:
    names = order({f"f{n}": [f"f{n + 1}"] for n in range(20_000)}).names
    assert names[0] == "f19999"
