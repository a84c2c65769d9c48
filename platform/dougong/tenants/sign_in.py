"""Sign-in: a login and a password for a session; slow for guessers, alike for every failure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dougong.database.connect import Connection
from dougong.foundation.errors import refuse
from dougong.records.work import Work
from dougong.tenants.columns import from_time, marked, to_time
from dougong.tenants.opened import Opened
from dougong.tenants.passwords import check_password
from dougong.tenants.people import find_login, find_person
from dougong.tenants.problems import SIGN_IN_FAILED, TOO_MANY_ATTEMPTS, UNKNOWN_USER
from dougong.tenants.sessions import (
    begin_session,
    csrf_of,
    end_session,
    end_sessions,
    forget_ended,
)
from dougong.tenants.setup import setup_context

FREE_BY_LOGIN: Final = 5
"""Failures in a row that cost an account nothing."""
FREE_BY_ADDRESS: Final = 20
WINDOW: Final = timedelta(hours=1)
LONGEST_WAIT: Final = timedelta(minutes=15)
FIRST_WAIT: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Session:
    """What the client is given: the session's secret and the token its forms carry.

    `must_change` asks the person to choose a password of her own first.
    """

    token: str
    csrf: str
    user: int
    must_change: bool = False


def sign_in(
    opened: Opened,
    login: str,
    password: str,
    now: datetime,
    address: str,
    *,
    agent: str = "",
    old_token: str = "",
) -> Session:
    """Check a password and begin a session with a new id; the client's old one ends.

    Refuses with one answer, after one time, whether the login is unknown, inactive or has another
    password (401), and with 429 and `seconds` after too many failures. Call it where waiting a
    tenth of a second disturbs nobody: no transaction is open while the password is hashed.
    """
    login, address = login.strip()[:200], address[:100]
    setting_up = setup_context(opened.name, now, language=opened.language)
    user, stored, attempt = opened.run(
        setting_up, lambda work: _attempt(work, login, address, now), write=True
    )
    encoded, must_change = stored or ("", False)
    good = opened.passwords.fits(encoded or None, password)
    if not good:
        raise refuse(SIGN_IN_FAILED, "password")
    fresh = opened.passwords.hash(password) if opened.passwords.outdated(encoded) else ""

    def settle(work: Work) -> Session | None:
        connection = work.connection
        if find_person(connection, work.catalog, user) is None:
            return None
        _succeeded(connection, attempt, login)
        if fresh:
            _store(connection, user, fresh, now, must_change=must_change)
        if old_token:
            end_session(connection, old_token)
        forget_ended(connection, now)
        token = begin_session(connection, user, now, address=address, agent=agent)
        return Session(token, csrf_of(token), user, must_change)

    session = opened.run(setting_up, settle, write=True)
    if session is None:
        raise refuse(SIGN_IN_FAILED, "password")
    return session


def sign_out(opened: Opened, token: str) -> None:
    """End the session of `token`; every process stops believing it with its next unit of work."""
    opened.run_bare(lambda connection: end_session(connection, token))
    opened.forget()


def set_password(
    opened: Opened,
    user: int,
    password: str,
    now: datetime,
    *,
    keep: str = "",
    must_change: bool = False,
) -> None:
    """Set a user's password and end all her sessions but the one whose token is `keep`."""
    check_password(password)
    encoded = opened.passwords.hash(password)
    opened.run_bare(
        lambda connection: put_hash(
            connection, user, encoded, now, keep=keep, must_change=must_change
        )
    )
    opened.forget()


def put_hash(
    connection: Connection,
    user: int,
    encoded: str,
    now: datetime,
    *,
    keep: str = "",
    must_change: bool = False,
) -> None:
    """Store the hash of a new password inside the caller's transaction, ending the sessions."""
    _store(connection, user, encoded, now, must_change=must_change)
    end_sessions(connection, user, keep=keep)


