"""Worker threads: one hop from the async edge to where the work is done.

`StickyThreads` keeps every tenant on one thread, so a SQLite file has one writer by construction;
`BoundedPool` shares a few threads (as many as connections) fairly among tenants. Both refuse with
503 rather than pile up, and a caller that left before its turn costs nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any, Protocol, TypeVar
from zlib import crc32

from dougong.foundation.errors import Refused, refuse
from dougong.server.problems import OVERLOADED

T = TypeVar("T")
RETRY_AFTER = 1
"""Seconds a caller is asked to wait when there is no room."""


class Executor(Protocol):
    """Runs functions in worker threads."""

    def submit(self, tenant: str, fn: Callable[[], T]) -> "Future[T]":
        """Queue `fn` for `tenant`; cancelling the future before its turn takes it out again.

        `await_turn` awaits it.

        Raises Refused (503) when there is no room, or after `close`.
        """
        ...

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        ...


@dataclass(slots=True)
class _Job:
    fn: Callable[[], Any]
    future: "Future[Any]"

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.fn()
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


def _full() -> Refused:
    return refuse(OVERLOADED, seconds=RETRY_AFTER)


class Lanes:
    """Queued jobs by lane (a tenant, or a thread's number), handed out in turn.

    At most `room` jobs wait in all, `lane_room` in one lane, and `at_once` of one lane run.
    """

    def __init__(self, room: int, lane_room: int, at_once: int) -> None:
        self._room = room
        self._lane_room = lane_room
        self._at_once = at_once
        self._changed = Condition()
        self._lanes: dict[str, deque[_Job]] = {}
        self._running: dict[str, int] = {}
        self._waiting = 0
        self._closed = False

    def put(self, lane: str, job: _Job) -> None:
        """Queue a job. Raises Refused when there is no room."""
        with self._changed:
            if not self._has_room(lane):
                self._drop_left()
                if not self._has_room(lane):
                    raise _full()
            self._lanes.setdefault(lane, deque()).append(job)
            self._waiting += 1
            self._changed.notify()

    def take(self) -> tuple[str, _Job] | None:
        """Wait for the next job; None after `close` when nothing is left."""
        with self._changed:
            while True:
                for lane, queue in self._lanes.items():
                    if self._running.get(lane, 0) < self._at_once:
                        return self._start(lane, queue)
                if self._closed and not self._lanes:
                    return None
                self._changed.wait()

    def done(self, lane: str) -> None:
        """Tell that a job taken from `lane` has ended."""
        with self._changed:
            left = self._running[lane] - 1
            if left:
                self._running[lane] = left
            else:
                del self._running[lane]
            self._changed.notify()

    def close(self) -> None:
        """Take no more; what waits is still handed out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_room(self, lane: str) -> bool:
        queued = len(self._lanes.get(lane, ()))
        return not self._closed and self._waiting < self._room and queued < self._lane_room

    def _start(self, lane: str, queue: deque[_Job]) -> tuple[str, _Job]:
        job = queue.popleft()
        self._waiting -= 1
        self._running[lane] = self._running.get(lane, 0) + 1
        del self._lanes[lane]
        if queue:
            self._lanes[lane] = queue  # to the end of the row: the others have their turn first
        return lane, job

    def _drop_left(self) -> None:
        """Forget jobs whose callers have left."""
        for lane in list(self._lanes):
            kept = deque(job for job in self._lanes[lane] if not job.future.cancelled())
            self._waiting -= len(self._lanes[lane]) - len(kept)
            if kept:
                self._lanes[lane] = kept
            else:
                del self._lanes[lane]


class _Threads:
    """Threads that serve one set of lanes."""

    def __init__(self, lanes: Lanes, count: int, name: str) -> None:
        self._lanes = lanes
        self._threads = [
            Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        while taken := self._lanes.take():
            lane, job = taken
            try:
                job.run()
            finally:
                self._lanes.done(lane)

    def put(self, lane: str, fn: Callable[[], T]) -> "Future[T]":
        future: Future[T] = Future()
        self._lanes.put(lane, _Job(fn, future))
        return future

    def close(self) -> None:
        self._lanes.close()
        for thread in self._threads:
            thread.join()


class StickyThreads:
    """Every tenant always on the same one of `threads` threads; `room` jobs may wait for each."""

    def __init__(self, threads: int, *, room: int = 256) -> None:
        fair = max(1, room // 2)
        self._threads = [
            _Threads(Lanes(room, fair, at_once=1), 1, f"dougong-sticky{number}")
            for number in range(threads)
        ]

    def submit(self, tenant: str, fn: Callable[[], T]) -> "Future[T]":
        """Queue `fn` on the thread of `tenant`."""
        return self._threads[crc32(tenant.encode()) % len(self._threads)].put(tenant, fn)

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        for thread in self._threads:
            thread.close()


class BoundedPool:
    """`threads` threads shared by all tenants; at most `at_once` of them work for one tenant."""

    def __init__(self, threads: int, *, room: int = 256, at_once: int = 0) -> None:
        cap = at_once or max(1, threads - 1)
        self._threads = _Threads(Lanes(room, max(1, room // 2), cap), threads, "dougong-pool")

    def submit(self, tenant: str, fn: Callable[[], T]) -> "Future[T]":
        """Queue `fn` for `tenant`."""
        return self._threads.put(tenant, fn)

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        self._threads.close()


class Gone(Exception):  # noqa: N818 -- nobody is left to answer
    """The caller left before its turn; nothing was done."""


async def await_turn(
    job: "Future[T]",
    left: Callable[[], Coroutine[Any, Any, None]],
    *,
    patience: float,
    glance: float = 0.25,
) -> T:
    """Wait for a submitted job; `left` returns when the caller has gone.

    A job that has not begun when the caller goes, or after `patience` seconds, is taken out of the
    queue: Gone in the first case, Refused (503) in the second. One that has begun is always waited
    for, so its outcome is known and logged.
    """
    loop = asyncio.get_running_loop()
    watches: list[asyncio.Task[Exception]] = []
    timer = loop.call_later(
        glance, lambda: watches.append(loop.create_task(_watch(job, left, patience)))
    )
    try:
        return await asyncio.wrap_future(job)
    except asyncio.CancelledError:
        if watches and watches[0].done():
            raise watches[0].result() from None
        raise
    finally:
        timer.cancel()
        for watch in watches:
            watch.cancel()


async def _watch(
    job: "Future[T]", left: Callable[[], Coroutine[Any, Any, None]], patience: float
) -> Exception:
    """Take a job out of the queue when its caller goes or after `patience`; return what to tell."""
    gone: asyncio.Future[None] = asyncio.ensure_future(left())
    try:
        done, _ = await asyncio.wait({gone}, timeout=patience)
    finally:
        gone.cancel()
    why = Gone() if done else _full()
    job.cancel()
    return why
