"""What can be wrong with a request, and every problem as an answer: application/problem+json."""

from collections.abc import Mapping
from typing import Any

from dougong.foundation.errors import Problem, Refused, problem_kind
from dougong.foundation.translate import Label
from dougong.server.call import Answer, json_answer

PROBLEM_JSON = "application/problem+json"
MOST_TOLD = 200
"""The most problems one answer tells; `more` counts the rest."""

NOT_FOUND = problem_kind(
    "server.not-found",
    zh="这里没有 {path}。",
    en="There is nothing at {path}.",
    do_zh="检查地址；接口一览见 /t/<租户>/api/openapi.json。",
    do_en="Check the address; /t/<tenant>/api/openapi.json lists what there is.",
    status=404,
)
UNKNOWN_ENTITY = problem_kind(
    "server.unknown-entity",
    zh="没有名为“{entity}”的实体。",
    en="There is no entity “{entity}”.",
    do_zh="检查名称，形如 sales.order。",
    do_en="Check the name; it looks like sales.order.",
    status=404,
)
UNKNOWN_ACTION = problem_kind(
    "server.unknown-action",
    zh="“{entity}”没有操作“{action}”。",
    en="“{entity}” has no action “{action}”.",
    do_zh="可用的操作：{known}。",
    do_en="The actions there are: {known}.",
    status=404,
)
METHOD_NOT_ALLOWED = problem_kind(
    "server.method-not-allowed",
    zh="此地址不接受 {method}。",
    en="This address does not take {method}.",
    do_zh="可用的方法：{allowed}。",
    do_en="It takes {allowed}.",
    status=405,
)
NOT_ACCEPTABLE = problem_kind(
    "server.not-acceptable",
    zh="无法按“{accept}”的格式回答。",
    en="There is no answer in the format “{accept}”.",
    do_zh="请在 Accept 里允许 {offered}。",
    do_en="Allow {offered} in Accept.",
    status=406,
)
UNSUPPORTED_MEDIA = problem_kind(
    "server.unsupported-media",
    zh="请求体的类型“{media}”不受支持。",
    en="The body's type “{media}” is not supported.",
    do_zh="以 {wanted}（UTF-8）发送。",
    do_en="Send it as {wanted}, in UTF-8.",
    status=415,
)
TOO_LARGE = problem_kind(
    "server.too-large",
    zh="请求体超过 {limit} 字节。",
    en="The body is larger than {limit} bytes.",
    do_zh="分几次发送。",
    do_en="Send it in several pieces.",
    status=413,
)
ADDRESS_TOO_LONG = problem_kind(
    "server.address-too-long",
    zh="地址超过 {limit} 个字符，或参数超过 {parameters} 个。",
    en="The address has more than {limit} characters or {parameters} parameters.",
    do_zh="缩短筛选条件。",
    do_en="Shorten the filter.",
    status=414,
)
TOO_SLOW = problem_kind(
    "server.too-slow",
    zh="请求体在 {seconds} 秒内没有到齐。",
    en="The body did not arrive within {seconds} seconds.",
    do_zh="检查网络后重试。",
    do_en="Check the network, then try again.",
    status=408,
)
BAD_JSON = problem_kind(
    "server.bad-json",
    zh="请求体不是合法的 JSON：{why}",
    en="The body is not valid JSON: {why}",
    do_zh="检查引号、逗号和编码（UTF-8）；NaN 和 Infinity 不是 JSON。",
    do_en="Check quotes, commas and the encoding (UTF-8); NaN and Infinity are not JSON.",
    status=400,
)
TOO_DEEP = problem_kind(
    "server.too-deep",
    zh="JSON 嵌套超过 {limit} 层。",
    en="The JSON is nested deeper than {limit}.",
    do_zh="单据只有表头和分录两层。",
    do_en="A document has a header and lines, no deeper.",
    status=400,
)
NOT_AN_OBJECT = problem_kind(
    "server.not-an-object",
    zh="请求体应为 JSON 对象。",
    en="The body must be a JSON object.",
    do_zh='形如 {{"字段": "值"}}。',
    do_en='Write it like {{"field": "value"}}.',
    status=422,
)
TOO_MANY_KEYS = problem_kind(
    "server.too-many-keys",
    zh="对象有 {count} 个键，最多 {limit} 个。",
    en="The object has {count} keys; at most {limit} are read.",
    do_zh="只发送实体声明过的字段。",
    do_en="Send the fields the entity declares, nothing else.",
)
UNKNOWN_KEY = problem_kind(
    "server.unknown-key",
    zh="请求体里没有“{name}”这一项。",
    en="The body has no entry “{name}”.",
    do_zh="可用的：{known}。",
    do_en="The entries there are: {known}.",
)
BAD_ENTRY = problem_kind(
    "server.bad-entry",
    zh="“{name}”应为{wanted}。",
    en="“{name}” must be {wanted}.",
    do_zh="改正后重新发送。",
    do_en="Correct it and send it again.",
)
TOO_MANY_ROWS = problem_kind(
    "server.too-many-rows",
    zh="一次发送了 {count} 条记录，最多 {limit} 条。",
    en="The call carries {count} records; at most {limit} are taken.",
    do_zh="分几次发送。",
    do_en="Send them in several calls.",
    status=413,
)
UNKNOWN_PARAMETER = problem_kind(
    "server.unknown-parameter",
    zh="没有名为“{name}”的参数。",
    en="There is no parameter “{name}”.",
    do_zh="可用的参数：{known}。",
    do_en="The parameters there are: {known}.",
    status=400,
)
DOUBLED_PARAMETER = problem_kind(
    "server.doubled-parameter",
    zh="参数“{name}”写了不止一次。",
    en="The parameter “{name}” stands there more than once.",
    do_zh="只写一次；多个值用逗号分开。",
    do_en="Write it once; part several values by commas.",
    status=400,
)
BAD_PARAMETER = problem_kind(
    "server.bad-parameter",
    zh="参数“{name}”应为{wanted}，而不是“{value}”。",
    en="The parameter “{name}” must be {wanted}, not “{value}”.",
    do_zh="改正地址后重试。",
    do_en="Correct the address and try again.",
    status=400,
)
BAD_PREFERENCE = problem_kind(
    "server.bad-preference",
    zh="偏好的键或值不合要求。",
    en="The key or the value of the preference does not fit.",
    do_zh="键用小写字母、数字和 _ . : -，最多 120 个；值是不超过 {most} 字节的 JSON。",
    do_en="A key is small letters, digits and _ . : -, at most 120; a value is JSON of at most {most} bytes.",
)
TOO_MANY_PREFERENCES = problem_kind(
    "server.too-many-preferences",
    zh="偏好超过 {most} 项。",
    en="There are more than {most} preferences.",
    do_zh="先删除不用的。",
    do_en="Delete some first.",
)
VERSION_NEEDED = problem_kind(
    "server.version-needed",
    zh="没有说明改的是哪个版本。",
    en="The request does not say which version it changes.",
    do_zh="先读取记录，再把它的 ETag 放进 If-Match。",
    do_en="Read the record first, then send its ETag in If-Match.",
    page_zh="两个人可能同时改一张单据。If-Match 保证后保存的人不会盖掉先保存的人：版本不符时以 409 回答，并列出两边的差别。",
    page_en="Two people may change one document at a time. If-Match keeps the later one from "
    "overwriting the earlier: when the version has moved on, the answer is 409 with the differences.",
    status=428,
)
BAD_VERSION = problem_kind(
    "server.bad-version",
    zh="If-Match“{value}”不是一个版本。",
    en="The If-Match “{value}” is not one version.",
    do_zh='原样送回 ETag，形如 "3"。',
    do_en='Send the ETag back as it came, like "3".',
    status=400,
)
BAD_KEY = problem_kind(
    "server.bad-key",
    zh="Idempotency-Key 应为 1 至 255 个可见的 ASCII 字符。",
    en="An Idempotency-Key is 1 to 255 visible ASCII characters.",
    do_zh="每次新建用一个新的 UUID，重试时用同一个。",
    do_en="Use a fresh UUID for each create, the same one for its retries.",
    status=400,
)
SIGN_IN_NEEDED = problem_kind(
    "server.sign-in-needed",
    zh="需要登录。",
    en="You need to sign in.",
    do_zh="登录后重试；程序请在 Authorization 里带上 Bearer 令牌。",
    do_en="Sign in and try again; a program sends a Bearer token in Authorization.",
    status=401,
)
FOREIGN_REQUEST = problem_kind(
    "server.foreign-request",
    zh="请求不是从本站的页面发出的。",
    en="The request does not come from a page of this site.",
    do_zh="刷新页面后重试；程序请用 Bearer 令牌，而不是浏览器的会话。",
    do_en="Load the page again and retry; a program uses a Bearer token, not a browser's session.",
    page_zh="用会话 Cookie 作改动时，请求须来自同一站点，并在 X-CSRF-Token 头或表单字段 csrf 里带上登录时得到的令牌。",
    page_en="A change made with the session cookie must come from the same site and carry the token "
    "given at sign-in, in the header X-CSRF-Token or the form field csrf.",
    status=403,
)
PASSWORD_DUE = problem_kind(
    "server.password-due",
    zh="您的密码是别人设置的。",
    en="Your password was set by somebody else.",
    do_zh="请先设置自己的密码。",
    do_en="Choose a password of your own first.",
    status=403,
)
PASSWORDS_DIFFER = problem_kind(
    "server.passwords-differ",
    zh="两次输入的新密码不一样。",
    en="The two new passwords differ.",
    do_zh="再输入一遍新密码。",
    do_en="Type the new password twice, the same both times.",
)
SESSION_NEEDED = problem_kind(
    "server.session-needed",
    zh="令牌只能在登录的会话里建立。",
    en="A token can only be made in a session that was signed in.",
    do_zh="用密码登录后再建立令牌。",
    do_en="Sign in with a password, then make the token.",
    status=403,
)
FOREIGN_COMPANY = problem_kind(
    "server.foreign-company",
    zh="您不能在这个核算组织里工作。",
    en="You do not work in this company.",
    do_zh="X-Company 应为 GET /session 所列的核算组织之一的 id。",
    do_en="X-Company is the id of one of the companies that GET /session lists.",
    status=403,
)
OVERLOADED = problem_kind(
    "server.overloaded",
    zh="服务器正忙。",
    en="The server is busy.",
    do_zh="什么也没有改变，请在 {seconds} 秒后再试。",
    do_en="Nothing was changed; try again in {seconds} seconds.",
    status=503,
)
DATABASE_AWAY = problem_kind(
    "server.database-away",
    zh="数据库暂时不可用。",
    en="The database is not available at the moment.",
    do_zh="什么也没有改变，请稍后再试。",
    do_en="Nothing was changed; try again in a moment.",
    status=503,
)
OUTCOME_UNKNOWN = problem_kind(
    "server.outcome-unknown",
    zh="提交时与数据库的连接断开，不知道是否已经保存。",
    en="The connection to the database broke during the commit; whether it was saved is unknown.",
    do_zh="重新读取记录再决定；新建时带上 Idempotency-Key 就可以放心重试。",
    do_en="Read the record again before you decide; with an Idempotency-Key a create may be retried.",
    status=503,
)
STORAGE_FULL = problem_kind(
    "server.storage-full",
    zh="存储空间已满。",
    en="The storage is full.",
    do_zh="什么也没有改变；请管理员腾出空间后重试。",
    do_en="Nothing was changed; ask the operator to make room, then try again.",
    status=507,
)
CONFLICTING = problem_kind(
    "server.conflicting",
    zh="与已有的数据冲突（{columns}）。",
    en="This conflicts with what is stored already ({columns}).",
    do_zh="重新读取后再改。",
    do_en="Read it again, then change it.",
    status=409,
)
FAILED = problem_kind(
    "server.failed",
    zh="服务器出了错，编号 {trace}。",
    en="The server failed; the number of this failure is {trace}.",
    do_zh="什么也没有改变。请重试；若再次出错，把编号告诉管理员。",
    do_en="Nothing was changed. Try again; if it fails again, tell your administrator the number.",
    status=500,
)

