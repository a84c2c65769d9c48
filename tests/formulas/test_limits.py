"""The language is total: whatever is written is computed or refused, soon, with a problem."""

import time
from typing import Any

import pytest

from dougong.formulas.parse import MOST_CHARACTERS, FormulaError, parse

ESCAPES = [
    "__class__", "__import__('os')", "qty.__class__", "note.__class__.__mro__", "().__class__", "''.join(note)",
    "note.format(1)", "eval('1')", "exec('1')", "open('/etc/passwd')", "getattr(note, 'x')", "lambda: 1",
    "[x for x in items]", "{1: 2}", "qty[0]", "qty if urgent else 1", "qty := 5", "qty = 5", "import os",
    "qty; drop table t", "note == 'a' -- x", "note == \"a\"", "/* x */ 1", "1e1000000000", "0x10", "10 ** 10",
    "9 ** 9 ** 9", "range(1000000000)", "round(qty, 1000000000)", "'a' * 1000000000", "qty % 2", "qty // 2",
    "date + 1000000000y", "`id`", "$(id)", "${qty}", "{{ qty }}", "qty\x00", "'a\x00b'", "\u202eqty", "qty\u00a0+ 1",
    "ｑｔｙ", "数量", "QTY", "items", "items[0].qty", "company.id.__dict__", "user.password", "user.__class__",
    "not", "and", "in", "()", "", " ", "'", "1.", ".5", "1..2", "1_000", "1,5", "=", "== 1", "*", "qty qty",
    "true.x", "null.x", "'a'.b", "5.real", "sum(sum(items.qty))", "sum()", "if()", "if(urgent)", "today(1)",
    "f(" * 3000, "(" * 9000, "[" * 9000, "not " * 2000 + "urgent", "-" * 9000 + "1", "(" * 4000 + "qty" + ")" * 4000 + "+",
    "qty+" * 2000 + "qty", "qty & " * 60 + "qty", "a." * 4000 + "b", "'" + "a" * MOST_CHARACTERS,
    "if(urgent, " * 60 + "1" + ", 2)" * 60, "9" * 9000, "qty * " * 20 + "qty", "0." + "1" * 5000, "1 / 0." + "0" * 200 + "1",
    "coalesce(" + ", ".join(["qty"] * 1200) + ")", "state in [" + ", ".join(["'draft'"] * 1100) + "]",
]  # fmt: skip


@pytest.mark.parametrize(
    "text", ESCAPES, ids=[f"{n} {text[:24]!a}" for n, text in enumerate(ESCAPES)]
)
def test_what_is_no_formula_is_refused_at_once(text: str, desk: Any) -> None:
    parse("1")  # the grammar is loaded once per process
    begun = time.process_time()  # of this process: other work on the machine does not count
    problems = desk.problems(text)
    taken = time.process_time() - begun
    assert problems, text[:80]
    assert taken < 0.1
    for problem in problems:
        assert problem.code.startswith("formulas.")
        for language in ("zh", "en"):
            assert problem.reason(language)
            assert problem.hint(language)
            assert "{" not in problem.reason(language).replace("`{`", "").replace("{{", "")
        assert problem.where.column >= 10


DEEP = {
    "brackets": "(" * 90 + "qty" + ")" * 90,
    "sums": " + ".join(["qty"] * 50),
    "products": "1" + " * 1" * 49,
    "quotients": "1" + " / 3" * 3,
    "texts": " & ".join(["note"] * 50),
    "ifs": "if(urgent, qty, " * 48 + "1" + ")" * 48,
    "conditions": "not " * 48 + "urgent",
    "comparisons": "(" * 45 + "urgent" + " == paid)" * 45,
    "coalesces": "coalesce(qty, " * 48 + "1" + ")" * 48,
    "least": "min(qty, " * 48 + "1" + ")" * 48,
    "rounds": "round(" * 48 + "qty" + ", 2)" * 48,
    "rounds at run time": "round(" * 20 + "qty" + ", n)" * 20,
    "negations": "-" * 48 + "qty",
    "days": "add_months(" * 48 + "date" + ", n)" * 48,
    "steps": "ceil_to(" * 20 + "qty" + ", 0.3)" * 20,
    "wide or": " or ".join(["qty == 1"] * 200),
    "wide in": "n in [" + ", ".join(map(str, range(900))) + "]",
    "wide sum": " or ".join([f"qty * price > {n}" for n in range(60)]),
    "many leaves": "coalesce(" + ", ".join(["qty * price"] * 150) + ")",
    "wide coalesce": "coalesce(" + ", ".join(["qty"] * 300) + ")",
    "wide min": "min(" + ", ".join(["n"] * 90) + ")",
    "nested logic": "(urgent and (paid or " * 24 + "true" + "))" * 24,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_the_largest_formulas_run_everywhere(text: str, desk: Any, mixed: Any) -> None:
    begun = time.perf_counter()
    formula = desk.formula(text)
    assert mixed.differences(formula) == {}
    assert time.perf_counter() - begun < 3


def test_no_generated_text_holds_what_a_person_wrote(desk: Any, mixed: Any) -> None:
    """Texts are parameters in SQL and quoted constants in Python."""
    formula = desk.formula("note == 'x''); drop table t; --' or name & '%s{}?' == note")
    for engine in (mixed.sqlite, mixed.postgres):
        piece = engine.piece(formula)
        assert "drop" not in piece.text
        assert "x'); drop table t; --" in piece.params
    assert mixed.differences(formula) == {}


def test_an_error_names_the_column_and_what_to_write() -> None:
    with pytest.raises(FormulaError) as caught:
        parse("qty = 5")
    assert caught.value.at == 4
    assert "==" in caught.value.values["advice"].say("en")
