"""Whether requests can reach the pools of a route, and what its gateway says when they cannot."""

from dataclasses import replace
from typing import Any

import pytest

from inference.messages import Message
from inference.messages import observation as messages
from inference.observation.ladder import Blind, Rung
from inference.observation.routing import RouteFacts, Seen, assess_route
from inference.observation.summaries import summary_of

Object = dict[str, Any]


def condition(kind: str, status: str = "True", reason: str = "", generation: int = 1) -> Object:
    return {"type": kind, "status": status, "reason": reason, "observedGeneration": generation}


def listener(name: str, *conditions: Object) -> tuple[Object, Object]:
    """What its spec and its status say."""
    said = {"name": name, "conditions": list(conditions)}
    return {"name": name, "port": 80, "protocol": "HTTP"}, said


ADDRESS = {"type": "IPAddress", "value": "192.0.2.1"}
GOOD_LISTENER = listener("http", condition("Accepted"), condition("Programmed"))


def gateway(
    *conditions: Object,
    listeners: tuple[tuple[Object, Object], ...] = (GOOD_LISTENER,),
    addresses: tuple[Object, ...] = (ADDRESS,),
) -> Seen:
    status = {
        "conditions": list(conditions or (condition("Accepted"), condition("Programmed"))),
        "listeners": [said for _, said in listeners],
        "addresses": list(addresses),
    }
    spec = {"listeners": [wanted for wanted, _ in listeners]}
    return Seen(summary_of({"kind": "Gateway", "spec": spec, "status": status}), 1)


def parent(*conditions: Object, name: str = "llm", namespace: str = "gw") -> Object:
    ref = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"parentRef": ref, "conditions": list(conditions)}


ACCEPTED, RESOLVED = condition("Accepted"), condition("ResolvedRefs")


def route(*parents: Object, generation: int = 1) -> Seen:
    summary = summary_of({"kind": "HTTPRoute", "status": {"parents": list(parents)}})
    return Seen(summary, generation)


def pool(*parents: Object, generation: int = 1) -> Seen:
    summary = summary_of({"kind": "InferencePool", "status": {"parents": list(parents)}})
    return Seen(summary, generation)


WELL = RouteFacts(
    gateway_name="gw/llm",
    gateway=gateway(),
    route=route(parent(ACCEPTED, RESOLVED)),
    listener="http",
    pools={"qwen": pool(parent(ACCEPTED, RESOLVED))},
)
BAD_LISTENER = listener(
    "tls", condition("ResolvedRefs", "False", "InvalidCertificateRef"), condition("Programmed")
)
HALF = condition("Programmed", "False", "Invalid")


def refused(kind: str, reason: str) -> Seen:
    told = [ACCEPTED, RESOLVED]
    told = [one for one in told if one["type"] != kind]
    return route(parent(*told, condition(kind, "False", reason)))


