"""One small tenant, a clock that is moved by hand, and a worker."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from dougong.tenants.opened import Opened
from dougong.tenants.passwords import Passwords
from dougong.tenants.registry import Registry


class Clock:
    """Time as the tests tell it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(database, clock) -> Iterator[Registry]:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=2048, parallelism=1))
    made = Registry(database.settings, clock, passwords=quick)
    yield made
    made.close()


@pytest.fixture
def acme(registry, clock) -> Opened:
    registry.create("acme", modules=[], label="Acme", language="en", now=clock())
    return registry.open("acme")
