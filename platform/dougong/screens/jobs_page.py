"""JobsPage and ImportsPage: what this person has asked for lately, and what was brought in."""

from dataclasses import dataclass

from dougong.exchange.undo import batches
from dougong.jobs.file_jobs import EXPORT, UNDO
from dougong.jobs.job import Job, list_jobs
from dougong.records.work import Work
from dougong.screens.job_page import KINDS, percent_of
from dougong.screens.values import instant_text
from dougong.screens.words import Words

SHOWN = 100


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job: what it is, over which entity, since when, how far; and what may be done with it."""

    id: str
    label: str
    about: str
    at: str
    state: str
    percent: int
    url: str
    download: str = ""
    stop: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class JobsPage:
    """The newest jobs of this person; `running` while any has more to come."""

    url: str
    imports_url: str
    rows: tuple[JobRow, ...]
    running: bool = False


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One import that was kept: the file, its counts, and where it is undone (empty: it was)."""

    id: str
    file: str
    about: str
    who: str
    at: str
    created: int
    changed: int
    refused: int
    undo: str = ""
    undone: str = ""


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """The newest imports of the entities this person may import."""

    url: str
    jobs_url: str
    rows: tuple[BatchRow, ...]


def build_jobs(work: Work, base: str) -> JobsPage:
    """Build the list of this person's jobs."""
    found = list_jobs(work.connection, made_by=work.context.user, limit=SHOWN)
    rows = tuple(_job_row(work, job, base) for job in found)
    running = any(row.state in ("waiting", "running") for row in rows)
    return JobsPage(f"{base}/jobs", f"{base}/imports", rows, running)


def _job_row(work: Work, job: Job, base: str) -> JobRow:
    words = Words(work.context.language)
    url = f"{base}/jobs/{job.id}"
    running = job.state in ("waiting", "running")
    return JobRow(
        id=str(job.id),
        label=words(KINDS.get(job.kind, "job.other")),
        about=_about(work, job),
        at=instant_text(job.made.isoformat(), work.context.zone) if job.made else "",
        state=job.state,
        percent=percent_of(job.done, job.total),
        url=url,
        download=f"{base}/api/exports/{job.id}"
        if job.kind == EXPORT and job.state == "done"
        else "",
        stop=f"{url}/stop" if running and not job.stopping else "",
        again=f"{url}/again" if job.state in ("failed", "stopped") else "",
    )


def _about(work: Work, job: Job) -> str:
    """Name the entity a job is about, as far as it is still there and readable."""
    payload = job.payload if isinstance(job.payload, dict) else {}
    entity = work.catalog.entities.get(str(payload.get("entity", "")))
    if entity is None or job.kind == UNDO or not work.access(entity.id).may("read"):
        return ""
    return entity.label.say(work.context.language)


def build_imports(work: Work, base: str) -> ImportsPage:
    """Build the list of imports."""
    return ImportsPage(
        f"{base}/imports",
        f"{base}/jobs",
        tuple(
            BatchRow(
                id=batch.id,
                file=batch.file,
                about=work.entity(batch.entity).label.say(work.context.language),
                who=batch.login,
                at=instant_text(batch.at, work.context.zone),
                created=batch.created,
                changed=batch.changed,
                refused=batch.refused,
                undo="" if batch.undone else f"{base}/imports/{batch.id}/undo",
                undone=instant_text(batch.undone, work.context.zone) if batch.undone else "",
            )
            for batch in batches(work)
        ),
    )
