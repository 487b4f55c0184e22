"""If-Match: whoever changes a versioned resource says which version they looked at."""

from collections.abc import Callable

import pytest

from inference.accounts.models import User
from tests.api.addresses import ROWS, offered, patterns
from tests.api.callers import Caller, code_of
from tests.api.house import POOL_DOCUMENT, House

Rest = Callable[..., Caller]


def test_the_answer_names_the_version(house: House, viewer: User, rest: Rest) -> None:
    response = rest(viewer).get(f"clusters/{house.cluster.name}/")

    assert response["ETag"] == '"1"'


def test_a_change_without_a_version_is_refused(house: House, platform: User, rest: Rest) -> None:
    response = rest(platform).post(f"clusters/{house.cluster.name}/hold/")

    assert code_of(response) == (428, "if-match-missing")


def test_any_version_is_no_version(house: House, platform: User, rest: Rest) -> None:
    response = rest(platform).post(f"clusters/{house.cluster.name}/hold/", If_Match="*")

    assert code_of(response) == (428, "if-match-missing")


@pytest.mark.parametrize("tag", ['"2"', 'W/"1"', '"0", "2"', '""'])
def test_another_version_is_refused_and_nothing_is_done(
    tag: str, house: House, platform: User, rest: Rest
) -> None:
    response = rest(platform).post(f"clusters/{house.cluster.name}/hold/", If_Match=tag)

    assert code_of(response) == (412, "version-moved-on")
    house.cluster.refresh_from_db()
    assert house.cluster.state == "active"


@pytest.mark.parametrize("tag", ["1", '"1', "'1'", '"1";', '"\x01"', '"1" "2"', "x" * 2000])
def test_what_is_no_entity_tag_is_malformed(
    tag: str, house: House, platform: User, rest: Rest
) -> None:
    response = rest(platform).post(f"clusters/{house.cluster.name}/hold/", If_Match=tag)

    assert code_of(response) == (400, "if-match-malformed")


def test_one_of_several_versions_is_enough(house: House, platform: User, rest: Rest) -> None:
    response = rest(platform).post(f"clusters/{house.cluster.name}/hold/", If_Match='"7", "1"')

    assert (response.status_code, response["ETag"]) == (200, '"2"')


def test_an_edit_of_an_older_version_of_a_change_is_a_lost_update(
    house: House, author: User, rest: Rest
) -> None:
    caller, path = rest(author), f"change-requests/{house.draft.pk}"
    seen = caller.get(f"{path}/")["ETag"]
    caller.post(f"{path}/submit/", If_Match=seen)

    edit = {"verb": "create", "kind": "hardware-pool", "name": "p", "document": POOL_DOCUMENT}
    response = caller.send("PUT", f"{path}/edits/", {"edits": [edit]}, If_Match=seen)

    assert code_of(response) == (412, "version-moved-on")


def test_what_asks_for_a_version_is_what_has_one() -> None:
    asking = {
        (method.upper(), pattern.name)
        for pattern in patterns()
        for method, name in getattr(pattern.callback, "actions", {}).items()
        if method != "head" and getattr(pattern.callback.cls, name).operation.versioned
    }

    assert asking == {
        ("PATCH", "team-detail"),
        ("PATCH", "person-detail"),
        ("PATCH", "cluster-detail"),
        ("POST", "cluster-replace-credential"),
        ("POST", "cluster-hold"),
        ("POST", "cluster-resume"),
        ("POST", "cluster-remove"),
        ("PUT", "cluster-metrics-source"),
        ("DELETE", "cluster-metrics-source"),
        ("PUT", "grant-detail"),
        ("DELETE", "grant-detail"),
        ("PUT", "gateway-detail"),
        ("DELETE", "gateway-detail"),
        ("PUT", "change-request-edits"),
        ("POST", "change-request-submit"),
        ("POST", "change-request-cancel"),
        ("POST", "change-request-retry"),
    }
    assert asking <= offered() <= set(ROWS)
