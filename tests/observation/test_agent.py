"""What is there becomes rows, whatever happens to the streams meanwhile."""

import pytest

from inference.clusters.models import LiveObject
from inference.observation.freshness import MISSING, views
from inference.simulator.faults import CutsBefore, Effect, Hangs, When, deep_json
from tests.contract.samples import config_map, named, service_account
from tests.observation.observing import NAMESPACE, East, observing, until


def test_what_is_there_is_seen_as_it_changes_and_goes(east: East) -> None:
    settings = config_map(NAMESPACE)
    with observing():
        until(lambda: not east.is_blind())
        made = east.apply(settings)
        until(lambda: east.seen("settings"))
        first = east.seen("settings")
        east.apply({**settings, "data": {"colour": "red"}})
        until(lambda: _version(east) != made["metadata"]["resourceVersion"])
        second = east.seen("settings")
        east.delete(settings)
        until(lambda: not east.seen("settings"))

    assert first is not None
    assert second is not None
    assert first.uid == second.uid == made["metadata"]["uid"]
    assert first.values_hash != second.values_hash
    assert LiveObject.objects.get(name="settings").gone_at is not None


def _version(east: East) -> str:
    found = east.seen("settings")
    return found.resource_version if found else ""


def test_what_went_while_nobody_looked_is_told_by_the_next_observer(east: East) -> None:
    east.put(config_map(NAMESPACE, "gone"))
    east.put(config_map(NAMESPACE, "kept"))
    with observing():
        until(lambda: east.seen("gone") and east.seen("kept"))
    east.delete(config_map(NAMESPACE, "gone"))
    east.put(config_map(NAMESPACE, "new"))

    with observing():
        until(lambda: east.seen("new") and not east.seen("gone"))

    assert east.seen("kept")


def test_an_object_that_was_made_anew_is_another_one(east: East) -> None:
    east.put(config_map(NAMESPACE))
    with observing():
        until(lambda: east.seen("settings"))
        east.delete(config_map(NAMESPACE))
        again = east.put(config_map(NAMESPACE))
        until(lambda: _uid(east) == again["metadata"]["uid"])

    assert LiveObject.objects.filter(name="settings").count() == 1


def _uid(east: East) -> str:
    found = east.seen("settings")
    return found.uid if found else ""


def test_a_namespace_that_is_granted_later_is_watched_from_then_on(east: East) -> None:
    east.put(named("v1", "Namespace", "", "later"))
    east.put(config_map("later", "elsewhere"))
    with observing():
        until(lambda: not east.is_blind())
        before = east.seen("elsewhere")
        east.grant("later")
        until(lambda: east.seen("elsewhere"))

    assert before is None


def test_a_namespace_that_is_missing_is_said_to_be_until_it_is_there(east: East) -> None:
    scope = (east.row.pk, "soon")
    east.grant("soon")
    with observing():
        until(lambda: views([scope])[scope].stop)
        stop = views([scope])[scope].stop
        east.put(named("v1", "Namespace", "", "soon"))
        until(lambda: views([scope])[scope].stop is None)

    assert stop is not None
    assert stop.message is MISSING
    assert "soon" in stop.sentence


def test_a_stream_that_breaks_is_followed_from_where_it_was(east: East) -> None:
    with observing():
        until(lambda: not east.is_blind())
        mend = east.fail(When(verb="watch", resource="configmaps", times=2), CutsBefore())
        east.put(config_map(NAMESPACE, "one"))
        until(lambda: east.seen("one"))
        east.put(config_map(NAMESPACE, "two"))
        until(lambda: east.seen("two"))
        mend()

    assert not east.row.watches.exclude(problem_code="").exists()


@pytest.mark.parametrize("effect", [CutsBefore(), Hangs(), deep_json()], ids=type)
def test_a_kind_that_cannot_be_listed_is_not_seen_and_the_others_are(
    east: East, effect: Effect
) -> None:
    east.put(service_account(NAMESPACE))
    mend = east.fail(When(verb="list", resource="configmaps"), effect)
    with observing():
        until(lambda: east.seen("runner", "ServiceAccount"))
        was_blind = east.is_blind("ConfigMap")
        mend()
        east.put(config_map(NAMESPACE))
        until(lambda: east.seen("settings"))

    assert was_blind
    assert not east.is_blind("ServiceAccount")


def test_the_silence_of_what_nobody_watches_any_more_means_nothing(east: East) -> None:
    east.put(named("v1", "Namespace", "", "later"))
    with observing():
        until(lambda: not east.is_blind())
        east.grant("later")
        until(lambda: east.row.watches.filter(namespace="later").exists())
        east.row.grants.filter(namespace="later").delete()
        until(lambda: not east.row.watches.filter(namespace="later").exists())

    assert not east.is_blind()
