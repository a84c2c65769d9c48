"""The OpenAPI 3.1 document of one tenant's catalog, as one set of roles may use it.

It walks the same route table the server mounts. What a role may not do or see is not in it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

import msgspec

from dougong import __version__
from dougong.access.decide import EntityAccess
from dougong.catalog.entity import Entity
from dougong.foundation.translate import Label
from dougong.records.work import Work
from dougong.server import described
from dougong.server.gate import COOKIE
from dougong.server.problems import PROBLEM_JSON, status_title
from dougong.server.routes import MEANT, Route
from dougong.server.schemas import Schema, record_schemas, ref

KEPT = 256
_made: OrderedDict[tuple[str, ...], tuple[str, bytes]] = OrderedDict()
_lock = Lock()


def document(work: Work, tenant: str, routes: Iterable[Route]) -> tuple[str, bytes]:
    """Return the document's ETag and its bytes; kept by catalog, roles and language."""
    context = work.context
    key = (tenant, work.catalog.fingerprint, context.language, *sorted(context.roles))
    with _lock:
        found = _made.get(key)
        if found is not None:
            _made.move_to_end(key)
            return found
    body = msgspec.json.encode(build(work, tenant, routes))
    made = (f'"{hashlib.sha256(body).hexdigest()[:32]}"', body)
    with _lock:
        _made[key] = made
        while len(_made) > KEPT:
            _made.popitem(last=False)
    return made


def build(work: Work, tenant: str, routes: Iterable[Route]) -> Schema:
    """Write the document as plain values."""
    language = work.context.language
    schemas: dict[str, Schema] = {"problem": described.PROBLEM, "refusal": described.REFUSAL}
    paths: dict[str, Schema] = {}
    tags = []
    table = tuple(routes)
    for route in table:
        if route.path and not route.entity:
            _put(paths, route, _plain_path(route), _operation(route, language))
    for entity in work.catalog.entities.values():
        access = work.access(entity.id)
        if not any(access.may(right) for right in MEANT["use"]):
            continue
        schemas |= record_schemas(entity, access, language)
        tags.append({"name": entity.id, "description": entity.label.say(language)})
        for route in table:
            if route.entity and any(access.may(right) for right in MEANT[route.right]):
                _put_entity(paths, route, entity, access, language)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"dougong · {tenant}", "version": __version__},
        "servers": [{"url": f"/t/{tenant}/api", "description": _SERVER.say(language)}],
        "security": [{"bearer": []}, {"session": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                str(status): _problem(status, language)
                for status in sorted(
                    {each for route in table for each in described.refusals(route)}
                )
            },
            "securitySchemes": _SECURITY,
        },
    }


_SERVER = Label.of(
    {
        "zh": "每个租户的地址都以 /t/<租户>/api 开头；令牌和会话只在自己的租户里有效。",
        "en": "Every tenant's addresses begin with /t/<tenant>/api; tokens and sessions are good in "
        "their own tenant alone.",
    }
)
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Changes also need the header X-CSRF-Token.",
    },
}


def _problem(status: int, language: str) -> Schema:
    return {
        "description": status_title(status, language),
        "content": {PROBLEM_JSON: {"schema": ref("refusal")}},
    }


def _plain_path(route: Route) -> str:
    return route.path.replace("{id:int}", "{id}")


def _put(paths: dict[str, Schema], route: Route, path: str, operation: Schema) -> None:
    paths.setdefault(path, {})[route.method.lower()] = operation


def _put_entity(
    paths: dict[str, Schema], route: Route, entity: Entity, access: EntityAccess, language: str
) -> None:
    """Write a door once per entity, and once per action where it carries one out."""
    base = _plain_path(route).replace("{entity}", entity.id)
    if route.door != "act":
        _put(paths, route, base, _operation(route, language, entity, access))
        return
    for action in entity.actions.values():
        if access.acts(action.name):
            operation = _operation(route, language, entity, access)
            operation["operationId"] = f"act.{entity.id}.{action.name}"
            operation["summary"] = action.label.say(language)
            operation["parameters"] = [
                one for one in operation["parameters"] if one["name"] != "action"
            ]
            _put(paths, route, base.replace("{action}", action.name), operation)


def _operation(
    route: Route, language: str, entity: Entity | None = None, access: EntityAccess | None = None
) -> Schema:
    name = entity.id if entity else ""
    operation: Schema = {
        "operationId": f"{route.door}.{name}" if name else route.door,
        "summary": described.summary(route, language),
        "tags": [name] if name else ["dougong"],
        "parameters": [
            *described.path_parameters(route, entity),
            *described.query_parameters(route, entity, language),
            *described.header_parameters(route),
        ],
        "responses": _responses(route, entity, access, language),
    }
    body = described.request_body(route, entity, access)
    if body is not None:
        operation["requestBody"] = body
    if route.right == "open":
        operation["security"] = []
    return operation


def _responses(
    route: Route, entity: Entity | None, access: EntityAccess | None, language: str
) -> Schema:
    told: Schema = {}
    for status in route.gives:
        answer: Schema = {"description": described.summary(route, language)}
        if status not in {204, 304}:
            answer["content"] = described.answer_content(route, entity)
        headers = described.answer_headers(route, status)
        if headers:
            answer["headers"] = headers
        links = described.links(status, entity, access) if route.door == "create" else None
        if links:
            answer["links"] = links
        told[str(status)] = answer
    for status in described.refusals(route):
        told[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return told
