"""Doors to files and the jobs that work on them: upload, preview, import, undo, export, progress."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from dougong.exchange.undo import batches
from dougong.foundation.context import Context
from dougong.foundation.errors import refuse
from dougong.jobs import job as jobs
from dougong.jobs.file_jobs import EXPORT, IMPORT, UNDO, ExportRequest, ImportRequest, preview
from dougong.jobs.problems import UNKNOWN_JOB
from dougong.records.work import Work
from dougong.server.body import json_bytes, nearest_name
from dougong.server.call import Answer, Call, json_answer
from dougong.server.parameters import parameters, record_id, text
from dougong.server.problems import BAD_ENTRY, BAD_JSON, UNKNOWN_ENTITY
from dougong.tenants.opened import Opened

MOST_FILE = 64 << 20
"""Bytes of one upload."""
LONGEST_NAME = 200
T = TypeVar("T")
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class _Seen(Exception):  # noqa: N818 -- carries a preview out of the transaction it undoes
    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        super().__init__()


def upload_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST the bytes of a file with `name=`: the digest under which it is kept."""
    name = text(call, "name").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise refuse(BAD_ENTRY, "name", name="name", wanted=f"1–{LONGEST_NAME}")
    if not call.body:
        raise refuse(BAD_ENTRY, "", name="body", wanted="≥ 1 B")
    told = {"digest": opened.files.keep(call.body), "name": name, "size": len(call.body)}
    return json_answer(told, 201)


def preview_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST an import request: what it would do with the first rows. Nothing is kept."""
    request = _import_request(call)

    def look(work: Work) -> None:
        work.access(request.entity).demand("import")
        raise _Seen(preview(work, opened.files, request))

    try:
        opened.run(context, look, write=True)
    except _Seen as seen:
        return json_answer(seen.told)
    raise AssertionError("a preview always ends its transaction")


def import_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST an import request: a job, to be followed at its address."""
    request = _import_request(call)

    def ask(work: Work) -> int:
        work.access(work.entity(request.entity).id).demand("import")
        return jobs.enqueue(work, IMPORT, msgspec.to_builtins(request))

    return _asked(opened, context, call, ask)


def imports_door(work: Work, call: Call) -> Answer:
    """GET: the newest imports, those of `entity=` alone when it is given."""
    entity = parameters(call).get("entity", "")
    if entity and entity not in work.catalog.entities:
        known = [each for each in work.catalog.entities if work.access(each).may("import")]
        near = nearest_name(entity, known)
        raise refuse(UNKNOWN_ENTITY, "entity", entity=entity[:60], nearest=near)
    found = batches(work, entity)
    return json_answer({"rows": [asdict(batch) for batch in found]})


def undo_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: undo an import, as a job."""
    batch = record_id(call)
    return _asked(
        opened, context, call, lambda work: jobs.enqueue(work, UNDO, {"batch": str(batch)})
    )


def export_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST an export request: a job; its file is read from `/exports/{id}` when it is done."""
    request = _converted(call, ExportRequest)

    def ask(work: Work) -> int:
        work.access(work.entity(request.entity).id).demand("export")
        return jobs.enqueue(work, EXPORT, msgspec.to_builtins(request))

    return _asked(opened, context, call, ask)


def exported_door(opened: Opened, context: Context, call: Call) -> Answer:
    """GET: the file an export of this user has written."""
    job = opened.run(context, lambda work: _own_job(work, call), write=False)
    if job.kind != EXPORT or job.state != "done":
        raise refuse(UNKNOWN_JOB, id=job.id)
    name = job.answer["name"]
    return Answer(
        200,
        opened.files.read(job.answer["digest"]),
        MEDIA[name.rpartition(".")[2]],
        (("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}"),),
    )


def jobs_door(work: Work, call: Call) -> Answer:
    """GET: this user's newest jobs."""
    found = jobs.list_jobs(work.connection, made_by=work.context.user)
    return json_answer({"rows": [_told(job) for job in found]})


def job_door(work: Work, call: Call) -> Answer:
    """GET: how far one of this user's jobs is, and what came of it."""
    return json_answer(_told(_own_job(work, call)))


def stop_door(work: Work, call: Call) -> Answer:
    """POST: stop a job, at once or at its next sign of progress."""
    job = _own_job(work, call)
    jobs.stop(work.connection, job.id, work.context.now)
    return json_answer(_told(_own_job(work, call)))


def again_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: run a failed or stopped job again."""

    def ask(work: Work) -> int:
        job = _own_job(work, call)
        jobs.again(work.connection, job.id, work.context.now)
        return job.id

    return _asked(opened, context, call, ask)


def _import_request(call: Call) -> ImportRequest:
    request = _converted(call, ImportRequest)
    if "" not in request.files:
        raise refuse(BAD_ENTRY, "files", name="files", wanted='{"": {"digest": …, "name": …}}')
    return request


def _converted(call: Call, type_: type[T]) -> T:
    body = json_bytes(call)
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as error:
        raise refuse(BAD_ENTRY, "", name="body", wanted=str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse(BAD_JSON, why=str(error)) from None


def _asked(opened: Opened, context: Context, call: Call, ask: Callable[[Work], int]) -> Answer:
    """Ask for a job, wake the worker, and answer with the job's address."""

    def enqueue(work: Work) -> jobs.Job:
        return jobs.find_job(work.connection, ask(work))

    job = opened.run(context, enqueue, write=True)
    opened.call_at(context.now)
    return json_answer(_told(job), 202, ("Location", f"/t/{call.tenant}/api/jobs/{job.id}"))


def _own_job(work: Work, call: Call) -> jobs.Job:
    """Return the job in the path; somebody else's is as unknown as one there is not."""
    job = jobs.find_job(work.connection, record_id(call))
    if job.made_by != work.context.user:
        raise refuse(UNKNOWN_JOB, id=job.id)
    return job


def _told(job: jobs.Job) -> dict[str, Any]:
    return {
        "id": str(job.id),
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "note": job.note,
        "error": job.error or None,
        "answer": job.answer,
        "made": job.made,
        "ended": job.ended,
    }
