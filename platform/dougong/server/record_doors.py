"""Doors to the records of one entity: list, read, create, change, act, in bulk, and what helps a form."""

from collections.abc import Sequence
from typing import Any

from dougong.foundation.errors import Place, Problem, Refused, refuse
from dougong.queries import changes as change_feed
from dougong.queries import lookup as link_lookup
from dougong.queries.list_records import list_records
from dougong.queries.query import PARAMETERS, read_query
from dougong.queries.totals import totals as sum_up
from dougong.records import store, trail
from dougong.records.store import RowResult, Saved
from dougong.records.work import Work
from dougong.server.body import check_keys, json_bytes, json_object, known_keys, nearest_name
from dougong.server.call import Answer, Call, empty_answer, json_answer
from dougong.server.headers import etag, idempotency_key, is_known, required_version
from dougong.server.parameters import (
    flag,
    json_parameter,
    names,
    parameters,
    record_id,
    row_id,
    text,
    whole,
)
from dougong.server.problems import BAD_ENTRY, TOO_MANY_ROWS, UNKNOWN_ACTION, problem_json

MOST_ROWS = 10_000
"""Records one bulk call may carry."""
LIST_PARAMETERS = PARAMETERS
TOTALS_PARAMETERS = ("fields", "filter", "q", "view")


def entity_of(call: Call) -> str:
    """Return the id of the entity in the path."""
    return call.params["entity"]


def record_path(call: Call, entity: str, id_: int) -> str:
    """Return the address of a record."""
    return f"/t/{call.tenant}/api/{entity}/{id_}"


def list_door(work: Work, call: Call) -> Answer:
    """GET: a page of records; `next` is the `after` of the next page, also as a Link header."""
    query = read_query(work.catalog, entity_of(call), parameters(call))
    page = list_records(work, entity_of(call), query)
    told: dict[str, Any] = {"rows": page.rows, "next": page.next}
    if page.count is not None:
        told |= {"count": page.count, "capped": page.capped}
    return json_answer(told)


def read_door(work: Work, call: Call) -> Answer:
    """GET: one record with its lines; 304 when the caller's copy is still right."""
    record = store.read(work, entity_of(call), record_id(call), expand=names(call, "expand"))
    tag = etag(record["version"])
    if is_known(call, tag[1]) and not names(call, "expand"):
        return empty_answer(304, tag)
    return json_answer(record, 200, tag)


def create_door(work: Work, call: Call) -> Answer:
    """POST: a new record, once per Idempotency-Key."""
    entity = entity_of(call)
    saved = store.create(work, entity, json_bytes(call), key=idempotency_key(call))
    headers = [("Location", record_path(call, entity, saved.id)), etag(saved.version)]
    if saved.replayed:
        headers.append(("Idempotent-Replayed", "true"))
    if saved.json and not saved.warnings:
        return Answer(201, saved.json, headers=tuple(headers))
    return json_answer(_told(saved, work), 201, *headers)


def change_door(work: Work, call: Call) -> Answer:
    """PATCH: change the fields given, of the version in If-Match."""
    version = required_version(call)
    saved = store.change(work, entity_of(call), record_id(call), version, json_bytes(call))
    return json_answer(_told(saved, work), 200, etag(saved.version))


def delete_door(work: Work, call: Call) -> Answer:
    """DELETE the version in If-Match."""
    store.delete(work, entity_of(call), record_id(call), required_version(call))
    return empty_answer()


def act_door(work: Work, call: Call) -> Answer:
    """POST: carry out an action on the version in If-Match; 201 when it made a new record."""
    entity, action = entity_of(call), call.params["action"]
    known = work.catalog.entities[entity].actions
    if action not in known:
        near = nearest_name(action, known)
        said = ", ".join(known) or "–"
        raise refuse(UNKNOWN_ACTION, entity=entity, action=action[:60], known=said, nearest=near)
    work.access(entity).demand_action(action)
    body = json_object(call, optional=True)
    saved = store.act(work, entity, record_id(call), action, required_version(call), body)
    headers = [etag(saved.version)]
    if saved.created:
        headers.append(("Location", record_path(call, entity, saved.id)))
    return json_answer(_told(saved, work), 201 if saved.created else 200, *headers)


