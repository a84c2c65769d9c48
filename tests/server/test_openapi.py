"""The OpenAPI document: valid, complete, and no more than its reader may use."""

import json
from typing import Any

import jsonschema
import pytest

from dougong.server.described import SUMMARIES
from dougong.server.rest import ROUTES


@pytest.fixture
def documents(sqlite_shop: Any) -> dict[str, Any]:
    return {
        who: sqlite_shop.client(who).get("openapi.json").json()
        for who in ("manager", "clerk", "trainee", "plain")
    }


def references(value: Any) -> Any:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def found(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def operations(document: Any) -> Any:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_reference_leads_somewhere_and_every_schema_is_one(documents: dict[str, Any]) -> None:
    for document in documents.values():
        assert document["openapi"] == "3.1.0"
        for reference in references(document):
            assert found(document, reference)
        for schema in document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        names = [operation["operationId"] for _, _, operation in operations(document)]
        assert len(names) == len(set(names))
        for path, _, operation in operations(document):
            placed = {part[1:-1] for part in path.split("/") if part.startswith("{")}
            declared = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert placed == declared, path
            for status, told in operation["responses"].items():
                answer = found(document, told["$ref"]) if "$ref" in told else told
                assert answer["description"]
                if int(status) >= 400:
                    assert "application/problem+json" in answer["content"], (path, status)


def test_every_route_is_described(documents: dict[str, Any]) -> None:
    described = {
        operation["operationId"].partition(".")[0]
        for _, _, operation in operations(documents["manager"])
    }
    assert described == {route.door for route in ROUTES if route.path}
    assert described == set(SUMMARIES)


def test_what_a_role_may_not_do_or_see_is_not_in_it(documents: dict[str, Any]) -> None:
    manager, clerk = documents["manager"]["paths"], documents["clerk"]["paths"]
    trainee, plain = documents["trainee"], documents["plain"]
    assert "/sales.order/{id}/actions/approve" in manager
    assert "/sales.order/{id}/actions/approve" not in clerk
    assert "/sales.order/{id}/actions/submit" in clerk
    assert "delete" not in trainee["paths"]["/sales.order/{id}"]
    assert not any(path.startswith("/sales.") for path in plain["paths"])
    order = trainee["components"]["schemas"]["sales.order"]["properties"]
    assert not {"total", "net", "tax"} & set(order)
    assert "cost" not in order["items"]["items"]["properties"]
    assert "discount" not in json.dumps(trainee["components"]["schemas"]["sales.order.create"])


def test_fields_are_described_as_they_are_declared(documents: dict[str, Any]) -> None:
    schemas = documents["manager"]["components"]["schemas"]
    order, create = schemas["sales.order"], schemas["sales.order.create"]
    assert order["properties"]["total"]["readOnly"] is True
    assert order["properties"]["customer"]["x-ref"] == ["master_data.customer"]
    assert order["properties"]["due"]["format"] == "date"
    assert order["properties"]["customer_order"]["maxLength"] == 60
    assert "pattern" in order["properties"]["total"]
    assert order["properties"]["state"]["enum"][:2] == ["draft", "submitted"]
    assert not {"total", "state", "number", "id", "version"} & set(create["properties"])
    assert "customer" in create["required"]
    line = create["properties"]["items"]["items"]
    assert {"item", "qty"} <= set(line["required"])
    assert create["additionalProperties"] is False


def test_labels_are_in_the_readers_language_and_the_document_is_kept(sqlite_shop: Any) -> None:
    chinese = sqlite_shop.client("manager", **{"Accept-Language": "zh"}).get("openapi.json")
    english = sqlite_shop.client("manager", **{"Accept-Language": "en"}).get("openapi.json")
    assert "客户" in chinese.text
    assert "Customer" in english.text
    again = sqlite_shop.client("manager", **{"Accept-Language": "zh"}).get(
        "openapi.json", headers={"If-None-Match": chinese.headers["etag"]}
    )
    assert again.status_code == 304
    assert chinese.json()["servers"][0]["url"] == "/t/acme/api"


def test_answers_fit_their_schema(shop: Any) -> None:
    client = shop.client("manager")
    order = shop.order()
    document = client.get("openapi.json").json()

    def check(path: str, method: str, status: int, value: Any) -> None:
        operation = document["paths"][path][method]
        told = operation["responses"][str(status)]
        content = (found(document, told["$ref"]) if "$ref" in told else told)["content"]
        schema = {**next(iter(content.values()))["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(value)

    check("/sales.order", "post", 201, order)
    check("/sales.order/{id}", "get", 200, client.get(f"sales.order/{order['id']}").json())
    check("/sales.order", "get", 200, client.get("sales.order", params={"count": "exact"}).json())
    check("/sales.order/changes", "get", 200, client.get("sales.order/changes").json())
    check(
        "/sales.order/{id}/history",
        "get",
        200,
        client.get(f"sales.order/{order['id']}/history").json(),
    )
    check("/session", "get", 200, client.get("session").json())
    check("/", "get", 200, client.get("").json())
    check("/sales.order", "post", 422, client.post("sales.order", {}).json())
    bulk = {"rows": [{"code": "B1", "name": "x"}, {"code": "B2"}], "good_only": True}
    check(
        "/master_data.customer/bulk",
        "post",
        200,
        client.post("master_data.customer/bulk", bulk).json(),
    )
