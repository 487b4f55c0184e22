"""Streams of events: from where they begin, what they hold, how they end."""

import pytest

from tests.contract.actors import Actor, Object
from tests.contract.conftest import Server
from tests.contract.samples import config_map, lease


def labelled(place: str, name: str, **labels: str) -> Object:
    obj = config_map(place, name)
    obj["metadata"]["labels"] = labels
    return obj


def test_a_watch_from_a_list_tells_what_came_after(
    administrator: Actor, product: Actor, place: str
) -> None:
    administrator.create(config_map(place, "before"))
    version = product.list("ConfigMap", place).version
    with product.watch("ConfigMap", place, resourceVersion=version, timeoutSeconds=5) as watch:
        administrator.create(config_map(place, "a"))
        administrator.apply(config_map(place, "a", colour="red"), force="true")
        administrator.delete(config_map(place, "a"))
        events = watch.take(3)

    assert events == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


def test_a_watch_resumes_after_the_last_event(
    administrator: Actor, product: Actor, place: str
) -> None:
    first = administrator.create(config_map(place, "a"))
    administrator.create(config_map(place, "b"))
    administrator.delete(config_map(place, "a"))

    with product.watch(
        "ConfigMap", place, resourceVersion=first.version, timeoutSeconds=5
    ) as watch:
        events = watch.take(2)

    assert events == [("ADDED", "b"), ("DELETED", "a")]


def test_the_object_of_a_deletion_bears_the_version_of_the_deletion(
    administrator: Actor, product: Actor, place: str
) -> None:
    made = administrator.create(config_map(place, "a"))
    with product.watch("ConfigMap", place, resourceVersion=made.version, timeoutSeconds=5) as watch:
        administrator.delete(config_map(place, "a"))
        event = watch.next()

    assert event is not None
    assert event["type"] == "DELETED"
    assert event["object"]["kind"] == "ConfigMap"
    assert event["object"]["data"] == {"colour": "green"}
    assert int(event["object"]["metadata"]["resourceVersion"]) > int(made.version)


@pytest.mark.parametrize("options", [{}, {"resourceVersion": "0"}], ids=["unset", "zero"])
def test_a_watch_from_nowhere_begins_with_what_is_there(
    administrator: Actor, product: Actor, place: str, options: dict[str, str]
) -> None:
    administrator.create(config_map(place, "a"))
    administrator.create(config_map(place, "b"))

    with product.watch("ConfigMap", place, timeoutSeconds=5, **options) as watch:
        events = watch.take(2)

    assert events == [("ADDED", "a"), ("ADDED", "b")]


def test_a_watch_ends_at_its_time(product: Actor, place: str) -> None:
    version = product.list("ConfigMap", place).version

    with product.watch("ConfigMap", place, resourceVersion=version, timeoutSeconds=1) as watch:
        assert watch.status == 200
        assert watch.rest() == []


def test_bookmarks_tell_how_far_the_world_has_gone(
    administrator: Actor, product: Actor, place: str
) -> None:
    version = product.list("ConfigMap", place).version

    with product.watch(
        "ConfigMap",
        place,
        resourceVersion=version,
        timeoutSeconds=3,
        allowWatchBookmarks="true",
    ) as watch:
        elsewhere = administrator.create(config_map("default", place))
        events = watch.rest()

    administrator.delete(config_map("default", place))
    assert {event["type"] for event in events} == {"BOOKMARK"}
    bookmark = events[-1]["object"]
    assert bookmark["kind"] == "ConfigMap"
    assert bookmark["metadata"].keys() == {"resourceVersion"}
    assert int(bookmark["metadata"]["resourceVersion"]) >= int(elsewhere.version)


