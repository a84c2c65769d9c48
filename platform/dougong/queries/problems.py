"""What can be wrong with a query: each names the parameter it stands in."""

from dougong.foundation.errors import problem_kind

PARAMETER_UNKNOWN = problem_kind(
    "queries.parameter-unknown",
    zh="查询没有参数“{name}”。",
    en="A query has no parameter “{name}”.",
    do_zh="可用的参数：{known}。",
    do_en="There are: {known}.",
    status=400,
)
LIMIT_WRONG = problem_kind(
    "queries.limit-wrong",
    zh="limit 必须是 1 到 {most} 的整数，而不是“{value}”。",
    en="limit must be a whole number from 1 to {most}, not “{value}”.",
    do_zh="请改正 limit；更多的行请用 after 翻页。",
    do_en="Correct limit; use after to fetch more rows.",
    status=400,
)
COUNT_WRONG = problem_kind(
    "queries.count-wrong",
    zh="count 只能是 none、capped 或 exact，而不是“{value}”。",
    en="count must be none, capped or exact, not “{value}”.",
    do_zh="请改正 count。",
    do_en="Correct count.",
    status=400,
)
TEXT_TOO_LONG = problem_kind(
    "queries.text-too-long",
    zh="{name} 超过 {most} 个字符。",
    en="{name} is longer than {most} characters.",
    do_zh="请缩短。",
    do_en="Shorten it.",
    status=400,
)
NAMES_TOO_MANY = problem_kind(
    "queries.names-too-many",
    zh="{name} 超过 {most} 项。",
    en="{name} has more than {most} items.",
    do_zh="请减少项数。",
    do_en="Name fewer.",
    status=400,
)
NAME_WRONG = problem_kind(
    "queries.name-wrong",
    zh="{name} 中的“{value}”不是字段路径。",
    en="“{value}” in {name} is no path of field names.",
    do_zh="路径由小写字母、数字、下划线和点组成，例如 customer.name。",
    do_en="A path is made of lower-case letters, digits, underscores and points, such as customer.name.",
    status=400,
)
CURSOR_WRONG = problem_kind(
    "queries.cursor-wrong",
    zh="after 不是本查询给出的翻页位置。",
    en="after is no position that this query has given.",
    do_zh="请不带 after 从第一页重新开始；排序改变后旧的位置失效。",
    do_en="Begin again without after; a position is void once the sort has changed.",
    status=400,
)
FILTER_NO_JSON = problem_kind(
    "queries.filter-no-json",
    zh="filter 不是有效的 JSON：{reason}",
    en="filter is not valid JSON: {reason}",
    do_zh='例如 {{"field":"state","op":"==","value":"approved"}}。',
    do_en='For instance {{"field":"state","op":"==","value":"approved"}}.',
    status=400,
)
FILTER_SHAPE = problem_kind(
    "queries.filter-shape",
    zh="filter 的此处应是条件、and、or 或 not。",
    en="Here filter must hold a condition, and, or, or not.",
    do_zh='写作 {{"field":…,"op":…,"value":…}}、{{"and":[…]}}、{{"or":[…]}} 或 {{"not":…}}。',
    do_en='Write {{"field":…,"op":…,"value":…}}, {{"and":[…]}}, {{"or":[…]}} or {{"not":…}}.',
    status=400,
)
FILTER_TOO_LARGE = problem_kind(
    "queries.filter-too-large",
    zh="filter 太大：最多 {most} 个条件、{depth} 层、每个列表 {values} 个值。",
    en="filter is too large: at most {most} conditions, {depth} levels, {values} values in a list.",
    do_zh="请拆成几次查询。",
    do_en="Split it into several queries.",
    status=400,
)
OPERATOR_UNKNOWN = problem_kind(
    "queries.operator-unknown",
    zh="没有运算符“{op}”。",
    en="There is no operator “{op}”.",
    do_zh="可用：{known}。",
    do_en="There are: {known}.",
    status=400,
)
OPERATOR_UNFIT = problem_kind(
    "queries.operator-unfit",
    zh="字段“{at}”（{type}）不能用“{op}”。",
    en="“{op}” does not fit the field “{at}” ({type}).",
    do_zh="可用：{known}。",
    do_en="Use one of: {known}.",
    status=400,
)
VALUE_MISSING = problem_kind(
    "queries.value-missing",
    zh="“{at} {op}”缺少值。",
    en="“{at} {op}” has no value.",
    do_zh="请给出 value；查找空值请用 empty。",
    do_en="Give a value; to find empty fields use empty.",
    status=400,
)
VALUE_WRONG = problem_kind(
    "queries.value-wrong",
    zh="“{at}”的值不合适：{why}",
    en="The value for “{at}” does not fit: {why}",
    do_zh="请改正这个值。",
    do_en="Correct the value.",
    status=400,
)
VALUE_EMPTY = problem_kind(
    "queries.value-empty",
    zh="空值不能用来比较。",
    en="There is nothing to compare with.",
    do_zh="查找空值请用 empty。",
    do_en="To find empty fields use empty.",
    status=400,
)
LINK_BY_ID = problem_kind(
    "queries.link-by-id",
    zh="这里的链接要用记录的 id。",
    en="Here a link is named by the id of the record.",
    do_zh="要按业务编码筛选，请写路径，例如 customer.code。",
    do_en="To filter by the business key write a path, such as customer.code.",
    status=400,
)
TEXT_PIECE = problem_kind(
    "queries.text-piece",
    zh="要查找的文字必须是 1 到 1000 个字符，不含控制字符。",
    en="The text to look for must have 1 to 1000 characters and no control characters.",
    do_zh="请改正要查找的文字。",
    do_en="Correct the text to look for.",
    status=400,
)
VALUES_NO_LIST = problem_kind(
    "queries.values-no-list",
    zh="“{at} {op}”的值必须是列表。",
    en="The value of “{at} {op}” must be a list.",
    do_zh='例如 ["a", "b"]。',
    do_en='For instance ["a", "b"].',
    status=400,
)
SORT_UNFIT = problem_kind(
    "queries.sort-unfit",
    zh="不能按字段“{at}”（{type}）排序或分组。",
    en="The field “{at}” ({type}) can't be sorted or grouped by.",
    do_zh="请换一个字段。",
    do_en="Choose another field.",
    status=400,
)
SUM_UNFIT = problem_kind(
    "queries.sum-unfit",
    zh="字段“{at}”不是数字，不能合计。",
    en="The field “{at}” is no number and can't be summed.",
    do_zh="请换一个字段。",
    do_en="Choose another field.",
    status=400,
)
SUM_TOO_LARGE = problem_kind(
    "queries.sum-too-large",
    zh="字段“{at}”的合计超出了数据库可精确表示的范围。",
    en="The sum of “{at}” is larger than the database can hold exactly.",
    do_zh="请用筛选缩小范围后再合计。",
    do_en="Narrow the filter and sum again.",
)
EXPAND_UNFIT = problem_kind(
    "queries.expand-unfit",
    zh="“{at}”不是链接，不能展开。",
    en="“{at}” is no link and can't be expanded.",
    do_zh="expand 只接受链接字段。",
    do_en="expand takes link fields only.",
    status=400,
)
LOOKUP_UNFIT = problem_kind(
    "queries.lookup-unfit",
    zh="“{at}”不是链接字段，没有可选的记录。",
    en="“{at}” is no link field, so there is nothing to choose from.",
    do_zh="请用链接字段的路径。",
    do_en="Use the path of a link field.",
    status=400,
)
SINCE_WRONG = problem_kind(
    "queries.since-wrong",
    zh="since 不是本接口给出的位置。",
    en="since is no position that was given out here.",
    do_zh="请不带 since 从头开始。",
    do_en="Begin again without since.",
    status=400,
)
VIEW_UNKNOWN = problem_kind(
    "queries.view-unknown",
    zh="“{entity}”的列表没有视图“{view}”。",
    en="The list of “{entity}” has no view “{view}”.",
    do_zh="请改用列表中声明的视图。",
    do_en="Use a view that the list declares.",
    status=400,
)
ENTITY_UNKNOWN = problem_kind(
    "queries.entity-unknown",
    zh="没有实体“{entity}”。",
    en="There is no entity “{entity}”.",
    do_zh="请检查实体名称以及模块是否已安装。",
    do_en="Check the name, and whether its module is installed.",
    status=404,
)
