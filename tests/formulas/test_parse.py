"""From text to tree: precedence, exact columns, and advice where reading stops."""

from decimal import Decimal

import pytest

from dougong.formulas import tree
from dougong.formulas.parse import FormulaError, parse


def shown(node: tree.Node) -> str:
    """The tree with every bracket written out."""
    match node:
        case tree.Number():
            return str(node.value)
        case tree.Text():
            return repr(node.value)
        case tree.Boolean():
            return str(node.value).lower()
        case tree.Null():
            return "null"
        case tree.Span():
            return f"{node.count}{node.unit}"
        case tree.Path():
            return ".".join(node.names)
        case tree.Unary():
            return f"(-{shown(node.operand)})"
        case tree.Binary():
            return f"({shown(node.left)} {node.operator} {shown(node.right)})"
        case tree.Compare():
            rest = zip(node.operators, node.operands[1:], strict=True)
            return f"({shown(node.operands[0])}{''.join(f' {sign} {shown(part)}' for sign, part in rest)})"
        case tree.Membership():
            options = node.options if isinstance(node.options, tuple) else (node.options,)
            word = "not in" if node.negated else "in"
            return f"({shown(node.operand)} {word} {', '.join(map(shown, options))})"
        case tree.Logic():
            return f"({f' {node.operator} '.join(map(shown, node.operands))})"
        case tree.Not():
            return f"(not {shown(node.operand)})"
        case tree.Call():
            named = [f"{name}={shown(value)}" for name, value in node.named]
            members = "".join(f".{name}" for name in node.members)
            return f"{node.function}({', '.join([*map(shown, node.arguments), *named])}){members}"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a or b and not c == d", "(a or (b and (not (c == d))))"),
        ("a & b + c * -d", "(a & (b + (c * (-d))))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c", "((a / b) * c)"),
        ("- a * b", "((-a) * b)"),
        ("0 <= x < 1", "(0 <= x < 1)"),
        ("not a in [b]", "(not (a in b))"),
        ("a not in [b, 'c'] or d", "((a not in b, 'c') or d)"),
        ("x in user.companies and y", "((x in user.companies) and y)"),
        ("a + b == c & d", "((a + b) == (c & d))"),
        ("sum(items.amount, where = items.kind == 'a')", "sum(items.amount, where=(items.kind == 'a'))"),
        ("balance('a.b', item=item, at=date).quantity.in", "balance('a.b', item=item, at=date).quantity.in"),
        ("holders('a.b', in=company)", "holders('a.b', in=company)"),
        ("sales.price_of(item, qty=2)", "sales.price_of(item, qty=2)"),
        ("date + 1m - 2w", "((date + 1m) - 2w)"),
        ("13% * net", "(0.13 * net)"),
        ("note == 'it''s'", '(note == "it\'s")'),
        ("index + notes", "(index + notes)"),
        ("customer.in", "customer.in"),
        ("if(a, b, null)", "if(a, b, null)"),
    ],
)  # fmt: skip
def test_it_binds_as_the_annex_says(text: str, meaning: str) -> None:
    assert shown(parse(text)) == meaning


def test_numbers_are_exact() -> None:
    for text, value in (("0.10", "0.10"), ("13%", "0.13"), ("0.5%", "0.005"), ("007", "7")):
        node = parse(text)
        assert isinstance(node, tree.Number)
        assert node.value == Decimal(value)


def test_every_node_knows_its_column() -> None:
    node = parse("qty >  price + 10")
    assert isinstance(node, tree.Compare)
    sum_ = node.operands[1]
    assert isinstance(sum_, tree.Binary)
    assert (node.at, sum_.at, sum_.right.at) == (0, 7, 15)


@pytest.mark.parametrize(
    ("text", "at", "advice"),
    [
        ("qty = 5", 4, "Compare with `==`"),
        ("qty <> 5", 4, "Write `!=`"),
        ("a && b", 2, "Write `and`"),
        ("a || b", 2, "Write `or`"),
        ("a ? b : c", 2, "if(condition, a, b)"),
        ("b if a else c", 2, "if(condition, a, b)"),
        ('state == "draft"', 9, "single quotes"),
        ("state == 'draft", 9, "closing quote"),
        ("qty price", 4, "operator is missing"),
        ("round(qty, 2", 12, "closing bracket"),
        ("qty +", 5, "unfinished"),
        ("Qty", 0, "small letters"),
        ("数量 > 1", 0, "ASCII"),
        ("8h", 1, "d, w, m, y"),
        ("1,5", 1, "decimals have a point"),
        ("f(item: item)", 6, "with `=`"),
        ("qty is null", 4, "Compare with `==`"),
        ("qty ** 2", 4, "no power"),
        ("qty % 2", 4, "no remainder"),
        ("items[0]", 5, "only behind `in`"),
    ],
)  # fmt: skip
def test_a_mistake_is_met_with_what_to_write(text: str, at: int, advice: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    error = caught.value
    assert (error.kind.code, error.at) == ("formulas.syntax", at)
    assert advice in error.values["advice"].say("en")
    assert error.values["advice"].say("zh")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "formulas.empty"),
        ("  ", "formulas.empty"),
        ("a" * 10_001, "formulas.too-long"),
        (" + ".join(["a"] * 52), "formulas.too-deep"),
        (" or ".join(["a"] * 1100), "formulas.too-many-parts"),
        ("100000y", "formulas.out-of-range"),
    ],
)
def test_limits_hold(text: str, code: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.kind.code == code
