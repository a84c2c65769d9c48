"""dougong serve, work: the running platform."""

import errno
import signal
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from dougong.cli.console import DONE, Command, Console
from dougong.cli.handlers import HANDLERS
from dougong.cli.open import opened_registry, warn_of_login
from dougong.cli.problems import CANNOT_LISTEN, PORT_TAKEN
from dougong.foundation.errors import refuse
from dougong.jobs.worker import Worker
from dougong.server.logs import start_logging
from dougong.server.serve import Crew, bind, run_one


def _serve_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("--host", help=text("监听的地址", "the address to listen on"))
    parser.add_argument("--port", type=int, help=text("监听的端口", "the port to listen on"))
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help=text("进程数（默认 1）", "processes (default 1)"),
    )
    parser.add_argument(
        "--no-jobs", action="store_true", help=text("不运行后台任务", "run no background jobs here")
    )


def _serve(options: Namespace, console: Console) -> int:
    settings = console.settings
    host = settings.host if options.host is None else options.host
    port = settings.port if options.port is None else options.port
    console = replace(console, settings=replace(settings, host=host, port=port))
    listening = bound(host, port)
    url = url_of(listening)
    with opened_registry(console) as registry:
        warn_of_login(registry, console)
        if not registry.names():
            console.say(
                "还没有租户；先用 `dougong tenant create` 创建一个，会显示管理员的随机密码",
                "There is no tenant yet; make one with `dougong tenant create`, which tells its"
                " administrator's random password",
            )
    console.answer({"url": url})
    console.say(f"dougong 在 {url}", f"dougong is at {url}")
    serve_on(listening, console, workers=options.workers, jobs=not options.no_jobs)
    return DONE


def serve_on(
    listening: socket.socket, console: Console, *, workers: int = 1, jobs: bool = True
) -> None:
    """Serve on a bound socket, with the jobs beside it, until SIGTERM or SIGINT."""
    start_logging()
    with leaving_cleanly(), _jobs(console) if jobs else _nothing():
        if workers <= 1:
            run_one(console.settings, listening)
        else:
            Crew(console.settings, listening, workers).run()


def bound(host: str, port: int) -> socket.socket:
    """Bind the address; refuses one that is in use, or that can't be listened on."""
    try:
        return bind(host, port)
    except (OSError, OverflowError, UnicodeError) as wrong:
        if isinstance(wrong, OSError) and wrong.errno == errno.EADDRINUSE:
            raise refuse(PORT_TAKEN, port=port) from wrong
        said = getattr(wrong, "strerror", None) or str(wrong)
        raise refuse(CANNOT_LISTEN, host=host, port=port, said=said) from wrong


def url_of(listening: socket.socket) -> str:
    """Return where a browser finds a bound socket."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104 -- to show it
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _work_arguments(parser: ArgumentParser, console: Console) -> None:
    parser.epilog = console.text(
        "SIGTERM 会等手上的任务做完。", "On SIGTERM the job in hand is finished first."
    )


def _work(options: Namespace, console: Console) -> int:
    del options
    start_logging()
    with opened_registry(console) as registry:
        worker = Worker(registry, HANDLERS, console.now)
        console.say("后台任务运行中，Ctrl+C 结束", "Running jobs; Ctrl+C ends it")

        def end(_number: int, _frame: FrameType | None) -> None:
            worker.end()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        worker.work()
    return DONE


@contextmanager
def leaving_cleanly() -> Iterator[None]:
    """Let SIGTERM end the process in order, with exit code 0."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(DONE)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _jobs(console: Console) -> Iterator[None]:
    """Run the jobs in a thread of their own."""
    with opened_registry(console) as registry:
        worker = Worker(registry, HANDLERS, console.now)
        worker.start()
        try:
            yield
        finally:
            worker.stop()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


COMMANDS = {
    "serve": Command(_serve_arguments, _serve),
    "work": Command(_work_arguments, _work),
}
