"""The schema of containers: images, variables, ports, probes, resources, mounts."""

from inference.simulator.schemas.shapes import (
    BOOLEAN,
    INT_OR_STRING,
    INTEGER,
    LONG,
    QUANTITY,
    STRING,
    each,
    fields,
    keyed,
    listed,
    mapped,
    usually,
)

_KEY = fields(each("key name"), needs="key", optional=BOOLEAN, atomic=True)
_SOURCE = fields(
    configMapKeyRef=_KEY,
    secretKeyRef=_KEY,
    fieldRef=fields(each("apiVersion fieldPath"), needs="fieldPath", atomic=True),
    resourceFieldRef=fields(
        each("containerName resource"), needs="resource", divisor=QUANTITY, atomic=True
    ),
)
_WHOLE_SOURCE = fields(each("name"), optional=BOOLEAN)
_EXEC = fields(command=listed())
_HTTP = fields(
    each("host path scheme"),
    needs="port",
    port=INT_OR_STRING,
    httpHeaders=listed(fields(each("name value"), needs="name value")),
)
_TCP = fields(each("host"), needs="port", port=INT_OR_STRING)
_PROBE = fields(
    each(
        "failureThreshold initialDelaySeconds periodSeconds successThreshold timeoutSeconds",
        INTEGER,
    ),
    terminationGracePeriodSeconds=LONG,
    exec=_EXEC,
    httpGet=_HTTP,
    tcpSocket=_TCP,
    grpc=fields(port=INTEGER, service=STRING, needs="port"),
)
_HANDLER = fields(
    exec=_EXEC, httpGet=_HTTP, tcpSocket=_TCP, sleep=fields(seconds=LONG, needs="seconds")
)
RESOURCES = fields(
    limits=mapped(QUANTITY),
    requests=mapped(QUANTITY),
    claims=keyed("name", fields(each("name request"), needs="name")),
)
_SECURITY = fields(
    each("allowPrivilegeEscalation privileged readOnlyRootFilesystem runAsNonRoot", BOOLEAN),
    each("runAsGroup runAsUser", LONG),
    capabilities=fields(add=listed(), drop=listed()),
    procMount=STRING,
    seccompProfile=fields(each("type localhostProfile"), needs="type"),
    appArmorProfile=fields(each("type localhostProfile"), needs="type"),
    seLinuxOptions=fields(each("level role type user")),
)
_PORT = fields(
    each("hostIP name"),
    needs="containerPort",
    containerPort=usually(INTEGER, 0),
    hostPort=INTEGER,
    protocol=usually(STRING, "TCP"),
)
_MOUNT = fields(
    each("mountPropagation name recursiveReadOnly subPath subPathExpr"),
    needs="name mountPath",
    mountPath=usually(STRING, ""),
    readOnly=BOOLEAN,
)
_NAME = usually(STRING, "")
_PARTS = {
    **each(
        "image imagePullPolicy restartPolicy terminationMessagePath terminationMessagePolicy "
        "workingDir"
    ),
    "name": _NAME,
    **each("stdin stdinOnce tty", BOOLEAN),
    **each("args command", listed()),
    **each("livenessProbe readinessProbe startupProbe", _PROBE),
    "env": keyed("name", fields(each("value"), needs="name", name=_NAME, valueFrom=_SOURCE)),
    "envFrom": listed(fields(each("prefix"), configMapRef=_WHOLE_SOURCE, secretRef=_WHOLE_SOURCE)),
    "lifecycle": fields(each("stopSignal"), postStart=_HANDLER, preStop=_HANDLER),
    "ports": keyed("containerPort protocol", _PORT),
    "resizePolicy": listed(
        fields(each("resourceName restartPolicy"), needs="resourceName restartPolicy")
    ),
    "resources": RESOURCES,
    "securityContext": _SECURITY,
    "volumeDevices": keyed("devicePath", fields(each("devicePath name"), needs="name devicePath")),
    "volumeMounts": keyed("mountPath", _MOUNT),
}
CONTAINER = fields(_PARTS, needs="name")
EPHEMERAL_CONTAINER = fields(_PARTS, each("targetContainerName"), needs="name")
