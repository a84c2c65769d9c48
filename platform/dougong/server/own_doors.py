"""Doors to one's own things: the session, the password, tokens, preferences."""

from datetime import timedelta
from typing import Any

import msgspec

from dougong.foundation.context import Context
from dougong.foundation.errors import refuse
from dougong.records.work import Work
from dougong.server import preferences
from dougong.server.body import json_object, json_value, known_keys
from dougong.server.call import Answer, Call, empty_answer, json_answer
from dougong.server.gate import COOKIE, credentials
from dougong.server.problems import BAD_ENTRY, SESSION_NEEDED
from dougong.tenants import sign_in, tokens
from dougong.tenants.opened import Opened
from dougong.tenants.sessions import LONGEST, csrf_of

MOST_DAYS = 730
MOST_NAME = 100
MOST_PASSWORD = 1_000
"""Characters read of a password; longer ones are refused before they are hashed."""


def session_cookie(call: Call, token: str) -> tuple[str, str]:
    """Return the header that sets the session's cookie, or takes it away when `token` is empty.

    It is sent to this tenant's addresses alone, never to scripts, never by other sites' forms.
    """
    age = int(LONGEST.total_seconds()) if token else 0
    parts = [
        f"{COOKIE}={token}",
        f"Path=/t/{call.tenant}/",
        f"Max-Age={age}",
        "HttpOnly",
        "SameSite=Lax",
    ]
    if call.secure:
        parts.append("Secure")
    return "Set-Cookie", "; ".join(parts)


def _texts(body: dict[str, Any], *names: str) -> list[str]:
    """Return the entries as texts. Refuses unknown ones and what is no text."""
    known_keys(body, names)
    for name in names:
        value = body.get(name)
        if not isinstance(value, str) or len(value) > MOST_PASSWORD:
            raise refuse(BAD_ENTRY, name, name=name, wanted="“…”")
    return [body[name] for name in names]


def sign_in_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST login and password: a session cookie, and the CSRF token to send back with changes."""
    login, password = _texts(json_object(call), "login", "password")
    session = sign_in.sign_in(
        opened, login, password, context.now, call.address,
        agent=call.headers.get("user-agent", ""), old_token=call.cookies.get(COOKIE, ""),
    )  # fmt: skip
    told = {"user": str(session.user), "csrf": session.csrf, "must_change": session.must_change}
    return json_answer(
        told, 200, session_cookie(call, session.token), ("Cache-Control", "no-store")
    )


def sign_out_door(opened: Opened, context: Context, call: Call) -> Answer:
    """DELETE: end this session, in every process."""
    sign_in.sign_out(opened, credentials(call).token)
    return empty_answer(204, session_cookie(call, ""))


def password_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST the old and a new password; all other sessions of this user end."""
    old, new = _texts(json_object(call), "old", "new")
    sign_in.change_password(
        opened, context.user, old, new, context.now,
        keep=call.cookies.get(COOKIE, ""), address=call.address,
    )  # fmt: skip
    return empty_answer()


def tokens_door(opened: Opened, context: Context, call: Call) -> Answer:
    """GET: this user's API tokens, never their secrets."""
    found = tokens.tokens(opened, context.user, context.now)
    rows = [
        {
            "name": token.name,
            "created": token.created,
            "expires": token.expires,
            "used": token.used,
        }
        for token in found
    ]
    return json_answer({"rows": rows})


def issue_token_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST a name and how many days it lasts: a token, shown this once.

    Only a person's session makes tokens, so a stolen token can't outlive its own revocation.
    """
    if credentials(call).kind != "session":
        raise refuse(SESSION_NEEDED)
    body = json_object(call)
    known_keys(body, ("name", "days"))
    name, days = body.get("name"), body.get("days", MOST_DAYS)
    if not isinstance(name, str) or not 0 < len(name.strip()) <= MOST_NAME:
        raise refuse(BAD_ENTRY, "name", name="name", wanted=f"1–{MOST_NAME}")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
        raise refuse(BAD_ENTRY, "days", name="days", wanted=f"1–{MOST_DAYS}")
    expires = context.now + timedelta(days=days)
    secret = tokens.issue(
        opened, context.user, name.strip(), context.now, expires=expires, by=context.user
    )
    told = {"name": name.strip(), "token": secret, "expires": expires}
    return json_answer(told, 201, ("Cache-Control", "no-store"))


def revoke_token_door(opened: Opened, context: Context, call: Call) -> Answer:
    """DELETE: the token with this name is refused from now on."""
    tokens.revoke(opened, context.user, call.params["name"], context.now)
    return empty_answer()


def me_door(work: Work, call: Call) -> Answer:
    """GET: who is signed in, in which company and language, with which roles."""
    context = work.context
    given = credentials(call)
    told = {
        "user": str(context.user),
        "login": context.login,
        "roles": sorted(context.roles),
        "company": str(context.company) if context.company else None,
        "companies": [str(company) for company in context.companies],
        "language": context.language,
        "zone": context.zone,
        "csrf": csrf_of(given.token) if given.kind == "session" else None,
    }
    return json_answer(told, 200, ("Cache-Control", "no-store"))


def preferences_door(work: Work, call: Call) -> Answer:
    """GET: all preferences of this user, by key."""
    return json_answer(preferences.read_all(work))


def set_preference_door(work: Work, call: Call) -> Answer:
    """PUT a JSON value under a key."""
    preferences.put(work, call.params["key"], msgspec.json.encode(json_value(call)).decode())
    return empty_answer()


def drop_preference_door(work: Work, call: Call) -> Answer:
    """DELETE the value under a key; harmless when there is none."""
    preferences.drop(work, call.params["key"])
    return empty_answer()
