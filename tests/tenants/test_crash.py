"""Killed at any moment, what was acknowledged is there, whole, once."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dougong.records.verify import verify

WRITER = Path(__file__).with_name("crash_writer.py")
SECONDS = 4
POINTS = ("begin", "change", "commit", "committed")


class Writer:
    """The process that writes and is killed."""

    def __init__(self, settings) -> None:
        self.process = subprocess.Popen(
            [sys.executable, WRITER, settings.data, settings.database_url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self.pid = 0

    def begin(self, first, *fault):
        """Begin to write from `first` on."""
        self.process.stdin.write(" ".join([str(first), *fault]) + "\n")
        said = self.next()
        while not said.startswith("pid "):
            said = self.next()
        self.pid = int(said.removeprefix("pid "))

    def next(self):
        return self.process.stdout.readline().strip()

    def kill(self):
        os.kill(self.pid, 9)

    def acknowledged(self):
        """Wait for the end and return the numbers acknowledged since the last look."""
        said = iter(self.next, "dead")
        return {int(line) for line in said if line.isdigit()}


@pytest.fixture
def writer(database, acme):
    writer = Writer(database.settings)
    yield writer
    writer.process.stdin.close()
    writer.process.wait(20)
    writer.process.stdout.close()


def stored(opened):
    """Return the numbers of the units that are there; all that is stored must be sound."""
    with opened.begun(write=False) as (connection, catalog, _):
        codes = [code for (code,) in connection.run('select "code" from @."master_data_unit"')]
        assert verify(connection, catalog) == []
    numbers = [int(code[1:]) for code in codes if code[0] == "u" and code[1:].isdigit()]
    assert len(numbers) == len(set(numbers))
    return set(numbers)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(writer, acme):
    chance = random.Random(20260302)
    acked, first, rounds, until = set(), 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < until or rounds < 3:
        writer.begin(first)
        acked.add(int(writer.next()))
        time.sleep(chance.uniform(0, 0.3))
        writer.kill()
        acked |= writer.acknowledged()
        rounds += 1
        there = stored(acme)
        assert acked <= there
        assert len(there - acked) <= rounds  # one may be unknown at each kill
        first = max(there) + 1


@pytest.mark.slow
def test_killed_at_a_point_a_write_is_there_whole_or_not_at_all(writer, acme):
    first = 0
    for point in POINTS:
        before = stored(acme)
        writer.begin(first, point, "4")
        acked = writer.acknowledged()
        there = stored(acme) - before
        assert acked <= there
        assert len(there - acked) == (1 if point == "committed" else 0), point
        first = max(stored(acme), default=-1) + 1