def change_password(
    opened: Opened,
    user: int,
    old: str,
    new: str,
    now: datetime,
    *,
    keep: str = "",
    address: str = "",
) -> None:
    """Let a person change her own password; refuses (401) when the old one is wrong."""
    setting_up = setup_context(opened.name, now, language=opened.language)

    def begin(work: Work) -> tuple[str, int, str]:
        person = find_person(work.connection, work.catalog, user)
        if person is None:
            raise refuse(UNKNOWN_USER, login=user)
        _, stored, attempt = _attempt(work, person.login, address, now)
        return person.login, attempt, stored[0] if stored else ""

    login, attempt, encoded = opened.run(setting_up, begin, write=True)
    if not opened.passwords.fits(encoded or None, old):
        raise refuse(SIGN_IN_FAILED, "old")
    opened.run_bare(lambda connection: _succeeded(connection, attempt, login))
    set_password(opened, user, new, now, keep=keep)


def _stored(connection: Connection, user: int) -> tuple[str, bool] | None:
    rows = connection.run(
        marked(connection, 'select hash, must_change from @."dougong_credential" where "user" = ?'),
        [user],
    )
    return (rows[0][0], bool(rows[0][1])) if rows else None


def _store(
    connection: Connection, user: int, encoded: str, now: datetime, *, must_change: bool
) -> None:
    connection.change(
        marked(
            connection,
            'insert into @."dougong_credential" ("user", hash, changed, must_change)'
            ' values (?, ?, ?, ?) on conflict ("user") do update set hash = excluded.hash,'
            " changed = excluded.changed, must_change = excluded.must_change",
        ),
        [user, encoded, to_time(connection, now), must_change],
    )


def _attempt(
    work: Work, login: str, address: str, now: datetime
) -> tuple[int, tuple[str, bool] | None, int]:
    """Begin an attempt: refuse it while it has to wait, else count it as failed until it is not.

    Counted before the password is looked at, so that many at once are no way round the wait.
    Returns the user (0: nobody), what is stored for her, and the attempt's id.
    """
    connection = work.connection
    _check_wait(connection, login, address, now)
    connection.change(
        marked(connection, 'delete from @."dougong_attempt" where at < ?'),
        [to_time(connection, now - WINDOW)],
    )
    attempt = work.new_id()
    connection.change(
        marked(
            connection,
            'insert into @."dougong_attempt" (id, login, address, at, good) values (?, ?, ?, ?, ?)',
        ),
        [attempt, login, address, to_time(connection, now), False],
    )
    user = find_login(connection, work.catalog, login)
    return user, _stored(connection, user) if user else None, attempt


def _succeeded(connection: Connection, attempt: int, login: str) -> None:
    """Note that an attempt was good; the account's failures are forgotten."""
    connection.change(
        marked(connection, 'delete from @."dougong_attempt" where login = ? and id <> ?'),
        [login, attempt],
    )
    connection.change(
        marked(connection, 'update @."dougong_attempt" set good = ? where id = ?'), [True, attempt]
    )


def _check_wait(connection: Connection, login: str, address: str, now: datetime) -> None:
    """Refuse while the account or the address has to wait."""
    waits = [
        _wait(connection, "login", login, FREE_BY_LOGIN, now),
        _wait(connection, "address", address, FREE_BY_ADDRESS, now) if address else timedelta(0),
    ]
    left = max(waits)
    if left > timedelta(0):
        raise refuse(TOO_MANY_ATTEMPTS, seconds=int(left.total_seconds()) + 1)


def _wait(connection: Connection, column: str, value: str, free: int, now: datetime) -> timedelta:
    """Return how long `value` still has to wait: doubled with every failure beyond the free ones."""
    rows = connection.run(
        marked(
            connection,
            'select count(*), max(at) from @."dougong_attempt"'  # noqa: S608 -- one of two names
            f' where "{column}" = ? and good = ? and at >= ?',
        ),
        [value, False, to_time(connection, now - WINDOW)],
    )
    failures, last = rows[0]
    beyond = int(failures) - free
    last_at = from_time(last)
    if beyond < 0 or last_at is None:
        return timedelta(0)
    wait = FIRST_WAIT * (1 << min(beyond, 20))
    return last_at + min(wait, LONGEST_WAIT) - now
