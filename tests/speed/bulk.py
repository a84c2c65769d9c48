"""Plain master data saved in bulk: validated rows a second, of this process's CPU time."""

import time
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

from tests.speed.house import House, seller
from tests.speed.report import Figure

from dougong.records import store
from dougong.records.work import Work

LEAST = 12_000


def rows(numbers: Iterator[int], many: int) -> list[dict[str, Any]]:
    return [
        {
            "code": f"K{n:07}", "name": f"上海远见办公用品{n}有限公司", "lead_days": 3,
            "phone": "021-12345678", "email": f"buyer{n}@example.cn", "credit_limit": "1000.50",
            "group": "trade", "ship_to": "上海市浦东新区",
        }
        for n in (next(numbers) for _ in range(many))
    ]  # fmt: skip


def save(given: list[dict[str, Any]], work: Work) -> list[store.RowResult]:
    return store.upsert(work, "master_data.customer", given, key=("code",), good_only=False)


def run(house: House, *, rounds: int, each: int) -> Iterator[Figure]:
    """Measure the best of `rounds` upserts of `each` new customers, and of the same ones again."""
    numbers = count()
    best: dict[str, list[float]] = {"created": [0.0, 0.0], "same": [0.0, 0.0]}
    for _ in range(rounds):
        given = rows(numbers, each)
        for status, found in best.items():
            wall, spent = time.perf_counter(), time.process_time()
            results = house.opened.run(seller(house), partial(save, given), write=True)
            found[0] = max(found[0], each / (time.process_time() - spent))
            found[1] = max(found[1], each / (time.perf_counter() - wall))
            assert {result.status for result in results} == {status}
    budget = 0 if house.settings.database_url else LEAST
    for status, (by_cpu, by_wall) in best.items():
        said = f"by the clock {by_wall:,.0f}/s"
        bound = budget if status == "created" else 0
        yield Figure(f"bulk upsert, {status}", by_cpu, bound, "/s", said, least=True)
