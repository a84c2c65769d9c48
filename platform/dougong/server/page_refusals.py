"""Refusals told to a person who is signed in: a page with her menu around it."""

import asyncio
from dataclasses import replace

from dougong.database.connect import Busy, Lost, Storage
from dougong.foundation.errors import Refused
from dougong.screens.shell import Shell
from dougong.server import gate
from dougong.server.call import Answer, Call
from dougong.server.desk import Tell
from dougong.server.page_answers import tell_person, wants_json
from dougong.server.page_parts import shell_of
from dougong.server.problems import DATABASE_AWAY, OUTCOME_UNKNOWN, STORAGE_FULL
from dougong.tenants.registry import Registry

AWAY = (DATABASE_AWAY, OUTCOME_UNKNOWN, STORAGE_FULL)
"""Refusals after which the database is not asked again."""


def tell_at(registry: Registry) -> Tell:
    """Return the way of telling a person a refusal: inside the shell, where one can be built.

    What is refused before a worker thread had the call, such as an address that is too long, is told
    without it: the loop reads no database. So is what came of a database that is away.
    """

    def tell(refused: Refused, call: Call) -> Answer:
        unreachable = any(problem.kind in AWAY for problem in refused.problems)
        wanted = call.tenant and not unreachable and refused.status != 401 and not wants_json(call)
        shell = _shell(registry, call) if wanted and not _on_the_loop() else None
        return tell_person(refused, call, shell)

    return tell


def _on_the_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _shell(registry: Registry, call: Call) -> Shell | None:
    """Build the shell for whoever asks; None for a stranger, or when that is refused as well."""
    asking = replace(call, method="GET")
    try:
        opened = registry.open(call.tenant)
        context = gate.enter(opened, asking, "page")
        with opened.work(context, write=False) as work:
            return shell_of(work, asking)
    except (Refused, Busy, Lost, Storage):
        return None
