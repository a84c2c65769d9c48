"""Everything that can be wrong with a formula."""

from dougong.foundation.errors import problem_kind

# --- reading the text ---------------------------------------------------------------------------

EMPTY = problem_kind(
    "formulas.empty",
    zh="公式是空的", en="The formula is empty",
    do_zh="请写一个公式，或去掉这个键。", do_en="Write a formula or remove the key.",
)  # fmt: skip
SYNTAX = problem_kind(
    "formulas.syntax",
    zh="读到 {found} 时不能继续", en="Can't go on at {found}",
    do_zh="{advice}", do_en="{advice}",
)  # fmt: skip
TOO_LONG = problem_kind(
    "formulas.too-long",
    zh="公式有 {size} 个字符，最多 {most} 个", en="The formula has {size} characters; {most} are the most",
    do_zh="请把公式拆成几个字段或函数。", do_en="Split it over several fields or functions.",
)  # fmt: skip
TOO_MANY = problem_kind(
    "formulas.too-many-parts",
    zh="公式超过 {most} 个部分", en="The formula has more than {most} parts",
    do_zh="请把公式拆成几个字段或函数。", do_en="Split it over several fields or functions.",
)  # fmt: skip
TOO_DEEP = problem_kind(
    "formulas.too-deep",
    zh="公式嵌套超过 {most} 层", en="The formula is nested more than {most} deep",
    do_zh="请把公式拆成几个字段或函数。", do_en="Split it over several fields or functions.",
)  # fmt: skip

# --- names --------------------------------------------------------------------------------------

UNKNOWN_NAME = problem_kind(
    "formulas.unknown-name",
    zh="这里没有名为 {name} 的字段", en="There is no {name} here",
    do_zh="请写此处可用的字段名。", do_en="Use the name of a field that can be seen here.",
)  # fmt: skip
UNKNOWN_FIELD = problem_kind(
    "formulas.unknown-field",
    zh="{owner} 没有字段 {name}", en="{owner} has no field {name}",
    do_zh="请写该记录已有的字段名。", do_en="Use a field which that record has.",
)  # fmt: skip
NOT_A_LINK = problem_kind(
    "formulas.not-a-link",
    zh="{name} 不是链接，后面不能再写 .{step}", en="{name} is no link, so .{step} can't follow it",
    do_zh="路径的每一步都要是指向一条记录的链接。", do_en="Each step of a path is a link to one record.",
)  # fmt: skip
PATH_TOO_LONG = problem_kind(
    "formulas.path-too-long",
    zh="路径 {name} 超过 {most} 步", en="The path {name} has more than {most} steps",
    do_zh="请在中间的记录上加一个字段。", do_en="Give one of the records on the way a field for it.",
)  # fmt: skip
UNKNOWN_FUNCTION = problem_kind(
    "formulas.unknown-function",
    zh="没有函数 {name}", en="There is no function {name}",
    do_zh="平台函数写短名，模块函数写全名，如 sales.price_of。",
    do_en="Platform functions have bare names, functions of modules full ids such as sales.price_of.",
)  # fmt: skip
NOT_HERE = problem_kind(
    "formulas.not-here",
    zh="{name} 在这里不可用", en="{name} can't be used here",
    do_zh="{where}", do_en="{where}",
)  # fmt: skip
HIDES = problem_kind(
    "formulas.hides",
    zh="{name} 指的是最近的字段，遮住了 {hidden}", en="{name} is the nearest field and hides {hidden}",
    do_zh="如果要的是被遮住的字段，请写 {hidden}。", do_en="Write {hidden} if that is what you mean.",
)  # fmt: skip

# --- calls --------------------------------------------------------------------------------------

MISSING_ARGUMENT = problem_kind(
    "formulas.missing-argument",
    zh="{function} 缺少参数 {name}", en="{function} lacks its argument {name}",
    do_zh="请写成 {usage}。", do_en="Write {usage}.",
)  # fmt: skip
TOO_MANY_ARGUMENTS = problem_kind(
    "formulas.too-many-arguments",
    zh="{function} 的参数太多", en="{function} has too many arguments",
    do_zh="请写成 {usage}。", do_en="Write {usage}.",
)  # fmt: skip
UNKNOWN_ARGUMENT = problem_kind(
    "formulas.unknown-argument",
    zh="{function} 没有名为 {name} 的参数", en="{function} has no argument named {name}",
    do_zh="请写成 {usage}。", do_en="Write {usage}.",
)  # fmt: skip
DOUBLE_ARGUMENT = problem_kind(
    "formulas.double-argument",
    zh="{function} 的参数 {name} 给了两次", en="{function} gets its argument {name} twice",
    do_zh="请只给一次。", do_en="Give it once.",
)  # fmt: skip
MUST_BE_CONSTANT = problem_kind(
    "formulas.must-be-constant",
    zh="{function} 的参数 {name} 须是常量", en="The argument {name} of {function} must be a constant",
    do_zh="请写成 {usage}。", do_en="Write {usage}.",
)  # fmt: skip
OUT_OF_RANGE = problem_kind(
    "formulas.out-of-range",
    zh="{name} 须在 {low} 到 {high} 之间", en="{name} must be from {low} to {high}",
    do_zh="请改用范围内的数。", do_en="Use a number in that range.",
)  # fmt: skip

# --- lines --------------------------------------------------------------------------------------

