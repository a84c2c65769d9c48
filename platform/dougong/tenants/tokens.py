"""API tokens: named, expiring, shown once; they give the rights of the user who holds them."""

from dataclasses import dataclass
from datetime import datetime

from dougong.foundation.errors import refuse
from dougong.records.work import Work
from dougong.tenants.columns import from_time, marked, to_time
from dougong.tenants.opened import Opened
from dougong.tenants.problems import TOKEN_NAME_TAKEN, UNKNOWN_TOKEN
from dougong.tenants.sessions import TOKEN_PREFIX, move_security, new_secret
from dougong.tenants.setup import setup_context


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed: everything but the secret."""

    id: int
    user: int
    name: str
    created: datetime
    expires: datetime | None
    used: datetime | None


def issue(
    opened: Opened,
    user: int,
    name: str,
    now: datetime,
    *,
    expires: datetime | None = None,
    by: int = 0,
) -> str:
    """Make a token for `user` and return its secret, which nobody can read again.

    Refuses a name the user has in use already.
    """
    secret, proof = new_secret(TOKEN_PREFIX)

    def insert(work: Work) -> None:
        connection = work.connection
        if any(token.name == name for token in _of(work, user)):
            raise refuse(TOKEN_NAME_TAKEN, "name", name=name)
        connection.change(
            marked(
                connection,
                'insert into @."dougong_token" (id, hash, "user", label, created, created_by, expires)'
                " values (?, ?, ?, ?, ?, ?, ?)",
            ),
            [
                work.new_id(), proof, user, name, to_time(connection, now), by,
                to_time(connection, expires),
            ],
        )  # fmt: skip

    opened.run(setup_context(opened.name, now, language=opened.language), insert, write=True)
    return secret


def tokens(opened: Opened, user: int, now: datetime) -> list[Token]:
    """Return the tokens of a user that were not revoked, oldest first."""
    context = setup_context(opened.name, now, language=opened.language)
    return opened.run(context, lambda work: _of(work, user), write=False)


def revoke(opened: Opened, user: int, name: str, now: datetime) -> None:
    """Revoke a token by its name; it is refused from the next request on."""

    def mark(work: Work) -> None:
        connection = work.connection
        changed = connection.change(
            marked(
                connection,
                'update @."dougong_token" set revoked = ?'
                ' where "user" = ? and label = ? and revoked is null',
            ),
            [to_time(connection, now), user, name],
        )
        if not changed:
            raise refuse(UNKNOWN_TOKEN, "name", name=name)
        move_security(connection)

    opened.run(setup_context(opened.name, now, language=opened.language), mark, write=True)
    opened.forget()


def _of(work: Work, user: int) -> list[Token]:
    connection = work.connection
    rows = connection.run(
        marked(
            connection,
            'select id, "user", label, created, expires, used from @."dougong_token"'
            ' where "user" = ? and revoked is null order by id',
        ),
        [user],
    )
    return [
        Token(int(id_), int(who), name, made, from_time(expires), from_time(used))
        for id_, who, name, created, expires, used in rows
        if (made := from_time(created)) is not None
    ]
