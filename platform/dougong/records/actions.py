"""Acts on a record: from one state to another, numbers issued, copies made; and moves by themselves."""

from collections.abc import Mapping
from typing import Any

from dougong.catalog.entity import Action
from dougong.foundation.errors import refuse
from dougong.generated import problems as body_kinds
from dougong.generated.bodies import is_guarded
from dougong.generated.code import EntityCode
from dougong.generated.explain import Given, GivenLine
from dougong.records import numbers, steps
from dougong.records import problems as kinds
from dougong.records.drafting import Draft, draft_of
from dougong.records.merging import Merge
from dougong.records.recomputing import Recompute
from dougong.records.saved import Saved
from dougong.records.work import Work

REASON = "@reason"
"""The path under which the trail keeps why somebody acted."""
LONGEST_REASON = 2000


def act(
    work: Work,
    entity: str,
    id: int,
    action: str,
    version: int,
    body: Mapping[str, Any] | None = None,
) -> Saved:
    """Carry out an action. `body` may hold `reason` and, where numbers are issued, `sequence`.

    Raises Refused: 403 when the person may not, 404, 409 for another version or a state from which
    the action does not lead, 422 for rules that do not hold then.
    """
    access = work.access(entity)
    code = work.code(entity)
    steps.demand_handmade(code.entity)
    known = code.entity.actions.get(action)
    if known is None:
        actions = ", ".join(code.entity.actions)
        raise refuse(
            kinds.UNKNOWN_ACTION, entity=code.entity.label, action=action[:60], actions=actions
        )
    access.demand_action(action)
    old = steps.open_record(work, entity, id, access.action_rows(action), "act")
    steps.hold_version(work, code, old, version)
    reason, chosen = _read_body(known, body)
    draft = steps.draft_over(work, code, old)
    _hold_state(draft, known, old)
    if known.copy:
        return _copy(work, draft, known)
    _move(work, draft, old, known, chosen, {REASON: [None, reason]} if reason else None)
    run_auto(work, draft)
    return steps.saved(access, draft, steps.wire(draft), created=False)


def _read_body(action: Action, body: Mapping[str, Any] | None) -> tuple[str, str]:
    given = dict(body or {})
    reason, chosen = given.pop("reason", None), given.pop("sequence", None)
    if given:
        name = str(next(iter(given)))[:60]
        raise refuse(body_kinds.UNKNOWN_FIELD, name, entity=action.label, name=name)
    text = reason.strip() if isinstance(reason, str) else ""
    if action.reason == "required" and not text:
        raise refuse(kinds.REASON_REQUIRED, "reason", action=action.label)
    return text[:LONGEST_REASON].replace("\x00", ""), chosen if isinstance(chosen, str) else ""


def _hold_state(draft: Draft, action: Action, old: Any) -> None:
    entity = draft.code.entity
    state = getattr(old, "f_state", None)
    if action.source and state not in action.source:
        known = entity.states.get(state or "")
        states = ", ".join(action.source)
        raise refuse(
            kinds.WRONG_STATE, entity=entity.label, state=known.label if known else state,
            action=action.label, states=states,
        )  # fmt: skip
    if action.when is not None and not _holds(draft, action.when, old):
        raise refuse(kinds.ACTION_REFUSED, action=action.label, when=action.when.text)


def _holds(draft: Draft, condition: Any, old: Any) -> bool:
    code, record = draft.code, draft.record
    for number, ids in code.condition_needs(condition, "", record, None, draft.environment):
        draft.linked.need(number, ids)
    run = code.condition(condition)
    return bool(run(record, None, old, None, draft.environment, draft.linked))


def _move(
    work: Work, draft: Draft, old: Any, action: Action, chosen: str, extra: dict[str, Any] | None
) -> None:
    """Take the record to the action's state, with its numbers."""
    if action.target:
        draft.record.f_state = action.target
    merge = Merge(draft, old, work.access(draft.code.entity.id))
    fields = draft.code.shape.header.fields
    Recompute(draft, old, merge.typed, merge.is_open).run()
    steps.need_checks(draft.code, draft)
    draft.code.check(draft.record, old, draft.environment, draft.linked, draft.report)
    draft.report.refuse()
    for name in action.issue:
        numbers.issue(work, draft, fields[name], chosen)
    draft.report.warnings.clear()
    steps.finish_change(work, draft, old, merge, action.name, extra)


def run_auto(work: Work, draft: Draft) -> None:
    """Let the record move by itself as long as an action's `auto` holds; each action at most once."""
    code = draft.code
    waiting = list(code.autos)
    while waiting:
        state = getattr(draft.record, "f_state", None)
        ready = next(
            (action for action in waiting
             if (not action.source or state in action.source) and _holds(draft, action.auto, draft.record)),
            None,
        )  # fmt: skip
        if ready is None:
            return
        waiting.remove(ready)
        old = draft.record
        next_draft = steps.draft_over(work, code, old)
        next_draft.report.warnings = draft.report.warnings
        _move(work, next_draft, old, ready, "", None)
        draft.record = next_draft.record


def _copy(work: Work, draft: Draft, action: Action) -> Saved:
    """Make a new record of what may be copied."""
    code, old = draft.code, draft.record
    access = work.access(code.entity.id)
    access.demand("create")
    made = draft_of(work, code, _copied(code, old, access.read_only))
    if action.target:
        made.record.f_state = action.target
    wired = steps.finish_new(work, made, action.name)
    run_auto(work, made)
    if made.record.version > 1:
        wired = steps.wire(made)
    return steps.saved(access, made, wired, created=True)


def _copied(code: EntityCode, old: Any, closed: frozenset[str]) -> Given:
    given = Given()
    for name, each in code.shape.header.fields.items():
        if each.copied and not is_guarded(each) and not each.unique and name not in closed:
            given.values[name] = getattr(old, f"f_{name}")
    for lines, table in code.shape.lines.items():
        given.lines[lines] = [
            GivenLine(
                0,
                {
                    name: getattr(line, f"f_{name}")
                    for name, each in table.fields.items()
                    if each.copied and not is_guarded(each) and f"{lines}.{name}" not in closed
                },
            )
            for line in getattr(old, f"l_{lines}")
        ]
    return given
