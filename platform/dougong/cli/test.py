"""dougong test: runs the scenarios of modules, plugins and tenants."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from dougong.catalog.shipped_sets import sets_for, sets_in, shipped_modules
from dougong.catalog.source import SourceSet
from dougong.cli.console import DONE, REFUSED, Command, Console, problem_json, problem_text
from dougong.cli.problems import NO_FOLDER
from dougong.foundation.errors import refuse
from dougong.scenarios.run import Result, run_scenarios
from dougong.tenants.catalogs import Catalogs


def _arguments(parser: ArgumentParser, console: Console) -> None:
    parser.add_argument(
        "what", nargs="*",
        help=console.text("模块名或文件夹；不写则全部随附模块", "modules or folders; all that ship without any"),
    )  # fmt: skip
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help=console.text("列出通过的", "list those that hold, too"),
    )


def _run(options: Namespace, console: Console) -> int:
    began = time.perf_counter()
    results: list[Result] = []
    for group, modules in _groups(options.what):
        catalog = Catalogs(
            console.settings.data / "cache" if console.settings.data.is_dir() else None
        ).of(group)
        for result in run_scenarios(group, catalog, only=modules, language=console.language):
            results.append(result)
            _tell(result, console, verbose=options.verbose)
    bad = [result for result in results if not result.good]
    seconds = time.perf_counter() - began
    console.answer(
        {
            "cases": len(results),
            "failed": [
                {
                    "scenario": each.scenario,
                    "case": each.case,
                    "problems": [
                        problem_json(problem, console.language) for problem in each.problems
                    ],
                }
                for each in bad
            ],
        }
    )
    console.say(
        f"{len(results)} 个情形，{len(bad)} 个不符，{seconds:.1f} 秒",
        f"{len(results)} cases, {len(bad)} not as told, {seconds:.1f} s",
    )
    return REFUSED if bad else DONE


def _tell(result: Result, console: Console, *, verbose: bool) -> None:
    name = f"{result.scenario}.{result.case}" if result.case else result.scenario
    if result.good and verbose:
        console.say(f"✓ {name}", f"✓ {name}")
    if not result.good:
        console.say(f"✗ {name}", f"✗ {name}")
        for problem in result.problems:
            said = "  " + problem_text(problem, console.language).replace("\n", "\n  ")
            console.say(said, said)


def _groups(what: Sequence[str]) -> list[tuple[tuple[SourceSet, ...], tuple[str, ...]]]:
    """Return the sets to run together, each with the modules whose scenarios are asked for.

    All modules run in one tenant; a tenant's folder is one of its own.
    """
    modules: list[str] = [] if what else list(shipped_modules())
    extra: list[SourceSet] = []
    for each in what:
        if each in shipped_modules():
            modules.append(each)
        elif Path(each).is_dir():
            extra += sets_in(each)
        else:
            raise refuse(NO_FOLDER, folder=each)
    asked = (*modules, *(each.id for each in extra if each.layer != "tenant"))
    together = [each for each in extra if each.layer != "tenant"]
    groups = [(sets_for(modules, together), asked)] if asked else []
    tenants = [each for each in extra if each.layer == "tenant"]
    return groups + [(sets_for((), (*together, each)), ("x", each.id)) for each in tenants]


COMMANDS = {"test": Command(_arguments, _run)}
