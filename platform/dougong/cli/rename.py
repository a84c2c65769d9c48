"""dougong rename: a field gets a new name, in its declaration and wherever it is named."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dougong.catalog.rename import Changed
from dougong.catalog.renaming import has_field, rename
from dougong.catalog.source import SourceSet
from dougong.cli.check import groups_in
from dougong.cli.console import DONE, Command, Console
from dougong.cli.open import opened_registry, whoever
from dougong.cli.problems import RENAME_OUTSIDE
from dougong.foundation.errors import Place, Problem, Refused
from dougong.tenants import configuration, install
from dougong.tenants.setup import setup_context


def _arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument(
        "entity",
        help=text(
            "实体、分录或切面，如 sales.order、sales.order.items",
            "the entity, lines or aspect, such as sales.order or sales.order.items",
        ),
    )
    parser.add_argument("old", help=text("现在的名字", "the name it has"))
    parser.add_argument("new", help=text("新名字", "the name it gets"))
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--folder",
        default=".",
        help=text(
            "改哪个文件夹里的文件（默认当前文件夹）",
            "the folder whose files are rewritten (default: this one)",
        ),
    )
    where.add_argument(
        "--tenant",
        help=text(
            "改这个租户自己的配置，而不是文件夹",
            "rewrite this tenant's own configuration instead of a folder",
        ),
    )


def _run(options: Namespace, console: Console) -> int:
    return _in_tenant(options, console) if options.tenant else _in_folder(options, console)


def _in_folder(options: Namespace, console: Console) -> int:
    """Rewrite the files of a folder: modules and plugins together, each tenant with what it needs."""
    groups = groups_in([options.folder])
    names = (options.old, options.new)
    homes = [group for group in groups if has_field(group, options.entity, *names)]
    changed: dict[Path, Changed] = {}
    for group in homes or groups[:1]:
        for each in rename(group, options.entity, options.old, options.new):
            changed[Path(each.file.name).resolve()] = each
    root = Path(options.folder).resolve()
    _demand_inside(each for path, each in changed.items() if not path.is_relative_to(root))
    for path, each in changed.items():
        path.write_text(each.text, encoding="utf-8")
    files = [each.file.name for each in changed.values()]
    code = list(_in_code(homes, root, options.old))
    console.answer({"files": files, "code": code})
    _tell(files, console)
    for place in code:
        console.say(
            f"{place}: 代码里也写着 {options.old}，请自己看一眼。",
            f"{place}: the code says {options.old} too; look at it yourself.",
        )
    if files:
        console.say(
            f"接着：dougong check {options.folder}", f"Next: dougong check {options.folder}"
        )
    return DONE


def _in_tenant(options: Namespace, console: Console) -> int:
    """Rewrite the files of a tenant's own layer, as new versions of them."""
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        found = rename(install.sources_today(opened), options.entity, options.old, options.new)
        _demand_inside(each for each in found if each.file.layer != "tenant")
        why = f"rename {options.entity}.{options.old}: {options.new}"
        context = setup_context(
            opened.name, console.now(), language=opened.language, login=whoever(), door="command"
        )
        opened.run(
            context,
            lambda work: [
                configuration.put(work, each.file.path, each.text, why=why) for each in found
            ],
            write=True,
        )
    names = [each.file.path for each in found]
    console.answer({"files": names})
    _tell(names, console)
    if names:
        console.say(f"接着：dougong plan {opened.name}", f"Next: dougong plan {opened.name}")
    return DONE


def _tell(names: Sequence[str], console: Console) -> None:
    console.say(f"改写了 {len(names)} 个文件", f"{len(names)} files rewritten")
    for name in names:
        console.say(f"  {name}", f"  {name}")


def _demand_inside(outside: Iterable[Changed]) -> None:
    """Refuse when files would have to change that are not ours to write; nothing has changed yet."""
    problems = [
        Problem(RENAME_OUTSIDE, Place(each.file.name), {"file": each.file.name}) for each in outside
    ]
    if problems:
        raise Refused(problems)


def _in_code(groups: Iterable[Sequence[SourceSet]], root: Path, old: str) -> Iterator[str]:
    """Walk the lines of code beside the metadata that hold the old name as a word."""
    word = re.compile(rf"\b{re.escape(old)}\b")
    files = {Path(each.folder, "hooks.py") for group in groups for each in group if each.folder}
    for file in sorted(files):
        if file.is_file() and file.resolve().is_relative_to(root):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if word.search(line):
                    yield f"{file}:{number}"


COMMANDS = {"rename": Command(_arguments, _run)}
