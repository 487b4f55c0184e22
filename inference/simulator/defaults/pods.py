"""What is filled in in pods and their templates."""

import re

from inference.simulator.defaults.steps import Step, each_of, or_else, steps, usually, within
from inference.simulator.errors import Object
from inference.simulator.schemas.volumes import SOURCES

_MODE = 0o644
_WORD = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_HOST = r"(?:[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
_IMAGE = re.compile(
    rf"{_HOST}{_WORD}(?:/{_WORD})*(?::(?P<tag>\w[\w.-]{{0,127}}))?(?P<digest>@\w+:[0-9a-f]{{32,}})?",
    re.ASCII,
)


def _pull_policy(container: Object) -> str:
    """An image that may become another one under the same name is pulled each time."""
    found = _IMAGE.fullmatch(container.get("image") or "")
    moves = found is not None and not found["digest"] and found["tag"] in (None, "latest")
    return "Always" if moves else "IfNotPresent"


_HTTP = usually(path="/", scheme="HTTP", port=0)
_PROBE = steps(
    or_else(timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3),
    within(httpGet=_HTTP, tcpSocket=usually(port=0), grpc=usually(service="", port=0)),
)
_CONTAINER = steps(
    usually(
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy=_pull_policy,
        resources={},
    ),
    within(
        ports=usually(protocol="TCP"),
        env=within(valueFrom=within(fieldRef=usually(apiVersion="v1"))),
    ),
    each_of("livenessProbe readinessProbe startupProbe", _PROBE),
    within(lifecycle=each_of("postStart preStop", within(httpGet=_HTTP))),
)


def _source(volume: Object) -> None:
    if not any(volume.get(name) is not None for name in SOURCES):
        volume["emptyDir"] = {}


_VOLUME = steps(
    _source,
    each_of("configMap secret projected downwardAPI", usually(defaultMode=_MODE)),
    within(hostPath=usually(type="")),
    within(projected=within(sources=within(serviceAccountToken=usually(expirationSeconds=3600)))),
)


def _one_name_of_the_account(spec: Object) -> None:
    """`serviceAccount` is the old name of `serviceAccountName`; both are told."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


SPEC: Step = steps(
    usually(
        dnsPolicy="ClusterFirst",
        restartPolicy="Always",
        schedulerName="default-scheduler",
        securityContext={},
        terminationGracePeriodSeconds=30,
    ),
    _one_name_of_the_account,
    within(containers=_CONTAINER, initContainers=_CONTAINER, volumes=_VOLUME),
)


def _ask_for_what_is_allowed(container: Object) -> None:
    """A pod that is limited asks for its limits, unless it says what it asks for."""
    resources = container.get("resources") or {}
    limits = resources.get("limits")
    if limits:
        resources["requests"] = {**limits, **(resources.get("requests") or {})}


POD: Step = steps(
    usually(spec={}),
    within(
        spec=steps(
            SPEC,
            usually(enableServiceLinks=True),
            each_of("containers initContainers", _ask_for_what_is_allowed),
        )
    ),
)
TEMPLATED: Step = within(spec=within(template=steps(usually(spec={}), within(spec=SPEC))))
