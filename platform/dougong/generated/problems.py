"""What can be wrong with the JSON of a whole record."""

from dougong.foundation.errors import problem_kind

NOT_JSON = problem_kind(
    "generated.not-json",
    zh="请求内容不是有效的 JSON",
    en="The body is no valid JSON",
    do_zh="请检查引号、逗号和编码（UTF-8）：{why}。",
    do_en="Check quotes, commas and the encoding (UTF-8): {why}.",
    status=400,
)
NOT_AN_OBJECT = problem_kind(
    "generated.not-an-object",
    zh="“{label}”应为 JSON 对象",
    en="“{label}” must be a JSON object",
    do_zh='请传 {{"字段": 值}} 的形式。',
    do_en='Send it as {{"field": value}}.',
)
NOT_A_LIST = problem_kind(
    "generated.not-a-list",
    zh="“{label}”应为对象的列表",
    en="“{label}” must be a list of objects",
    do_zh="请传 [{{…}}, {{…}}] 的形式。",
    do_en="Send it as [{{…}}, {{…}}].",
)
UNKNOWN_FIELD = problem_kind(
    "generated.unknown-field",
    zh="“{entity}”没有字段“{name}”",
    en="“{entity}” has no field “{name}”",
    do_zh="请检查字段名；字段列表见接口文档。",
    do_en="Check its name; the fields are in the API's description.",
)
BAD_LINE_ID = problem_kind(
    "generated.bad-line-id",
    zh="行的 id 应为 id 文本",
    en="The id of a line must be an id as text",
    do_zh="修改已有的行时带上它的 id，新增的行不带 id。",
    do_en="Send the id of a line you change; leave it out for a new line.",
)
"""A line's id is text, as everywhere."""