_TITLES = {
    400: ("请求有误", "The request can't be read"),
    401: ("需要登录", "Sign-in needed"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("方法不对", "Wrong method"),
    406: ("格式不对", "Format not offered"),
    408: ("超时", "Timed out"),
    409: ("冲突", "Conflict"),
    413: ("太大", "Too large"),
    414: ("地址太长", "Address too long"),
    415: ("类型不支持", "Type not supported"),
    422: ("数据有问题", "The data has problems"),
    428: ("需要版本", "Version needed"),
    429: ("太频繁", "Too many requests"),
    500: ("服务器出错", "The server failed"),
    503: ("暂不可用", "Not available"),
    507: ("空间已满", "No room left"),
}


def problem_json(problem: Problem, language: str) -> dict[str, Any]:
    """Write one problem: code, path in the document, reason, hint, nearest right name, level."""
    return {
        "code": problem.code,
        "path": problem.where.path,
        "reason": problem.reason(language),
        "hint": problem.hint(language),
        "nearest": problem.nearest,
        "level": problem.level,
    }


def status_title(status: int, language: str) -> str:
    """Say in two words what a status means."""
    zh, en = _TITLES.get(status, _TITLES[422])
    return Label.of({"zh": zh, "en": en}).say(language)


def refusal(refused: Refused, language: str, trace: str) -> dict[str, Any]:
    """Write a refusal as the members of RFC 9457, with `code`, `trace` and all its `problems`.

    Members of `refused.extra` (such as `differences`) stand beside them.
    """
    first = refused.problems[0] if refused.problems else None
    told = refused.problems[:MOST_TOLD]
    said: dict[str, Any] = {
        "type": f"urn:dougong:problem:{first.code}" if first else "about:blank",
        "title": status_title(refused.status, language),
        "status": refused.status,
        "detail": first.reason(language) if first else "",
        "code": first.code if first else "",
        "trace": trace,
        "problems": [problem_json(problem, language) for problem in told],
    }
    if len(refused.problems) > len(told):
        said["more"] = len(refused.problems) - len(told)
    return {**dict(refused.extra), **said}


def problem_answer(refused: Refused, language: str, trace: str) -> Answer:
    """Turn a refusal into an answer; 401, 405, 429 and 503 carry the header they need."""
    answer = json_answer(
        refusal(refused, language, trace),
        refused.status,
        ("Content-Language", language),
        ("Cache-Control", "no-store"),
        *_headers(refused),
    )
    return Answer(answer.status, answer.body, PROBLEM_JSON, answer.headers)


def _headers(refused: Refused) -> list[tuple[str, str]]:
    values: Mapping[str, Any] = refused.problems[0].values if refused.problems else {}
    if refused.status in {429, 503}:
        return [("Retry-After", str(values.get("seconds", 1)))]
    if refused.status == 401:
        return [("WWW-Authenticate", "Bearer")]
    if refused.status == 405:
        return [("Allow", str(values.get("allowed", "")))]
    return []
