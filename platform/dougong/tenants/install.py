"""Plan, apply, roll back: what a tenant's metadata means for its tables, done exactly as planned."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from dougong.catalog.catalog import Catalog
from dougong.catalog.layers import override_lines
from dougong.catalog.override import Override
from dougong.catalog.source import SourceSet
from dougong.database import apply as database_apply
from dougong.database import explain
from dougong.database.apply import Applied, By
from dougong.database.connect import Connection
from dougong.database.lock import Lock, read_lock, source_changes
from dougong.database.measure import Measured
from dougong.database.plan import Plan
from dougong.database.plan import plan as plan_tables
from dougong.database.state import state_of
from dougong.foundation.errors import Refused, refuse
from dougong.records.work import Work, open_work
from dougong.tenants.configuration import layer_set, read_layer, replace_all
from dougong.tenants.opened import Opened
from dougong.tenants.problems import (
    MODULE_NEEDED,
    MODULE_NOT_INSTALLED,
    NO_EARLIER_STATE,
    PLAN_MOVED,
    WHY_NEEDED,
)
from dougong.tenants.row_tasks import RowTasks, catalog_before
from dougong.tenants.seed import mirror_roles, seed
from dougong.tenants.setup import setup_context
from dougong.tenants.sources import at_home, homeless, modules_of, shipped_today


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A plan to be read, kept and carried out: from one metadata to another.

    `before` and `after` are the fingerprints of the catalogs, `files` the metadata files that are
    added, changed and removed, `modules` the modules as they will be, `tables` the steps,
    `overrides` what becomes of every property that a layer changes.
    """

    tenant: str
    before: str
    after: str
    modules: tuple[str, ...]
    files: Mapping[str, list[str]]
    tables: Plan
    overrides: tuple[Override, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return self.before == self.after and not self.tables.steps


@dataclass(frozen=True, slots=True)
class Done:
    """What was carried out: the number in the journal (0: nothing to do), the steps on tables, the
    rows they touched; `moved` tells whether the metadata changed.
    """

    journal: int
    steps: int
    rows: int
    moved: bool


@dataclass(frozen=True, slots=True)
class _Target:
    """What the tenant should stand on: its sources and their catalog, and what it stands on."""

    lock: Lock
    catalog: Catalog
    sources: tuple[SourceSet, ...]


def plan(opened: Opened, now: datetime, *, modules: Iterable[str] | None = None) -> Change:
    """Plan the way from what `opened` stands on to its modules as shipped today and its own layer.

    `modules` are those installed unless given. Touches nothing. Refuses metadata with problems, and
    changes that can't be made, with every reason.
    """
    del now
    with opened.lend() as connection:
        connection.begin(write=False)
        try:
            target = _target(opened, connection, modules)
            tables = plan_tables(
                target.lock.state, state_of(target.catalog), counts=Measured(connection)
            )
        finally:
            connection.rollback()
    return Change(
        tenant=opened.name,
        before=target.lock.fingerprint,
        after=target.catalog.fingerprint,
        modules=modules_of(target.sources),
        files=source_changes(target.lock.sources, homeless(target.sources)),
        tables=tables,
        overrides=target.catalog.overrides,
    )


def apply(
    opened: Opened,
    change: Change,
    *,
    who: str,
    why: str,
    now: datetime,
    consent: bool = False,
    user: int = 0,
) -> Done:
    """Carry out exactly `change`, in one transaction, and seed the data that comes with it.

    Refuses when the tenant or the metadata has moved since the plan, when it takes data away
    without `consent`, and without a reason. Every process serves the new metadata from its next unit
    of work on.
    """
    _demand_why(why)
    by = By(now=now, user=user, login=who, why=why)
    with opened.alone() as connection:
        connection.begin(write=False)
        try:
            target = _target(opened, connection, change.modules)
        finally:
            connection.rollback()
        if (change.before, change.after) != (target.lock.fingerprint, target.catalog.fingerprint):
            raise refuse(PLAN_MOVED)
        applied = carry_out(
            connection, change.tables, target.catalog, target.sources, by=by,
            language=opened.language, tenant=opened.name, before=_catalog_of(opened, target.lock),
            consent=consent,
        )  # fmt: skip
    return _done(applied, change.tables)


def carry_out(
    connection: Connection,
    tables: Plan,
    catalog: Catalog,
    sources: Sequence[SourceSet],
    *,
    by: By,
    tenant: str,
    language: str,
    before: Catalog | None,
    consent: bool = False,
    then: Callable[[Work], None] | None = None,
) -> Applied:
    """Carry a plan out and seed what comes along; `then` adds to the same transaction."""
    context = setup_context(tenant, by.now, language=language, login=by.login, user=by.user)
    tasks = RowTasks(lambda connection: open_work(context, catalog, connection))

    def finish(connection: Connection) -> None:
        tasks.finish(connection)
        work = open_work(context, catalog, connection)
        mirror_roles(work, catalog)
        seed(work, catalog, before=before)
        if then is not None:
            then(work)

    return database_apply.apply(
        connection,
        tables,
        Lock(0, catalog.fingerprint, state_of(catalog), homeless(sources)),
        by=by,
        tasks=tasks,
        consent=consent,
        then=finish,
    )


def rollback(
    opened: Opened, *, who: str, why: str, now: datetime, consent: bool = False, user: int = 0
) -> Done:
    """Take the last apply back: its tables, its metadata, and what it had parked.

    The tenant's layer is put back as it was as well, as new versions of its files.
    """
    _demand_why(why)
    by = By(now=now, user=user, login=who, why=why)
    context = setup_context(opened.name, now, language=opened.language, login=who, user=user)
    with opened.alone() as connection:
        connection.begin(write=False)
        catalog = catalog_before(connection, opened.catalogs.packed)
        layer = _layer_before(connection)
        connection.rollback()
        if catalog is None:
            raise refuse(NO_EARLIER_STATE)
        earlier = catalog
        tasks = RowTasks(lambda connection: open_work(context, earlier, connection))

        def finish(connection: Connection) -> None:
            tasks.finish(connection)
            replace_all(open_work(context, earlier, connection), layer, why=why)

        applied = database_apply.rollback_last(
            connection, by=by, tasks=tasks, consent=consent, then=finish
        )
    return Done(applied.journal, 0, 0, applied.changed)


def add_module(opened: Opened, module: str, *, who: str, why: str, now: datetime) -> Done:
    """Install a module with what it needs. Refuses one that is not there."""
    wanted = (*installed(opened), module)
    return apply(opened, plan(opened, now, modules=wanted), who=who, why=why, now=now)


def remove_module(
    opened: Opened, module: str, *, who: str, why: str, now: datetime, consent: bool = False
) -> Done:
    """Remove a module; its records are parked. Refuses one that others still need."""
    there = installed(opened)
    if module not in there:
        raise refuse(MODULE_NOT_INSTALLED, module=module, known=", ".join(there))
    modules = opened.catalog.modules
    needing = [id_ for id_ in there if id_ != module and module in modules[id_].needs]
    if needing:
        raise refuse(MODULE_NEEDED, module=module, by=", ".join(needing))
    wanted = [id_ for id_ in there if id_ != module]
    change = plan(opened, now, modules=wanted)
    return apply(opened, change, who=who, why=why, now=now, consent=consent)


def installed(opened: Opened) -> tuple[str, ...]:
    """Return the modules and plugins of a tenant, each after what it needs."""
    with opened.begun(write=False) as (connection, _, _stamps):
        return modules_of(read_lock(connection).sources)


def lines(change: Change, language: str) -> Iterator[str]:
    """Say a change line by line: the files, what becomes of what layers changed, the tables."""
    marks = {"added": "+", "changed": "~", "removed": "-"}
    for what, paths in change.files.items():
        for path in paths:
            yield f"{marks[what]} {path}"
    if not change.empty:
        yield from override_lines(change.overrides, language)
    yield from explain.lines(change.tables, language)


def as_plain(change: Change, language: str) -> dict[str, Any]:
    """Return a change for a program: fingerprints, files and steps with their sentences."""
    return {
        "tenant": change.tenant,
        "before": change.before,
        "after": change.after,
        "modules": list(change.modules),
        "files": dict(change.files),
        "overrides": [msgspec.to_builtins(each) for each in change.overrides],
        "hash": change.tables.hash,
        "steps": [
            {
                **msgspec.to_builtins(step),
                "say": explain.sentence(step).say(language),
                "level": step.level,
                "rows": step.rows,
            }
            for step in change.tables.steps
        ],
    }


def refused_overrides(refused: Refused) -> tuple[Override, ...]:
    """Return what became of every changed property where metadata was refused."""
    return msgspec.convert(refused.extra.get("overrides", ()), tuple[Override, ...])


def to_json(change: Change) -> bytes:
    """Write a change as a plan file."""
    return msgspec.json.format(msgspec.json.encode(change), indent=1)


def from_json(text: bytes) -> Change:
    """Read a plan file. Raises ValueError (msgspec's) for anything else."""
    return msgspec.json.decode(text, type=Change)


def _target(opened: Opened, connection: Connection, modules: Iterable[str] | None) -> _Target:
    """Read what the tenant stands on and make the catalog it should stand on."""
    lock = read_lock(connection)
    sources = _sources(opened, connection, lock, modules)
    return _Target(lock, opened.catalogs.of(sources), sources)


def _catalog_of(opened: Opened, lock: Lock) -> Catalog | None:
    """Return the catalog a tenant stands on; None before its first apply."""
    return opened.catalogs.of(at_home(lock.sources)) if lock.id else None


def _layer_before(connection: Connection) -> dict[str, str]:
    """Return the tenant's own files as they stood before the last apply."""
    rows = connection.run(
        "select before from @.\"dougong_journal\" where act = 'apply' and not undone"
        " order by id desc limit 1"
    )
    if not rows or rows[0][0] is None:
        return {}
    sources = read_lock(connection, int(rows[0][0])).sources
    return {
        path: text
        for each in sources
        if each.layer == "tenant"
        for path, text in each.files.items()
    }


def _demand_why(why: str) -> None:
    if not why.strip():
        raise refuse(WHY_NEEDED, "why")


def _done(applied: Applied, tables: Plan) -> Done:
    rows = sum(step.rows for step in tables.steps)
    return Done(applied.journal, len(tables.steps), rows, applied.changed)


def check_layer(opened: Opened, files: Mapping[str, str]) -> Catalog:
    """Return the catalog the tenant would have with `files` as its layer; changes nothing.

    Refuses files with problems, with all of them.
    """
    with opened.begun(write=False) as (connection, _, _stamps):
        wanted = modules_of(read_lock(connection).sources)
    return opened.catalogs.of(shipped_today(wanted, layer_set(opened.name, files)))


def sources_today(opened: Opened) -> tuple[SourceSet, ...]:
    """Return what the tenant would stand on after a plan and an apply, read but not checked."""
    with opened.begun(write=False) as (connection, _, _stamps):
        return _sources(opened, connection, read_lock(connection), None)


def _sources(
    opened: Opened, connection: Connection, lock: Lock, modules: Iterable[str] | None
) -> tuple[SourceSet, ...]:
    layer = layer_set(opened.name, read_layer(connection)) if lock.id else None
    wanted = modules_of(lock.sources) if modules is None else tuple(modules)
    return shipped_today(wanted, layer)
