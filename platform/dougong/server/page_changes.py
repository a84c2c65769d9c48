"""What forms and lists send while they are used: look-ups, proposals, saves, actions."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec

from dougong.foundation.errors import Refused, refuse
from dougong.queries.lookup import Candidate, lookup
from dougong.records import store
from dougong.records.store import Saved
from dougong.records.work import Work
from dougong.screens.conflicts import tell_differences
from dougong.screens.form_building import proposal
from dougong.screens.form_page import page_problem
from dougong.server.body import check_keys, json_object, known_keys, nearest_name
from dougong.server.call import Answer, Call, json_answer
from dougong.server.headers import idempotency_key
from dougong.server.page_answers import base_of
from dougong.server.parameters import HIGHEST_ID, is_id, json_parameter, record_id, text
from dougong.server.problems import BAD_ENTRY, TOO_MANY_ROWS, UNKNOWN_ACTION

MOST_TEXTS = 2_000
"""Codes that one paste may ask to be found."""
MOST_BULK = 500
"""Records one bulk action may touch."""
CANDIDATES = 12


def lookup_door(work: Work, call: Call) -> Answer:
    """GET: candidates for a link field by what was typed."""
    found = lookup(
        work, call.params["entity"], text(call, "path"), text(call, "q"),
        values=json_parameter(call, "values"), limit=CANDIDATES,
    )  # fmt: skip
    return json_answer({"candidates": [asdict(one) for one in found]})


def resolve_door(work: Work, call: Call) -> Answer:
    """POST `texts`: for each the one record it means, or null; what a paste needs."""
    body = json_object(call)
    known_keys(body, ("texts",))
    texts = body.get("texts")
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise refuse(BAD_ENTRY, "texts", name="texts", wanted='["…"]')
    if len(texts) > MOST_TEXTS:
        raise refuse(TOO_MANY_ROWS, "texts", count=len(texts), limit=MOST_TEXTS)
    entity, path, values = call.params["entity"], text(call, "path"), json_parameter(call, "values")
    found = [_exact(lookup(work, entity, path, one, values=values, limit=2), one) for one in texts]
    return json_answer({"found": [one and asdict(one) for one in found]})


def _exact(found: list[Candidate], typed: str) -> Candidate | None:
    """Return the candidate that is named exactly so, or the only one."""
    for one in found:
        if typed in (one.code, one.title):
            return one
    return found[0] if len(found) == 1 else None


def propose_door(work: Work, call: Call) -> Answer:
    """POST `record` (and `id` of a stored one): what follows from what was typed. Saves nothing."""
    body = json_object(call)
    known_keys(body, ("id", "record"))
    id_ = body.get("id") or ""
    if id_ and not is_id(id_):
        raise refuse(BAD_ENTRY, "id", name="id", wanted="“…”")
    record = _record(body)
    return json_answer(proposal(work, call.params["entity"], record, int(id_ or 0)))


def create_door(work: Work, call: Call) -> Answer:
    """POST: save a new record, once however often the button was pressed."""
    body = json_object(call)
    known_keys(body, ("version", "record"))
    written = msgspec.json.encode(_record(body))
    saved = store.create(work, call.params["entity"], written, key=idempotency_key(call))
    return _saved(work, call, saved)


def change_door(work: Work, call: Call) -> Answer:
    """POST: save the changes of a record; 409 with every difference when it has moved on."""
    body = json_object(call)
    known_keys(body, ("version", "record"))
    entity, id_, record = call.params["entity"], record_id(call), _record(body)
    try:
        saved = store.change(work, entity, id_, _version(body), msgspec.json.encode(record))
    except Refused as refused:
        if refused.status != 409:
            raise
        raise tell_differences(work, entity, id_, refused) from None
    return _saved(work, call, saved)


def delete_door(work: Work, call: Call) -> Answer:
    """POST: delete a record."""
    body = json_object(call)
    known_keys(body, ("version",))
    store.delete(work, call.params["entity"], record_id(call), _version(body))
    return json_answer({"ok": True})


def act_door(work: Work, call: Call) -> Answer:
    """POST: carry out an action on a record."""
    body = json_object(call)
    known_keys(body, ("version", "reason"))
    entity, action = call.params["entity"], _action(work, call)
    given = {"reason": body["reason"]} if body.get("reason") else {}
    saved = store.act(work, entity, record_id(call), action, _version(body), given)
    return _saved(work, call, saved)


def bulk_door(work: Work, call: Call) -> Answer:
    """POST `records`: carry out an action on each; those refused say why, the others are done."""
    body = json_object(call)
    known_keys(body, ("records", "reason"))
    records = body.get("records")
    if not isinstance(records, list) or not all(_is_named(one) for one in records):
        raise refuse(BAD_ENTRY, "records", name="records", wanted='[{"id": "…", "version": 1}]')
    if len(records) > MOST_BULK:
        raise refuse(TOO_MANY_ROWS, "records", count=len(records), limit=MOST_BULK)
    entity, action = call.params["entity"], _action(work, call)
    given = {"reason": body["reason"]} if body.get("reason") else {}
    refused = []
    for one in records:
        try:
            store.act(work, entity, int(one["id"]), action, one["version"], given)
        except Refused as told:
            problems = [page_problem(each, work.context.language) for each in told.problems]
            refused.append({"id": one["id"], "title": one.get("title", ""), "problems": problems})
    return json_answer({"done": len(records) - len(refused), "refused": refused})


def _is_named(one: Any) -> bool:
    return isinstance(one, dict) and is_id(one.get("id")) and _is_version(one.get("version"))


def _is_version(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= HIGHEST_ID


def _action(work: Work, call: Call) -> str:
    """Return the action in the path. Refuses one there is not (404) or that is not allowed (403)."""
    entity, action = call.params["entity"], call.params["action"]
    known = work.entity(entity).actions
    if action not in known:
        near = nearest_name(action, known)
        said = ", ".join(known) or "–"
        raise refuse(UNKNOWN_ACTION, entity=entity, action=action[:60], known=said, nearest=near)
    work.access(entity).demand_action(action)
    return action


def _record(body: Mapping[str, Any]) -> dict[str, Any]:
    record = body.get("record")
    if not isinstance(record, dict):
        raise refuse(BAD_ENTRY, "record", name="record", wanted="{…}")
    check_keys(record)
    return record


def _version(body: Mapping[str, Any]) -> int:
    version = body.get("version")
    if not _is_version(version):
        raise refuse(BAD_ENTRY, "version", name="version", wanted="1…")
    return int(version)  # type: ignore[arg-type]


def _saved(work: Work, call: Call, saved: Saved) -> Answer:
    warnings = [page_problem(problem, work.context.language) for problem in saved.warnings]
    told = {
        "id": str(saved.id),
        "version": saved.version,
        "url": f"{base_of(call)}/{call.params['entity']}/{saved.id}",
        "warnings": warnings,
    }
    return json_answer(told)
