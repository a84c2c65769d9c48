"""Making tenants, keeping many of them open, and applying metadata that has not changed."""

import gc
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.speed.house import now
from tests.speed.report import Figure

from dougong.database.apply import By
from dougong.database.apply import apply as apply_tables
from dougong.database.lock import read_lock
from dougong.database.plan import plan
from dougong.foundation.settings import Settings
from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_context, setup_work

MODULES = ("master_data", "sales")
CREATE = {"sqlite": 50.0, "postgresql": 2_000.0}
MEMORY = 0.5


def run(settings: Settings, dialect: str, *, many: int) -> Iterator[Figure]:
    """Make `many` tenants; the first one makes the template and is not counted."""
    points: Counter[str] = Counter()
    registry = Registry(settings, now, fault=lambda point: points.update([point]))
    try:
        made: list[float] = []
        spent: list[float] = []
        for n in range(many):
            started, cpu = time.perf_counter(), time.process_time()
            registry.create(f"many_{n}", modules=MODULES, label="Many", language="en", now=now())
            made.append((time.perf_counter() - started) * 1000)
            spent.append((time.process_time() - cpu) * 1000)
        best, middle = min(made[1:]), sorted(made[1:])[len(made) // 2 - 1]
        said = f"middle {middle:.0f} ms, CPU {min(spent[1:]):.0f} ms; the first {made[0]:,.0f} ms"
        yield Figure("new tenant", best, CREATE[dialect], " ms", said)
        yield from _memory(registry, many)
        yield from _no_op(registry, points)
    finally:
        registry.close()


def _memory(registry: Registry, many: int) -> Iterator[Figure]:
    """Use every tenant and see how the process grows from the second to the last."""
    sizes = []
    for n in range(many):
        use(registry, f"many_{n}")
        gc.collect()
        sizes.append(resident())
    each = (sizes[-1] - sizes[0]) / max(1, many - 1) / 2**20
    yield Figure(
        "memory of a further tenant", each, MEMORY, " MB", f"{sizes[-1] / 2**20:.0f} MB in all"
    )


def use(registry: Registry, name: str) -> None:
    """Open a tenant and look at some of its lists."""
    opened = registry.open(name)
    with opened.work(setup_context(name, now(), language="en"), write=False) as work:
        for entity in ("sales.order", "master_data.item", "master_data.customer", "base.user"):
            list_records(setup_work(work), entity, Query())


def resident() -> int:
    """Bytes of memory this process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _no_op(registry: Registry, points: Counter[str]) -> Iterator[Figure]:
    """Apply what stands already: whether there is a lock is asked for, then its one row is read."""
    with registry.connected("many_0") as connection:
        connection.begin(write=False)
        lock = read_lock(connection)
        connection.rollback()
        same = plan(lock.state, lock.state)
        points.clear()
        by = By(now=now(), login="bench", why="nothing changed")
        applied = apply_tables(connection, same, lock, by=by)
        assert not applied.changed
    statements = points["run"] + points["change"]
    yield Figure("statements of a no-op apply", statements, 2, "", str(dict(points)))
