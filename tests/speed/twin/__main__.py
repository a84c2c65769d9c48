"""The twin: a server for orders alone, written by hand over Starlette and the driver.

It keeps orders in the very tables of the tenant and does what the platform does for each of them,
but knows no metadata. `python -m tests.speed.twin` reads the same environment as dougong.
"""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.speed.twin.order import Wrong
from tests.speed.twin.principal import Unknown

from dougong.foundation.settings import Settings, read_settings

MOST = 1 << 20
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
log = logging.getLogger("twin")


class Keeper(Protocol):
    """Where orders are kept."""

    def create(self, token: str, body: bytes, key: str, trace: str) -> tuple[int, bytes]: ...

    def read(self, token: str, id_: int) -> bytes | None: ...

    def list(self, token: str, limit: int, after: str) -> bytes: ...


def keeper(settings: Settings) -> Keeper:
    if settings.database_url:
        from tests.speed.twin import on_postgres

        return on_postgres.Orders(settings.database_url)
    from tests.speed.twin import on_sqlite

    return on_sqlite.Orders(settings.data / "tenants" / "bench.sqlite")


class App:
    """Reads requests, hops into a worker thread once, answers."""

    def __init__(self, orders: Keeper, threads: int) -> None:
        self.orders = orders
        self.threads = ThreadPoolExecutor(threads)

    async def create(self, request: Request) -> Response:
        async def act(trace: str) -> Response:
            if request.headers.get("content-type") != "application/json":
                return answer(b'{"error":"media type"}', 415, trace)
            if int(request.headers.get("content-length", MOST)) >= MOST:
                return answer(b'{"error":"too large"}', 413, trace)
            body = await request.body()
            key = request.headers.get("idempotency-key", "")
            made = partial(self.orders.create, bearer(request), body, key, trace)
            id_, shown = await self.hop(made)
            return answer(shown, 201, trace, ETag='"1"', Location=f"/orders/{id_}")

        return await told(request, act)

    async def read(self, request: Request) -> Response:
        async def act(trace: str) -> Response:
            id_ = request.path_params["id"]
            shown = await self.hop(partial(self.orders.read, bearer(request), id_))
            if shown is None:
                return answer(b'{"error":"not found"}', 404, trace)
            return answer(
                shown, 200, trace, ETag=f'"{msgspec.json.decode(shown, type=Version).version}"'
            )

        return await told(request, act)

    async def list(self, request: Request) -> Response:
        async def act(trace: str) -> Response:
            asked = request.query_params
            limit = min(int(asked.get("limit", "50")), 500)
            made = partial(self.orders.list, bearer(request), limit, asked.get("after", ""))
            return answer(await self.hop(made), 200, trace)

        return await told(request, act)

    async def hop(self, act: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, act)


class Version(msgspec.Struct):
    version: int


async def told(request: Request, act: Callable[[str], Any]) -> Response:
    """Answer a request, tell what is wrong with it, and write its line of the log."""
    started, trace = time.perf_counter(), secrets.token_hex(8)
    try:
        made: Response = await act(trace)
    except Unknown as unknown:
        made = answer(json.dumps({"error": str(unknown)}).encode(), 403, trace)
    except (Wrong, msgspec.MsgspecError) as wrong:
        made = answer(json.dumps({"error": str(wrong)}).encode(), 422, trace)
    took = (time.perf_counter() - started) * 1000
    log.info("%s %s %d %.1f ms %s", request.method, request.url.path, made.status_code, took, trace)
    return made


def answer(body: bytes, status: int, trace: str, **headers: str) -> Response:
    more = {**HEADERS, "X-Trace": trace, **headers}
    return Response(body, status, more, media_type="application/json")


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unknown("token")
    return token


def main() -> None:
    settings = read_settings()
    app = App(keeper(settings), settings.threads if settings.database_url else 1)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    routes = [
        Route("/orders", app.create, methods=["POST"]),
        Route("/orders", app.list, methods=["GET"]),
        Route("/orders/{id:int}", app.read, methods=["GET"]),
    ]
    uvicorn.run(
        Starlette(routes=routes), port=settings.port, log_config=None, access_log=False,
        server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
