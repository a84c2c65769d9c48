"""Answers for people: a rendered page, a page model as JSON, a refusal told in the right way."""

from typing import Any
from urllib.parse import quote

from dougong.foundation.errors import Refused
from dougong.records.work import Work
from dougong.screens.form_page import page_problem
from dougong.screens.plain_pages import ErrorPage
from dougong.screens.words import Words
from dougong.server.assets import NotBuilt
from dougong.server.call import JSON, Answer, Call
from dougong.server.render import HTML, json_text, render

PRIVATE = ("Cache-Control", "private, no-cache")
VARY = ("Vary", "Cookie, HX-Request-Type")


def base_of(call: Call) -> str:
    """Return the address every page of the tenant begins with."""
    return f"/t/{call.tenant}"


def page(call: Call, template: str, work: Work | None = None, **values: Any) -> Answer:
    """Render a page in the language and time zone of whoever asks."""
    zone = work.context.zone if work else "UTC"
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in call.query)
    here = f"{call.path}?{query}" if query else call.path
    try:
        body = render(template, call.language, zone, here=here, **values)
    except NotBuilt:
        return Answer(
            503, Words(call.language)("assets.missing").encode(), "text/plain; charset=utf-8"
        )
    return Answer(200, body, HTML, (PRIVATE, VARY, ("Content-Language", call.language)))


def tell_person(refused: Refused, call: Call) -> Answer:
    """Tell a refusal to a script as JSON, to a person as a page; who is unknown signs in first."""
    problems = tuple(page_problem(problem, call.language) for problem in refused.problems)
    if wants_json(call):
        told = {**refused.extra, "problems": problems}
        return Answer(refused.status, json_text(told), JSON, (("Cache-Control", "no-store"),))
    if refused.status == 401 and call.method in ("GET", "HEAD"):
        asked = call.path + (
            "?" + "&".join(f"{n}={quote(v)}" for n, v in call.query) if call.query else ""
        )
        address = f"{base_of(call)}/sign-in?next={quote(asked)}"
        return Answer(303, b"", "", (("Location", address), ("Cache-Control", "no-store")))
    words = Words(call.language)
    known = refused.status in (403, 404, 409, 500)
    title = words(f"error.{refused.status}" if known else "error.other")
    model = ErrorPage(refused.status, title, problems, f"{base_of(call)}/" if call.tenant else "")
    theme = call.cookies.get("dougong_theme", "")
    answer = page(call, "error.html", page=model, shell=None, theme=theme)
    return Answer(refused.status, answer.body, answer.media, answer.headers)


def wants_json(call: Call) -> bool:
    """Tell whether a script asks rather than a person."""
    return call.media == JSON or call.headers.get("accept", "").startswith(JSON)
