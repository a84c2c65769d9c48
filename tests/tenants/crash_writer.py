"""Creates units one after the other and acknowledges each, until it is killed; again and again.

    crash_writer.py DATA URL

Every line on standard input, `FIRST [POINT N]`, begins a process that creates units from FIRST on and
kills itself when POINT is passed for the N-th time. Said on standard output: `pid N`, then the number
of every unit acknowledged, then `dead`. (The processes are forks, so Python starts only once.)
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from dougong.foundation.settings import Settings, read_settings
from dougong.records import store
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_work


class Fault:
    """Kills the process when a point is passed for the n-th time."""

    def __init__(self, point: str = "", count: str = "0") -> None:
        self.point = point
        self.left = int(count)
        self.armed = False

    def __call__(self, point: str) -> None:
        if self.armed and point == self.point:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), 9)


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def write(settings: Settings, number: int, fault: Fault) -> None:
    registry = Registry(settings, lambda: datetime.now(UTC), fault=fault)
    opened = registry.open("acme")
    context = opened.setup_context(datetime.now(UTC))
    fault.armed = True
    while True:
        create(opened, context, number)
        say(str(number))
        number += 1


def create(opened, context, number: int) -> None:
    body = {"code": f"u{number}", "name": f"unit {number}"}
    opened.run(
        context, lambda work: store.create(setup_work(work), "master_data.unit", body), write=True
    )


if __name__ == "__main__":
    cache = read_settings().cache
    chosen = Settings(data=Path(sys.argv[1]), database_url=sys.argv[2], cache=cache)
    for line in sys.stdin:
        first, *point = line.split()
        child = os.fork()
        if not child:
            write(chosen, int(first), Fault(*point))
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("dead")
