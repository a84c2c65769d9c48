"""When things go wrong below: busy, lost, full, broken; a caller who leaves; statements and logs stay clean."""

import asyncio
import io
import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from dougong.database.connect import Busy, Conflict, Lost, Storage
from dougong.foundation.context import Context
from dougong.foundation.settings import Settings
from dougong.server import desk as desks
from dougong.server.call import Answer, Call, json_answer
from dougong.server.desk import Desk, carry_out, tell_program
from dougong.server.executor import BoundedPool
from dougong.server.logs import JsonLines
from dougong.server.routes import Route

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
ROUTE = Route("POST", "/thing", "thing", "self", lambda work, call: json_answer("done"), write=True)


class Tenant:
    """A tenant whose unit of work fails as it is told, once for each error."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    def open(self, _: str) -> "Tenant":
        return self

    def principal(self, token: str, **_: Any) -> Context:
        return Context("acme", 1, "li", frozenset(), NOW, language="en")

    def run(self, context: Context, act: Callable[[Any], Answer], *, write: bool) -> Answer:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return act(SimpleNamespace(context=context))


def call(**headers: str) -> Call:
    given = {
        "authorization": "Bearer x",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    return Call("POST", "/t/acme/api/thing", params={"tenant": "acme"}, headers=given, trace="t-1")


def carried(tenant: Tenant, **headers: str) -> tuple[int, str, dict[str, str]]:
    answer = carry_out(tenant, ROUTE, call(**headers), tell_program)  # type: ignore[arg-type]
    told = json.loads(answer.body)
    return answer.status, told["code"] if isinstance(told, dict) else told, dict(answer.headers)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Busy("locked"), 503, "server.overloaded"),
        (Lost("gone", committing=False), 503, "server.database-away"),
        (Lost("gone", committing=True), 503, "server.outcome-unknown"),
        (Storage("full", "disk"), 507, "server.storage-full"),
        (Storage("read_only", "disk"), 503, "server.database-away"),
        (Conflict("unique", table="x", columns=("code",)), 409, "server.conflicting"),
        (ZeroDivisionError("secret"), 500, "server.failed"),
        (RecursionError(), 500, "server.failed"),
    ],
)
def test_what_goes_wrong_below_has_an_answer(error: Exception, status: int, code: str) -> None:
    answered, said, headers = carried(Tenant(error))
    assert (answered, said) == (status, code)
    assert ("Retry-After" in headers) == (status == 503)


def test_a_page_that_cannot_be_rendered_is_told_as_a_problem() -> None:
    def broken(*_: Any) -> Answer:
        raise KeyError("template")

    answer = carry_out(Tenant(Busy("x")), ROUTE, call(), desks.surely(broken))  # type: ignore[arg-type]
    assert answer.status == 500
    assert json.loads(answer.body)["code"] == "server.failed"


def test_an_unknown_outcome_is_found_out_with_the_key() -> None:
    tenant = Tenant(Lost("gone", committing=True))
    assert carried(tenant, idempotency_key="k")[:2] == (200, "done")
    assert tenant.tries == 2
    tenant = Tenant(Conflict("unique", table="dougong_key"))
    assert carried(tenant, idempotency_key="k")[:2] == (200, "done")
    twice = Tenant(Lost("gone", committing=True), Lost("gone", committing=True))
    assert carried(twice, idempotency_key="k")[1] == "server.outcome-unknown"


def test_a_caller_who_leaves_before_the_turn_leaves_no_trace() -> None:
    """The desk sees the connection close while the job waits, and takes it out of the queue."""
    begun, hold = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        hold.wait(10)

    executor = BoundedPool(1)
    executor.submit("acme", wait)
    assert begun.wait(5)
    tenant = Tenant()
    desk = Desk(tenant, Settings(data=None), executor, executor)  # type: ignore[arg-type]
    (route,) = desk.mount("/t/{tenant}/api", [ROUTE])
    sent: list[Any] = []
    messages = [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/t/acme/api/thing", "raw_path": b"",
        "root_path": "", "scheme": "http", "query_string": b"", "headers": [],
        "server": ("erp.example", 80), "client": ("192.0.2.1", 5),
    }  # fmt: skip
    _, child = route.matches(scope)
    scope.update(child)
    asyncio.run(route.handle(scope, receive, send))
    hold.set()
    executor.close()
    assert sent[0]["status"] == desks.GONE
    assert tenant.tries == 0


def test_a_sender_who_stops_in_the_middle_is_nobodys_failure() -> None:
    executor = BoundedPool(1)
    tenant = Tenant()
    desk = Desk(tenant, Settings(data=None), executor, executor)  # type: ignore[arg-type]
    messages = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    scope = {
        "type": "http", "method": "POST", "path": "/t/acme/api/thing", "scheme": "http",
        "query_string": b"", "headers": [], "server": ("erp.example", 80), "client": None,
        "path_params": {"tenant": "acme"},
    }  # fmt: skip
    request = Request(scope, receive)
    answer = asyncio.run(desk._serve("/thing", {"POST": ROUTE}, tell_program, request))
    executor.close()
    assert answer.status_code == desks.GONE
    assert tenant.tries == 0


def test_a_line_of_the_log_is_one_line_of_json_whatever_it_says() -> None:
    stream = io.StringIO()
    log = logging.getLogger("dougong.test.lines")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    about = {"trace": "t-1", "tenant": "acme"}
    log.error("broken\r\n{forged: line}", extra=about, exc_info=ValueError("first\nsecond"))
    log.removeHandler(handler)
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert said["trace"] == "t-1"
    assert said["message"] == "broken\r\n{forged: line}"
    assert "ValueError" in said["error"]


MARK = "zqx7marker"


def test_no_byte_of_a_request_stands_in_a_statement(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A marker goes in wherever text may: values, names, keys, headers. No SQL text ever holds it."""
    from dougong.database import postgres, sqlite

    statements: list[str] = []
    for type_ in (sqlite.SqliteConnection, postgres.PostgresConnection):
        for name in ("run", "change", "change_many"):
            original = getattr(type_, name)

            def record(self: Any, sql: str, *given: Any, _original: Any = original) -> Any:
                statements.append(sql)
                return _original(self, sql, *given)

            monkeypatch.setattr(type_, name, record)
    stock = shop.stock()
    order = shop.order("manager", stock)
    client = shop.client(
        "manager", **{"Idempotency-Key": MARK, "User-Agent": MARK, "Accept-Language": "zh"}
    )
    value = f'{MARK}\' or "1"=`1 ; -- %s ? :x $1'
    line = {"item": stock["item"], "qty": "1", "price": "2", "description": value}
    body = {"customer": stock["customer"], "note": value, "items": [line]}
    statements.clear()
    answers = [
        client.post("sales.order", body),
        client.post("sales.order", {**body, value: "1"}),
        client.post("sales.order", {**body, "customer": {"code": value}}),
        client.post("sales.order", {**body, "customer": {value: "1"}}),
        client.patch(f"sales.order/{order['id']}", 1, {"note": value}),
        client.post("master_data.customer/bulk", {"rows": [{"code": "M1", "name": value}]}),
        client.post("master_data.customer/bulk", {"rows": [{"code": "M1", "name": "x"}], "key": [value]}),
        client.get("sales.order", params={"q": value}),
        client.get("sales.order", params={"view": MARK}),
        client.get("sales.order", params={"sort": MARK}),
        client.get("sales.order", params={"fields": f"number,{MARK}"}),
        client.get("sales.order", params={"expand": MARK}),
        client.get("sales.order", params={"after": value}),
        *(
            client.get("sales.order", params={"filter": json.dumps({"field": "note", "op": op, "value": value})})
            for op in ("==", "!=", "contains", "starts_with", ">")
        ),
        client.get("sales.order", params={"filter": json.dumps({"field": MARK, "op": "==", "value": 1})}),
        client.get("sales.order", params={"filter": json.dumps({"field": "note", "op": MARK, "value": 1})}),
        client.get("sales.order/totals", params={"fields": MARK}),
        client.get("sales.order/lookup/customer", params={"q": value, "values": json.dumps({"note": value})}),
        client.get(f"sales.order/lookup/{MARK}"),
        client.get("sales.order/changes", params={"since": value}),
        client.get("search", params={"q": value}),
        client.get(f"{MARK}.order"),
        client.ask("PUT", f"preferences/{MARK}", json=value),
        client.delete(f"preferences/{MARK}"),
        client.delete(f"tokens/{MARK}"),
        client.post("session", {"login": value, "password": value}),
        client.act(f"sales.order/{order['id']}", MARK, 2),
        client.act(f"sales.order/{order['id']}", "void", 2, {"reason": value}),
        shop.client("manager", MARK).get("sales.order"),
    ]  # fmt: skip
    assert len(statements) > 50
    assert not [sql for sql in statements if MARK in sql]
    assert all(answer.status_code < 500 for answer in answers), [
        answer.text[:300] for answer in answers if answer.status_code >= 500
    ]
    assert client.get(f"sales.order/{order['id']}").json()["note"] == value
