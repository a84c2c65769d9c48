import cProfile
import pstats
import sys

import pytest

from dougong.records import store

sys.path.insert(0,"/work/main/tests/records")
import importlib.util

spec=importlib.util.spec_from_file_location("sp","/work/main/tests/records/test_speed.py"); sp=importlib.util.module_from_spec(spec); spec.loader.exec_module(sp)

class Stub:
    dialect="sqlite"; schema=""
    def __init__(s, c): s.c=c; s.memo={}
    def run(s,sql,params=()):
        k=sql
        if sql.startswith("SELECT 1 FROM"): return [(1,)]
        if k not in s.memo: s.memo[k]=s.c.run(sql,params)
        return s.memo[k]
    def change(s,sql,params=()): return 1
    def change_many(s,sql,rows): pass
class Cur:
    def __init__(s,rows): s.rows=rows
    def fetchone(s): return s.rows[0]
    def fetchall(s): return s.rows

@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_parts(sales):
    h=sales.house; body=sp.order_body(sales)
    st=Stub(h.connection); real=h.connection; h.connection=st
    def ours(): store.create(h.as_("shop.admin"),"sales.order",body)
    by=sp.ByHand.__new__(sp.ByHand); by.house=h; by.next=10**5
    memo={}
    def raw(sql,params=()):
        if sql.startswith("SELECT"):
            if sql not in memo: memo[sql]=Cur(real.raw.execute(sql,params).fetchall())
            return memo[sql]
    by.raw=raw; by.many=lambda *a: None
    from datetime import UTC, datetime
    now=datetime(2026,6,3,1,0,tzinfo=UTC)
    a,b=sp.best_of(lambda: by.create(body,now), ours, rounds=150)
    print("stubbed: hand",a,"ours",b)
    pr=cProfile.Profile(); pr.enable()
    for _ in range(2000): ours()
    pr.disable(); pstats.Stats(pr).sort_stats("cumtime").print_stats(60)
