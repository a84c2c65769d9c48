"""The benches run, and the twin still answers as the platform does; how fast is not judged here."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_bench_runs_in_a_tiny_size():
    done = subprocess.run(
        [sys.executable, "-m", "tests.speed", "--tiny", "--database", "sqlite"],
        cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("create", "get", "list", "bulk upsert", "search box", "new tenant", "check, cold"):
        assert name in done.stdout
