"""dougong new module|entity: the smallest thing that runs."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

from dougong.cli.console import DONE, Command, Console
from dougong.cli.problems import BAD_NAME, FILE_EXISTS, NO_FOLDER
from dougong.foundation.errors import Place, Problem, Refused, refuse

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

MODULE = """module: {module}
label: {{zh: {label}, en: {label}}}
version: 0.1.0
language: 1
summary:
  zh: 一句话说明这个模块做什么。
  en: One sentence on what this module does.
needs: {{base: ">=1.0"}}
"""

MENU = """menu: {module}
label: {{zh: {label}, en: {label}}}
items:
  {entity}: {{list: {module}.{entity}}}
"""

ENTITY = """entity: {module}.{entity}
label: {{zh: {label}, en: {label}}}
title: "{{code}} {{name}}"
key: [code]
fields:
  code: {{type: code, label: {{zh: 编码, en: Code}}, required: true, length: 40}}
  name: {{type: text, label: {{zh: 名称, en: Name}}, required: true, length: 100}}
"""

ROLE = """role: {module}.user
label: {{zh: {label}用户, en: "{label}: user"}}
grants:
  {module}.{entity}: {{read: true, create: true, update: true, delete: true}}
"""

TEST = """test: {module}.{entity}
cases:
  a_user_keeps_one:
    as: {module}.user
    make: {{{module}.{entity} A: {{code: A1, name: First}}}}
    expect: {{A: {{code: A1, name: First}}}}
"""


def module_files(module: str, entity: str) -> dict[str, str]:
    """Return the files of a module with one entity, by path."""
    names = {"module": module, "entity": entity, "label": _label(module)}
    return {
        "module.yaml": MODULE.format(**names),
        "menu.yaml": MENU.format(**names),
        f"entities/{entity}.yaml": ENTITY.format(**{**names, "label": _label(entity)}),
        "roles/user.yaml": ROLE.format(**names),
        f"tests/{entity}.yaml": TEST.format(**names),
    }


def entity_files(module: str, entity: str) -> dict[str, str]:
    """Return the file of one entity, by path."""
    label = _label(entity)
    return {f"entities/{entity}.yaml": ENTITY.format(module=module, entity=entity, label=label)}


def write_files(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write the files, or none of them when one stands there already."""
    targets = {folder / path: text for path, text in files.items()}
    there = [path for path in targets if path.exists()]
    if there:
        raise Refused(Problem(FILE_EXISTS, Place(str(path)), {"file": path}) for path in there)
    for path, text in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(targets)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument(
        "kind", choices=("module", "entity"), help=text("新建什么", "what to start")
    )
    parser.add_argument(
        "name",
        help=text(
            "模块名，如 asset；实体全名，如 asset.machine",
            "a module's name such as asset, or an entity's id such as asset.machine",
        ),
    )
    parser.add_argument(
        "--folder",
        help=text("放在哪里（默认 modules/模块名）", "where to (default: modules/MODULE)"),
    )


def _run(options: Namespace, console: Console) -> int:
    module, dot, entity = options.name.partition(".")
    if options.kind == "module" and not dot:
        entity = "thing"
    for name in (module, entity):
        if not _NAME.fullmatch(name) or len(name) > 60:
            raise refuse(BAD_NAME, name=options.name)
    folder = Path(options.folder or Path("modules") / module)
    if options.kind == "module":
        written = write_files(folder, module_files(module, entity))
    else:
        if not (folder / "module.yaml").is_file():
            raise refuse(NO_FOLDER, folder=folder)
        written = write_files(folder, entity_files(module, entity))
    console.answer({"files": [str(path) for path in written]})
    for path in written:
        console.say(f"已写 {path}", f"wrote {path}")
    console.say(f"接着：dougong check {folder}", f"Next: dougong check {folder}")
    return DONE


COMMANDS = {"new": Command(_arguments, _run)}
