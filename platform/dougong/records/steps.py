"""The steps that creating, changing and acting have in common."""

from typing import Any

from dougong.access.decide import EntityAccess
from dougong.access.rows import RowRule
from dougong.catalog.entity import Entity
from dougong.foundation.errors import Refused, refuse
from dougong.foundation.translate import Label
from dougong.generated.code import EntityCode
from dougong.generated.explain import Given
from dougong.records import conflicts, loading, numbers, saving, ties
from dougong.records import problems as kinds
from dougong.records.drafting import Draft, complete
from dougong.records.environment import Environment
from dougong.records.linked import Linked
from dougong.records.merging import Merge, copied
from dougong.records.recomputing import Recompute
from dougong.records.report import Report
from dougong.records.rowtest import new_row_holds
from dougong.records.saved import Saved, shown
from dougong.records.work import Work

ACTS = {
    "update": Label.of({"zh": "修改", "en": "change"}),
    "delete": Label.of({"zh": "删除", "en": "delete"}),
    "act": Label.of({"zh": "操作", "en": "act on"}),
    "create": Label.of({"zh": "新增", "en": "create"}),
}


def demand_handmade(entity: Entity) -> None:
    """Raise Refused for an entity that only the system writes."""
    if entity.made_by == "system" or not entity.stored:
        raise refuse(kinds.MADE_BY_SYSTEM, entity=entity.label)


# --- new records --------------------------------------------------------------------------------


def finish_new(work: Work, draft: Draft, action: str = "create") -> dict[str, Any]:
    """Compute, check and write a new record; returns it for JSON. Raises Refused."""
    complete(work, draft)
    for each in draft.code.numbered:
        numbers.issue(work, draft, each)
    access = work.access(draft.code.entity.id)
    holds = new_row_holds(work, access, draft.record, draft.environment)
    if holds is False:
        raise refuse(kinds.OUT_OF_REACH, entity=draft.code.entity.label)
    wired = saving.insert(work, draft, action)
    if holds is None:
        hold_row(work, draft.code, draft.record.id, access.rows("create"))
    return wired


def hold_row(work: Work, code: EntityCode, id_: int, rule: RowRule | None) -> None:
    """Raise Refused (403) when a row as it now stands is out of the person's reach."""
    if rule is None:
        return
    params = [id_, *rule.fill(work.context)]
    if not work.connection.run(f"{code.sql.exists} AND ({rule.text})", params):
        raise refuse(kinds.OUT_OF_REACH, entity=code.entity.label)


# --- stored records -----------------------------------------------------------------------------


def open_record(work: Work, entity: str, id_: int, right: RowRule | None, act: str) -> Any:
    """Load a record to change it. Raises Refused: 404 out of reach, 403 when the right's rule says no."""
    code = work.code(entity)
    rows = loading.fetch(work, entity, id_, right)
    if not rows.allowed:
        raise refuse(kinds.ROW_DENIED, act=ACTS[act], entity=code.entity.label)
    return loading.load(code, rows)


def hold_version(
    work: Work, code: EntityCode, record: Any, version: int, given: Given | None = None
) -> None:
    """Raise Refused (409) with the differences unless the version is the record's."""
    if record.version == version:
        return
    values = {"entity": code.entity.label, "yours": version, "theirs": record.version}
    refused = refuse(kinds.VERSION_CONFLICT, **values)
    differences = conflicts.differences(work, code, record, version, given)
    raise Refused(refused.problems, extra={"differences": differences, "version": record.version})


def draft_over(work: Work, code: EntityCode, old: Any) -> Draft:
    """Make a draft that begins as a copy of a stored record."""
    environment = Environment(work)
    record = copied(code.lines, old)
    report = Report(work, code, record, environment)
    return Draft(code, record, environment, Linked(work, code), report)


def finish_change(
    work: Work,
    draft: Draft,
    old: Any,
    merge: Merge,
    action: str = "change",
    extra: dict[str, Any] | None = None,
) -> bool:
    """Compute, check and write a changed record; returns whether anything changed. Raises Refused."""
    if not prepare_change(work, draft, old, merge) and action == "change":
        return False
    draft.report.refuse()
    return write_change(work, draft, old, action, extra)


def prepare_change(work: Work, draft: Draft, old: Any, merge: Merge) -> bool:
    """Compute and check a changed record; what is wrong is in its report. Returns whether it differs."""
    code, record, report = draft.code, draft.record, draft.report
    Recompute(draft, old, merge.typed, merge.is_open).run()
    if not _differs(code, old, record) and not report.problems:
        return False
    need_checks(code, draft)
    code.check(record, old, draft.environment, draft.linked, report)
    if code.has_ties:
        ties.check(work, code, record, old, report)
    return True


def write_change(
    work: Work, draft: Draft, old: Any, action: str, extra: dict[str, Any] | None
) -> bool:
    """Write a changed record that was prepared. Raises Refused."""
    if not saving.update(work, draft, old, action, extra):
        return False
    hold_row(work, draft.code, draft.record.id, work.access(draft.code.entity.id).walls())
    return True


def need_checks(code: EntityCode, draft: Draft) -> None:
    """Read what checks and rules read through links of a record that was stored."""
    rows = {name: getattr(draft.record, f"l_{name}") for name in code.lines}
    for lines, needs in code.check_needs.items():
        for number, ids in code.needs(needs, draft.record, rows.get(lines, ()), draft.environment):
            draft.linked.need(number, ids)


def _differs(code: EntityCode, old: Any, record: Any) -> bool:
    if code.header.differ(old, record):
        return True
    for name, table in code.lines.items():
        before, after = getattr(old, f"l_{name}"), getattr(record, f"l_{name}")
        if [line.id for line in before] != [line.id for line in after]:
            return True
        if any(table.differ(was, line) for was, line in zip(before, after, strict=True)):
            return True
    return False


def wire(draft: Draft) -> dict[str, Any]:
    """Return the draft's record for JSON, with what is computed when it is read."""
    if draft.code.derives:
        derive(draft)
    return draft.code.header.wire(draft.record)


def derive(draft: Draft) -> None:
    """Compute the formulas that are not stored; what cannot be computed stays empty."""
    draft.code.derive(draft.record, draft.environment, draft.linked, lambda path, error: None)


def saved(access: EntityAccess, draft: Draft, wired: dict[str, Any], *, created: bool) -> Saved:
    """Return the answer for a draft that was written."""
    record = draft.record
    warnings = tuple(draft.report.warnings)
    told = shown(access, wired)
    json = draft.told if told is wired else b""
    return Saved(record.id, record.version, told, created=created, warnings=warnings, json=json)
