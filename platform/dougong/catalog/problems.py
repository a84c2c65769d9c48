"""Everything that can be wrong with metadata."""

from dougong.foundation.errors import problem_kind
from dougong.foundation.translate import Label

WHAT = {
    name: Label.of({"zh": zh, "en": en})
    for name, zh, en in (
        ("aspect", "切面", "aspect"), ("word", "数据字典的词", "word of the dictionary"),
        ("entity", "实体", "entity"), ("field", "字段", "field"), ("lines", "分录", "set of lines"),
        ("state", "状态", "state"), ("action", "动作", "action"), ("level", "字段级别", "field level"),
        ("sequence", "编码规则", "number rule"), ("function", "函数", "function"),
        ("form", "表单", "form"), ("list", "列表", "list"), ("role", "角色", "role"),
        ("setting", "参数", "setting"), ("part", "部分", "part"), ("option", "选项", "option"),
        ("record", "记录", "record"), ("module", "模块", "module"), ("plugin", "插件", "plugin"),
        ("text", "可翻译的文字", "text to translate"), ("guard", "数据隔离", "guard"),
        ("menu", "菜单", "menu"), ("after", "字段或部分", "field or part"),
    )
}  # fmt: skip
"""What is missing, said in words."""

# --- reading a file -----------------------------------------------------------------------------

TOO_LARGE = problem_kind(
    "catalog.too-large",
    zh="文件有 {size} 个字符，超过一百万。", en="The file has {size} characters, more than a million.",
    do_zh="请拆成多个文件。", do_en="Split it into several files.",
)  # fmt: skip
TAB = problem_kind(
    "catalog.tab",
    zh="文件中有制表符。", en="The file holds a tab.",
    do_zh="请改用空格。", do_en="Use spaces.",
)  # fmt: skip
BAD_CHARACTER = problem_kind(
    "catalog.bad-character",
    zh="文件中有不可用的字符 {character}。", en="The file holds the unusable character {character}.",
    do_zh="请另存为 UTF-8 文本并删去该字符。", do_en="Save it as UTF-8 text without this character.",
)  # fmt: skip
NOT_YAML = problem_kind(
    "catalog.not-yaml",
    zh="不是正确的 YAML：{said}。", en="This is not YAML: {said}.",
    do_zh="请检查缩进、引号与括号。", do_en="Check the indentation, quotes and brackets.",
)  # fmt: skip
COLON_CUT = problem_kind(
    "catalog.colon-cut",
    zh="此处的冒号被当作新的键。", en="The colon here would begin another key.",
    do_zh="请把含有“: ”的文本或公式放进双引号。", do_en="Quote the text or formula that holds “: ”.",
)  # fmt: skip
NOT_A_MAP = problem_kind(
    "catalog.not-a-map",
    zh="文件不是“键: 值”的形式，或是空文件。", en="The file is empty or not a map of keys.",
    do_zh="第一个键是种类，例如 entity: sales.order。", do_en="Begin with its kind, such as entity: sales.order.",
)  # fmt: skip
SECOND_DOCUMENT = problem_kind(
    "catalog.second-document",
    zh="一个文件只放一个对象，不用指令。", en="One file holds one object and no directives.",
    do_zh="请把第二份内容放到另一个文件。", do_en="Put the second document into a file of its own.",
)  # fmt: skip
TOO_DEEP = problem_kind(
    "catalog.too-deep",
    zh="嵌套超过 20 层。", en="The nesting is deeper than 20.",
    do_zh="请检查括号是否配对。", do_en="Check that the brackets match.",
)  # fmt: skip
ANCHOR = problem_kind(
    "catalog.anchor",
    zh="不可使用锚点或别名 {what}。", en="Anchors and aliases such as {what} are not used here.",
    do_zh="请直接写出内容，公用字段用 aspect 或 like。", do_en="Write it out; share fields by an aspect or `like`.",
)  # fmt: skip
TAG = problem_kind(
    "catalog.tag",
    zh="不可使用标签 {tag}。", en="Tags such as {tag} are not used here.",
    do_zh="请删去标签，或给文本加引号。", do_en="Take the tag out, or quote the text.",
)  # fmt: skip
SPECIAL_KEY = problem_kind(
    "catalog.special-key",
    zh="“{key}”会被一些程序读成真假值，不可作键。", en="Some programs read the key “{key}” as true or false.",
    do_zh="请换一个名字，选项则加引号写成 \"{key}\"。", do_en="Choose another name; for an option write \"{key}\".",
    page_zh='YAML 1.1 的程序把 on、off、yes、no、y、n 读成真假值，同一份文件在别处会变成另一份。',
    page_en='Programs that read YAML 1.1 take on, off, yes, no, y and n for true or false, so the same file would be another one elsewhere.',
)  # fmt: skip
DOUBLED_KEY = problem_kind(
    "catalog.doubled-key",
    zh="键“{key}”重复。", en="The key “{key}” stands here twice.",
    do_zh="请只留一个。", do_en="Keep one of them.",
)  # fmt: skip
COMPLEX_KEY = problem_kind(
    "catalog.complex-key",
    zh="键不是简单的文本。", en="The key is not a plain text.",
    do_zh="请检查花括号，含花括号的文本要加引号。", do_en="Check the braces; quote a text that begins with one.",
)  # fmt: skip
COMMA_CUT = problem_kind(
    "catalog.comma-cut",
    zh="“{key}”没有值：前面的文本在逗号处被切断。", en="“{key}” has no value: a comma cut the text before it.",
    do_zh="请给含逗号的公式加双引号。", do_en="Quote the formula that holds a comma.",
    page_zh='花括号中的逗号分隔两个键。公式含有逗号时要整体放进双引号：value: "f(a, b)"。',
    page_en='Inside braces a comma ends a value. A formula that holds one stands in double quotes: value: "f(a, b)".',
)  # fmt: skip
NO_VALUE = problem_kind(
    "catalog.no-value",
    zh="“{key}”没有值。", en="“{key}” has no value.",
    do_zh="请写上值，或删去这个键；空值写作 null。", do_en="Give it a value or take it out; write null for nothing.",
)  # fmt: skip

