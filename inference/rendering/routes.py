"""One HTTPRoute per route: hostname, path, and the weighted pools behind it. Pure."""

from inference.manifests import Manifest
from inference.rendering.objects import Phase, RenderedObject, RouteContext, labelled, rendered


def route_objects(context: RouteContext) -> tuple[RenderedObject, ...]:
    gateway = context.route.gateway
    parent: Manifest = {
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        "name": gateway.name,
        "namespace": gateway.namespace,
    }
    if context.listener:
        parent["sectionName"] = context.listener
    path = context.route.path_prefix or "/"
    manifest: Manifest = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {
            "name": context.name,
            "namespace": context.namespace,
            "labels": labelled(route=context.name),
        },
        "spec": {
            "parentRefs": [parent],
            "hostnames": [context.route.hostname],
            "rules": [
                {
                    "matches": [{"path": {"type": "PathPrefix", "value": path}}],
                    "backendRefs": [
                        {
                            "group": "inference.networking.k8s.io",
                            "kind": "InferencePool",
                            "name": member.pool,
                            "weight": member.weight,
                        }
                        for member in context.members
                    ],
                    "timeouts": {"request": f"{context.route.timeout_seconds}s"},
                }
            ],
        },
    }
    return (rendered(Phase.ROUTE, manifest),)
