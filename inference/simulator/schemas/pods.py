"""The schema of pods, and of the templates that Deployments and ReplicaSets make them from."""

from inference.simulator.schemas.containers import CONTAINER, EPHEMERAL_CONTAINER, RESOURCES
from inference.simulator.schemas.meta import LOCAL_REFERENCE, METADATA, conditions
from inference.simulator.schemas.scheduling import AFFINITY, SPREAD, TOLERATION
from inference.simulator.schemas.shapes import (
    BOOLEAN,
    INTEGER,
    LONG,
    QUANTITY,
    TIME,
    each,
    fields,
    keyed,
    kind,
    listed,
    mapped,
)
from inference.simulator.schemas.volumes import VOLUME

SECURITY = fields(
    each("fsGroup runAsGroup runAsUser", LONG),
    each("fsGroupChangePolicy seLinuxChangePolicy supplementalGroupsPolicy"),
    runAsNonRoot=BOOLEAN,
    supplementalGroups=listed(LONG),
    seccompProfile=fields(each("type localhostProfile"), needs="type"),
    appArmorProfile=fields(each("type localhostProfile"), needs="type"),
    seLinuxOptions=fields(each("level role type user")),
    sysctls=listed(fields(each("name value"), needs="name value")),
)
DNS = fields(
    nameservers=listed(),
    searches=listed(),
    options=listed(fields(each("name value"))),
)
POD_SPEC = fields(
    each(
        "dnsPolicy hostname nodeName preemptionPolicy priorityClassName restartPolicy "
        "runtimeClassName schedulerName serviceAccount serviceAccountName subdomain"
    ),
    each(
        "automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers "
        "setHostnameAsFQDN shareProcessNamespace",
        BOOLEAN,
    ),
    each("activeDeadlineSeconds terminationGracePeriodSeconds", LONG),
    needs="containers",
    priority=INTEGER,
    affinity=AFFINITY,
    containers=keyed("name", CONTAINER),
    initContainers=keyed("name", CONTAINER),
    ephemeralContainers=keyed("name", EPHEMERAL_CONTAINER),
    dnsConfig=DNS,
    hostAliases=keyed("ip", fields(each("ip"), needs="ip", hostnames=listed())),
    imagePullSecrets=keyed("name", LOCAL_REFERENCE),
    nodeSelector=mapped(atomic=True),
    os=fields(each("name"), needs="name"),
    overhead=mapped(QUANTITY),
    readinessGates=listed(fields(each("conditionType"), needs="conditionType")),
    resourceClaims=keyed(
        "name", fields(each("name resourceClaimName resourceClaimTemplateName"), needs="name")
    ),
    resources=RESOURCES,
    schedulingGates=keyed("name", fields(each("name"), needs="name")),
    securityContext=SECURITY,
    tolerations=listed(TOLERATION),
    topologySpreadConstraints=keyed("topologyKey whenUnsatisfiable", SPREAD),
    volumes=keyed("name", VOLUME),
)
POD_TEMPLATE = fields(metadata=METADATA, spec=POD_SPEC)

_ENDED = fields(
    each("containerID message reason"),
    each("exitCode signal", INTEGER),
    each("startedAt finishedAt", TIME),
    needs="exitCode",
)
_STATE = fields(
    running=fields(startedAt=TIME), terminated=_ENDED, waiting=fields(each("message reason"))
)
_CONTAINER_STATUS = fields(
    each("containerID image imageID name"),
    each("ready started", BOOLEAN),
    needs="name ready restartCount image imageID",
    restartCount=INTEGER,
    state=_STATE,
    lastState=_STATE,
    resources=RESOURCES,
    allocatedResources=mapped(QUANTITY),
)
_ADDRESS = fields(each("ip"), needs="ip")
POD_STATUS = fields(
    each("hostIP message nominatedNodeName phase podIP qosClass reason resize"),
    observedGeneration=LONG,
    startTime=TIME,
    conditions=conditions("lastProbeTime", generation=True),
    hostIPs=listed(_ADDRESS),
    podIPs=keyed("ip", _ADDRESS),
    containerStatuses=listed(_CONTAINER_STATUS),
    initContainerStatuses=listed(_CONTAINER_STATUS),
    ephemeralContainerStatuses=listed(_CONTAINER_STATUS),
)
POD = kind(METADATA, spec=POD_SPEC, status=POD_STATUS)
