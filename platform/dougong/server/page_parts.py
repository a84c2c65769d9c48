"""What the doors for people share: forms, the way on, the shell around a page."""

from urllib.parse import parse_qsl, quote

from dougong.foundation.errors import refuse
from dougong.records.work import Work
from dougong.screens.shell import Crumb, Shell
from dougong.screens.shell_building import build_shell
from dougong.server.call import Answer, Call
from dougong.server.gate import credentials
from dougong.server.page_answers import base_of, page
from dougong.server.problems import PASSWORD_DUE
from dougong.tenants.opened import MUST_CHANGE
from dougong.tenants.sessions import csrf_of


def form_of(call: Call) -> dict[str, str]:
    """Read the fields of a plain HTML form."""
    return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))


def safe_next(call: Call, address: str) -> str:
    """Return an address inside this tenant's pages; anything else becomes its start page."""
    base = f"{base_of(call)}/"
    plain = address.startswith(base) and "\\" not in address and address.isprintable()
    return quote(address, safe="/?&=%.:,~+-_") if plain and "/../" not in address else base


def redirect(address: str) -> Answer:
    """Send the browser on to another page, with GET."""
    return Answer(303, b"", "", (("Location", address), ("Cache-Control", "no-store")))


def shell_of(work: Work, call: Call, *, due: bool = False) -> Shell:
    """Build the shell of a page.

    Raises Refused (403) for who has to choose a password first, except on the page where that is
    done (`due`).
    """
    if not due and must_change(work):
        raise refuse(PASSWORD_DUE)
    return build_shell(work, base_of(call), csrf_for(call), call.cookies)


def csrf_for(call: Call) -> str:
    """Return the token that the forms of this person's pages carry."""
    given = credentials(call)
    return csrf_of(given.token) if given.kind == "session" else ""


def must_change(work: Work) -> bool:
    """Tell whether this person has to choose a password of her own first."""
    return bool(dict(work.context.attributes).get(MUST_CHANGE))


def shown(work: Work, call: Call, template: str, model: object, *crumbs: Crumb) -> Answer:
    """Render a page that belongs to no entity."""
    shell = shell_of(work, call)
    return page(call, template, work, page=model, shell=shell, current="", crumbs=crumbs)
