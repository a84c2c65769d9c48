"""Pages about work that runs beside them: one's jobs, imports, and asking for an export."""

from collections.abc import Callable

import msgspec

from dougong.foundation.context import Context
from dougong.foundation.errors import refuse
from dougong.jobs import job as jobs
from dougong.jobs.file_jobs import EXPORT, UNDO, ExportRequest
from dougong.jobs.problems import UNKNOWN_JOB
from dougong.records.work import Work
from dougong.screens.import_page import build_import
from dougong.screens.job_page import build_job
from dougong.screens.jobs_page import build_imports, build_jobs
from dougong.screens.list_building import export_query
from dougong.screens.list_page import read_state
from dougong.screens.shell import Crumb
from dougong.screens.shell_building import crumbs_to
from dougong.screens.words import Words
from dougong.server.call import Answer, Call
from dougong.server.page_answers import base_of, page
from dougong.server.page_parts import form_of, redirect, shell_of, shown
from dougong.server.parameters import parameters, record_id
from dougong.server.problems import BAD_ENTRY, NOT_FOUND
from dougong.tenants.opened import Opened

KINDS = ("csv", "xlsx")


def jobs_page(work: Work, call: Call) -> Answer:
    """GET: this person's jobs."""
    here = Crumb(Words(work.context.language)("jobs"))
    return shown(work, call, "jobs.html", build_jobs(work, base_of(call)), here)


def job_page(work: Work, call: Call) -> Answer:
    """GET: how far one of this person's jobs is."""
    base = base_of(call)
    model = build_job(work, record_id(call), base)
    over = Crumb(Words(work.context.language)("jobs"), f"{base}/jobs")
    return shown(work, call, "job.html", model, over, Crumb(model.label))


def stop_form(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: stop a job, at once or at its next sign of progress; harmless when it has ended."""

    def stop(work: Work) -> None:
        if _own(work, call).state in ("waiting", "running"):
            jobs.stop(work.connection, record_id(call), work.context.now)

    opened.run(context, stop, write=True)
    return redirect(f"{base_of(call)}/jobs")


def again_form(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: run a failed or stopped job again."""

    def again(work: Work) -> int:
        job = _own(work, call)
        jobs.again(work.connection, job.id, work.context.now)
        return job.id

    return _asked(opened, context, call, again)


def imports_page(work: Work, call: Call) -> Answer:
    """GET: what was brought in lately, and how it is taken back."""
    here = Crumb(Words(work.context.language)("imports"))
    return shown(work, call, "imports.html", build_imports(work, base_of(call)), here)


def undo_form(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: take an import back, as a job."""
    batch = str(record_id(call))
    return _asked(opened, context, call, lambda work: jobs.enqueue(work, UNDO, {"batch": batch}))


def import_page(work: Work, call: Call) -> Answer:
    """GET: bringing a table into an entity."""
    entity = call.params["entity"]
    model = build_import(work, entity, base_of(call))
    shell = shell_of(work, call)
    here = Crumb(Words(work.context.language)("list.import"))
    way = crumbs_to(shell, entity, here)
    return page(
        call, "import.html", work, page=model, shell=shell, current=entity,
        crumbs=way if len(way) > 1 else (Crumb(model.label, model.urls["list"]), here),
    )  # fmt: skip


def export_form(opened: Opened, context: Context, call: Call) -> Answer:
    """POST `kind`: the list as it is filtered now, as a file, written by a job."""

    def ask(work: Work) -> int:
        entity, kind = call.params["entity"], form_of(call).get("kind", "")
        work.access(entity).demand("export")
        if kind not in KINDS:
            raise refuse(BAD_ENTRY, "kind", name="kind", wanted=" / ".join(KINDS))
        if entity not in work.catalog.lists:
            raise refuse(NOT_FOUND, path=call.path[:200])
        query = export_query(work, entity, read_state(parameters(call)))
        request = ExportRequest(
            entity=entity,
            kind=kind,
            filter=dict(query.filter) if query.filter else None,
            sort=list(query.sort),
            search=query.search,
            view=query.view,
        )
        return jobs.enqueue(work, EXPORT, msgspec.to_builtins(request))

    return _asked(opened, context, call, ask)


def _own(work: Work, call: Call) -> jobs.Job:
    """Return the job in the path; somebody else's is as unknown as one there is not."""
    job = jobs.find_job(work.connection, record_id(call))
    if job.made_by != work.context.user:
        raise refuse(UNKNOWN_JOB, id=job.id)
    return job


def _asked(opened: Opened, context: Context, call: Call, ask: Callable[[Work], int]) -> Answer:
    """Ask for a job, wake the worker, and lead to the job's page."""
    id_ = opened.run(context, ask, write=True)
    opened.call_at(context.now)
    return redirect(f"{base_of(call)}/jobs/{id_}")
