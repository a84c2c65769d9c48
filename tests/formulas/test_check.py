"""Names and types: what a formula means at its place, and everything wrong with it at once."""

from dataclasses import replace
from typing import Any

import pytest

from dougong.formulas import tree
from dougong.formulas.check import check
from dougong.formulas.functions import FUNCTIONS
from dougong.formulas.tree import Found, NoScope, Signature, Type
from dougong.foundation.errors import Place

MONEY, RATE = Type("number", 2), Type("number", 4)


@pytest.mark.parametrize(
    ("text", "code", "column", "nearest"),
    [
        ("custmer.name", "formulas.unknown-name", 10, "customer"),
        ("qty + customer.nam", "formulas.unknown-field", 16, "name"),
        ("customer.name.x", "formulas.not-a-link", 10, ""),
        ("customer" + ".parent" * 5 + ".name", "formulas.path-too-long", 10, ""),
        ("other.name", "formulas.unknown-field", 10, ""),
        ("tags.name", "formulas.not-a-link", 10, ""),
        ("1 + rnd(qty)", "formulas.unknown-function", 14, "round"),
        ("sales.price_of(qty)", "formulas.unknown-function", 10, ""),
        ("round()", "formulas.missing-argument", 10, ""),
        ("round(qty, 2, 3)", "formulas.too-many-arguments", 10, ""),
        ("round(qty, place=2)", "formulas.unknown-argument", 27, ""),
        ("round(qty, x=2)", "formulas.double-argument", 23, ""),
        ("sum(items.amount, were = items.done)", "formulas.unknown-argument", 35, "where"),
        ("round(qty, 11)", "formulas.out-of-range", 21, ""),
        ("round(qty, -7)", "formulas.out-of-range", 21, ""),
        ("round(qty, price)", "formulas.not-whole", 21, ""),
        ("date + qty", "formulas.not-whole", 17, ""),
        ("add_months(date, price)", "formulas.not-whole", 27, ""),
        ("has_role(note)", "formulas.must-be-constant", 19, ""),
        ("items.qty > 1", "formulas.rows-outside", 10, ""),
        ("sum(qty)", "formulas.no-rows", 10, ""),
        ("sum(items.qty * gifts.qty)", "formulas.two-rows", 26, ""),
        ("sum(items.qty * sum(gifts.qty))", "formulas.nested-rows", 26, ""),
        ("count(items.qty)", "formulas.different-types", 16, ""),
        ("sum(items)", "formulas.different-types", 14, ""),
        ("qty + note", "formulas.bad-operands", 10, ""),
        ("qty & note", "formulas.bad-operands", 10, ""),
        ("date * 2", "formulas.bad-operands", 10, ""),
        ("1 + date", "formulas.bad-operands", 10, ""),
        ("sent + 1d", "formulas.bad-operands", 10, ""),
        ("sent - sent", "formulas.bad-operands", 10, ""),
        ("-note", "formulas.different-types", 10, ""),
        ("note < 'a'", "formulas.no-order", 17, ""),
        ("urgent >= paid", "formulas.no-order", 20, ""),
        ("min(note, 'a')", "formulas.no-order", 14, ""),
        ("qty == 'a'", "formulas.different-types", 17, ""),
        ("date == sent", "formulas.different-types", 18, ""),
        ("tags == null", "formulas.different-types", 18, ""),
        ("customer == owner", "formulas.different-types", 22, ""),
        ("qty in user.companies", "formulas.different-types", 10, ""),
        ("qty in price", "formulas.different-types", 17, ""),
        ("n in [1, 'a']", "formulas.different-types", 19, ""),
        ("not qty", "formulas.different-types", 14, ""),
        ("qty and paid", "formulas.different-types", 10, ""),
        ("if(qty, 1, 2)", "formulas.different-types", 13, ""),
        ("if(paid, 1, 'a')", "formulas.different-types", 22, ""),
        ("coalesce(due, qty)", "formulas.different-types", 24, ""),
        ("contains(qty, 'a')", "formulas.different-types", 19, ""),
        ("data == 1", "formulas.different-types", 18, ""),
        ("due == '2026-02-30'", "formulas.bad-constant", 17, ""),
        ("due == '20260230'", "formulas.bad-constant", 17, ""),
        ("at == '25:00'", "formulas.bad-constant", 16, ""),
        ("sent == 'soon'", "formulas.bad-constant", 18, ""),
        ("state == 'aproved'", "formulas.unknown-option", 19, "approved"),
        ("state in ['draft', 'open']", "formulas.unknown-option", 29, ""),
        ("if(paid, 'x', 'draft') == state", "formulas.unknown-option", 19, ""),
        ("currency == 'CNX'", "formulas.unknown-record", 22, ""),
        ("qty * " * 6 + "qty", "formulas.too-wide", 10, ""),
        ("1" * 101, "formulas.too-wide", 10, ""),
        ("this.qty", "formulas.not-here", 10, ""),
        ("old.qty", "formulas.not-here", 10, ""),
        ("originator", "formulas.not-here", 10, ""),
        ("changed(qty)", "formulas.not-here", 10, ""),
        ("taken('a.b')", "formulas.not-here", 10, ""),
        ("balance('a.b', item=qty).quantity", "formulas.not-here", 10, ""),
        ("holders('a.b')", "formulas.not-here", 10, ""),
        ("share(qty, of = state)", "formulas.not-here", 10, ""),
    ],
)  # fmt: skip
def test_a_wrong_formula_is_met_with_a_problem(
    text: str, code: str, column: int, nearest: str, desk: Any
) -> None:
    problems = desk.problems(text)
    assert [(one.code, one.where.column, one.nearest) for one in problems] == [
        (code, column, nearest)
    ]
    for language in ("zh", "en"):
        assert "{" not in problems[0].reason(language) + problems[0].hint(language)