ROWS_OUTSIDE = problem_kind(
    "formulas.rows-outside",
    zh="{name} 是多行，不能直接当作一个值", en="{name} are many lines, not one value",
    do_zh="请放进汇总函数，如 sum({name})。", do_en="Put it into an aggregate such as sum({name}).",
)  # fmt: skip
NO_ROWS = problem_kind(
    "formulas.no-rows",
    zh="{function} 里没有明细行", en="There are no lines in {function}",
    do_zh="请写明细的字段，如 {usage}。", do_en="Name a field of lines, as in {usage}.",
)  # fmt: skip
TWO_ROWS = problem_kind(
    "formulas.two-rows",
    zh="{function} 同时用了 {one} 和 {other}", en="{function} mixes {one} and {other}",
    do_zh="一次汇总只能针对一组明细。", do_en="An aggregate stands over exactly one set of lines.",
)  # fmt: skip
NESTED_ROWS = problem_kind(
    "formulas.nested-rows",
    zh="汇总函数里不能再用汇总函数 {function}", en="The aggregate {function} stands inside another",
    do_zh="请把里层的汇总存为一个字段。", do_en="Keep the inner aggregate in a field of its own.",
)  # fmt: skip

# --- types --------------------------------------------------------------------------------------

BAD_OPERANDS = problem_kind(
    "formulas.bad-operands",
    zh="不能计算 {left} {operator} {right}", en="{left} {operator} {right} can't be computed",
    do_zh="{advice}", do_en="{advice}",
)  # fmt: skip
DIFFERENT_TYPES = problem_kind(
    "formulas.different-types",
    zh="这里要的是{wanted}，得到的是{got}", en="Wanted here is {wanted}, not {got}",
    do_zh="请让两边的类型一致。", do_en="Make both of one type.",
)  # fmt: skip
TEXT_ORDER = problem_kind(
    "formulas.no-order",
    zh="{got}没有大小之分", en="There is no smaller or greater for {got}",
    do_zh="请用 == 或 !=；只有数、日期和时间可比大小。",
    do_en="Use == or !=; only numbers, dates and times are ordered.",
)  # fmt: skip
NOT_WHOLE = problem_kind(
    "formulas.not-whole",
    zh="这里要的是整数，得到的数有 {scale} 位小数", en="Wanted here is a whole number, not one with {scale} decimals",
    do_zh="请用 round(…) 取整。", do_en="Round it: round(…).",
)  # fmt: skip
BAD_CONSTANT = problem_kind(
    "formulas.bad-constant",
    zh="'{value}' 不能读作{wanted}", en="'{value}' can't be read as {wanted}",
    do_zh="请写成 {example}。", do_en="Write it like {example}.",
)  # fmt: skip
UNKNOWN_OPTION = problem_kind(
    "formulas.unknown-option",
    zh="没有选项 '{value}'", en="There is no option '{value}'",
    do_zh="可用的有：{options}。", do_en="There are: {options}.",
)  # fmt: skip
UNKNOWN_RECORD = problem_kind(
    "formulas.unknown-record",
    zh="预置数据里没有 {entity} '{value}'", en="The data files hold no {entity} '{value}'",
    do_zh="请写预置数据中的业务编码，或补上这条数据。", do_en="Use a key from the data files, or add the record there.",
)  # fmt: skip
WRONG_RESULT = problem_kind(
    "formulas.wrong-result",
    zh="公式的结果是{got}，这里要{wanted}", en="The formula gives {got}; wanted here is {wanted}",
    do_zh="请改公式或字段的类型。", do_en="Change the formula or the type of the field.",
)  # fmt: skip
NEEDS_ROUND = problem_kind(
    "formulas.needs-round",
    zh="结果可有 {scale} 位小数，字段只留 {kept} 位", en="The result can have {scale} decimals; the field keeps {kept}",
    do_zh="请写 round(…, {kept})：存储不会替您舍入。", do_en="Write round(…, {kept}): storing rounds nothing.",
)  # fmt: skip
TOO_WIDE = problem_kind(
    "formulas.too-wide",
    zh="结果可能超过 {most} 位数字", en="The result could pass {most} digits",
    do_zh="请在中间用 round(…) 缩短。", do_en="Round on the way to keep it short.",
)  # fmt: skip

# --- places -------------------------------------------------------------------------------------

NO_TARGET = problem_kind(
    "formulas.no-target",
    zh="{name} 不能{target}", en="{name} can't {target}",
    do_zh="请不用 {name}，或把结果存入字段再用。", do_en="Do without {name}, or read a field that keeps its result.",
)  # fmt: skip
STORED_CLOCK = problem_kind(
    "formulas.stored-clock",
    zh="存储的公式不能用 {name}：它的结果会过时", en="A stored formula can't ask {name}: its result would grow old",
    do_zh="请去掉 store，或改用 default。", do_en="Remove store, or make it a default.",
)  # fmt: skip
STORED_CALL = problem_kind(
    "formulas.stored-call",
    zh="存储的公式不能用 {name}：它读取别的记录", en="A stored formula can't call {name}: it reads other records",
    do_zh="请去掉 store，或改用 default。", do_en="Remove store, or make it a default.",
)  # fmt: skip
STORED_LINK = problem_kind(
    "formulas.stored-link",
    zh="存储的公式不能读取链接对面的 {name}", en="A stored formula can't read {name} across a link",
    do_zh="请加一个字段，用 default 把它复制过来。", do_en="Add a field that copies it by default.",
)  # fmt: skip
CYCLE = problem_kind(
    "formulas.cycle",
    zh="公式互相依赖：{cycle}", en="Formulas depend on each other: {cycle}",
    do_zh="请断开其中一环。", do_en="Break the circle at one of them.",
)  # fmt: skip
