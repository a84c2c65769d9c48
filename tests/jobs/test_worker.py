"""Jobs are asked for in a transaction, run once by rights of the asker, and outlive their worker."""

import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from dougong.foundation.errors import Refused, refuse
from dougong.jobs import job as jobs
from dougong.jobs.worker import TRIES, Worker, pause
from dougong.tenants.people import find_login
from dougong.tenants.problems import UNKNOWN_USER

KILLED_WORKER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from dougong.foundation.settings import Settings, read_settings
from dougong.jobs.worker import Worker
from dougong.tenants.registry import Registry

now = datetime.fromisoformat(sys.argv[3])
cache = read_settings().cache
registry = Registry(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2], cache=cache), lambda: now)

def die(running):
    running.tell(1, 2, "half way")
    os.kill(os.getpid(), 9)

Worker(registry, {"count": die}, lambda: now).round()
"""


def ask(opened, clock, kind="count", payload=None, **more):
    context = opened.setup_context(clock())
    return opened.run(context, lambda work: jobs.enqueue(work, kind, payload, **more), write=True)


def look(opened, id_):
    with opened.begun(write=False) as (connection, _, _stamps):
        return jobs.find_job(connection, id_)


def worker_of(registry, clock, **handlers):
    return Worker(registry, handlers, clock)


def test_a_job_runs_once_and_its_answer_is_kept(registry, acme, clock):
    seen = []

    def count(running):
        seen.append(running.payload)
        running.tell(3, 3, "counted")
        return {"found": 3}

    id_ = ask(acme, clock, payload={"of": "sheep"})
    worker = worker_of(registry, clock, count=count)
    assert worker.round()
    assert not worker.round()
    job = look(acme, id_)
    assert (job.state, job.answer, job.done, job.total, job.note) == (
        "done",
        {"found": 3},
        3,
        3,
        "counted",
    )
    assert seen == [{"of": "sheep"}]


def test_a_job_asked_for_in_a_transaction_that_failed_does_not_exist(registry, acme, clock):
    context = acme.setup_context(clock())

    def ask_and_fail(work):
        jobs.enqueue(work, "count", None)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        acme.run(context, ask_and_fail, write=True)
    with acme.begun(write=False) as (connection, _, _stamps):
        assert jobs.list_jobs(connection) == []


def test_the_same_key_asks_once(acme, clock):
    assert ask(acme, clock, key="march") == ask(acme, clock, key="march")
    assert ask(acme, clock, key="april") != ask(acme, clock, key="march")


def test_a_job_waits_for_its_time(registry, acme, clock):
    id_ = ask(acme, clock, run_at=clock() + timedelta(hours=1))
    worker = worker_of(registry, clock, count=lambda running: None)
    assert not worker.round()
    clock.pass_(hours=1)
    assert worker.round()
    assert look(acme, id_).state == "done"


def test_nobody_is_asked_but_who_has_work_due(registry, acme, clock, monkeypatch):
    worker = worker_of(registry, clock, count=lambda running: None)
    worker.round()
    id_ = ask(acme, clock)
    acme.call_at(clock())
    monkeypatch.setattr(registry, "names", None)
    assert worker.round()
    assert look(acme, id_).state == "done"
    monkeypatch.setattr(registry, "open", None)
    assert not worker.round()


def test_a_failure_is_tried_again_later_and_later_and_then_given_up(registry, acme, clock):
    tries = []

    def fail(running):
        tries.append(clock())
        raise OSError("no route")

    id_ = ask(acme, clock)
    worker = worker_of(registry, clock, count=fail)
    for _ in range(200):
        worker.round()
        clock.pass_(minutes=2)
    job = look(acme, id_)
    assert job.state == "failed"
    assert "no route" in job.error
    assert len(tries) == TRIES
    with acme.begun(write=True) as (connection, _, _stamps):
        jobs.again(connection, id_, clock())
    worker_of(registry, clock, count=lambda running: "fine").round()
    assert look(acme, id_).answer == "fine"


def test_pauses_double_and_never_keep_step():
    means = [sum((pause(tries) for _ in range(400)), timedelta()) / 400 for tries in (1, 2, 3)]
    assert timedelta(seconds=4.5) < means[0] < timedelta(seconds=5.5)
    assert timedelta(seconds=18) < means[2] < timedelta(seconds=22)
    assert len({pause(1) for _ in range(50)}) > 40
    assert pause(50) <= timedelta(hours=1.25)


def test_a_refusal_is_final(registry, acme, clock):
    def refused(running):
        raise refuse(UNKNOWN_USER, login="x")

    id_ = ask(acme, clock)
    worker_of(registry, clock, count=refused).round()
    assert look(acme, id_).state == "failed"
    assert "tenants.unknown-user" in look(acme, id_).error


def test_a_kind_nobody_handles_fails_with_a_reason(registry, acme, clock):
    id_ = ask(acme, clock, kind="unheard.of")
    worker_of(registry, clock).round()
    assert "jobs.unknown-kind" in look(acme, id_).error


def test_a_job_runs_with_the_rights_of_who_asked(registry, acme, clock):
    with acme.begun(write=False) as (connection, catalog, _):
        admin = find_login(connection, catalog, "admin")
    context = acme.context_of(admin, door="api")
    id_ = acme.run(context, lambda work: jobs.enqueue(work, "whoami", None), write=True)
    worker_of(
        registry,
        clock,
        whoami=lambda running: [running.context.login, *sorted(running.context.roles)],
    ).round()
    assert look(acme, id_).answer == ["admin", "base.admin", "base.everyone"]


def test_a_waiting_job_is_stopped_at_once_and_a_running_one_at_its_next_sign(registry, acme, clock):
    waiting = ask(acme, clock, run_at=clock() + timedelta(hours=1))
    with acme.begun(write=True) as (connection, _, _stamps):
        jobs.stop(connection, waiting, clock())
    assert look(acme, waiting).state == "stopped"
    steps = []

    def long(running):
        for number in range(10):
            steps.append(number)
            running.tell(number, 10)
            if number == 2:
                with acme.begun(write=True) as (connection, _, _stamps):
                    jobs.stop(connection, running.job.id, clock())

    running = ask(acme, clock)
    worker_of(registry, clock, count=long).round()
    assert look(acme, running).state == "stopped"
    assert steps == [0, 1, 2, 3]
    with pytest.raises(Refused), acme.begun(write=True) as (connection, _, _stamps):
        jobs.stop(connection, running, clock())


def test_a_killed_worker_loses_its_lease_and_another_goes_on(registry, acme, clock, database):
    id_ = ask(acme, clock)
    settings = database.settings
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_WORKER, settings.data, settings.database_url, clock().isoformat()],
        check=False, capture_output=True,
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr.decode()
    assert look(acme, id_).state == "running"
    assert look(acme, id_).note == "half way"
    worker = worker_of(registry, clock, count=lambda running: running.job.tries)
    assert not worker.round()
    clock.pass_(seconds=61)
    assert worker.round()
    assert look(acme, id_).answer == 2


def test_two_workers_never_run_one_job_twice(registry, acme, clock):
    ids = [ask(acme, clock, payload=number) for number in range(12)]
    done = []
    workers = [
        worker_of(registry, clock, count=lambda running: done.append(running.payload))
        for _ in range(3)
    ]

    def drain(worker):
        for _ in range(len(ids)):
            worker.round()
            registry.directory.call_at("acme", clock())
        registry.let_go("acme")

    threads = [threading.Thread(target=drain, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(12))
    assert {look(acme, id_).state for id_ in ids} == {"done"}


def test_a_worker_that_is_stopped_finishes_the_job_in_hand(registry, acme, clock):
    begun, finish = threading.Event(), threading.Event()

    def slow(running):
        begun.set()
        finish.wait(5)
        return "finished"

    first, second = ask(acme, clock), ask(acme, clock)
    worker = Worker(registry, {"count": slow}, clock, round_seconds=0.01)
    worker.start()
    assert begun.wait(5)
    worker.end()
    finish.set()
    worker.stop(5)
    assert look(acme, first).answer == "finished"
    assert look(acme, second).state == "waiting"


def test_the_heartbeat_keeps_a_long_job(registry, acme, clock):
    """The lease is renewed while the handler works, by the clock of the worker."""
    started = time.monotonic()

    def ticking():
        return clock.now + timedelta(seconds=time.monotonic() - started)

    def long(running):
        time.sleep(0.5)
        return "kept"

    id_ = ask(acme, clock)
    worker = Worker(registry, {"count": long}, ticking, lease=timedelta(seconds=0.2))
    thread = threading.Thread(target=worker.round)
    thread.start()
    time.sleep(0.35)
    other = Worker(registry, {"count": lambda running: "taken"}, ticking)
    assert not other.round()
    thread.join()
    assert look(acme, id_).answer == "kept"
