"""Schema-aware fuzzing with schemathesis: never a 5xx, and answers fit their declared schema."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn

from dougong.server.serve import bind

pytestmark = pytest.mark.slow


@pytest.fixture
def address(shop: Any) -> Iterator[str]:
    """The shop behind a real server on a free port."""
    listening = bind("127.0.0.1", 0)
    config = uvicorn.Config(shop.app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    port = listening.getsockname()[1]
    for _ in range(100):
        if server.started:
            break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    listening.close()


def test_no_generated_request_is_answered_with_a_failure(
    shop: Any, address: str, request: pytest.FixtureRequest
) -> None:
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from schemathesis.specs.openapi.checks import (
        response_schema_conformance,
        status_code_conformance,
    )

    stock = shop.stock()
    known = {
        "sales.order": shop.order("manager", stock)["id"],
        "master_data.customer": stock["customer"],
        "master_data.item": stock["item"],
    }
    headers = {"Authorization": f"Bearer {shop.acme.tokens['manager']}"}
    document = httpx.get(f"{address}/t/acme/api/openapi.json", headers=headers).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"{address}/t/acme/api")
    examples = 60 if request.config.getoption("--nightly") else 4
    seed_here = 8 if shop.settings.database_url else 7  # other requests on either database
    wrong: list[str] = []
    statuses: Counter[int] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] in {
            "sign_out",
            "password",
            "sign_in",
            "revoke_token",
        }:
            continue

        @seed(seed_here)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            entity = case.operation.path.split("/")[1]
            if "id" in case.path_parameters and entity in known:
                case.path_parameters["id"] = known[entity]
            began = time.monotonic()
            answer = case.call(headers=headers)
            statuses[answer.status_code] += 1
            if time.monotonic() - began > 3:
                wrong.append(f"slow: {case.as_curl_command()}")
            if answer.status_code >= 500:
                wrong.append(f"{case.as_curl_command()}: {answer.text[:300]}")
                return
            case.validate_response(
                answer, checks=[response_schema_conformance, status_code_conformance]
            )

        ask()
    assert not wrong, "\n".join(wrong[:20])
    assert sum(statuses.values()) > 300, statuses
    assert {200, 201, 204, 404, 422} <= set(statuses), statuses
