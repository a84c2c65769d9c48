"""The server as processes: it starts, several share one socket, a change reaches all, it stops gracefully."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from pathlib import Path
from dougong.foundation.settings import Settings, read_settings
from dougong.server.serve import serve

if __name__ == "__main__":
    serve(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2], port=int(sys.argv[3]), threads=2,
                   cache=read_settings().cache), workers=int(sys.argv[4]))
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(shop: Any, folder: Path, workers: int) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    program = folder / "run_server.py"
    program.write_text(PROGRAM)
    port = free_port()
    given = [str(shop.settings.data), shop.settings.database_url, str(port), str(workers)]
    platform = str(Path(__file__).parents[2] / "platform")
    with subprocess.Popen(
        [sys.executable, str(program), *given],
        env={**os.environ, "PYTHONPATH": platform}, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: process.poll() is not None or answers(address))
            assert process.poll() is None, process.communicate()[1]
            yield address, process
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=30)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def wait_until(condition: Any, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.1)


def children(process: Any) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    found = []
    for pid in map(int, listed.split()):
        command = Path(f"/proc/{pid}/cmdline").read_text()
        if "resource_tracker" not in command:
            found.append(pid)
    return found


def test_several_processes_share_one_socket_and_see_every_change(shop: Any, tmp_path: Path) -> None:
    tokens = shop.acme.tokens
    with running(shop, tmp_path, 2) as (address, process):
        assert len(children(process)) == 2
        base = f"{address}/t/acme/api"
        headers = {"Authorization": f"Bearer {tokens['manager']}"}
        for _ in range(20):  # new connections land on either process
            answer = httpx.get(f"{base}/master_data.customer", headers=headers)
            assert answer.status_code == 200, answer.text
        made = httpx.post(
            f"{base}/master_data.customer", headers=headers, json={"code": "C9", "name": "新"}
        )
        assert made.status_code == 201, made.text
        for _ in range(10):
            read = httpx.get(f"{address}{made.headers['location']}", headers=headers)
            assert read.json()["code"] == "C9"
        shop.acme.opened.run_bare(
            lambda connection: connection.change('delete from @."dougong_token"')
        )
        from dougong.tenants.sessions import move_security

        shop.acme.opened.run_bare(move_security)
        for _ in range(20):
            assert httpx.get(f"{base}/session", headers=headers).status_code == 401


def test_a_process_that_dies_is_replaced(sqlite_shop: Any, tmp_path: Path) -> None:
    with running(sqlite_shop, tmp_path, 2) as (address, process):
        wait_until(lambda: len(children(process)) == 2)
        time.sleep(5.2)  # one that dies at once is taken for one that can't live
        victim = children(process)[0]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(children(process)) == 2 and victim not in children(process))
        wait_until(lambda: answers(address))


@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_ends_it_gracefully(sqlite_shop: Any, tmp_path: Path, workers: int) -> None:
    with running(sqlite_shop, tmp_path, workers) as (address, process):
        members = children(process) if workers > 1 else []
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in {0, -signal.SIGTERM}
        assert not answers(address)
        assert not [pid for pid in members if Path(f"/proc/{pid}").exists()]


def test_the_members_end_when_the_first_process_is_killed(sqlite_shop: Any, tmp_path: Path) -> None:
    with running(sqlite_shop, tmp_path, 2) as (_, process):
        members = children(process)
        process.kill()
        process.wait(5)
        wait_until(lambda: not any(alive(pid) for pid in members), 20)


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
