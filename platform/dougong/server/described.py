"""What the OpenAPI document says of each door: its sentence, parameters, body, answer, refusals."""

from dougong.access.decide import EntityAccess
from dougong.catalog.entity import Entity
from dougong.foundation.translate import Label
from dougong.server.call import JSON
from dougong.server.routes import Route
from dougong.server.schemas import ID, Schema, ref

PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "path": {"type": "string", "description": "items.3.qty"},
        "reason": {"type": "string"},
        "hint": {"type": "string"},
        "nearest": {"type": "string"},
        "level": {"enum": ["stop", "warn"]},
    },
    "required": ["code", "path", "reason", "hint", "nearest", "level"],
}
REFUSAL: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "trace": {"type": "string"},
        "problems": {"type": "array", "items": ref("problem")},
        "more": {"type": "integer"},
        "differences": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["type", "title", "status", "detail", "code", "trace", "problems"],
}

SUMMARIES = {
    "index": ("可用的实体", "The entities there are"),
    "search": ("全文搜索", "Search all records"),
    "openapi": ("本文档", "This document"),
    "sign_in": ("登录", "Sign in"),
    "me": ("当前用户", "Who is signed in"),
    "sign_out": ("退出", "Sign out"),
    "password": ("修改密码", "Change the password"),
    "tokens": ("令牌列表", "List the tokens"),
    "issue_token": ("建立令牌", "Make a token"),
    "revoke_token": ("撤销令牌", "Revoke a token"),
    "preferences": ("偏好", "Read the preferences"),
    "set_preference": ("保存偏好", "Keep a preference"),
    "drop_preference": ("删除偏好", "Forget a preference"),
    "view_list": ("列表页面模型", "The list page as a model"),
    "view_form": ("表单页面模型", "The form page as a model"),
    "upload": ("上传文件", "Upload a file"),
    "preview_import": ("预览导入", "Preview an import"),
    "import": ("导入", "Import a file"),
    "imports": ("导入记录", "List the imports"),
    "undo_import": ("撤销导入", "Undo an import"),
    "export": ("导出", "Export records"),
    "exported": ("下载导出文件", "Read an exported file"),
    "jobs": ("后台任务", "List one's jobs"),
    "job": ("任务进度", "How far a job is"),
    "stop_job": ("停止任务", "Stop a job"),
    "job_again": ("重新运行任务", "Run a job again"),
    "list": ("列表", "List records"),
    "create": ("新建", "Create a record"),
    "bulk": ("批量保存", "Save many records"),
    "changes": ("变更", "What changed since"),
    "totals": ("合计", "Sums over records"),
    "lookup": ("选择", "Candidates for a link"),
    "propose": ("试算", "What a new record would become"),
    "read": ("读取", "Read a record"),
    "change": ("修改", "Change a record"),
    "delete": ("删除", "Delete a record"),
    "act": ("操作", "Carry out an action"),
    "propose_change": ("试算修改", "What a record would become"),
    "history": ("操作日志", "Who changed what"),
}

_WHOLE: Schema = {"type": "integer", "minimum": 1}
_TEXT: Schema = {"type": "string", "maxLength": 200}
_QUERY: dict[str, Schema] = {
    "filter": {"type": "string", "maxLength": 20_000, "contentMediaType": JSON},
    "sort": {"type": "string"},
    "fields": {"type": "string"},
    "expand": {"type": "string"},
    "limit": {**_WHOLE, "maximum": 50},
    "after": {"type": "string", "maxLength": 4_000},
    "count": {"enum": ["none", "capped", "exact"]},
    "q": _TEXT,
    "view": {"type": "string", "maxLength": 60},
    "since": _TEXT,
    "lines": {"type": "boolean"},
    "before": _TEXT,
    "values": {"type": "string", "contentMediaType": JSON},
    "entities": {"type": "string"},
    "entity": {"type": "string"},
    "name": {"type": "string", "minLength": 1, "maxLength": 200},
    "record": ID,
}

