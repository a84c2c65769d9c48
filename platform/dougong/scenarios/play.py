"""Plays a case on a work: makes, acts, looks, and says what is not as told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import BadValue
from dougong.fields.types import field_type
from dougong.foundation.context import Context
from dougong.foundation.errors import Place, Problem, ProblemKind, Refused
from dougong.records import store
from dougong.records.work import Work
from dougong.scenarios.problems import (
    DIFFERS,
    NOT_STOPPED,
    NOT_WARNED,
    SEEN,
    STOPPED,
    STOPPED_OTHERWISE,
    UNKNOWN_ENTITY,
    UNKNOWN_NAME,
    UNKNOWN_ROLE,
    UNSEEN,
)
from dougong.scenarios.story import Act, Case, Make, Step
from dougong.tenants.written import wire_body

WorkFor = Callable[[Context], Work]
"""Opens a work for a context on the stage's connection, in its transaction."""


class Play:
    """One case on stage.

    `setup` is the context that may make anything (what is `given`), `actor` gives the context of a
    person who holds the roles. `named` are the records made so far, name to (entity, id).
    """

    def __init__(
        self,
        work_for: WorkFor,
        setup: Context,
        actor: Callable[[tuple[str, ...]], Context],
        *,
        language: str,
        now: datetime | None,
        named: Mapping[str, tuple[str, int]] | None = None,
    ) -> None:
        self._work_for = work_for
        self._setup = setup
        self._actor = actor
        self._language = language
        self._now = _instant(now, setup)
        self.named = dict(named or {})
        self.problems: list[Problem] = []
        self._roles: tuple[str, ...] = ()
        self._seen: dict[str, Any] = {}
        self._refused: tuple[Refused, Place] | None = None
        self._warned: list[Problem] = []

    def give(self, makes: Sequence[Make]) -> None:
        """Make what is given, with every right."""
        work = self._work_for(replace(self._setup, now=self._now))
        for make in makes:
            self._tried(make.place, self._make, work, make)
        self._close()

    def play(self, case: Case) -> None:
        """Play a case from its given to its end."""
        self.give(case.given)
        for step in case.steps:
            self._step(step)
        self._close()

    def _step(self, step: Step) -> None:
        self._now = _instant(step.at, self._setup) if step.at else self._now
        self._roles = step.roles or self._roles
        work = self._work_for(replace(self._setup, now=self._now))
        unknown = [role for role in self._roles if role not in work.catalog.roles]
        for role in unknown:
            self._problem(UNKNOWN_ROLE, step.place, role=role)
        if unknown:
            return
        if self._roles:
            work = self._work_for(replace(self._actor(self._roles), now=self._now))
        for act in step.acts:
            self._act(work, act)

    def _act(self, work: Work, act: Act) -> None:
        """Do or look at one thing. After a refusal only `stops` is of use until it is met."""
        if act.verb == "stops":
            self._stops(act)
        elif self._refused is not None:
            return
        elif act.verb == "make":
            for make in act.what:
                self._tried(make.place, self._make, work, make)
        elif act.verb == "expect":
            self._expect(work, act)
        elif act.verb == "warns":
            self._warns(act)
        elif act.verb in ("hidden", "visible"):
            self._shown(act, hidden=act.verb == "hidden")
        else:
            self._move(work, act)

    def _move(self, work: Work, act: Act) -> None:
        """Read, change, delete, or act on records by name."""
        for name in act.what:
            place = act.at(name)
            if name not in self.named:
                self._problem(UNKNOWN_NAME, place, name=name)
                continue
            entity, id_ = self.named[name]
            match act.verb:
                case "read":
                    self._tried(place, self._read, work, entity, id_)
                case "delete":
                    self._tried(place, self._delete, work, entity, id_)
                case "change":
                    body = self._body(work, entity, act.what[name])
                    self._tried(place, self._change, work, entity, id_, body)
                case _:
                    for action, given in _actions(act.what[name]):
                        self._tried(place, self._do, work, entity, id_, action, given)

    def _make(self, work: Work, make: Make) -> None:
        if make.entity not in work.catalog.entities:
            self._problem(UNKNOWN_ENTITY, make.place, entity=make.entity)
            return
        saved = store.create(work, make.entity, self._body(work, make.entity, make.values))
        self.named[make.name] = (make.entity, saved.id)
        self._warned = list(saved.warnings)

    def _read(self, work: Work, entity: str, id_: int) -> None:
        self._seen = store.read(work, entity, id_)

    def _delete(self, work: Work, entity: str, id_: int) -> None:
        store.delete(work, entity, id_, self._version(entity, id_))

    def _change(self, work: Work, entity: str, id_: int, body: Mapping[str, Any]) -> None:
        saved = store.change(work, entity, id_, self._version(entity, id_), body)
        self._warned = list(saved.warnings)

    def _do(self, work: Work, entity: str, id_: int, action: str, body: Mapping[str, Any]) -> None:
        saved = store.act(work, entity, id_, action, self._version(entity, id_), body or None)
        self._warned = list(saved.warnings)

    def _version(self, entity: str, id_: int) -> int:
        """The version a person has before her eyes: the stored one."""
        return int(store.read(self._work_for(self._setup), entity, id_)["version"])

    def _body(self, work: Work, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        ids = {name: id_ for name, (_, id_) in self.named.items()}
        known = work.catalog.entities[entity]
        return wire_body(work.catalog, known, values, language=self._language, named=ids)

    def _tried(self, place: Place, act: Callable[..., None], *given: Any) -> None:
        """Do `act` with what is given; a refusal undoes it and is kept for `stops`."""
        if self._refused is not None:
            return
        try:
            with self._undone_if_refused():
                act(*given)
        except Refused as refused:
            self._refused = (refused, place)

    @contextmanager
    def _undone_if_refused(self) -> Iterator[None]:
        connection = self._work_for(self._setup).connection
        connection.run("savepoint act")
        try:
            yield
        except Refused:
            connection.run("rollback to act")
            raise
        finally:
            connection.run("release act")

    def _stops(self, act: Act) -> None:
        wanted = ", ".join(act.what)
        if self._refused is None:
            self._problem(NOT_STOPPED, act.place, wanted=wanted)
            return
        refused, _ = self._refused
        self._refused = None
        missing = [
            code for code in act.what if not any(_is(each, code) for each in refused.problems)
        ]
        if missing:
            first = refused.problems[0]
            reason = first.reason(self._language)
            self._problem(
                STOPPED_OTHERWISE, act.place, wanted=wanted, found=first.code, reason=reason
            )

    def _warns(self, act: Act) -> None:
        for code in act.what:
            if not any(_is(each, code) for each in self._warned):
                found = ", ".join(each.code for each in self._warned) or "—"
                self._problem(NOT_WARNED, act.place, wanted=code, found=found)

    def _shown(self, act: Act, *, hidden: bool) -> None:
        for path in act.what:
            there = _is_there(self._seen, path.split("."))
            if there and hidden:
                self._problem(SEEN, act.place, path=path)
            elif not there and not hidden:
                self._problem(UNSEEN, act.place, path=path)

    def _expect(self, work: Work, act: Act) -> None:
        """Compare records as they are stored, whatever the actor may see of them."""
        whole = self._work_for(self._setup)
        for name, wanted in act.what.items():
            place = act.at(name)
            if name not in self.named:
                self._problem(UNKNOWN_NAME, place, name=name)
                continue
            entity_id, id_ = self.named[name]
            entity = work.catalog.entities[entity_id]
            try:
                found = store.read(whole, entity_id, id_)
            except Refused as refused:
                self._refused = (refused, place)
                return
            self._compare(name, entity, wanted, found, place)

    def _compare(
        self,
        name: str,
        entity: Entity,
        wanted: Mapping[str, Any],
        found: Mapping[str, Any],
        place: Place,
    ) -> None:
        body = self._body(self._work_for(self._setup), entity.id, wanted)
        for key, value in body.items():
            if key in entity.lines and isinstance(value, list):
                self._compare_lines(
                    f"{name}.{key}", entity.lines[key].fields, value, found.get(key), place
                )
            else:
                self._compare_value(
                    f"{name}.{key}", entity.fields.get(key), value, found.get(key), place
                )

    def _compare_lines(
        self,
        path: str,
        fields: Mapping[str, Field],
        wanted: Sequence[Any],
        found: Any,
        place: Place,
    ) -> None:
        rows = found if isinstance(found, list) else []
        if len(rows) != len(wanted):
            self._problem(DIFFERS, place, path=path, wanted=len(wanted), found=len(rows))
            return
        for number, (want, row) in enumerate(zip(wanted, rows, strict=True)):
            for key, value in want.items():
                self._compare_value(
                    f"{path}.{number}.{key}", fields.get(key), value, row.get(key), place
                )

    def _compare_value(
        self, path: str, field: Field | None, wanted: Any, found: Any, place: Place
    ) -> None:
        if isinstance(wanted, Mapping) and field is not None and field.targets:
            wanted = self._looked_up(field.targets[0], wanted)
        if _value(field, wanted) != _value(field, found):
            self._problem(DIFFERS, place, path=path, wanted=_say(wanted), found=_say(found))

    def _looked_up(self, entity: str, key: Mapping[str, Any]) -> Any:
        """Return the id of the record with this business key, as text."""
        work = self._work_for(self._setup)
        table = work.catalog.entities[entity].table
        ((name, value),) = key.items()
        rows = work.connection.run(f'select id from @."{table}" where "{name}" = ?', [value])  # noqa: S608 -- names of the catalog
        return str(rows[0][0]) if rows else value

    def _close(self) -> None:
        """A refusal that nobody expected is a problem."""
        if self._refused is not None:
            refused, place = self._refused
            self._refused = None
            for problem in refused.problems:
                reason = f"{problem.where} {problem.reason(self._language)}".strip()
                self._problem(STOPPED, place, reason=reason, code=problem.code)

    def _problem(self, kind: ProblemKind, place: Place, **values: Any) -> None:
        self.problems.append(Problem(kind, place, values))


def _instant(civil: datetime | None, setup: Context) -> datetime:
    """Turn a civil time into an instant in the company's zone."""
    if civil is None:
        return setup.now
    if civil.tzinfo is None:
        civil = civil.replace(tzinfo=ZoneInfo(setup.zone))
    return civil.astimezone(UTC)


def _actions(said: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Read `submit`, `[submit, approve]` or `{void: {reason: …}}`."""
    if isinstance(said, Mapping):
        return [(str(name), body or {}) for name, body in said.items()]
    names = said if isinstance(said, Sequence) and not isinstance(said, str) else [said]
    return [(str(name), {}) for name in names]


def _is(problem: Problem, code: str) -> bool:
    """Tell whether a problem is what `stops` names: its code, or the rule that was broken."""
    return code in (problem.code, problem.values.get("rule"), problem.values.get("name"))


def _is_there(record: Any, steps: Sequence[str]) -> bool:
    if not steps:
        return True
    if isinstance(record, list):
        return any(_is_there(row, steps) for row in record)
    return (
        isinstance(record, Mapping)
        and steps[0] in record
        and _is_there(record[steps[0]], steps[1:])
    )


def _value(field: Field | None, written: Any) -> Any:
    """Read a value by its field's type, so that 68400 and "68400.00" are one."""
    if field is None or written is None:
        return written
    try:
        return field_type(field.type).accept(written, field.shape)
    except BadValue:
        return written


def _say(value: Any) -> str:
    return "—" if value is None else str(value)
