"""Jobs over files: import, undo of an import, export. A preview is an import that is not kept."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any, Final, Protocol, TypeVar

import msgspec

from dougong.catalog.process import ImportMapping
from dougong.exchange import export as exports
from dougong.exchange.load import AT_ONCE, Outcome, RowProblem, load, load_rows, note
from dougong.exchange.mapping import from_pairs, suggest, with_key
from dougong.exchange.prepare import Prepared, Row, prepare
from dougong.exchange.problems import NO_KEY
from dougong.exchange.table import Table, read_table
from dougong.exchange.undo import undo
from dougong.foundation.context import Context
from dougong.foundation.errors import Place, Problem, Refused
from dougong.foundation.translate import Label
from dougong.jobs.worker import Handler, Running
from dougong.queries.query import Query
from dougong.records.work import Work
from dougong.tenants.files import Files

T = TypeVar("T")
IMPORT: Final = "exchange.import"
UNDO: Final = "exchange.undo"
EXPORT: Final = "exchange.export"
PREVIEW_ROWS: Final = 200
PREVIEW_SHOWN: Final = 20
READING: Final = Label.of({"zh": "读取文件", "en": "Reading the file"})
SAVING: Final = Label.of({"zh": "保存", "en": "Saving"})
WRITING: Final = Label.of({"zh": "写出文件", "en": "Writing the file"})


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """One file of a request: the digest it is kept under, its name, and how to read it."""

    digest: str
    name: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


class ImportRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What an import is asked to do.

    `files` holds the main file under "" and those of lines under the names the mapping uses.
    `mapping` names an `import:` of the metadata; `pairs` says field path → heading instead; with
    neither, the mapping is guessed. `good_only` leaves out rows that have problems.
    """

    entity: str
    files: dict[str, Given]
    mapping: str = ""
    pairs: dict[str, str] = {}
    key: list[str] = []
    good_only: bool = False


class ExportRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What an export is asked for: the list's filter, sort and search, the columns, the kind."""

    entity: str
    kind: str = "csv"
    filter: dict[str, Any] | None = None
    sort: list[str] = []
    search: str = ""
    view: str = ""
    fields: list[str] = []


def tables_of(
    files: Files, request: ImportRequest, mapping: ImportMapping | None
) -> dict[str, Table]:
    """Read the files of a request. Raises Refused for one that is no table."""
    tables = {}
    for name, given in request.files.items():
        wanted = _headings(mapping, name) if mapping else ()
        tables[name] = read_table(
            files.read(given.digest), given.name,
            encoding=given.encoding or (mapping.encoding if mapping else ""),
            delimiter=given.delimiter or (mapping.delimiter if mapping else ""),
            sheet=given.sheet, wanted=wanted,
        )  # fmt: skip
    return tables


def _headings(mapping: ImportMapping, file: str) -> tuple[str, ...]:
    columns = [*mapping.columns] if not file else []
    for lines in mapping.lines:
        columns += lines.columns if lines.file == file else ()
    return tuple(column.column for column in columns if column.column)


def mapping_of(work: Work, request: ImportRequest, table: Table) -> ImportMapping:
    """Return the mapping a request names, says, or leaves to be guessed from the headings."""
    entity = work.entity(request.entity)
    declared = work.catalog.imports.get(request.mapping)
    if declared is not None:
        return declared
    if request.pairs:
        mapping = from_pairs(entity, request.pairs)
    else:
        access = work.access(entity.id)
        mapping = suggest(entity, table, closed=access.hidden | access.read_only)
    keyed = replace(mapping, key=tuple(request.key)) if request.key else mapping
    return with_key(keyed, entity)


def preview(work: Work, files: Files, request: ImportRequest) -> dict[str, Any]:
    """Tell what an import would do with the first 200 rows: the mapping, the cells, the problems.

    The rows are really taken through the gate, so every rule speaks; the caller must undo the
    transaction afterwards.
    """
    declared = work.catalog.imports.get(request.mapping)
    tables = tables_of(files, request, declared)
    mapping = mapping_of(work, request, tables[""])
    prepared = prepare(work, mapping, tables, limit=PREVIEW_ROWS)
    outcome = Outcome()
    if prepared.key:
        outcome = load_rows(work, prepared, prepared.rows, 0)
    else:
        values = {"entity": prepared.entity.label}
        outcome.problems.append(RowProblem(0, Problem(NO_KEY, Place(), values)))
    outcome.problems += [RowProblem(0, problem) for problem in prepared.problems]
    table = tables[""]
    return {
        "entity": request.entity,
        "headings": table.headings,
        "rows": table.rows[:PREVIEW_SHOWN],
        "numbers": table.numbers[:PREVIEW_SHOWN],
        "total": len(table.rows),
        "looked_at": len(prepared.rows),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "sheets": table.sheets,
        "key": prepared.key,
        "pairs": pairs_of(mapping),
        **told(outcome, work.context.language),
    }


def pairs_of(mapping: ImportMapping) -> dict[str, str]:
    """Return field path → heading, the form in which a person changes a mapping."""
    pairs = {column.field: column.column for column in mapping.columns if column.column}
    for lines in mapping.lines:
        for column in lines.columns:
            if column.column:
                pairs[f"{lines.lines}.{column.field}"] = column.column
    return pairs


