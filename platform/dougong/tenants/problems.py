"""What can be wrong with a tenant, its people and its configuration."""

from dougong.foundation.errors import problem_kind

UNKNOWN_TENANT = problem_kind(
    "tenants.unknown-tenant",
    zh="没有名为“{name}”的租户。",
    en="There is no tenant named “{name}”.",
    do_zh="用 `dougong tenant list` 查看已有的租户。",
    do_en="See the tenants there are with `dougong tenant list`.",
    status=404,
)
BAD_NAME = problem_kind(
    "tenants.bad-name",
    zh="“{name}”不能作为租户名。",
    en="“{name}” can't be the name of a tenant.",
    do_zh="以小写字母开头，只用小写字母、数字和下划线，最多 31 个字符。",
    do_en="Start with a small letter; use small letters, digits and underscores, at most 31.",
)
NAME_TAKEN = problem_kind(
    "tenants.name-taken",
    zh="租户“{name}”已经存在。",
    en="There is a tenant “{name}” already.",
    do_zh="换一个名字，或先用 `dougong tenant remove` 删除它。",
    do_en="Choose another name, or remove that tenant first with `dougong tenant remove`.",
    status=409,
)
SIGN_IN_FAILED = problem_kind(
    "tenants.sign-in-failed",
    zh="用户名或密码不对。",
    en="The login or the password is wrong.",
    do_zh="请重试；忘记密码请联系管理员。",
    do_en="Try again; if you forgot the password, ask your administrator.",
    status=401,
)
TOO_MANY_ATTEMPTS = problem_kind(
    "tenants.too-many-attempts",
    zh="尝试次数过多。",
    en="Too many attempts.",
    do_zh="请在 {seconds} 秒后再试。",
    do_en="Try again in {seconds} seconds.",
    page_zh="同一账号或同一地址连续登录失败后，会暂停一段时间再接受尝试，每次失败暂停加倍，最长一刻钟。登录成功即清零。",
    page_en="After several failures for one account or from one address, sign-in waits; each further "
    "failure doubles the wait, up to a quarter of an hour. A success clears the count of the account.",
    status=429,
)
SIGN_IN_NEEDED = problem_kind(
    "tenants.sign-in-needed",
    zh="会话已结束。",
    en="The session has ended.",
    do_zh="请重新登录。",
    do_en="Sign in again.",
    status=401,
)
PASSWORD_TOO_SHORT = problem_kind(
    "tenants.password-too-short",
    zh="密码不足 {least} 个字符。",
    en="The password has fewer than {least} characters.",
    do_zh="用更长的密码，几个不相干的词最好记。",
    do_en="Use a longer one; a few unrelated words are easy to remember.",
)
PASSWORD_TOO_LONG = problem_kind(
    "tenants.password-too-long",
    zh="密码超过 {most} 个字符。",
    en="The password has more than {most} characters.",
    do_zh="用短一些的密码。",
    do_en="Use a shorter one.",
)
UNKNOWN_USER = problem_kind(
    "tenants.unknown-user",
    zh="没有登录名为“{login}”的用户。",
    en="There is no user with the login “{login}”.",
    do_zh="先用 `dougong user add` 添加该用户。",
    do_en="Add the user first with `dougong user add`.",
    status=404,
)
LOGIN_TAKEN = problem_kind(
    "tenants.login-taken",
    zh="登录名“{login}”已有人使用。",
    en="The login “{login}” is taken.",
    do_zh="换一个登录名。",
    do_en="Choose another login.",
    status=409,
)
UNKNOWN_ROLE = problem_kind(
    "tenants.unknown-role",
    zh="没有角色“{role}”。",
    en="There is no role “{role}”.",
    do_zh="写全名，形如 sales.clerk。",
    do_en="Write its full id, like sales.clerk.",
)
UNKNOWN_TOKEN = problem_kind(
    "tenants.unknown-token",
    zh="没有名为“{name}”的令牌。",
    en="There is no token named “{name}”.",
    do_zh="用 `dougong token list` 查看已有的令牌。",
    do_en="See the tokens there are with `dougong token list`.",
    status=404,
)
TOKEN_NAME_TAKEN = problem_kind(
    "tenants.token-name-taken",
    zh="该用户已有名为“{name}”的令牌。",
    en="The user has a token named “{name}” already.",
    do_zh="换一个名字，或先撤销旧令牌。",
    do_en="Choose another name, or revoke the old token first.",
    status=409,
)
UNKNOWN_MODULE = problem_kind(
    "tenants.unknown-module",
    zh="没有名为“{module}”的模块。",
    en="There is no module named “{module}”.",
    do_zh="可用的模块：{known}。",
    do_en="The modules there are: {known}.",
    status=404,
)
MODULE_NOT_INSTALLED = problem_kind(
    "tenants.module-not-installed",
    zh="模块“{module}”没有安装。",
    en="The module “{module}” is not installed.",
    do_zh="已安装的模块：{known}。",
    do_en="The modules installed are: {known}.",
    status=404,
)
MODULE_NEEDED = problem_kind(
    "tenants.module-needed",
    zh="模块“{module}”还被 {by} 需要。",
    en="The module “{module}” is still needed by {by}.",
    do_zh="先移除这些模块。",
    do_en="Remove those modules first.",
    status=409,
)
PLAN_MOVED = problem_kind(
    "tenants.plan-moved",
    zh="计划之后，租户或元数据又有变动。",
    en="The tenant or its metadata has changed since the plan was made.",
    do_zh="用 `dougong plan` 重新生成计划，看过后再执行。",
    do_en="Make the plan again with `dougong plan`, read it, then apply it.",
    page_zh="计划文件记下了它要改变的前后两个状态的指纹。任一状态变了，计划就不再准确，因此拒绝执行。",
    page_en="A plan file holds the fingerprints of the state it starts from and of the state it leads "
    "to. Once either has moved, the plan no longer tells the truth, so it is refused.",
    status=409,
)
CONSENT_NEEDED = problem_kind(
    "tenants.consent-needed",
    zh="计划会丢失数据：{steps}。",
    en="The plan loses data: {steps}.",
    do_zh="确认后加上 `--consent` 再执行。",
    do_en="If that is meant, apply it with `--consent`.",
    status=409,
)
WHY_NEEDED = problem_kind(
    "tenants.why-needed",
    zh="没有说明为什么要改。",
    en="The reason for the change is missing.",
    do_zh='用 `--why "…"` 写一句原因，它会记入变更记录。',
    do_en='Say it in a sentence with `--why "…"`; it goes into the journal.',
)
NO_EARLIER_STATE = problem_kind(
    "tenants.no-earlier-state",
    zh="没有可以退回的变更。",
    en="There is no change to roll back.",
    do_zh="变更记录里只有最初的安装。",
    do_en="The journal holds nothing but the first installation.",
    status=409,
)
BAD_LAYER_PATH = problem_kind(
    "tenants.bad-layer-path",
    zh="“{file}”不是租户配置文件的路径。",
    en="“{file}” is no path of a tenant's configuration file.",
    do_zh="形如 `changes/sales.order.yaml` 或 `entities/asset.yaml`，相对路径，以 .yaml 结尾。",
    do_en="Write it like `changes/sales.order.yaml` or `entities/asset.yaml`: relative, ending in .yaml.",
)
LAYER_TOO_LARGE = problem_kind(
    "tenants.layer-too-large",
    zh="配置文件 {file} 超过 1 MB。",
    en="The configuration file {file} is larger than 1 MB.",
    do_zh="把它拆成几个文件。",
    do_en="Split it into several files.",
    status=413,
)
LAYER_MOVED = problem_kind(
    "tenants.layer-moved",
    zh="配置文件 {file} 已被别人改过（现为版本 {version}）。",
    en="The configuration file {file} was changed by someone else (it is at version {version} now).",
    do_zh="重新读取后再改。",
    do_en="Read it again, then change it.",
    status=409,
)
BAD_DATA_ROW = problem_kind(
    "tenants.bad-data-row",
    zh="数据集 {data} 的行“{row}”放不进 {entity}：{reason}",
    en="The row “{row}” of the data set {data} does not fit {entity}: {reason}",
    do_zh="改正数据文件后重新执行。",
    do_en="Correct the data file, then apply again.",
)
NOT_AN_EXPORT = problem_kind(
    "tenants.not-an-export",
    zh="“{file}”不是租户导出文件。",
    en="“{file}” is not the export of a tenant.",
    do_zh="用 `dougong tenant export` 生成导出文件。",
    do_en="Make an export with `dougong tenant export`.",
)
SERVER_BUSY = problem_kind(
    "tenants.busy",
    zh="系统正忙。",
    en="The system is busy.",
    do_zh="什么也没有改变，请稍后再试。",
    do_en="Nothing was changed; try again in a moment.",
    status=503,
)
NO_FILE = problem_kind(
    "tenants.no-file",
    zh="没有这个文件",
    en="There is no such file",
    do_zh="它可能已被清理，请重新上传。",
    do_en="It may have been cleaned away; send it again.",
    status=404,
)
