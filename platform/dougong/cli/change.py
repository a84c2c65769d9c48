"""dougong plan, apply, rollback: first the thought, then the act."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dougong.catalog.layers import override_lines
from dougong.cli.console import DONE, Command, Console
from dougong.cli.open import opened_registry, whoever
from dougong.cli.problems import NO_FILE, NOT_A_PLAN
from dougong.foundation.errors import Refused, refuse
from dougong.tenants import install
from dougong.tenants.install import Change
from dougong.tenants.opened import Opened


def _plan_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=text("把计划存成文件，供 apply 执行", "keep the plan in a file, for apply"),
    )


def _plan(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry:
        change = _planned(registry.open(options.tenant), console)
    if options.output:
        Path(options.output).write_bytes(install.to_json(change))
    console.answer(install.as_plain(change, console.language))
    _show(change, console)
    return DONE


def _apply_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument(
        "plan",
        nargs="?",
        help=text(
            "计划文件；不写则现做一个并执行",
            "a plan from a file; without it one is made and carried out",
        ),
    )
    parser.add_argument(
        "--why", required=True, help=text("为什么改，记入变更记录", "why, for the journal")
    )
    parser.add_argument(
        "--consent",
        action="store_true",
        help=text("同意移走数据的步骤", "agree to steps that take data away"),
    )


def _apply(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        change = _read(Path(options.plan)) if options.plan else _planned(opened, console)
        _show(change, console)
        done = install.apply(
            opened,
            change,
            who=whoever(),
            why=options.why,
            now=console.now(),
            consent=options.consent,
        )
    console.answer(
        {
            "journal": done.journal,
            "steps": done.steps,
            "rows": done.rows,
            "overrides": install.as_plain(change, console.language)["overrides"],
        }
    )
    if done.steps or done.moved:
        console.say(f"已执行，变更记录 {done.journal}。", f"Applied; journal {done.journal}.")
    return DONE


def _rollback_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument(
        "--why", required=True, help=text("为什么退回，记入变更记录", "why, for the journal")
    )
    parser.add_argument(
        "--consent",
        action="store_true",
        help=text("同意移走数据的步骤", "agree to steps that take data away"),
    )


def _rollback(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry:
        done = install.rollback(
            registry.open(options.tenant),
            who=whoever(),
            why=options.why,
            now=console.now(),
            consent=options.consent,
        )
    console.answer({"journal": done.journal, "steps": done.steps, "rows": done.rows})
    console.say(f"已退回，变更记录 {done.journal}。", f"Rolled back; journal {done.journal}.")
    return DONE


def _read(file: Path) -> Change:
    try:
        return install.from_json(file.read_bytes())
    except OSError as wrong:
        raise refuse(NO_FILE, file=file, said=wrong.strerror) from wrong
    except ValueError as wrong:
        raise refuse(NOT_A_PLAN, file=file) from wrong


def _planned(opened: Opened, console: Console) -> Change:
    """Plan; where metadata is refused, say first what became of what layers changed."""
    try:
        return install.plan(opened, console.now())
    except Refused as refused:
        for line in override_lines(install.refused_overrides(refused), console.language):
            console.say(line, line)
        raise


def _show(change: Change, console: Console) -> None:
    """Say the plan, line by line: what the metadata changes, then the tables."""
    for line in install.lines(change, console.language):
        console.say(line, line)


COMMANDS = {
    "plan": Command(_plan_arguments, _plan),
    "apply": Command(_apply_arguments, _apply),
    "rollback": Command(_rollback_arguments, _rollback),
}
