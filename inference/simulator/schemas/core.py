"""The schemas of the core kinds that are no pods: what is configured, served, told and leased."""

from inference.simulator.schemas.meta import (
    LOCAL_REFERENCE,
    METADATA,
    REFERENCE,
    STANDARD,
    conditions,
)
from inference.simulator.schemas.shapes import (
    BOOLEAN,
    INT_OR_STRING,
    INTEGER,
    LONG,
    QUANTITY,
    STRING,
    TIME,
    each,
    fields,
    keyed,
    kind,
    listed,
    mapped,
    set_of,
    usually,
)

NAMESPACE = kind(
    METADATA,
    spec=fields(finalizers=listed()),
    status=fields(each("phase"), conditions=conditions()),
)
CONFIG_MAP = kind(METADATA, data=mapped(), binaryData=mapped(), immutable=BOOLEAN)
SECRET = kind(METADATA, data=mapped(), stringData=mapped(), immutable=BOOLEAN, type=STRING)
SERVICE_ACCOUNT = kind(
    METADATA,
    automountServiceAccountToken=BOOLEAN,
    imagePullSecrets=listed(LOCAL_REFERENCE),
    secrets=keyed("name", REFERENCE),
)
_SERVICE_PORT = fields(
    each("appProtocol name"),
    needs="port",
    nodePort=INTEGER,
    port=usually(INTEGER, 0),
    protocol=usually(STRING, "TCP"),
    targetPort=INT_OR_STRING,
)
_INGRESS = fields(
    each("hostname ip ipMode"),
    ports=listed(
        fields(each("error protocol"), port=INTEGER, needs="port protocol"),
    ),
)
SERVICE = kind(
    METADATA,
    spec=fields(
        each(
            "clusterIP externalName externalTrafficPolicy internalTrafficPolicy ipFamilyPolicy "
            "loadBalancerClass loadBalancerIP sessionAffinity trafficDistribution type"
        ),
        each("clusterIPs externalIPs ipFamilies loadBalancerSourceRanges", listed()),
        each("allocateLoadBalancerNodePorts publishNotReadyAddresses", BOOLEAN),
        healthCheckNodePort=INTEGER,
        ports=keyed("port protocol", _SERVICE_PORT),
        selector=mapped(atomic=True),
        sessionAffinityConfig=fields(clientIP=fields(timeoutSeconds=INTEGER)),
    ),
    status=fields(
        conditions=conditions(generation=True, needs=STANDARD),
        loadBalancer=fields(ingress=listed(_INGRESS)),
    ),
)
_TAINT = fields(each("effect key value"), needs="key effect", timeAdded=TIME)
_MACHINE = (
    "machineID systemUUID bootID kernelVersion osImage containerRuntimeVersion kubeletVersion "
    "kubeProxyVersion operatingSystem architecture"
)
NODE = kind(
    METADATA,
    spec=fields(
        each("externalID podCIDR providerID"),
        podCIDRs=set_of(),
        taints=listed(_TAINT),
        unschedulable=BOOLEAN,
    ),
    status=fields(
        each("phase"),
        each("allocatable capacity", mapped(QUANTITY)),
        addresses=keyed("type", fields(each("address type"), needs="type address")),
        conditions=conditions("lastHeartbeatTime"),
        daemonEndpoints=fields(kubeletEndpoint=fields(Port=INTEGER, needs="Port")),
        declaredFeatures=listed(),
        images=listed(fields(names=listed(), sizeBytes=LONG)),
        nodeInfo=fields(each(_MACHINE), needs=_MACHINE),
        volumesAttached=listed(fields(each("devicePath name"), needs="name devicePath")),
        volumesInUse=listed(),
    ),
)
EVENT = kind(
    METADATA,
    **each("action message reason reportingComponent reportingInstance type"),
    **each("eventTime firstTimestamp lastTimestamp", TIME),
    needs="metadata involvedObject",
    count=INTEGER,
    involvedObject=REFERENCE,
    related=REFERENCE,
    series=fields(count=INTEGER, lastObservedTime=TIME),
    source=fields(each("component host")),
)
LEASE = kind(
    METADATA,
    spec=fields(
        each("holderIdentity preferredHolder strategy"),
        each("acquireTime renewTime", TIME),
        each("leaseDurationSeconds leaseTransitions", INTEGER),
    ),
)
_ENDPOINT = fields(
    each("hostname nodeName zone"),
    needs="addresses",
    addresses=set_of(),
    conditions=fields(each("ready serving terminating", BOOLEAN)),
    deprecatedTopology=mapped(),
    hints=fields(
        forNodes=listed(fields(each("name"), needs="name")),
        forZones=listed(fields(each("name"), needs="name")),
    ),
    targetRef=REFERENCE,
)
ENDPOINT_SLICE = kind(
    METADATA,
    needs="addressType",
    addressType=STRING,
    endpoints=listed(_ENDPOINT),
    ports=listed(fields(each("appProtocol name protocol"), port=INTEGER, atomic=True)),
)
