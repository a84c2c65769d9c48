"""Sessions and API tokens as they are kept: by the hash of what the client holds, never itself."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dougong.database.connect import Connection
from dougong.tenants.columns import from_time, marked, to_time

IDLE: Final = timedelta(hours=12)
"""A session nobody used for this long has ended."""
LONGEST: Final = timedelta(days=14)
"""A session ends after this time however busy it was."""
NOTED: Final = timedelta(minutes=5)
"""How old the last noted use may be before it is noted again."""
TOKEN_PREFIX: Final = "dgt_"  # noqa: S105
PEOPLE: Final = ("base.user", "base.role", "base.company")
"""The entities that rights follow from."""
_FAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Found:
    """A session or token that is good: whose it is, until when, when its use was last noted."""

    proof: str
    user: int
    ends: datetime
    seen: datetime | None
    company: int = 0
    language: str = ""
    token: int = 0

    def unseen_since(self, now: datetime) -> bool:
        """Tell whether its use should be noted again."""
        return self.seen is None or now - self.seen >= NOTED


def new_secret(prefix: str = "") -> tuple[str, str]:
    """Return a random secret (256 bits) and its hash, as it is kept."""
    secret = prefix + secrets.token_urlsafe(32)
    return secret, hashed(secret)


def hashed(secret: str) -> str:
    """Return the SHA-256 of a secret; random secrets need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """Return the token that a session's forms carry; it follows from the session's own."""
    return hashed(f"csrf {token}")


def find(connection: Connection, proof: str, now: datetime) -> Found | None:
    """Return the session or API token kept under `proof`, unless it has ended."""
    return _session(connection, proof, now) or _token(connection, proof, now)


def _session(connection: Connection, proof: str, now: datetime) -> Found | None:
    rows = connection.run(
        marked(
            connection,
            'select "user", seen, expires, company, language from @."dougong_session"'
            " where token = ?",
        ),
        [proof],
    )
    if not rows:
        return None
    user, seen_at, expires_at, company, language = rows[0]
    seen, expires = from_time(seen_at), from_time(expires_at)
    if seen is None or expires is None:
        return None
    ends = min(seen + IDLE, expires)
    if now >= ends:
        return None
    return Found(proof, int(user), ends, seen, int(company or 0), language or "")


def _token(connection: Connection, proof: str, now: datetime) -> Found | None:
    rows = connection.run(
        marked(
            connection,
            'select id, "user", expires, used, revoked from @."dougong_token" where hash = ?',
        ),
        [proof],
    )
    if not rows or rows[0][4] is not None:
        return None
    id_, user, expires, used, _ = rows[0]
    ends = from_time(expires) or now + _FAR
    if now >= ends:
        return None
    return Found(proof, int(user), ends, from_time(used), token=int(id_))


def note_use(connection: Connection, found: Found, now: datetime) -> None:
    """Note that a session or token was used."""
    at = to_time(connection, now)
    if found.token:
        connection.change(
            marked(connection, 'update @."dougong_token" set used = ? where id = ?'),
            [at, found.token],
        )
    else:
        connection.change(
            marked(connection, 'update @."dougong_session" set seen = ? where token = ?'),
            [at, found.proof],
        )


def begin_session(
    connection: Connection, user: int, now: datetime, *, address: str, agent: str
) -> str:
    """Begin a session with a new random id and return it."""
    token, proof = new_secret()
    connection.change(
        marked(
            connection,
            'insert into @."dougong_session"'
            ' (token, "user", csrf, started, seen, expires, address, agent)'
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
        ),
        [
            proof, user, csrf_of(token), to_time(connection, now), to_time(connection, now),
            to_time(connection, now + LONGEST), address[:100], agent[:200],
        ],
    )  # fmt: skip
    return token


def end_session(connection: Connection, token: str) -> None:
    """End one session."""
    sql = marked(connection, 'delete from @."dougong_session" where token = ?')
    if connection.change(sql, [hashed(token)]):
        move_security(connection)


def end_sessions(connection: Connection, user: int, *, keep: str = "") -> None:
    """End all sessions of a user but the one whose token is `keep`."""
    connection.change(
        marked(connection, 'delete from @."dougong_session" where "user" = ? and token <> ?'),
        [user, hashed(keep) if keep else ""],
    )
    move_security(connection)


def forget_ended(connection: Connection, now: datetime) -> None:
    """Delete the sessions that have ended."""
    connection.change(
        marked(connection, 'delete from @."dougong_session" where expires < ? or seen < ?'),
        [to_time(connection, now), to_time(connection, now - IDLE)],
    )


def people_touched(connection: Connection, now: datetime) -> None:
    """Move the security stamp when the unit of work begun at `now` changed a user, role or company.

    The trail tells; a unit that began at the same instant may move the stamp once too often.
    """
    names = ", ".join(f"'{entity}'" for entity in PEOPLE)
    connection.change(
        marked(
            connection,
            "update @.\"dougong_stamp\" set value = value + 1 where name = 'security' and exists"  # noqa: S608
            f' (select 1 from @."dougong_trail" where entity in ({names}) and at = ?)',
        ),
        [to_time(connection, now)],
    )


def move_security(connection: Connection) -> None:
    """Move the security stamp: every process reads people and sessions anew."""
    connection.change(
        "insert into @.\"dougong_stamp\" (name, value) values ('security', 1)"
        " on conflict (name) do update set value = dougong_stamp.value + 1"
    )
