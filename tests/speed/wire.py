"""Server processes, a client that costs them as little as may be, and what they spent of the CPU."""

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dougong.foundation.settings import Settings

ROOT = Path(__file__).parents[2]


def cpu_of(pid: int) -> float:
    """CPU seconds a process has used so far, to the nanosecond where the kernel tells (Linux)."""
    return time.clock_gettime((~pid << 3) | 2)


@dataclass(slots=True)
class Server:
    """A server under measurement."""

    name: str
    pid: int
    port: int

    def cpu(self) -> float:
        return cpu_of(self.pid)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(name: str, command: Sequence[str], settings: Settings) -> Iterator[Server]:
    """Run a server until the block ends; its log goes to a file of the data folder."""
    port = free_port()
    environment = {
        **os.environ,
        "DOUGONG_DATA": str(settings.data),
        "DOUGONG_DATABASE_URL": settings.database_url,
        "DOUGONG_THREADS": str(settings.threads),
        "DOUGONG_PORT": str(port),
    }
    with (settings.data / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            _await(port, process, settings.data / f"{name}.log")
            yield Server(name, process.pid, port)
        finally:
            process.terminate()
            process.wait(30)


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')}")


def request(method: str, path: str, token: str, body: bytes = b"", key: str = "") -> bytes:
    """Write a request as it goes over the wire."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bench",
        f"Authorization: Bearer {token}",
        "Accept: application/json",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if key:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Client:
    """A few connections kept open; all send, then all are read: as many requests are under way."""

    def __init__(self, server: Server, connections: int = 4) -> None:
        self.sockets = [
            socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(connections)
        ]
        for one in self.sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        for one in self.sockets:
            one.close()

    def ask(self, wire: bytes) -> tuple[int, bytes]:
        self.sockets[0].sendall(wire)
        return _answer(self.sockets[0])

    def ask_all(self, wires: Sequence[bytes], wanted: int) -> None:
        """Send all requests; every answer must have the status `wanted`."""
        for at in range(0, len(wires), len(self.sockets)):
            part = wires[at : at + len(self.sockets)]
            for one, wire in zip(self.sockets, part, strict=False):
                one.sendall(wire)
            for one, _ in zip(self.sockets, part, strict=False):
                status, body = _answer(one)
                if status != wanted:
                    raise RuntimeError(f"{status}: {body[:500].decode(errors='replace')}")


def _answer(one: socket.socket) -> tuple[int, bytes]:
    select.select([one], [], [], 60)
    head, _, body = one.recv(1 << 16).partition(b"\r\n\r\n")
    fields = head.lower().split(b"\r\n")
    length = next(
        int(field.split(b":")[1]) for field in fields if field.startswith(b"content-length")
    )
    parts = [body]
    read = len(body)
    while read < length:
        parts.append(one.recv(1 << 16))
        read += len(parts[-1])
    return int(fields[0].split()[1]), b"".join(parts)


def shown(body: bytes) -> Any:
    return json.loads(body)
