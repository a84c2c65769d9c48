"""Many records at once, known by their business key: new ones are created, known ones changed.

Everything is done for the whole set: keys and links are looked up in one statement per target, rows
are written in one statement per table. Each row is read, computed and checked like a single one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dougong.database.port import Conflict
from dougong.fields.field_type import BadValue
from dougong.fields.types import field_type
from dougong.foundation.errors import Problem, Refused, refuse
from dougong.generated.bodies import is_guarded
from dougong.generated.code import EntityCode
from dougong.generated.explain import Given
from dougong.generated.rows import memory_to_stored
from dougong.records import bulk, loading, numbers, references, saving, steps
from dougong.records import problems as kinds
from dougong.records.drafting import (
    REFUSALS,
    Draft,
    complete,
    has_keys,
    hold_read_only,
    name_links,
    record_of,
)
from dougong.records.environment import Environment
from dougong.records.linked import Linked, find_stored, is_key
from dougong.records.merging import Merge, copied
from dougong.records.report import Report
from dougong.records.saved import RowResult
from dougong.records.work import Work


@dataclass(slots=True)
class Row:
    """One row under way: `given` is None while it was read the fast way."""

    index: int
    source: Mapping[str, Any]
    record: Any
    report: Report
    given: Given | None = None
    id: int = 0
    status: str = ""
    draft: Draft | None = None

    @property
    def is_good(self) -> bool:
        """Tell whether nothing is wrong so far."""
        return not self.report.problems


@dataclass(slots=True)
class Batch:
    """The rows of one call and what they share."""

    work: Work
    code: EntityCode
    environment: Environment
    linked: Linked
    rows: list[Row] = field(default_factory=list)


def upsert(
    work: Work,
    entity: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str] = (),
    good_only: bool = False,
) -> list[RowResult]:
    """Create or change records by `key` (the business key unless said); one result per row, in order.

    A row gives the fields it names and leaves the others as they are. With `good_only` the good rows
    are saved; without it nothing is written when any row is refused, and the results tell what each
    row would have become. Raises Refused when the person may do neither (403) or there is no key (400).
    """
    code = work.code(entity)
    access = work.access(entity)
    steps.demand_handmade(code.entity)
    if not access.may("update"):
        access.demand("create")
    names = _key(code, key)
    batch = Batch(work, code, Environment(work), Linked(work, code))
    _read(batch, rows, names)
    _name_keys(batch)
    known = _known(batch, names)
    _prepare(batch, known)
    good = [row for row in batch.rows if row.is_good]
    if good_only or len(good) == len(batch.rows):
        _write(batch, good, good_only=good_only)
    return [_result(row) for row in batch.rows]


def _key(code: EntityCode, key: Sequence[str]) -> tuple[str, ...]:
    names, fields = tuple(key) or code.entity.key, code.shape.header.fields
    if not names or any(name not in fields or not fields[name].column for name in names):
        raise refuse(kinds.NO_KEY, entity=code.entity.label)
    return names


def _result(row: Row) -> RowResult:
    if row.report.problems:
        return RowResult(row.index, "refused", 0, tuple(row.report.problems))
    return RowResult(row.index, row.status, row.id, tuple(row.report.warnings))  # type: ignore[arg-type]


# --- reading ------------------------------------------------------------------------------------


def _read(batch: Batch, rows: Sequence[Mapping[str, Any]], names: tuple[str, ...]) -> None:
    work, code, environment = batch.work, batch.code, batch.environment
    access = work.access(code.entity.id)
    convert, take, body = msgspec.convert, code.take, code.body
    fast = not access.read_only
    start = code.start
    for index, source in enumerate(rows):
        report = Report(work, code, None, environment)
        row = Row(index, source, None, report)
        if fast:
            try:
                row.record = take(convert(source, body))
            except REFUSALS:
                row.record = None
        if row.record is None:
            row.given = code.explainer.read(source, report.problems)
            row.record = record_of(code, row.given)
            hold_read_only(access, row.given, report)
        if start is not None:
            row.record.f_state = start
        report.record = row.record
        batch.rows.append(row)
        for name in names:
            if _key_value(code, row, name) in (None, msgspec.UNSET):
                report.add(kinds.KEY_MISSING, name, label=report.field(name).label)


def _key_value(code: EntityCode, row: Row, name: str) -> Any:
    """Return what a row says of a field of its key; a number that is issued only finds its record."""
    field = code.entity.fields[name]
    if not is_guarded(field):
        return getattr(row.record, f"f_{name}")
    try:
        given = row.given.guarded.get(name) if row.given else None
        return field_type(field.type).accept(given, field.shape)
    except BadValue:
        return None


def _name_keys(batch: Batch) -> None:
    """Look up the links of all rows: business keys to ids, then what the links point to."""
    code = batch.code
    keyed = [row for row in batch.rows if has_keys(code, code.linked(row.record))]
    if keyed:
        name_links(batch.work, code, [(row.record, row.report) for row in keyed])
    ids: dict[int, set[Any]] = {}
    for row in batch.rows:
        for number, given in code.linked(row.record):
            ids.setdefault(number, set()).update(given)
    for number, wanted in ids.items():
        batch.linked.type(number, wanted - {None, msgspec.UNSET})


def _known(batch: Batch, names: tuple[str, ...]) -> dict[int, Any]:
    """Find which rows are known; returns their records by id. Doubled keys are reported."""
    code, work = batch.code, batch.work
    stores = [memory_to_stored(code.entity.fields[name], work.dialect) for name in names]
    seen: dict[tuple[Any, ...], Row] = {}
    for row in batch.rows:
        if not row.is_good:
            continue
        stored = tuple(
            store(_key_value(code, row, name)) for store, name in zip(stores, names, strict=True)
        )
        first = seen.setdefault(stored, row)
        if first is not row:
            row.report.add(kinds.KEY_TWICE, names[0], row=first.index + 1)
    found = find_stored(work, code.entity.id, names, list(seen))
    if not is_key(code.entity, names):
        found = _seen_only(batch, found)
    ids: list[int] = []
    for stored, several in found.items():
        if len(several) > 1:
            seen[stored].report.add(kinds.KEY_AMBIGUOUS, names[0], count=len(several))
        elif several:
            seen[stored].id = several[0]
            ids.append(several[0])
    return {record.id: record for record in loading.load_many(work, code, _reachable(batch, ids))}


def _seen_only(
    batch: Batch, found: Mapping[tuple[Any, ...], list[int]]
) -> dict[tuple[Any, ...], list[int]]:
    """Leave out the records that the person may not read: nothing may be learnt of what they hold."""
    access = batch.work.access(batch.code.entity.id)
    ids = [id_ for several in found.values() for id_ in several]
    rule = access.rows("read")
    if rule is None or not ids:
        return dict(found)
    seen = bulk.holding(batch.work, batch.code, ids, rule)
    return {stored: [id_ for id_ in several if id_ in seen] for stored, several in found.items()}


def _reachable(batch: Batch, ids: list[int]) -> list[int]:
    """Leave out, and report, the known records that the person may not change."""
    work, access = batch.work, batch.work.access(batch.code.entity.id)
    if not ids:
        return []
    allowed = set(ids) if access.may("update") else set()
    rule = access.rows("update")
    if rule is not None and allowed:
        allowed = bulk.holding(work, batch.code, ids, rule)
    for row in batch.rows:
        if row.id and row.id not in allowed:
            values = {"act": steps.ACTS["update"], "entity": batch.code.entity.label}
            row.report.add(kinds.ROW_DENIED, "", **values)
    return [id_ for id_ in ids if id_ in allowed]


# --- computing and checking ---------------------------------------------------------------------


def _prepare(batch: Batch, known: Mapping[int, Any]) -> None:
    may_create = batch.work.access(batch.code.entity.id).may("create")
    for row in batch.rows:
        old = known.get(row.id)
        try:
            if not row.is_good:
                continue
            if old is not None:
                _prepare_change(batch, row, old)
            elif may_create:
                _prepare_new(batch, row)
            else:
                values = {"act": steps.ACTS["create"], "entity": batch.code.entity.label}
                row.report.add(kinds.ROW_DENIED, "", **values)
        except Refused as refused:
            _take_over(row, refused.problems)


def _take_over(row: Row, problems: Iterable[Problem]) -> None:
    row.report.problems += [each for each in problems if each not in row.report.problems]


def _prepare_new(batch: Batch, row: Row) -> None:
    row.status = "created"
    given = row.given or Given()
    row.draft = Draft(batch.code, row.record, batch.environment, batch.linked, row.report, given)
    complete(batch.work, row.draft)


def _prepare_change(batch: Batch, row: Row, old: Any) -> None:
    work, code = batch.work, batch.code
    given = _given(code, row)
    _pair_lines(given, old)
    if _says_the_same(given, old):
        row.status = "same"
        return
    row.status = "changed"
    record = copied(code.lines, old)
    row.report.record = record
    row.draft = Draft(code, record, batch.environment, batch.linked, row.report, given)
    merge = Merge(row.draft, old, work.access(code.entity.id))
    merge.run(given)
    row.record = old
    row.status = "changed" if steps.prepare_change(work, row.draft, old, merge) else "same"


def _given(code: EntityCode, row: Row) -> Given:
    """Return what a row gives; a row read the fast way has only good values of open fields."""
    if row.given is not None:
        given = row.given
        for name in given.values:
            given.values[name] = getattr(row.record, f"f_{name}")
        for lines, rows in given.lines.items():
            for line, known in zip(rows, getattr(row.record, f"l_{lines}"), strict=True):
                line.values = {name: getattr(known, f"f_{name}") for name in line.values}
        return given
    if not any(name in code.lines for name in row.source):
        return Given({name: getattr(row.record, f"f_{name}") for name in row.source})
    wrong: list[Problem] = []
    row.given = code.explainer.read(row.source, wrong)
    return _given(code, row)


def _pair_lines(given: Given, old: Any) -> None:
    """Take lines that come without ids, as files bring them, for the stored ones at their places."""
    for name, rows in given.lines.items():
        if any(line.id for line in rows):
            continue
        for line, stored in zip(rows, getattr(old, f"l_{name}"), strict=False):
            line.id = stored.id


def _says_the_same(given: Given, old: Any) -> bool:
    if given.guarded or not _same_values(given.values, old):
        return False
    for name, rows in given.lines.items():
        stored = getattr(old, f"l_{name}")
        if [line.id for line in rows] != [line.id for line in stored]:
            return False
        pairs = zip(rows, stored, strict=True)
        if any(line.guarded or not _same_values(line.values, known) for line, known in pairs):
            return False
    return True


def _same_values(values: Mapping[str, Any], old: Any) -> bool:
    return all(getattr(old, f"f_{name}") == value for name, value in values.items())


# --- writing ------------------------------------------------------------------------------------


def _write(batch: Batch, good: list[Row], *, good_only: bool) -> None:
    new = [row for row in good if row.status == "created"]
    if new:
        _insert(batch, new, good_only=good_only)
    for row in good:
        if row.status == "changed" and row.draft is not None:
            _change(batch, row, row.draft, good_only=good_only)


def _insert(batch: Batch, rows: list[Row], *, good_only: bool) -> None:
    work = batch.work
    numbered = batch.code.numbered
    drafts = [row.draft for row in rows if row.draft is not None]
    for draft in drafts:
        for each in numbered:
            numbers.issue(work, draft, each)
    if not good_only:
        _conflicts_told(batch, rows, lambda: bulk.insert(work, batch.code, drafts))
        refused = bulk.out_of_reach(work, batch.code, [draft.record.id for draft in drafts])
        for row in rows:
            row.id = row.record.id
            if row.id in refused:
                row.report.add(kinds.OUT_OF_REACH, "", entity=batch.code.entity.label)
        return
    _insert_good(batch, rows)


def _conflicts_told(batch: Batch, rows: list[Row], write: Any) -> None:
    """Write; when the database says no, look for the row it meant."""
    bulk.savepoint(batch.work)
    try:
        write()
    except Conflict:
        bulk.back(batch.work)
        _insert_good(batch, rows)
        return
    bulk.release(batch.work)


def _insert_good(batch: Batch, rows: list[Row]) -> None:
    """Write the rows that can be written: all at once, else by halves, down to the one in the way."""
    work, code = batch.work, batch.code
    drafts = [row.draft for row in rows if row.draft is not None]
    bulk.savepoint(work)
    try:
        bulk.insert(work, code, drafts)
        refused = bulk.out_of_reach(work, code, [draft.record.id for draft in drafts])
    except Conflict as conflict:
        bulk.back(work)
        if len(rows) == 1:
            _take_over(rows[0], saving.refused(code, conflict).problems)
            return
        refused = None
    if refused is None:
        half = len(rows) // 2
        _insert_good(batch, rows[:half])
        _insert_good(batch, rows[half:])
        return
    if refused:
        bulk.back(work)
        kept = []
        for row in rows:
            if row.record.id in refused:
                row.report.add(kinds.OUT_OF_REACH, "", entity=code.entity.label)
            else:
                kept.append(row)
        if kept:
            _insert_good(batch, kept)
        return
    bulk.release(work)
    for row in rows:
        row.id = row.record.id


def _change(batch: Batch, row: Row, draft: Draft, *, good_only: bool) -> None:
    """Write one changed row; in a set of good rows only, a refusal undoes that row alone."""
    if good_only:
        bulk.savepoint(batch.work)
    try:
        references.hold_gone_lines(batch.work, draft.code, row.record, draft.record)
        steps.write_change(batch.work, draft, row.record, "change", None)
    except Refused as refused:
        _take_over(row, refused.problems)
        if good_only:
            bulk.back(batch.work)
        return
    if good_only:
        bulk.release(batch.work)