STOPS: list[tuple[str, RouteFacts, Message, str]] = [
    ("no route", replace(WELL, route=None), messages.NOT_SEEN, "HTTPRoute"),
    ("no gateway", replace(WELL, gateway=None), messages.GATEWAY_NOT_SEEN, "gw/llm"),
    (
        "a gateway without controller",
        replace(WELL, gateway=gateway(condition("Accepted", "Unknown", "Pending", 0))),
        messages.GATEWAY_NOT_PROGRAMMED,
        "no controller has said so",
    ),
    (
        "a gateway of which nothing is said",
        replace(WELL, gateway=gateway(condition("Ready"), listeners=(listener("http"),))),
        messages.GATEWAY_NOT_PROGRAMMED,
        "no controller has said so",
    ),
    (
        "a gateway that was refused",
        replace(WELL, gateway=gateway(condition("Accepted", "False", "InvalidParameters"))),
        messages.GATEWAY_NOT_PROGRAMMED,
        "InvalidParameters",
    ),
    (
        "a gateway that is not programmed",
        replace(
            WELL,
            gateway=gateway(
                condition("Programmed", "False", "AddressNotAssigned"),
                listeners=(listener("http"),),
            ),
        ),
        messages.GATEWAY_NOT_PROGRAMMED,
        "AddressNotAssigned",
    ),
    (
        "a gateway without address",
        replace(WELL, gateway=gateway(addresses=())),
        messages.GATEWAY_NO_ADDRESS,
        "gw/llm",
    ),
    (
        "a listener that is not there",
        replace(WELL, listener="grpc"),
        messages.LISTENER_MISSING,
        "grpc",
    ),
    (
        "a listener without its certificate",
        replace(WELL, listener="tls", gateway=gateway(HALF, listeners=(BAD_LISTENER,))),
        messages.LISTENER_NOT_READY,
        "InvalidCertificateRef",
    ),
    (
        "a route of which nothing is said",
        replace(WELL, route=route()),
        messages.ROUTE_NOT_JUDGED,
        "",
    ),
    (
        "a route of which another gateway speaks",
        replace(WELL, route=route(parent(ACCEPTED, RESOLVED, name="web"))),
        messages.ROUTE_NOT_JUDGED,
        "",
    ),
    (
        "a route of which a gateway of that name elsewhere speaks",
        replace(WELL, route=route(parent(ACCEPTED, RESOLVED, namespace="other"))),
        messages.ROUTE_NOT_JUDGED,
        "",
    ),
    (
        "a route whose older self was taken",
        replace(WELL, route=route(parent(ACCEPTED, RESOLVED), generation=2)),
        messages.ROUTE_NOT_JUDGED,
        "",
    ),
    (
        "a route that no listener takes",
        replace(WELL, route=refused("Accepted", "NotAllowedByListeners")),
        messages.ROUTE_NOT_ACCEPTED,
        "NotAllowedByListeners",
    ),
    (
        "a route to nowhere",
        replace(WELL, route=refused("ResolvedRefs", "BackendNotFound")),
        messages.ROUTE_BACKEND_MISSING,
        "BackendNotFound",
    ),
    (
        "a route that may not lead there",
        replace(WELL, route=refused("ResolvedRefs", "RefNotPermitted")),
        messages.ROUTE_NOT_PERMITTED,
        "ReferenceGrant",
    ),
    (
        "a route to a kind that the gateway does not know",
        replace(WELL, route=refused("ResolvedRefs", "InvalidKind")),
        messages.ROUTE_UNRESOLVED,
        "InvalidKind",
    ),
    (
        "a pool that is not there",
        replace(WELL, pools={"qwen": None}),
        messages.ROUTE_BACKEND_MISSING,
        "InferencePool qwen",
    ),
    (
        "a pool that the gateway does not take",
        replace(
            WELL,
            pools={"qwen": pool(parent(condition("ResolvedRefs", "False", "InvalidExtensionRef")))},
        ),
        messages.POOL_NOT_ACCEPTED,
        "InvalidExtensionRef",
    ),
    (
        "a route that cannot be read",
        replace(WELL, route=Seen({"problem": "object-unreadable"}, 1)),
        messages.UNREADABLE,
        "HTTPRoute",
    ),
    (
        "a gateway that cannot be read",
        replace(WELL, gateway=Seen({"problem": "object-unreadable"}, 1)),
        messages.UNREADABLE,
        "gw/llm",
    ),
]


@pytest.mark.parametrize(
    ("facts", "message", "reason"), [stop[1:] for stop in STOPS], ids=[stop[0] for stop in STOPS]
)
def test_a_route_stops_where_its_gateway_says(
    facts: RouteFacts, message: Message, reason: str
) -> None:
    found = assess_route(facts)

    assert (found.message, found.is_ready) == (message, False), found.sentence
    assert found.rung <= Rung.ACCEPTED
    assert reason in found.sentence


@pytest.mark.parametrize(
    "facts",
    [
        WELL,
        replace(WELL, listener=""),
        replace(WELL, pools={}),
        replace(WELL, pools={"qwen": pool()}),
        replace(WELL, route=route(parent(ACCEPTED, RESOLVED, namespace=""))),
        replace(WELL, gateway=gateway(condition("Programmed"))),
        replace(WELL, gateway=gateway(HALF, listeners=(GOOD_LISTENER, BAD_LISTENER))),
        replace(WELL, listener="", gateway=gateway(HALF, listeners=(GOOD_LISTENER, BAD_LISTENER))),
        replace(
            WELL,
            pools={"qwen": pool(parent(condition("Accepted", "False"), name="web"))},
        ),
        replace(
            WELL,
            pools={"qwen": pool(parent(condition("Accepted", "False")), generation=2)},
        ),
    ],
)
def test_a_route_is_routable_when_nothing_that_it_needs_is_missing(facts: RouteFacts) -> None:
    found = assess_route(facts)

    assert (found.rung, found.is_ready) == (Rung.ROUTABLE, True), found.sentence


@pytest.mark.parametrize("kind", ["HTTPRoute", "Gateway", "InferencePool"])
def test_what_nobody_watches_leaves_a_route_unknown(kind: str) -> None:
    found = assess_route(replace(WELL, blind={kind: Blind(messages.NEVER_OBSERVED)}))

    assert (found.is_known, found.is_ready) == (False, False)
    assert found.message is messages.NEVER_OBSERVED
