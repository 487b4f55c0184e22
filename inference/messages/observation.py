"""What is said about how far something has come in a cluster, and what stops it."""

from inference.messages import define

READY = define("ready", "Everything that was asked for is there.")
NOT_SEEN = define(
    "not-seen",
    "{object} has not been seen in the cluster yet.",
    then="If it was deleted, a change of this definition makes it anew.",
)
NOT_FOLLOWED = define(
    "object-not-followed", "The cluster's controllers have not looked at the newest {object} yet."
)
UNREADABLE = define("object-unreadable", "What the cluster tells of {object} cannot be read.")
STALE = define(
    "observation-stale",
    "No observer looks at the cluster now; last seen {since}.",
    then="Start `manage.py observe`, or look why it ended; what is shown here heals by"
    " itself then.",
)
NEVER_OBSERVED = define(
    "never-observed",
    "No observer has looked there yet.",
    then="Start `manage.py observe`, and look whether it may watch the namespace.",
)
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
PODS_REFUSED = define(
    "pods-refused",
    "The cluster makes no pods: {reason}",
    then="Have a platform engineer look at quotas and admission rules of {namespace}.",
)
QUEUED = define(
    "pod-queued",
    "{pod} waits for its queue ({gate}).",
    then="Nothing is wrong: it starts when its queue has room.",
)
UNSCHEDULABLE = define(
    "pod-unschedulable",
    "No node takes {pod}: {reason}",
    then="Free accelerators in that pool, or draft a change that places it elsewhere or"
    " asks for fewer.",
)
POD_FAILED = define(
    "pod-failed",
    "{pod} was ended by its node: {reason}",
    then="Its controller makes a new one; look at the node if that happens again.",
)
IMAGE_NOT_FOUND = define(
    "image-not-found",
    "{pod} cannot pull its image: {reason}",
    then="Draft a change with an image that is there; if it is private, have platform"
    " name a pull secret in the grant of {namespace}.",
)
CONFIGURATION_MISSING = define(
    "pod-configuration-missing",
    "{pod} cannot start: {reason}",
    then="Have a platform engineer make what is missing in {namespace}; the pod starts by"
    " itself then.",
)
MOUNT_MISSING = define(
    "pod-mount-missing",
    "{pod} waits for {object}, which is not there.",
    then="Draft a change of this model: its push makes the object anew.",
)
OUT_OF_MEMORY = define(
    "out-of-memory",
    "{pod} was killed for want of memory; restarts until now: {restarts}.",
    then="Draft a change with a shorter context, smaller weights, or a pool with larger nodes.",
)
CRASHED = define(
    "crashed",
    "{pod} ended with code {code}, {restarts} restarts: {reason}",
    then="Mend what its last words name by a change; all of them: `kubectl logs -n"
    " {namespace} {pod} --previous`.",
)
STARTING = define("pod-starting", "{pod} is being started: {reason}")
LOADING = define("loading", "{pod} loads its weights since {since}.")
NOT_ANSWERING = define(
    "not-answering",
    "{pod} runs, but its readiness probe gets no answer.",
    then="Read `kubectl logs -n {namespace} {pod}`; deleting the pod starts the engine anew.",
)
POD_NOT_READY = define(
    "pod-not-ready",
    "{pod} runs, but is not ready: {reason}",
    then="It may come by itself; else read `kubectl describe pod -n {namespace} {pod}`.",
)
ROLLING_OUT = define("rolling-out", "{ready} of {wanted} replicas are ready.")
DEADLINE_EXCEEDED = define(
    "progress-deadline-exceeded",
    "{ready} of {wanted} replicas are ready, and no more come: {reason}",
    then="Draft a change that undoes the last one, or mend what its replicas say.",
)

# The picker and its pool.
PICKER_CONFIGURATION = define(
    "picker-configuration",
    "The endpoint picker refuses its configuration: {reason}",
    then="Draft a change of this model: its push writes the configuration anew.",
)
PICKER_RIGHTS_MISSING = define(
    "picker-rights-missing",
    "The endpoint picker lacks its rights: {object} is missing or was changed. Push the model"
    " again.",
)
PICKER_STARTING = define(
    "picker-starting", "The endpoint picker starts: {pod} takes no calls of gateways yet."
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
