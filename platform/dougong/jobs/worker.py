"""Runs the jobs of all tenants, one at a time; survives its own death by leases."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger
from random import SystemRandom
from secrets import token_hex
from threading import Event, Thread
from typing import Any, Final

from dougong.database.connect import Busy, Connection, Lost
from dougong.foundation.context import Context
from dougong.foundation.errors import Refused, refuse
from dougong.jobs import job as jobs
from dougong.jobs.job import LEASE, Job
from dougong.jobs.problems import ASKER_GONE, KEEPS_FAILING, UNKNOWN_KIND
from dougong.tenants.opened import Opened
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_context

log = getLogger(__name__)

TRIES: Final = 6
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
ROUND: Final = 1.0
"""Seconds between two looks at what is due."""
SWEEP: Final = timedelta(minutes=5)
"""How often every tenant is looked at, for jobs whose call went missing."""


class Stopped(Exception):  # noqa: N818 -- an answer to whoever asked for it
    """Somebody asked for the job to stop."""


class Taken(Exception):  # noqa: N818 -- another worker goes on with it
    """The lease ran out and another worker has the job."""


@dataclass(frozen=True, slots=True)
class Running:
    """A job in a handler's hands.

    `context` has the rights of whoever asked; `opened.run(context, …)` does the work in as many
    transactions as it likes. A handler may run twice for one job (when its worker died), so what it
    does must bear that.
    """

    opened: Opened
    context: Context
    job: Job
    worker: str
    clock: Callable[[], datetime]
    lease: timedelta = LEASE

    @property
    def payload(self) -> Any:
        """What was asked for."""
        return self.job.payload

    def tell(self, done: int, total: int = 0, note: str = "") -> None:
        """Tell the progress, in a transaction of its own. Call it between the handler's units.

        Raises Stopped when somebody asked for that, Taken when the lease was lost.
        """

        def put(connection: Connection) -> tuple[bool, bool]:
            held = jobs.tell(connection, self.job.id, self.worker, done, total, note)
            jobs.hold(connection, self.job.id, self.worker, self.clock() + self.lease)
            return held, jobs.find_job(connection, self.job.id).stopping

        held, stopping = self.opened.run_bare(put)
        if not held:
            raise Taken
        if stopping:
            raise Stopped


Handler = Callable[[Running], Any]
"""Does a job and returns its answer as JSON. Refused ends it as failed at once; any other exception
is tried again, later and later."""

Runner = Callable[[str, Callable[[], None]], None]
"""Runs a function for a tenant and waits for it; a server hands in its own threads."""


def run_here(tenant: str, act: Callable[[], None]) -> None:
    """Run `act` in this thread."""
    del tenant
    act()


class Worker:
    """Looks for due jobs and runs them until it is stopped.

    `handlers` maps a kind to its function. `run` is where a tenant's jobs run.
    """

    def __init__(
        self,
        registry: Registry,
        handlers: Mapping[str, Handler],
        clock: Callable[[], datetime],
        *,
        run: Runner = run_here,
        lease: timedelta = LEASE,
        round_seconds: float = ROUND,
    ) -> None:
        self.name = f"{socket.gethostname()}-{token_hex(4)}"
        self._registry = registry
        self._handlers = handlers
        self._clock = clock
        self._run = run
        self._lease = lease
        self._round_seconds = round_seconds
        self._ending = Event()
        self._thread: Thread | None = None
        self._swept: datetime | None = None

    def start(self) -> None:
        """Begin to look for jobs, in a thread of its own."""
        self._thread = Thread(target=self.work, name="dougong-jobs", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Take no further job; `work` returns once the one in hand is done."""
        self._ending.set()

    def stop(self, patience: float = 30.0) -> None:
        """Take no further job; wait up to `patience` seconds for the one in hand."""
        self.end()
        if self._thread is not None:
            self._thread.join(patience)

    def work(self) -> None:
        """Look for due jobs and run them, until `stop`."""
        while not self._ending.is_set():
            try:
                busy = self.round()
            except (Busy, Lost) as trouble:
                log.warning("jobs: the database is not there, trying again: %s", trouble)
                busy = False
            if not busy:
                self._ending.wait(self._round_seconds)

    def round(self) -> bool:
        """Run one job of every tenant that has one due; tell whether there was any."""
        now = self._clock()
        names = self._registry.directory.due(now)
        if self._swept is None or now - self._swept >= SWEEP:
            self._swept = now
            names = self._registry.names()
        served = [self._serve(name) for name in names if not self._ending.is_set()]
        return any(served)

    def _serve(self, name: str) -> bool:
        """Run one job of a tenant and note when it is due again."""
        seen = self._clock()
        try:
            opened = self._registry.open(name)
        except Refused:
            self._registry.directory.served(name, seen, None)
            return False
        done: list[bool] = []
        self._run(name, lambda: done.append(self._one(opened)))
        with opened.begun(write=False) as (connection, _, _stamps):
            due = jobs.next_due(connection)
        self._registry.directory.served(name, seen, due)
        return done == [True]

    def _one(self, opened: Opened) -> bool:
        """Claim and run one job; False when none is due."""
        now = self._clock()
        job = opened.run_bare(
            lambda connection: jobs.claim(connection, self.name, now, self._lease)
        )
        if job is None:
            return False
        if job.stopping:
            self._finish(opened, job, "stopped")
        elif job.tries > TRIES:
            self._fail(opened, job, "its worker died")
        else:
            self._handle(opened, job)
        return True

    def _handle(self, opened: Opened, job: Job) -> None:
        """Run a job's handler under a heartbeat and settle how it ended."""
        ended = Event()
        heart = Thread(target=self._beat, args=(opened, job, ended), daemon=True)
        heart.start()
        try:
            context = self._context(opened, job)
            running = Running(opened, context, job, self.name, self._clock, self._lease)
            answer = self._handler(job)(running)
        except Refused as refused:
            said = "\n".join(str(problem) for problem in refused.problems)
            self._finish(opened, job, "failed", error=said)
        except Stopped:
            self._finish(opened, job, "stopped")
        except Taken:
            log.warning("jobs: %s of %s was taken over by another worker", job.id, opened.name)
        except Exception as failure:
            log.exception("jobs: %s %s of %s failed", job.kind, job.id, opened.name)
            self._put_back(opened, job, f"{type(failure).__name__}: {failure}")
        else:
            self._finish(opened, job, "done", answer=answer)
        finally:
            ended.set()
            heart.join()

    def _handler(self, job: Job) -> Handler:
        if job.kind not in self._handlers:
            raise refuse(UNKNOWN_KIND, name=job.kind)
        return self._handlers[job.kind]

    def _context(self, opened: Opened, job: Job) -> Context:
        """Return the context of whoever asked; the platform itself asked when it was nobody."""
        if not job.made_by:
            return setup_context(opened.name, self._clock(), language=opened.language, door="job")
        context = opened.context_of(job.made_by, door="job", company=job.company, trace=job.trace)
        if context is None:
            raise refuse(ASKER_GONE)
        return context

    def _beat(self, opened: Opened, job: Job, ended: Event) -> None:
        """Lengthen the lease while the handler works."""
        while not ended.wait(self._lease.total_seconds() / 3):
            until = self._clock() + self._lease

            def hold(connection: Connection, until: datetime = until) -> bool:
                return jobs.hold(connection, job.id, self.name, until)

            with suppress(Busy, Lost, Refused):  # the next beat tries again
                opened.run_bare(hold)
        self._registry.let_go(opened.name)

    def _put_back(self, opened: Opened, job: Job, said: str) -> None:
        """Try a job again later, or give it up."""
        if job.tries >= TRIES:
            self._fail(opened, job, said)
            return
        run_at = self._clock() + pause(job.tries)
        opened.run_bare(
            lambda connection: jobs.put_back(connection, job.id, self.name, run_at, said)
        )

    def _fail(self, opened: Opened, job: Job, said: str) -> None:
        problem = refuse(KEEPS_FAILING, tries=job.tries, said=said).problems[0]
        self._finish(opened, job, "failed", error=str(problem))

    def _finish(
        self, opened: Opened, job: Job, state: jobs.State, *, answer: Any = None, error: str = ""
    ) -> None:
        now = self._clock()
        opened.run_bare(
            lambda connection: jobs.finish(
                connection, job.id, self.name, state, now, answer=answer, error=error
            )
        )


def pause(tries: int) -> timedelta:
    """Return how long to wait after `tries` failures: doubled each time, a quarter up or down."""
    whole = min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
    return whole * (0.75 + SystemRandom().random() / 2)