_ROWS: Schema = {"type": "array", "items": {"type": "object"}}
_ANSWERS: dict[str, Schema] = {
    "list": {"properties": {"next": {"type": ["string", "null"]}, "count": {"type": ["integer", "null"]}, "capped": {"type": "boolean"}}, "required": ["rows", "next"]},
    "changes": {"properties": {"rows": _ROWS, "next": {"type": "string"}}, "required": ["rows", "next"]},
    "bulk": {
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "index": {"type": "integer", "minimum": 0},
                        "status": {"enum": ["created", "changed", "same", "refused"]},
                        "id": {"type": ["string", "null"]},
                        "problems": {"type": "array", "items": ref("problem")},
                    },
                    "required": ["index", "status", "id", "problems"],
                },
            },
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "required": ["results", "counts"],
    },
    "sign_in": {
        "properties": {"user": ID, "csrf": {"type": "string"}, "must_change": {"type": "boolean"}},
        "required": ["user", "csrf", "must_change"],
    },
    "me": {
        "properties": {
            "user": ID, "login": {"type": "string"}, "company": {"type": ["string", "null"]},
            "roles": {"type": "array", "items": {"type": "string"}},
            "companies": {"type": "array", "items": ID},
            "language": {"type": "string"}, "zone": {"type": "string"},
            "csrf": {"type": ["string", "null"]},
        },
        "required": ["user", "login", "roles", "companies", "language", "zone"],
    },
    "upload": {
        "properties": {"digest": {"type": "string"}, "name": {"type": "string"}, "size": {"type": "integer"}},
        "required": ["digest", "name", "size"],
    },
    "issue_token": {
        "properties": {"name": {"type": "string"}, "token": {"type": "string"}, "expires": {"type": "string", "format": "date-time"}},
        "required": ["name", "token", "expires"],
    },
}  # fmt: skip
_ROWS_DOORS = frozenset({"search", "index", "tokens", "lookup", "history", "imports", "jobs"})
_FILES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
_FILE: Schema = {
    "type": "object",
    "properties": {
        "digest": {"type": "string"}, "name": {"type": "string"}, "encoding": {"type": "string"},
        "delimiter": {"type": "string"}, "sheet": {"type": "string"},
    },
    "required": ["digest", "name"],
    "additionalProperties": False,
}  # fmt: skip
_IMPORT: Schema = {
    "properties": {
        "entity": {"type": "string"},
        "files": {"type": "object", "additionalProperties": _FILE},
        "mapping": {"type": "string"},
        "pairs": {"type": "object", "additionalProperties": {"type": "string"}},
        "key": {"type": "array", "items": {"type": "string"}},
        "good_only": {"type": "boolean"},
    },
    "required": ["entity", "files"],
}
_EXPORT: Schema = {
    "properties": {
        "entity": {"type": "string"}, "kind": {"enum": ["csv", "xlsx"]},
        "filter": {"type": ["object", "null"]}, "sort": {"type": "array", "items": {"type": "string"}},
        "search": {"type": "string"}, "view": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["entity"],
}  # fmt: skip
_BODIES: dict[str, Schema] = {
    "import": _IMPORT,
    "preview_import": _IMPORT,
    "export": _EXPORT,
    "sign_in": {"properties": {"login": {"type": "string", "maxLength": 1000}, "password": {"type": "string", "maxLength": 1000}}, "required": ["login", "password"]},
    "password": {"properties": {"old": {"type": "string", "maxLength": 1000}, "new": {"type": "string", "minLength": 10, "maxLength": 200}}, "required": ["old", "new"]},
    "issue_token": {"properties": {"name": {"type": "string", "minLength": 1, "maxLength": 100}, "days": {"type": "integer", "minimum": 1, "maximum": 730}}, "required": ["name"]},
}  # fmt: skip


def summary(route: Route, language: str) -> str:
    """Say in a few words what a door is for."""
    zh, en = SUMMARIES.get(route.door, (route.door, route.door))
    return Label.of({"zh": zh, "en": en}).say(language)


def link_paths(entity: Entity) -> list[str]:
    """Return the paths of all link fields, lines' as `items.item`."""
    found = [name for name, field in entity.fields.items() if field.targets]
    for lines in entity.lines.values():
        found += [f"{lines.name}.{name}" for name, field in lines.fields.items() if field.targets]
    return found


def path_parameters(route: Route, entity: Entity | None) -> list[Schema]:
    """Describe the placeholders of the path; `entity` itself is written out."""
    schemas: dict[str, Schema] = {
        "id": ID,
        "action": {"type": "string"},
        "key": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_.:-]{0,119}$"},
        "name": {"type": "string", "minLength": 1},
        "kind": {"type": "string"},
        "path": {"enum": link_paths(entity)}
        if entity and link_paths(entity)
        else {"type": "string"},
    }
    names = [part[1:-1].partition(":")[0] for part in route.path.split("/") if part.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "schema": schemas[name]}
        for name in names
        if name != "entity"
    ]


