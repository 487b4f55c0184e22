"""Pages of a list, and lists as of a version."""

import base64
import json

import pytest

from tests.contract.actors import Actor
from tests.contract.conftest import Server
from tests.contract.samples import config_map, lease


def test_a_list_comes_in_pages(product: Actor, five: str) -> None:
    first = product.list("ConfigMap", five, limit=2)
    token = first.body["metadata"]["continue"]
    second = product.list("ConfigMap", five, limit=2, **{"continue": token})
    third = product.list(
        "ConfigMap", five, limit=2, **{"continue": second.body["metadata"]["continue"]}
    )

    pages = [[i["metadata"]["name"] for i in p.body["items"]] for p in (first, second, third)]
    assert pages == [["m0", "m1"], ["m2", "m3"], ["m4"]]
    assert [p.body["metadata"].get("remainingItemCount") for p in (first, second, third)] == [
        3,
        1,
        None,
    ]
    assert "continue" not in third.body["metadata"]
    assert first.version == second.version == third.version


def test_later_pages_show_the_moment_of_the_first(
    administrator: Actor, product: Actor, five: str
) -> None:
    first = product.list("ConfigMap", five, limit=2)
    administrator.delete(config_map(five, "m3"))

    second = product.list(
        "ConfigMap", five, limit=5, **{"continue": first.body["metadata"]["continue"]}
    )

    assert [i["metadata"]["name"] for i in second.body["items"]] == ["m2", "m3", "m4"]


def test_pages_of_a_selection_do_not_count_the_rest(product: Actor, five: str) -> None:
    answer = product.list("ConfigMap", five, limit=2, labelSelector="tier=a")

    assert [i["metadata"]["name"] for i in answer.body["items"]] == ["m0", "m2"]
    assert "remainingItemCount" not in answer.body["metadata"]
    assert answer.body["metadata"]["continue"]


def test_a_page_token_that_is_none_is_refused(product: Actor, place: str) -> None:
    answer = product.list("ConfigMap", place, limit=2, **{"continue": "nonsense"})

    assert answer.status == 400
    assert answer.message.startswith("invalid continue token: continue key is not valid")


def test_a_page_token_expires_with_its_history(
    server: Server, administrator: Actor, product: Actor, place: str
) -> None:
    for name in ("a", "b", "c"):
        administrator.create(lease(place, name))
    first = product.list("Lease", place, limit=1)
    last = administrator.create(lease(place, "d"))
    server.compact(int(last.version))

    answer = product.list(
        "Lease", place, limit=1, **{"continue": first.body["metadata"]["continue"]}
    )

    assert answer.status == 410
    assert answer.body["reason"] == "Expired"
    assert answer.message == (
        "The provided continue parameter is too old to display a consistent list result. "
        "You can start a new list without the continue parameter, or use the continue token "
        "in this response to retrieve the remainder of the results. Continuing with the "
        "provided token results in an inconsistent list - objects that were created, modified, "
        "or deleted between the time the first chunk was returned and now may show up in the "
        "list."
    )
    rest = product.list(
        "Lease", place, limit=5, **{"continue": answer.body["metadata"]["continue"]}
    )
    assert [i["metadata"]["name"] for i in rest.body["items"]] == ["b", "c", "d"]


def test_a_list_at_a_forgotten_version_is_gone(
    server: Server, administrator: Actor, product: Actor, place: str
) -> None:
    old = administrator.create(lease(place, "a")).version
    last = administrator.create(lease(place, "b"))
    server.compact(int(last.version))

    answer = product.list("Lease", place, resourceVersion=old, resourceVersionMatch="Exact")

    assert answer.status == 410
    assert answer.body["reason"] == "Expired"
    assert answer.message.startswith("The resourceVersion for the provided list is too old.")


