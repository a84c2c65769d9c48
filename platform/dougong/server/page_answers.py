"""Answers for people: a rendered page, a page model as JSON, a refusal told in the right way."""

from html import escape
from typing import Any
from urllib.parse import urlencode

from dougong.foundation.errors import Refused
from dougong.records.work import Work
from dougong.screens.form_page import page_problem
from dougong.screens.plain_pages import ErrorPage
from dougong.screens.shell import Crumb, Shell
from dougong.screens.words import Words
from dougong.server.assets import NotBuilt
from dougong.server.call import JSON, Answer, Call
from dougong.server.problems import PASSWORD_DUE
from dougong.server.render import HTML, json_text, render

PRIVATE = ("Cache-Control", "private, no-cache")
TITLED = frozenset({403, 404, 409, 500, 503})
"""Statuses whose page has a title of its own."""
VARY = ("Vary", "Cookie, HX-Request-Type")


def base_of(call: Call) -> str:
    """Return the address every page of the tenant begins with."""
    return f"/t/{call.tenant}"


def page(call: Call, template: str, work: Work | None = None, **values: Any) -> Answer:
    """Render a page in the language and time zone of whoever asks."""
    zone = work.context.zone if work else "UTC"
    here = f"{call.path}?{urlencode(call.query)}" if call.query else call.path
    try:
        body = render(template, call.language, zone, here=here, **values)
    except NotBuilt:
        return not_built(call)
    return Answer(200, body, HTML, (PRIVATE, VARY, ("Content-Language", call.language)))


def not_built(call: Call) -> Answer:
    """Say, without any asset, that the assets are missing and how to build them."""
    words = Words(call.language)
    title, text = escape(words("assets.title")), escape(words("assets.missing"))
    body = (
        f'<!doctype html><html lang="{call.language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><h1>{title}</h1><p>{text}</p>"
    )
    return Answer(503, body.encode(), HTML, (("Cache-Control", "no-store"),))


def tell_person(refused: Refused, call: Call, shell: Shell | None = None) -> Answer:
    """Tell a refusal to a script as JSON, to a person as a page, inside the `shell` where there is
    one; who is unknown signs in first, who has a password of somebody else's changes it first.
    """
    problems = tuple(page_problem(problem, call.language) for problem in refused.problems)
    if wants_json(call):
        told = {**refused.extra, "problems": problems}
        return Answer(refused.status, json_text(told), JSON, (("Cache-Control", "no-store"),))
    if call.method in ("GET", "HEAD"):
        if refused.status == 401:
            return _first(call, "sign-in")
        if any(problem.kind is PASSWORD_DUE for problem in refused.problems):
            return _first(call, "password")
    words = Words(call.language)
    title = words(f"error.{refused.status}" if refused.status in TITLED else "error.other")
    model = ErrorPage(refused.status, title, problems, f"{base_of(call)}/" if call.tenant else "")
    theme = call.cookies.get("dougong_theme", "")
    answer = page(
        call, "error.html", page=model, shell=shell, theme=theme, current="", crumbs=(Crumb(title),)
    )
    if answer.status != 200:
        return answer
    return Answer(refused.status, answer.body, answer.media, answer.headers)


def _first(call: Call, place: str) -> Answer:
    """Lead to a page that must come first, and from there to what was asked for."""
    asked = f"{call.path}?{urlencode(call.query)}" if call.query else call.path
    address = f"{base_of(call)}/{place}?{urlencode({'next': asked})}"
    return Answer(303, b"", "", (("Location", address), ("Cache-Control", "no-store")))


def wants_json(call: Call) -> bool:
    """Tell whether a script asks rather than a person."""
    return call.media == JSON or call.headers.get("accept", "").startswith(JSON)
