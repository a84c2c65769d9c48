"""Jobs as rows of the tenant: asked for in the transaction that needs them, held by a lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from dougong.database.connect import Connection, Row
from dougong.foundation.errors import refuse
from dougong.jobs.problems import NOT_FAILED, NOT_RUNNING, UNKNOWN_JOB
from dougong.records.work import Work
from dougong.tenants.columns import from_json, from_time, marked, to_json, to_time

State = Literal["waiting", "running", "done", "failed", "stopped"]
LEASE: Final = timedelta(seconds=60)
_COLUMNS: Final = (
    "id, kind, body, state, run_at, tries, done, total, note, error, answer, stopping, made,"
    " made_by, ended, trace"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `done` of `total` tell the progress (`total` 0: unknown), `note` says
    where it is; `error` why it failed; `answer` is what its handler returned, as JSON.
    """

    id: int
    kind: str
    payload: Any
    company: int
    state: State
    run_at: datetime | None
    tries: int
    done: int
    total: int
    note: str
    error: str
    answer: Any
    stopping: bool
    made: datetime | None
    made_by: int
    ended: datetime | None
    trace: str


def enqueue(
    work: Work, kind: str, payload: Any, *, key: str = "", run_at: datetime | None = None
) -> int:
    """Ask for a job in the transaction of `work`, with the rights of whoever asks; return its id.

    With a `key` the same job is asked for once, however often this is called. After the commit the
    caller tells `opened.call_at(run_at)`; otherwise the worker finds the job at its next round.
    """
    connection = work.connection
    if key:
        rows = connection.run(
            marked(connection, 'select id from @."dougong_job" where kind = ? and key = ?'),
            [kind, key],
        )
        if rows:
            return int(rows[0][0])
    id_ = work.new_id()
    now = work.context.now
    body = to_json({"payload": payload, "company": work.context.company})
    connection.change(
        marked(
            connection,
            'insert into @."dougong_job" (id, kind, key, body, state, run_at, tries, done, total, note,'
            " stopping, made, made_by, trace) values (?, ?, ?, ?, 'waiting', ?, 0, 0, 0, '', ?, ?, ?, ?)",
        ),
        [
            id_, kind, key or None, body, to_time(connection, run_at or now), False,
            to_time(connection, now), work.context.user, work.context.trace,
        ],
    )  # fmt: skip
    return id_


def find_job(connection: Connection, id_: int) -> Job:
    """Return a job. Refuses an unknown one."""
    rows = connection.run(
        marked(connection, f'select {_COLUMNS} from @."dougong_job" where id = ?'),  # noqa: S608
        [id_],
    )
    if not rows:
        raise refuse(UNKNOWN_JOB, id=id_)
    return _job(connection, rows[0])


def list_jobs(connection: Connection, *, made_by: int = 0, limit: int = 100) -> list[Job]:
    """Return the newest jobs, of one user or of all."""
    where, values = ("where made_by = ?", [made_by]) if made_by else ("", [])
    rows = connection.run(
        marked(
            connection,
            f'select {_COLUMNS} from @."dougong_job" {where}'  # noqa: S608
            f" order by id desc limit {limit:d}",
        ),
        values,
    )
    return [_job(connection, row) for row in rows]


def stop(connection: Connection, id_: int, now: datetime) -> None:
    """Stop a job: at once while it waits, at its next sign of progress while it runs."""
    job = find_job(connection, id_)
    if job.state not in ("waiting", "running"):
        raise refuse(NOT_RUNNING, id=id_)
    _set(
        connection, id_,
        "stopping = ?, state = case when state = 'waiting' then 'stopped' else state end,"
        " ended = case when state = 'waiting' then ? else ended end",
        [True, to_time(connection, now)],
    )  # fmt: skip


