"""One formula, four engines, one answer: Python, SQLite, PostgreSQL and the page."""

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

EXAMPLES = [
    "round(qty * price * (1 - coalesce(rate, 0)), 2)", "qty / price", "-qty + 0.5", "net + tax", "net > tax",
    "floor(qty / 3)", "ceil(qty, 1)", "ceil(-amt, -2)", "round(amt, currency.decimals)", "floor(qty, n)",
    "ceil(qty * price, n)", "ceil_to(qty, price)", "ceil_to(amt, 0.3)", "min(qty, price, amt)", "max(n, m, rate)",
    "min(due, date, '2026-01-01')", "coalesce(due, date)", "abs(amt - net)", "if(urgent, qty, price * 2)",
    "if(qty > price, n, m)", "if(due > date, due, null)", "contains(note, name)", "starts_with(note, 'a')",
    "not contains(note, '')", "note & '-' & name", "state == 'draft'", "state != 'draft'", "not state == 'draft'",
    "state in ['draft', 'closed']", "state not in ['draft']", "note == name", "note != name", "note in [name, null]",
    "0 <= rate < 1", "not (0 <= rate < 1)", "qty == null", "due != null", "urgent", "not urgent", "urgent and paid",
    "urgent or not paid", "urgent == paid", "urgent == true", "if(urgent, paid, null)", "coalesce(urgent, true)",
    "date + 7", "date - 1d", "date + 1m", "date - 13m", "date + 1y", "date + 2w", "date + n", "date + m", "date - n",
    "add_months(date, n)", "add_months(date, -m)", "due - date", "date + customer.lead_days", "year(date)",
    "quarter(date)", "month(date)", "week(date)", "month_end(date)", "year_no(date)", "month_no(date)",
    "weekday(date)", "month_end(date) - date + 1", "today()", "date < today()", "sent <= now()", "sent > '2025-01-01'",
    "at >= '08:30'", "date == '2026-01-31'", "(owner == user)", "owner != user", "company in user.companies",
    "company not in user.companies", "has_role('sales.clerk')", "not has_role('x.y')",
    "currency == 'CNY'", "currency != 'CNY'", "currency in ['CNY', 'USD']", "currency not in ['CNY', 'USD']",
    "customer == null", "customer", "sum(items.amount)", "sum(items.qty * items.price)",
    "sum(round(items.qty * items.price, 2), where = items.done)", "sum(items.qty * rate)", "count(items)",
    "count(items, where = items.qty > 0)", "avg(items.price)", "avg(items.qty * items.price)", "least(items.due)",
    "greatest(items.qty * items.price)", "least(items.amount)", "all(items.done)", "any(items.done)", "all(items.qty > 0)",
    "any(items.unit == 'pcs')", "all(items.shipped >= items.qty)", "sum(items.amount) / count(items)",
    "all(items.due >= date)", "sum(items.amount) + sum(gifts.qty)", "if(sum(items.amount) > net, 1, 0)",
    "null + qty", "null", "qty + null == null", "1 / 3", "2000000000 * 2000000000", "amt * n", "amt * 0", "-amt * 0",
    "qty * price * rate * amt", "n + m", "n * m", "n / m", "n == m", "m > 999999999999", "m * m > 5",
    "round(-0.4)", "round(n / 7, 3) == 0.143", "round(qty, 10)", "round(123456, -3)", "max(0, amt)", "min(null, n)",
    "if(null, 1, 2)", "coalesce(null, n, 3)", "(n > 0) == urgent", "coalesce(n > 3, false)",
    "rate in [0.5, n]", "rate not in [n, null]", "n in [1, 2, 3]", "date in ['2026-01-31', due]",
    "customer.active and customer.name != ''", "0.1 + 0.2 == 0.3", "13% * net",
]  # fmt: skip


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_function_and_operator_gives_one_answer(text: str, desk: Any, mixed: Any) -> None:
    formula = desk.formula(text)
    assert mixed.differences(formula) == {}, mixed.python.source(formula)


# --- random formulas ----------------------------------------------------------------------------

NUMBERS = [
    "qty",
    "price",
    "amt",
    "net",
    "rate",
    "n",
    "m",
    "customer.lead_days",
    "customer.credit_limit",
]
CONSTANTS = ["0", "1", "-2", "0.5", "13%", "7.25", "100", "(null + 1)", "0.000001"]
WHOLES = [
    "n",
    "m",
    "1",
    "9",
    "-3",
    "currency.decimals",
    "customer.lead_days",
    "count(items)",
    "month_no(date)",
]
LINE_NUMBERS = ["items.qty", "items.price", "items.amount", "items.n", "rate", "2"]
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EQUALS = st.sampled_from(["==", "!="])


