"""What is said about how far something has come in a cluster, and what stops it."""

from inference.messages import define

READY = define("ready", "Everything that was asked for is there.")
NOT_SEEN = define("not-seen", "{object} has not been seen in the cluster yet.")
NOT_FOLLOWED = define(
    "object-not-followed", "The cluster's controllers have not looked at the newest {object} yet."
)
UNREADABLE = define("object-unreadable", "What the cluster tells of {object} cannot be read.")
STALE = define(
    "observation-stale", "Nobody has looked at the cluster since {since}; how it is, is unknown."
)
NEVER_OBSERVED = define("never-observed", "No observer has looked at this namespace yet.")
STARTING_TO_WATCH = define("observer-starting", "An observer begins to look at the cluster.")
WATCH_MALFORMED = define(
    "watch-malformed", "An object could not be read; the others of its kind are watched."
)
PAUSED = define("paused", "No replicas are asked for.")

# Compute, from pods and their Deployment.
NO_PODS = define("no-pods", "The Deployment has made no pods yet.")
PODS_UNSEEN = define(
    "pods-unseen", "{ready} of {wanted} replicas are ready; why, cannot be seen: {reason}"
)
PODS_REFUSED = define("pods-refused", "The cluster makes no pods: {reason}")
QUEUED = define("pod-queued", "{pod} waits for its queue ({gate}).")
UNSCHEDULABLE = define("pod-unschedulable", "No node takes {pod}: {reason}")
POD_FAILED = define("pod-failed", "{pod} was ended by its node: {reason}")
IMAGE_NOT_FOUND = define("image-not-found", "{pod} cannot pull its image: {reason}")
CONFIGURATION_MISSING = define("pod-configuration-missing", "{pod} cannot start: {reason}")
MOUNT_MISSING = define("pod-mount-missing", "{pod} waits for {object}, which is not there.")
OUT_OF_MEMORY = define(
    "out-of-memory", "{pod} was killed for want of memory; restarts until now: {restarts}."
)
CRASHED = define("crashed", "{pod} ended with code {code}, {restarts} restarts: {reason}")
STARTING = define("pod-starting", "{pod} is being started: {reason}")
LOADING = define("loading", "{pod} loads its weights since {since}.")
NOT_ANSWERING = define("not-answering", "{pod} runs, but its readiness probe gets no answer.")
POD_NOT_READY = define("pod-not-ready", "{pod} runs, but is not ready: {reason}")
ROLLING_OUT = define("rolling-out", "{ready} of {wanted} replicas are ready.")
DEADLINE_EXCEEDED = define(
    "progress-deadline-exceeded",
    "{ready} of {wanted} replicas are ready, and no more come: {reason}",
)

# The picker and its pool.
PICKER_CONFIGURATION = define(
    "picker-configuration", "The endpoint picker refuses its configuration: {reason}"
)
PICKER_RIGHTS_MISSING = define(
    "picker-rights-missing",
    "The endpoint picker lacks its rights: {object} is missing or was changed. Push the model"
    " again.",
)
PICKER_NOT_READY = define("picker-not-ready", "The endpoint picker is not ready: {reason}")

# Gateways and routes.
GATEWAY_NOT_SEEN = define("gateway-not-seen", "Gateway {gateway} has not been seen.")
GATEWAY_NOT_PROGRAMMED = define(
    "gateway-not-programmed", "Gateway {gateway} is not programmed: {reason}"
)
GATEWAY_NO_ADDRESS = define("gateway-no-address", "Gateway {gateway} has no address yet.")
LISTENER_MISSING = define(
    "gateway-listener-missing", "Gateway {gateway} has no listener {listener}."
)
LISTENER_NOT_READY = define(
    "gateway-listener-not-ready",
    "Listener {listener} of gateway {gateway} takes no requests: {reason}",
)
ROUTE_NOT_JUDGED = define(
    "route-not-judged", "No gateway controller has said anything about the route yet."
)
ROUTE_NOT_ACCEPTED = define("route-not-accepted", "The gateway does not accept it: {reason}")
ROUTE_BACKEND_MISSING = define(
    "route-backend-missing", "The route leads to a pool that is not there: {reason}"
)
ROUTE_NOT_PERMITTED = define(
    "route-not-permitted",
    "The route may not lead there; the other namespace must allow it by a ReferenceGrant: {reason}",
)
ROUTE_UNRESOLVED = define("route-unresolved", "The gateway cannot resolve it: {reason}")
POOL_NOT_ACCEPTED = define("pool-not-accepted", "The gateway does not take pool {pool}: {reason}")