def test_all_problems_come_at_once(desk: Any) -> None:
    problems = desk.problems("qtty + rnd(price) > note and 'x' == state and customer.nme == 'a'")
    assert [(problem.code, problem.nearest) for problem in problems] == [
        ("formulas.unknown-name", "qty"),
        ("formulas.unknown-function", "round"),
        ("formulas.unknown-option", ""),
        ("formulas.unknown-field", "name"),
    ]


def test_what_is_already_wrong_causes_no_second_problem(desk: Any) -> None:
    assert len(desk.problems("round(qtty * 2 + price, 2) > 5 and -qtty_ == 'a'")) == 2


@pytest.mark.parametrize(
    ("text", "scale", "digits"),
    [
        ("net + tax", 2, 19),
        ("qty * price", 12, 36),
        ("qty / price", 10, 29),
        ("round(qty * price, 2)", 2, 27),
        ("round(net, 4)", 2, 19),
        ("round(net, currency.decimals)", 2, 19),
        ("sum(items.amount)", 2, 24),
        ("avg(items.amount)", 10, 27),
        ("count(items)", 0, 6),
        ("due - date", 0, 7),
        ("if(paid, net, qty)", 6, 22),
        ("coalesce(rate, 0)", 4, 18),
        ("min(n, rate)", 4, 22),
        ("0.130", 3, 4),
        ("year_no(date)", 0, 4),
    ],
)
def test_how_long_a_number_can_get_is_known(text: str, scale: int, digits: int, desk: Any) -> None:
    type_ = desk.formula(text).type
    assert (type_.kind, type_.scale, type_.digits) == ("number", scale, digits)


