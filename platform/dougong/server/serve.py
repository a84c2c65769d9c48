"""Runs the server: one process or several on one socket, each stopping gracefully.

Every process reads the stamps with the first statement of each unit of work, so a change of the
catalog or of rights made through one of them is seen by all.
"""

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from multiprocessing.context import SpawnProcess
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from dougong.foundation.settings import Settings
from dougong.server.app import build_app
from dougong.server.gate import read_clock
from dougong.server.logs import start_logging
from dougong.tenants.registry import Registry

log = logging.getLogger("dougong.server")
BACKLOG = 512
MOST_AT_ONCE = 1_000
"""Connections beyond which uvicorn answers 503 without asking anyone."""
GRACE = 20
"""Seconds that requests under way have to end after SIGTERM."""
SHORT_LIFE = 5.0
"""A process that ends within so many seconds of its start is not started again."""


def application(settings: Settings) -> Starlette:
    """Open the tenants and build the application."""
    return build_app(Registry(settings, read_clock), settings)


def serve(settings: Settings, workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the address can't be bound."""
    listening = bind(settings.host, settings.port)
    start_logging()
    log.info("listening on http://%s:%d", *listening.getsockname()[:2])
    if workers <= 1:
        run_one(settings, listening)
    else:
        Crew(settings, listening, workers).run()


def bind(host: str, port: int) -> socket.socket:
    """Bind the address. Raises OSError.

    The protocol is named because asyncio sends answers without delay (TCP_NODELAY) only then.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(BACKLOG)
    made.set_inheritable(True)
    return made


def run_one(settings: Settings, listening: socket.socket) -> None:
    """Serve on a bound socket in this process, until it is told to stop."""
    config = uvicorn.Config(
        application(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=GRACE,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _member(settings: Settings, listening: socket.socket) -> None:
    """One process of several; it ends with the one that started it."""
    start_logging()
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=follow, daemon=True).start()
    run_one(settings, listening)


class Crew:
    """Several processes on one socket; one that dies is replaced."""

    def __init__(self, settings: Settings, listening: socket.socket, workers: int) -> None:
        self._settings = settings
        self._listening = listening
        self._workers = workers
        self._members: list[tuple[SpawnProcess, float]] = []
        self._stop = threading.Event()

    def run(self) -> None:
        """Start the processes and look after them until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        self._members = [self._start() for _ in range(self._workers)]
        while not self._stop.wait(0.5):
            self._members = [self._replaced(member, born) for member, born in self._members]
        for member, _ in self._members:
            member.terminate()
        for member, _ in self._members:
            member.join(GRACE + 5)
            if member.is_alive():
                member.kill()

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _start(self) -> tuple[SpawnProcess, float]:
        spawn = multiprocessing.get_context("spawn")
        member = spawn.Process(target=_member, args=(self._settings, self._listening))
        member.start()
        return member, time.monotonic()

    def _replaced(self, member: SpawnProcess, born: float) -> tuple[SpawnProcess, float]:
        """Return the process, or a new one in its place; gives up when it can't live at all."""
        if member.is_alive():
            return member, born
        log.error("process %s ended with %s", member.pid, member.exitcode)
        if time.monotonic() - born < SHORT_LIFE:
            self._stop.set()
            return member, born
        return self._start()
