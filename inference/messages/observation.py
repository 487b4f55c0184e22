"""What is said about how far something has come in a cluster, and what stops it."""

from inference.messages import define

READY = define("ready", "Everything that was asked for is there.")
NOT_SEEN = define("not-seen", "{object} has not been seen in the cluster yet.")
STALE = define(
    "observation-stale", "Nobody has looked at the cluster since {since}; how it is, is unknown."
)
NEVER_OBSERVED = define("never-observed", "No observer has looked at this namespace yet.")
PAUSED = define("paused", "No replicas are asked for.")
NO_PODS = define("no-pods", "The Deployment has made no pods yet.")
PODS_REFUSED = define("pods-refused", "The cluster makes no pods: {reason}")
QUEUED = define("pod-queued", "{pod} waits for its queue ({gate}).")
UNSCHEDULABLE = define("pod-unschedulable", "No node takes {pod}: {reason}")
IMAGE_NOT_FOUND = define("image-not-found", "{pod} cannot pull its image: {reason}")
CONFIGURATION_MISSING = define("pod-configuration-missing", "{pod} cannot start: {reason}")
OUT_OF_MEMORY = define(
    "out-of-memory", "{pod} was killed for want of memory, {restarts} times until now."
)
CRASHED = define("crashed", "{pod} ended with code {code}, {restarts} restarts: {reason}")
STARTING = define("pod-starting", "{pod} is being started: {reason}")
LOADING = define("loading", "{pod} loads its weights since {since}.")
NOT_ANSWERING = define("not-answering", "{pod} runs, but its readiness probe gets no answer.")
ROLLING_OUT = define("rolling-out", "{ready} of {wanted} replicas are ready.")
PICKER_CONFIGURATION = define(
    "picker-configuration", "The endpoint picker refuses its configuration: {reason}"
)
PICKER_RIGHTS_MISSING = define(
    "picker-rights-missing",
    "The endpoint picker lacks its rights: {object} is missing or was changed. Push the model"
    " again.",
)
PICKER_NOT_READY = define("picker-not-ready", "The endpoint picker is not ready: {reason}")
GATEWAY_NOT_SEEN = define("gateway-not-seen", "Gateway {gateway} has not been seen.")
GATEWAY_NOT_PROGRAMMED = define(
    "gateway-not-programmed", "Gateway {gateway} is not programmed: {reason}"
)
ROUTE_NOT_JUDGED = define(
    "route-not-judged", "No gateway controller has said anything about the route yet."
)
ROUTE_NOT_ACCEPTED = define("route-not-accepted", "The gateway does not accept it: {reason}")
ROUTE_UNRESOLVED = define("route-unresolved", "The gateway cannot resolve it: {reason}")
WATCH_MALFORMED = define("watch-malformed", "An object could not be read.")
