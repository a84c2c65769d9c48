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


def whoever() -> str:
    """Return the name under which the operator appears in journal and trail."""
    try:
        return f"{getuser()} (dougong)"
    except (OSError, KeyError):
        return "dougong"
