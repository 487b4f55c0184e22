"""What is said about pushes: why a start was refused, and what became of an object."""

from inference.messages import define

# A start or a retry.
NOT_APPROVED = define("change-not-approved", "This change is {state}; only an approved one starts.")
NOT_RETRIABLE = define(
    "change-not-retriable", "This change is {state}; only a partial or failed one is tried again."
)
OVERTAKEN = define(
    "change-overtaken",
    "Change #{change} has changed {object} since; propose what is still missing as a new change.",
)
PLAN_EXPIRED = define("plan-expired", "The plan was valid until {until}; plan it anew.")
PLAN_ALTERED = define(
    "plan-altered",
    "What is stored for {object} is not what was approved. Nothing starts; revise the change.",
)
POLICY_MOVED_ON = define(
    "policy-moved-on", "The policy has changed since the plan was made; it is planned anew."
)
DECISION_INVALID = define(
    "decision-invalid",
    "Whoever approved this may not decide on it any more; it needs another approval.",
)
WORLD_MOVED = define(
    "world-moved", "{object} is not what it was when the plan was made; it is planned anew."
)
DEFINITIONS_REFUSED = define(
    "definitions-refused",
    "The definitions cannot be written as proposed, because another one took their place; revise"
    " the change.",
)
OBJECT_BUSY = define(
    "object-busy", "{object} is still being pushed by change #{change}; this one waits for it."
)
CLUSTER_HELD = define(
    "cluster-held", "Cluster {cluster} is held; this waits until platform resumes it."
)
CLUSTER_GONE = define(
    "cluster-gone", "Cluster {cluster} was removed; its objects stay as they are."
)
CLUSTER_IS_ANOTHER = define(
    "cluster-is-another",
    "Cluster {cluster} is another one than the plan was made for; it is planned anew.",
)
GRANT_GONE = define(
    "grant-gone", "Team {team} has lost namespace {namespace} in cluster {cluster}."
)

# An object.
EXISTED = define(
    "object-existed",
    "{object} appeared after the plan was made and belongs to {managers}; it is not ours.",
)
BEYOND_CAP = define(
    "push-beyond-prune-cap", "{count} deletions are more than the cap of {cap}; none was made."
)
NOT_IN_INVENTORY = define(
    "object-not-in-inventory", "Waybill did not make {object} with this UID; it stays."
)
PHASE_BLOCKED = define("phase-blocked", "Not sent, because {object} was not accepted before it.")

# An object that is not as it was pushed.
FIELD_CHANGED = define(
    "field-changed",
    "{manager} set {field} to {live}; {pushed} was pushed.",
    then="To put it back, draft a change that takes it back by force, or set it to {pushed} in the"
    " cluster; to keep it, draft a change that says {live}. The next push then owns the field"
    " again.",
)
FIELD_HELD = define(
    "field-held",
    "{manager} holds {field}, with the value that was pushed.",
    then="The next push of this definition owns it again: draft a change.",
)
FIELD_LOST = define(
    "field-lost",
    "A field that was pushed is not there any more; the cluster does not say who took it.",
    then="A change of this definition puts it back.",
)
OBJECT_GONE = define(
    "object-gone",
    "{object} was deleted in the cluster.",
    then="A change of this definition makes it anew.",
)

DRIFT_MOVED_ON = define(
    "drift-moved-on",
    "What is live has moved on since you looked, so nothing was drafted. Look at what is there now,"
    " and choose again.",
)
NOTHING_CHOSEN = define(
    "nothing-chosen", "Choose at least one field that is taken back or kept; all of them are left."
)

# A push.
PUSH_STUCK = define("push-stuck", "{count} of its objects did not get there; each says why.")
WAITS_FOR = define("push-waits-for", "{subject} has come to «{rung}»: {reason}")
NOT_READY_IN_TIME = define(
    "not-ready-in-time", "{subject} stopped at «{rung}» after {minutes} minutes: {reason}"
)
NOT_FOLLOWED = define("push-not-followed", "the cluster has not followed what was pushed")
