"""Builds the application: the doors for programs and people, the security headers, the life span."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dougong import __version__
from dougong.foundation.errors import refuse
from dougong.foundation.settings import Settings
from dougong.server import pages
from dougong.server.desk import Desk, read_call, respond, surely, tell_program
from dougong.server.executor import BoundedPool, Executor, StickyThreads
from dougong.server.page_answers import tell_person
from dougong.server.problems import METHOD_NOT_ALLOWED, NOT_FOUND
from dougong.server.rest import PREFIX, ROUTES
from dougong.tenants.registry import Registry

SLOW_THREADS = 2
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
SECURE = {"Strict-Transport-Security": "max-age=31536000"}


class SecurityHeaders:
    """Adds the security headers to every answer that does not set its own."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the head of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message["headers"]
                names = {name for name, _ in own}
                message["headers"] = [
                    *own,
                    *(each for each in self._headers if each[0] not in names),
                ]
            await send(message)

        await self._app(scope, receive, add)


class Compression(GZipMiddleware):
    """Compresses answers for callers that take it; those of others pass untouched."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, through gzip when its caller accepts that."""
        if any(
            name == b"accept-encoding" and b"gzip" in it for name, it in scope.get("headers", ())
        ):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Doors(BaseRoute):
    """Routes looked for among those whose paths have as many steps; elsewhere none of them fits."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = list(routes)
        self._by_steps: dict[int, list[StarletteRoute]] = {}
        for route in routes:
            assert isinstance(route, StarletteRoute)  # noqa: S101 -- the desk mounts no others
            self._by_steps.setdefault(route.path.count("/"), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Find the route; what it found stands in the scope for `handle`."""
        if scope["type"] == "http":
            for route in self._by_steps.get(scope["path"].count("/"), ()):
                match, found = route.matches(scope)
                if match is not Match.NONE:
                    return match, {**found, "door": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route found answer."""
        await scope["door"].handle(scope, receive, send)


def make_executor(settings: Settings) -> Executor:
    """Return the worker threads that fit the database."""
    if settings.database_url:
        return BoundedPool(settings.threads)
    return StickyThreads(settings.threads)


def build_app(registry: Registry, settings: Settings) -> Starlette:
    """Build the application over the tenants of `registry`, which it closes at its end.

    Raises BadRoutes when a route declares no right.
    """
    desk = Desk(registry, settings, make_executor(settings), BoundedPool(SLOW_THREADS, room=64))

    @asynccontextmanager
    async def life_span(_: Starlette) -> AsyncIterator[None]:
        yield
        await anyio.to_thread.run_sync(close, desk)

    headers = HEADERS | SECURE if settings.secure_cookies else HEADERS
    app = Starlette(
        routes=[
            StarletteRoute("/healthz", health, methods=["GET"]),
            Doors(desk.mount(PREFIX, ROUTES)),
            StarletteRoute(PREFIX + "/{rest:path}", nothing, methods=None),
            *pages.routes(desk),
        ],
        middleware=[
            Middleware(SecurityHeaders, headers=headers),
            Middleware(Compression, minimum_size=1024, compresslevel=5),
        ],
        exception_handlers={HTTPException: unmatched},
        lifespan=life_span,
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return app


def close(desk: Desk) -> None:
    """Finish what was begun, then close the tenants."""
    desk.executor.close()
    desk.slow.close()
    desk.registry.close()


async def health(_: Request) -> Response:
    """Tell that this process answers."""
    return JSONResponse(
        {"status": "ok", "version": __version__}, headers={"Cache-Control": "no-store"}
    )


async def nothing(request: Request) -> Response:
    """Answer an address below the doors for programs that leads nowhere."""
    call = read_call(request, PREFIX)
    return respond(tell_program(refuse(NOT_FOUND, path=request.url.path[:200]), call), call)


async def unmatched(request: Request, error: Exception) -> Response:
    """Answer what no route took: to a person as a page, to a program as a problem."""
    call = read_call(request, "")
    tell = surely(tell_person) if "text/html" in call.headers.get("accept", "") else tell_program
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        refused = refuse(METHOD_NOT_ALLOWED, method=request.method, allowed=allowed)
    else:
        refused = refuse(NOT_FOUND, path=request.url.path[:200])
    return respond(tell(refused, call), call)