# --- the shape of a file ------------------------------------------------------------------------

UNKNOWN_KIND = problem_kind(
    "catalog.unknown-kind",
    zh="没有“{kind}”这种文件。", en="There is no kind of file called “{kind}”.",
    do_zh="第一个键须是种类：{kinds}。", do_en="The first key is the kind: {kinds}.",
)  # fmt: skip
KIND_FIRST = problem_kind(
    "catalog.kind-first",
    zh="第一个键应是“{kind}”。", en="The first key should be “{kind}”.",
    do_zh="请把“{kind}: …”移到文件开头。", do_en="Move “{kind}: …” to the top of the file.",
)  # fmt: skip
WRONG_PATH = problem_kind(
    "catalog.wrong-path",
    zh="{kind} {id} 应放在 {path}。", en="{kind} {id} belongs into {path}.",
    do_zh="请移动文件，或改正 id。", do_en="Move the file or correct the id.",
)  # fmt: skip
UNKNOWN_KEY = problem_kind(
    "catalog.unknown-key",
    zh="这里没有“{key}”这个键。", en="There is no key “{key}” here.",
    do_zh="可用的键：{keys}。", do_en="Known here: {keys}.",
)  # fmt: skip
MISSING_KEY = problem_kind(
    "catalog.missing-key",
    zh="缺少“{key}”。", en="“{key}” is missing.",
    do_zh="{meaning}", do_en="{meaning}",
)  # fmt: skip
WRONG_VALUE = problem_kind(
    "catalog.wrong-value",
    zh="“{key}”的值 {value} 不合要求。", en="The value {value} of “{key}” does not fit.",
    do_zh="含义：{wants}。例如：{example}", do_en="It means: {wants}. For example: {example}",
)  # fmt: skip
BAD_NAME = problem_kind(
    "catalog.bad-name",
    zh="“{key}”不能作名字。", en="“{key}” can't be a name.",
    do_zh="{rule}", do_en="{rule}",
)  # fmt: skip

DOUBLED_ITEM = problem_kind(
    "catalog.doubled-item",
    zh="“{key}”中的 {value} 重复。", en="{value} stands twice in “{key}”.",
    do_zh="请只留一个。", do_en="Keep one of them.",
)  # fmt: skip

# --- names and references -----------------------------------------------------------------------

