"""The backend llm-d, aggregated: account, Deployment, disruption budget, monitor, pool. Pure."""

from inference.definitions.specs import Toleration
from inference.manifests import Manifest
from inference.rendering import engines
from inference.rendering.objects import (
    PLACEMENT,
    Phase,
    PlacementContext,
    RenderedObject,
    labelled,
    rendered,
)
from inference.rendering.picker import picker_objects

ROLE = "llm-d.ai/role"
SERVING = "llm-d.ai/inference-serving"
AGGREGATED = "prefill-decode"
GRACE_SECONDS = 130
"""As llm-d's charts have it: a request in flight may end."""

POD_MONITOR = ("monitoring.coreos.com/v1", "PodMonitor")
LOCAL_QUEUE = ("kueue.x-k8s.io/v1beta2", "LocalQueue")
QUEUE = "kueue.x-k8s.io/queue-name"


def placement_objects(context: PlacementContext) -> tuple[RenderedObject, ...]:
    """Every object of one placement, in the order of phases.

    Raises Invalid for what cannot be compiled: an image that is not known, more devices than a
    node has, a plugin that the picker does not know.
    """
    made = [
        rendered(Phase.COMPUTE, _account(context)),
        rendered(Phase.COMPUTE, _deployment(context)),
        rendered(Phase.COMPUTE, _budget(context)),
    ]
    if context.serves(*POD_MONITOR):
        made.append(rendered(Phase.COMPUTE, _monitor(context)))
    made += [*picker_objects(context), rendered(Phase.PICKER, _pool(context))]
    return tuple(sorted(made, key=lambda one: one.phase))


def compute_selector(context: PlacementContext) -> dict[str, str]:
    """Labels that never change for a placement: a Deployment's selector cannot."""
    return {PLACEMENT: context.name, ROLE: AGGREGATED}


def _metadata(context: PlacementContext, name: str = "") -> Manifest:
    return {
        "name": name or context.name,
        "namespace": context.namespace,
        "labels": labelled(placement=context.name),
    }


def _account(context: PlacementContext) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(context),
        "automountServiceAccountToken": False,
    }


def _deployment(context: PlacementContext) -> Manifest:
    queue = _queue_labels(context)
    metadata = _metadata(context)
    metadata["labels"] |= queue
    spec: Manifest = {
        "progressDeadlineSeconds": context.placement.ready_within_minutes * 60,
        # There is no spare accelerator to surge into.
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
        },
        "selector": {"matchLabels": compute_selector(context)},
        "template": {
            "metadata": {"labels": _pod_labels(context) | queue},
            "spec": _pod(context),
        },
    }
    if context.placement.replicas is not None:
        spec["replicas"] = context.placement.replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": spec,
    }


def _pod_labels(context: PlacementContext) -> dict[str, str]:
    return {
        **labelled(placement=context.name),
        SERVING: "true",
        ROLE: AGGREGATED,
        "llm-d.ai/model": engines.label_value(context.served_name),
        "llm-d.ai/engine-type": context.model.engine,
        "llm-d.ai/accelerator-vendor": context.pool.accelerator.vendor,
    }


def _queue_labels(context: PlacementContext) -> dict[str, str]:
    if context.pool.queue and context.serves(*LOCAL_QUEUE):
        return {QUEUE: context.pool.queue}
    return {}


def _pod(context: PlacementContext) -> Manifest:
    pool = context.pool
    optional: Manifest = {
        "nodeSelector": dict(pool.node_selector),
        "tolerations": [_toleration(one) for one in pool.tolerations],
        "runtimeClassName": pool.runtime_class,
        "priorityClassName": pool.priority_class,
        "imagePullSecrets": [{"name": context.pull_secret}] if context.pull_secret else [],
    }
    return {
        "serviceAccountName": context.name,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "containers": [engines.container(context)],
        "volumes": engines.volumes(context),
        **{key: value for key, value in optional.items() if value},
    }


def _toleration(one: Toleration) -> Manifest:
    """The operator is written out: one that is missing means Equal to a server, Exists to us."""
    return {name: value for name, value in one.model_dump().items() if value}


def _budget(context: PlacementContext) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _metadata(context),
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": compute_selector(context)},
        },
    }


def _monitor(context: PlacementContext) -> Manifest:
    api_version, kind = POD_MONITOR
    endpoint = {"port": "modelserver", "path": "/metrics", "interval": "15s"}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": _metadata(context),
        "spec": {
            "selector": {"matchLabels": compute_selector(context)},
            "podTargetLabels": [PLACEMENT, ROLE],
            "podMetricsEndpoints": [endpoint],
        },
    }


def _pool(context: PlacementContext) -> Manifest:
    return {
        "apiVersion": "inference.networking.k8s.io/v1",
        "kind": "InferencePool",
        "metadata": _metadata(context),
        "spec": {
            "selector": {"matchLabels": {PLACEMENT: context.name, SERVING: "true"}},
            "targetPorts": [{"number": engines.PORT}],
            "appProtocol": "http",
            "endpointPickerRef": {
                "group": "",
                "kind": "Service",
                "name": f"{context.name}-epp",
                "port": {"number": 9002},
                "failureMode": context.model.picker.failure_mode,
            },
        },
    }
