"""What is said about connecting, holding and granting clusters, and about their credentials."""

from inference.messages import define

CREDENTIAL_MISSING = define(
    "credential-missing", "Cluster {cluster} has no credential; a platform engineer replaces it."
)
CREDENTIAL_KEY_MISSING = define(
    "credential-key-missing",
    "The credential is sealed with the key {key_id}, which this installation does not have."
    " Add it to WAYBILL_KEY_ENCRYPTION_KEYS.",
)
CREDENTIAL_KEY_MALFORMED = define(
    "credential-key-malformed",
    "Each of WAYBILL_KEY_ENCRYPTION_KEYS is the base64 form of 32 random bytes.",
)
CREDENTIAL_ALTERED = define(
    "credential-altered",
    "The stored credential of cluster {cluster} does not belong to it, or was altered."
    " Replace the credential.",
)
CREDENTIAL_HAS_EXPIRED = define(
    "credential-has-expired", "The credential expired at {expired_at}; make a new one and send it."
)
NOTHING_TO_CONNECT = define(
    "nothing-to-connect",
    "Paste a kubeconfig, or give the address, the CA and the token of the cluster.",
)
CLUSTER_NAME_TAKEN = define(
    "cluster-name-taken", "A cluster named {name} is connected already; choose another name."
)
CLUSTER_KNOWN = define(
    "cluster-known",
    "This is the cluster that is connected as {name}; use that one, and remove this.",
)
CLUSTER_IS_REMOVED = define("cluster-is-removed", "Cluster {name} was removed.")
IDENTITY_CHANGED = define(
    "cluster-answers-as-another",
    "At this address answers another cluster than the one that was connected (kube-system has"
    " the UID {now}, not {was}). Nothing is pushed. Connect it as a new cluster.",
)
NAMESPACE_GRANTED = define(
    "namespace-granted", "Namespace {namespace} of {cluster} is granted to team {team} already."
)
GRANT_IN_USE = define(
    "grant-in-use",
    "Namespace {namespace} still holds what Waybill made for the team, in objects: {count}. Delete"
    " their definitions first.",
)
GATEWAY_REGISTERED = define(
    "gateway-registered", "Gateway {namespace}/{name} of {cluster} is registered already."
)
GATEWAY_IN_USE = define(
    "gateway-in-use",
    "Gateway {namespace}/{name} still carries routes: {count}. Move or delete them first.",
)
RANGE_MALFORMED = define(
    "range-malformed", "{cidr} is no network in CIDR form, such as 10.20.0.0/16."
)
RANGE_KNOWN = define("range-known", "The range {cidr} is allowed already.")
VERSION_MOVED_ON = define(
    "version-moved-on",
    "Somebody has changed this since you looked: it has version {now}, you sent {was}."
    " Look again, then decide.",
)
CA_MALFORMED = define("ca-malformed", "The CA is no PEM text with certificates that can be read.")
