"""Metadata of a large business: 500 entities of 20 fields, checked cold and after one change, served."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.speed.house import HERE, now
from tests.speed.report import Figure

from dougong.catalog.check import check
from dougong.catalog.shipped_sets import platform_set, sets_for
from dougong.catalog.source import SourceSet
from dougong.foundation.settings import Settings
from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.records import store
from dougong.tenants.directory import Entry
from dougong.tenants.laying import Laying
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_context, setup_work
from dougong.tenants.sources import at_home

COLD, AGAIN = 5.0, 1.0


def run(settings: Settings, *, entities: int, fields: int) -> Iterator[Figure]:
    """Check `entities` of `fields` each, then make a tenant of them and save a record."""
    sys.path.insert(0, str(HERE.parent / "catalog"))
    from large_catalog import sets  # type: ignore[import-not-found]

    made = [platform_set(), *sets(entities, fields)]
    memory = Path(tempfile.mkdtemp(prefix="dougong-check-"))
    try:
        cold, wall = timed(lambda: check(made, memory))
        yield Figure("check, cold", cold, COLD, " s", f"CPU; by the clock {wall:.1f} s")
        path = "entities/entity_1.yaml"
        files = dict(made[2].files)
        files[path] = files[path].replace("length: 100", "length: 101")
        assert files[path] != made[2].files[path]
        moved = [*made]
        moved[2] = replace(made[2], files=files)
        again, wall = timed(lambda: check(moved, memory))
        yield Figure("check, after a change", again, AGAIN, " s", f"CPU; by the clock {wall:.1f} s")
    finally:
        shutil.rmtree(memory, ignore_errors=True)
    yield from serve(settings, made)


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """CPU and clock seconds of a check that must find nothing wrong."""
    wall, spent = time.perf_counter(), time.process_time()
    done = act()
    assert not [problem for problem in done.problems if problem.level == "stop"], done.problems[:3]
    return time.process_time() - spent, time.perf_counter() - wall


def serve(settings: Settings, made: list[SourceSet]) -> Iterator[Figure]:
    """Lay a tenant with all these tables; open it in a fresh registry; read and list there."""
    registry = Registry(settings, now)
    sources = at_home([*sets_for([]), *made[1:]])
    started = time.perf_counter()
    laying = Laying(sources, registry.catalogs.of(sources), {}, "en", now())
    registry.settle(
        Entry("large", "Large", "en", "making", now()), lambda: registry.build("large", laying)
    )
    yield Figure("tenant of it made", time.perf_counter() - started, 0, " s")
    registry.close()
    fresh = Registry(settings, now)
    started = time.perf_counter()
    opened = fresh.open("large")
    with opened.work(setup_context("large", now(), language="en"), write=True) as work:
        done = setup_work(work)
        company = store.create(
            done, "base.company", {"code": "c", "name": "C", "currency": {"code": "CNY"}}
        )
        assert company.id
        assert not list_records(done, "m1.entity_1", Query()).rows
    first = time.perf_counter() - started
    yield Figure("first use in a process", first, 0, " s")
    started = time.perf_counter()
    with opened.work(setup_context("large", now(), language="en"), write=False) as work:
        for n in range(20):
            list_records(setup_work(work), f"m{n % 10}.entity_{n}", Query())
    yield Figure("first list of an entity", (time.perf_counter() - started) / 20 * 1000, 0, " ms")
    fresh.close()
