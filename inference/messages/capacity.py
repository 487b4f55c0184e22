"""Why the accelerators of a pool cannot be counted."""

from inference.messages import define

NODES_FORBIDDEN = define(
    "nodes-forbidden",
    "The account of Waybill may not list nodes.",
    then="Have a platform engineer apply the RBAC manifest of the cluster again: it grants reading"
    " nodes, and nothing else of them.",
)
CLAIMS_NOT_COUNTED = define(
    "claims-not-counted",
    "The devices of this pool are handed out by resource claims, which no observer counts.",
)
NODES_NOT_SEEN = define(
    "nodes-not-seen",
    "No observer has looked at the nodes of this cluster yet.",
    then="Start `manage.py observe`, and look on the page of the cluster whether it answers.",
)
