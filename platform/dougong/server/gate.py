"""From a request to who is asking: credentials, origin, language; the one reader of the clock.

Two ways in: a browser's session cookie, bound to its tenant's path and guarded against requests made
by other sites, or a program's `Authorization: Bearer` token, which no other site can send.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from dougong.foundation.context import Context, Door
from dougong.foundation.errors import refuse
from dougong.foundation.translate import LANGUAGES
from dougong.server.call import JSON, Call
from dougong.server.problems import (
    FOREIGN_COMPANY,
    FOREIGN_REQUEST,
    SIGN_IN_NEEDED,
    UNSUPPORTED_MEDIA,
)
from dougong.tenants.opened import Opened
from dougong.tenants.sessions import csrf_of

COOKIE = "dougong_session"
LANGUAGE_COOKIE = "dougong_language"
COMPANY_COOKIE = "dougong_company"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
COMPANY_HEADER = "x-company"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"
PLAIN = "text/plain"
_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_LANGUAGE = re.compile(
    r"\s*([a-zA-Z]{1,8})(?:-[a-zA-Z0-9-]{1,20})?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)


def read_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brings to say who it is: nothing, a session or a token."""

    kind: Literal["none", "session", "bearer"] = "none"
    token: str = ""


def credentials(call: Call) -> Credentials:
    """Read the credentials of a request; a Bearer token wins over a cookie."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Credentials("bearer", token.strip())
    session = call.cookies.get(COOKIE, "")
    return Credentials("session", session) if session else Credentials()


def enter(opened: Opened, call: Call, door: Door) -> Context:
    """Return who is asking, in the language of the answer.

    Raises Refused: 401 without valid credentials, 403 when a change with a session comes from
    elsewhere, 415 for a body only a foreign form would send.
    """
    given = credentials(call)
    if given.kind == "session":
        check_own_site(call)
    company = _company(call)
    wished = company or _switched_company(call, given)
    found = opened.principal(given.token, door=door, company=wished, trace=call.trace)
    if found is None or (company and found.company != company):
        raise refuse(SIGN_IN_NEEDED if found is None else FOREIGN_COMPANY, COMPANY_HEADER)
    if given.kind == "session":
        check_csrf(call, given.token)
    language = chosen_language(call, given, found.language)
    return found if language == found.language else replace(found, language=language)


def _company(call: Call) -> int:
    """Return the company a program asks to work in (header X-Company), 0 for the user's own."""
    asked = call.headers.get(COMPANY_HEADER, "")
    if not asked:
        return 0
    if not _ID.fullmatch(asked):
        raise refuse(FOREIGN_COMPANY, COMPANY_HEADER)
    return int(asked)


def _switched_company(call: Call, given: Credentials) -> int:
    """Return the company a person switched to in this browser; one that is not theirs counts for
    nothing.
    """
    switched = call.cookies.get(COMPANY_COOKIE, "")
    return int(switched) if given.kind == "session" and _ID.fullmatch(switched) else 0


def nobody(opened: Opened, call: Call, door: Door) -> Context:
    """Return the context of one who has not signed in: no user, no roles."""
    return Context(
        tenant=call.tenant, user=0, login="", roles=frozenset(), now=opened.clock(),
        language=call.language, door=door, trace=call.trace,
    )  # fmt: skip


def check_own_site(call: Call) -> None:
    """Refuse a change that the browser says another site began, or in a form's plain text.

    Browsers tell with Sec-Fetch-Site, older ones with Origin; programs send neither. Of the types a
    foreign form can send, plain text is never ours.
    """
    if call.method in SAFE:
        return
    if call.media == PLAIN or (call.body and not call.media):
        raise refuse(UNSUPPORTED_MEDIA, media=call.media or "–", wanted=JSON)
    site = call.headers.get("sec-fetch-site", "")
    if site and site not in {"same-origin", "none"}:
        raise refuse(FOREIGN_REQUEST)
    origin = call.headers.get("origin", "")
    if origin and not site and _host_of(origin) != call.headers.get("host", "").lower():
        raise refuse(FOREIGN_REQUEST)


def _host_of(origin: str) -> str:
    """Return host and port of an Origin, nothing when it is no address."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def check_csrf(call: Call, session: str) -> None:
    """Refuse a change whose token (header X-CSRF-Token, or form field `csrf`) is not the session's."""
    if call.method in SAFE:
        return
    given = call.headers.get(CSRF_HEADER) or _form_field(call, CSRF_FIELD)
    if not hmac.compare_digest(given.encode(), csrf_of(session).encode()):
        raise refuse(FOREIGN_REQUEST)


def _form_field(call: Call, name: str) -> str:
    if call.media != FORM:
        return ""
    fields = parse_qsl(call.body.decode("latin-1"), keep_blank_values=True)
    return next((value for key, value in fields if key == name), "")


def chosen_language(call: Call, given: Credentials, own: str) -> str:
    """Return the language of the answer.

    A program is answered in the language it asks for, else in its user's; a person in the one
    switched to in the browser, else in their own, else in the browser's.
    """
    asked = call.headers.get("accept-language", "")
    if given.kind == "bearer" and asked:
        return accepted_language(asked) or own
    switched = call.cookies.get(LANGUAGE_COOKIE, "")
    return switched if switched in LANGUAGES else own or call.language


def asked_language(headers: Mapping[str, str], cookies: Mapping[str, str]) -> str:
    """Return the language a request alone asks for: cookie, then Accept-Language, then Chinese."""
    switched = cookies.get(LANGUAGE_COOKIE, "")
    if switched in LANGUAGES:
        return switched
    return accepted_language(headers.get("accept-language", "")) or LANGUAGES[0]


def accepted_language(header: str) -> str:
    """Return the language of ours that an Accept-Language likes best, or nothing."""
    best, liking = "", 0.0
    for part in header[:500].split(","):
        match = _LANGUAGE.fullmatch(part)
        if match and match[1].lower() in LANGUAGES:
            quality = float(match[2] or 1)
            if quality > liking:
                best, liking = match[1].lower(), quality
    return best
