"""Whose object answers a planned creation with 200: a table of what servers say."""

from typing import Any

import pytest

from inference.delivery.ownership import is_ours, others

BORN = "2026-06-01T12:00:00Z"
BEFORE = "2026-06-01T11:59:59Z"
AFTER = "2026-06-01T12:00:01Z"


def entry(manager: str, time: str | None, operation: str = "Apply", **more: Any) -> dict[str, Any]:
    found = {"manager": manager, "operation": operation, **more}
    return {**found, "time": time} if time else found


def answer(*entries: dict[str, Any], born: str | None = BORN) -> dict[str, Any]:
    return {"metadata": {"creationTimestamp": born, "managedFields": list(entries)}}


OURS = entry("waybill", BORN)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(OURS), id="only ours"),
        pytest.param(answer(entry("waybill", BEFORE)), id="the entry was written a second before"),
        pytest.param(answer(OURS, entry("kubectl", AFTER, "Update")), id="touched later"),
        pytest.param(
            answer(OURS, entry("controller", BORN, "Update", subresource="status")),
            id="a controller wrote its status at once",
        ),
    ],
)
def test_an_announced_creation_is_ours_when_we_are_as_old_as_the_object(
    said: dict[str, Any],
) -> None:
    assert is_ours(said, was_announced=True)
    assert not is_ours(said, was_announced=False)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            answer(entry("kubectl", BORN, "Update"), entry("waybill", AFTER)), id="ours is younger"
        ),
        pytest.param(
            answer(entry("kubectl", BORN, "Update"), OURS), id="all in one second: we cannot know"
        ),
        pytest.param(answer(entry("kubectl", BORN), OURS), id="somebody else applied it"),
        pytest.param(answer(entry("waybill", BORN, "Update")), id="our name, but not by applying"),
        pytest.param(answer(OURS, entry("kubectl", None)), id="an entry without a time"),
        pytest.param(answer(OURS, entry("kubectl", "noon")), id="an entry with no readable time"),
        pytest.param(answer(entry("waybill", None)), id="ours without a time"),
        pytest.param(answer(OURS, born=None), id="an object without an age"),
        pytest.param(answer(), id="no entries at all"),
        pytest.param({"metadata": {"creationTimestamp": BORN}}, id="no managedFields"),
    ],
)
def test_in_doubt_an_object_is_not_ours(said: dict[str, Any]) -> None:
    assert not is_ours(said, was_announced=True)


def test_others_names_the_managers_that_are_not_us() -> None:
    said = answer(
        OURS,
        entry("kubectl", BORN, "Update"),
        entry("argocd", BORN),
        entry("gateway", BORN, "Update", subresource="status"),
    )

    assert others(said) == "argocd, kubectl"


def test_others_says_when_nobody_is_named() -> None:
    assert others(answer()) == "nobody that the cluster names"
