"""The doors for programs, below `/t/{tenant}/api`: one generic set over the catalog, declared as a table.

Every route names the right it needs; `check_routes` refuses a table with one that does not, so the
server doesn't start. Tests and the OpenAPI document walk this same table.
"""

from dougong.records.work import Work
from dougong.server import common_doors, file_doors, own_doors, record_doors, view_doors
from dougong.server.body import MOST_BULK
from dougong.server.call import Answer, Call, empty_answer
from dougong.server.headers import is_known
from dougong.server.openapi import document
from dougong.server.routes import Route, check_routes

PREFIX = "/t/{tenant}/api"


def openapi_door(work: Work, call: Call) -> Answer:
    """GET: the OpenAPI document of this tenant as this user may use it."""
    tag, body = document(work, call.tenant, ROUTES)
    headers = (("ETag", tag), ("Cache-Control", "private, no-cache"))
    return (
        empty_answer(304, *headers) if is_known(call, tag) else Answer(200, body, headers=headers)
    )


RECORD_ROUTES = (
    Route("GET", "/{entity}", "list", "read", record_doors.list_door,
          query=record_doors.LIST_PARAMETERS),
    Route("POST", "/{entity}", "create", "create", record_doors.create_door,
          write=True, gives=(201,)),
    Route("POST", "/{entity}/bulk", "bulk", "write", record_doors.bulk_door,
          write=True, most=MOST_BULK),
    Route("GET", "/{entity}/changes", "changes", "read", record_doors.changes_door,
          query=("since", "limit", "lines")),
    Route("GET", "/{entity}/totals", "totals", "read", record_doors.totals_door,
          query=record_doors.TOTALS_PARAMETERS),
    Route("GET", "/{entity}/lookup/{path}", "lookup", "use", record_doors.lookup_door,
          query=("q", "values", "limit")),
    Route("POST", "/{entity}/propose", "propose", "create", record_doors.propose_door),
    Route("GET", "/{entity}/{id:int}", "read", "read", record_doors.read_door,
          query=("expand",), gives=(200, 304)),
    Route("PATCH", "/{entity}/{id:int}", "change", "update", record_doors.change_door,
          write=True, versioned=True),
    Route("DELETE", "/{entity}/{id:int}", "delete", "delete", record_doors.delete_door,
          write=True, versioned=True, gives=(204,)),
    Route("POST", "/{entity}/{id:int}/actions/{action}", "act", "act", record_doors.act_door,
          write=True, versioned=True, gives=(200, 201)),
    Route("POST", "/{entity}/{id:int}/propose", "propose_change", "update",
          record_doors.propose_door),
    Route("GET", "/views/list/{entity}", "view_list", "read", view_doors.list_view_door, query=None),
    Route("GET", "/views/form/{entity}", "view_form", "use", view_doors.form_view_door,
          query=("record",)),
    Route("GET", "/{entity}/{id:int}/history", "history", "read", record_doors.history_door,
          query=("limit", "before")),
)  # fmt: skip

COMMON_ROUTES = (
    Route("GET", "", "root", "any", common_doors.index_door),
    Route("GET", "/", "index", "any", common_doors.index_door),
    Route("GET", "/search", "search", "any", common_doors.search_door,
          query=("q", "entities", "limit")),
    Route("GET", "/openapi.json", "openapi", "any", openapi_door, gives=(200, 304)),
)  # fmt: skip

OWN_ROUTES = (
    Route("POST", "/session", "sign_in", "open", porch=own_doors.sign_in_door, slow=True),
    Route("GET", "/session", "me", "self", own_doors.me_door),
    Route("DELETE", "/session", "sign_out", "self", porch=own_doors.sign_out_door, gives=(204,)),
    Route("POST", "/password", "password", "self", porch=own_doors.password_door,
          slow=True, gives=(204,)),
    Route("GET", "/tokens", "tokens", "self", porch=own_doors.tokens_door),
    Route("POST", "/tokens", "issue_token", "self", porch=own_doors.issue_token_door, gives=(201,)),
    Route("DELETE", "/tokens/{name}", "revoke_token", "self", porch=own_doors.revoke_token_door,
          gives=(204,)),
    Route("GET", "/preferences", "preferences", "self", own_doors.preferences_door),
    Route("PUT", "/preferences/{key}", "set_preference", "self", own_doors.set_preference_door,
          write=True, gives=(204,)),
    Route("DELETE", "/preferences/{key}", "drop_preference", "self",
          own_doors.drop_preference_door, write=True, gives=(204,)),
)  # fmt: skip

FILE_ROUTES = (
    Route("POST", "/files", "upload", "self", porch=file_doors.upload_door, query=("name",),
          most=file_doors.MOST_FILE, gives=(201,)),
    Route("POST", "/imports/preview", "preview_import", "any", porch=file_doors.preview_door),
    Route("POST", "/imports", "import", "any", porch=file_doors.import_door, gives=(202,)),
    Route("GET", "/imports", "imports", "any", file_doors.imports_door, query=("entity",)),
    Route("POST", "/imports/{id:int}/undo", "undo_import", "any", porch=file_doors.undo_door, gives=(202,)),
    Route("POST", "/exports", "export", "any", porch=file_doors.export_door, gives=(202,)),
    Route("GET", "/exports/{id:int}", "exported", "self", porch=file_doors.exported_door),
    Route("GET", "/jobs", "jobs", "self", file_doors.jobs_door),
    Route("GET", "/jobs/{id:int}", "job", "self", file_doors.job_door),
    Route("POST", "/jobs/{id:int}/stop", "stop_job", "self", file_doors.stop_door, write=True),
    Route("POST", "/jobs/{id:int}/again", "job_again", "self", porch=file_doors.again_door, gives=(202,)),
)  # fmt: skip

ROUTES: tuple[Route, ...] = check_routes(
    (*COMMON_ROUTES, *OWN_ROUTES, *FILE_ROUTES, *RECORD_ROUTES)
)
"""All of them, the fixed addresses first: an entity's id always holds a dot."""
