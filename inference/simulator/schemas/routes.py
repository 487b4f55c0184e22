"""The schema of HTTPRoute."""

from inference.simulator.schemas.gateways import GROUP_NAME
from inference.simulator.schemas.meta import CONDITION, METADATA
from inference.simulator.schemas.patterns import (
    CONTROLLER,
    DURATION,
    GROUP,
    HEADER,
    HOST,
    HOST_OR_WILDCARD,
    KIND,
    MATCH,
    METHODS,
    NAME,
    NAMESPACE,
    PORT,
    SECTION,
)
from inference.simulator.schemas.shapes import (
    BOOLEAN,
    fields,
    keyed,
    kind,
    listed,
    number,
    one_of,
    set_of,
    text,
    usually,
)

_PARENT = fields(
    needs="name",
    group=usually(GROUP, GROUP_NAME),
    kind=usually(KIND, "Gateway"),
    name=NAME,
    namespace=NAMESPACE,
    port=PORT,
    sectionName=SECTION,
)
_BACKEND = {
    "group": usually(GROUP, ""),
    "kind": usually(KIND, "Service"),
    "name": NAME,
    "namespace": NAMESPACE,
    "port": PORT,
}
_VALUE = text(shortest=1, longest=4096)
_HEADERS = keyed("name", fields(name=HEADER, value=_VALUE, needs="name value"), maxItems=16)
_MODIFIER = fields(add=_HEADERS, set=_HEADERS, remove=set_of(maxItems=16))
_NEW_PATH = fields(
    needs="type",
    type=one_of("ReplaceFullPath", "ReplacePrefixMatch"),
    replaceFullPath=text(longest=1024),
    replacePrefixMatch=text(longest=1024),
)
_ORIGIN = text(
    r"(^\*$)|(^(http(s)?):\/\/(((\*\.)?([a-zA-Z0-9\-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$)",
    shortest=1,
    longest=253,
)
_CORS = fields(
    allowCredentials=BOOLEAN,
    allowHeaders=set_of(HEADER, maxItems=64),
    allowMethods=set_of(one_of(*METHODS, "*"), maxItems=9),
    allowOrigins=set_of(_ORIGIN, maxItems=64),
    exposeHeaders=set_of(HEADER, maxItems=64),
    maxAge=usually(number(1), 5),
)
_REDIRECT = fields(
    hostname=HOST,
    path=_NEW_PATH,
    port=PORT,
    scheme=one_of("http", "https"),
    statusCode=usually(one_of(301, 302, 303, 307, 308), 302),
)
_MIRROR = fields(
    needs="backendRef",
    backendRef=fields(_BACKEND, needs="name"),
    fraction=fields(needs="numerator", denominator=usually(number(1), 100), numerator=number(0)),
    percent=number(0, 100),
)
FILTERS = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "ExtensionRef": "extensionRef",
    "CORS": "cors",
}
"""The types of filters, each with the field that configures it."""
_FILTERS = listed(
    fields(
        needs="type",
        type=one_of(*FILTERS),
        cors=_CORS,
        extensionRef=fields(group=GROUP, kind=KIND, name=NAME, needs="group kind name"),
        requestHeaderModifier=_MODIFIER,
        responseHeaderModifier=_MODIFIER,
        requestMirror=_MIRROR,
        requestRedirect=_REDIRECT,
        urlRewrite=fields(hostname=HOST, path=_NEW_PATH),
    ),
    maxItems=16,
)
_ROOT = {"type": "PathPrefix", "value": "/"}
_PATH = fields(
    type=usually(one_of("Exact", "PathPrefix", "RegularExpression"), "PathPrefix"),
    value=usually(text(longest=1024), "/"),
)


def _matched(longest: int) -> dict[str, object]:
    value = text(shortest=1, longest=longest)
    return keyed(
        "name", fields(name=HEADER, type=MATCH, value=value, needs="name value"), maxItems=16
    )


_MATCHES = listed(
    fields(
        headers=_matched(4096),
        method=one_of(*METHODS),
        path=usually(_PATH, _ROOT),
        queryParams=_matched(1024),
    ),
    maxItems=64,
)
_RULE = fields(
    backendRefs=listed(
        fields(_BACKEND, needs="name", filters=_FILTERS, weight=usually(number(0, 1_000_000), 1)),
        maxItems=16,
    ),
    filters=_FILTERS,
    matches=usually(_MATCHES, [{"path": _ROOT}]),
    name=SECTION,
    timeouts=fields(backendRequest=DURATION, request=DURATION),
)
_PARENT_STATUS = fields(
    needs="conditions controllerName parentRef",
    conditions=keyed("type", CONDITION, minItems=1, maxItems=8),
    controllerName=CONTROLLER,
    parentRef=_PARENT,
)
ROUTE = kind(
    METADATA,
    needs="spec",
    spec=fields(
        hostnames=listed(HOST_OR_WILDCARD, maxItems=16),
        parentRefs=listed(_PARENT, maxItems=32),
        rules=usually(listed(_RULE, minItems=1, maxItems=16), [{"matches": [{"path": _ROOT}]}]),
    ),
    status=fields(parents=listed(_PARENT_STATUS, maxItems=32), needs="parents"),
)
