"""Pages about oneself and other people's accounts: passwords, and the company one works in."""

from functools import partial
from urllib.parse import urlencode

from dougong.foundation.context import Context
from dougong.foundation.errors import Refused, refuse
from dougong.records.work import Work
from dougong.screens.account_page import PEOPLE, PasswordPage, build_new_password
from dougong.screens.form_page import PageProblem, page_problem
from dougong.screens.shell import Crumb
from dougong.screens.words import Words
from dougong.server.call import Answer, Call
from dougong.server.gate import COMPANY_COOKIE, COOKIE
from dougong.server.page_answers import base_of, page
from dougong.server.page_parts import form_of, must_change, redirect, safe_next, shell_of, shown
from dougong.server.parameters import record_id, text
from dougong.server.problems import FOREIGN_COMPANY, NOT_FOUND, PASSWORDS_DIFFER
from dougong.tenants import sign_in
from dougong.tenants.opened import Opened
from dougong.tenants.users import password_and_hash

YEAR = 31_536_000
WRONG = frozenset({401, 422, 429})
"""Statuses after which the form is shown again."""


def password_page(work: Work, call: Call) -> Answer:
    """GET: the form to change one's own password, or that it was changed (`done`)."""
    return _password_answer(work, call, text(call, "next", most=2_000))


def _password_answer(
    work: Work, call: Call, next_: str, problems: tuple[PageProblem, ...] = ()
) -> Answer:
    due = must_change(work)
    model = PasswordPage(
        f"{base_of(call)}/password", safe_next(call, next_), due, bool(text(call, "done")), problems
    )
    here = Crumb(Words(work.context.language)("account.password"))
    return page(
        call, "password.html", work, page=model, shell=shell_of(work, call, due=True), current="",
        crumbs=(here,),
    )  # fmt: skip


def password_form(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: the new password holds, all other sessions of this person end; else the form again."""
    form = form_of(call)
    next_ = form.get("next", "")
    try:
        if form.get("new", "") != form.get("again", ""):
            raise refuse(PASSWORDS_DIFFER, "again")
        sign_in.change_password(
            opened, context.user, form.get("old", ""), form.get("new", ""), context.now,
            keep=call.cookies.get(COOKIE, ""), address=call.address,
        )  # fmt: skip
    except Refused as refused:
        if refused.status not in WRONG:
            raise
        told = tuple(page_problem(each, context.language) for each in refused.problems)
        again = partial(_password_answer, call=call, next_=next_, problems=told)
        answer = opened.run(context, again, write=False)
        return Answer(refused.status, answer.body, answer.media, answer.headers)
    onward = urlencode({"done": "1", "next": safe_next(call, next_)})
    return redirect(f"{base_of(call)}/password?{onward}")


def new_password_page(work: Work, call: Call) -> Answer:
    """GET: ask before somebody gets another password."""
    return _new_password(work, call)


def new_password_form(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: a random password for somebody, shown this once; she has to change it, her sessions end."""
    password, encoded = password_and_hash(None, opened.passwords)

    def put(work: Work) -> Answer:
        answer = _new_password(work, call, password)
        sign_in.put_hash(work.connection, record_id(call), encoded, context.now, must_change=True)
        return answer

    answer = opened.run(context, put, write=True)
    opened.forget()
    return answer.plus(("Cache-Control", "no-store"))


def _new_password(work: Work, call: Call, password: str = "") -> Answer:
    work.access(call.params["entity"]).demand("update")
    if call.params["entity"] != PEOPLE:
        raise refuse(NOT_FOUND, path=call.path[:200])
    model = build_new_password(work, record_id(call), base_of(call), password)
    crumbs = (Crumb(model.name, model.back), Crumb(Words(work.context.language)("account.set")))
    return shown(work, call, "new_password.html", model, *crumbs)


def company_form(opened: Opened, context: Context, call: Call) -> Answer:
    """POST: work in another company from now on, in this browser."""
    company = form_of(call).get("company", "")
    if company not in {str(one) for one in context.companies}:
        raise refuse(FOREIGN_COMPANY, "company")
    cookie = f"{COMPANY_COOKIE}={company}; Path=/t/{call.tenant}/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"
    return redirect(f"{base_of(call)}/").plus(("Set-Cookie", cookie))
