"""What is said about pushes: why a start was refused, and what became of an object."""

from inference.messages import define

NOT_APPROVED = define("change-not-approved", "This change is {state}; only an approved one starts.")
PLAN_EXPIRED = define("plan-expired", "The plan was valid until {until}; it is being planned anew.")
PLAN_ALTERED = define(
    "plan-altered", "The stored bytes of {object} are not those that were approved. Nothing starts."
)
DECISION_INVALID = define(
    "decision-invalid",
    "Whoever approved this may not decide on it any more; it needs another approval.",
)
POLICY_MOVED_ON = define(
    "policy-moved-on", "The policy has changed since the plan was made; it is being planned anew."
)
OBJECT_BUSY = define(
    "object-busy", "{object} is still being pushed by change #{change}; this one waits for it."
)
CLUSTER_NOT_ACTIVE = define(
    "cluster-not-active", "Cluster {cluster} is {state}; this change waits until it is resumed."
)
CLUSTER_GONE = define("cluster-gone", "Cluster {cluster} was removed.")
GRANT_GONE = define(
    "grant-gone", "Team {team} has lost namespace {namespace} in cluster {cluster}."
)
NOT_RETRIABLE = define(
    "change-not-retriable", "This change is {state}; only a partial or failed one is tried again."
)
EXISTED = define(
    "object-existed",
    "{object} appeared after the plan was made and belongs to {managers}; it is not ours.",
)
BEYOND_CAP = define("push-beyond-prune-cap", "More deletions than the cap of {cap}; none was made.")
NOT_IN_INVENTORY = define(
    "object-not-in-inventory", "{object} is not in the inventory with this UID; it stays."
)
PHASE_BLOCKED = define("phase-blocked", "Waits for {object}, which was not accepted: {reason}")
CLUSTER_BREAKER_OPEN = define(
    "cluster-breaker-open", "Cluster {cluster} failed {failures} times in a row; asked again soon."
)
NOT_READY_IN_TIME = define(
    "not-ready-in-time", "{placement} stopped at «{rung}» after {minutes} minutes: {reason}"
)
PUSH_STUCK = define("push-stuck", "{count} objects were not accepted; see each.")
