"""What can be wrong with one value, whatever record it stands in."""

from dougong.foundation.errors import problem_kind

NOT_TEXT = problem_kind(
    "fields.not-text",
    zh="“{label}”应为文本",
    en="“{label}” must be text",
    do_zh="请填写文字。",
    do_en="Give a text.",
)
TOO_LONG = problem_kind(
    "fields.too-long",
    zh="“{label}”最多 {limit} 个字符，现有 {length} 个",
    en="“{label}” holds at most {limit} characters; there are {length}",
    do_zh="请缩短内容。",
    do_en="Shorten it.",
)
NOT_ONE_LINE = problem_kind(
    "fields.not-one-line",
    zh="“{label}”只能有一行，且不能含控制字符",
    en="“{label}” holds one line without control characters",
    do_zh="请去掉换行和控制字符。",
    do_en="Remove line breaks and control characters.",
)
CONTROL_CHARACTER = problem_kind(
    "fields.control-character",
    zh="“{label}”含有不能保存的字符",
    en="“{label}” holds a character that can't be stored",
    do_zh="请删除不可见的控制字符。",
    do_en="Remove the invisible control characters.",
)
NOT_EMAIL = problem_kind(
    "fields.not-an-email",
    zh="“{label}”不是有效的邮箱地址",
    en="“{label}” is no e-mail address",
    do_zh="格式如 name@example.com。",
    do_en="Write it as name@example.com.",
)
NOT_URL = problem_kind(
    "fields.not-a-url",
    zh="“{label}”不是有效的网址",
    en="“{label}” is no web address",
    do_zh="请以 http:// 或 https:// 开头。",
    do_en="Begin with http:// or https://.",
)
NOT_PHONE = problem_kind(
    "fields.not-a-phone",
    zh="“{label}”不是有效的电话号码",
    en="“{label}” is no phone number",
    do_zh="请只用数字、空格、+ - ( ) 和分机号。",
    do_en="Use digits, spaces, + - ( ) and an extension.",
)
NOT_COLOUR = problem_kind(
    "fields.not-a-colour",
    zh="“{label}”不是有效的颜色",
    en="“{label}” is no colour",
    do_zh="格式如 #1a2b3c。",
    do_en="Write it as #1a2b3c.",
)
FLOAT = problem_kind(
    "fields.float",
    zh="“{label}”不能用浮点数传送",
    en="“{label}” can't be sent as a floating-point number",
    do_zh='请把小数写成文本，例如 "12.50"。',
    do_en='Send decimals as text, for instance "12.50".',
)
NOT_NUMBER = problem_kind(
    "fields.not-a-number",
    zh="“{label}”应为数字",
    en="“{label}” must be a number",
    do_zh="例如 12.50。",
    do_en="For instance 12.50.",
)
NOT_INTEGER = problem_kind(
    "fields.not-an-integer",
    zh="“{label}”应为整数",
    en="“{label}” must be a whole number",
    do_zh="请去掉小数部分。",
    do_en="Leave out the decimals.",
)
TOO_MANY_DECIMALS = problem_kind(
    "fields.too-many-decimals",
    zh="“{label}”最多 {scale} 位小数",
    en="“{label}” has at most {scale} decimals",
    do_zh="系统不会自动舍入，请先舍入再保存。",
    do_en="Nothing is rounded silently: round it first.",
)
TOO_LARGE = problem_kind(
    "fields.too-large",
    zh="“{label}”的整数部分最多 {digits} 位",
    en="“{label}” has at most {digits} digits before the point",
    do_zh="请检查数值或单位。",
    do_en="Check the value or its unit.",
)
OUT_OF_RANGE = problem_kind(
    "fields.out-of-range",
    zh="“{label}”应在 {least} 和 {most} 之间",
    en="“{label}” must be between {least} and {most}",
    do_zh="请改为范围内的值。",
    do_en="Choose a value within the range.",
)
NOT_BOOLEAN = problem_kind(
    "fields.not-yes-or-no",
    zh="“{label}”应为是或否",
    en="“{label}” must be yes or no",
    do_zh="请传 true 或 false。",
    do_en="Send true or false.",
)
NOT_DATE = problem_kind(
    "fields.not-a-date",
    zh="“{label}”不是有效的日期",
    en="“{label}” is no date",
    do_zh="格式如 2026-06-30。",
    do_en="Write it as 2026-06-30.",
)
NOT_TIME = problem_kind(
    "fields.not-a-time",
    zh="“{label}”不是有效的时间",
    en="“{label}” is no time of day",
    do_zh="格式如 09:30 或 09:30:15。",
    do_en="Write it as 09:30 or 09:30:15.",
)
NOT_DATETIME = problem_kind(
    "fields.not-a-datetime",
    zh="“{label}”不是有效的日期时间",
    en="“{label}” is no date and time",
    do_zh="格式如 2026-06-30T09:30:00+08:00。",
    do_en="Write it as 2026-06-30T09:30:00+08:00.",
)
NO_OFFSET = problem_kind(
    "fields.no-offset",
    zh="“{label}”没有说明时区",
    en="“{label}” doesn't say its offset from UTC",
    do_zh="请在末尾加上 Z 或 +08:00。",
    do_en="End it with Z or +08:00.",
)
NOT_AN_OPTION = problem_kind(
    "fields.not-an-option",
    zh="“{label}”没有“{value}”这个选项",
    en="“{label}” has no option “{value}”",
    do_zh="可选：{options}。",
    do_en="Choose one of {options}.",
)
NOT_A_LINK = problem_kind(
    "fields.not-a-link",
    zh="“{label}”不是有效的引用",
    en="“{label}” is no reference to a record",
    do_zh='请传记录的 id 文本，或带业务主键的对象，例如 {{"code": "C1"}}。',
    do_en='Send the record\'s id as text, or its business key as an object, such as {{"code": "C1"}}.',
)
NOT_LINKS = problem_kind(
    "fields.not-a-list-of-links",
    zh="“{label}”应为引用的列表",
    en="“{label}” must be a list of references",
    do_zh='请传 id 文本的列表，例如 ["1", "2"]。',
    do_en='Send a list of ids as text, such as ["1", "2"].',
)
NOT_AN_ENTITY = problem_kind(
    "fields.not-an-entity",
    zh="“{label}”不能是“{value}”",
    en="“{label}” can't be “{value}”",
    do_zh="可选：{options}。",
    do_en="Choose one of {options}.",
)
NOT_JSON = problem_kind(
    "fields.not-json",
    zh="“{label}”不能作为 JSON 保存：{why}",
    en="“{label}” can't be kept as JSON: {why}",
    do_zh="请检查内容的结构和大小。",
    do_en="Check its structure and size.",
)
NOT_A_PLACE = problem_kind(
    "fields.not-a-place",
    zh="“{label}”不是有效的位置",
    en="“{label}” is no place on earth",
    do_zh='请传 {{"lat": "31.230416", "lon": "121.473701"}}。',
    do_en='Send {{"lat": "31.230416", "lon": "121.473701"}}.',
)
NOT_A_FILE = problem_kind(
    "fields.not-a-file",
    zh="“{label}”不是有效的附件",
    en="“{label}” is no attachment",
    do_zh="请先上传文件，再传回得到的 {{hash, name, size, type}}。",
    do_en="Upload the file first and send back its {{hash, name, size, type}}.",
)
