"""Pages about an account: one's own password, and a new one that an administrator sets."""

from dataclasses import dataclass

from dougong.foundation.errors import refuse
from dougong.records import store
from dougong.records.problems import NOT_FOUND
from dougong.records.work import Work
from dougong.screens.form_page import PageProblem
from dougong.screens.list_page import ActionModel
from dougong.screens.rights import reaches
from dougong.screens.words import Words

PEOPLE = "base.user"
GRANTS = "grants"


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """Changing one's own password; `due` says that it must be done before anything else, `done`
    that it was.
    """

    url: str
    next: str
    due: bool = False
    done: bool = False
    problems: tuple[PageProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class NewPasswordPage:
    """A random password for somebody: asked first, then shown this once (`password`)."""

    name: str
    login: str
    url: str
    back: str
    password: str = ""


def may_set_passwords(work: Work) -> bool:
    """Tell whether this person may give others a password.

    Whoever knows a password can be that person: so it takes the right to change people and their
    roles, which lets one become anybody anyway.
    """
    access = work.access(PEOPLE)
    return access.may("update") and access.writable(GRANTS, creating=False)


def build_new_password(work: Work, id_: int, base: str, password: str = "") -> NewPasswordPage:
    """Build the page of a new password for user `id_`.

    Raises Refused: 403 for who may not set passwords, 404 for somebody out of reach.
    """
    access = work.access(PEOPLE)
    access.demand("update")
    access.demand_field(GRANTS)
    person = store.read(work, PEOPLE, id_)
    if not may_set_passwords(work) or not reaches(work, PEOPLE, id_, "update"):
        raise refuse(NOT_FOUND, entity=work.entity(PEOPLE).label)
    here = f"{base}/{PEOPLE}/{id_}"
    return NewPasswordPage(person["name"], person["login"], f"{here}/password", here, password)


def account_links(work: Work, entity_id: str, id_: int, base: str) -> tuple[ActionModel, ...]:
    """Return what the form of a person offers beside her fields."""
    if entity_id != PEOPLE or not id_ or not may_set_passwords(work):
        return ()
    if id_ == work.context.user or not reaches(work, PEOPLE, id_, "update"):
        return ()
    label = Words(work.context.language)("account.set")
    return (ActionModel("password", label, url=f"{base}/{PEOPLE}/{id_}/password"),)
