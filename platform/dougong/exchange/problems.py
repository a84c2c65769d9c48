"""What can be wrong with a file that comes in or goes out."""

from dougong.foundation.errors import problem_kind

NOT_A_TABLE = problem_kind(
    "exchange.not-a-table",
    zh="读不出表格：{why}",
    en="This is no table that can be read: {why}",
    do_zh="请用 CSV（UTF-8 或 GB18030）或 XLSX 保存后再试。",
    do_en="Save it as CSV (UTF-8 or GB18030) or XLSX and try again.",
)
TOO_LARGE = problem_kind(
    "exchange.too-large",
    zh="文件过大：{what}，上限为 {limit}",
    en="The file is too large: {what}; the limit is {limit}",
    do_zh="请拆成几个文件分别导入。",
    do_en="Split it into several files.",
    status=413,
)
NO_HEADINGS = problem_kind(
    "exchange.no-headings",
    zh="找不到标题行",
    en="No row of headings was found",
    do_zh="第一行应为列名，例如“编码, 名称”。",
    do_en="The first row should name the columns, for instance “Code, Name”.",
)
EXTRA_MISSING = problem_kind(
    "exchange.extra-missing",
    zh="服务器未安装表格组件，无法处理 Excel 文件",
    en="The server has no spreadsheet component, so Excel files can't be handled",
    do_zh="请改用 CSV，或请管理员安装 dougong[excel]。",
    do_en="Use CSV, or ask the administrator to install dougong[excel].",
    status=501,
)
NO_SHEET = problem_kind(
    "exchange.no-sheet",
    zh="工作簿里没有名为“{sheet}”的工作表",
    en="The workbook has no sheet “{sheet}”",
    do_zh="现有工作表：{sheets}。",
    do_en="Its sheets are {sheets}.",
)
NO_COLUMN = problem_kind(
    "exchange.no-column",
    zh="文件中没有列“{column}”",
    en="The file has no column “{column}”",
    do_zh="请改正对应关系，或在文件中补上该列。",
    do_en="Correct the mapping, or add the column to the file.",
)
NO_FIELD = problem_kind(
    "exchange.no-field",
    zh="“{entity}”没有可导入的字段“{field}”",
    en="“{entity}” has no field “{field}” that can be imported",
    do_zh="请从字段列表中选择。",
    do_en="Choose one from the list of fields.",
)
TWO_COLUMNS = problem_kind(
    "exchange.two-columns",
    zh="字段“{field}”对应了两列：{columns}",
    en="Field “{field}” is filled by two columns: {columns}",
    do_zh="只保留其中一列。",
    do_en="Keep one of them.",
)
NOTHING_MAPPED = problem_kind(
    "exchange.nothing-mapped",
    zh="没有任何列能对应到“{entity}”的字段",
    en="No column could be matched to a field of “{entity}”",
    do_zh="请指定对应关系，或下载模板照着填写。",
    do_en="Say which column fills which field, or start from the template.",
)
BAD_CELL = problem_kind(
    "exchange.bad-cell",
    zh="“{column}”的值“{value}”不是{kind}",
    en="“{column}”: “{value}” is not {kind}",
    do_zh="请改正后再导入。",
    do_en="Correct it and import again.",
)
AMBIGUOUS_DATE = problem_kind(
    "exchange.ambiguous-date",
    zh="列“{column}”中的日期“{value}”有两种读法",
    en="Dates such as “{value}” in “{column}” can be read in two ways",
    do_zh="请在对应关系中写明格式，例如 dd/MM/yyyy。",
    do_en="Say the format in the mapping, for instance dd/MM/yyyy.",
)
NO_TARGET = problem_kind(
    "exchange.no-target",
    zh="“{column}”：找不到 {by} 为“{value}”的“{entity}”",
    en="“{column}”: there is no “{entity}” whose {by} is “{value}”",
    do_zh="请先建立它，或改正编码。",
    do_en="Create it first, or correct the code.",
)
MANY_TARGETS = problem_kind(
    "exchange.many-targets",
    zh="“{column}”：有多个“{entity}”的 {by} 为“{value}”",
    en="“{column}”: several “{entity}” have {by} “{value}”",
    do_zh="请改用唯一的编码。",
    do_en="Use a code that is unique.",
)
RAGGED = problem_kind(
    "exchange.ragged-row",
    zh="比标题行多 {more} 格：{cells}",
    en="{more} cells more than there are headings: {cells}",
    do_zh="请检查该行是否多了分隔符。",
    do_en="Look for a stray separator in that row.",
)
ORPHAN_LINES = problem_kind(
    "exchange.orphan-lines",
    zh="“{file}”第 {row} 行没有对应的单据（{value}）",
    en="Row {row} of “{file}” belongs to no document ({value})",
    do_zh="请检查两个文件的关联列。",
    do_en="Check the columns that join the two files.",
)
FILE_MISSING = problem_kind(
    "exchange.file-missing",
    zh="缺少文件“{file}”",
    en="File “{file}” is missing",
    do_zh="请把它与主文件一起给出。",
    do_en="Give it together with the main file.",
)
NO_BATCH = problem_kind(
    "exchange.no-batch",
    zh="没有这一批导入",
    en="There is no such import",
    do_zh="请在导入记录中选择。",
    do_en="Choose one from the list of imports.",
    status=404,
)
ALREADY_UNDONE = problem_kind(
    "exchange.already-undone",
    zh="这一批导入已经撤销",
    en="This import was undone already",
    do_zh="无需再做。",
    do_en="There is nothing left to do.",
    status=409,
)
CHANGED_SINCE = problem_kind(
    "exchange.changed-since",
    zh="导入之后，{who} 修改过“{title}”，未撤销",
    en="{who} changed “{title}” after the import; it was left as it is",
    do_zh="如仍要撤销，请手工修改该记录。",
    do_en="Change that record by hand if it should go too.",
)
NO_KEY = problem_kind(
    "exchange.no-key",
    zh="“{entity}”没有业务主键，导入时也没有指定",
    en="“{entity}” has no business key and the import names none",
    do_zh="请在对应关系中写明 key，例如 key: [code]。",
    do_en="Name one in the mapping, for instance key: [code].",
)
