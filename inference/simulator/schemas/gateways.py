"""The schemas of GatewayClass and Gateway."""

from inference.simulator.schemas.meta import CONDITION, METADATA, SELECTOR
from inference.simulator.schemas.patterns import (
    ADDRESS_TYPE,
    CONTROLLER,
    GROUP,
    HOST_OR_WILDCARD,
    KIND,
    LABEL_VALUE,
    NAME,
    NAMESPACE,
    PORT,
    PROTOCOL,
    SECTION,
)
from inference.simulator.schemas.shapes import (
    INTEGER,
    each,
    fields,
    keyed,
    kind,
    listed,
    mapped,
    one_of,
    text,
    usually,
)

GROUP_NAME = "gateway.networking.k8s.io"


def pending(*types: str) -> list[dict[str, str]]:
    """The conditions of an object that no controller has seen."""
    return [
        {
            "type": name,
            "status": "Unknown",
            "reason": "Pending",
            "message": "Waiting for controller",
            "lastTransitionTime": "1970-01-01T00:00:00Z",
        }
        for name in types
    ]


def _awaiting(*types: str, **parts: dict[str, object]) -> dict[str, object]:
    """A status that says, from the first moment, that nobody has looked yet."""
    told = usually(keyed("type", CONDITION, maxItems=8), pending(*types))
    return usually(fields(parts, conditions=told), {"conditions": pending(*types)})


_TEXTS = text(shortest=0, longest=4096)
_OBJECT = fields(group=GROUP, kind=KIND, name=NAME, namespace=NAMESPACE, needs="group kind name")
_CERTIFICATE = fields(
    group=usually(GROUP, ""),
    kind=usually(KIND, "Secret"),
    name=NAME,
    namespace=NAMESPACE,
    needs="name",
)
_KINDS = listed(fields(group=usually(GROUP, GROUP_NAME), kind=KIND, needs="kind"), maxItems=8)


def _namespaces(*choices: str, default: str) -> dict[str, object]:
    where = {"from": usually(one_of(*choices), default)}
    return usually(fields(where, selector=SELECTOR), {"from": default})


_ALLOWED = usually(
    fields(kinds=_KINDS, namespaces=_namespaces("All", "Selector", "Same", default="Same")),
    {"namespaces": {"from": "Same"}},
)
_VALIDATION = fields(
    validation=fields(
        needs="caCertificateRefs",
        caCertificateRefs=listed(_OBJECT, minItems=1, maxItems=16),
        mode=usually(one_of("AllowValidOnly", "AllowInsecureFallback"), "AllowValidOnly"),
    )
)
_LISTENER = fields(
    needs="name port protocol",
    allowedRoutes=_ALLOWED,
    hostname=HOST_OR_WILDCARD,
    name=SECTION,
    port=PORT,
    protocol=PROTOCOL,
    tls=fields(
        certificateRefs=listed(_CERTIFICATE, maxItems=64),
        mode=usually(one_of("Terminate", "Passthrough"), "Terminate"),
        options=mapped(_TEXTS, maxProperties=16),
    ),
)
_TLS = fields(
    backend=fields(clientCertificateRef=_CERTIFICATE),
    frontend=fields(
        needs="default",
        default=_VALIDATION,
        perPort=keyed("port", fields(port=PORT, tls=_VALIDATION, needs="port tls"), maxItems=64),
    ),
)
_PARAMETERS = fields(group=GROUP, kind=KIND, name=NAME, needs="group kind name")


def _addresses(value: dict[str, object], needs: str = "") -> dict[str, object]:
    address = fields(type=usually(ADDRESS_TYPE, "IPAddress"), value=value, needs=needs)
    return listed(address, maxItems=16)


_LISTENER_STATUS = fields(
    needs="attachedRoutes conditions name",
    attachedRoutes=INTEGER,
    conditions=keyed("type", CONDITION, maxItems=8),
    name=SECTION,
    supportedKinds=_KINDS,
)
GATEWAY_CLASS = kind(
    METADATA,
    needs="spec",
    spec=fields(
        needs="controllerName",
        controllerName=CONTROLLER,
        description=text(longest=64),
        parametersRef=_OBJECT,
    ),
    status=_awaiting(
        "Accepted",
        supportedFeatures=keyed("name", fields(each("name"), needs="name"), maxItems=64),
    ),
)
GATEWAY = kind(
    METADATA,
    needs="spec",
    spec=fields(
        needs="gatewayClassName listeners",
        addresses=_addresses(text(longest=253)),
        allowedListeners=fields(
            namespaces=_namespaces("All", "Selector", "Same", "None", default="None")
        ),
        gatewayClassName=NAME,
        infrastructure=fields(
            annotations=mapped(_TEXTS, maxProperties=16),
            labels=mapped(LABEL_VALUE, maxProperties=8),
            parametersRef=_PARAMETERS,
        ),
        listeners=keyed("name", _LISTENER, minItems=1, maxItems=64),
        tls=_TLS,
    ),
    status=_awaiting(
        "Accepted",
        "Programmed",
        addresses=_addresses(NAME, needs="value"),
        attachedListenerSets=INTEGER,
        listeners=keyed("name", _LISTENER_STATUS, maxItems=64),
    ),
)
