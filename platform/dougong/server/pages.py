"""The doors for people: sign-in, start page, lists, forms, and what their scripts ask for.

Every page comes from a page model of `screens`; the same model is given as JSON below `/api/views`.
"""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from starlette.routing import BaseRoute

from dougong.foundation.context import Context
from dougong.foundation.errors import Refused, refuse
from dougong.foundation.translate import LANGUAGES
from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.queries.search import search
from dougong.records.work import Work
from dougong.screens.form_building import build_form
from dougong.screens.list_building import build_list
from dougong.screens.list_page import read_state
from dougong.screens.plain_pages import SignInPage
from dougong.screens.shell import Crumb, language_choices
from dougong.screens.shell_building import build_home, crumbs_to
from dougong.screens.words import Words
from dougong.server import assets, job_pages, own_pages, page_changes
from dougong.server.call import Answer, Call, json_answer
from dougong.server.desk import Desk, tell_program
from dougong.server.gate import COOKIE, LANGUAGE_COOKIE, credentials
from dougong.server.own_doors import session_cookie
from dougong.server.page_answers import base_of, page
from dougong.server.page_parts import csrf_for, form_of, redirect, safe_next, shell_of
from dougong.server.page_refusals import tell_at
from dougong.server.parameters import parameters, record_id, text
from dougong.server.problems import NOT_FOUND
from dougong.server.routes import Route, check_routes
from dougong.tenants import sign_in
from dougong.tenants.opened import Opened

PREFIX = "/t/{tenant}"
YEAR = 31_536_000
FOUND = 5
"""How many records of each entity the palette shows."""


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """Return the routes of the pages and of the built assets."""
    return [*assets.routes(), *desk.mount(PREFIX, (*ROUTES, NOWHERE), tell_at(desk.registry))]


# --- signing in -----------------------------------------------------------------------------------


def sign_in_page(opened: Opened, context: Context, call: Call) -> Answer:
    """GET: the form to sign in with."""
    return _sign_in_answer(opened, call, next_=text(call, "next"))


def sign_in_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST of that form: a session and the way on, or the form again with what was wrong."""
    form = form_of(call)
    login, next_ = form.get("login", ""), form.get("next", "")
    try:
        session = sign_in.sign_in(
            opened, login, form.get("password", ""), context.now, call.address,
            agent=call.headers.get("user-agent", ""), old_token=call.cookies.get(COOKIE, ""),
        )  # fmt: skip
    except Refused as refused:
        if refused.status not in (401, 429):
            raise
        problem = refused.problems[0].reason(call.language)
        answer = _sign_in_answer(opened, call, login=login, problem=problem, next_=next_)
        return replace(answer, status=refused.status)
    onward = safe_next(call, next_)
    if session.must_change:
        onward = f"{base_of(call)}/password?{urlencode({'next': onward})}"
    return redirect(onward).plus(session_cookie(call, session.token))


def _sign_in_answer(
    opened: Opened, call: Call, *, login: str = "", problem: str = "", next_: str = ""
) -> Answer:
    base = base_of(call)
    model = SignInPage(
        tenant=opened.name,
        label=opened.name,
        url=f"{base}/sign-in",
        languages=language_choices(call.language),
        login=login,
        problem=problem,
        next=safe_next(call, next_) if next_ else "",
    )
    return page(
        call,
        "sign_in.html",
        page=model,
        theme=call.cookies.get("dougong_theme", ""),
        language_url=f"{base}/language",
    )


def sign_out_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: end the session; back to the sign-in page."""
    sign_in.sign_out(opened, credentials(call).token)
    return redirect(f"{base_of(call)}/sign-in").plus(session_cookie(call, ""))


