"""The search box over many names, Chinese and Latin: milliseconds by the clock."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, product
from typing import Any

from tests.speed.bulk import save
from tests.speed.house import House, seller
from tests.speed.report import Figure

from dougong.queries.list_records import list_records
from dougong.queries.lookup import lookup
from dougong.queries.query import Query
from dougong.queries.search import search

BUDGET = 8.0
PLACES = ("上海", "北京", "广州", "深圳", "杭州", "苏州", "宁波", "青岛", "成都", "武汉")
MARKS = ("恒达", "远见", "金龙", "天成", "华兴", "永固", "瑞丰", "同和", "东方", "明辉")
GOODS = (
    "不锈钢轴承",
    "精密轴承",
    "五金工具",
    "办公用品",
    "电子元件",
    "汽车配件",
    "塑料制品",
    "包装材料",
)
LATIN = ("Acme", "Borealis", "Cardinal", "Delta", "Everest", "Fjord", "Granite", "Harbour")
TRADES = ("Bearings", "Compressors", "Fasteners", "Hydraulics", "Instruments", "Optics")
ASKED = (
    "轴承", "不锈钢轴承", "压缩机", "上海恒达", "恒", "有限公司", "acme", "bear", "harbour opt",
    "everest 123", "shhd", "shanghai", "N0012", "恒达 轴承", "no such thing",
)  # fmt: skip


def names(many: int) -> Iterator[str]:
    """Names of `many` customers: two in three Chinese."""
    chinese = (
        f"{place}{mark}{goods}有限公司{n}"
        for n, place, mark, goods in product(range(10**6), PLACES, MARKS, GOODS)
    )
    latin = (f"{name} {trade} {n} Ltd" for n, name, trade in product(range(10**6), LATIN, TRADES))
    for n in range(many):
        yield next(latin) if n % 3 == 2 else next(chinese)


def fill(house: House, many: int) -> None:
    """Save `many` customers."""
    numbered = enumerate(names(many))
    while batch := list(islice(numbered, 5_000)):
        given = [{"code": f"N{n:06}", "name": name} for n, name in batch]
        house.opened.run(seller(house), partial(save, given), write=True)


def run(house: House, *, many: int, times: int) -> Iterator[Figure]:
    """Measure each search `times` times; p50 and p95 over all of them, and the slowest word."""
    fill(house, many)
    if house.settings.database_url:
        with house.opened.lend() as connection:
            connection.begin(write=True)
            connection.change('analyze @."dougong_search"')
            connection.change('analyze @."master_data_customer"')
            connection.commit()
    ways: dict[str, Callable[..., Any]] = {
        "list": lambda work, text: list_records(work, "master_data.customer", Query(search=text)),
        "search box": search,
        "lookup": lambda work, text: lookup(work, "x.order", "customer", text),
    }
    for way, act in ways.items():
        spent: dict[str, list[float]] = {text: [] for text in ASKED}
        for _ in range(times + 1):
            for text, found in spent.items():
                context = seller(house)
                started = time.perf_counter()
                house.opened.run(context, partial(act, text=text), write=False)
                found.append((time.perf_counter() - started) * 1000)
        for found in spent.values():
            del found[0]
        every = sorted(one for found in spent.values() for one in found)
        middle = {text: sorted(found)[len(found) // 2] for text, found in spent.items()}
        slowest = max(middle, key=middle.__getitem__)
        said = f"slowest: {slowest!r} {middle[slowest]:.1f} ms"
        yield Figure(f"{way}, p50", every[len(every) // 2], BUDGET, " ms", said)
        yield Figure(f"{way}, p95", every[len(every) * 95 // 100], BUDGET, " ms")
