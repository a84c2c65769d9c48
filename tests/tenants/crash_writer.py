"""Creates units one after the other and acknowledges each on standard output, until it is killed.

crash_writer.py DATA URL FIRST [POINT N]     kill itself when POINT is passed for the N-th time
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from dougong.foundation.settings import Settings
from dougong.records import store
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_work

data, url, first, *fault = sys.argv[1:]
passed = 0
armed = False


def die(point: str) -> None:
    global passed  # noqa: PLW0603
    if armed and fault and point == fault[0]:
        passed += 1
        if passed == int(fault[1]):
            os.kill(os.getpid(), 9)


registry = Registry(
    Settings(data=Path(data), database_url=url),
    lambda: datetime.now(UTC),
    fault=die if fault else None,
)
opened = registry.open("acme")
context = opened.setup_context(datetime.now(UTC))
number = int(first)
armed = True
while True:
    body = {"code": f"u{number}", "name": f"unit {number}"}
    opened.run(
        context, lambda work: store.create(setup_work(work), "master_data.unit", body), write=True
    )
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
    number += 1