def test_a_list_may_be_as_of_a_version(administrator: Actor, product: Actor, five: str) -> None:
    version = product.list("ConfigMap", five).version
    administrator.delete(config_map(five, "m3"))

    answer = product.list("ConfigMap", five, resourceVersion=version, resourceVersionMatch="Exact")

    assert [i["metadata"]["name"] for i in answer.body["items"]] == ["m0", "m1", "m2", "m3", "m4"]
    assert answer.version == version


def test_a_list_may_be_not_older_than_a_version(product: Actor, five: str) -> None:
    version = product.list("ConfigMap", five).version

    answer = product.list(
        "ConfigMap", five, resourceVersion=version, resourceVersionMatch="NotOlderThan"
    )

    assert len(answer.body["items"]) == 5
    assert int(answer.version) >= int(version)


def test_a_page_of_a_version_shows_that_version(
    administrator: Actor, product: Actor, five: str
) -> None:
    version = product.list("ConfigMap", five).version
    administrator.delete(config_map(five, "m3"))

    page = product.list("ConfigMap", five, resourceVersion=version, limit=9)
    whole = product.list("ConfigMap", five, resourceVersion=version)

    assert [i["metadata"]["name"] for i in page.body["items"]] == ["m0", "m1", "m2", "m3", "m4"]
    assert [i["metadata"]["name"] for i in whole.body["items"]] == ["m0", "m1", "m2", "m4"]


def test_a_list_of_any_version_comes_whole(product: Actor, five: str) -> None:
    answer = product.list("ConfigMap", five, resourceVersion="0", limit=2)

    assert len(answer.body["items"]) == 5
    assert answer.body["metadata"].keys() == {"resourceVersion"}


@pytest.mark.parametrize(
    ("options", "reason", "why"),
    [
        (
            {"resourceVersionMatch": "Exact"},
            "FieldValueForbidden",
            "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
        (
            {"resourceVersionMatch": "Exact", "resourceVersion": "0"},
            "FieldValueForbidden",
            'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
        (
            {"resourceVersionMatch": "Sideways", "resourceVersion": "1"},
            "FieldValueNotSupported",
            'Unsupported value: "Sideways": supported values: "Exact", "NotOlderThan", ""',
        ),
    ],
    ids=["without a version", "of any version", "unknown"],
)
def test_a_match_of_versions_that_cannot_be(
    product: Actor, place: str, options: dict[str, str], reason: str, why: str
) -> None:
    answer = product.list("ConfigMap", place, **options)

    assert answer.status == 422
    assert answer.causes == [("resourceVersionMatch", reason)]
    assert answer.message == (f'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: {why}')


def test_a_page_token_bears_its_version(product: Actor, five: str) -> None:
    first = product.list("ConfigMap", five, limit=2)
    options = {"continue": first.body["metadata"]["continue"], "resourceVersion": first.version}

    answer = product.list("ConfigMap", five, limit=2, **options)

    assert answer.status == 400
    assert answer.message == "specifying resource version is not allowed when using continue"


def test_a_version_of_the_future_times_out(product: Actor, place: str) -> None:
    answer = product.list("ConfigMap", place, resourceVersion="999999999")

    assert answer.status == 504
    assert answer.body["reason"] == "Timeout"
    assert answer.causes == [("", "ResourceVersionTooLarge")]
    assert answer.body["details"]["retryAfterSeconds"] == 1


def test_a_version_that_is_none_is_refused(product: Actor, place: str) -> None:
    answer = product.list("ConfigMap", place, resourceVersion="abc")

    assert answer.status == 400
    assert answer.message.startswith("invalid resource version")


def test_a_page_token_is_base64_of_its_place(product: Actor, five: str) -> None:
    token = product.list("ConfigMap", five, limit=2).body["metadata"]["continue"]

    told = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))

    assert told["v"] == "meta.k8s.io/v1"
    assert isinstance(told["rv"], int)


@pytest.mark.parametrize("limit", ["many", "-1"])
def test_a_limit_that_is_none(product: Actor, five: str, limit: str) -> None:
    answer = product.list("ConfigMap", five, limit=limit)

    assert answer.status == (400 if limit == "many" else 200)
