import gc
import time
from collections import defaultdict

import msgspec
import pytest

import dougong.records.work as workmod
from dougong.records import drafting, saving, search_index, steps, store, trail

P = defaultdict(lambda: 9.0)
STACK = []


def wrap(owner, name, label=None):
    f = getattr(owner, name)

    def g(*a, **k):
        t = time.perf_counter()
        try:
            return f(*a, **k)
        finally:
            d = time.perf_counter() - t
            l = label or name
            P[l] = min(P[l], d)

    setattr(owner, name, g)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_parts(sales):
    items = [
        {
            "item": str(sales.desk if n % 2 else sales.lamp),
            "qty": "2.5",
            "price": "100.00",
            "discount": "0.05",
        }
        for n in range(10)
    ]
    body = msgspec.json.encode(
        {"customer": str(sales.customer), "date": "2026-06-03", "items": items}
    )
    h = sales.house
    wrap(store, "new_draft")
    wrap(steps, "finish_new")
    wrap(steps, "complete")
    wrap(saving, "insert")
    wrap(saving, "_insert_sqlite")
    wrap(store, "run_auto")
    wrap(steps, "saved")
    wrap(search_index, "add", "fts")
    wrap(trail, "row")
    wrap(trail, "created_changes")
    wrap(drafting, "find_links")
    wrap(saving, "index_words")
    wrap(workmod.Work, "new_ids")
    conn = h.connection

    class C:
        dialect = "sqlite"
        schema = ""

        def run(s, *a):
            t = time.perf_counter()
            r = conn.run(*a)
            d = time.perf_counter() - t
            k = "run " + a[0][-60:]
            P[k] = min(P[k], d)
            return r

        def change(s, *a):
            t = time.perf_counter()
            r = conn.change(*a)
            d = time.perf_counter() - t
            k = "change " + a[0][:40]
            P[k] = min(P[k], d)
            return r

        def change_many(s, *a):
            t = time.perf_counter()
            r = conn.change_many(*a)
            d = time.perf_counter() - t
            k = "many " + a[0][:40]
            P[k] = min(P[k], d)
            return r

    h.connection = C()
    gc.disable()
    b = 9
    for _ in range(1500):
        t = time.perf_counter()
        store.create(h.as_("shop.admin"), "sales.order", body)
        b = min(b, time.perf_counter() - t)
    print("create", b * 1e6)
    for k, v in sorted(P.items(), key=lambda x: -x[1]):
        print(f"{v * 1e6:8.1f} {k}")
