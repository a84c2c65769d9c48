"""dougong check, explain, fmt, show: metadata looked at before anything runs."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import dougong
from dougong.catalog.assemble import assemble
from dougong.catalog.canonical import fmt
from dougong.catalog.check import check
from dougong.catalog.layers import show
from dougong.catalog.shipped_sets import sets_for, sets_in
from dougong.catalog.source import SourceSet
from dougong.cli.console import DONE, REFUSED, Command, Console
from dougong.cli.problems import NO_FOLDER, UNKNOWN_CODE
from dougong.foundation.errors import Problem, ProblemKind, Refused, refuse

REMEMBERED_IN = Path(".dougong")
"""Where a check keeps what it found, so that the next one looks only at what has changed."""


def _check_arguments(parser: ArgumentParser, console: Console) -> None:
    _folders(parser, console)


def _folders(parser: ArgumentParser, console: Console) -> None:
    parser.add_argument(
        "folders", nargs="*", default=["."],
        help=console.text("模块、插件或租户的文件夹（默认当前文件夹）", "folders of modules, plugins or tenants (default: this one)"),
    )  # fmt: skip


def _check(options: Namespace, console: Console) -> int:
    groups = groups_in(options.folders)
    problems: dict[tuple[str, str], Problem] = {}
    for group in groups:
        for problem in check(group, REMEMBERED_IN).problems:
            problems.setdefault((problem.code, str(problem)), problem)
    stops = sum(problem.level == "stop" for problem in problems.values())
    if problems or console.json:
        console.problems(tuple(problems.values()))
    files = sum(len(each.files) for each in _distinct(groups))
    console.say(
        f"{files} 个文件，{stops} 个错误，{len(problems) - stops} 个提醒",
        f"{files} files, {stops} errors, {len(problems) - stops} warnings",
    )
    return REFUSED if stops else DONE


def groups_in(folders: Sequence[str]) -> list[tuple[SourceSet, ...]]:
    """Return the sets to assemble together: all modules at once, each tenant with what it needs."""
    found: list[SourceSet] = []
    for folder in folders:
        if not Path(folder).is_dir():
            raise refuse(NO_FOLDER, folder=folder)
        found += sets_in(folder)
    if not found and folders != ["."]:
        raise refuse(NO_FOLDER, folder=", ".join(folders))
    together = [each for each in found if each.layer != "tenant"]
    tenants = [each for each in found if each.layer == "tenant"]
    groups = [sets_for((), together)] if together or not tenants else []
    return groups + [sets_for((), (*together, each)) for each in tenants]


def _distinct(groups: Sequence[Sequence[SourceSet]]) -> list[SourceSet]:
    found = {(each.layer, each.id): each for group in groups for each in group}
    return list(found.values())


def _explain_arguments(parser: ArgumentParser, console: Console) -> None:
    parser.add_argument(
        "code", nargs="?",
        help=console.text("问题代码；不写则列出全部", "the code of a problem; without it all are listed"),
    )  # fmt: skip


def _explain(options: Namespace, console: Console) -> int:
    kinds = all_kinds()
    language = console.language
    if options.code is None:
        console.answer(
            [{"code": kind.code, "reason": kind.reason.say(language)} for kind in kinds.values()]
        )
        for kind in kinds.values():
            console.say(
                f"{kind.code}  {kind.reason.say('zh')}", f"{kind.code}  {kind.reason.say('en')}"
            )
        return DONE
    if options.code not in kinds:
        near = get_close_matches(options.code, kinds, 1)
        raise refuse(UNKNOWN_CODE, nearest=near[0] if near else "", code=options.code)
    kind = kinds[options.code]
    told = {
        "code": kind.code,
        "reason": _raw(kind.reason.say(language)),
        "hint": _raw(kind.hint.say(language)),
        "page": _raw(kind.page.say(language)),
    }
    console.answer({**told, "status": kind.status})
    for text in told.values():
        if text:
            console.say(text, text)
    return DONE


def _raw(text: str) -> str:
    """Write a sentence as it is declared; a doubled brace stands for one."""
    return text.replace("{{", "{").replace("}}", "}")


def all_kinds() -> dict[str, ProblemKind]:
    """Return every problem of every room, by code."""
    found: dict[str, ProblemKind] = {}
    for room in iter_modules(dougong.__path__):
        if not room.ispkg:
            continue
        package = import_module(f"dougong.{room.name}")
        if any(each.name == "problems" for each in iter_modules(package.__path__)):
            module = import_module(f"dougong.{room.name}.problems")
            kinds = (each for each in vars(module).values() if isinstance(each, ProblemKind))
            found.update({kind.code: kind for kind in kinds})
    return dict(sorted(found.items()))


def _fmt_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("paths", nargs="+", help=text("文件或文件夹", "files or folders"))
    parser.add_argument(
        "--check",
        action="store_true",
        help=text("只说哪些不规范，不改", "only say which differ; change nothing"),
    )


def _fmt(options: Namespace, console: Console) -> int:
    moved: list[str] = []
    problems: list[Problem] = []
    for file in _yaml_files(options.paths):
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            formed = fmt(text, str(file))
        except Refused as refused:
            problems += refused.problems
            continue
        if formed != text:
            moved.append(str(file))
            if not options.check:
                file.write_text(formed, encoding="utf-8")
    if problems:
        console.problems(problems)
        return REFUSED
    console.answer({"files": moved})
    for name in moved:
        console.say(name, name)
    return REFUSED if moved and options.check else DONE


def _yaml_files(paths: Sequence[str]) -> Iterator[Path]:
    for name in paths:
        path = Path(name)
        if path.is_dir():
            yield from sorted(path.rglob("*.yaml"))
        elif path.is_file():
            yield path
        else:
            raise refuse(NO_FOLDER, folder=name)


def _show_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument(
        "entity", help=text("实体，如 sales.order", "an entity such as sales.order")
    )
    parser.add_argument(
        "--layers",
        action="store_true",
        help=text("每个值来自哪一层、哪个文件", "which layer and file each value comes from"),
    )
    parser.add_argument(
        "--in", dest="folders", action="append", default=[], metavar="DIR",
        help=text("连同这个文件夹（插件、租户）", "with this folder too (a plugin, a tenant)"),
    )  # fmt: skip


def _show(options: Namespace, console: Console) -> int:
    module = options.entity.partition(".")[0]
    extra = [each for folder in options.folders for each in sets_in(folder)]
    assembled = assemble(sets_for((module,), extra))
    text = show(assembled, options.entity, language=console.language).rstrip("\n")
    if not options.layers:
        text = "\n".join(line.rsplit("  ", 2)[0].rstrip() for line in text.splitlines())
    console.answer({"entity": options.entity, "text": text})
    console.say(text, text)
    return DONE


COMMANDS = {
    "check": Command(_check_arguments, _check),
    "explain": Command(_explain_arguments, _explain),
    "fmt": Command(_fmt_arguments, _fmt),
    "show": Command(_show_arguments, _show),
}