def query_parameters(route: Route, entity: Entity | None, language: str) -> list[Schema]:
    """Describe the parameters the route declares."""
    return [
        {"name": name, "in": "query", "required": False, "schema": _QUERY[name]}
        for name in route.query or ()
    ]


def header_parameters(route: Route) -> list[Schema]:
    """Describe If-Match and Idempotency-Key where the door reads them."""
    found: list[Schema] = []
    if route.versioned:
        tag = {"type": "string", "pattern": '^"[1-9][0-9]{0,17}"$', "examples": ['"3"']}
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": tag})
    if route.door == "create":
        key = {"type": "string", "pattern": "^[!-~]{1,255}$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": key})
    return found


def request_body(route: Route, entity: Entity | None, access: EntityAccess | None) -> Schema | None:
    """Describe the body a door takes; None where it takes none."""
    if route.door == "upload":
        return {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    schema = _body_schema(route, entity, access)
    if schema is None:
        return None
    required = route.door not in {"act", "propose", "propose_change"}
    return {"required": required, "content": {JSON: {"schema": schema}}}


def _body_schema(route: Route, entity: Entity | None, access: EntityAccess | None) -> Schema | None:
    if route.door in _BODIES:
        return {"type": "object", "additionalProperties": False, **_BODIES[route.door]}
    if route.door == "set_preference":
        return {}
    if entity is None or access is None or route.method in {"GET", "DELETE"}:
        return None
    match route.door:
        case "create":
            return ref(f"{entity.id}.create")
        case "change":
            return ref(f"{entity.id}.change")
        case "bulk":
            return _bulk(entity, access)
        case _:
            return {"type": "object"}


def _bulk(entity: Entity, access: EntityAccess) -> Schema:
    row = ref(f"{entity.id}.create") if access.may("create") else {"type": "object"}
    return {
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": row, "maxItems": 10_000},
            "key": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "good_only": {"type": "boolean"},
        },
        "required": ["rows"],
        "additionalProperties": False,
    }


def answer_content(route: Route, entity: Entity | None) -> Schema:
    """Describe the body of a door's success by its media type."""
    if route.door == "exported":
        return {media: {"schema": {}} for media in _FILES}
    return {JSON: {"schema": answer_schema(route, entity)}}


def answer_schema(route: Route, entity: Entity | None) -> Schema:
    """Describe what a door answers with on success."""
    if entity is not None and route.door in {"create", "read", "change", "act"}:
        return ref(entity.id)
    if route.door in _ROWS_DOORS:
        return {"type": "object", "properties": {"rows": _ROWS}, "required": ["rows"]}
    schema: Schema = {"type": "object", **_ANSWERS.get(route.door, {})}
    if entity is not None and route.door == "list":
        rows = {"type": "array", "items": ref(f"{entity.id}.row")}
        schema = {**schema, "properties": {**schema["properties"], "rows": rows}}
    return schema


def answer_headers(route: Route, status: int) -> Schema:
    """Describe the headers of an answer: ETag with a record, Location with a new one."""
    found: Schema = {}
    if route.door in {"create", "read", "change", "act"}:
        found["ETag"] = {"schema": {"type": "string"}, "required": True}
    if route.door == "create" and status == 201:
        found["Location"] = {
            "schema": {"type": "string", "format": "uri-reference"},
            "required": True,
        }
    return found


def links(status: int, entity: Entity | None, access: EntityAccess | None) -> Schema:
    """Say which doors a new record opens, so that tools follow it."""
    if entity is None or access is None or status != 201:
        return {}
    wanted = {"read": "read", "history": "read"}
    return {
        door: {"operationId": f"{door}.{entity.id}", "parameters": {"id": "$response.body#/id"}}
        for door, right in wanted.items()
        if access.may(right)
    }


def refusals(route: Route) -> list[int]:
    """Return the statuses a door may refuse with."""
    found = {400, 403, 404, 405, 406, 414, 415, 500, 503}
    if route.right != "open":
        found.add(401)
    if route.slow:
        found |= {401, 429}
    if route.method in {"POST", "PUT", "PATCH"}:
        found |= {408, 413, 422}
    if route.write or route.porch is not None:
        found |= {409, 422, 507}
    if route.versioned:
        found |= {428}
    return sorted(found)
