"""What can be wrong with the code that comes with a module."""

from dougong.foundation.errors import problem_kind

NO_FILE = problem_kind(
    "hooks.no-file",
    zh="模块“{module}”声明了由代码实现的函数（{functions}），但没有 hooks.py",
    en="Module “{module}” declares functions written in code ({functions}), but has no hooks.py",
    do_zh="请在模块文件夹中加上 hooks.py，或把函数改为 formula:。",
    do_en="Put a hooks.py into the module's folder, or give the function a formula:.",
)
CANNOT_LOAD = problem_kind(
    "hooks.cannot-load",
    zh="{file} 无法加载：{why}",
    en="{file} can't be loaded: {why}",
    do_zh="请改正该处代码。",
    do_en="Correct the code there.",
)
FOREIGN_IMPORT = problem_kind(
    "hooks.foreign-import",
    zh="{file} 导入了“{name}”，模块代码只能使用 dougong.api",
    en="{file} imports “{name}”; code of a module may use dougong.api only",
    do_zh="请改用 dougong.api 提供的内容。",
    do_en="Use what dougong.api offers.",
)
NO_FUNCTION = problem_kind(
    "hooks.no-function",
    zh="{file} 中没有函数“{name}”",
    en="{file} has no function “{name}”",
    do_zh="请写上：{signature}",
    do_en="Write one: {signature}",
)
WRONG_SIGNATURE = problem_kind(
    "hooks.wrong-signature",
    zh="函数“{name}”的参数与声明不符：{found}",
    en="The arguments of “{name}” are not those declared: {found}",
    do_zh="应为：{signature}",
    do_en="They should be: {signature}",
)