DOUBLED_ID = problem_kind(
    "catalog.doubled-id",
    zh="{kind} {id} 已在 {other} 中声明。", en="{kind} {id} is declared in {other} already.",
    do_zh="请改用别的 id；要修改它，请写 extend。", do_en="Choose another id; to change it, write an extend file.",
)  # fmt: skip
FOREIGN_ID = problem_kind(
    "catalog.foreign-id",
    zh="{id} 不属于 {owner}：这里的 id 以“{prefix}.”开头。", en="{id} is not {owner}'s: ids here begin with “{prefix}.”.",
    do_zh="请改正 id；要修改别人的对象，请写 extend。", do_en="Correct the id; to change another's object, write an extend file.",
)  # fmt: skip
RESERVED_DOUBLE = problem_kind(
    "catalog.shipped-name",
    zh="“{key}”含有“__”，那是伙伴与租户的记号。", en="“{key}” holds “__”, the mark of partners and tenants.",
    do_zh="请用单个下划线。", do_en="Use one underscore.",
)  # fmt: skip
NEEDS_PREFIX = problem_kind(
    "catalog.needs-prefix",
    zh="加在别人对象上的“{key}”须以“{prefix}”开头。", en="“{key}”, added to another's object, must begin with “{prefix}”.",
    do_zh="请写作 {right}。", do_en="Write {right}.",
)  # fmt: skip
UNKNOWN_REFERENCE = problem_kind(
    "catalog.unknown-reference",
    zh="没有{what}“{name}”。", en="There is no {what} “{name}”.",
    do_zh="请核对名字，或确认所需模块已写入 needs。", do_en="Check the name, and that the module it is in stands in `needs`.",
    page_zh='名字按种类在已装的模块中查找。写错一个字母时，问题会给出最接近的名字；模块不在 needs 中时，它的名字不存在。',
    page_en='Names are looked up among the modules at hand. For a slip of the pen the nearest name is given; the names of a module that is not in `needs` do not exist.',
)  # fmt: skip
UNKNOWN_FIELD = problem_kind(
    "catalog.unknown-field",
    zh="{entity} 没有字段“{name}”。", en="{entity} has no field “{name}”.",
    do_zh="请核对字段名。", do_en="Check the name of the field.",
)  # fmt: skip
NOT_A_LINK = problem_kind(
    "catalog.not-a-link",
    zh="“{name}”不是关联字段，后面不能再接“{rest}”。", en="“{name}” is not a link, so “{rest}” can't follow it.",
    do_zh="请到“{name}”为止，或换一个关联字段。", do_en="Stop at “{name}”, or use a link.",
)  # fmt: skip
WRONG_FIELD_TYPE = problem_kind(
    "catalog.wrong-field-type",
    zh="“{name}”的类型是 {type}，这里需要 {wants}。", en="“{name}” is of type {type}; {wants} is needed here.",
    do_zh="请换一个字段。", do_en="Use another field.",
)  # fmt: skip
UNKNOWN_TYPE = problem_kind(
    "catalog.unknown-type",
    zh="没有字段类型“{type}”。", en="There is no field type “{type}”.",
    do_zh="可用的类型：{types}。", do_en="Known types: {types}.",
)  # fmt: skip
NEEDS_TYPE = problem_kind(
    "catalog.needs-type",
    zh="字段“{name}”没有类型。", en="The field “{name}” has no type.",
    do_zh="请写 type，或用 like 引用数据字典。", do_en="Write `type`, or `like` with a word of the dictionary.",
)  # fmt: skip
NEEDS_LABEL = problem_kind(
    "catalog.needs-label",
    zh="“{name}”没有名称。", en="“{name}” has no label.",
    do_zh="请写 label: {{zh: …, en: …}}。", do_en="Write label: {{zh: …, en: …}}.",
)  # fmt: skip
KEY_DOES_NOT_FIT = problem_kind(
    "catalog.key-does-not-fit",
    zh="类型 {type} 不用“{key}”。", en="“{key}” has no meaning for the type {type}.",
    do_zh="请删去它，或更换类型。", do_en="Take it out, or change the type.",
)  # fmt: skip
TYPE_NEEDS_KEY = problem_kind(
    "catalog.type-needs-key",
    zh="类型 {type} 须有“{key}”。", en="The type {type} needs “{key}”.",
    do_zh="请补上“{key}”。", do_en="Add “{key}”.",
)  # fmt: skip
RESERVED_NAME = problem_kind(
    "catalog.reserved-name",
    zh="“{name}”是{use}，不能作字段名。", en="“{name}” is {use} and can't be a field.",
    do_zh="请换一个名字。", do_en="Choose another name.",
)  # fmt: skip
TABLE_TAKEN = problem_kind(
    "catalog.table-taken",
    zh="{id} 的数据表会叫 {table}，那已是 {other} 的。", en="The table of {id} would be called {table}, which is {other}'s.",
    do_zh="给实体换一个名字。", do_en="Give the entity another name.",
)  # fmt: skip
NAME_TWICE = problem_kind(
    "catalog.name-twice",
    zh="“{name}”既是字段又是分录。", en="“{name}” is a field and a set of lines.",
    do_zh="请改其中一个的名字。", do_en="Rename one of them.",
)  # fmt: skip
CIRCLE = problem_kind(
    "catalog.circle",
    zh="循环依赖：{circle}。", en="These depend on each other in a circle: {circle}.",
    do_zh="请断开其中一处。", do_en="Break it in one place.",
)  # fmt: skip
NO_ONE_STATE = problem_kind(
    "catalog.start-state",
    zh="{entity} 须有且只有一个起始状态，现有 {count} 个。", en="{entity} needs exactly one start state and has {count}.",
    do_zh="请在一个状态上写 start: true。", do_en="Write start: true on one state.",
)  # fmt: skip
NEEDS_READS = problem_kind(
    "catalog.needs-reads",
    zh="{aspect} 要求表头有字段“{name}”。", en="{aspect} needs the header to have a field “{name}”.",
    do_zh="请在表头声明它。", do_en="Declare it on the header.",
)  # fmt: skip
DATA_VALUE = problem_kind(
    "catalog.data-value",
    zh="“{name}”的值 {value} 不合类型 {type}。", en="The value {value} of “{name}” does not fit the type {type}.",
    do_zh="请改正数据。", do_en="Correct the data.",
)  # fmt: skip

