"""Objects of custom kinds that an API server refuses: a sample and the edit that spoils it."""

from tests.contract.edits import GONE, Edit, put, rule
from tests.contract.samples import (
    Maker,
    gateway,
    objective,
    pod_monitor,
    pool,
    rewrite,
    route,
    service_monitor,
)

_SERVICE_BACKEND = {"name": "picker"}
_HEADER = {"type": "RequestHeaderModifier"}

CUSTOM: dict[str, tuple[Maker, Edit]] = {
    "a pool without a selector": (pool, put(spec__selector=GONE)),
    "a pool without labels": (pool, put(spec__selector={})),
    "a pool with a label that is none": (pool, put(spec__selector__matchLabels={"app": "a b"})),
    "a pool without ports": (pool, put(spec__targetPorts=[])),
    "a pool with nine ports": (
        pool,
        put(spec__targetPorts=[{"number": number} for number in range(1, 10)]),
    ),
    "a pool with a port twice": (pool, put(spec__targetPorts=[{"number": 80}, {"number": 80}])),
    "a pool with a port out of range": (pool, put(spec__targetPorts=[{"number": 70000}])),
    "a pool whose picker has no name": (pool, put(spec__endpointPickerRef__name=GONE)),
    "a pool whose picker has no port": (pool, put(spec__endpointPickerRef__port=GONE)),
    "a pool with an unknown failure mode": (
        pool,
        put(spec__endpointPickerRef__failureMode="FailSometimes"),
    ),
    "a pool with an unknown protocol": (pool, put(spec__appProtocol="smtp")),
    "a pool with two mistakes": (
        pool,
        put(spec__appProtocol="smtp", spec__endpointPickerRef__port=GONE),
    ),
    "a route with a hostname in capitals": (route, put(spec__hostnames=["Chat.example.com"])),
    "a route without a spec": (route, put(spec=GONE)),
    "a route with a hostname that is too long": (
        route,
        put(spec__hostnames=[".".join("h" * 63 for _ in range(4))]),
    ),
    "a route with null for hostnames": (route, put(spec__hostnames=None)),
    "a route with seventeen hostnames": (
        route,
        put(spec__hostnames=[f"h{number}.example.com" for number in range(17)]),
    ),
    "a route with a parent twice": (
        route,
        put(spec__parentRefs=[{"name": "front"}, {"name": "front"}]),
    ),
    "a route with a parent whole and in part": (
        route,
        put(spec__parentRefs=[{"name": "front"}, {"name": "front", "sectionName": "http"}]),
    ),
    "a route with a listener in capitals": (
        route,
        put(spec__parentRefs=[{"name": "front", "sectionName": "HTTP"}]),
    ),
    "a route with a path that is relative": (
        route,
        rule(matches=[{"path": {"type": "PathPrefix", "value": "v1"}}]),
    ),
    "a route with a double slash": (
        route,
        rule(matches=[{"path": {"type": "PathPrefix", "value": "/v1//x"}}]),
    ),
    **{
        f"a route with {part} in a path": (
            route,
            rule(matches=[{"path": {"type": "Exact", "value": f"/v1{part}"}}]),
        )
        for part in ("/./x", "/..", "/.", "%2f", "%2F", "#")
    },
    "a route with a path that goes up": (
        route,
        rule(matches=[{"path": {"type": "Exact", "value": "/v1/../x"}}]),
    ),
    "a route with a space in a path": (
        route,
        rule(matches=[{"path": {"type": "PathPrefix", "value": "/v 1"}}]),
    ),
    "a route with an unknown match": (
        route,
        rule(matches=[{"path": {"type": "Near", "value": "/"}}]),
    ),
    "a route with a header that is none": (
        route,
        rule(matches=[{"headers": [{"name": "a b", "value": "c"}]}]),
    ),
    "a route with a weight below zero": (route, rule(backendRefs__0__weight=-1)),
    "a route with a weight too great": (route, rule(backendRefs__0__weight=1000001)),
    "a route to a service without a port": (route, rule(backendRefs=[_SERVICE_BACKEND])),
    "a route with seventeen backends": (
        route,
        rule(backendRefs=[{"name": f"s{n}", "port": 80} for n in range(17)]),
    ),
    "a route with seventeen rules": (
        route,
        put(spec__rules=[{"name": f"r{number}"} for number in range(17)]),
    ),
    "a route with a timeout that is none": (route, rule(timeouts={"request": "5 minutes"})),
    "a route with a longer timeout behind": (
        route,
        rule(timeouts={"request": "1s", "backendRequest": "2s"}),
    ),
    "a route with a filter that is empty": (route, rule(filters=[_HEADER])),
    "a route with a filter of another type": (
        route,
        rule(filters=[{"type": "URLRewrite", "requestHeaderModifier": {"remove": ["a"]}}]),
    ),
    "a backend with a filter that is empty": (route, rule(backendRefs__0__filters=[_HEADER])),
    "a route that rewrites twice": (
        route,
        rule(filters=[{"type": "URLRewrite", "urlRewrite": {"hostname": "x.example.com"}}] * 2),
    ),
    "a route with a filter twice": (
        route,
        rule(filters=[{**_HEADER, "requestHeaderModifier": {"remove": ["a"]}}] * 2),
    ),
    "a route that redirects and forwards": (
        route,
        rule(
            filters=[{"type": "RequestRedirect", "requestRedirect": {"hostname": "x.example.com"}}]
        ),
    ),
    "a route that rewrites to nothing": (
        route,
        rule(filters=[{"type": "URLRewrite", "urlRewrite": {"path": {"type": "ReplaceFullPath"}}}]),
    ),
    "a gateway without a class": (gateway, put(spec__gatewayClassName=GONE)),
    "a gateway without listeners": (gateway, put(spec__listeners=[])),
    "a gateway with one listener twice": (
        gateway,
        put(
            spec__listeners=[
                {"name": "a", "port": 80, "protocol": "HTTP"},
                {"name": "b", "port": 80, "protocol": "HTTP"},
            ]
        ),
    ),
    "a gateway with a port out of range": (gateway, put(spec__listeners__0__port=0)),
    "an objective without a pool": (objective, put(spec__poolRef=GONE)),
    "an objective of an unnamed pool": (objective, put(spec__poolRef={"name": ""})),
    "a rewrite without targets": (rewrite, put(spec__rules__0__targets=[])),
    "a rewrite with a weight too great": (rewrite, put(spec__rules__0__targets__0__weight=-1)),
    "a rewrite with an unknown match": (
        rewrite,
        put(spec__rules__0__matches=[{"model": {"type": "Near", "value": "a"}}]),
    ),
    "a rewrite of an empty name": (
        rewrite,
        put(spec__rules__0__matches=[{"model": {"value": ""}}]),
    ),
    "a pod monitor without a selector": (pod_monitor, put(spec__selector=GONE)),
    "a pod monitor with a bad interval": (
        pod_monitor,
        put(spec__podMetricsEndpoints__0__interval="often"),
    ),
    "a service monitor without endpoints": (service_monitor, put(spec__endpoints=GONE)),
    "a service monitor with a bad interval": (
        service_monitor,
        put(spec__endpoints__0__interval="10 s"),
    ),
    "a service monitor with an unknown scheme": (
        service_monitor,
        put(spec__endpoints__0__scheme="gopher"),
    ),
}
"""What the schemas and rules of custom kinds refuse."""
