"""Opens the tenants a command works on, and says on whose behalf it acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser

from dougong.cli.console import Console
from dougong.tenants.registry import Registry


@contextmanager
def opened_registry(console: Console) -> Iterator[Registry]:
    """Open the registry of the settings for the length of a command."""
    registry = Registry(console.settings, console.now)
    try:
        yield registry
    finally:
        registry.close()


def warn_of_login(registry: Registry, console: Console) -> None:
    """Say so when a request that forgot to take a tenant's role could read all the same."""
    if not registry.is_bound():
        console.note(
            "提醒：数据库账号是超级用户，或会自动继承角色的权限；万一有请求没有切换到租户的角色，它仍能读到数据。"
            "请改用普通账号：create role dougong login createrole noinherit password '…'",
            "Warning: the database login is a superuser or inherits the rights of its roles; a request"
            " that failed to take a tenant's role could still read. Use an ordinary login instead:"
            " create role dougong login createrole noinherit password '…'",
        )


def whoever() -> str:
    """Return the name under which the operator appears in journal and trail."""
    try:
        return f"{getuser()} (dougong)"
    except (OSError, KeyError):
        return "dougong"
