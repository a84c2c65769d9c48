"""Text to a tree; errors name the column and say what to write instead."""

import re
from decimal import Decimal
from functools import lru_cache
from pathlib import Path as File
from typing import Any, NamedTuple

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from dougong.formulas import problems, tree
from dougong.foundation.errors import ProblemKind
from dougong.foundation.translate import Label

MOST_CHARACTERS = 10_000
MOST_NODES = 1_000
MOST_DEPTH = 50
MOST_BRACKETS = 2 * MOST_DEPTH
MOST_WORDS = 3 * MOST_NODES

_WORDS_AND_SIGNS = re.compile(r"'[^']*'|[A-Za-z0-9_]+|[^\s]")


class FormulaError(Exception):
    """A text is no formula: the kind of problem, where (from 0), and what fills its sentence."""

    def __init__(
        self, kind: ProblemKind, at: int, values: dict[str, Any] | None = None, nearest: str = ""
    ) -> None:
        self.kind = kind
        self.at = at
        self.values = values or {}
        self.nearest = nearest
        super().__init__(f"{kind.code} at {at}: {self.values}")


@lru_cache(maxsize=20_000)
def parse(text: str) -> tree.Node:
    """Read a formula; the same text is read once.

    Raises FormulaError. Never runs anything and takes a time proportional to the text.
    """
    if not text.strip():
        raise FormulaError(problems.EMPTY, 0)
    if len(text) > MOST_CHARACTERS:
        size = {"size": len(text), "most": MOST_CHARACTERS}
        raise FormulaError(problems.TOO_LONG, 0, size)
    _hold_size(text)
    try:
        built: _Built = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    return built.node


def _hold_size(text: str) -> None:
    """Refuse brackets and words without end before anything is built of them."""
    depth = 0
    for count, found in enumerate(_WORDS_AND_SIGNS.finditer(text)):
        if found[0] in ("(", "["):
            depth += 1
        elif found[0] in (")", "]"):
            depth -= 1
        if depth > MOST_BRACKETS:
            raise FormulaError(problems.TOO_DEEP, found.start(), {"most": MOST_DEPTH})
        if count > MOST_WORDS:
            raise FormulaError(problems.TOO_MANY, 0, {"most": MOST_NODES})


class _Built(NamedTuple):
    """A node with its depth and its number of nodes, so that limits hold while it is built."""

    node: tree.Node
    depth: int
    size: int


def _built(node: tree.Node, *parts: _Built) -> _Built:
    depth = 1 + max((part.depth for part in parts), default=0)
    size = 1 + sum(part.size for part in parts)
    if depth > MOST_DEPTH:
        raise FormulaError(problems.TOO_DEEP, node.at, {"most": MOST_DEPTH})
    if size > MOST_NODES:
        raise FormulaError(problems.TOO_MANY, node.at, {"most": MOST_NODES})
    return _Built(node, depth, size)


class _Options(NamedTuple):
    """What stands behind `in`: a list, or one path."""

    listed: tuple[_Built, ...]
    path: _Built | None


class _Named(NamedTuple):
    """One named argument."""

    name: str
    value: _Built


