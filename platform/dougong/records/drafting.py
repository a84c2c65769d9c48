"""From the body of a request to a new record in memory, computed and checked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from dougong.access.decide import EntityAccess
from dougong.catalog.entity import Field
from dougong.fields.field_type import BadValue
from dougong.fields.links import KeyOf
from dougong.fields.types import field_type
from dougong.foundation.errors import Refused
from dougong.generated.code import EntityCode
from dougong.generated.explain import Given, decode, not_json
from dougong.generated.shape import TableShape
from dougong.records import problems as kinds
from dougong.records import ties
from dougong.records.environment import Environment
from dougong.records.linked import Linked, find_keys, is_key
from dougong.records.report import Report
from dougong.records.work import Work

REFUSALS = (
    msgspec.MsgspecError,
    UnicodeDecodeError,
    BadValue,
    ValueError,
    ArithmeticError,
    LookupError,
    RecursionError,
)
_NOTHING = frozenset({None, msgspec.UNSET})
Body = bytes | Mapping[str, Any]


NOTHING_GIVEN = Given()
"""What a draft holds that was read the fast way; never written to."""


@dataclass(slots=True)
class Draft:
    """A record under way, with what its formulas read and what is wrong with it.

    `told` is a new record as JSON, from the moment it was written.
    """

    code: EntityCode
    record: Any
    environment: Environment
    linked: Linked
    report: Report
    given: Given = field(default_factory=lambda: NOTHING_GIVEN)
    told: bytes = b""


def new_draft(work: Work, code: EntityCode, body: Body) -> Draft:
    """Read the body of a new record. What is wrong is in the draft's report.

    Raises Refused for what is no JSON at all.
    """
    access = work.access(code.entity.id)
    environment = Environment(work)
    linked = Linked(work, code)
    given = NOTHING_GIVEN
    record = _taken(code, body) if not access.read_only else None
    report = Report(work, code, record, environment)
    if record is None:
        given = read_given(code, body, report)
        record = report.record = record_of(code, given)
        hold_read_only(access, given, report)
    return _started(work, Draft(code, record, environment, linked, report, given))


def draft_of(work: Work, code: EntityCode, given: Given) -> Draft:
    """Make a draft of values in memory (a copy of another record)."""
    environment = Environment(work)
    record = record_of(code, given)
    report = Report(work, code, record, environment)
    return _started(work, Draft(code, record, environment, Linked(work, code), report, given))


def _started(work: Work, draft: Draft) -> Draft:
    if draft.code.start is not None:
        draft.record.f_state = draft.code.start
    if draft.code.has_dynamic or draft.code.typed(draft.record, draft.linked):
        find_links(work, draft)
    return draft


def _taken(code: EntityCode, body: Body) -> Any:
    """Read a body the fast way; None when anything is unusual or wrong about it."""
    if not isinstance(body, bytes):
        return None
    try:
        return code.take(code.decode(body))
    except REFUSALS:
        return None


def read_given(code: EntityCode, body: Body, report: Report) -> Given:
    """Read a body patiently; everything wrong is reported. Raises Refused for no JSON."""
    try:
        decoded = decode(body)
    except ValueError as error:
        raise Refused([not_json(error)]) from None
    return code.explainer.read(decoded, report.problems)


def record_of(code: EntityCode, given: Given) -> Any:
    """Make a new record of what was given; defaults are still to be taken."""
    record = code.fresh(**{name: len(rows) for name, rows in given.lines.items()})
    for name, value in given.values.items():
        setattr(record, f"f_{name}", value)
    for lines, rows in given.lines.items():
        for line, row in zip(getattr(record, f"l_{lines}"), rows, strict=True):
            for name, value in row.values.items():
                setattr(line, f"f_{name}", value)
    return record


def hold_read_only(access: EntityAccess, given: Given, report: Report) -> None:
    """Report what was given for fields these roles may not fill in."""
    for name, value in given.values.items():
        if name in access.read_only and value is not None:
            report.add(kinds.READ_ONLY, name, label=report.field(name).label)
    for lines, rows in given.lines.items():
        for at, row in enumerate(rows):
            for name, value in row.values.items():
                closed = f"{lines}.{name}" in access.read_only or lines in access.read_only
                if closed and value is not None:
                    path = f"{lines}.{at}.{name}"
                    report.add(kinds.READ_ONLY, path, label=report.field(name, lines).label)


def complete(work: Work, draft: Draft) -> None:
    """Compute a new record and check it. Raises Refused with everything that is wrong."""
    code, record, report = draft.code, draft.record, draft.report
    code.compute(record, draft.environment, draft.linked, report.bad)
    if draft.given is not NOTHING_GIVEN:
        _hold_guarded(draft, work.access(code.entity.id).hidden)
    code.check_new(record, draft.environment, draft.linked, report)
    if code.has_ties:
        ties.check(work, code, record, None, report)
    report.refuse()


def _hold_guarded(draft: Draft, hidden: frozenset[str]) -> None:
    """Let a guarded field pass only when it says what the record holds anyway; a hidden one never."""
    report, code = draft.report, draft.code
    for name, value in draft.given.guarded.items():
        each = code.shape.header.fields.get(name)
        known = (
            getattr(draft.record, f"f_{name}")
            if each
            else code.entity.id
            if name == "entity"
            else None
        )
        if name in hidden or not is_same(each, value, known):
            report.add(kinds.GUARDED, name, label=_label(draft, name))
    for lines, rows in draft.given.lines.items():
        for at, (row, line) in enumerate(
            zip(rows, getattr(draft.record, f"l_{lines}"), strict=True)
        ):
            if row.id:
                report.add(kinds.UNKNOWN_LINE, f"{lines}.{at}.id", id=row.id)
            for name, value in row.guarded.items():
                each, known = code.shape.lines[lines].fields[name], getattr(line, f"f_{name}")
                if f"{lines}.{name}" in hidden or not is_same(each, value, known):
                    label = report.field(name, lines).label
                    report.add(kinds.GUARDED, f"{lines}.{at}.{name}", label=label)


def _label(draft: Draft, name: str) -> Any:
    each = draft.code.entity.fields.get(name)
    return each.label if each else name


def is_same(each: Field | None, given: Any, known: Any) -> bool:
    """Tell whether a value as it came says the same as the one in memory."""
    if given is None or given == []:
        return known is None
    if each is None:
        return bool(given == known)
    kind = field_type(each.type)
    if given == kind.wire(known, each.shape):
        return True
    try:
        return bool(kind.accept(given, each.shape) == known)
    except BadValue:
        return False


# --- links --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spot:
    """One business key in a link field: where it stands, and how the id takes its place.

    `target` is the entity the link points to, "" when that is not said.
    """

    field: Field
    lines: str
    path: str
    target: str
    key: KeyOf
    report: Report
    put: Callable[[int | None], None]


def find_links(work: Work, draft: Draft) -> None:
    """Look up links named by business key, and read what the links given point to."""
    given = draft.code.linked(draft.record)
    if has_keys(draft.code, given):
        name_links(work, draft.code, [(draft.record, draft.report)])
        given = draft.code.linked(draft.record)
    for number, ids in given:
        draft.linked.type(number, {*ids} - _NOTHING)


def has_keys(code: EntityCode, given: Iterable[tuple[int, Iterable[Any]]]) -> bool:
    """Tell whether any link is still named by business key."""
    return code.has_dynamic or any(KeyOf in {*map(type, ids)} for _, ids in given)


def name_links(work: Work, code: EntityCode, records: Sequence[tuple[Any, Report]]) -> None:
    """Replace business keys by ids in these records, set-wise; report those that lead nowhere."""
    _name(work, [spot for record, report in records for spot in _spots(code, record, report)])


def name_given(work: Work, code: EntityCode, given: Given, old: Any, report: Report) -> None:
    """Replace business keys by ids in what was given for a stored record."""
    spots = list(_given_spots(code.shape.header, given.values, old, "", report))
    for lines, rows in given.lines.items():
        before = {line.id: line for line in getattr(old, f"l_{lines}")}
        for at, row in enumerate(rows):
            path = f"{lines}.{at}."
            spots += _given_spots(
                code.shape.lines[lines], row.values, before.get(row.id), path, report
            )
    if spots:
        _name(work, spots)


def _name(work: Work, spots: Sequence[_Spot]) -> None:
    wanted = []
    for spot in spots:
        target = work.catalog.entities.get(spot.target)
        if target is None:
            continue
        if is_key(target, (name for name, _ in spot.key.values)):
            wanted.append((target.id, spot.key))
        else:
            names = ", ".join(name for name, _ in spot.key.values)[:60]
            known = ", ".join(target.key) or "id"
            label = spot.field.label
            spot.report.add(kinds.KEY_UNKNOWN, spot.path, label=label, names=names, key=known)
    found = find_keys(work, wanted)
    for spot in spots:
        id_ = found.get((spot.target, spot.key))
        spot.put(id_)
        if id_ is None:
            spot.report.lost(spot.path, spot.field.name, spot.lines)


def _spots(code: EntityCode, record: Any, report: Report) -> Iterator[_Spot]:
    for table in code.shape.tables:
        links = _links(table)
        for row in (record,) if not table.name else getattr(record, f"l_{table.name}"):
            prefix = f"{table.name}.{row.position}." if table.name else ""
            for each in links:
                for key in _keys(getattr(row, f"f_{each.name}")):
                    target = _target(each, getattr(row, f"f_{each.by}", None))
                    path, put = f"{prefix}{each.name}", partial(_put, row, each, key)
                    yield _Spot(each, table.name, path, target, key, report, put)


def _given_spots(
    table: TableShape, values: dict[str, Any], old: Any, prefix: str, report: Report
) -> Iterator[_Spot]:
    for each in _links(table):
        for key in _keys(values.get(each.name)):
            target = _target(each, values.get(each.by, getattr(old, f"f_{each.by}", None)))
            path, put = f"{prefix}{each.name}", partial(_put_value, values, each.name, key)
            yield _Spot(each, table.name, path, target, key, report, put)


def _links(table: TableShape) -> list[Field]:
    return [
        each for each in table.fields.values() if field_type(each.type).kind in ("link", "links")
    ]


def _target(each: Field, kind: Any) -> str:
    if each.by:
        return str(kind or "")
    return each.targets[0] if each.targets else ""


def _keys(value: Any) -> list[KeyOf]:
    parts = value if isinstance(value, tuple) else (value,)
    return [one for one in parts if one.__class__ is KeyOf]


def _put(row: Any, each: Field, key: KeyOf, id_: int | None) -> None:
    name = f"f_{each.name}"
    setattr(row, name, _replaced(getattr(row, name), key, id_))


def _put_value(values: dict[str, Any], name: str, key: KeyOf, id_: int | None) -> None:
    values[name] = _replaced(values[name], key, id_)


def _replaced(value: Any, key: KeyOf, id_: int | None) -> Any:
    if value.__class__ is KeyOf:
        return id_
    kept = [id_ if one == key else one for one in value]
    return tuple(dict.fromkeys(one for one in kept if one is not None)) or None
