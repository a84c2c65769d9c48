"""dougong demo: two tenants with demo data and people, running at once."""

import json
import webbrowser
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from dougong.cli.console import DONE, Command, Console
from dougong.cli.open import opened_registry, warn_of_login
from dougong.cli.run import bound, serve_on, url_of
from dougong.records.work import Work, open_work
from dougong.tenants import tokens
from dougong.tenants.opened import Opened
from dougong.tenants.people import find_login
from dougong.tenants.registry import ADMIN, Registry
from dougong.tenants.seed import seed
from dougong.tenants.setup import setup_context
from dougong.tenants.sign_in import put_hash
from dougong.tenants.users import add_user, password_and_hash

SECRETS: Final = "demo.json"
"""Beside the tenants: what was printed, readable by the owner of the folder alone."""
TOKEN: Final = "demo"  # noqa: S105 -- its name
MODULES: Final = ("master_data", "sales")


@dataclass(frozen=True, slots=True)
class Player:
    """A person of the demo."""

    login: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A tenant of the demo; its administrator also works as a sales manager."""

    name: str
    label: str
    language: str
    currency: str
    zone: str
    players: tuple[Player, ...] = ()


STAGES: Final = (
    Stage(
        "north_star", "北极星贸易", "zh", "CNY", "Asia/Shanghai",
        (
            Player("clerk", "李小文", ("sales.clerk",)),
            Player("manager", "王建国", ("sales.manager",)),
            Player("trainee", "陈实习", ("sales.trainee",)),
        ),
    ),
    Stage("harbour", "Harbour Supply Co.", "en", "USD", "Europe/London"),
)  # fmt: skip


def _arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument(
        "--port", type=int, default=console.settings.port,
        help=text("端口（0：任选一个空闲的）", "the port (0: any that is free)"),
    )  # fmt: skip
    parser.add_argument("--host", default=console.settings.host, help=text("地址", "the address"))
    parser.add_argument(
        "--no-open", action="store_true", help=text("不打开浏览器", "don't open a browser")
    )


def _demo(options: Namespace, console: Console) -> int:
    settings = replace(console.settings, host=options.host, port=options.port)
    console = replace(console, settings=settings)
    listening = bound(options.host, options.port)
    url = url_of(listening)
    if not console.json:
        console.note("正在准备演示数据……", "Preparing the demo …")
    with opened_registry(console) as registry:
        warn_of_login(registry, console)
        told = {stage.name: _stage(registry, stage, console) for stage in STAGES}
    console.answer({"url": url, "tenants": told})
    _say(url, told, console)
    if not options.no_open and not console.json and console.out.isatty():
        webbrowser.open(f"{url}/t/{STAGES[0].name}/")
    serve_on(listening, console)
    return DONE


def _stage(registry: Registry, stage: Stage, console: Console) -> dict[str, Any]:
    """Make a tenant of the demo where it is missing; return its people and a token."""
    kept = _kept(console.settings.data)
    if stage.name not in registry.names():
        kept.pop(stage.name, None)
        _create(registry, stage, console)
    opened = registry.open(stage.name)
    if stage.name not in kept:
        kept[stage.name] = _secrets(opened, stage, console)
        _keep(console.settings.data, kept)
    found: dict[str, Any] = kept[stage.name]
    return found


def _create(registry: Registry, stage: Stage, console: Console) -> None:
    now = console.now()
    registry.create(
        stage.name, modules=MODULES, label=stage.label, language=stage.language, now=now,
        currency=stage.currency, zone=stage.zone, admin_roles=("base.admin", "sales.manager"),
    )  # fmt: skip
    opened = registry.open(stage.name)
    context = opened.setup_context(now, zone=stage.zone)

    def fill(work: Work) -> None:
        for player in stage.players:
            _, encoded = password_and_hash(None, opened.passwords)
            add_user(
                work, player.login, player.name, roles=player.roles, encoded=encoded, now=now,
                language=stage.language,
            )  # fmt: skip
        # The demo's documents belong to whoever keys them all day.
        login = stage.players[0].login if stage.players else ADMIN
        keyed_by = find_login(work.connection, work.catalog, login)
        context = replace(work.context, user=keyed_by, login=login)
        seed(open_work(context, work.catalog, work.connection), work.catalog, demo=True)

    opened.run(context, fill, write=True)


def _secrets(opened: Opened, stage: Stage, console: Console) -> dict[str, Any]:
    """Give everyone a new random password, and the administrator a token."""
    now = console.now()
    users: dict[str, str] = {}
    for login in _logins(stage):
        password, encoded = password_and_hash(None, opened.passwords)
        users[login] = password

        def put(work: Work, login: str = login, encoded: str = encoded) -> int:
            user = find_login(work.connection, work.catalog, login)
            put_hash(work.connection, user, encoded, now)
            return user

        opened.run(setup_context(opened.name, now, language=opened.language), put, write=True)
    with opened.begun(write=False) as (connection, catalog, _):
        admin = find_login(connection, catalog, ADMIN)
    if any(token.name == TOKEN for token in tokens.tokens(opened, admin, now)):
        tokens.revoke(opened, admin, TOKEN, now)
    secret = tokens.issue(opened, admin, TOKEN, now, expires=now + timedelta(days=90))
    return {"users": users, "token": secret}


def _logins(stage: Stage) -> Iterable[str]:
    return (ADMIN, *(player.login for player in stage.players))


def _kept(data: Path) -> dict[str, Any]:
    file = data / SECRETS
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


def _keep(data: Path, kept: dict[str, Any]) -> None:
    file = data / SECRETS
    data.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")


def _say(url: str, told: dict[str, dict[str, Any]], console: Console) -> None:
    """Print the address and who may come in."""
    for stage in STAGES:
        console.say("", "")
        console.say(
            f"{stage.label}  {url}/t/{stage.name}/", f"{stage.label}  {url}/t/{stage.name}/"
        )
        for login, password in told[stage.name]["users"].items():
            console.say(f"  {login:<10} {password}", f"  {login:<10} {password}")
    console.say("\nCtrl+C 结束", "\nCtrl+C ends it")


COMMANDS = {"demo": Command(_arguments, _demo)}