# --- layers -------------------------------------------------------------------------------------

NOTHING_TO_EXTEND = problem_kind(
    "catalog.nothing-to-extend",
    zh="没有可修改的{kind}“{id}”。", en="There is no {kind} “{id}” to extend.",
    do_zh="请核对 id 与所需模块。", do_en="Check the id and the modules in use.",
)  # fmt: skip
CONFLICT = problem_kind(
    "catalog.override-conflict",
    zh="{id} 的 {path} 已不同于修改时：当时是 {was}，现在是 {now}，改成了 {to}。", en="{path} of {id} is no longer what this change replaced: it was {was}, is now {now}; the change says {to}.",
    do_zh="保留修改就把 was 写成 {now}；接受新值就删去这一项。",
    do_en="To keep the change, write was: {now}; to take the new value, take the change out.",
    status=409,
    page_zh='修改层记住了它替换的值（was）。升级后基层的值若既不是 was，也不是修改后的值，就要由人决定：平台绝不悄悄丢掉任何一方。',
    page_en='A change remembers what it replaced (`was`). When the base now says neither that nor what the change says, a person decides; neither side is ever lost silently.',
)  # fmt: skip
NEEDS_WAS = problem_kind(
    "catalog.needs-was",
    zh="改动 {path} 没有写 was。", en="The change of {path} does not say what it replaces.",
    do_zh="请补上 was: {now}。", do_en="Add was: {now}.",
)  # fmt: skip
LOOSENS = problem_kind(
    "catalog.loosens",
    zh="{path} 从 {was} 改为 {to} 是放宽，{id} 未开放它。", en="Changing {path} from {was} to {to} loosens what {id} does not open.",
    do_zh="修改层只能收紧；须由 {id} 写 opens: [{path}]。", do_en="Overlays tighten; {id} itself must say opens: [{path}].",
    page_zh='修改层可以增加和收紧：加字段、设为必填、加检查。放宽（取消必填、放开编辑、改规则）须由基层写在 opens 中，因为基层的代码与报表可能依赖它。',
    page_en='An overlay may add and tighten: new fields, required, a check. To loosen (not required, editable, another rule) the base must open it, for its own rules and reports may rely on it.',
)  # fmt: skip
ADDS_EXISTING = problem_kind(
    "catalog.adds-existing",
    zh="{id} 已有 {path}。", en="{id} has {path} already.",
    do_zh="要改它，请写 set: {{{path}.…: {{to: …, was: …}}}}。", do_en="To change it, write set: {{{path}.…: {{to: …, was: …}}}}.",
)  # fmt: skip
NO_PLACE = problem_kind(
    "catalog.no-place",
    zh="{id} 没有可放置之处“{path}”。", en="{id} has no place “{path}”.",
    do_zh="可用：{places}。", do_en="There are: {places}.",
)  # fmt: skip
ONE_BODY = problem_kind(
    "catalog.one-body",
    zh="函数 {id} 须有 formula 或 code: true，二者之一。", en="The function {id} needs `formula` or `code: true`, one of the two.",
    do_zh="请留下一个。", do_en="Keep one.",
)  # fmt: skip
NO_CODE = problem_kind(
    "catalog.tenant-code",
    zh="租户层不可有代码函数 {id}。", en="A tenant can't declare the code function {id}.",
    do_zh="请写 formula，或做成插件。", do_en="Write a formula, or make a plugin of it.",
)  # fmt: skip
UNKNOWN_MODULE = problem_kind(
    "catalog.unknown-module",
    zh="没有模块“{id}”（{by} 需要它）。", en="There is no module “{id}”, which {by} needs.",
    do_zh="可用的模块：{modules}。", do_en="There are: {modules}.",
)  # fmt: skip
NOT_NEEDED = problem_kind(
    "catalog.not-in-needs",
    zh="{by} 引用了 {name}，却没有写明需要模块 {module}。", en="{by} names {name} but does not say that it needs {module}.",
    do_zh="请在 {by} 的 needs 中加上 {module}。", do_en="Add {module} to the `needs` of {by}.",
    page_zh="没有写明的模块可能没有安装：引用它的模块就装不上。平台 base 总是在的。",
    page_en="A module that is not named may not be installed, and then the one that names it can't be. The platform, base, is always there.",
)  # fmt: skip
WRONG_VERSION = problem_kind(
    "catalog.wrong-version",
    zh="{by} 需要 {id} {wants}，现有 {has}。", en="{by} needs {id} {wants}, but it is {has}.",
    do_zh="请换用合适的版本。", do_en="Use a version that fits.",
)  # fmt: skip
WRONG_LANGUAGE = problem_kind(
    "catalog.wrong-language",
    zh="{id} 用语言版本 {language} 写成，这里是 1。", en="{id} is written in language version {language}; this is 1.",
    do_zh="请升级平台。", do_en="Upgrade the platform.",
)  # fmt: skip
NO_HEAD_FILE = problem_kind(
    "catalog.no-head-file",
    zh="{folder} 中没有 {file}。", en="{folder} has no {file}.",
    do_zh="请加上它。", do_en="Add it.",
)  # fmt: skip
RETIRED_USED = problem_kind(
    "catalog.retired-used",
    zh="“{name}”已停用（{since}）。", en="“{name}” is retired ({since}).",
    do_zh="请改用新的字段。", do_en="Use its successor.",
)  # fmt: skip
NAME_TAKEN = problem_kind(
    "catalog.name-taken",
    zh="{home} 已有名为“{name}”的字段或分录。", en="{home} has a field or lines called “{name}” already.",
    do_zh="换一个名字。", do_en="Choose another name.",
)  # fmt: skip
DECLARED_ELSEWHERE = problem_kind(
    "catalog.declared-elsewhere",
    zh="{home} 的字段“{name}”不在它自己的文件里声明。", en="The field “{name}” of {home} is not declared in its own file.",
    do_zh="请在声明它的切面上改名：那样使用它的都会跟着改。", do_en="Rename it of the aspect that declares it; all that use it will follow.",
)  # fmt: skip
OLD_NAME = problem_kind(
    "catalog.old-name",
    zh="“{name}”已改名为“{new}”。", en="“{name}” has been renamed to “{new}”.",
    do_zh="请写新名字。", do_en="Write the new name.",
)  # fmt: skip