def again(connection: Connection, id_: int, now: datetime) -> None:
    """Run a failed or stopped job again."""
    if find_job(connection, id_).state not in ("failed", "stopped"):
        raise refuse(NOT_FAILED, id=id_)
    _set(
        connection, id_,
        "state = 'waiting', tries = 0, run_at = ?, ended = null, error = null, stopping = ?,"
        " done = 0, total = 0, note = ''",
        [to_time(connection, now), False],
    )  # fmt: skip


def claim(connection: Connection, worker: str, now: datetime, lease: timedelta) -> Job | None:
    """Take the job that has waited longest, or whose worker has died; None when nothing is due."""
    at = to_time(connection, now)
    lock = " for update skip locked" if connection.dialect == "postgresql" else ""
    rows = connection.run(
        marked(
            connection,
            f"select {_COLUMNS} from @.\"dougong_job\" where (state = 'waiting' and run_at <= ?)"  # noqa: S608
            f" or (state = 'running' and held_until < ?) order by run_at, id limit 1{lock}",
        ),
        [at, at],
    )
    if not rows:
        return None
    job = _job(connection, rows[0])
    _set(
        connection, job.id,
        "state = 'running', held_by = ?, held_until = ?, tries = tries + 1",
        [worker, to_time(connection, now + lease)],
    )  # fmt: skip
    return find_job(connection, job.id)


def hold(connection: Connection, id_: int, worker: str, until: datetime) -> bool:
    """Lengthen the lease; False when another worker has the job by now."""
    return _held(connection, id_, worker, "held_until = ?", [to_time(connection, until)])


def tell(connection: Connection, id_: int, worker: str, done: int, total: int, note: str) -> bool:
    """Note the progress; False when the job was taken over by another worker."""
    return _held(
        connection, id_, worker, "done = ?, total = ?, note = ?", [done, total, note[:500]]
    )


def finish(
    connection: Connection, id_: int, worker: str, state: State, now: datetime,
    *, answer: Any = None, error: str = "",
) -> bool:  # fmt: skip
    """End a job as done, failed or stopped; False when another worker has it by now."""
    return _held(
        connection, id_, worker,
        "state = ?, ended = ?, answer = ?, error = ?, held_by = null, held_until = null",
        [state, to_time(connection, now), to_json(answer), error[:4000] or None],
    )  # fmt: skip


def put_back(connection: Connection, id_: int, worker: str, run_at: datetime, error: str) -> bool:
    """Let a job wait for its next attempt; False when another worker has it by now."""
    return _held(
        connection, id_, worker,
        "state = 'waiting', run_at = ?, error = ?, held_by = null, held_until = null",
        [to_time(connection, run_at), error[:4000] or None],
    )  # fmt: skip


def next_due(connection: Connection) -> datetime | None:
    """Return when the next job is due or the next lease runs out; None when there is nothing."""
    rows = connection.run(
        "select min(case when state = 'waiting' then run_at else held_until end)"
        " from @.\"dougong_job\" where state in ('waiting', 'running')"
    )
    return from_time(rows[0][0])


def _set(connection: Connection, id_: int, what: str, values: Sequence[Any]) -> None:
    connection.change(
        marked(connection, f'update @."dougong_job" set {what} where id = ?'),  # noqa: S608
        [*values, id_],
    )


def _held(connection: Connection, id_: int, worker: str, what: str, values: Sequence[Any]) -> bool:
    changed = connection.change(
        marked(
            connection,
            f"update @.\"dougong_job\" set {what} where id = ? and held_by = ? and state = 'running'",  # noqa: S608
        ),
        [*values, id_, worker],
    )
    return changed == 1


def _job(connection: Connection, row: Row) -> Job:
    (
        id_, kind, body, state, run_at, tries, done, total, note, error, answer, stopping, made,
        made_by, ended, trace,
    ) = row  # fmt: skip
    asked = from_json(connection, body)
    return Job(
        int(id_), kind, asked["payload"], int(asked["company"]), state, from_time(run_at), int(tries),
        int(done), int(total), note, error or "", from_json(connection, answer), bool(stopping), from_time(made),
        int(made_by), from_time(ended), trace,
    )  # fmt: skip
