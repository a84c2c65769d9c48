"""Setting a tenant up: who acts when nobody has signed in yet, and with which rights.

The gate knows no one who passes it unseen. What a setup needs (data that comes with modules, first
users, what a scenario takes as given) is done by a role that exists in no tenant's metadata: it
stands in a copy of the catalog that only the setup holds, so no person can ever be given it.
"""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from threading import Lock

from dougong.catalog.catalog import Catalog
from dougong.catalog.process import RIGHTS, Grant, Role
from dougong.foundation.context import Context, Door
from dougong.foundation.translate import Label
from dougong.records.work import Work

SETUP = "base.setup"
_KEPT = 16
_copies: OrderedDict[str, Catalog] = OrderedDict()
_lock = Lock()


def setup_context(
    tenant: str,
    now: datetime,
    *,
    language: str,
    login: str = "",
    user: int = 0,
    company: int = 0,
    companies: tuple[int, ...] = (),
    zone: str = "Asia/Shanghai",
    door: Door = "setup",
) -> Context:
    """Return the context of a setup; `user` and `login` say on whose behalf, for the trail."""
    return Context(
        tenant=tenant,
        user=user,
        login=login,
        roles=frozenset({SETUP}),
        now=now,
        company=company,
        companies=companies,
        language=language,
        zone=zone,
        door=door,
    )


def setup_work(work: Work, context: Context | None = None) -> Work:
    """Return the same unit of work with every right."""
    return Work(
        context or replace(work.context, roles=frozenset({SETUP})),
        with_every_right(work.catalog),
        work.connection,
        work.dialect,
        number=work.number,
    )


def with_every_right(catalog: Catalog) -> Catalog:
    """Return the catalog with the setup's role in it and no guards; kept by fingerprint."""
    key = f"{catalog.fingerprint} {SETUP}"
    with _lock:
        known = _copies.get(key) if catalog.fingerprint else None
        if known is None:
            known = replace(
                catalog,
                roles={**catalog.roles, SETUP: _role(catalog)},
                guards={},
                fingerprint=key if catalog.fingerprint else "",
            )
            _copies[key] = known
            while len(_copies) > _KEPT:
                _copies.popitem(last=False)
        _copies.move_to_end(key)
        return known


def _role(catalog: Catalog) -> Role:
    rights = dict.fromkeys(RIGHTS, True)
    return Role(
        SETUP,
        Label.of({"zh": "初始设置", "en": "Setup"}),
        {
            id_: Grant(
                id_,
                rights,
                act=frozenset({"*"}),
                levels=dict.fromkeys(entity.levels, "edit"),
            )
            for id_, entity in catalog.entities.items()
        },
    )