def _at(token: Token) -> int:
    return token.start_pos or 0


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Turns each rule of the grammar into its node. Holds no state: one serves every thread."""

    def start(self, whole: _Built) -> _Built:
        return whole

    def or_(self, *parts: _Built) -> _Built:
        return self._logic("or", parts)

    def and_(self, *parts: _Built) -> _Built:
        return self._logic("and", parts)

    @staticmethod
    def _logic(operator: Any, parts: tuple[_Built, ...]) -> _Built:
        operands = tuple(part.node for part in parts)
        return _built(tree.Logic(operands[0].at, operator, operands), *parts)

    def not_(self, word: Token, part: _Built) -> _Built:
        return _built(tree.Not(_at(word), part.node), part)

    def comparison(self, *parts: Any) -> _Built:
        operands: tuple[_Built, ...] = parts[::2]
        operators = tuple(str(token) for token in parts[1::2])
        nodes = tuple(part.node for part in operands)
        return _built(tree.Compare(nodes[0].at, operators, nodes), *operands)

    def is_in(self, part: _Built, options: _Options) -> _Built:
        return self._membership(part, options, negated=False)

    def not_in(self, part: _Built, _not: Token, options: _Options) -> _Built:
        return self._membership(part, options, negated=True)

    @staticmethod
    def _membership(part: _Built, options: _Options, *, negated: bool) -> _Built:
        if options.path is not None:
            path = options.path.node
            assert isinstance(path, tree.Path)  # noqa: S101 -- the grammar says so
            node = tree.Membership(part.node.at, part.node, path, negated)
            return _built(node, part, options.path)
        listed = tuple(option.node for option in options.listed)
        return _built(
            tree.Membership(part.node.at, part.node, listed, negated), part, *options.listed
        )

    def listed(self, *options: _Built) -> _Options:
        return _Options(options, None)

    def options(self, path: _Built) -> _Options:
        return _Options((), path)

    def joined(self, *parts: _Built) -> _Built:
        whole = parts[0]
        for part in parts[1:]:
            whole = _built(tree.Binary(whole.node.at, "&", whole.node, part.node), whole, part)
        return whole

    def added(self, *parts: Any) -> _Built:
        whole: _Built = parts[0]
        for operator, part in zip(parts[1::2], parts[2::2], strict=True):
            node = tree.Binary(whole.node.at, str(operator), whole.node, part.node)
            whole = _built(node, whole, part)
        return whole

    multiplied = added

    def unary(self, sign: Token, part: _Built) -> _Built:
        return _built(tree.Unary(_at(sign), part.node), part)

    def number(self, token: Token) -> _Built:
        digits, percent = str(token).removesuffix("%"), token.endswith("%")
        value = Decimal(f"{digits}E-2" if percent else digits)
        return _built(tree.Number(_at(token), value))

    def span(self, token: Token) -> _Built:
        if len(token) > len("99999d"):
            values = {"name": str(token)[:20], "low": 0, "high": 99_999}
            raise FormulaError(problems.OUT_OF_RANGE, _at(token), values)
        return _built(tree.Span(_at(token), int(token[:-1]), token[-1]))

    def text(self, token: Token) -> _Built:
        return _built(tree.Text(_at(token), token[1:-1].replace("''", "'")))

    def boolean(self, word: Token) -> _Built:
        return _built(tree.Boolean(_at(word), word == "true"))

    def null(self, token: Token) -> _Built:
        return _built(tree.Null(_at(token)))

    def path(self, *names: Token) -> _Built:
        return _built(tree.Path(_at(names[0]), tuple(str(name) for name in names)))

    def call(self, path: _Built, arguments: list[Any] | None, *members: Token) -> _Built:
        assert isinstance(path.node, tree.Path)  # noqa: S101 -- the grammar says so
        given = arguments or []
        named = [argument for argument in given if isinstance(argument, _Named)]
        plain = [argument for argument in given if isinstance(argument, _Built)]
        node = tree.Call(
            path.node.at,
            ".".join(path.node.names),
            tuple(argument.node for argument in plain),
            tuple((argument.name, argument.value.node) for argument in named),
            tuple(str(member) for member in members),
        )
        return _built(node, *plain, *(argument.value for argument in named))

    def arguments(self, *given: Any) -> list[Any]:
        return list(given)

    def named(self, name: Token, value: _Built) -> _Named:
        return _Named(str(name), value)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = File(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_Builder(), maybe_placeholders=True)


# --- what to say about a mistake ----------------------------------------------------------------


def _advice(zh: str, en: str) -> Label:
    return Label.of({"zh": zh, "en": en})


_MISTAKES = (  # what people write, at the place of the error, and what they should write
    ("==", _advice("“==”的两边都要有值。", "Both sides of `==` need a value.")),
    ("=", _advice("比较用“==”；“=”只用来给参数起名。", "Compare with `==`; `=` only names an argument.")),
    ("<>", _advice("不等于写作“!=”。", "Write `!=` for not equal.")),
    ("&&", _advice("“并且”写作 and。", "Write `and`.")),
    ("||", _advice("“或者”写作 or；连接文本用“&”。", "Write `or`; join texts with `&`.")),
    ("!", _advice("“非”写作 not。", "Write `not`.")),
    ('"', _advice("文本用单引号，如 'approved'。", "Texts stand in single quotes: 'approved'.")),
    ("'", _advice("文本缺少右引号；引号本身写作 ''。", "The text lacks its closing quote; write '' for a quote inside.")),
    ("?", _advice("条件写作 if(条件, 甲, 乙)。", "Write if(condition, a, b).")),
    ("**", _advice("没有乘方，请写成相乘。", "There is no power; multiply.")),
    ("//", _advice("没有整除，请写 floor(a / b)。", "There is no whole division; write floor(a / b).")),
    ("%", _advice("百分数紧跟数字，如 13%；没有取余。", "A percent follows its number at once, 13%; there is no remainder.")),
    ("[", _advice("方括号只用在 in 之后：x in ['a', 'b']。", "Square brackets stand only behind `in`: x in ['a', 'b'].")),
    ("{", _advice("花括号不属于公式。", "Braces are no part of formulas.")),
    (":", _advice("给参数起名用“=”，如 f(x, item=item)。", "Name an argument with `=`: f(x, item=item).")),
    (".", _advice("点号只用来从一个链接走到下一个字段，如 customer.name。", "A dot leads from a link to a field: customer.name.")),
    ("_", _advice("名称用小写字母开头。", "Names begin with a small letter.")),
    ("(", _advice("只有函数名后面可以接括号。", "Only the name of a function may stand before a bracket.")),
    (")", _advice("多了右括号，或括号里不完整。", "There is a closing bracket too many, or the part before it is unfinished.")),
    (",", _advice("逗号只用来分隔参数；小数点写“.”。", "A comma only parts arguments; decimals have a point.")),
)  # fmt: skip
_WORDS = {
    "if": _advice("条件写作 if(条件, 甲, 乙)。", "Write if(condition, a, b)."),
    "else": _advice("条件写作 if(条件, 甲, 乙)。", "Write if(condition, a, b)."),
    "then": _advice("条件写作 if(条件, 甲, 乙)。", "Write if(condition, a, b)."),
    "is": _advice("比较用“==”，如 due == null。", "Compare with `==`: due == null."),
    "h": _advice("公式里的时间跨度只有 d w m y。", "Spans in formulas are d, w, m, y."),
    "min": _advice("公式里的时间跨度只有 d w m y。", "Spans in formulas are d, w, m, y."),
}
_UPPER = _advice(
    "名称只用小写字母、数字和下划线。", "Names are of small letters, digits and underscores."
)
_WIDE = _advice(
    "请改用英文半角符号；中文文字放进单引号。",
    "Use ASCII signs and names; other text stands in single quotes.",
)
_UNFINISHED = _advice(
    "公式没有写完，或缺少右括号。", "The formula is unfinished or lacks a closing bracket."
)
_OPERATOR = _advice("两个值之间要有运算符。", "An operator is missing between two values.")
_OTHER = _advice("请写一个值、字段或函数。", "Write a value, a field or a function.")


def _explain(text: str, error: UnexpectedInput) -> FormulaError:
    """Say what stands at the place where reading stopped, and what to write there."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        end = _advice("公式末尾", "the end")
        return FormulaError(
            problems.SYNTAX, len(text.rstrip()), {"found": end, "advice": _UNFINISHED}
        )
    at: int = getattr(error, "pos_in_stream", 0)
    rest = text[at:]
    token = str(error.token) if isinstance(error, UnexpectedToken) else rest[0]
    if text[at - 1 : at + 1] in ("<>", "&&", "**", "//"):
        at, rest = at - 1, text[at - 1 :]
    return FormulaError(
        problems.SYNTAX, at, {"found": _shown(token), "advice": _advise(rest, token, error)}
    )


def _shown(token: str) -> str:
    return f"`{token[:20]}`" if token.isprintable() else repr(token[:20])


def _advise(rest: str, token: str, error: UnexpectedInput) -> Label:
    if token in _WORDS:
        return _WORDS[token]
    for wrong, advice in _MISTAKES:
        if rest.startswith(wrong):
            return advice
    if isinstance(error, UnexpectedCharacters):
        return _UPPER if rest[0].isascii() and rest[0].isalpha() else _WIDE
    return _OPERATOR if token[0].isalnum() else _OTHER
