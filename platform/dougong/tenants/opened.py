"""An opened tenant: its catalog, its connections, its people. Gives units of work."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import SystemRandom
from threading import Lock
from time import sleep
from typing import Final, TypeVar

from dougong.catalog.catalog import Catalog
from dougong.database.connect import Busy, Connection, Lost
from dougong.foundation.context import Context, Door
from dougong.foundation.errors import refuse
from dougong.records.work import Work, open_work
from dougong.tenants import sessions
from dougong.tenants.catalogs import Catalogs
from dougong.tenants.files import Files
from dougong.tenants.passwords import Passwords
from dougong.tenants.people import ZONE, Person, find_companies, find_person
from dougong.tenants.problems import SERVER_BUSY, SIGN_IN_NEEDED, UNKNOWN_TENANT
from dougong.tenants.setup import SETUP, setup_context

T = TypeVar("T")
Lend = Callable[[], AbstractContextManager[Connection]]
STAMPS: Final = 'select name, value from @."dougong_stamp"'
LOCKED: Final = 'select sources from @."dougong_lock" order by id desc limit 1'
REMOVED: Final = "removed"
"""The stamp a tenant gets when it is given up, so that no process writes to what is left of it."""
TRIES: Final = 6
RECHECK: Final = timedelta(minutes=1)
"""How long a principal is believed before its session is read again; a change of the security stamp
ends the belief at once, with the first statement of the next unit of work."""
PRINCIPALS: Final = 10_000
MUST_CHANGE: Final = "must_change"
"""The attribute of a context that says whether its person has to choose a password of her own."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """What the first statement of a unit of work read."""

    catalog: int
    security: int


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: int
    catalog: Catalog


@dataclass(frozen=True, slots=True)
class _Believed:
    """A principal as it was derived, and until when it is believed without a look."""

    person: Person
    security: int
    until: datetime
    company: int
    language: str


class Opened:
    """A tenant in use. One object serves all threads of a process.

    `lend` lends this thread a connection, `alone` one of its own for changing tables; `call_at` notes
    in the directory that work is due.
    """

    def __init__(
        self,
        name: str,
        language: str,
        lend: Lend,
        alone: Lend,
        catalogs: Catalogs,
        passwords: Passwords,
        clock: Callable[[], datetime],
        call_at: Callable[[datetime], None],
        files: Files,
    ) -> None:
        self.name = name
        self.language = language
        self.passwords = passwords
        self.clock = clock
        self.call_at = call_at
        self.files = files
        self.lend = lend
        self.alone = alone
        self.catalogs = catalogs
        self._held: _Held | None = None
        self._lock = Lock()
        self._believed: dict[str, _Believed] = {}

    @property
    def catalog(self) -> Catalog:
        """The catalog in force now (reads the stamp)."""
        with self.begun(write=False) as (_, catalog, _stamps):
            return catalog

    @contextmanager
    def work(self, context: Context, *, write: bool) -> Iterator[Work]:
        """Begin a unit of work; commit at its end, undo it when anything is raised.

        The rights of `context` are derived anew when they have changed since it was made. Refuses
        (401) when its session has ended meanwhile. Raises Busy for what may simply be tried again
        (`run` does), Lost when the connection broke.
        """
        with self.begun(write=write) as (connection, catalog, stamps):
            work = open_work(self._still(context, connection, catalog, stamps), catalog, connection)
            yield work
            if write and _may_touch_people(work):
                sessions.people_touched(connection, context.now)

    def run(self, context: Context, act: Callable[[Work], T], *, write: bool) -> T:
        """Do `act` in a unit of work, and again when it provably did not happen.

        A lock, a deadlock, a serialisation failure or a connection lost before the commit undoes
        everything, so `act` runs once more after a short wait. A connection lost during the commit
        leaves the outcome unknown: Lost is raised, and only an idempotency key can tell.
        """
        for attempt in range(TRIES):
            try:
                with self.work(context, write=write) as work:
                    return act(work)
            except Busy:
                if attempt + 1 == TRIES:
                    break
            except Lost as lost:
                if lost.committing and write:
                    raise
                if attempt + 1 == TRIES:
                    break
            sleep(_wait(attempt))
        raise refuse(SERVER_BUSY)

    @contextmanager
    def begun(self, *, write: bool) -> Iterator[tuple[Connection, Catalog, Stamps]]:
        """Begin a transaction without a person, for the rooms that look after the tenant itself."""
        with self.lend() as connection:
            rows: dict[str, int] = dict(connection.begin(write=write, first=STAMPS))
            try:
                stamps = self._stamps(rows)
                yield connection, self._catalog(stamps, connection), stamps
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def principal(
        self, token: str, *, door: Door = "api", company: int = 0, trace: str = ""
    ) -> Context | None:
        """Return the context of whoever holds this session or API token, or None.

        What was read is believed for a minute; `work` looks at the security stamp anyway.
        """
        if not token:
            return None
        proof = hashlib.sha256(token.encode()).hexdigest()
        now = self.clock()
        believed = self._believed.get(proof)
        if believed is None or now >= believed.until:
            believed = self._look(proof, now)
            if believed is None:
                return None
        return believed.person.context(
            self.name,
            now=now,
            door=door,
            language=believed.language or self.language,
            company=company or believed.company,
            trace=trace,
            proof=(
                ("proof", proof),
                ("security", believed.security),
                (MUST_CHANGE, believed.person.must_change),
            ),
        )

    def context_of(
        self, user: int, *, door: Door, company: int = 0, trace: str = ""
    ) -> Context | None:
        """Return the context of a user by id (jobs, the command line); None when not active."""
        with self.begun(write=False) as (connection, catalog, stamps):
            person = find_person(connection, catalog, user)
        if person is None:
            return None
        return person.context(
            self.name,
            now=self.clock(),
            door=door,
            language=self.language,
            company=company,
            trace=trace,
            proof=(("security", stamps.security),),
        )

    def setup_context(
        self, now: datetime, *, login: str = "dougong", zone: str = ZONE, door: Door = "setup"
    ) -> Context:
        """Return the context of a setup in the tenant's first company, for `setup.setup_work`."""
        with self.begun(write=False) as (connection, catalog, _):
            companies = find_companies(connection, catalog)
        used = companies[:1] or ((0, zone),)
        return setup_context(
            self.name, now, language=self.language, login=login, zone=used[0][1], company=used[0][0],
            companies=tuple(id_ for id_, _ in companies), door=door,
        )  # fmt: skip

    def forget(self) -> None:
        """Forget the principals believed so far (this process only; others see the stamp)."""
        with self._lock:
            self._believed.clear()

    def _look(self, proof: str, now: datetime) -> _Believed | None:
        """Read a session or token afresh; note that it was used, not more than now and then."""
        with self.begun(write=False) as (connection, catalog, stamps):
            found = sessions.find(connection, proof, now)
            person = find_person(connection, catalog, found.user) if found else None
        if found is None or person is None:
            with self._lock:
                self._believed.pop(proof, None)
            return None
        if found.unseen_since(now):
            self.run_bare(lambda connection: sessions.note_use(connection, found, now))
        believed = _Believed(
            person, stamps.security, min(now + RECHECK, found.ends), found.company, found.language
        )
        with self._lock:
            if len(self._believed) >= PRINCIPALS:
                self._believed.clear()
            self._believed[proof] = believed
        return believed

    def run_bare(self, act: Callable[[Connection], T]) -> T:
        """Do `act` in a write transaction without a person, trying again where that is safe."""
        for attempt in range(TRIES):
            try:
                with self.begun(write=True) as (connection, _, _stamps):
                    return act(connection)
            except Busy:
                sleep(_wait(attempt))
        raise refuse(SERVER_BUSY)

    def _still(
        self, context: Context, connection: Connection, catalog: Catalog, stamps: Stamps
    ) -> Context:
        """Return the context with today's rights; it is the same one while the stamp stands."""
        known = dict(context.attributes)
        if known.get("security", stamps.security) == stamps.security:
            return context
        user, proof = context.user, known.get("proof")
        if isinstance(proof, str):
            found = sessions.find(connection, proof, context.now)
            user = found.user if found else 0
            with self._lock:
                self._believed.pop(proof, None)
        person = find_person(connection, catalog, user) if user else None
        if person is None:
            raise refuse(SIGN_IN_NEEDED)
        fresh = person.context(
            self.name,
            now=context.now,
            door=context.door,
            language=context.language,
            company=context.company,
            trace=context.trace,
            proof=tuple(
                {**known, "security": stamps.security, MUST_CHANGE: person.must_change}.items()
            ),
        )
        return replace(fresh, language=context.language)

    def _stamps(self, rows: dict[str, int]) -> Stamps:
        """Read the stamps; refuses (404) a tenant that was given up."""
        if REMOVED in rows:
            raise refuse(UNKNOWN_TENANT, name=self.name)
        return Stamps(rows.get("catalog", 0), rows.get("security", 0))

    def _catalog(self, stamps: Stamps, connection: Connection) -> Catalog:
        """Return the catalog of this stamp, read from the lock when the stamp has moved."""
        held = self._held
        if held is None or held.stamp != stamps.catalog:
            rows = connection.run(LOCKED)
            held = _Held(stamps.catalog, self.catalogs.packed(bytes(rows[0][0])))
            self._held = held
        return held.catalog


def _may_touch_people(work: Work) -> bool:
    """Tell whether who acts could have changed what rights follow from."""
    if SETUP in work.context.roles:
        return True
    return any(
        work.access(entity).may(right)
        for entity in sessions.PEOPLE
        for right in ("create", "update", "delete")
    )


def _wait(attempt: int) -> float:
    """Seconds to wait before the next attempt: 10 ms, doubled each time, and never in step."""
    return 0.01 * float(2**attempt) * (0.5 + SystemRandom().random())
