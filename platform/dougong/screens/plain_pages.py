"""The pages without a record: signing in, the start page, a refusal."""

from dataclasses import dataclass

from dougong.screens.form_page import PageProblem
from dougong.screens.shell import Choice, Entry


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Signing in; `problem` says why the last attempt failed, `next` where to go afterwards."""

    tenant: str
    label: str
    url: str
    languages: tuple[Choice, ...]
    login: str = ""
    problem: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Recent:
    """A record opened or changed lately."""

    title: str
    label: str
    url: str
    at: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """The start page: a greeting, the ways into the work, and what this person did last."""

    greeting: str
    day: str
    ways: tuple[Entry, ...]
    recent: tuple[Recent, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A refusal of the whole request: what is wrong, what to do, where to go."""

    status: int
    title: str
    problems: tuple[PageProblem, ...]
    back: str = ""
