"""What a plan's checks say."""

from inference.messages import define

CHANGES_OBJECTS = define(
    "plan-changes-objects", "Objects: {create} created, {update} changed, {delete} deleted."
)
CHANGES_NOTHING = define("plan-changes-nothing", "No object in any cluster changes.")
ACCEPTED = define("plan-accepted", "Cluster {cluster} accepts every object in a dry run: {count}.")
REJECTED = define("plan-rejected", "Cluster {cluster} refuses {object}: {reason}")
TRIED_LATER = define(
    "plan-tried-later",
    "{object} in cluster {cluster} can be tried only when {first} exists, which this plan makes.",
)
AUTHOR_LACKS_ROLE = define(
    "plan-author-lacks-role",
    "{author} lacks the role editor in {team} for {environment}, which this plan touches.",
)
NOT_ASKED = define("plan-not-asked", "Cluster {cluster} could not be asked: {reason}")
NAMESPACE_MISSING = define(
    "plan-namespace-missing",
    "Namespace {namespace} is missing in cluster {cluster}. A platform engineer makes it with"
    " `kubectl create namespace {namespace}`.",
)
CLUSTER_HELD = define(
    "plan-cluster-held", "Cluster {cluster} is held; nothing is pushed to it until it is resumed."
)
CLUSTER_NEVER_SEEN = define(
    "plan-cluster-never-seen", "Cluster {cluster} has not answered yet; look at its page."
)
LACKS_KIND = define(
    "plan-lacks-kind", "Cluster {cluster} does not serve {kind} in {api_version}; install it."
)
OWNED_BY_OTHERS = define(
    "plan-owned-by-others",
    "{object} exists in cluster {cluster} and was not made by Waybill; it belongs to {managers}."
    " Rename the definition, or remove that object.",
)
FIELD_CONTESTED = define(
    "plan-field-contested",
    "{manager} holds {field} of {object} in cluster {cluster}, at {live}. Take the field back by"
    " force in this change, or ask for the value that is there.",
)
TAKES_BACK = define(
    "plan-takes-back",
    "{field} of {object} in cluster {cluster} is taken back from {manager} by force: from {live} to"
    " {ours}.",
)
NO_FORCE = define(
    "plan-no-force",
    "{field} of {object} in cluster {cluster} needs no force: nobody holds another value there.",
)
OWNED_AGAIN = define(
    "plan-owned-again",
    "Waybill owns {fields} of {object} in cluster {cluster} again, at the value that is there.",
)
DELETES_NOTHING = define("plan-deletes-nothing", "Nothing is deleted.")
DELETES = define("plan-deletes", "Deleted, of what Waybill made: {count}.")
BEYOND_PRUNE_CAP = define(
    "plan-beyond-prune-cap",
    "{count} deletions in cluster {cluster} are more than the cap of {cap} for one change."
    " Split the change.",
)
GONE_ALREADY = define("plan-gone-already", "{object} in cluster {cluster} is gone already.")
NOT_OURS_ANY_MORE = define(
    "plan-not-ours-any-more",
    "{object} in cluster {cluster} was made anew by somebody else and stays.",
)
RESTARTS_NOTHING = define("plan-restarts-nothing", "No pod is restarted.")
RESTARTS = define(
    "plan-restarts",
    "Pods of {workloads} are replaced one at a time; there is no spare device to start a new one"
    " beside an old one.",
)
FITS_ASKS_NOTHING = define("plan-fits-asks-nothing", "No accelerator is asked for.")
FITS_NO_MORE = define(
    "plan-fits-no-more", "No more accelerators of pool {pool} are needed than are held already."
)
FITS_PERHAPS = define(
    "plan-fits-perhaps",
    "Pool {pool}: {need} more needed, at most {free} of {devices} free. Counted {at}; pods in"
    " namespaces that are granted to nobody are not seen, and may hold more.",
)
FITS_TOO_FEW = define(
    "plan-fits-too-few",
    "Pool {pool}: {need} more needed, at most {free} of {devices} free. Replicas that get none"
    " wait: ask for fewer, or free some first. Counted {at}.",
)
FITS_NO_NODE = define(
    "plan-fits-no-node",
    "Pool {pool}: a replica takes {each} on one node, and of {pods} more at most {room} find room."
    " The others wait: ask for fewer, or free accelerators side by side first. Counted {at}.",
)
FITS_LAST_SEEN = define(
    "plan-fits-last-seen",
    "Pool {pool}: {need} more needed, at most {free} of {devices} were free at {at}. {reason}",
)
FITS_NOT_COUNTED = define(
    "plan-fits-not-counted", "Not checked: accelerators of pool {pool} are not counted. {reason}"
)
FITS_MEMORY_NOT_CHECKED = define(
    "plan-fits-memory-not-checked",
    "Not checked: whether weights and cache fit into the memory of an accelerator.",
)
FITS_NOT_CHECKED = define(
    "plan-fits-not-checked", "Not checked: free accelerators were not counted for this plan."
)
COST_NOT_CHECKED = define("plan-cost-not-checked", "Not checked: costs are not computed yet.")
OF_OTHERS = define(
    "plan-of-other-teams",
    "This is about objects of teams that are not yours; the people of the change read of it.",
)
FRESH = define("plan-fresh", "Read from the clusters while planning.")
