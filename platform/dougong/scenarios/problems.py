"""What can go wrong in a scenario."""

from dougong.foundation.errors import problem_kind

UNKNOWN_KEY = problem_kind(
    "scenarios.unknown-key",
    zh="这里不能用“{key}”。",
    en="“{key}” can't stand here.",
    do_zh="可用：{known}。",
    do_en="What can: {known}.",
)
BAD_MAKE = problem_kind(
    "scenarios.bad-make",
    zh="“{key}”要写成“实体 名字”。",
    en="“{key}” must be an entity and a name.",
    do_zh="写成 `sales.order O1: {…}`，之后用 O1 指它。",
    do_en="Write `sales.order O1: {…}`; then O1 stands for it.",
)
UNKNOWN_ENTITY = problem_kind(
    "scenarios.unknown-entity",
    zh="没有实体“{entity}”。",
    en="There is no entity “{entity}”.",
    do_zh="检查名称以及模块是否在 needs 里。",
    do_en="Check the name, and that its module stands in `needs`.",
)
UNKNOWN_NAME = problem_kind(
    "scenarios.unknown-name",
    zh="没有记录叫“{name}”。",
    en="No record is named “{name}”.",
    do_zh="先在 given 或 make 里写它。",
    do_en="Make it in `given` or `make` first.",
)
UNKNOWN_ROLE = problem_kind(
    "scenarios.unknown-role",
    zh="没有角色“{role}”。",
    en="There is no role “{role}”.",
    do_zh="写全名，形如 sales.clerk。",
    do_en="Write its full id, like sales.clerk.",
)
BAD_TIME = problem_kind(
    "scenarios.bad-time",
    zh="“{text}”不是时间。",
    en="“{text}” is no time.",
    do_zh='写成 "2026-06-03 09:00"。',
    do_en='Write it as "2026-06-03 09:00".',
)
BAD_SHAPE = problem_kind(
    "scenarios.bad-shape",
    zh="“{key}”的写法不对。",
    en="“{key}” is not written as it should be.",
    do_zh="应为：{wanted}。",
    do_en="It should be {wanted}.",
)
DIFFERS = problem_kind(
    "scenarios.differs",
    zh="{path} 应为 {wanted}，实为 {found}。",
    en="{path} should be {wanted} and is {found}.",
    do_zh="改元数据，或改期望。",
    do_en="Correct the metadata, or what is expected.",
)
STOPPED = problem_kind(
    "scenarios.stopped",
    zh="被拒绝：{reason} [{code}]",
    en="It was refused: {reason} [{code}]",
    do_zh="若本该如此，写上 `stops: {code}`。",
    do_en="If that is right, write `stops: {code}`.",
)
NOT_STOPPED = problem_kind(
    "scenarios.not-stopped",
    zh="应以 {wanted} 拒绝，却成功了。",
    en="It should have been refused with {wanted}, and went through.",
    do_zh="检查规则的条件。",
    do_en="Check the conditions of the rule.",
)
STOPPED_OTHERWISE = problem_kind(
    "scenarios.stopped-otherwise",
    zh="应以 {wanted} 拒绝，实为 {found}：{reason}",
    en="It should have been refused with {wanted}, but was with {found}: {reason}",
    do_zh="改元数据，或改期望。",
    do_en="Correct the metadata, or what is expected.",
)
NOT_WARNED = problem_kind(
    "scenarios.not-warned",
    zh="应有提醒 {wanted}，实有：{found}。",
    en="There should be the warning {wanted}; there are: {found}.",
    do_zh="检查规则的条件和 level。",
    do_en="Check the conditions and the level of the rule.",
)
SEEN = problem_kind(
    "scenarios.seen",
    zh="{path} 应当隐藏，却看得见。",
    en="{path} should be hidden and can be seen.",
    do_zh="在角色的 hide 里加上它，或用字段级别。",
    do_en="Add it to the role's `hide`, or give it a field level.",
)
UNSEEN = problem_kind(
    "scenarios.unseen",
    zh="{path} 应当看得见，却没有。",
    en="{path} should be visible and is not there.",
    do_zh="检查角色的 hide 和字段级别。",
    do_en="Check the role's `hide` and the field levels.",
)
