"""A workshop: a folder of modules that count as shipped, and the command line on either database;
and a tenant of any modules behind the application, asked as a program and as a browser would.
"""

import asyncio
import io
import json
import re
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from dougong.catalog import shipped_sets
from dougong.cli.console import DONE, Console
from dougong.cli.main import run
from dougong.server.app import build_app
from dougong.server.app import close as close_desk
from dougong.tenants import tokens
from dougong.tenants.passwords import Passwords
from dougong.tenants.people import find_login
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_work
from dougong.tenants.sign_in import sign_in

sys.path.append(str(Path(__file__).parents[1] / "catalog"))  # large_catalog.py
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSWORD = "four plain little words"


class Workshop:
    """`folder` is where the person stands: `modules/` in it ship, what else there is does not."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.folder = folder
        self.settings = settings

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def run(self, *arguments: object, language: str = "en") -> tuple[int, str]:
        """Run a command; return its exit code and everything it said (to a program: the answer)."""
        out, err = io.StringIO(), io.StringIO()
        console = Console(self.settings, language, out=out, err=err)
        code = run([str(each) for each in arguments], console)
        return code, out.getvalue() + ("" if "--json" in arguments else err.getvalue())

    def does(self, *arguments: object) -> str:
        code, said = self.run(*arguments)
        assert code == DONE, said
        return said

    def refuses(self, *arguments: object) -> str:
        code, said = self.run(*arguments)
        assert code != DONE, said
        return said

    def answer(self, *arguments: object) -> Any:
        return json.loads(self.does(*arguments, "--json"))


@pytest.fixture
def workshop(database, tmp_path, monkeypatch) -> Workshop:
    folder = tmp_path / "workshop"
    (folder / "modules").mkdir(parents=True)
    monkeypatch.chdir(folder)
    shipped: Callable[[], Mapping[str, Any]] = shipped_sets._shipped
    monkeypatch.setattr(
        shipped_sets,
        "_shipped",
        lambda: {**shipped(), **{each.id: each for each in shipped_sets.sets_in("modules")}},
    )
    return Workshop(folder, database.settings)


class Served:
    """A tenant behind the application: `get`, `post` … ask the API as its administrator, `page` asks
    for a page as her browser does.
    """

    def __init__(self, settings: Any, **making: Any) -> None:
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        self.registry = Registry(settings, lambda: NOW, passwords=quick)
        try:
            self.registry.create(
                "north", label="North", now=NOW, password=PASSWORD, **{"language": "en", **making}
            )
        except BaseException:
            self.registry.close()
            raise
        self.opened = self.registry.open("north")
        with self.opened.begun(write=False) as (connection, catalog, _):
            self.user = find_login(connection, catalog, "admin")
        token = tokens.issue(self.opened, self.user, "test", NOW, expires=NOW + timedelta(90))
        session = sign_in(self.opened, "admin", PASSWORD, NOW, "192.0.2.7")
        self.app = build_app(self.registry, settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 5000))
        self._http = httpx.AsyncClient(transport=transport, base_url="https://erp.example")
        self._program = {"Authorization": f"Bearer {token}"}
        self._browser = {"Cookie": f"dougong_session={session.token}", "Accept": "text/html"}

    def _run(self, waited: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(waited, self._loop).result(120)

    def ask(self, method: str, path: str, *, expect: int, version: int = 0, **given: Any) -> Any:
        headers = {**self._program, **({"If-Match": f'"{version}"'} if version else {})}
        answer = self._run(
            self._http.request(method, f"/t/north/api/{path}", headers=headers, **given)
        )
        assert answer.status_code == expect, answer.text[:2000]
        return answer.json() if answer.content else None

    def get(self, path: str, *, expect: int = 200, **params: Any) -> Any:
        return self.ask("GET", path, expect=expect, params=params)

    def post(self, path: str, body: Any, *, expect: int = 201) -> Any:
        return self.ask("POST", path, expect=expect, json=body)

    def patch(self, record: Any, path: str, body: Any, *, expect: int = 200) -> Any:
        place = f"{path}/{record['id']}"
        return self.ask("PATCH", place, expect=expect, version=record["version"], json=body)

    def page(self, path: str = "", *, expect: int = 200) -> str:
        answer = self._run(self._http.get(f"/t/north/{path}", headers=self._browser))
        assert answer.status_code == expect, _said(answer)
        text: str = answer.text
        return text

    def act(self, do: Callable[[Any], Any], *, write: bool = True) -> Any:
        """Do something with every right."""
        context = self.opened.setup_context(NOW)
        return self.opened.run(context, lambda work: do(setup_work(work)), write=write)

    def as_admin(self, do: Callable[[Any], Any], *, write: bool = True) -> Any:
        context = self.opened.context_of(self.user, door="api")
        assert context is not None
        return self.opened.run(context, do, write=write)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        close_desk(self.app.state.desk)
        self.registry.close()


def _said(answer: httpx.Response) -> str:
    """The words of a page that was not expected."""
    return f"{answer.status_code} {' '.join(re.sub('<[^>]*>', ' ', answer.text).split())[-600:]}"


@pytest.fixture
def ship(monkeypatch) -> Callable[[Iterable[Any]], None]:
    """Let sets of files count as shipped modules."""
    shipped: Callable[[], Mapping[str, Any]] = shipped_sets._shipped

    def ship_(sets: Iterable[Any]) -> None:
        known = {**shipped(), **{each.id: each for each in sets}}
        monkeypatch.setattr(shipped_sets, "_shipped", lambda: known)

    return ship_


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Make a tenant and serve it: `serve(database.settings, modules=["sales"])`."""
    made: list[Served] = []

    def serve_(settings: Any, **making: Any) -> Served:
        made.append(Served(settings, **making))
        return made[-1]

    yield serve_
    for each in made:
        each.close()
