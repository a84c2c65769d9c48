"""What a record with these values would become: computed, checked, flagged, and not saved."""

from collections.abc import Mapping
from typing import Any

import msgspec

from dougong.access.decide import EntityAccess
from dougong.catalog.entity import Field
from dougong.formulas.tree import Formula
from dougong.foundation.errors import Problem
from dougong.generated.bodies import is_guarded
from dougong.generated.checks import is_plain_link
from dougong.records import steps, ties
from dougong.records.drafting import Draft, find_links, name_given, new_draft, read_given
from dougong.records.merging import Merge
from dougong.records.recomputing import Recompute
from dougong.records.saved import shown
from dougong.records.saving import wired_field
from dougong.records.work import Work


def propose(
    work: Work,
    entity: str,
    body: Mapping[str, Any],
    *,
    id: int | None = None,
) -> dict[str, Any]:
    """Return `{"record", "flags", "problems"}` for a new record, or for a stored one with changes.

    `record` has defaults taken and formulas computed; `flags` maps a field's path (`items.0.qty`) to
    what is true of it now, as far as it is not the usual: `required` true, `visible` false, `edit`
    false. `problems` are what would refuse a save, and warnings, each with code, path, level, reason, hint. Raises Refused (403, 404).
    """
    access = work.access(entity)
    access.demand("create" if id is None else "read")
    code = work.code(entity)
    merge = None
    if id is None:
        draft = new_draft(work, code, body)
        _hold_links(draft, None)
        code.compute(draft.record, draft.environment, draft.linked, draft.report.bad)
        for lines in code.lines:
            for position, line in enumerate(getattr(draft.record, f"l_{lines}")):
                line.position = position
    else:
        old = steps.open_record(work, entity, id, None, "update")
        draft = steps.draft_over(work, code, old)
        given = read_given(code, body, draft.report)
        name_given(work, code, given, old, draft.report)
        merge = Merge(draft, old, access)
        merge.run(given)
        find_links(work, draft)
        _hold_links(draft, old)
        Recompute(draft, old, merge.typed, merge.is_open).run()
    return _told(work, draft, access, merge)


def _hold_links(draft: Draft, old: Any) -> None:
    """Empty, and report, links given that lead to nothing the person may read.

    Otherwise defaults and formulas would show what stands there. Links the record holds already stay.
    """
    code, linked = draft.code, draft.linked
    numbers = {
        each.target.entity.id: at for at, each in enumerate(code.fetches) if not each.target.lines
    }
    held = {number: {*ids} for number, ids in code.linked(old)} if old is not None else {}
    for table in code.shape.tables:
        links = [
            each for each in table.fields.values() if is_plain_link(each) and not is_guarded(each)
        ]
        rows = (draft.record,) if not table.name else getattr(draft.record, f"l_{table.name}")
        for at, row in enumerate(rows):
            for each in links:
                number = numbers.get(each.targets[0])
                value = getattr(row, f"f_{each.name}")
                if number is None or value in (None, msgspec.UNSET):
                    continue
                known, empty = linked.maps[number], linked.empty[number]
                several = value if isinstance(value, tuple) else (value,)
                kept = tuple(
                    one
                    for one in several
                    if known.get(one, empty)[0] or one in held.get(number, ())
                )
                if kept != several:
                    setattr(row, f"f_{each.name}", (kept or None) if value is several else None)
                    path = f"{table.name}.{at}.{each.name}" if table.name else each.name
                    draft.report.lost(path, each.name, table.name)


def _told(work: Work, draft: Draft, access: EntityAccess, merge: Merge | None) -> dict[str, Any]:
    code, record, old = draft.code, draft.record, merge.old if merge else None
    for number, ids in code.linked(record):
        draft.linked.need(number, ids)
    steps.need_checks(code, draft)
    code.check(record, old, draft.environment, draft.linked, draft.report)
    if code.has_ties:
        ties.check(work, code, record, old, draft.report)
    flags = _flags(draft, access, merge)
    wired = shown(access, _wired(draft))
    return {
        "record": wired,
        "flags": flags,
        "problems": [
            _problem(each, work.context.language)
            for each in (*draft.report.problems, *draft.report.warnings)
        ],
    }


def _problem(each: Problem, language: str) -> dict[str, str]:
    return {
        "code": each.code,
        "path": each.where.path,
        "level": each.level,
        "reason": each.reason(language),
        "hint": each.hint(language),
    }


def _wired(draft: Draft) -> dict[str, Any]:
    """Write the draft for JSON; what a new record does not have yet is left out."""
    code, record = draft.code, draft.record
    if record.id is not None:
        return code.header.wire(record)
    wired: dict[str, Any] = {}
    for name in code.shape.header.fields:
        wired[name] = wired_field(code.header, record, name)
    for lines, table in code.lines.items():
        wired[lines] = [
            {name: wired_field(table, line, name) for name in table.shape.fields}
            for line in getattr(record, f"l_{lines}")
        ]
    return wired


def _flags(draft: Draft, access: EntityAccess, merge: Merge | None) -> dict[str, dict[str, bool]]:
    flags: dict[str, dict[str, bool]] = {}
    for table in draft.code.shape.tables:
        rows = (draft.record,) if not table.name else getattr(draft.record, f"l_{table.name}")
        for row in rows:
            line = row if table.name else None
            for each in table.fields.values():
                path = f"{table.name}.{row.position}.{each.name}" if table.name else each.name
                found = _flag(draft, access, merge, each, table.name, line)
                if found:
                    flags[path] = found
    return flags


def _flag(
    draft: Draft, access: EntityAccess, merge: Merge | None, each: Field, lines: str, line: Any
) -> dict[str, bool]:
    place = f"{lines}.{each.name}" if lines else each.name
    if place in access.hidden:
        return {}
    found: dict[str, bool] = {}
    if _holds(draft, each.required, lines, line):
        found["required"] = True
    if not _holds(draft, each.visible, lines, line):
        found["visible"] = False
    is_new = merge is None or (line is not None and not line.id)
    writable = access.writable(place, creating=is_new)
    open_now = merge is None or merge.is_open(place)
    once = (
        each.edit == "once" and not is_new and _known(draft, each, lines, line, merge) is not None
    )
    by_rule = not isinstance(each.edit, Formula) or _holds(draft, each.edit, lines, line)
    if is_guarded(each) or not writable or not open_now or once or not by_rule:
        found["edit"] = False
    return found


def _known(draft: Draft, each: Field, lines: str, line: Any, merge: Merge | None) -> Any:
    if merge is None:
        return None
    if not lines:
        return getattr(merge.old, f"f_{each.name}")
    before = next((one for one in getattr(merge.old, f"l_{lines}") if one.id == line.id), None)
    return getattr(before, f"f_{each.name}") if before is not None else None


def _holds(draft: Draft, condition: bool | Formula, lines: str, line: Any) -> bool:  # noqa: FBT001 -- a value of the catalog
    if not isinstance(condition, Formula):
        return condition
    code = draft.code
    for number, ids in code.condition_needs(
        condition, lines, draft.record, line, draft.environment
    ):
        draft.linked.need(number, ids)
    run = code.condition(condition, lines)
    return bool(run(draft.record, line, None, None, draft.environment, draft.linked))
