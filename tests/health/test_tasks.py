"""The probe of a route: where it asks, what it writes down, and when it asks again."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from inference.clusters.models import Cluster, EgressRange, LiveObject
from inference.clusters.models import Gateway as GatewayRow
from inference.definitions.models import Route
from inference.health import tasks
from inference.health.targets import served_now, target_of
from inference.health.tasks import SIGNAL, SOON, probe
from inference.messages import health as messages
from inference.observation.models import Reading
from inference.observation.summaries import summary_of
from tests.constraints.rows import furnish
from tests.health.gateways import COMPLETION, gateway, nowhere, says


@pytest.fixture
def route(db: None) -> Route:
    """A route whose gateway listens on loopback, where dialling is allowed."""
    house = furnish()
    Reading.objects.all().delete()
    EgressRange.objects.get_or_create(cidr="127.0.0.0/8", defaults={"reason": "tests"})
    found: Route = house[Route]
    return found


def see(route: Route, *ports: int, address: str = "127.0.0.1", **more: Any) -> LiveObject:
    """The gateway of the route as an observer has seen it, with a listener for each port."""
    listeners = [
        {"name": f"l{number}", "port": port, "protocol": "HTTP", **more}
        for number, port in enumerate(ports)
    ]
    status = {"addresses": [{"value": address}] if address else []}
    place = {"namespace": route.gateway.namespace, "name": route.gateway.name}
    return LiveObject.objects.create(
        cluster=route.gateway.cluster,
        api_version="gateway.networking.k8s.io/v1",
        group="gateway.networking.k8s.io",
        kind="Gateway",
        uid="gateway",
        summary=summary_of({"kind": "Gateway", "spec": {"listeners": listeners}, "status": status}),
        seen_at=timezone.now(),
        changed_at=timezone.now(),
        **place,
    )


def listen_at(route: Route, name: str) -> None:
    GatewayRow.objects.filter(pk=route.gateway_id).update(listener=name)


def reading_of(route: Route) -> Reading:
    return Reading.objects.get(subject_id=route.pk)


def test_a_token_is_written_down_with_its_source_and_its_time(route: Route) -> None:
    with gateway(says(COMPLETION, x_inference_pod="qwen-a")) as there:
        see(route, there.port)
        before = timezone.now()
        again = probe(str(route.pk))

    found = reading_of(route)
    assert (found.subject_kind, found.signal, found.source) == ("route", SIGNAL, "probe")
    assert (found.cluster_id, found.code) == (route.gateway.cluster_id, "")
    assert found.value is not None
    assert found.params == {"model": "qwen3", "replica": "qwen-a"}
    assert before <= found.at <= timezone.now()
    assert again == settings.PROBE_EVERY


def test_the_request_names_host_path_and_model_of_the_route(route: Route) -> None:
    with gateway(says(COMPLETION)) as there:
        see(route, there.port)
        probe(str(route.pk))

    ((head, body),) = there.requests
    assert f"Host: {route.hostname}" in head
    assert head.startswith(f"POST {route.path_prefix}/v1/chat/completions")
    served = route.members.get().placement.served_model.served_name
    assert body["model"] == served


def test_one_probe_is_one_request_and_one_reading(route: Route) -> None:
    with gateway(says(COMPLETION)) as there:
        see(route, there.port)
        for _ in range(3):
            probe(str(route.pk))

    assert len(there.requests) == Reading.objects.filter(subject_id=route.pk).count() == 3


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (says({"error": "no healthy upstream"}, 503), messages.REFUSED.code),
        (says({"object": "list"}), messages.NOT_A_COMPLETION.code),
        (b"", messages.UNREACHABLE.code),
    ],
)
def test_without_a_token_the_reading_says_why_and_it_is_asked_again_soon(
    route: Route, answer: bytes, code: str
) -> None:
    with gateway(answer) as there:
        see(route, there.port)
        again = probe(str(route.pk))

    found = reading_of(route)
    assert (found.value, found.code) == (None, code)
    assert again == SOON


def failed_since(route: Route, seconds: float, value: int | None = None) -> None:
    """A probe without a token, so long ago; or with one."""
    Reading.objects.create(
        cluster=route.gateway.cluster,
        subject_kind="route",
        subject_id=route.pk,
        signal=SIGNAL,
        value=value,
        code="" if value else messages.TOO_SLOW.code,
        source="probe",
        at=timezone.now() - timedelta(seconds=seconds),
    )


def test_a_route_that_goes_on_failing_is_asked_ever_more_rarely(route: Route) -> None:
    see(route, nowhere())
    waits = []
    for seconds in (0, 20, 59, 3600):
        Reading.objects.filter(subject_id=route.pk).delete()
        for ago in range(0, min(seconds, 600), 10):
            failed_since(route, ago)
        failed_since(route, seconds)
        waits.append(probe(str(route.pk)))

    first, second, third, last = (wait.total_seconds() for wait in waits if wait)
    assert first == SOON.total_seconds() < second < third
    assert last == settings.PROBE_EVERY.total_seconds()


def test_a_failure_after_a_token_is_looked_at_again_soon(route: Route) -> None:
    see(route, nowhere())
    failed_since(route, 50)
    failed_since(route, 5, value=12)

    assert probe(str(route.pk)) == SOON


def test_a_gateway_that_does_not_listen_is_unreachable(route: Route) -> None:
    see(route, nowhere())

    probe(str(route.pk))

    assert reading_of(route).code == messages.UNREACHABLE.code


def test_a_gateway_outside_the_allowed_ranges_is_not_dialled(route: Route) -> None:
    EgressRange.objects.all().delete()
    with gateway(says(COMPLETION)) as there:
        see(route, there.port)
        probe(str(route.pk))

    assert there.requests == []
    assert reading_of(route).code == messages.NOT_DIALLED.code


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_gateway_without_address_is_not_asked(route: Route, is_seen: bool) -> None:
    if is_seen:
        see(route, 80, address="")

    probe(str(route.pk))

    expected = messages.NO_ADDRESS if is_seen else messages.GATEWAY_UNSEEN
    assert reading_of(route).code == expected.code


def test_a_gateway_that_is_gone_is_not_asked(route: Route) -> None:
    with gateway(says(COMPLETION)) as there:
        row = see(route, there.port)
        LiveObject.objects.filter(pk=row.pk).update(gone_at=timezone.now())
        probe(str(route.pk))

    assert there.requests == []
    assert reading_of(route).code == messages.GATEWAY_UNSEEN.code


@pytest.mark.parametrize(("listener", "protocol"), [("other", "HTTP"), ("", "TCP"), ("l0", "TLS")])
def test_a_gateway_without_a_listener_to_ask_says_so(
    route: Route, listener: str, protocol: str
) -> None:
    listen_at(route, listener)
    see(route, 80, protocol=protocol)

    probe(str(route.pk))

    assert reading_of(route).code == messages.NO_LISTENER.code


def test_the_listener_that_the_route_names_is_asked(route: Route) -> None:
    listen_at(route, "l1")
    with gateway(says(COMPLETION)) as first, gateway(says(COMPLETION)) as second:
        see(route, first.port, second.port)
        probe(str(route.pk))

    assert (len(first.requests), len(second.requests)) == (0, 1)


def _delete(route: Route) -> None:
    Route.objects.filter(pk=route.pk).update(deleted_at=timezone.now())


def _hold(route: Route) -> None:
    Cluster.objects.filter(pk=route.gateway.cluster_id).update(state=Cluster.State.HELD)


@pytest.mark.parametrize("end", [_delete, _hold])
def test_a_route_that_is_gone_or_held_is_not_asked_any_more(route: Route, end: Any) -> None:
    with gateway(says(COMPLETION)) as there:
        see(route, there.port)
        end(route)
        again = probe(str(route.pk))

    assert again is None
    assert there.requests == []
    assert not Reading.objects.filter(subject_id=route.pk).exists()


def test_old_readings_are_forgotten(route: Route) -> None:
    see(route, nowhere())
    fields = {
        "cluster": route.gateway.cluster,
        "subject_kind": "route",
        "subject_id": route.pk,
        "signal": SIGNAL,
        "value": 1,
        "source": "probe",
    }
    old, young = (
        Reading.objects.create(**fields, at=timezone.now() - tasks.KEPT_FOR + timedelta(hours=late))
        for late in (-1, 1)
    )

    probe(str(route.pk))

    kept = set(Reading.objects.values_list("pk", flat=True))
    assert old.pk not in kept
    assert young.pk in kept


def test_the_listener_that_serves_its_hostname_is_asked(route: Route) -> None:
    Route.objects.filter(pk=route.pk).update(hostname="chat.example.com")
    with gateway(says(COMPLETION)) as there:
        seen = see(route, nowhere(), nowhere(), there.port)
        hostnames = ("other.example.com", "*.example.org", "*.example.com")
        for listener, hostname in zip(seen.summary["listeners"], hostnames, strict=True):
            listener["hostname"] = hostname
        seen.save()

        probe(str(route.pk))

    assert reading_of(route).value is not None


def test_an_authority_of_the_gateway_goes_with_its_target(route: Route) -> None:
    GatewayRow.objects.filter(pk=route.gateway_id).update(ca_pem="of the gateway")
    see(route, 443, protocol="HTTPS")

    assert target_of(served_now().get(pk=route.pk)).ca_pem == "of the gateway"