def test_constants_are_read_by_their_neighbour(desk: Any) -> None:
    def right(text: str) -> Any:
        node = desk.formula(text).node
        assert isinstance(node, tree.Compare)
        return node.operands[1]

    assert str(right("due >= '2026-06-30'").value) == "2026-06-30"
    assert str(right("at == '08:30'").value) == "08:30:00"
    assert (
        right("sent < '2026-06-30T08:00:00+08:00'").value.isoformat() == "2026-06-30T00:00:00+00:00"
    )
    known = right("currency == 'CNY'")
    assert (known.entity, known.key) == ("shop.currency", "CNY")
    assert desk.formula("currency == 'CNY'").known == {("shop.currency", "CNY")}
    assert desk.formula("customer == 'C1'").known == {
        ("shop.customer", "C1")
    }  # no data file: not known
    first = desk.formula("'draft' == state").node
    assert isinstance(first, tree.Compare)
    assert desk.formula(
        "if(paid, 'draft', 'closed')", wants=Type("text", options=("draft", "closed"))
    )
    assert desk.formula("if(paid, '2026-01-01', due)").type.kind == "date"
    assert desk.formula("'kg'", wants=Type("link", to=("shop.unit",))).known == {
        ("shop.unit", "kg")
    }


def test_what_a_formula_reads_is_gathered(desk: Any) -> None:
    formula = desk.formula(
        "qty * customer.discount + sum(items.qty * items.item.cost, where = items.done) > 0 and owner == user and today() > doc.date"
    )
    assert formula.reads == {
        ("record", "qty"), ("record", "customer", "discount"), ("rows", "items", "qty"),
        ("rows", "items", "item", "cost"), ("rows", "items", "done"), ("record", "owner"), ("user",), ("record", "date"),
    }  # fmt: skip
    assert formula.calls == {"sum", "today"}
    assert formula.clock
    line = desk.formula("amount / doc.net + n", desk.shop("items"))
    assert line.reads == {("line", "amount"), ("header", "net"), ("line", "n")}


def test_lines_are_reached_from_a_line_and_through_doc(desk: Any) -> None:
    for text in ("amount / sum(items.amount)", "amount / sum(doc.items.amount)"):
        formula = desk.formula(text, desk.shop("items"))
        assert formula.reads == {("line", "amount"), ("rows", "items", "amount")}


def test_a_name_that_hides_another_is_a_warning(desk: Any) -> None:
    formula, problems = check("qty * price", desk.shop("items"), Place("a.yaml", 1, 1))
    assert formula is not None
    assert [(one.code, one.level, one.values["hidden"]) for one in problems] == [
        ("formulas.hides", "warn", "doc.qty"),
        ("formulas.hides", "warn", "doc.price"),
    ]


def test_targets_follow_from_the_functions(desk: Any) -> None:
    assert desk.formula("qty > 1").targets == {"python", "sql", "browser"}
    assert desk.formula("sent < now()").targets == {"python", "sql"}
    record = desk.shop(allows=frozenset({"changed", "old"}))
    assert desk.formula("changed(price) and old.qty > qty", record).targets == {"python", "browser"}
    (problem,) = desk.problems("sent < now()", targets=["browser"])
    assert (problem.code, problem.where.column) == ("formulas.no-target", 17)
    (problem,) = desk.problems("not " * 20 + "urgent", targets=["sql"])
    assert problem.code == "formulas.no-target"
    assert "nested" in problem.reason("en")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("today() > date", "formulas.stored-clock"),
        ("customer.active", "formulas.stored-link"),
        ("owner == user", "formulas.stored-call"),
        ("has_role('sales.clerk')", "formulas.stored-call"),
        ("any(items.item.active)", "formulas.stored-link"),
    ],
)
def test_a_stored_formula_reads_only_its_record(text: str, code: str, desk: Any) -> None:
    assert [problem.code for problem in desk.problems(text, stored=True)] == [code]
    assert desk.problems(text) == []
    assert desk.problems("qty > sum(items.qty)", stored=True) == []


@pytest.mark.parametrize(
    ("text", "wants", "code"),
    [
        ("qty * price", MONEY, "formulas.needs-round"),
        ("note", MONEY, "formulas.wrong-result"),
        ("today()", Type("datetime"), "formulas.wrong-result"),
        ("customer", Type("link", to=("shop.item",)), "formulas.wrong-result"),
        ("tags", Type("link", to=("shop.tag",)), "formulas.wrong-result"),
        ("'open'", Type("text", options=("draft",)), "formulas.unknown-option"),
        ("qty", Type("boolean"), "formulas.wrong-result"),
    ],
)
def test_the_result_fits_its_field(text: str, wants: Type, code: str, desk: Any) -> None:
    assert [problem.code for problem in desk.problems(text, wants=wants)] == [code]
    assert desk.problems("round(qty * price, 2)", wants=MONEY) == []
    assert desk.problems("null", wants=wants) == []


