"""dougong pull, push: a tenant's own configuration as a folder under version control."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dougong.cli.console import DONE, Command, Console
from dougong.cli.open import opened_registry, whoever
from dougong.cli.problems import NO_FOLDER
from dougong.foundation.errors import refuse
from dougong.tenants import configuration, install
from dougong.tenants.setup import setup_context


def _pull_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument("folder", help=text("写到哪个文件夹", "the folder to write"))


def _pull(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry, registry.open(options.tenant).begun(write=False) as (
        connection, _, _stamps,
    ):  # fmt: skip
        files = configuration.read_layer(connection)
    written = configuration.pull(files, Path(options.folder))
    console.answer({"files": [str(path) for path in written]})
    console.say(
        f"已取回 {len(written)} 个文件到 {options.folder}",
        f"pulled {len(written)} files to {options.folder}",
    )
    return DONE


def _push_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument("folder", help=text("哪个文件夹", "the folder to read"))
    parser.add_argument(
        "--why", default="push", help=text("为什么，记入版本", "why, for the versions")
    )


def _push(options: Namespace, console: Console) -> int:
    try:
        files = configuration.read_files(Path(options.folder))
    except NotADirectoryError as wrong:
        raise refuse(NO_FOLDER, folder=options.folder) from wrong
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        install.check_layer(opened, files)
        context = setup_context(
            opened.name, console.now(), language=opened.language, login=whoever(), door="command"
        )
        moved = opened.run(
            context,
            lambda work: configuration.replace_all(work, files, why=options.why),
            write=True,
        )
    console.answer({"changed": moved})
    console.say(f"{len(moved)} 个文件有变化", f"{len(moved)} files changed")
    for path in moved:
        console.say(f"  {path}", f"  {path}")
    if moved:
        console.say(f"接着：dougong plan {options.tenant}", f"Next: dougong plan {options.tenant}")
    return DONE


COMMANDS = {
    "pull": Command(_pull_arguments, _pull),
    "push": Command(_push_arguments, _push),
}
