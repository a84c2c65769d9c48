"""The commands and their help."""

import os
import sys
from argparse import SUPPRESS, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from dougong import __version__
from dougong.cli.console import DONE, INTERRUPTED, REFUSED, WRONG_USE, Command, Console
from dougong.cli.trouble import met
from dougong.foundation.errors import Refused
from dougong.foundation.settings import Settings, read_settings
from dougong.foundation.translate import Label


@dataclass(frozen=True, slots=True)
class Entry:
    """A command in the help: its name, the file of this room that holds it, one sentence."""

    name: str
    file: str
    zh: str
    en: str


GROUPS: tuple[tuple[Label, tuple[Entry, ...]], ...] = (
    (
        Label.of({"zh": "先看看", "en": "Try it"}),
        (
            Entry(
                "demo",
                "demo",
                "带演示数据的两个租户，开箱即用",
                "Two tenants with demo data, running at once",
            ),
            Entry("serve", "run", "启动服务", "Run the server"),
            Entry("work", "run", "只运行后台任务", "Run background jobs only"),
        ),
    ),
    (
        Label.of({"zh": "写元数据", "en": "Write metadata"}),
        (
            Entry(
                "new",
                "scaffold",
                "新建模块或实体：能运行的最小样子",
                "Start a module or an entity: the least that runs",
            ),
            Entry(
                "check",
                "check",
                "检查元数据，一次说清所有问题",
                "Check metadata; every problem at once",
            ),
            Entry("explain", "check", "解释一个问题代码", "Explain the code of a problem"),
            Entry("fmt", "check", "整理成规范格式", "Bring files into the canonical form"),
            Entry(
                "show",
                "check",
                "看一个实体，以及每个值来自哪一层",
                "Show an entity, and which layer each value comes from",
            ),
            Entry(
                "rename",
                "rename",
                "给字段改名，数据与所有提到它的地方一起改",
                "Rename a field, with its data and wherever it is named",
            ),
            Entry("test", "test", "运行业务场景测试", "Run scenarios"),
        ),
    ),
    (
        Label.of({"zh": "改动租户", "en": "Change a tenant"}),
        (
            Entry(
                "plan",
                "change",
                "列出将要发生的改变，不动数据库",
                "Say what would change; touches nothing",
            ),
            Entry("apply", "change", "照计划执行", "Carry out exactly the plan"),
            Entry("rollback", "change", "退回上一次变更之前", "Go back to before the last change"),
            Entry(
                "pull",
                "layer",
                "把租户的配置取到文件夹",
                "Copy a tenant's configuration to a folder",
            ),
            Entry(
                "push",
                "layer",
                "把文件夹送回租户的配置",
                "Copy a folder to a tenant's configuration",
            ),
            Entry("module", "tenant", "安装或移除模块", "Add or remove a module"),
        ),
    ),
    (
        Label.of({"zh": "租户与用户", "en": "Tenants and people"}),
        (
            Entry(
                "tenant",
                "tenant",
                "创建、列出、复制、删除、导出、导入租户",
                "Create, list, copy, remove, export, import tenants",
            ),
            Entry("user", "people", "添加用户、重设密码", "Add a user, set a password"),
            Entry("token", "people", "API 令牌", "Tokens for the API"),
            Entry("why", "people", "为什么能看、能做，或者不能", "Why someone may or may not"),
            Entry(
                "verify", "verify", "核对数据与操作日志", "Check the records against their trail"
            ),
        ),
    ),
    (
        Label.of({"zh": "文件", "en": "Files"}),
        (
            Entry("import", "files", "导入 CSV 或 Excel", "Import CSV or Excel"),
            Entry("export", "files", "导出 CSV 或 Excel", "Export CSV or Excel"),
        ),
    ),
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str], console: Console | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused, 2 wrong use."""
    given = list(arguments)
    try:
        settings = read_settings()
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USE
    console = console or Console(settings, settings.language)
    early, rest = _front(console).parse_known_args(given)
    console = replace(console, language=early.lang or console.language)
    command = rest[0] if rest else ""
    if early.version:
        console.say(f"dougong {__version__}", f"dougong {__version__}")
        return DONE
    if command in ("", "-h", "--help", "help") and len(rest) <= 1:
        print(_help(console.language), file=console.out)
        return DONE if command else WRONG_USE
    entry = next(
        (entry for _, entries in GROUPS for entry in entries if entry.name == command), None
    )
    if entry is None:
        _unknown(console, command)
        return WRONG_USE
    return _run(entry, rest[1:], console)


def _run(entry: Entry, given: Sequence[str], console: Console) -> int:
    """Read the arguments of one command, run it, and meet what goes wrong."""
    command: Command = import_module(f"dougong.cli.{entry.file}").COMMANDS[entry.name]
    parser = _Parser(
        prog=f"dougong {entry.name}",
        description=entry.zh if console.language == "zh" else entry.en,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
        language=console.language,
    )
    command.arguments(parser, console)
    for action in _every(parser):
        _common(action)
    try:
        options = parser.parse_args(list(given))
    except SystemExit as leaving:
        return int(leaving.code or 0)
    console = replace(
        console,
        settings=_settings(console.settings, options.data_folder, options.database_url),
        language=options.lang or console.language,
        json=options.json,
    )
    try:
        return command.run(options, console)
    except Refused as refused:
        console.problems(refused.problems, **refused.extra)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _unheard()
    except Exception as failure:
        known = met(failure)
        if known is None:
            raise
        console.problems(known.problems)
        return REFUSED


def _unheard() -> int:
    """Whoever read our output has left (`| head`); let nothing complain when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _settings(settings: Settings, data: str | None, database_url: str | None) -> Settings:
    if data is not None:
        settings = replace(settings, data=Path(data))
    if database_url is not None:
        settings = replace(settings, database_url=database_url)
    return settings


