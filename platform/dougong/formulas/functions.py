"""The table of every function of the platform: signature, result, meaning, targets, example."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dougong.formulas import digits
from dougong.formulas.tree import Target, Type
from dougong.foundation.translate import Label

Wanted = Literal[
    "number", "whole", "text", "date", "condition", "value", "ordered", "link", "field", "span",
    "constant", "rows", "lines", "line_condition", "line_value", "line_number",
]  # fmt: skip
"""What a parameter takes. `whole` is a number without decimals, `ordered` a number, date, time or
datetime, `field` a bare path of the record, `constant` a text constant, `lines` a set of lines; the
`line_…` kinds are expressions over exactly one set of lines."""

Result = Callable[[Sequence[Type]], Type]
"""From the types of the arguments, in order, to the type of the result."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `default` is the whole number it stands for when left out; `optional` without
    a default leaves it out altogether; `named` must be given by name.
    """

    name: str
    wanted: Wanted
    optional: bool = False
    default: int | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the platform.

    `many` repeats the last parameter; `open` takes further named arguments (dimensions of a
    ledger); `offered` is the word of `Scope.allows` a place must have; `clock` asks the time;
    `lines` is true for aggregates. `usage` is how it is written.
    """

    name: str
    usage: str
    parameters: tuple[Parameter, ...]
    result: Result
    gives: Label
    meaning: Label
    targets: frozenset[Target]
    example: str
    many: bool = False
    open: bool = False
    offered: str = ""
    clock: bool = False
    lines: bool = False


PSB: frozenset[Target] = frozenset({"python", "sql", "browser"})
PS: frozenset[Target] = frozenset({"python", "sql"})
PB: frozenset[Target] = frozenset({"python", "browser"})
P: frozenset[Target] = frozenset({"python"})
S: frozenset[Target] = frozenset({"sql"})

DATE, BOOLEAN, USERS = Type("date"), Type("boolean"), Type("users", to=("base.user",), many=True)
QUANTITY = Type("number", scale=6, digits=18)


def _always(type_: Type) -> Result:
    return lambda _types: type_


def _first(types: Sequence[Type]) -> Type:
    return types[0]


def common(types: Sequence[Type]) -> Type:
    """The one type of several values: the widest number, or the type of the first that has one."""
    known = [type_ for type_ in types if type_.kind != "null"]
    if not known:
        return Type("null")
    whole = known[0]
    for type_ in known[1:]:
        if whole.kind == "number" and type_.kind == "number":
            whole = digits.wider(whole, type_)
        elif whole.constant and not type_.constant:
            whole = type_
    return whole


def _choice(types: Sequence[Type]) -> Type:
    return common(types[1:])


def _words(zh: str, en: str) -> Label:
    return Label.of({"zh": zh, "en": en})


_SAME = _words("同 x", "as x")
_DECIMAL = _words("小数", "decimal")
_COMMON = _words("共同的类型", "common type")
_BOOLEAN = _words("是否", "boolean")
_DATE = _words("日期", "date")
_INTEGER = _words("整数", "integer")
_ROWS = _words("同明细的值", "type of rows")
_USERS = _words("用户", "users")
_MEASURE = _words("同度量", "as measure")

X = Parameter("x", "number")
N = Parameter("n", "whole", optional=True, default=0)
D = Parameter("d", "date")
WHERE = Parameter("where", "line_condition", optional=True, named=True)

