"""The registry: the tenants there are, each opened once and served to every thread."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock as ThreadLock
from typing import Final

from dougong.database.connect import Connection, Fault
from dougong.database.lock import has_lock
from dougong.foundation.errors import Refused, refuse
from dougong.foundation.settings import Settings
from dougong.foundation.translate import Label
from dougong.records.work import Work, open_work
from dougong.tenants.catalogs import Catalogs, keep_newest, platform_digest
from dougong.tenants.columns import marked
from dougong.tenants.configuration import layer_set, replace_all
from dougong.tenants.directory import Directory, Entry
from dougong.tenants.files import Files
from dougong.tenants.ground import Ground, SqliteGround, ground_of
from dougong.tenants.laying import Laying
from dougong.tenants.opened import Opened
from dougong.tenants.passwords import Passwords
from dougong.tenants.problems import BAD_NAME, UNKNOWN_TENANT
from dougong.tenants.setup import setup_context
from dougong.tenants.sources import digest, pack, shipped_today
from dougong.tenants.users import add_company, add_user, password_and_hash

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
ADMIN: Final = "admin"
ADMIN_ROLE: Final = "base.admin"
TEMPLATES: Final = 20
"""How many templates of new SQLite tenants stay on disk."""


@dataclass(frozen=True, slots=True)
class Created:
    """A new tenant and its first user; the password is random and told this once."""

    name: str
    admin_login: str
    admin_password: str


class Registry:
    """All tenants of one data folder or one PostgreSQL database.

    `clock` gives the time; `passwords` hashes; `fault` is for crash tests.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime],
        *,
        passwords: Passwords | None = None,
        fault: Fault | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.passwords = passwords or Passwords()
        self._cache = settings.cache or settings.data
        self.catalogs = Catalogs(self._cache / "cache")
        self._ground: Ground = ground_of(settings, fault)
        self.directory = Directory(self._ground.lend_directory)
        self._opened: dict[str, Opened] = {}
        self._lock = ThreadLock()

    def is_bound(self) -> bool:
        """Tell whether the database's login reads nothing of a tenant unless it puts its role on."""
        return self._ground.is_bound()

    def names(self) -> list[str]:
        """Return the names of the tenants that are ready."""
        return [entry.name for entry in self.directory.entries() if entry.state == "ready"]

    def entries(self) -> list[Entry]:
        """Return what the directory knows of every tenant."""
        return self.directory.entries()

    def open(self, name: str) -> Opened:
        """Return the tenant; the same object to every thread. Refuses (404) an unknown one."""
        found = self._opened.get(name)
        if found is not None:
            return found
        entry = self.directory.find(name) if _NAME.fullmatch(name) else None
        if entry is None or entry.state != "ready":
            raise refuse(UNKNOWN_TENANT, name=name)
        self._ground.forget(name)
        with self._lock:
            return self._opened.setdefault(name, self._made(entry))

    def create(
        self,
        name: str,
        *,
        modules: Iterable[str],
        label: str,
        language: str,
        now: datetime,
        currency: str = "CNY",
        zone: str = "Asia/Shanghai",
        layer: Mapping[str, str] | None = None,
        password: str | None = None,
        admin_roles: Iterable[str] = (ADMIN_ROLE,),
    ) -> Created:
        """Create a tenant with its tables, its data and its first user, an administrator.

        `layer` are the files of its own configuration. Refuses a bad name, one that is taken, and
        metadata with problems; nothing is left of a tenant that could not be made.
        """
        check_name(name)
        files = dict(layer or {})
        sources = shipped_today(tuple(modules), layer_set(name, files))
        laying = Laying(sources, self.catalogs.of(sources), files, language, now)
        shown, encoded = password_and_hash(password, self.passwords)

        def fill() -> None:
            self.build(name, laying)
            with self._ground.alone(name) as connection:
                context = setup_context(name, now, language=language, login="dougong", zone=zone)
                connection.begin(write=True)
                renew_stamps(connection)
                work = open_work(context, laying.catalog, connection)
                if files:
                    replace_all(work, files, why="create")
                _first_people(work, label, currency, zone, encoded, admin_roles)
                connection.commit()

        self.settle(Entry(name, label, language, "making", now), fill)
        return Created(name, ADMIN, shown)

    def remove(self, name: str) -> None:
        """Remove a tenant with all its data; no process can write to it from this moment on."""
        check_name(name)
        entry = self.directory.find(name)
        if entry is None:
            raise refuse(UNKNOWN_TENANT, name=name)
        self.directory.move(name, "removing")
        self._mark_removed(name)
        self._unmake(name)

    def close(self) -> None:
        """Close every connection; none may be in use."""
        self._opened.clear()
        self._ground.close()

    def let_go(self, name: str) -> None:
        """Close what the calling thread holds open of a tenant; a thread calls it before it ends."""
        self._ground.let_go(name)

    def connected(self, name: str) -> AbstractContextManager[Connection]:
        """Lend a connection of its own to a tenant, whatever its state, for whole-tenant work."""
        return self._ground.alone(name)

    def empty(self, name: str) -> AbstractContextManager[Connection]:
        """Make an empty place for a tenant and lend a connection to it."""
        return self._ground.build(name)

    # ---------------------------------------------------------------- making and unmaking

    def settle(self, entry: Entry, fill: Callable[[], None]) -> None:
        """Put a tenant into the directory, let `fill` make it, and call it ready.

        `fill` renews the stamps. Nothing is left of a tenant that could not be made.
        """
        check_name(entry.name)
        self.directory.add(entry)
        try:
            fill()
        except BaseException:
            self._unmake(entry.name)
            raise
        self.directory.move(entry.name, "ready")

    def build(self, name: str, laying: Laying) -> None:
        """Make the tenant's place with all tables and the data that comes along.

        On SQLite it is a copy of a template, made once for each catalog and language.
        """
        if isinstance(self._ground, SqliteGround) and not laying.files:
            template = self._template(self._ground, laying)
            self._ground.put(name, template)
            return
        with self._ground.build(name) as connection:
            laying.lay(connection, name)

    def _template(self, ground: SqliteGround, laying: Laying) -> Path:
        """Return the template of a catalog, made when it is not there yet."""
        key = f"{digest(pack(laying.sources))[:40]}-{laying.language}-{platform_digest()}"
        file = self._cache / "templates" / f"{key}.sqlite"
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
            try:
                with ground.opened(new, create=True) as connection:
                    laying.lay(connection, "template")
                    connection.run("pragma wal_checkpoint(truncate)")
                new.replace(file)
                keep_newest(file.parent, "*.sqlite", TEMPLATES)
            finally:
                for left in file.parent.glob(f"{new.name}*"):
                    left.unlink()
        return file

    def _made(self, entry: Entry) -> Opened:
        name = entry.name
        return Opened(
            name,
            entry.language,
            partial(self._lend, name),
            partial(self._ground.alone, name),
            self.catalogs,
            self.passwords,
            self.clock,
            partial(self.directory.call_at, name),
            Files(self.settings.data / "files" / name),
        )

    @contextmanager
    def _lend(self, name: str) -> Iterator[Connection]:
        """Lend a connection; a tenant that is gone is forgotten, whoever removed it."""
        try:
            with self._ground.lend(name) as connection:
                yield connection
        except Refused as refused:
            if refused.problems and refused.problems[0].kind is UNKNOWN_TENANT:
                self._forget(name)
            raise
        except Exception as failure:
            if self.directory.find(name) is None:
                self._forget(name)
                raise refuse(UNKNOWN_TENANT, name=name) from failure
            raise

    def _forget(self, name: str) -> None:
        with self._lock:
            self._opened.pop(name, None)
        self._ground.forget(name)

    def _mark_removed(self, name: str) -> None:
        """Leave the stamp at which every process turns away; a tenant half made may have none."""
        try:
            with self._ground.alone(name) as connection:
                connection.begin(write=True)
                if has_lock(connection):
                    connection.change(
                        "insert into @.\"dougong_stamp\" (name, value) values ('removed', 1)"
                        " on conflict (name) do nothing"
                    )
                connection.commit()
        except FileNotFoundError:
            return

    def _unmake(self, name: str) -> None:
        """Remove what there is of a tenant, then its name."""
        self._forget(name)
        self._ground.drop(name)
        Files(self.settings.data / "files" / name).remove_all()
        self.directory.remove(name)


def renew_stamps(connection: Connection) -> None:
    """Begin the stamps anywhere, so that no process takes a new tenant for an old one of its name."""
    sql = marked(connection, 'update @."dougong_stamp" set value = value + ?')
    connection.change(sql, [secrets.randbits(48)])


def check_name(name: str) -> None:
    """Refuse what can't be a tenant's name."""
    if not _NAME.fullmatch(name):
        raise refuse(BAD_NAME, "name", name=name)


def _first_people(
    work: Work, label: str, currency: str, zone: str, encoded: str, roles: Iterable[str]
) -> int:
    """Make the first company and the administrator; return her id."""
    language = work.context.language
    company = add_company(
        work, {"code": "main", "name": label, "currency": {"code": currency}, "zone": zone}
    )
    name = Label.of({"zh": "管理员", "en": "Administrator"}).say(language)
    return add_user(
        work, ADMIN, name, roles=tuple(roles), encoded=encoded, now=work.context.now,
        language=language, companies=(company,),
    )  # fmt: skip