def told(outcome: Outcome, language: str) -> dict[str, Any]:
    """Return an outcome as JSON, its problems said in `language`."""
    return {
        "created": outcome.created,
        "changed": outcome.changed,
        "same": outcome.same,
        "refused": outcome.refused,
        "problems": [
            {
                "row": row.number,
                "path": row.problem.where.path,
                "code": row.problem.code,
                "reason": row.problem.reason(language),
                "hint": row.problem.hint(language),
            }
            for row in outcome.problems
        ],
    }


class Act(Protocol):
    """Does something in a unit of work with somebody's rights: `opened.run` with its context."""

    def __call__(self, act: Callable[[Work], T], *, write: bool) -> T:
        """Return what `act` returns."""
        ...


Tell = Callable[[int, int, str], None]
"""Called between units with rows done, rows in all, and where it is."""


def import_files(
    files: Files, request: ImportRequest, run: Act, tell: Tell, language: str, batch: int
) -> Outcome:
    """Import a file: all of it in one transaction, or its good rows 500 at a time.

    The outcome's `batch` is 0 when nothing was kept. Run again with the same `batch` it goes on in
    it: rows that stand already count as the same. Raises Refused for a file or mapping that does not
    fit at all.
    """
    tell(0, 0, READING.say(language))

    def ready(work: Work) -> tuple[ImportMapping, Prepared]:
        tables = tables_of(files, request, work.catalog.imports.get(request.mapping))
        mapping = mapping_of(work, request, tables[""])
        return mapping, prepare(work, mapping, tables)

    mapping, prepared = run(ready, write=False)
    total, name = len(prepared.rows), request.files[""].name
    tell(0, total, SAVING.say(language))
    if not request.good_only:
        outcome = _whole(run, prepared, mapping, name, batch)
        tell(total, total, "")
        return outcome
    outcome = Outcome(batch=batch)
    outcome.problems += [RowProblem(0, problem) for problem in prepared.problems]
    for at in range(0, total, AT_ONCE):
        rows = prepared.rows[at : at + AT_ONCE]

        def some(work: Work, rows: Sequence[Row] = rows) -> Outcome:
            part = load_rows(work, prepared, rows, batch)
            note(work, part, mapping, name)
            return part

        outcome.add(run(some, write=True))
        tell(min(at + AT_ONCE, total), total, "")
    return outcome


def _whole(run: Act, prepared: Prepared, mapping: ImportMapping, name: str, batch: int) -> Outcome:
    try:
        return run(lambda work: load(work, prepared, mapping, name, batch=batch), write=True)
    except Refused as refused:
        outcome = refused.extra.get("outcome")
        if not isinstance(outcome, Outcome):
            raise
        return replace(outcome, batch=0, created=0, changed=0, same=0)


def run_import(running: Running) -> Any:
    """Carry out an import; the batch carries the job's id."""
    context = running.context

    def run(act: Callable[[Work], T], *, write: bool) -> T:
        return running.opened.run(context, act, write=write)

    request = msgspec.convert(running.payload, ImportRequest)
    outcome = import_files(
        running.opened.files, request, run, running.tell, context.language, running.job.id
    )
    batch = str(outcome.batch) if outcome.batch else None
    return {"batch": batch, **told(outcome, context.language)}


def run_undo(running: Running) -> Any:
    """Undo one import in one transaction."""
    batch = int(running.payload["batch"])
    undone = running.opened.run(running.context, lambda work: undo(work, batch), write=True)
    language = running.context.language
    return {
        "deleted": undone.deleted,
        "restored": undone.restored,
        "problems": [
            {"code": each.code, "reason": each.reason(language), "hint": each.hint(language)}
            for each in undone.problems
        ],
    }


def run_export(running: Running) -> Any:
    """Write an export to a file of the tenant and return where it is kept."""
    request = msgspec.convert(running.payload, ExportRequest)
    buffer = io.BytesIO()
    running.tell(0, 0, _said(running.context, WRITING))
    rows = running.opened.run(
        running.context, lambda work: export_to(work, request, buffer), write=False
    )
    digest = running.opened.files.keep(buffer.getvalue())
    return {"digest": digest, "rows": rows, "name": export_name(request, running.context)}


def export_to(work: Work, request: ExportRequest, target: IO[bytes]) -> int:
    """Write what `request` asks for; return the number of records."""
    query = Query(
        filter=request.filter, sort=tuple(request.sort), search=request.search, view=request.view
    )
    target.seek(0)
    target.truncate()
    kind: exports.FileKind = "xlsx" if request.kind == "xlsx" else "csv"
    return exports.export(
        work, request.entity, query, target, kind=kind, paths=tuple(request.fields)
    )


def export_name(request: ExportRequest, context: Context) -> str:
    """Return what the file is called: entity and day."""
    kind = "xlsx" if request.kind == "xlsx" else "csv"
    return f"{request.entity.replace('.', '_')}_{context.today:%Y-%m-%d}.{kind}"


def _said(context: Context, text: Label) -> str:
    return text.say(context.language)


FILE_JOBS: Final[Mapping[str, Handler]] = {IMPORT: run_import, UNDO: run_undo, EXPORT: run_export}
