"""What is filled in in each built-in kind, in one table."""

from inference.simulator.defaults import pods
from inference.simulator.defaults.steps import Step, steps, usually, within
from inference.simulator.errors import Object

_RBAC = "rbac.authorization.k8s.io"
_ROLLING = {"maxSurge": "25%", "maxUnavailable": "25%"}


def _rolling_update(strategy: Object) -> None:
    if strategy["type"] == "RollingUpdate":
        usually(rollingUpdate={})(strategy)
        usually(**_ROLLING)(strategy["rollingUpdate"])


def _group_of_the_subject(subject: Object) -> None:
    if subject.get("kind") in {"User", "Group"}:
        usually(apiGroup=_RBAC)(subject)


def _own_name(namespace: Object) -> None:
    """A namespace can be selected by its name, which is a label of it."""
    labels = namespace["metadata"].get("labels") or {}
    name = namespace["metadata"].get("name", "")
    namespace["metadata"]["labels"] = {**labels, "kubernetes.io/metadata.name": name}


def _target(port: Object) -> None:
    """Traffic goes to the port of the same number."""
    if port.get("targetPort") in (None, ""):
        port["targetPort"] = port.get("port")


_SERVICE = steps(
    usually(sessionAffinity="None", type="ClusterIP"),
    lambda spec: (
        None if spec["type"] == "ExternalName" else usually(internalTrafficPolicy="Cluster")(spec)
    ),
    within(ports=steps(usually(protocol="TCP", port=0), _target)),
)
_BINDING = within(roleRef=usually(apiGroup=_RBAC), subjects=_group_of_the_subject)
_COUNTS = usually(currentHealthy=0, desiredHealthy=0, disruptionsAllowed=0, expectedPods=0)

DEFAULTS: dict[str, Step] = {
    "Namespace": _own_name,
    "Pod": pods.POD,
    "Deployment": steps(
        usually(spec={}),
        within(spec=usually(template={})),
        pods.TEMPLATED,
        within(
            spec=steps(
                usually(
                    replicas=1,
                    strategy={},
                    revisionHistoryLimit=10,
                    progressDeadlineSeconds=600,
                ),
                within(strategy=steps(usually(type="RollingUpdate"), _rolling_update)),
            )
        ),
    ),
    "ReplicaSet": steps(
        usually(spec={}),
        within(spec=usually(template={})),
        pods.TEMPLATED,
        within(spec=usually(replicas=1)),
    ),
    "PodDisruptionBudget": steps(usually(spec={}), within(status=_COUNTS)),
    "Service": steps(usually(spec={}), within(spec=_SERVICE)),
    "PersistentVolumeClaim": steps(
        usually(spec={}), within(spec=usually(volumeMode="Filesystem", resources={}))
    ),
    "Secret": usually(type="Opaque"),
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
    "EndpointSlice": within(ports=usually(name="", protocol="TCP")),
    "Event": usually(source={}, reportingComponent="", reportingInstance=""),
}