def test_initial_events_end_with_a_marked_bookmark(
    administrator: Actor, product: Actor, place: str
) -> None:
    administrator.create(config_map(place, "a"))

    with product.watch(
        "ConfigMap",
        place,
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
        allowWatchBookmarks="true",
        timeoutSeconds=5,
    ) as watch:
        first, second = watch.next(), watch.next()

    assert first is not None
    assert second is not None
    assert (first["type"], first["object"]["metadata"]["name"]) == ("ADDED", "a")
    assert second["type"] == "BOOKMARK"
    assert second["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_initial_events_need_a_match(product: Actor, place: str) -> None:
    with product.watch("ConfigMap", place, sendInitialEvents="true", timeoutSeconds=1) as watch:
        answer = watch.next()

    assert watch.status == 422
    assert answer is not None
    assert answer["reason"] == "Invalid"
    assert [cause["field"] for cause in answer["details"]["causes"]] == ["resourceVersionMatch"]


def test_a_match_of_versions_needs_initial_events(product: Actor, place: str) -> None:
    options = {"resourceVersionMatch": "NotOlderThan", "resourceVersion": "1"}
    with product.watch("ConfigMap", place, timeoutSeconds=1, **options) as watch:
        answer = watch.next()

    assert watch.status == 422
    assert answer is not None
    assert [cause["field"] for cause in answer["details"]["causes"]] == ["resourceVersionMatch"]


def test_a_watch_from_a_version_of_the_future_waits(product: Actor, place: str) -> None:
    with product.watch("ConfigMap", place, resourceVersion="999999999", timeoutSeconds=1) as watch:
        assert watch.status == 200
        assert watch.rest() == []


def test_an_object_that_leaves_the_selection_is_told_as_deleted(
    administrator: Actor, product: Actor, place: str
) -> None:
    version = product.list("ConfigMap", place).version
    with product.watch(
        "ConfigMap", place, resourceVersion=version, labelSelector="tier=a", timeoutSeconds=5
    ) as watch:
        administrator.apply(labelled(place, "a", tier="b"))
        administrator.apply(labelled(place, "a", tier="a"))
        administrator.apply(labelled(place, "a", tier="a", more="x"))
        administrator.apply(labelled(place, "a", tier="b"))
        events = watch.take(3)

    assert events == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


def test_one_object_is_watched_by_its_name(
    administrator: Actor, product: Actor, place: str
) -> None:
    version = product.list("ConfigMap", place).version
    with product.watch(
        "ConfigMap",
        place,
        resourceVersion=version,
        fieldSelector="metadata.name=b",
        timeoutSeconds=5,
    ) as watch:
        administrator.create(config_map(place, "a"))
        administrator.create(config_map(place, "b"))
        events = watch.take(1)

    assert events == [("ADDED", "b")]


def test_a_write_that_changes_nothing_is_no_event(
    administrator: Actor, product: Actor, place: str
) -> None:
    made = administrator.apply(config_map(place, "a"))
    with product.watch("ConfigMap", place, resourceVersion=made.version, timeoutSeconds=5) as watch:
        administrator.apply(config_map(place, "a"))
        administrator.apply(config_map(place, "a", colour="red"), dryRun="All")
        administrator.create(config_map(place, "b"))
        events = watch.take(1)

    assert events == [("ADDED", "b")]


def test_a_watch_from_a_forgotten_version_is_told_so_in_the_stream(
    server: Server, administrator: Actor, product: Actor, place: str
) -> None:
    old = administrator.create(lease(place, "a")).version
    administrator.delete(lease(place, "a"))
    last = administrator.create(lease(place, "b"))
    server.compact(int(last.version))

    with product.watch("Lease", place, resourceVersion=old, timeoutSeconds=5) as watch:
        event = watch.next()
        after = watch.next()

    assert watch.status == 200
    assert event is not None
    assert event["type"] == "ERROR"
    assert event["object"]["kind"] == "Status"
    assert event["object"]["code"] == 410
    assert event["object"]["reason"] == "Expired"
    assert after is None


def test_a_watch_of_all_namespaces_needs_the_right(product: Actor) -> None:
    with product.watch("ConfigMap", timeoutSeconds=1) as watch:
        answer = watch.next()

    assert watch.status == 403
    assert answer is not None
    assert answer["reason"] == "Forbidden"


def test_a_watch_from_a_version_that_is_none_is_refused(product: Actor, place: str) -> None:
    with product.watch("ConfigMap", place, resourceVersion="abc", timeoutSeconds=1) as watch:
        answer = watch.next()

    assert watch.status >= 400
    assert answer is not None
    assert answer["kind"] == "Status"
