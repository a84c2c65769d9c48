"""JobPage: how far a piece of work is that runs beside the pages, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dougong.foundation.errors import refuse
from dougong.jobs.file_jobs import EXPORT, IMPORT, UNDO
from dougong.jobs.job import Job, find_job
from dougong.jobs.problems import UNKNOWN_JOB
from dougong.records.work import Work
from dougong.screens.form_page import PageProblem
from dougong.screens.words import Words

KINDS: Mapping[str, str] = {IMPORT: "job.import", UNDO: "job.undo", EXPORT: "job.export"}
COUNTED = ("created", "changed", "same", "refused", "deleted", "restored", "rows")
SHOWN = 200
"""How many problems of a job its page shows."""


@dataclass(frozen=True, slots=True)
class JobPage:
    """`state` is waiting, running, done, failed or stopped; `done` of `total` steps (0: unknown).

    `counts` are pairs of words and numbers; `download` is the address of its file, `undo` that of
    taking it back, `back` the page to go on with.
    """

    id: str
    label: str
    state: str
    done: int = 0
    total: int = 0
    note: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    problems: tuple[PageProblem, ...] = ()
    more_problems: int = 0
    download: str = ""
    undo: str = ""
    back: str = ""

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100."""
        return percent_of(self.done, self.total)

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self.state in ("waiting", "running")


def percent_of(done: int, total: int) -> int:
    """Return how much of `total` is done, 0 to 100; 0 where the total is unknown."""
    return min(100, done * 100 // total) if total else 0


def build_job(work: Work, id_: int, base: str) -> JobPage:
    """Build the page of one of this person's jobs. Raises Refused (404) for any other."""
    job = find_job(work.connection, id_)
    if job.made_by != work.context.user:
        raise refuse(UNKNOWN_JOB, id=id_)
    words = Words(work.context.language)
    answer = job.answer if isinstance(job.answer, dict) else {}
    told = _problems(job, answer)
    batch = answer.get("batch")
    entity = job.payload.get("entity", "") if isinstance(job.payload, dict) else ""
    return JobPage(
        id=str(job.id),
        label=words(KINDS.get(job.kind, "job.other")),
        state=job.state,
        done=job.done,
        total=job.total,
        note=job.note if job.state in ("waiting", "running") else "",
        counts=tuple(
            (words(f"job.{name}"), int(answer[name])) for name in COUNTED if name in answer
        ),
        problems=told[:SHOWN],
        more_problems=max(0, len(told) - SHOWN),
        download=f"{base}/api/exports/{job.id}"
        if job.kind == EXPORT and job.state == "done"
        else "",
        undo=f"{base}/api/imports/{batch}/undo" if job.kind == IMPORT and batch else "",
        back=f"{base}/{entity}" if entity else f"{base}/",
    )


def _problems(job: Job, answer: Mapping[str, Any]) -> tuple[PageProblem, ...]:
    if job.error:
        return (PageProblem("", job.error),)
    return tuple(
        PageProblem(str(one.get("row") or ""), one["reason"], one["hint"], code=one["code"])
        for one in answer.get("problems", ())
    )
