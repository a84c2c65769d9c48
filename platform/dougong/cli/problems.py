"""What can be wrong with what was asked on the command line."""

from dougong.foundation.errors import problem_kind

BAD_NAME = problem_kind(
    "cli.bad-name",
    zh="“{name}”不能作为名字。",
    en="“{name}” can't be a name.",
    do_zh="以小写字母开头，只用小写字母、数字和下划线，不含两个连续的下划线，最多 60 个字符。",
    do_en="Start with a small letter; use small letters, digits and single underscores, at most 60.",
)
FILE_EXISTS = problem_kind(
    "cli.file-exists",
    zh="{file} 已经存在。",
    en="{file} exists already.",
    do_zh="换一个名字，或先移走它。",
    do_en="Choose another name, or move it away first.",
)
NO_FOLDER = problem_kind(
    "cli.no-folder",
    zh="没有文件夹 {folder}。",
    en="There is no folder {folder}.",
    do_zh="检查路径；模块文件夹里应有 module.yaml。",
    do_en="Check the path; a module's folder holds a module.yaml.",
)
NO_FILE = problem_kind(
    "cli.no-file",
    zh="读不到文件 {file}：{said}",
    en="The file {file} can't be read: {said}",
    do_zh="检查路径和权限。",
    do_en="Check the path and its permissions.",
)
NOT_A_PLAN = problem_kind(
    "cli.not-a-plan",
    zh="{file} 不是计划文件。",
    en="{file} is not a plan.",
    do_zh="用 `dougong plan TENANT -o {file}` 生成。",
    do_en="Make one with `dougong plan TENANT -o {file}`.",
)
UNKNOWN_CODE = problem_kind(
    "cli.unknown-code",
    zh="没有问题代码“{code}”。",
    en="There is no problem with the code “{code}”.",
    do_zh="代码印在每条问题的末尾，形如 `catalog.unknown-entity`。",
    do_en="The code stands at the end of every problem, like `catalog.unknown-entity`.",
)
UNKNOWN_ENTITY = problem_kind(
    "cli.unknown-entity",
    zh="没有实体“{entity}”。",
    en="There is no entity “{entity}”.",
    do_zh="写全名，形如 `sales.order`。",
    do_en="Write its full id, like `sales.order`.",
)
BAD_RECORD = problem_kind(
    "cli.bad-record",
    zh="“{record}”不是记录的写法。",
    en="“{record}” does not name a record.",
    do_zh="写成 `sales.order/17`，斜杠后是记录编号。",
    do_en="Write it like `sales.order/17`: the entity, a slash, the record's id.",
)
BAD_DAYS = problem_kind(
    "cli.bad-days",
    zh="令牌的有效天数应为 1 到 {most}。",
    en="A token lasts 1 to {most} days.",
    do_zh="换一个天数。",
    do_en="Give another number of days.",
)
PORT_TAKEN = problem_kind(
    "cli.port-taken",
    zh="端口 {port} 已被占用。",
    en="The port {port} is in use.",
    do_zh="用 `--port` 换一个端口。",
    do_en="Choose another with `--port`.",
)
CANNOT_LISTEN = problem_kind(
    "cli.cannot-listen",
    zh="不能在 {host} 的端口 {port} 上监听：{said}",
    en="Can't listen on port {port} of {host}: {said}",
    do_zh="用 `--host` 和 `--port` 换一个地址；端口是 0 到 65535，1024 以下的一般需要特权。",
    do_en="Choose another with `--host` and `--port`; a port is 0 to 65535, those below 1024 mostly"
    " need privileges.",
)
DATABASE_AWAY = problem_kind(
    "cli.database-away",
    zh="连不上数据库：{said}",
    en="The database can't be reached: {said}",
    do_zh="检查地址、账号，以及数据库是否在运行。",
    do_en="Check the address and the account, and that the database is running.",
)
DATABASE_BUSY = problem_kind(
    "cli.database-busy",
    zh="数据库正被别的程序占用。",
    en="The database is held by another program.",
    do_zh="什么也没有改变，请稍后再试。",
    do_en="Nothing was changed; try again in a moment.",
)
STORAGE = problem_kind(
    "cli.storage",
    zh="写不了数据文件夹：{said}",
    en="The data folder can't be written: {said}",
    do_zh="检查权限和剩余空间，或用 `--data` 换一个文件夹。",
    do_en="Check its permissions and the space left, or choose another with `--data`.",
)
PATH_UNFIT = problem_kind(
    "cli.path-unfit",
    zh="这个路径用不了：{said}",
    en="The path can't be used: {said}",
    do_zh="检查路径：要文件夹的地方不能是文件，上级文件夹要能写。",
    do_en="Check the path: where a folder is wanted there must be no file, and the folder above it"
    " must be writable.",
)
NO_DRIVER = problem_kind(
    "cli.no-driver",
    zh="没有安装 PostgreSQL 驱动。",
    en="The driver for PostgreSQL is not installed.",
    do_zh="用 `pip install 'dougong[postgres]'` 安装。",
    do_en="Install it with `pip install 'dougong[postgres]'`.",
)
BAD_PAIR = problem_kind(
    "cli.bad-pair",
    zh="读不懂“{pair}”。",
    en="“{pair}” can't be read.",
    do_zh="对应关系写成 字段=列名，例如 code=编码；批次写它的编号。",
    do_en="Write a mapping as field=column, for instance code=Code, and a batch as its number.",
)
RENAME_OUTSIDE = problem_kind(
    "cli.rename-outside",
    zh="{file} 也写着这个字段，却不在要改的范围里。",
    en="{file} names the field too, but is not among what is to be changed.",
    do_zh="先在那个模块的文件夹里改名（`--folder`）；改好以后这里再改一次，旧名新名都认得。",
    do_en="Rename it in that module's folder first (`--folder`), then here once more; by then both names are known.",
)
