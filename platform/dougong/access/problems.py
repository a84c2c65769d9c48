"""What can be wrong when access is decided: rights, rows, fields."""

from dougong.foundation.errors import problem_kind

VIEW_WITHOUT_DOOR = problem_kind(
    "access.view-without-door",
    zh="“{entity}”是由函数计算的视图，还没有入口可以读它。",
    en="“{entity}” is a view computed by a function; no door reads it yet.",
    do_zh="请直接使用它所汇总的单据的列表。",
    do_en="Use the lists of the documents it sums up.",
    status=403,
)
RIGHT_DENIED = problem_kind(
    "access.right-denied",
    zh="您没有“{entity}”的“{right}”权限。",
    en="You may not {right} “{entity}”.",
    do_zh="请让管理员给您的角色加上这项权限。",
    do_en="Ask an administrator to add this right to one of your roles.",
    status=403,
)
ACTION_DENIED = problem_kind(
    "access.action-denied",
    zh="您不能对“{entity}”执行“{action}”。",
    en="You may not {action} “{entity}”.",
    do_zh="请让管理员给您的角色加上这个操作。",
    do_en="Ask an administrator to add this action to one of your roles.",
    status=403,
)
FIELD_HIDDEN = problem_kind(
    "access.field-hidden",
    zh="您不能查看字段“{at}”，因此也不能按它筛选、排序、分组或统计。",
    en="You may not see the field “{at}”, so it can't be filtered, sorted, grouped or summed by.",
    do_zh="请去掉这个字段。",
    do_en="Leave this field out.",
    status=403,
)
PATH_DENIED = problem_kind(
    "access.path-denied",
    zh="路径“{at}”经过您无权查看的“{entity}”。",
    en="The path “{at}” passes through “{entity}”, which you may not read.",
    do_zh="请去掉这个路径。",
    do_en="Leave this path out.",
    status=403,
)
PATH_UNKNOWN = problem_kind(
    "access.path-unknown",
    zh="“{entity}”没有字段“{name}”（在“{at}”中）。",
    en="“{entity}” has no field “{name}” (in “{at}”).",
    do_zh="请改用实体中已有的字段名。",
    do_en="Use a field that the entity has.",
    status=400,
)
PATH_TOO_LONG = problem_kind(
    "access.path-too-long",
    zh="路径“{at}”超过了{most}步。",
    en="The path “{at}” has more than {most} steps.",
    do_zh="请缩短路径。",
    do_en="Shorten the path.",
    status=400,
)
PATH_NO_LINK = problem_kind(
    "access.path-no-link",
    zh="字段“{name}”不是指向单一实体的链接，路径“{at}”不能从它继续。",
    en="The field “{name}” is no link to one entity, so the path “{at}” can't go on from it.",
    do_zh="请在“{name}”处结束路径。",
    do_en="End the path at “{name}”.",
    status=400,
)
PATH_LINES = problem_kind(
    "access.path-lines",
    zh="路径“{at}”经过明细，这里只能使用表头字段。",
    en="The path “{at}” passes through lines; only fields of the header can stand here.",
    do_zh="请改用表头字段。",
    do_en="Use a field of the header.",
    status=400,
)
ENTITY_UNKNOWN = problem_kind(
    "access.entity-unknown",
    zh="没有实体“{entity}”。",
    en="There is no entity “{entity}”.",
    do_zh="请检查实体名称以及模块是否已安装。",
    do_en="Check the name, and whether its module is installed.",
    status=404,
)
NOT_IN_SQL = problem_kind(
    "access.not-in-sql",
    zh="字段“{at}”只在打开记录时计算，不能用于筛选、排序或列表。",
    en="The field “{at}” is only computed when a record is opened; lists can't use it.",
    do_zh="请在元数据中把它设为 store: true，或去掉它。",
    do_en="Declare it with `store: true`, or leave it out.",
    status=400,
)
