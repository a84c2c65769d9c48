"""Desk: takes a request, hands it to a worker thread, brings the answer back.

The async side only reads the body and waits; everything that thinks or touches a database runs in
`carry_out`, in one thread, in one unit of work.
"""

import logging
import random
import secrets
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from dougong.database.connect import Busy, Conflict, Lost, Storage
from dougong.foundation.context import Context, Door
from dougong.foundation.errors import Place, Problem, ProblemKind, Refused, refuse
from dougong.foundation.settings import Settings
from dougong.records.work import Work
from dougong.server import gate
from dougong.server.body import nearest_name, read_body
from dougong.server.call import JSON, Answer, Call
from dougong.server.executor import RETRY_AFTER, Executor, Gone, await_turn
from dougong.server.problems import (
    ADDRESS_TOO_LONG,
    CONFLICTING,
    DATABASE_AWAY,
    DOUBLED_PARAMETER,
    FAILED,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    OUTCOME_UNKNOWN,
    OVERLOADED,
    PROBLEM_JSON,
    STORAGE_FULL,
    UNKNOWN_ENTITY,
    UNKNOWN_PARAMETER,
    problem_answer,
)
from dougong.server.routes import MEANT, Route
from dougong.tenants.opened import Opened
from dougong.tenants.registry import Registry

log = logging.getLogger("dougong.server")
_traces = random.Random(secrets.randbits(256))  # noqa: S311 -- a trace is no secret, only its own
PATIENCE = 10.0
"""Seconds a request may wait for its turn before it is answered with 503."""
KEYS = "dougong_key"
"""The table of idempotency keys."""
LONGEST_ADDRESS = 24_000
MOST_PARAMETERS = 100

GONE = 499
"""What the log says of a caller who left; nobody reads the answer."""


class _Id(IntegerConvertor):
    """An id in an address; what has more digits than any id can have is no id."""

    regex = "[0-9]{1,19}"


register_url_convertor("id", _Id())

Left = Callable[[], Coroutine[Any, Any, None]]
Tell = Callable[[Refused, Call], Answer]
"""How a refusal is told: as problem+json, or as a page."""


def tell_program(refused: Refused, call: Call) -> Answer:
    """Tell a refusal as problem+json, in the language of the call."""
    return problem_answer(refused, call.language, call.trace)


def surely(tell: Tell) -> Tell:
    """Return a way of telling that falls back to problem+json when `tell` itself fails."""

    def told(refused: Refused, call: Call) -> Answer:
        try:
            return tell(refused, call)
        except Exception as error:
            return failed(call, tell_program, error)

    return told


@dataclass(frozen=True, slots=True)
class Desk:
    """What every request needs: the tenants, the settings and the threads.

    `slow` are the few threads where passwords are hashed, so that nobody waits behind a sign-in.
    """

    registry: Registry
    settings: Settings
    executor: Executor
    slow: Executor
    patience: float = PATIENCE

    def mount(
        self, prefix: str, routes: Iterable[Route], tell: Tell = tell_program
    ) -> list[StarletteRoute]:
        """Return the routes as Starlette knows them, one per path, below `prefix`."""
        paths: dict[str, dict[str, Route]] = {}
        told = surely(tell)
        for route in routes:
            paths.setdefault(route.path, {})[route.method] = route
        return [
            StarletteRoute(
                f"{prefix}{path}".replace(":int}", ":id}"),
                partial(self._serve, f"{prefix}{path}", methods, told),
                methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
            )
            for path, methods in paths.items()
        ]

    async def _serve(
        self, path: str, methods: Mapping[str, Route], tell: Tell, request: Request
    ) -> Response:
        started = time.perf_counter()
        call = read_call(request, path, secure=self.settings.secure_cookies)
        try:
            route = _chosen(call, methods)
            check_call(call, route)
            length = call.headers.get("content-length", "")
            if call.method not in gate.SAFE or length or "transfer-encoding" in call.headers:
                body = await read_body(request.stream(), length, route.most)
                call = replace(call, body=body)
            answer = await self.run(route, call, tell, partial(_left, request))
        except Refused as refused:
            answer = tell(refused, call)
        except (ClientDisconnect, Gone):
            answer = Answer(GONE, b"", "")
        except Exception as error:
            answer = failed(call, tell, error)
        _log(call, answer, started)
        return respond(answer, call)

    async def run(self, route: Route, call: Call, tell: Tell, left: Left) -> Answer:
        """Carry a call out in a worker thread and wait for its answer.

        Raises Refused (503) when there is no room or no turn in time, Gone when the caller left.
        """
        executor = self.slow if route.slow else self.executor
        job = executor.submit(call.tenant, partial(carry_out, self.registry, route, call, tell))
        return await await_turn(job, left, patience=self.patience)


