"""What is read: one shape in list and detail, as OpenAPI says it, at a cost that does not grow."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inference.accounts.models import Team, User
from inference.api.documents import openapi
from inference.clusters.models import ClusterCredential, LiveObject
from inference.delivery.models import DesiredObject
from tests.api.addresses import ROWS, names_in_address
from tests.api.callers import Caller
from tests.api.house import House, furnish
from tests.conftest import NOON
from tests.factories.accounts import MembershipFactory

LISTS = sorted(route for method, route in ROWS if method == "GET" and route.endswith("-list"))
READS = sorted(
    route for method, route in ROWS if method == "GET" and not route.startswith("openapi")
)
Rest = Callable[..., Caller]


@pytest.fixture
def everything(platform: User, chat: Team, viewer: User) -> User:
    """Somebody who sees every list: platform, and of the team."""
    for environment in ("prod", "stage", "dev"):
        MembershipFactory.create(team=chat, user=platform, environment=environment, role="admin")
    return platform


def address(route: str, house: House) -> str:
    return reverse(f"api:{route}", kwargs=names_in_address(route, house))[len("/api/v1/") :]


def test_lists_cost_the_same_queries_at_1_row_and_at_50(
    chat: Team, author: User, everything: User, rest: Rest
) -> None:
    caller, house = rest(everything), furnish(chat, author)
    few = {route: queries_of(caller, address(route, house)) for route in LISTS}

    for number in range(1, 50):
        furnish(chat, author, number)

    many = {route: queries_of(caller, address(route, house)) for route in LISTS}
    assert many == few


def queries_of(caller: Caller, path: str) -> int:
    caller.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert caller.get(f"{path}?limit=200").status_code == 200
    return len(queries)


def test_list_and_detail_have_one_shape(house: House, everything: User, rest: Rest) -> None:
    caller = rest(everything)

    for route in (one for one in LISTS if one.replace("-list", "-detail") in READS):
        detail = caller.get(address(route.replace("-list", "-detail"), house)).json()
        listed = caller.get(address(route, house)).json()["items"]

        same = [one for one in listed if one.items() <= detail.items()]
        assert len(same) == 1, (route, listed, detail)


def test_an_answer_is_what_the_document_says(house: House, everything: User, rest: Rest) -> None:
    caller = rest(everything)

    for route in READS:
        response = caller.get(address(route, house))

        assert response.status_code == 200, route
        content = operation(route, house)["responses"]["200"]["content"]
        [(media, described)] = content.items()
        assert response["Content-Type"].partition(";")[0] == media, route
        if "schema" in described:
            check(yaml.load(response.content, Loader=yaml.CSafeLoader), described["schema"])


def operation(route: str, house: House, method: str = "get") -> Any:
    template = reverse(f"api:{route}", kwargs=names_in_address(route, house))
    for name, value in names_in_address(route, house).items():
        template = template.replace(f"/{value}/", f"/{{{name}}}/", 1)
    return openapi()["paths"][template][method]


def check(value: Any, schema: Any) -> None:
    """Raises where `value` has another shape than the schema of the document."""
    whole = {**schema, "components": openapi()["components"]}
    jsonschema.validators.Draft202012Validator(whole).validate(value)


def test_no_answer_shows_a_credential(house: House, everything: User, rest: Rest) -> None:
    ClusterCredential.objects.create(
        cluster=house.cluster,
        kind="token",
        key_id="canary-key",
        wrapped_key=b"canary-wrapped",
        sealed=b"canary-sealed",
        replaced_at=NOON,
    )

    caller = rest(everything)
    answers = {route: caller.get(address(route, house)).content for route in READS}

    for secret in (b"canary", b"secret_hash", b"BEGIN CERTIFICATE"):
        assert [route for route, answer in answers.items() if secret in answer] == []


def test_a_cluster_says_that_it_has_a_credential(
    house: House, everything: User, rest: Rest
) -> None:
    ClusterCredential.objects.create(
        cluster=house.cluster,
        kind="token",
        version=3,
        key_id="k",
        wrapped_key=b"w",
        sealed=b"s",
        replaced_at=NOON,
    )

    shown = rest(everything).get(f"clusters/{house.cluster.name}/").json()

    assert shown["credential"] == {
        "kind": "token",
        "version": 3,
        "expires_at": None,
        "replaced_at": "2026-06-01T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("live", "desired", "state"),
    [
        ({}, {}, "in-sync"),
        ({"values_hash": "3" * 64}, {}, "drift"),
        ({"gone_at": NOON}, {}, "drift"),
        ({}, {"generation": 2}, "pushing"),
        ({}, {"problem_code": "manifest-field-conflict"}, "contended"),
    ],
)
def test_sync_says_whether_live_is_what_was_pushed(
    live: dict[str, Any],
    desired: dict[str, Any],
    state: str,
    house: House,
    viewer: User,
    rest: Rest,
) -> None:
    LiveObject.objects.filter(pk=house.live.pk).update(**live)
    DesiredObject.objects.filter(pk=house.desired.pk).update(**desired)

    [model] = rest(viewer).get("served-models/").json()["items"]

    assert model["sync"]["state"] == state


def test_a_placement_that_nobody_watches_is_unknown_and_not_ready(
    house: House, viewer: User, rest: Rest
) -> None:
    [model] = rest(viewer).get("served-models/").json()["items"]

    assert model["placements"][0]["readiness"]["is_known"] is False
    assert model["placements"][0]["readiness"]["is_ready"] is False


def test_rbac_is_yaml_for_kubectl(house: House, viewer: User, rest: Rest) -> None:
    response = rest(viewer).get(f"clusters/{house.cluster.name}/rbac/")

    assert response["Content-Type"].startswith("application/yaml")
    assert b"kind: ServiceAccount" in response.content
    assert b"namespace: llm-chat" in response.content


def test_live_objects_of_a_placement_are_found_by_its_id(
    house: House, author: User, rest: Rest
) -> None:
    furnish(house.team, author, 1)

    found = rest(author).get(f"live-objects/?placement={house.placement.pk}").json()["items"]

    assert [one["name"] for one in found] == [house.placement.object_name]


def test_a_reader_of_another_team_sees_empty_lists(
    house: House, outsider: User, rest: Rest
) -> None:
    caller = rest(outsider)
    shared = {"environment-rule-list", "team-list", "person-list", "membership-list", "token-list"}

    shown = {
        route: caller.get(address(route, house)).json()["items"]
        for route in LISTS
        if route not in shared
        and not route.startswith(("change-request-", "push-outcome"))
        and route != "egress-range-list"
    }

    assert {route for route, items in shown.items() if items} <= {"audit-event-list"}
