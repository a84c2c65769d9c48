"""Doors to page models as JSON: what a person would see, for other front ends and for tests."""

import msgspec

from dougong.foundation.errors import Place, Problem, Refused, refuse
from dougong.records.work import Work
from dougong.screens.form_building import build_form
from dougong.screens.list_building import build_list
from dougong.screens.list_page import read_state
from dougong.server.body import nearest_name
from dougong.server.call import Answer, Call
from dougong.server.parameters import parameters, row_id, whole
from dougong.server.problems import NOT_FOUND, UNKNOWN_PARAMETER

LIST_NAMES = ("view", "q", "sort", "after", "page", "back")
FILTER = "f."


def list_view_door(work: Work, call: Call) -> Answer:
    """GET: the list of an entity as a page model; `f.<path>` filters as on the page."""
    given = parameters(call)
    wrong = [
        Problem(
            UNKNOWN_PARAMETER,
            Place(path=name[:60]),
            {"name": name[:60], "known": f"{', '.join(LIST_NAMES)}, {FILTER}…"},
            nearest_name(name, LIST_NAMES),
        )
        for name in given
        if name not in LIST_NAMES and not name.startswith(FILTER)
    ]
    if wrong:
        raise Refused(wrong)
    whole(call, "page", 1, 999_999)
    if call.params["entity"] not in work.catalog.lists:
        raise refuse(NOT_FOUND, path=call.path[:200])  # a setting has a form alone
    page = build_list(work, call.params["entity"], read_state(given), f"/t/{call.tenant}")
    return Answer(200, msgspec.json.encode(page, enc_hook=str))


def form_view_door(work: Work, call: Call) -> Answer:
    """GET: the form of a record (`record`), or of a new one, as a page model."""
    id_ = int(row_id(call, "record") or 0)
    page = build_form(work, call.params["entity"], id_, f"/t/{call.tenant}")
    return Answer(200, msgspec.json.encode(page, enc_hook=str))