def bracket(*parts: Any) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: f"({' '.join(found)})")


def call(name: str, *parts: Any) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: f"{name}({', '.join(found)})")


def line_number() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(LINE_NUMBERS)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            bracket(inner, st.sampled_from("+-*/"), inner),
            call("round", inner, st.sampled_from(["0", "2", "-1", "n"])),
            call("coalesce", inner, st.just("0")),
        ),
        max_leaves=3,
    ).filter(lambda text: "items." in text)


def line_condition() -> st.SearchStrategy[str]:
    plain = st.sampled_from(
        [
            "items.done",
            "items.kind == 'a'",
            "items.unit == 'pcs'",
            "items.due >= date",
            "not items.done",
            "items.qty != null",
        ]
    )
    return plain | bracket(line_number(), SIGNS, line_number())


@cache
def formulas(kind: str, depth: int) -> st.SearchStrategy[str]:
    """Texts of formulas of a kind; references are lazy, so that they may contain each other."""
    if depth == 0:
        return st.sampled_from(LEAVES[kind])

    def below(other: str) -> st.SearchStrategy[str]:
        return st.deferred(lambda: formulas(other, depth - 1))

    number, condition, text, day = below("number"), below("boolean"), below("text"), below("date")
    whole = st.sampled_from(WHOLES)
    lines = line_number()
    choices = [
        st.sampled_from(LEAVES[kind]),
        call("if", condition, below(kind), below(kind)),
        call("coalesce", below(kind), below(kind)),
    ]
    if kind == "number":
        choices += [
            bracket(number, st.sampled_from("+-*/"), number), bracket(number, st.sampled_from("+-*/"), number),
            number.map("-{}".format), call("abs", number), call("min", number, number), call("max", number, number, number),
            call("round", number, whole), call("floor", number, st.sampled_from(["0", "1", "-2", "n"])), call("round", number, st.sampled_from(["2", "0", "6"])),
            call("ceil", number), call("ceil_to", number, st.sampled_from(["0.3", "5", "price", "rate"])),
            bracket(day, st.just("-"), day), call("year_no", day), call("weekday", day), call("sum", lines),
            st.tuples(lines, line_condition()).map(lambda two: f"sum({two[0]}, where = {two[1]})"),
            call("avg", lines), call("least", lines), call("greatest", lines),
            line_condition().map("count(items, where = {})".format),
        ]  # fmt: skip
    elif kind == "boolean":
        choices += [
            bracket(number, SIGNS, number), bracket(text, EQUALS, text), bracket(day, SIGNS, day), bracket(condition, EQUALS, condition),
            bracket(condition, st.sampled_from(["and", "or"]), condition), condition.map("(not {})".format),
            call("contains", text, text), call("starts_with", text, text), bracket(number, st.just("<="), number, st.just("<"), number),
            st.tuples(number, number, number).map("({0[0]} in [{0[1]}, {0[2]}])".format),
            st.tuples(text, text).map("({0[0]} not in [{0[1]}, 'ab', null])".format),
            call("all", line_condition()), call("any", line_condition()), number.map("({} == null)".format),
        ]  # fmt: skip
    elif kind == "text":
        choices += [bracket(text, st.just("&"), text)]
    else:
        choices += [
            bracket(day, st.sampled_from("+-"), whole), bracket(day, st.sampled_from("+-"), st.sampled_from(["1m", "1y", "2w", "40d"])),
            call("add_months", day, whole), call("min", day, day), call("max", day, day), call("least", st.sampled_from(["items.due"])),
            *(call(name, day) for name in ("month", "quarter", "week", "year", "month_end")),
        ]  # fmt: skip
    return st.one_of(choices)


LEAVES = {
    "number": NUMBERS + CONSTANTS,
    "boolean": ["urgent", "paid", "customer.active", "true", "false", "(owner == user)", "(company in user.companies)", "(currency == 'CNY')", "has_role('sales.clerk')"],
    "text": ["note", "name", "customer.name", "number", "'a'", "'😀'", "'it''s'", "null"],
    "date": ["date", "due", "customer.since", "today()", "(date + 1m)"],
}  # fmt: skip


@settings(
    max_examples=500, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    text=st.sampled_from(["number", "number", "boolean", "boolean", "text", "date"]).flatmap(
        lambda kind: formulas(kind, 3)
    )
)
def test_random_formulas_give_one_answer(text: str, desk: Any, mixed: Any) -> None:
    problems = desk.problems(text)
    assert {problem.code for problem in problems} <= {
        "formulas.too-wide",
        "formulas.not-whole",
        "formulas.too-deep",
    }, text
    assume(not problems)
    formula = desk.formula(text)
    assert mixed.differences(formula) == {}, mixed.python.source(formula)
