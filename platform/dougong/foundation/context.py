"""Context: who acts, for which tenant and company, in which language, at what time."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Door = Literal["api", "page", "import", "export", "job", "command", "test", "setup"]


@dataclass(frozen=True, slots=True)
class Context:
    """The situation of one unit of work; handed over openly, never looked up.

    `user` is the id of base.user (0: nobody). `roles` are ids such as `sales.rep`; every
    signed-in user holds `base.everyone`. `companies` are the ids this user may work in, `company` the
    one in use (0: none yet). `now` is an aware UTC instant; `zone` an IANA name.
    `door` tells through which entrance the request came; it never widens a right.
    """

    tenant: str
    user: int
    login: str
    roles: frozenset[str]
    now: datetime
    company: int = 0
    companies: tuple[int, ...] = ()
    language: str = "zh"
    zone: str = "Asia/Shanghai"
    door: Door = "api"
    trace: str = ""
    attributes: tuple[tuple[str, object], ...] = field(default=())

    @property
    def today(self) -> date:
        """The civil day of `now` in the company's time zone."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()
