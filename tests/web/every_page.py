"""The demo as anybody would start it, and the address of every kind of page its administrator sees."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

TENANT = "north_star"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE, PHONE = {"width": 1440, "height": 860}, {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its address, and the passwords of the people of one tenant."""

    url: str
    users: dict[str, str]

    @property
    def base(self) -> str:
        """The address its tenant's pages begin with."""
        return f"{self.url}/t/{TENANT}"


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """Start `dougong demo` over an empty folder and stop it at the end."""
    command = [sys.executable, "-m", "dougong", "demo", "--json", "--port", "0", "--no-open"]
    environment = {**os.environ, "DOUGONG_DATA": str(folder)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as server:
        try:
            assert server.stdout is not None
            said, told = "", None
            while told is None:
                line = server.stdout.readline()
                assert line, f"the demo did not start: {said}"
                said += line
                told = _json(said)
            yield Demo(told["url"], told["tenants"][TENANT]["users"])
        finally:
            server.terminate()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def launch(playwright: Playwright) -> Browser:
    """Start Chromium."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is needed: apt-get install chromium fonts-noto-cjk"
    return playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))


def sign_in(context: BrowserContext, house: Demo, language: str, login: str = "admin") -> None:
    """Sign in, to read in `language`."""
    context.add_cookies([{"name": "dougong_language", "value": language, "url": house.url}])
    page = context.new_page()
    page.goto(f"{house.base}/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", house.users[login])
    page.click("button.primary")
    page.wait_for_url(f"{house.base}/")
    page.close()


def export_something(context: BrowserContext, house: Demo) -> str:
    """Ask for an export, so that there is a job to show; return the path of its page."""
    page = context.new_page()
    page.goto(f"{house.base}/master_data.item")
    page.locator(".bar form.sheet button[value=csv]").evaluate("button => button.click()")
    page.wait_for_url(f"{house.base}/jobs/*")
    path = page.url.removeprefix(f"{house.base}/")
    page.close()
    return path


def addresses(context: BrowserContext, house: Demo) -> dict[str, str]:
    """Return the path of every page, by a name for its picture."""

    def ask(path: str) -> Any:
        answer = context.request.get(f"{house.base}/api/{path}")
        assert answer.ok, f"{path}: {answer.text()[:200]}"
        return answer.json()

    found = {"home": "", "password": "password", "jobs": "jobs", "imports": "imports"}
    found["job"] = export_something(context, house)
    found |= {"nothing": "nothing.here", "denied": "base.role/new"}
    for row in ask("")["rows"]:
        entity, rights = row["id"], row["rights"]
        found[f"{entity}-list"] = entity
        rows = ask(f"{entity}?limit=1&fields=id")["rows"]
        if rows:
            found[f"{entity}-record"] = f"{entity}/{rows[0]['id']}"
        if "create" in rights:
            found[f"{entity}-new"] = f"{entity}/new"
    found["filtered"] = "sales.order?q=zzzz"
    found["import"] = "master_data.customer/import"
    user = ask("base.user?q=clerk&limit=1&fields=id")["rows"][0]["id"]
    found["new-password"] = f"base.user/{user}/password"
    return found
