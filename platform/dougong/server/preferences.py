"""Preferences: small JSON values one person keeps under keys, such as the widths of columns."""

import json
import re
from typing import Any

from dougong.foundation.errors import refuse
from dougong.records.work import Work
from dougong.server.problems import BAD_PREFERENCE, TOO_MANY_PREFERENCES
from dougong.tenants.columns import marked

MOST_BYTES = 16_384
MOST_KEPT = 500
_KEY = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,119}", re.ASCII)


def read_all(work: Work) -> dict[str, Any]:
    """Return this user's preferences by key."""
    rows = work.connection.run(
        marked(
            work.connection,
            'select "key", "value" from @."dougong_preference" where "user" = ? order by "key"',
        ),
        [work.context.user],
    )
    if work.connection.dialect == "postgresql":  # jsonb arrives decoded
        return dict(rows)
    return {key: json.loads(value) for key, value in rows}


def put(work: Work, key: str, value: str) -> None:
    """Keep the JSON text `value` under `key`, in place of what was there.

    Raises Refused for a key that is none, a value that is too long, or too many of them.
    """
    if not _KEY.fullmatch(key) or len(value.encode()) > MOST_BYTES or "\\u0000" in value:
        raise refuse(BAD_PREFERENCE, key[:120], most=MOST_BYTES)
    known = read_all(work)
    if key not in known and len(known) >= MOST_KEPT:
        raise refuse(TOO_MANY_PREFERENCES, key, most=MOST_KEPT)
    work.connection.change(
        marked(
            work.connection,
            'insert into @."dougong_preference" ("user", "key", "value") values (?, ?, ?)'
            ' on conflict ("user", "key") do update set "value" = excluded."value"',
        ),
        [work.context.user, key, value],
    )


def drop(work: Work, key: str) -> None:
    """Forget what is kept under `key`."""
    work.connection.change(
        marked(
            work.connection, 'delete from @."dougong_preference" where "user" = ? and "key" = ?'
        ),
        [work.context.user, key],
    )