def propose_door(work: Work, call: Call) -> Answer:
    """POST: what a record with these values would become: defaults, formulas, flags. Saves nothing."""
    id_ = record_id(call) if "id" in call.params else None
    return json_answer(
        store.propose(work, entity_of(call), json_object(call, optional=True), id=id_)
    )


def bulk_door(work: Work, call: Call) -> Answer:
    """POST: create or change many records by their business key.

    All or none, unless `good_only`: then the good ones are saved and each bad one says why.
    """
    entity = entity_of(call)
    body = json_object(call)
    known_keys(body, ("rows", "key", "good_only"))
    rows = _rows(body.get("rows"))
    key = _key(body.get("key"), work.catalog.entities[entity].key)
    good_only = body.get("good_only", False)
    if not isinstance(good_only, bool):
        raise refuse(BAD_ENTRY, "good_only", name="good_only", wanted="true / false")
    results = store.upsert(work, entity, rows, key=key, good_only=good_only)
    told = {
        "results": [_row_told(result, work.context.language) for result in results],
        "counts": _counts(results),
    }
    if not good_only:
        _refuse_all(results, told)
    return json_answer(told)


def _rows(rows: Any) -> Sequence[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse(BAD_ENTRY, "rows", name="rows", wanted="[{…}, …]")
    if len(rows) > MOST_ROWS:
        raise refuse(TOO_MANY_ROWS, "rows", count=len(rows), limit=MOST_ROWS)
    for row in rows:
        check_keys(row)
    return rows


def _key(key: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    if key is None:
        return default
    if not isinstance(key, list) or not all(isinstance(name, str) for name in key) or not key:
        raise refuse(BAD_ENTRY, "key", name="key", wanted='["…"]')
    return tuple(key)


def _counts(results: Sequence[RowResult]) -> dict[str, int]:
    counts = {"created": 0, "changed": 0, "same": 0, "refused": 0}
    for result in results:
        counts[result.status] += 1
    return counts


def _row_told(result: RowResult, language: str) -> dict[str, Any]:
    return {
        "index": result.index,
        "status": result.status,
        "id": str(result.id) if result.id else None,
        "problems": [problem_json(problem, language) for problem in result.problems],
    }


def _refuse_all(results: Sequence[RowResult], told: dict[str, Any]) -> None:
    """Refuse the whole call when a row was refused; raising undoes the good ones."""
    problems = [
        Problem(
            problem.kind, _row_place(result.index, problem.where), problem.values, problem.nearest
        )
        for result in results
        for problem in result.problems
        if result.status == "refused"
    ]
    if problems:
        raise Refused(problems, status=422, extra=told)


def _row_place(index: int, where: Place) -> Place:
    return Place(path=f"rows.{index}.{where.path}".rstrip("."))


def changes_door(work: Work, call: Call) -> Answer:
    """GET: what changed since `since`, in the order of commits, with no gap."""
    limit = whole(call, "limit", 100, change_feed.MOST)
    lines = flag(call, "lines")
    feed = change_feed.changes(work, entity_of(call), text(call, "since"), limit, lines=lines)
    return json_answer({"rows": feed.rows, "next": feed.next})


def lookup_door(work: Work, call: Call) -> Answer:
    """GET: candidates for a link field, given what the record holds so far (`values`)."""
    found = link_lookup.lookup(
        work,
        entity_of(call),
        call.params["path"],
        text(call, "q"),
        values=json_parameter(call, "values"),
        limit=whole(call, "limit", 20, 100),
    )
    return json_answer({"rows": found})


def totals_door(work: Work, call: Call) -> Answer:
    """GET: sums of `fields` over the records the filter leaves."""
    asked = parameters(call)
    fields = names(call, "fields")
    asked.pop("fields", None)
    query = read_query(work.catalog, entity_of(call), asked)
    return json_answer(sum_up(work, entity_of(call), query, fields))


def history_door(work: Work, call: Call) -> Answer:
    """GET: who changed this record, when, what from what to what; newest first."""
    before = row_id(call, "before")
    limit = whole(call, "limit", 50, 500)
    rows = trail.history(work, entity_of(call), record_id(call), limit, before)
    return json_answer({"rows": rows})


def _told(saved: Saved, work: Work) -> dict[str, Any]:
    """Return the record, with its warnings where it has any."""
    if not saved.warnings:
        return saved.record
    warnings = [problem_json(problem, work.context.language) for problem in saved.warnings]
    return {**saved.record, "warnings": warnings}
