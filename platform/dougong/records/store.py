"""Creates, reads, changes and deletes records: access, then rules, then SQL, then the trail."""

from collections.abc import Sequence
from typing import Any

import msgspec

from dougong.foundation.errors import refuse
from dougong.records import expansion, keys, loading, references, saving, search_index, steps
from dougong.records import problems as kinds
from dougong.records.actions import act, run_auto
from dougong.records.drafting import Body, find_links, name_given, new_draft, read_given
from dougong.records.merging import Merge
from dougong.records.propose import propose
from dougong.records.saved import RowResult, Saved, shown
from dougong.records.upsert import upsert
from dougong.records.work import Work

__all__ = ["RowResult", "Saved", "act", "change", "create", "delete", "propose", "read", "upsert"]

_encode = msgspec.json.encode


def create(work: Work, entity: str, body: Body, *, key: str = "") -> Saved:
    """Create a record from JSON (or a mapping of the same shape).

    With an idempotency `key` the first answer is given again for the same body. Raises Refused with
    everything that is wrong.
    """
    access = work.access(entity)
    access.demand("create")
    code = work.code(entity)
    steps.demand_handmade(code.entity)
    digest = ""
    if key:
        digest = keys.body_hash(body)
        answered = keys.find(work, f"create {entity}", key, digest)
        if answered is not None:
            record = answered.answer
            return Saved(answered.record, record["version"], record, created=True, replayed=True)
    draft = new_draft(work, code, body)
    wired = steps.finish_new(work, draft)
    run_auto(work, draft)
    if draft.record.version > 1:
        wired = steps.wire(draft)
        draft.told = b""
    answer = steps.saved(access, draft, wired, created=True)
    if key:
        told = answer.json or _encode(answer.record)
        keys.keep(work, f"create {entity}", key, digest, 201, told, answer.id)
    return answer


def read(work: Work, entity: str, id: int, *, expand: Sequence[str] = ()) -> dict[str, Any]:
    """Read a record for JSON, without hidden fields. Raises Refused (403, 404).

    `expand` names links (`customer`, `items.item`) whose records are told beside them, by id, title
    and the fields named below them (`customer.code`).
    """
    access = work.access(entity)
    access.demand("read")
    code = work.code(entity)
    rows = loading.fetch(work, entity, id)
    if code.derives:
        draft = steps.draft_over(work, code, loading.load(code, rows))
        for number, ids in code.linked(draft.record):
            draft.linked.need(number, ids)
        wired = steps.wire(draft)
    else:
        wired = loading.wire_rows(code, rows)
    wired = shown(access, wired)
    if expand:
        expansion.add(work, code.entity, wired, expand)
    return wired


def change(work: Work, entity: str, id: int, version: int, body: Body) -> Saved:
    """Change the fields given, of the version given. Raises Refused with everything that is wrong.

    A list of lines replaces the set: lines with `id` are changed, without are new, missing ones go.
    """
    access = work.access(entity)
    access.demand("update")
    code = work.code(entity)
    steps.demand_handmade(code.entity)
    old = steps.open_record(work, entity, id, access.rows("update"), "update")
    draft = steps.draft_over(work, code, old)
    given = read_given(code, body, draft.report)
    steps.hold_version(work, code, old, version, given)
    name_given(work, code, given, old, draft.report)
    merge = Merge(draft, old, access)
    merge.run(given)
    find_links(work, draft)
    references.hold_gone_lines(work, code, old, draft.record)
    if steps.finish_change(work, draft, old, merge):
        run_auto(work, draft)
    return steps.saved(access, draft, steps.wire(draft), created=False)


def delete(work: Work, entity: str, id: int, version: int) -> None:
    """Delete a record of the version given. Raises Refused: 403, 404, 409 when it is referred to."""
    access = work.access(entity)
    access.demand("delete")
    code = work.code(entity)
    steps.demand_handmade(code.entity)
    record = steps.open_record(work, entity, id, access.rows("delete"), "delete")
    steps.hold_version(work, code, record, version)
    state = code.entity.states.get(getattr(record, "f_state", None) or "")
    if state is not None and state.edit is not True:
        raise refuse(kinds.NOT_DELETABLE, entity=code.entity.label, state=state.label)
    references.hold_free(work, code.entity, record)
    saving.remove(work, code, record)


def reindex(work: Work, entity: str, ids: list[int]) -> None:
    """Write the search words of records anew, after their entity's `search` changed."""
    search_index.index_records(work, entity, ids)
