"""What is written into generated code: short, readable, and callable."""

from typing import Any

import pytest

from dougong.formulas import to_python
from dougong.formulas.tree import Path, Signature, Type


def written(desk: Any, text: str, scope: Any = None, **keys: Any) -> str:
    def name(path: Path) -> str:
        below = "_".join((*path.names,))
        return f"line.{below}" if path.root == "rows" else below or str(path.root)

    return to_python.source(
        desk.formula(text, scope), name, rows=lambda rows: ("line", rows),
        record=lambda entity, key: f"known({entity!r}, {key!r})", **keys,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("round(qty * price, 2)", "(None if qty is None or price is None else (ROUND(MUL(qty, price), Q2) or Z2))"),
        ("qty > 0", "(qty is not None and qty > 0)"),
        ("0 <= rate < 1", "((rate is not None and 0 <= rate) and (rate is not None and rate < 1))"),
        ("state == 'draft'", "(state == 'draft')"),
        ("state in ['draft', 'closed']", "(state in ('draft', 'closed',))"),
        ("sum(items.amount)", "total(line.amount for line in items)"),
        ("sum(items.qty, where = items.done)", "total(line.qty for line in items if line.done)"),
        ("count(items)", "sum(1 for line in items)"),
        ("all(items.qty > 0)", "all((line.qty is not None and line.qty > 0) for line in items)"),
        ("due == null", "(due is None)"),
        ("currency == 'CNY'", "(currency == (known('shop.currency', 'CNY') or 0))"),
        ("company in user.companies", "(company is not None and (company in (companies or ())))"),
        ("urgent and not paid", "((urgent is True) and (not paid))"),
        ("coalesce(rate, 0)", "(rate if rate is not None else 0)"),
        ("note & '-'", "((note or '') + '-')"),
        ("net", "net"),
        ("net * n", "(None if net is None or n is None else PLUS(MUL(net, n)))"),
        ("if(urgent, net, tax)", "(net if urgent else tax)"),
        ("date + 1m", "(None if date is None else add_months(date, 1))"),
        ("0.5", "D('0.5')"),
    ],
)  # fmt: skip
def test_the_code_reads_as_by_hand(text: str, code: str, desk: Any) -> None:
    assert written(desk, text) == code


def test_what_is_never_none_needs_no_test(desk: Any) -> None:
    sure = written(desk, "round(qty * price, 2)", sure=lambda path: True)
    assert sure == "(ROUND(MUL(qty, price), Q2) or Z2)"


def test_a_name_that_takes_time_is_asked_once_for_each_use(desk: Any) -> None:
    formula = desk.formula("customer.credit_limit + customer.credit_limit * 2 > net")
    asked: list[str] = []

    def name(path: Path) -> str:
        return f"ask({'.'.join(path.names)!r})"

    code = to_python.source(formula, name)
    values = {"customer.credit_limit": 5, "net": 14}

    def ask(what: str) -> int:
        asked.append(what)
        return values[what]

    assert eval(code, {**to_python.NAMES, "ask": ask})
    assert asked == ["customer.credit_limit", "customer.credit_limit", "net"]


def test_a_function_of_a_module_is_called_through_the_caller(desk: Any) -> None:
    price = Signature(
        "sales.price_of",
        {"item": Type("link", to=("shop.customer",)), "qty": Type("number", 6)},
        frozenset({"qty"}),
        Type("number", 6),
        code=True,
    )
    scope = desk.shop(functions={"sales.price_of": price})

    def call(function: str, arguments: Any) -> str:
        return f"call({function!r}, {', '.join(f'{name}={value}' for name, value in arguments.items())})"

    code = written(desk, "round(sales.price_of(customer) * 2, 2)", scope, call=call)
    assert "call('sales.price_of', item=customer, qty=None)" in code


def test_a_place_that_has_no_lines_or_functions_says_so(desk: Any) -> None:
    with pytest.raises(LookupError):
        to_python.source(desk.formula("sum(items.qty)"), lambda path: "x")
    with pytest.raises(LookupError):
        to_python.source(desk.formula("currency == 'CNY'"), lambda path: "x")


def test_names_of_the_runtime_hold_no_builtin_and_no_float() -> None:
    assert not set(to_python.NAMES) & {"eval", "exec", "open", "getattr", "__import__", "float"}
