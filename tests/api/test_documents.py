"""The document of the interface, the pages of its problems, and the problems themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from django.db import connection

from inference import messages
from inference.accounts.models import User
from inference.api import schema
from inference.api.documents import openapi
from inference.api.errors import status_of
from inference.errors import Conflict, Invalid, NotAllowed, Refusal
from tests.api.callers import Caller, client, code_of
from tests.api.house import House

Rest = Callable[..., Caller]
SNAPSHOT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


def test_the_snapshot_is_the_interface(tmp_path: Path) -> None:
    """`make schema` writes it anew. Additions are fine; whoever takes away says so in an ADR."""
    fresh = tmp_path / "openapi.yaml"

    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)

    assert fresh.read_text() == SNAPSHOT.read_text()


def test_every_operation_has_its_own_name() -> None:
    names = [
        operation["operationId"]
        for path in openapi()["paths"].values()
        for operation in path.values()
    ]

    assert len(names) == len(set(names)) > 70


def test_every_reference_of_the_document_leads_somewhere() -> None:
    for reference in set(references(openapi())):
        found: Any = openapi()
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from references(part)


def test_the_document_is_served_in_both_forms(viewer: User, rest: Rest) -> None:
    caller = rest(viewer)

    as_json = caller.get("openapi.json").json()
    as_yaml = yaml.load(caller.get("openapi.yaml").content, Loader=yaml.CSafeLoader)

    assert as_json == as_yaml
    assert as_json["openapi"].startswith("3.1")


@pytest.mark.parametrize("code", ["own-change", "version-moved-on", "kubeconfig-exec"])
def test_a_problem_type_has_a_page(code: str) -> None:
    page = client().get(f"/problems/{code}")

    assert page.status_code == 200
    assert code in page.content.decode()
    assert "Content-Security-Policy" in page


def test_a_problem_type_that_is_none_has_no_page() -> None:
    page = client().get("/problems/%3Cscript%3E")

    assert page.status_code == 404
    assert "<script>" not in page.content.decode()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "nowhere/", (404, "route-unknown")),
        ("POST", "nowhere/", (404, "route-unknown")),
        ("POST", "teams", (404, "route-unknown")),
        ("DELETE", "teams/", (405, "method-not-allowed")),
        ("OPTIONS", "teams/", (405, "method-not-allowed")),
        ("TRACE", "teams/", (405, "method-not-allowed")),
        ("GET", "clusters/not-there/", (404, "not-found")),
    ],
)
def test_a_problem_is_a_document(
    method: str, path: str, code: tuple[int, str], viewer: User, rest: Rest
) -> None:
    response = rest(viewer).send(method, path)

    assert code_of(response) == code
    document = response.json()
    jsonschema.validate(document, schema.PROBLEM_SCHEMA)
    assert document["type"] == f"/problems/{code[1]}"
    assert document["request_id"] == response["X-Request-Id"]


def test_a_method_override_overrides_nothing(house: House, platform: User, rest: Rest) -> None:
    response = rest(platform).get(
        f"grants/{house.grant.pk}/", X_HTTP_Method_Override="DELETE", If_Match='"1"'
    )

    assert response.status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/png", "x"])
def test_what_is_not_offered_is_not_acceptable(accept: str, viewer: User, rest: Rest) -> None:
    assert code_of(rest(viewer).get("teams/", Accept=accept)) == (406, "not-acceptable")


def test_a_fault_of_ours_says_nothing_but_its_request_id(platform: User, rest: Rest) -> None:
    caller = rest(platform)

    with connection.execute_wrapper(failing("inference_egressrange")):
        response = caller.get("egress-ranges/")

    assert code_of(response) == (500, "unexpected")
    assert b"canary" not in response.content
    assert response.json()["params"]["request_id"] == response["X-Request-Id"]


def failing(table: str) -> Any:
    """A database that breaks when this table is asked for."""

    def run(execute: Any, sql: str, *rest: Any) -> Any:
        if table in sql:
            raise RuntimeError("canary of an internal value")
        return execute(sql, *rest)

    return run


def test_answers_carry_the_headers_of_a_page(viewer: User, rest: Rest) -> None:
    response = rest(viewer).get("teams/")

    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotAllowed(messages.find("own-change")), 403),
        (Conflict(messages.find("plan-moved-on")), 409),
        (Conflict(messages.find("version-moved-on")), 409),
        (Invalid(messages.find("yaml-tag")), 422),
        (Refusal(messages.find("credential-missing")), 409),
        (Refusal(messages.find("too-many-failures")), 429),
    ],
)
def test_a_refusal_has_one_status(refusal: Refusal, status: int) -> None:
    assert status_of(refusal) == status
