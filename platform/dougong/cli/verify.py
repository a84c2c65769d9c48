"""dougong verify: the records against their trail."""

from argparse import ArgumentParser, Namespace

from dougong.cli.console import DONE, REFUSED, Command, Console
from dougong.cli.open import opened_registry
from dougong.records.verify import verify


def _arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))


def _run(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry, registry.open(options.tenant).begun(write=False) as (
        connection, catalog, _,
    ):  # fmt: skip
        problems = verify(connection, catalog)
    if problems:
        console.problems(problems)
        return REFUSED
    console.answer({"problems": []})
    console.say("数据与操作日志一致。", "Records and trail agree.")
    return DONE


COMMANDS = {"verify": Command(_arguments, _run)}
