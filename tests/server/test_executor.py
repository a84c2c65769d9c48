"""Worker threads: tenants stay in their lane, the queue is bounded, callers who left cost nothing."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from dougong.foundation.errors import Refused
from dougong.server.executor import BoundedPool, Gone, StickyThreads, await_turn


async def _never() -> None:
    await asyncio.Event().wait()


async def _at_once() -> None:
    return None


def hold_thread(executor: Any, tenant: str) -> threading.Event:
    """Keep one thread busy until the event is set; returns once it has begun."""
    begun, hold = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        hold.wait(10)

    executor.submit(tenant, work)
    assert begun.wait(5)
    return hold


def run(executor: Any, tenant: str, fn: Callable[[], Any]) -> Any:
    return executor.submit(tenant, fn).result(5)


def test_a_tenant_always_works_on_the_same_thread() -> None:
    executor = StickyThreads(3)
    names = {
        tenant: {run(executor, tenant, lambda: threading.current_thread().name) for _ in range(20)}
        for tenant in "abcdefgh"
    }
    executor.close()
    assert all(len(threads) == 1 for threads in names.values())
    assert len({next(iter(threads)) for threads in names.values()}) == 3


def test_a_full_queue_refuses_with_503_and_a_time_to_come_again() -> None:
    executor = StickyThreads(1, room=4)
    hold = hold_thread(executor, "a")
    jobs = [executor.submit(tenant, lambda: 1) for tenant in "abcd"]
    with pytest.raises(Refused) as refused:
        executor.submit("e", lambda: 1)
    hold.set()
    assert refused.value.status == 503
    assert refused.value.problems[0].values["seconds"] >= 1
    assert [job.result(5) for job in jobs] == [1, 1, 1, 1]
    executor.close()


def test_one_tenant_cannot_fill_the_whole_queue() -> None:
    executor = StickyThreads(1, room=4)
    hold = hold_thread(executor, "a")
    executor.submit("a", lambda: 1)
    executor.submit("a", lambda: 1)
    with pytest.raises(Refused):
        executor.submit("a", lambda: 1)
    other = executor.submit("b", lambda: 2)
    hold.set()
    assert other.result(5) == 2
    executor.close()


def test_tenants_have_their_turn_in_a_row() -> None:
    executor = BoundedPool(1, at_once=1)
    order: list[str] = []
    hold = hold_thread(executor, "a")
    jobs = [executor.submit(tenant, lambda t=tenant: order.append(t)) for tenant in "aaaabb"]
    hold.set()
    for job in jobs:
        job.result(5)
    executor.close()
    assert order == ["a", "b", "a", "b", "a", "a"]


def test_one_tenant_never_takes_every_thread_of_the_pool() -> None:
    executor = BoundedPool(3)
    hold = threading.Event()
    started = [threading.Event() for _ in range(3)]

    def work(number: int) -> None:
        started[number].set()
        hold.wait()

    for number in range(3):
        executor.submit("greedy", lambda n=number: work(n))
    assert started[0].wait(5)
    assert started[1].wait(5)
    assert run(executor, "modest", lambda: "served") == "served"
    assert not started[2].is_set()
    hold.set()
    executor.close()


def test_what_a_job_raises_comes_out_where_it_is_awaited() -> None:
    executor = BoundedPool(1)

    def fail() -> None:
        raise ZeroDivisionError

    async def wait() -> None:
        await await_turn(executor.submit("a", fail), _never, patience=1)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(wait())
    executor.close()


def test_a_caller_who_left_before_the_turn_costs_nothing() -> None:
    executor = StickyThreads(1)
    done: list[str] = []
    hold = hold_thread(executor, "a")

    async def wait() -> None:
        job = executor.submit("a", lambda: done.append("ran"))
        with pytest.raises(Gone):
            await await_turn(job, _at_once, patience=5, glance=0.01)

    asyncio.run(wait())
    hold.set()
    executor.close()
    assert done == []


def test_a_job_that_has_begun_is_waited_for_even_when_the_caller_left() -> None:
    executor = StickyThreads(1)
    begun, hold = threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        hold.wait()
        return "done"

    async def wait() -> str:
        job = executor.submit("a", work)
        await asyncio.to_thread(begun.wait)
        asyncio.get_running_loop().call_later(0.05, hold.set)
        return await await_turn(job, _at_once, patience=5, glance=0.01)

    assert asyncio.run(wait()) == "done"
    executor.close()


def test_waiting_too_long_for_a_turn_is_answered_with_503() -> None:
    executor = StickyThreads(1)
    hold = hold_thread(executor, "a")

    async def wait() -> None:
        with pytest.raises(Refused) as refused:
            await await_turn(executor.submit("a", lambda: 1), _never, patience=0.05, glance=0.01)
        assert refused.value.status == 503

    asyncio.run(wait())
    hold.set()
    executor.close()


def test_closing_finishes_what_is_queued_and_takes_no_more() -> None:
    executor = BoundedPool(2)
    jobs = [executor.submit("a", lambda n=n: n) for n in range(20)]
    executor.close()
    assert [job.result(0) for job in jobs] == list(range(20))
    with pytest.raises(Refused):
        executor.submit("a", lambda: 1)
