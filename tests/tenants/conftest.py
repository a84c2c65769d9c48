"""A registry with passwords that hash fast, a clock that stands until it is moved."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from dougong.tenants.opened import Opened
from dougong.tenants.passwords import Passwords
from dougong.tenants.registry import Created, Registry


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
def registries(database, clock) -> Iterator[Callable[[], Registry]]:
    """Open registries on one database, each as a process of its own would."""
    opened: list[Registry] = []

    def open_one() -> Registry:
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=2048, parallelism=1))
        opened.append(Registry(database.settings, clock, passwords=passwords))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def registry(registries) -> Registry:
    return registries()


@pytest.fixture
def created(registry, clock) -> Created:
    """A tenant with the sales module."""
    return registry.create("acme", modules=["sales"], label="安可公司", language="zh", now=clock())


@pytest.fixture
def acme(registry, created) -> Opened:
    return registry.open(created.name)
