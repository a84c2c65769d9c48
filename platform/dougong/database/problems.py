"""What can be wrong with a change of tables."""

from dougong.foundation.errors import problem_kind

VANISHED = problem_kind(
    "database.vanished-without-statement",
    zh="“{what}”（{name}）从元数据中消失了，但没有声明原因",
    en="“{what}” ({name}) vanished from the metadata without a word",
    do_zh="如果改了名，请在新名字下写 renamed: {short}；如果不再需要，请先写 retired: {{since: 版本}} 并应用一次，之后再删除。",
    do_en="If it has a new name, write renamed: {short} there; if it is no longer wanted, first write "
    "retired: {{since: version}} and apply that, then remove it.",
    page_zh="改名和删除都要明说：没有声明就消失的字段会丢失数据。",
    page_en="Renames and removals are statements. A field that just vanishes would take its data along.",
    status=409,
)
RENAMED_TWICE = problem_kind(
    "database.renamed-twice",
    zh="“{old}”被两处声明为旧名：{names}",
    en="“{old}” is the earlier name of two: {names}",
    do_zh="只保留一处 renamed。",
    do_en="Keep one of the renamed statements.",
)
NAME_TOO_LONG = problem_kind(
    "database.name-too-long",
    zh="表名“{name}”有 {length} 个字符，最多 63 个",
    en="The table name “{name}” has {length} letters, at most 63 are possible",
    do_zh="请缩短实体或分录的名字。",
    do_en="Shorten the name of the entity or of its lines.",
)
TYPE_CHANGE = problem_kind(
    "database.type-change-refused",
    zh="“{what}”（{name}）不能从 {old} 改为 {new}：已有的值无法转换",
    en="“{what}” ({name}) can't change from {old} to {new}: its values have no meaning there",
    do_zh="请新建一个字段，并把原字段写为 retired。",
    do_en="Declare a new field and retire this one.",
    status=409,
)
OVERFLOW = problem_kind(
    "database.values-too-large",
    zh="“{what}”（{name}）改为 {scale} 位小数后，有 {rows} 个值放不下（总共最多 18 位）",
    en="With {scale} decimals {rows} values of “{what}” ({name}) no longer fit into 18 digits",
    do_zh="请减少小数位数，或先修改这些值。",
    do_en="Take fewer decimals, or change those values first.",
    status=409,
)
REQUIRED_EMPTY = problem_kind(
    "database.required-without-value",
    zh="“{what}”（{name}）成为必填，但有 {rows} 行为空且没有默认值",
    en="“{what}” ({name}) becomes required, but it is empty in {rows} rows and has no default",
    do_zh="请先补上这些值，或写一个 default。",
    do_en="Fill those in first, or declare a default.",
    status=409,
)
NOT_UNIQUE = problem_kind(
    "database.rows-alike",
    zh="“{name}”要求唯一，但有 {rows} 组数据重复：{columns}",
    en="“{name}” must be unique, but {rows} values occur more than once: {columns}",
    do_zh="请先改掉重复的数据。",
    do_en="Change the rows that are alike first.",
    status=409,
)
DANGLING = problem_kind(
    "database.link-to-nothing",
    zh="“{name}”有 {rows} 行指向不存在的“{target}”",
    en="{rows} rows of “{name}” point to a “{target}” that does not exist",
    do_zh="请先改掉这些行，或暂不声明为链接。",
    do_en="Change those rows first, or don't declare a link yet.",
    status=409,
)
MOVED = problem_kind(
    "database.plan-out-of-date",
    zh="计划已过期：之后数据库或元数据又有变化",
    en="The plan is out of date: the database or the metadata has changed since",
    do_zh="请重新生成计划，看过之后再执行。",
    do_en="Plan again, read it, and apply that.",
    status=409,
)
NO_CONSENT = problem_kind(
    "database.destructive-without-consent",
    zh="计划中有 {steps} 步会移走数据（{rows} 行），需要明确同意",
    en="{steps} steps of the plan take data away ({rows} rows) and need your consent",
    do_zh="看过计划后，用 --consent 再执行一次；移走的数据会存放起来，可以恢复。",
    do_en="Read the plan, then apply with --consent. What is taken away is parked and can be restored.",
    status=409,
)
NOTHING_TO_UNDO = problem_kind(
    "database.nothing-to-undo",
    zh="没有可以撤销的变更",
    en="There is no change to undo",
    do_zh="请查看变更记录。",
    do_en="Look at the journal.",
    status=409,
)
NOT_EMPTY = problem_kind(
    "database.not-empty",
    zh="只能恢复到空的租户中，这里已有表：{tables}",
    en="A restore needs an empty tenant; here are tables already: {tables}",
    do_zh="请新建一个租户再恢复。",
    do_en="Create a new tenant and restore into that.",
    status=409,
)
NOT_A_DUMP = problem_kind(
    "database.not-a-dump",
    zh="第 {line} 行读不出来：{why}",
    en="Line {line} can't be read: {why}",
    do_zh="文件可能不完整，请使用完好的备份。",
    do_en="The file may be cut off; use a whole one.",
)
DRIFT_TABLE = problem_kind(
    "database.drift-table",
    zh="表“{name}”{how}",
    en="Table “{name}” {how}",
    do_zh="有人绕过平台改过数据库；请恢复备份，或手工改回。",
    do_en="Somebody changed the database behind the platform's back; restore a backup or change it back.",
)
DRIFT_COLUMN = problem_kind(
    "database.drift-column",
    zh="列“{name}”应为 {declared}，实际为 {found}",
    en="Column “{name}” should be {declared} and is {found}",
    do_zh="有人绕过平台改过数据库；请恢复备份，或手工改回。",
    do_en="Somebody changed the database behind the platform's back; restore a backup or change it back.",
)
DRIFT_PART = problem_kind(
    "database.drift-part",
    zh="表“{table}”的{what}“{name}”{how}",
    en="Table “{table}”: {what} “{name}” {how}",
    do_zh="有人绕过平台改过数据库；请恢复备份，或手工改回。",
    do_en="Somebody changed the database behind the platform's back; restore a backup or change it back.",
)