_TABLE = (
    Function("abs", "abs(x)", (X,), _first, _SAME,
        _words("去掉正负号", "without its sign"), PSB, "abs(difference)"),
    Function("round", "round(x, n = 0)", (X, N), _first, _DECIMAL,
        _words("四舍五入到 n 位小数，n 从 −6 到 10，也可以是路径", "half away from zero to n decimals, n from −6 to 10; n may be a path"), PSB, "round(qty * price, 2)"),
    Function("floor", "floor(x, n = 0)", (X, N), _first, _DECIMAL,
        _words("向 −∞ 舍到 n 位小数", "towards −∞, to n decimals"), PSB, "floor(qty)"),
    Function("ceil", "ceil(x, n = 0)", (X, N), _first, _DECIMAL,
        _words("向 +∞ 进到 n 位小数", "towards +∞, to n decimals"), PSB, "ceil(qty / per_box)"),
    Function("ceil_to", "ceil_to(x, step)", (X, Parameter("step", "number")), lambda t: digits.stepped(t[0], t[1]), _DECIMAL,
        _words("不小于 x 的最小的 step 倍数；step ≤ 0 得空", "smallest multiple of step that is at least x; step ≤ 0 gives null"), PSB, "ceil_to(qty, item.lot_size)"),
    Function("min", "min(a, b, …)", (Parameter("a", "ordered"), Parameter("b", "ordered")), common, _COMMON,
        _words("最小的；忽略空值，全空得空", "the smallest; nulls are ignored, all null gives null"), PSB, "min(qty, stock)", many=True),
    Function("max", "max(a, b, …)", (Parameter("a", "ordered"), Parameter("b", "ordered")), common, _COMMON,
        _words("最大的；忽略空值，全空得空", "the greatest; nulls are ignored, all null gives null"), PSB, "max(due, date)", many=True),
    Function("coalesce", "coalesce(a, b, …)", (Parameter("a", "value"), Parameter("b", "value")), common, _COMMON,
        _words("第一个不为空的", "the first that is not null"), PSB, "coalesce(discount, 0)", many=True),
    Function("if", "if(condition, a, b)", (Parameter("condition", "condition"), Parameter("a", "value"), Parameter("b", "value")), _choice, _COMMON,
        _words("条件成立得 a，否则得 b", "a where the condition holds, else b"), PSB, "if(qty > 100, 0.05, 0)"),
    Function("contains", "contains(text, part)", (Parameter("text", "text"), Parameter("part", "text")), _always(BOOLEAN), _BOOLEAN,
        _words("含有这段字符；逐字比较，不分模式", "holds exactly these characters; no patterns, no case folding"), PSB, "contains(name, 'Ltd')"),
    Function("starts_with", "starts_with(text, part)", (Parameter("text", "text"), Parameter("part", "text")), _always(BOOLEAN), _BOOLEAN,
        _words("以这段字符开头；逐字比较", "begins with exactly these characters"), PSB, "starts_with(code, 'A-')"),
    Function("today", "today()", (), _always(DATE), _DATE,
        _words("核算组织所在时区的今天；不能用在存储的公式里", "the day in the company's time zone; never in a stored formula"), PSB, "due < today()", clock=True),
    Function("now", "now()", (), _always(Type("datetime")), _words("时刻", "datetime"),
        _words("此刻；不能用在存储的公式里", "the instant of the work; never in a stored formula"), PS, "arrived <= now()", clock=True),
    Function("year", "year(d)", (D,), _always(DATE), _DATE,
        _words("当年的第一天", "first day of the year"), PSB, "year(date)"),
    Function("quarter", "quarter(d)", (D,), _always(DATE), _DATE,
        _words("当季的第一天", "first day of the quarter"), PSB, "quarter(date)"),
    Function("month", "month(d)", (D,), _always(DATE), _DATE,
        _words("当月的第一天", "first day of the month"), PSB, "month(date)"),
    Function("week", "week(d)", (D,), _always(DATE), _DATE,
        _words("当周（ISO）的星期一", "Monday of the ISO week"), PSB, "week(date)"),
    Function("month_end", "month_end(d)", (D,), _always(DATE), _DATE,
        _words("当月的最后一天", "last day of the month"), PSB, "month_end(date)"),
    Function("year_no", "year_no(d)", (D,), _always(digits.number(4, 0)), _INTEGER,
        _words("年份，如 2026", "the year, 2026"), PSB, "year_no(date)"),
    Function("month_no", "month_no(d)", (D,), _always(digits.number(2, 0)), _INTEGER,
        _words("月份，1–12", "the month, 1–12"), PSB, "month_no(date)"),
    Function("weekday", "weekday(d)", (D,), _always(digits.number(1, 0)), _INTEGER,
        _words("星期，1（周一）–7", "1 (Monday)–7"), PSB, "weekday(date) <= 5"),
    Function("add_months", "add_months(d, n)", (D, Parameter("n", "whole")), _always(DATE), _DATE,
        _words("加 n 个月，超出时取月末；常量写 d + 1m", "n months later, clamped to the month's end; for a constant write d + 1m"), PSB, "add_months(date, customer.credit_months)"),
    Function("sum", "sum(rows, where = condition)", (Parameter("rows", "line_number"), WHERE), lambda t: digits.total(t[0]), _ROWS,
        _words("明细合计；忽略空值，没有行得 0", "over lines; nulls are ignored, no lines give 0"), PSB, "sum(items.amount)", lines=True),
    Function("count", "count(lines, where = condition)", (Parameter("lines", "lines"), WHERE), _always(digits.number(digits.LINES_DIGITS, 0)), _INTEGER,
        _words("明细行数", "number of lines"), PSB, "count(items, where = items.qty > 0)", lines=True),
    Function("avg", "avg(rows)", (Parameter("rows", "line_number"),), lambda t: digits.average(t[0]), _ROWS,
        _words("明细平均值，10 位小数；没有值得空", "mean over lines, 10 decimals; no values give null"), PSB, "round(avg(items.price), 2)", lines=True),
    Function("least", "least(rows)", (Parameter("rows", "line_value"),), _first, _ROWS,
        _words("明细中最小的；没有值得空", "the smallest over lines; no values give null"), PSB, "least(items.due)", lines=True),
    Function("greatest", "greatest(rows)", (Parameter("rows", "line_value"),), _first, _ROWS,
        _words("明细中最大的；没有值得空", "the greatest over lines; no values give null"), PSB, "greatest(items.price)", lines=True),
    Function("all", "all(condition)", (Parameter("condition", "line_condition"),), _always(BOOLEAN), _BOOLEAN,
        _words("每一行都成立；没有行也算成立", "holds for every line; of none it is true"), PSB, "all(items.shipped >= items.qty)", lines=True),
    Function("any", "any(condition)", (Parameter("condition", "line_condition"),), _always(BOOLEAN), _BOOLEAN,
        _words("至少一行成立", "holds for a line; of none it is false"), PSB, "any(items.qty < 0)", lines=True),
    Function("changed", "changed(field)", (Parameter("field", "field"),), _always(BOOLEAN), _BOOLEAN,
        _words("与修改前不同；只用在 when、check 和自动化里", "differs from old.; only in when, check and automation"), PB, "changed(price)", offered="changed"),
    Function("has_role", "has_role('role.id')", (Parameter("role", "constant"),), _always(BOOLEAN), _BOOLEAN,
        _words("操作者在当前核算组织有此角色", "the acting user holds the role in this company"), PSB, "has_role('sales.manager')"),
    Function("taken", "taken('conversion.id')", (Parameter("conversion", "constant"),), _always(QUANTITY), _words("数量", "quantity"),
        _words("有效的下游单据已从本行取走的数量；不能存储", "what living targets took from this line; never stored"), PS, "taken('sales.order_to_delivery')", offered="conversions"),
    Function("open", "open('conversion.id')", (Parameter("conversion", "constant"),), _always(QUANTITY), _words("数量", "quantity"),
        _words("还可取走的数量，不小于 0；不能存储", "what may still be taken, never below 0; never stored"), PS, "open('sales.order_to_delivery')", offered="conversions"),
    Function("balance", "balance('ledger.id', dimension = value, …, at = date)", (Parameter("ledger", "constant"), Parameter("at", "date", optional=True, named=True)), _always(Type("record")), _words("各度量", "record of measures"),
        _words("未列出的维度求和；at 为当日终了，缺省为现在", "summed over the dimensions not named; at = end of that day, default now"), PS, "balance('inventory.stock', item=item).quantity", open=True, offered="ledgers"),
    Function("turnover", "turnover('ledger.id', from = date, to = date, dimension = value, …)", (Parameter("ledger", "constant"), Parameter("from", "date", named=True), Parameter("to", "date", named=True)), _always(Type("record")), _words("各度量的 .in .out .net", "record of measures, each with .in .out .net"),
        _words("起止两天都含", "both days included"), PS, "turnover('inventory.stock', from=month(date), to=date, item=item).quantity.in", open=True, offered="ledgers"),
    Function("holders", "holders('role.id', in = company)", (Parameter("role", "constant"), Parameter("in", "link", optional=True, named=True)), _always(USERS), _USERS,
        _words("在该核算组织有此角色的人", "who holds the role there"), P, "holders('finance.manager', in=company)", offered="people"),
    Function("manager_of", "manager_of(person, level = 1)", (Parameter("person", "link"), Parameter("level", "whole", optional=True, default=1)), _always(USERS), _USERS,
        _words("沿汇报线向上，最多 20 级", "along the chain, at most 20; a cycle stops"), P, "manager_of(originator)", offered="people"),
    Function("head_of", "head_of(department)", (Parameter("department", "link"),), _always(USERS), _USERS,
        _words("部门负责人", "who heads the department"), P, "head_of(department)", offered="people"),
    Function("position", "position('id', in = department)", (Parameter("position", "constant"), Parameter("in", "link", optional=True, named=True)), _always(USERS), _USERS,
        _words("任此岗位的人", "who holds the position"), P, "position('director')", offered="people"),
    Function("person", "person(field)", (Parameter("field", "link"),), _always(USERS), _USERS,
        _words("字段中的用户", "the user in a field"), P, "person(requester)", offered="people"),
    Function("count_distinct", "count_distinct(x)", (Parameter("x", "value"),), _always(digits.WHOLE), _INTEGER,
        _words("不同值的个数", "how many different values"), S, "count_distinct(customer)", offered="report"),
    Function("shift", "shift(measure, span)", (Parameter("measure", "number"), Parameter("span", "span")), _first, _MEASURE,
        _words("同一组，早一个跨度", "the same group, one span earlier"), S, "shift(amount, 1y)", offered="report"),
    Function("share", "share(measure, of = dimension)", (Parameter("measure", "number"), Parameter("of", "value", named=True)), _always(QUANTITY), _words("百分比", "percent"),
        _words("占该维度合计的比例", "part of the total of the dimension"), S, "share(amount, of = customer)", offered="report"),
    Function("running", "running(measure)", (Parameter("measure", "number"),), _first, _MEASURE,
        _words("沿第一个行维度累计", "cumulative along the first row dimension"), S, "running(amount)", offered="report"),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {function.name: function for function in _TABLE}

OFFERED = {
    "": Label(),
    "changed": _words("只用在 when、check 和自动化里", "only in when, check and automation"),
    "conversions": _words(
        "只用在参与单据转换的明细上", "only on lines that take part in conversions"
    ),
    "ledgers": _words("只用在声明了账簿的地方", "only where ledgers are declared"),
    "people": _words("只用在审批流和自动化的收件人里", "only in who, cc and automation's to"),
    "report": _words("只用在报表里", "only in reports"),
    "old": _words("只用在 when、check 和自动化里", "only in when, check and automation"),
    "this": _words("只用在链接的 where 里", "only in the where of a link"),
    "originator": _words("只用在审批流里", "only in flows"),
}
"""Where what not every place offers may be used."""


def reference(language: str) -> str:
    """Return the table as Markdown, in the order of functions.md A.3; `language` is zh or en."""
    heading = {
        "zh": "| 函数 | 结果 | 含义 | 可用于 | 例 |",
        "en": "| function | result | meaning | targets | example |",
    }
    rows = [heading.get(language, heading["en"]), "| --- | --- | --- | --- | --- |"]
    for function in _TABLE:
        letters = " ".join(
            letter
            for target, letter in (("python", "P"), ("sql", "S"), ("browser", "B"))
            if target in function.targets
        )
        where = OFFERED[function.offered].say(language)
        meaning = function.meaning.say(language) + (f" ({where})" if where else "")
        rows.append(
            f"| `{function.usage}` | {function.gives.say(language)} | {meaning} | {letters} "
            f"| `{function.example}` |"
        )
    return "\n".join(rows) + "\n"