def read_call(request: Request, path: str, *, secure: bool = False) -> Call:
    """Read everything of a request but its body; `path` is the route's, with its placeholders.

    `secure` says that a proxy before us speaks TLS.
    """
    scope = request.scope
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    cookies = request.cookies if "cookie" in headers else {}
    query = scope["query_string"].decode("latin-1")
    return Call(
        method=scope["method"],
        path=scope["path"],
        route=path,
        params={name: str(value) for name, value in scope.get("path_params", {}).items()},
        query=tuple(parse_qsl(query, keep_blank_values=True)) if query else (),
        headers=headers,
        cookies=cookies,
        address=request.client.host if request.client else "",
        trace=f"{_traces.getrandbits(64):016x}",
        language=gate.asked_language(headers, cookies),
        secure=secure or scope["scheme"] == "https",
    )


async def _left(request: Request) -> None:
    """Return when the caller has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _chosen(call: Call, methods: Mapping[str, Route]) -> Route:
    """Return the route for the method; HEAD is answered like GET."""
    route = methods.get("GET" if call.method == "HEAD" else call.method)
    if route is None:
        known = [*methods, *(["HEAD"] if "GET" in methods else [])]
        raise refuse(METHOD_NOT_ALLOWED, method=call.method, allowed=", ".join(known))
    return route


def check_call(call: Call, route: Route) -> None:
    """Refuse what is wrong before the body is read: address, parameters, the formats accepted."""
    if "\x00" in call.path:
        raise refuse(NOT_FOUND, path=call.path[:200].replace("\x00", "\ufffd"))
    length = len(call.path) + sum(len(name) + len(value) + 2 for name, value in call.query)
    if length > LONGEST_ADDRESS or len(call.query) > MOST_PARAMETERS:
        raise refuse(ADDRESS_TOO_LONG, limit=LONGEST_ADDRESS, parameters=MOST_PARAMETERS)
    names = [name for name, _ in call.query]
    wrong = [
        Problem(DOUBLED_PARAMETER, Place(path=name), {"name": name})
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if route.query is not None:
        known = ", ".join(route.query) or "–"
        wrong += [
            Problem(
                UNKNOWN_PARAMETER,
                Place(path=name),
                {"name": name, "known": known},
                nearest_name(name, route.query),
            )
            for name in dict.fromkeys(names)
            if name not in route.query
        ]
    if wrong:
        raise Refused(wrong)
    if not route.page:
        _check_accept(call.headers.get("accept", ""))


def _check_accept(accept: str) -> None:
    """Refuse with 406 a caller that takes no JSON."""
    if not accept:
        return
    ranges = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if not ranges & {"*/*", "application/*", JSON, PROBLEM_JSON}:
        raise refuse(NOT_ACCEPTABLE, accept=accept[:100], offered=JSON)


def carry_out(registry: Registry, route: Route, call: Call, tell: Tell) -> Answer:
    """Answer a call, in the thread it was handed to. Never raises.

    A unit of work that met a busy database was tried again already (Opened.run). A call with an
    Idempotency-Key is tried once more when the connection broke during the commit, or when the same
    key was being written at the same time: the second try finds what the first one left.
    """
    try:
        try:
            return _attempt(registry, route, call, tell)
        except (Conflict, Lost) as error:
            if not _may_be_done(error) or not call.headers.get("idempotency-key"):
                raise
            return _attempt(registry, route, call, tell)
    except Conflict as conflict:
        return tell(refuse(CONFLICTING, columns=", ".join(conflict.columns) or "–"), call)
    except (Busy, Lost) as error:
        log.warning("database: %r", error, extra=_about(call))
        return tell(refuse(_unreached(error), seconds=RETRY_AFTER), call)
    except Exception as error:
        return failed(call, tell, error)


def _may_be_done(error: Conflict | Lost) -> bool:
    return error.committing if isinstance(error, Lost) else error.table == KEYS


def _unreached(error: Busy | Lost) -> ProblemKind:
    if isinstance(error, Busy):
        return OVERLOADED
    return OUTCOME_UNKNOWN if error.committing else DATABASE_AWAY


def _attempt(registry: Registry, route: Route, call: Call, tell: Tell) -> Answer:
    """Answer a call once; refusals are told in the language of whoever asks."""
    heard = call
    try:
        opened = registry.open(call.tenant)
        context = _context(route, opened, call)
        if context.language != call.language:
            heard = replace(call, language=context.language)
        if route.porch is not None:
            return route.porch(opened, context, heard)
        return opened.run(context, partial(_inside, route, call=heard), write=route.write)
    except Refused as refused:
        return tell(refused, heard)
    except Storage as storage:
        log.exception("storage: %s", storage.kind, extra=_about(call))
        kind = STORAGE_FULL if storage.kind == "full" else DATABASE_AWAY
        return tell(refuse(kind, seconds=RETRY_AFTER), heard)


def _context(route: Route, opened: Opened, call: Call) -> Context:
    """Return who is asking: nobody in particular at an open door, a signed-in user elsewhere."""
    door: Door = "page" if route.page else "api"
    if route.right == "open":
        gate.check_own_site(call)
        return gate.nobody(opened, call, door)
    return gate.enter(opened, call, door)


def _inside(route: Route, work: Work, *, call: Call) -> Answer:
    """Check the right the route declares, then let its handler answer."""
    assert route.handler is not None  # noqa: S101 -- check_routes saw to it
    if route.right in MEANT:
        check_right(work, call.params["entity"], MEANT[route.right])
    return route.handler(work, call)


def check_right(work: Work, entity: str, rights: Iterable[str]) -> None:
    """Refuse an entity there is not (404) or that gives the caller none of `rights` (403)."""
    if entity not in work.catalog.entities:
        readable = [each for each in work.catalog.entities if work.access(each).may("read")]
        raise refuse(UNKNOWN_ENTITY, entity=entity, nearest=nearest_name(entity, readable))
    access = work.access(entity)
    wanted = tuple(rights)
    if not any(access.may(right) for right in wanted):
        access.demand(wanted[0])


def failed(call: Call, tell: Tell, error: Exception) -> Answer:
    """Log an unexpected failure with its traceback; tell the caller only its number."""
    log.error("failed: %s %s", call.method, call.route, exc_info=error, extra=_about(call))
    return tell(refuse(FAILED, trace=call.trace), call)


def _log(call: Call, answer: Answer, started: float) -> None:
    took = round((time.perf_counter() - started) * 1000, 1)
    extra = {**_about(call), "status": answer.status, "ms": took}
    log.info("%s %s", call.method, call.route, extra=extra)


def _about(call: Call) -> dict[str, object]:
    """What a line of the log says of a call; never what it carries."""
    return {"trace": call.trace, "tenant": call.tenant}


def respond(answer: Answer, call: Call) -> Response:
    """Turn an answer into what Starlette sends."""
    made = Response(answer.body, answer.status, media_type=answer.media or None)
    told = [(name.lower(), value) for name, value in answer.headers]
    told.append(("x-trace", call.trace))
    if not any(name == "cache-control" for name, _ in told):
        told.append(("cache-control", "private, no-cache"))
    made.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told]
    return made
