"""The schemas of pod and service monitors."""

from inference.simulator.schemas.meta import METADATA, SELECTOR
from inference.simulator.schemas.patterns import PORT, PROMETHEUS_DURATION
from inference.simulator.schemas.shapes import (
    BOOLEAN,
    INT_OR_STRING,
    LONG,
    STRING,
    TIME,
    each,
    fields,
    keyed,
    kind,
    listed,
    mapped,
    number,
    one_of,
    set_of,
    text,
    usually,
)

_COUNT = number(0, kind=LONG)
_SECRET = fields(each("key"), needs="key", name=usually(STRING, ""), optional=BOOLEAN, atomic=True)
_EITHER = fields(configMap=_SECRET, secret=_SECRET)
_VERSION = one_of("TLS10", "TLS11", "TLS12", "TLS13")
_TLS = fields(
    each("ca cert", _EITHER),
    each("minVersion maxVersion", _VERSION),
    insecureSkipVerify=BOOLEAN,
    keySecret=_SECRET,
    serverName=STRING,
)
_ACTIONS = (
    "replace Replace keep Keep drop Drop hashmod HashMod labelmap LabelMap labeldrop LabelDrop "
    "labelkeep LabelKeep lowercase Lowercase uppercase Uppercase keepequal KeepEqual "
    "dropequal DropEqual"
)
_RELABELING = listed(
    fields(
        each("regex replacement separator targetLabel"),
        action=usually(one_of(*_ACTIONS.split()), "replace"),
        modulus=_COUNT,
        sourceLabels=listed(),
    )
)
_FORMAT = one_of(
    "PrometheusProto",
    "OpenMetricsText0.0.1",
    "OpenMetricsText1.0.0",
    "PrometheusText0.0.4",
    "PrometheusText1.0.0",
)
_ENDPOINT = {
    **each("noProxy path port"),
    **each(
        "enableHttp2 filterRunning followRedirects honorLabels honorTimestamps "
        "proxyFromEnvironment trackTimestampsStaleness",
        BOOLEAN,
    ),
    **each("interval scrapeTimeout", PROMETHEUS_DURATION),
    **each("metricRelabelings relabelings", _RELABELING),
    "authorization": fields(each("type"), credentials=_SECRET),
    "basicAuth": fields(each("username password", _SECRET)),
    "bearerTokenSecret": _SECRET,
    "params": mapped(listed()),
    "proxyUrl": text(r"^(http|https|socks5)://.+$"),
    "scheme": one_of("http", "https", "HTTP", "HTTPS"),
    "targetPort": INT_OR_STRING,
}
_WIDE_TLS = fields(_TLS["properties"], each("caFile certFile keyFile"))
_SPEC = {
    **each(
        "keepDroppedTargets labelLimit labelNameLengthLimit labelValueLengthLimit "
        "nativeHistogramBucketLimit sampleLimit targetLimit",
        _COUNT,
    ),
    **each(
        "convertClassicHistogramsToNHCB scrapeClassicHistograms scrapeNativeHistograms", BOOLEAN
    ),
    "attachMetadata": fields(node=BOOLEAN),
    "bodySizeLimit": text(r"(^0|([0-9]*[.])?[0-9]+((K|M|G|T|E|P)i?)?B)$"),
    "fallbackScrapeProtocol": _FORMAT,
    "jobLabel": STRING,
    "namespaceSelector": fields(any=BOOLEAN, matchNames=listed()),
    "podTargetLabels": listed(),
    "scrapeClass": text(shortest=1),
    "scrapeProtocols": set_of(_FORMAT),
    "selector": SELECTOR,
    "selectorMechanism": one_of("RelabelConfig", "RoleSelector"),
}
_CONDITION = fields(
    each("message reason"),
    needs="lastTransitionTime status type",
    lastTransitionTime=TIME,
    observedGeneration=LONG,
    status=text(shortest=1),
    type={**one_of("Accepted"), "minLength": 1},
)


def _status(resource: str) -> dict[str, object]:
    binding = fields(
        each("name namespace", text(shortest=1)),
        needs="group name namespace resource",
        conditions=keyed("type", _CONDITION),
        group=one_of("monitoring.coreos.com"),
        resource=one_of(*resource.split()),
    )
    return fields(bindings=keyed("group resource name namespace", binding))


POD_MONITOR = kind(
    METADATA,
    needs="spec",
    spec=fields(
        _SPEC,
        needs="selector",
        podMetricsEndpoints=listed(fields(_ENDPOINT, portNumber=PORT, tlsConfig=_TLS)),
    ),
    status=_status("prometheuses prometheusagents thanosrulers alertmanagers"),
)
SERVICE_MONITOR = kind(
    METADATA,
    needs="spec",
    spec=fields(
        _SPEC,
        needs="endpoints selector",
        endpoints=listed(fields(_ENDPOINT, each("bearerTokenFile"), tlsConfig=_WIDE_TLS)),
        serviceDiscoveryRole=one_of("Endpoints", "EndpointSlice"),
        targetLabels=listed(),
    ),
    status=_status("prometheuses prometheusagents thanosrulers alertmanagers"),
)