def language_door(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: read in another language from now on, in this browser."""
    form = form_of(call)
    language = form.get("language", "")
    answer = redirect(safe_next(call, form.get("next", "")))
    if language not in LANGUAGES:
        return answer
    cookie = f"{LANGUAGE_COOKIE}={language}; Path=/t/{call.tenant}/; Max-Age={YEAR}; SameSite=Lax"
    return answer.plus(("Set-Cookie", cookie))


# --- pages ----------------------------------------------------------------------------------------


def home_page(work: Work, call: Call) -> Answer:
    """GET: the start page."""
    shell = shell_of(work, call)
    words = Words(work.context.language)
    return page(
        call, "home.html", work, page=build_home(work, shell), shell=shell, current="home",
        crumbs=(Crumb(words("home")),),
    )  # fmt: skip


def list_page(work: Work, call: Call) -> Answer:
    """GET: a list; only its inside when the page asks for that part. A setting has none."""
    state = read_state(parameters(call))
    entity = call.params["entity"]
    if entity not in work.catalog.lists:
        return redirect(f"{base_of(call)}/setting/{entity}")
    model = build_list(work, entity, state, base_of(call))
    if call.headers.get("hx-request-type") == "partial":
        query = state.query()
        address = f"{model.url}?{query}" if query else model.url
        part = page(call, "parts/list.html", work, page=model, csrf=csrf_for(call))
        return part.plus(("HX-Push-Url", address))
    shell = shell_of(work, call)
    return page(
        call, "list.html", work, page=model, shell=shell, csrf=shell.csrf, current=entity,
        crumbs=crumbs_to(shell, entity) or (Crumb(model.label),),
    )  # fmt: skip


def new_page(work: Work, call: Call) -> Answer:
    """GET: the form of a new record."""
    return _form(work, call, 0)


def record_page(work: Work, call: Call) -> Answer:
    """GET: the form of a record."""
    return _form(work, call, record_id(call))


def _form(work: Work, call: Call, id_: int) -> Answer:
    entity = call.params["entity"]
    model = build_form(work, entity, id_, base_of(call))
    shell = shell_of(work, call)
    title = Crumb(model.title)
    way = crumbs_to(shell, entity, title)
    return page(
        call, "form.html", work, page=model, shell=shell, current=entity,
        crumbs=way if len(way) > 1 else (Crumb(model.label, model.urls["list"]), title),
    )  # fmt: skip


def setting_page(work: Work, call: Call) -> Answer:
    """GET: the setting of the tenant or of the company in use, or the form of its first record."""
    entity = work.entity(call.params["entity"])
    if entity.kind != "setting":
        raise refuse(NOT_FOUND, path=call.path[:200])
    mine = {"field": "company", "op": "==", "value": str(work.context.company)}
    only = mine if entity.per == "company" else None
    found = list_records(work, entity.id, Query(filter=only, fields=("id",), limit=1)).rows
    return redirect(f"{base_of(call)}/{entity.id}/{found[0]['id'] if found else 'new'}")


def nowhere(work: Work, call: Call) -> Answer:
    """GET: any other address below the tenant's, told to programs as a problem."""
    refused = refuse(NOT_FOUND, path=call.path[:200])
    if "text/html" in call.headers.get("accept", ""):
        raise refused
    return tell_program(refused, call)


# --- what scripts ask for -------------------------------------------------------------------------


def find_door(work: Work, call: Call) -> Answer:
    """GET: records of every readable entity by what was typed, for the palette."""
    base, language = base_of(call), work.context.language
    hits = [
        {
            "title": hit.title,
            "label": work.entity(hit.entity).label.say(language),
            "url": f"{base}/{hit.entity}/{hit.id}",
        }
        for hit in search(work, text(call, "q"), (), FOUND)
    ]
    return json_answer({"hits": hits[:30]})


ROUTES: tuple[Route, ...] = check_routes(
    (
        Route("GET", "", "root_page", "any", home_page, page=True),
        Route("GET", "/", "home_page", "any", home_page, page=True),
        Route("GET", "/sign-in", "sign_in_page", "open", porch=sign_in_page,
              query=("next",), page=True),
        Route("POST", "/sign-in", "sign_in_form", "open", porch=sign_in_door,
              slow=True, gives=(303,), page=True),
        Route("POST", "/sign-out", "sign_out_form", "self", porch=sign_out_door,
              gives=(303,), page=True),
        Route("POST", "/language", "language_form", "open", porch=language_door,
              gives=(303,), page=True),
        Route("GET", "/find", "find", "any", find_door, query=("q",), page=True),
        Route("GET", "/password", "password_page", "self", own_pages.password_page,
              query=("next", "done"), page=True),
        Route("POST", "/password", "password_form", "self", porch=own_pages.password_form,
              slow=True, gives=(303,), page=True),
        Route("POST", "/company", "company_form", "self", porch=own_pages.company_form,
              gives=(303,), page=True),
        Route("GET", "/jobs", "jobs_page", "self", job_pages.jobs_page, page=True),
        Route("GET", "/jobs/{id:int}", "job_page", "self", job_pages.job_page, page=True),
        Route("POST", "/jobs/{id:int}/stop", "stop_form", "self", porch=job_pages.stop_form,
              gives=(303,), page=True),
        Route("POST", "/jobs/{id:int}/again", "again_form", "self", porch=job_pages.again_form,
              gives=(303,), page=True),
        Route("GET", "/imports", "imports_page", "any", job_pages.imports_page, page=True),
        Route("POST", "/imports/{id:int}/undo", "undo_form", "any", porch=job_pages.undo_form,
              gives=(303,), page=True),
        Route("GET", "/setting/{entity}", "setting_page", "read", setting_page, gives=(303,),
              page=True),
        Route("GET", "/{entity}", "list_page", "read", list_page, query=None, gives=(200, 303),
              page=True),
        Route("POST", "/{entity}/export", "export_form", "export", porch=job_pages.export_form,
              query=None, gives=(303,), page=True),
        Route("GET", "/{entity}/import", "import_page", "use", job_pages.import_page, page=True),
        Route("GET", "/{entity}/lookup", "page_lookup", "use", page_changes.lookup_door,
              query=("path", "values", "q"), page=True),
        Route("POST", "/{entity}/lookup", "page_resolve", "use", page_changes.resolve_door,
              query=("path", "values"), page=True),
        Route("POST", "/{entity}/propose", "page_propose", "write", page_changes.propose_door,
              page=True),
        Route("POST", "/{entity}/bulk/{action}", "page_bulk", "act", page_changes.bulk_door,
              write=True, page=True),
        Route("GET", "/{entity}/new", "new_page", "create", new_page, page=True),
        Route("POST", "/{entity}/new", "page_create", "create", page_changes.create_door,
              write=True, page=True),
        Route("GET", "/{entity}/{id:int}", "record_page", "read", record_page, page=True),
        Route("POST", "/{entity}/{id:int}", "page_change", "update", page_changes.change_door,
              write=True, page=True),
        Route("POST", "/{entity}/{id:int}/delete", "page_delete", "delete",
              page_changes.delete_door, write=True, page=True),
        Route("GET", "/{entity}/{id:int}/password", "new_password_page", "update",
              own_pages.new_password_page, page=True),
        Route("POST", "/{entity}/{id:int}/password", "new_password_form", "update",
              porch=own_pages.new_password_form, page=True),
        Route("POST", "/{entity}/{id:int}/act/{action}", "page_act", "act", page_changes.act_door,
              write=True, page=True),
    )
)  # fmt: skip
"""Fixed addresses first: an entity's id always holds a dot, so none of them can be one."""
NOWHERE = Route("GET", "/{rest:path}", "nowhere", "any", nowhere, query=None, page=True)
"""Comes last, so that a wrong address keeps the menu, and tells a stranger nothing."""
