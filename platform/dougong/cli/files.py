"""dougong import, export: files in and out, with progress; with the operator's rights or a user's."""

import io
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dougong.cli.console import DONE, REFUSED, Command, Console, problem_text
from dougong.cli.open import opened_registry, whoever
from dougong.cli.problems import BAD_PAIR, NO_FILE
from dougong.exchange.load import Outcome
from dougong.exchange.undo import undo
from dougong.foundation.context import Context
from dougong.foundation.errors import refuse
from dougong.jobs.file_jobs import (
    ExportRequest,
    Given,
    ImportRequest,
    export_to,
    import_files,
    told,
)
from dougong.records.work import Work
from dougong.tenants.opened import Opened
from dougong.tenants.people import find_login
from dougong.tenants.problems import UNKNOWN_USER
from dougong.tenants.setup import setup_work

T = TypeVar("T")


def _common(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument(
        "--as",
        dest="login",
        metavar="LOGIN",
        help=text("以该用户的权限执行", "act with this user's rights"),
    )


def _import_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    _common(parser, console)
    parser.add_argument(
        "what",
        help=text(
            "实体、导入映射，或要撤销的批次", "an entity, an import mapping, or a batch to undo"
        ),
    )
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help=text("主文件，其后是分录文件", "the main file, then those of lines"),
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help=text("字段对应的列，可多次", "which column fills a field; may be repeated"),
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="FIELD",
        help=text("业务主键", "the business key"),
    )
    parser.add_argument(
        "--encoding", default="", help=text("编码（默认自动识别）", "encoding (default: found out)")
    )
    parser.add_argument("--sheet", default="", help=text("工作表", "the sheet of a workbook"))
    parser.add_argument(
        "--good-only",
        action="store_true",
        help=text("跳过有问题的行", "leave out rows with problems instead of refusing the file"),
    )
    parser.add_argument(
        "--undo", action="store_true", help=text("撤销这一批导入", "undo the batch named")
    )


def _import(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        run = _runner(opened, options.login, console)
        if options.undo:
            return _undo(options.what, run, console)
        batch = run(lambda work: work.new_id(), write=True)
        mapping = run(lambda work: work.catalog.imports.get(options.what), write=False)
        files = [*mapping.lines] if mapping else []
        names = ["", *(lines.file for lines in files if lines.file)]
        if not options.files:
            raise refuse(NO_FILE, file="FILE", said="–")
        request = ImportRequest(
            entity=mapping.entity if mapping else options.what,
            files={
                name: Given(
                    opened.files.keep(_content(path)), path.name,
                    encoding=options.encoding, sheet=options.sheet,
                )
                for name, path in zip(names, options.files, strict=False)
            },
            mapping=mapping.id if mapping else "",
            pairs=_pairs(options.map),
            key=options.key,
            good_only=options.good_only,
        )  # fmt: skip
        outcome = import_files(
            opened.files, request, run, _progress(console), console.language, batch
        )
    return _tell(outcome, options.tenant, console)


def _tell(outcome: Outcome, tenant: str, console: Console) -> int:
    console.answer({"batch": str(outcome.batch or ""), **told(outcome, console.language)})
    for row in () if console.json else outcome.problems:
        where = console.text(f"第 {row.number} 行 ", f"row {row.number} ") if row.number else ""
        print(f"{where}{problem_text(row.problem, console.language)}", file=console.err)
    console.say(
        f"新增 {outcome.created}，修改 {outcome.changed}，未变 {outcome.same}，拒绝 {outcome.refused}",
        f"created {outcome.created}, changed {outcome.changed}, same {outcome.same},"
        f" refused {outcome.refused}",
    )
    if outcome.batch:
        console.say(
            f"撤销：dougong import {tenant} {outcome.batch} --undo",
            f"to undo: dougong import {tenant} {outcome.batch} --undo",
        )
    return DONE if outcome.batch else REFUSED


def _undo(batch: str, run: "Runner", console: Console) -> int:
    if not (batch.isascii() and batch.isdigit() and len(batch) < 19):
        raise refuse(BAD_PAIR, pair=batch)
    undone = run(lambda work: undo(work, int(batch)), write=True)
    console.answer({"deleted": undone.deleted, "restored": undone.restored})
    console.problems(undone.problems)
    console.say(
        f"删除 {undone.deleted}，恢复 {undone.restored}",
        f"deleted {undone.deleted}, restored {undone.restored}",
    )
    return REFUSED if undone.problems else DONE


def _export_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    _common(parser, console)
    parser.add_argument("entity", help=text("实体", "the entity"))
    parser.add_argument(
        "file", type=Path, metavar="FILE", help=text(".csv 或 .xlsx", "a .csv or .xlsx file")
    )
    parser.add_argument("--view", default="", help=text("列表视图", "a view of its list"))
    parser.add_argument("--search", default="", help=text("查找", "text to search"))
    parser.add_argument(
        "--fields", default="", help=text("字段，以逗号分隔", "fields, with commas")
    )


def _export(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry:
        run = _runner(registry.open(options.tenant), options.login, console)
        request = ExportRequest(
            entity=options.entity,
            kind="xlsx" if options.file.suffix.lower() == ".xlsx" else "csv",
            search=options.search,
            view=options.view,
            fields=[name for name in options.fields.split(",") if name],
        )
        buffer = io.BytesIO()
        rows = run(lambda work: export_to(work, request, buffer), write=False)
    options.file.write_bytes(buffer.getvalue())
    console.answer({"rows": rows, "file": str(options.file)})
    console.say(f"{options.file}：{rows} 条记录", f"{options.file}: {rows} records")
    return DONE


class Runner:
    """Runs what a command does in units of work: with every right, or with those of a user."""

    def __init__(self, opened: Opened, context: Context, *, every_right: bool) -> None:
        self._opened = opened
        self._context = context
        self._every_right = every_right

    def __call__(self, act: Callable[[Work], T], *, write: bool) -> T:
        """Return what `act` returns."""

        def inside(work: Work) -> T:
            return act(setup_work(work) if self._every_right else work)

        return self._opened.run(self._context, inside, write=write)


def _runner(opened: Opened, login: str | None, console: Console) -> Runner:
    if login is None:
        context = opened.setup_context(console.now(), login=whoever())
        return Runner(opened, context, every_right=True)
    with opened.begun(write=False) as (connection, catalog, _):
        user = find_login(connection, catalog, login)
    person = opened.context_of(user, door="command") if user else None
    if person is None:
        raise refuse(UNKNOWN_USER, login=login)
    return Runner(opened, person, every_right=False)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise refuse(NO_FILE, file=str(path), said="–")
    return path.read_bytes()


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in given:
        name, sign, column = pair.partition("=")
        if not sign:
            raise refuse(BAD_PAIR, pair=pair)
        pairs[name.strip()] = column.strip()
    return pairs


def _progress(console: Console) -> Callable[[int, int, str], None]:
    def tell(done: int, total: int, note: str) -> None:
        if console.json or not console.err.isatty():
            return
        end = "\n" if total and done == total else ""
        print(f"\r\x1b[K{note} {done:,} / {total:,}", end=end, file=console.err, flush=True)

    return tell


COMMANDS = {
    "import": Command(_import_arguments, _import),
    "export": Command(_export_arguments, _export),
}