def function(
    desk: Any,
    id_: str,
    arguments: dict[str, Type],
    gives: Type,
    body: str = "",
    optional: tuple[str, ...] = (),
) -> Signature:
    formula = None
    if body:

        class Arguments(desk.shop):
            def find(self, name: str) -> Found | None:
                return Found("argument", arguments[name]) if name in arguments else None

        formula = desk.formula(body, Arguments())
    return Signature(id_, arguments, frozenset(optional), gives, code=not body, formula=formula)


def test_a_function_with_a_formula_is_written_in(desk: Any) -> None:
    weighted = function(
        desk,
        "crm.weighted",
        {"amount": MONEY, "probability": RATE},
        MONEY,
        "round(amount * probability, 2)",
    )
    scope = desk.shop(functions={"crm.weighted": weighted})
    formula = desk.formula("crm.weighted(net, probability=rate) + tax", scope)
    assert formula.targets == {"python", "sql", "browser"}
    assert formula.reads == {("record", "net"), ("record", "rate"), ("record", "tax")}
    assert formula.calls == {"crm.weighted", "round"}
    plain = desk.formula("round(net * rate, 2) + tax")
    assert type(formula.node) is type(plain.node)
    (problem,) = desk.problems("1 + crm.weighted(net)", scope)
    assert (problem.code, problem.where.column) == ("formulas.missing-argument", 14)
    (problem,) = desk.problems("crm.weighted(note, 1)", scope)
    assert problem.code == "formulas.different-types"


def test_functions_cannot_grow_a_formula_without_end(desk: Any) -> None:
    functions: dict[str, Signature] = {}
    body, argument = "x + x", {"x": Type("number", 0, 1)}
    for step in range(12):
        functions[f"a.f{step}"] = replace(
            function(desk, f"a.f{step}", argument, Type("number"), "x"), formula=None
        )
        scope = type(
            "S",
            (desk.shop,),
            {"find": lambda self, name: Found("argument", argument["x"]) if name == "x" else None},
        )(functions=dict(functions))
        checked, problems = check(body, scope, Place())
        if checked is None:
            assert {problem.code for problem in problems} <= {
                "formulas.too-many-parts",
                "formulas.too-deep",
            }
            return
        functions[f"a.f{step}"] = Signature(
            f"a.f{step}", argument, frozenset(), Type("number"), code=False, formula=checked
        )
        body = f"a.f{step}(x) + a.f{step}(x)"
    raise AssertionError("it grew without end")


def test_a_function_with_code_runs_on_the_server_alone(desk: Any) -> None:
    price = function(
        desk,
        "sales.price_of",
        {"item": Type("link", to=("shop.customer",)), "qty": Type("number", 6)},
        Type("number", 6),
        optional=("qty",),
    )
    scope = desk.shop(functions={"sales.price_of": price})
    formula = desk.formula("sales.price_of(customer)", scope)
    assert formula.targets == {"python"}
    node = formula.node
    assert isinstance(node, tree.Call)
    assert [name for name, _ in node.named] == ["item", "qty"]
    (problem,) = desk.problems("sales.price_of(customer)", scope, stored=True)
    assert problem.code == "formulas.stored-call"


def test_every_example_of_the_table_can_be_read() -> None:
    for each in FUNCTIONS.values():
        _, problems = check(
            each.example,
            NoScope(frozenset({"changed", "report", "people", "conversions", "ledgers", "old"})),
            Place(),
        )
        assert "formulas.syntax" not in {problem.code for problem in problems}
        assert "formulas.unknown-function" not in {problem.code for problem in problems}