def _every(parser: ArgumentParser) -> list[ArgumentParser]:
    """Return the parsers that end a command: itself, or those of its sub-commands."""
    below = [
        inner
        for action in parser._actions  # noqa: SLF001 -- argparse gives no other way to walk them
        if isinstance(action.choices, dict)
        for inner in action.choices.values()
        if isinstance(inner, ArgumentParser)
    ]
    return [end for inner in below for end in _every(inner)] or [parser]


def _common(parser: ArgumentParser) -> None:
    """Add the options every command has."""
    zh = isinstance(parser, _Parser) and parser.language == "zh"
    group = parser.add_argument_group("各命令通用" if zh else "every command has")
    group.add_argument(
        "--data", dest="data_folder", metavar="DIR", help="数据文件夹" if zh else "the data folder"
    )
    group.add_argument(
        "--database-url",
        metavar="URL",
        help="postgresql:// 地址；不写则用 SQLite"
        if zh
        else "a postgresql:// address; SQLite without it",
    )
    group.add_argument(
        "--lang", choices=("zh", "en"), help="说哪种语言" if zh else "the language to speak"
    )
    group.add_argument(
        "--json",
        action="store_true",
        help="给程序读的输出" if zh else "answer in JSON, for programs",
    )


class _Parser(ArgumentParser):
    """An argument parser that speaks the reader's language and points to the help."""

    def __init__(self, *, language: str = "en", **options: object) -> None:
        super().__init__(**options, add_help=False)  # type: ignore[arg-type]
        self.language = language
        zh = language == "zh"
        self._positionals.title = "参数" if zh else "arguments"
        self._optionals.title = "选项" if zh else "options"
        self.add_argument(
            "-h", "--help", action="help", help="显示这份说明" if zh else "show this help"
        )

    def format_usage(self) -> str:
        """Return the line that shows how the command is written."""
        return self._said(super().format_usage())

    def format_help(self) -> str:
        """Return the whole help."""
        return self._said(super().format_help())

    def _said(self, text: str) -> str:
        return text.replace("usage: ", "用法：", 1) if self.language == "zh" else text

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments and leave with 2."""
        self.print_usage(sys.stderr)
        more = "更多说明：" if self.language == "zh" else "More: "
        self.exit(WRONG_USE, f"{self.prog}: {message}\n{more}{self.prog} --help\n")


def _front(console: Console) -> ArgumentParser:
    """Read what may stand before the command: `dougong --lang zh check`."""
    front = ArgumentParser(add_help=False, allow_abbrev=False, prog="dougong")
    front.add_argument("--lang", choices=("zh", "en"), default=None, help=SUPPRESS)
    front.add_argument("--version", action="store_true", help=SUPPRESS)
    return front


def _help(language: str) -> str:
    """Write the page of `dougong --help`."""
    zh = language == "zh"
    width = max(len(entry.name) for _, entries in GROUPS for entry in entries)
    lines = [
        "dougong：用 YAML 说清一门生意，得到数据表、界面与接口。"
        if zh
        else "dougong: declare a business in YAML; run it as tables, screens and APIs.",
        "",
        "用法：dougong 命令 [参数]" if zh else "usage: dougong COMMAND [arguments]",
    ]
    for label, entries in GROUPS:
        lines += ["", label.say(language)]
        lines += [f"  {entry.name:<{width}}  {entry.zh if zh else entry.en}" for entry in entries]
    lines += [
        "",
        "每个命令的说明：dougong 命令 --help"
        if zh
        else "More on a command: dougong COMMAND --help",
        "头五分钟：dougong demo" if zh else "The first five minutes: dougong demo",
    ]
    return "\n".join(lines)


def _unknown(console: Console, command: str) -> None:
    """Say that there is no such command, and which comes nearest."""
    from difflib import get_close_matches  # noqa: PLC0415 -- only wrong commands need it

    names = [entry.name for _, entries in GROUPS for entry in entries]
    near = get_close_matches(command, names, 1)
    zh, en = f"没有命令“{command}”。", f"There is no command “{command}”."
    if near:
        zh, en = f"{zh}是否想写“{near[0]}”？", f"{en} Did you mean “{near[0]}”?"
    console.note(f"{zh}全部命令：dougong --help", f"{en} All commands: dougong --help")
