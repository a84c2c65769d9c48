"""Killed in the middle of an apply, the old state or the new one stands: at every single point."""

import os
import signal
import warnings
from datetime import UTC, datetime

import pytest
from msgspec import structs

from dougong.catalog.source import SourceSet
from dougong.database.apply import By, apply, current, plan_for, rollback_last
from dougong.database.drift import drift
from dougong.database.lock import Lock
from dougong.database.state import SYSTEM_TABLES
from dougong.database.tables import Column, ForeignKey, Index, State, Table
from dougong.database.types import TYPES

BY = By(datetime(2026, 3, 1, 8, 0, tzinfo=UTC), 7, "wang", "upgrade")


def column(name: str, kind: str = "text", **more) -> Column:
    return Column(name=name, kind=kind, types=TYPES[kind], module="shop", **more)


def table(name: str, *columns: Column, **more) -> Table:
    made = [column("id", "link", required=True), *columns]
    return Table(
        name=name,
        columns={one.name: one for one in made},
        entity=name.replace("_", ".", 1),
        module="shop",
        **more,
    )


def lock(*tables: Table) -> Lock:
    every = {one.name: one for one in (*SYSTEM_TABLES, *tables)}
    made = State(every, {"shop": "1", "dougong": ""})
    return Lock(0, made.hash, made, (SourceSet("module", "shop", {}),))


OLD = lock(
    table("shop_item", column("code"), column("name", retired=True), column("note")),
    table("shop_order", column("item", "link"), foreign={"item": ForeignKey("item", "shop_item")}),
)
NEW = lock(
    table(
        "shop_item",
        column("code", required=True),
        column("remark", renamed=("note",)),
        column("unit", required=True, fill="'pcs'", filler={"sqlite": ("'pcs'", []), "postgresql": ("'pcs'", [])}),
        indexes={"ix__u": Index("ix__u", ("code",), unique=True)},
    ),
    table("shop_sale", column("item", "link"), renamed=("shop.order",), foreign={"item": ForeignKey("item", "shop_item")}),
)  # fmt: skip


def killed_at(point: int, act) -> bool:
    """Run `act(fault)` in a process that is killed at its n-th fault point; False when it lived."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
        return os.WIFSIGNALED(status)
    passed = 0

    def fault(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)

    failed = 1
    try:
        act(fault)
        failed = 0
    finally:
        os._exit(failed)


@pytest.fixture
def shop(database):
    opened = database.connection("alpha")
    apply(opened, plan_for(opened, OLD.state), OLD, by=BY)
    opened.begin(write=True)
    opened.change(
        "insert into @.\"shop_item\" values (1, 'A', '甲', 'first'), (2, 'B', '乙', null)"
    )
    opened.change('insert into @."shop_order" values (3, 1)')
    opened.commit()
    return opened


def walk_through(database, shop, act, before: Lock, after: Lock) -> int:
    """Kill at point 1, 2, 3 … until nothing is left to kill; look at what stands after each."""
    point, moved = 1, False
    while killed_at(point, act):
        found = current(shop).state
        assert found.hash in (
            (after.state.hash,) if moved else (before.state.hash, after.state.hash)
        )
        moved = found.hash == after.state.hash
        assert drift(shop, found) == []
        point += 1
        if moved:
            break
    assert current(shop).state.hash == after.state.hash
    assert drift(shop, current(shop).state) == []
    return point


def test_killed_at_every_point_of_an_apply(database, shop):
    made = structs.replace(plan_for(shop, NEW.state))

    def act(fault) -> None:
        opened = database.connect("alpha", fault=fault)
        apply(opened, made, NEW, by=BY, consent=True)

    assert walk_through(database, shop, act, OLD, NEW) > 20
    shop.begin(write=False)
    assert shop.run('select code, remark, unit from @."shop_item" order by id') == [
        ("A", "first", "pcs"),
        ("B", None, "pcs"),
    ]
    assert shop.run('select item from @."shop_sale"') == [(1,)]
    shop.rollback()


def test_killed_at_every_point_of_taking_back(database, shop):
    apply(shop, plan_for(shop, NEW.state), NEW, by=BY, consent=True)

    def act(fault) -> None:
        rollback_last(database.connect("alpha", fault=fault), by=BY, consent=True)

    assert walk_through(database, shop, act, NEW, OLD) > 20
    shop.begin(write=False)
    assert shop.run('select code, name, note from @."shop_item" order by id') == [
        ("A", "甲", "first"),
        ("B", "乙", None),
    ]
    assert shop.run('select item from @."shop_order"') == [(1,)]
    shop.rollback()
