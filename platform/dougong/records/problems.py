"""What can be wrong with creating, changing, deleting and acting on records."""

from dougong.foundation.errors import problem_kind

UNKNOWN_ENTITY = problem_kind(
    "records.unknown-entity",
    zh="没有“{entity}”这种数据",
    en="There is no entity “{entity}”",
    do_zh="请检查名称，或请管理员安装所需模块。",
    do_en="Check its name, or ask the administrator to install its module.",
    status=404,
)
NOT_FOUND = problem_kind(
    "records.not-found",
    zh="找不到这条“{entity}”",
    en="This {entity} was not found",
    do_zh="它可能已被删除，或您无权查看。",
    do_en="It may have been deleted, or you may not see it.",
    status=404,
)
ROW_DENIED = problem_kind(
    "records.row-denied",
    zh="您不能{act}这条“{entity}”",
    en="You may not {act} this {entity}",
    do_zh="请联系有权限的同事或管理员。",
    do_en="Ask a colleague who may, or the administrator.",
    status=403,
)
OUT_OF_REACH = problem_kind(
    "records.out-of-reach",
    zh="这样保存后，这条“{entity}”将超出您的权限范围",
    en="Saved like this, the {entity} would be out of your reach",
    do_zh="请检查公司、负责人等决定权限的字段。",
    do_en="Check the fields that decide who may see it, such as company and owner.",
    status=403,
)
MADE_BY_SYSTEM = problem_kind(
    "records.made-by-system",
    zh="“{entity}”只由系统生成，不能手工修改",
    en="{entity} is made by the system alone",
    do_zh="请通过产生它的业务单据来改变它。",
    do_en="Change the document that makes it.",
    status=403,
)
REQUIRED = problem_kind(
    "records.field-required",
    zh="“{label}”必填",
    en="“{label}” is required",
    do_zh="请填写。",
    do_en="Fill it in.",
)
FEW_LINES = problem_kind(
    "records.too-few-lines",
    zh="“{label}”至少要有 {least} 行",
    en="“{label}” needs at least {least} lines",
    do_zh="请补充明细行。",
    do_en="Add lines.",
)
MANY_LINES = problem_kind(
    "records.too-many-lines",
    zh="“{label}”最多 {most} 行",
    en="“{label}” holds at most {most} lines",
    do_zh="请分成几张单据。",
    do_en="Split it into several records.",
)
CHECK_FAILED = problem_kind(
    "records.check-failed",
    zh="“{label}”不符合要求：{check}",
    en="“{label}” is not as it must be: {check}",
    do_zh="请改正后再保存。",
    do_en="Correct it and save again.",
)
RULE_BROKEN = problem_kind(
    "records.rule-broken",
    zh="{say}",
    en="{say}",
    do_zh="（规则 {rule}）",
    do_en="(Rule {rule})",
)
GUARDED = problem_kind(
    "records.field-guarded",
    zh="“{label}”由系统填写，不能修改",
    en="“{label}” is filled in by the system",
    do_zh="请不要传这个字段，或传回原来的值。",
    do_en="Leave it out, or send back the value it has.",
)
READ_ONLY = problem_kind(
    "records.field-read-only",
    zh="您不能修改“{label}”",
    en="You may not change “{label}”",
    do_zh="请联系有权限的同事或管理员。",
    do_en="Ask a colleague who may, or the administrator.",
)
NOT_EDITABLE = problem_kind(
    "records.not-editable",
    zh="当前（{state}）不能修改“{label}”",
    en="“{label}” can't be changed now ({state})",
    do_zh="请先反审核或使用允许的操作。",
    do_en="Use an action that reopens the record first.",
)
SET_ONCE = problem_kind(
    "records.set-once",
    zh="“{label}”只能填写一次",
    en="“{label}” can be set only once",
    do_zh="如需更改，请新建一条。",
    do_en="Make a new record instead.",
)
UNKNOWN_LINE = problem_kind(
    "records.unknown-line",
    zh="没有 id 为 {id} 的明细行",
    en="There is no line with the id {id}",
    do_zh="它可能已被删除；新增的行不要带 id。",
    do_en="It may have been deleted; leave the id out for a new line.",
)
LINK_MISSING = problem_kind(
    "records.link-not-found",
    zh="“{label}”指向的“{entity}”不存在",
    en="“{label}” points to a {entity} that does not exist",
    do_zh="请重新选择。",
    do_en="Choose another one.",
)
LINK_UNFIT = problem_kind(
    "records.link-unfit",
    zh="“{label}”选择的“{entity}”不符合条件：{where}",
    en="The {entity} chosen for “{label}” can't be used: {where}",
    do_zh="请选择符合条件的一条。",
    do_en="Choose one that does.",
)
KEY_UNKNOWN = problem_kind(
    "records.key-unknown",
    zh="“{label}”不能用 {names} 查找",
    en="“{label}” can't be found by {names}",
    do_zh="请使用业务主键：{key}。",
    do_en="Use its business key: {key}.",
)
LINK_WITHOUT_ENTITY = problem_kind(
    "records.link-without-entity",
    zh="请先在“{by}”中说明“{label}”指向哪种数据",
    en="Say in “{by}” what “{label}” points to",
    do_zh="请填写“{by}”。",
    do_en="Fill in “{by}”.",
)
NOT_UNIQUE = problem_kind(
    "records.not-unique",
    zh="已有“{label}”相同的“{entity}”",
    en="Another {entity} has the same “{label}”",
    do_zh="请改用别的值，或修改已有的那条。",
    do_en="Choose another value, or change the one that exists.",
    status=409,
)
BROKEN_LINK = problem_kind(
    "records.broken-link",
    zh="引用的数据刚刚被删除",
    en="A record that is linked to has just been deleted",
    do_zh="请刷新后重新选择。",
    do_en="Refresh and choose again.",
    status=409,
)
REFERENCED = problem_kind(
    "records.referenced",
    zh="不能删除：{who} 引用了它",
    en="It can't be deleted: {who} refers to it",
    do_zh="请先删除引用，或停用这条数据。",
    do_en="Remove the reference first, or deactivate the record.",
    status=409,
)
NOT_DELETABLE = problem_kind(
    "records.not-deletable",
    zh="当前状态（{state}）的“{entity}”不能删除",
    en="A {entity} that is {state} can't be deleted",
    do_zh="请作废它。",
    do_en="Void it instead.",
    status=409,
)
VERSION_CONFLICT = problem_kind(
    "records.version-conflict",
    zh="这条“{entity}”已被他人修改（您的版本 {yours}，现在 {theirs}）",
    en="Somebody has changed this {entity} meanwhile (yours {yours}, now {theirs})",
    do_zh="请查看差异，合并后再保存。",
    do_en="Look at the differences, merge them and save again.",
    status=409,
)
WRONG_STATE = problem_kind(
    "records.wrong-state",
    zh="“{state}”状态的“{entity}”不能{action}",
    en="A {entity} that is {state} can't be {action}",
    do_zh="可以执行该操作的状态：{states}。",
    do_en="The action starts from: {states}.",
    status=409,
)
UNKNOWN_ACTION = problem_kind(
    "records.unknown-action",
    zh="“{entity}”没有操作“{action}”",
    en="{entity} has no action “{action}”",
    do_zh="可用：{actions}。",
    do_en="There are {actions}.",
    status=404,
)
ACTION_REFUSED = problem_kind(
    "records.action-refused",
    zh="现在不能{action}：{when}",
    en="{action} is not possible now: {when}",
    do_zh="请先满足条件。",
    do_en="Make the condition true first.",
    status=409,
)
REASON_REQUIRED = problem_kind(
    "records.reason-required",
    zh="{action}需要说明原因",
    en="{action} needs a reason",
    do_zh="请填写 reason。",
    do_en="Give a reason.",
)
NOT_A_POSITION = problem_kind(
    "records.not-a-position",
    zh="“{before}”不是操作日志中的位置",
    en="“{before}” is no position in the trail",
    do_zh="请使用上一页最后一行的 id。",
    do_en="Use the id of the last row of the page before.",
    status=400,
)
TREE_CIRCLE = problem_kind(
    "records.tree-circle",
    zh="“{label}”会使上下级成环",
    en="“{label}” would make the record its own ancestor",
    do_zh="请选择不在它下面的上级。",
    do_en="Choose a parent that is not below it.",
)
TREE_ONE_ROOT = problem_kind(
    "records.tree-one-root",
    zh="只能有一个没有上级的“{entity}”",
    en="Only one {entity} may have no parent",
    do_zh="请选择上级。",
    do_en="Choose a parent.",
)
TREE_NOT_GROUP = problem_kind(
    "records.tree-not-a-group",
    zh="“{label}”必须是分组",
    en="“{label}” must be a group",
    do_zh="请选择一个分组作为上级。",
    do_en="Choose a group as parent.",
)
KEY_REUSED = problem_kind(
    "records.key-reused",
    zh="这个 Idempotency-Key 已用于另一个请求",
    en="This Idempotency-Key was used for another request",
    do_zh="请为新的请求换一个键。",
    do_en="Use a new key for a new request.",
)
KEY_TOO_LONG = problem_kind(
    "records.key-too-long",
    zh="Idempotency-Key 最多 255 个字符",
    en="An Idempotency-Key has at most 255 characters",
    do_zh="请缩短。",
    do_en="Shorten it.",
    status=400,
)
ONE_SETTING = problem_kind(
    "records.one-setting",
    zh="“{entity}”已经存在，只能修改",
    en="{entity} exists already and can only be changed",
    do_zh="请修改已有的一条。",
    do_en="Change the one there is.",
    status=409,
)
KEY_MISSING = problem_kind(
    "records.key-missing",
    zh="缺少业务主键“{label}”",
    en="The business key “{label}” is missing",
    do_zh="请填写，批量保存靠它辨认记录。",
    do_en="Fill it in: a bulk save knows records by it.",
)
KEY_TWICE = problem_kind(
    "records.key-twice",
    zh="与第 {row} 行的业务主键相同",
    en="It has the same business key as row {row}",
    do_zh="请合并或删除其中一行。",
    do_en="Merge or remove one of them.",
)
KEY_AMBIGUOUS = problem_kind(
    "records.key-ambiguous",
    zh="有 {count} 条记录符合，不知道改哪一条",
    en="{count} records fit; it is not known which is meant",
    do_zh="请用业务主键，或再加一个字段来辨认。",
    do_en="Use the business key, or one more field to know it by.",
)
NO_KEY = problem_kind(
    "records.no-key",
    zh="“{entity}”没有业务主键，不能批量保存",
    en="{entity} has no business key, so it can't be saved in bulk",
    do_zh="请说明按哪个字段辨认记录。",
    do_en="Say by which field its records are known.",
    status=400,
)
SEQUENCE_UNKNOWN = problem_kind(
    "records.sequence-unknown",
    zh="“{label}”没有编码规则“{sequence}”",
    en="“{label}” has no number rule “{sequence}”",
    do_zh="可选：{sequences}。",
    do_en="Choose one of {sequences}.",
)
SEQUENCE_TOO_LONG = problem_kind(
    "records.number-too-long",
    zh="编码规则“{sequence}”生成的编号过长：{number}",
    en="The number rule “{sequence}” makes a number that is too long: {number}",
    do_zh="请管理员改短编码规则。",
    do_en="Ask the administrator for a shorter rule.",
)
FUNCTION_FAILED = problem_kind(
    "records.function-failed",
    zh="“{label}”算不出来：{why}",
    en="“{label}” can't be computed: {why}",
    do_zh="请联系提供该模块的伙伴。",
    do_en="Tell the module's publisher.",
)
TRAIL_DIFFERS = problem_kind(
    "records.trail-differs",
    zh="{entity} {id} 的“{path}”与操作日志不符：数据 {row}，日志 {trail}",
    en="“{path}” of {entity} {id} differs from its trail: stored {row}, trail {trail}",
    do_zh="数据可能被绕过系统修改过，请核对。",
    do_en="The row may have been changed behind the system's back: compare them.",
)
VERSION_DIFFERS = problem_kind(
    "records.version-differs",
    zh="{entity} {id} 的版本是 {row}，日志为 {trail}",
    en="{entity} {id} has version {row}, its trail says {trail}",
    do_zh="数据可能被绕过系统修改过，请核对。",
    do_en="The row may have been changed behind the system's back: compare them.",
)
TRAIL_WITHOUT_RECORD = problem_kind(
    "records.trail-without-record",
    zh="{entity} {id} 只有日志，没有数据",
    en="{entity} {id} has a trail but no row",
    do_zh="数据可能丢失，请从备份恢复。",
    do_en="The row may be lost: restore it from a backup.",
)
RECORD_WITHOUT_TRAIL = problem_kind(
    "records.record-without-trail",
    zh="{entity} {id} 没有操作日志",
    en="{entity} {id} has no trail",
    do_zh="数据可能被绕过系统写入，请核对。",
    do_en="The row may have been written behind the system's back: check it.",
)
LINK_BROKEN = problem_kind(
    "records.link-broken",
    zh="{entity} {id} 的“{path}”指向不存在的 {target}",
    en="“{path}” of {entity} {id} points to {target}, which does not exist",
    do_zh="请从备份恢复，或清除该引用。",
    do_en="Restore it from a backup, or clear the link.",
)
WORDS_DIFFER = problem_kind(
    "records.words-differ",
    zh="{entity} {id} 的搜索索引不一致",
    en="The search index of {entity} {id} is out of date",
    do_zh="请重建搜索索引。",
    do_en="Build the search index anew.",
)
