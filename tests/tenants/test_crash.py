"""Killed at any moment, what was acknowledged is there, whole, once."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dougong.records.verify import verify

WRITER = Path(__file__).with_name("crash_writer.py")
SECONDS = 5
POINTS = ("begin", "run", "change", "commit", "committed")


def write(database, first, *fault):
    settings = database.settings
    return subprocess.Popen(
        [sys.executable, WRITER, settings.data, settings.database_url, str(first), *fault],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def stored(opened):
    with opened.begun(write=False) as (connection, catalog, _):
        codes = [code for (code,) in connection.run('select "code" from @."master_data_unit"')]
        problems = verify(connection, catalog)
    assert problems == []
    numbers = [int(code[1:]) for code in codes if code[0] == "u" and code[1:].isdigit()]
    assert len(numbers) == len(set(numbers))
    return set(numbers)


def acknowledged(process):
    said, complaint = process.communicate(timeout=20)
    assert process.returncode == -9, complaint
    return {int(line) for line in said.split("\n")[:-1]}


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(database, acme):
    chance = random.Random(20260302)
    acked, first, rounds, until = set(), 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        process = write(database, first)
        acked.add(int(process.stdout.readline()))
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        acked |= acknowledged(process)
        rounds += 1
        there = stored(acme)
        assert acked <= there
        assert len(there - acked) <= rounds  # one may be unknown at each kill
        first = max(there) + 1
    assert rounds


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_a_write_is_there_whole_or_not_at_all(database, acme, point):
    process = write(database, 0, point, "4")
    acked = acknowledged(process)
    there = stored(acme)
    assert acked <= there
    assert len(there - acked) <= 1
    if point == "committed":
        assert len(there - acked) == 1
    following = write(database, max(there, default=-1) + 1)
    assert following.stdout.readline()
    following.kill()
    acknowledged(following)
