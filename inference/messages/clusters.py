"""What is said about clusters: their addresses, credentials, answers and refusals."""

from inference.messages import define

# Safe YAML.
YAML_NOT_TEXT = define(
    "yaml-not-text", "The file is not plain UTF-8 text; save it as UTF-8 without NUL characters."
)
YAML_TOO_LARGE = define(
    "yaml-too-large", "The file is larger than {limit} bytes; keep only the parts that are needed."
)
YAML_UNREADABLE = define(
    "yaml-unreadable", "Line {line} is no valid YAML ({problem}); correct it and send it again."
)
YAML_ALIAS = define(
    "yaml-alias", "Line {line} uses an anchor or alias; write the value out in each place."
)
YAML_TAG = define("yaml-tag", "Line {line} uses a YAML tag; write the plain value.")
YAML_DUPLICATE_KEY = define(
    "yaml-duplicate-key", "The key {key} stands twice in one mapping (line {line}); keep one."
)
YAML_KEY_NOT_TEXT = define(
    "yaml-key-not-text", "A key in line {line} is not text; put it in quotes."
)
YAML_TOO_DEEP = define(
    "yaml-too-deep", "The file nests deeper than {limit} levels; make it flatter."
)
YAML_TOO_MANY_NODES = define(
    "yaml-too-many-nodes", "The file holds more than {limit} values; split it."
)
YAML_TOO_MANY_DOCUMENTS = define(
    "yaml-too-many-documents", "The file holds more than {limit} documents; split it."
)

# Kubeconfig.
KUBECONFIG_SHAPE = define(
    "kubeconfig-shape",
    "{where} is missing or has another form than a kubeconfig; export it again with"
    " `kubectl config view --raw --minify --flatten`.",
)
KUBECONFIG_NO_CONTEXT = define(
    "kubeconfig-no-context",
    "The kubeconfig has no context {context}; choose one of: {contexts}.",
)
KUBECONFIG_UNKNOWN_FIELD = define(
    "kubeconfig-unknown-field",
    "Waybill does not know {field} and would have to guess what it means; take it out.",
)
KUBECONFIG_EXEC = define(
    "kubeconfig-exec",
    "The user runs a program (exec) to sign in, and Waybill runs no programs from a kubeconfig;"
    " use the token of a ServiceAccount, made with `kubectl create token`.",
)
KUBECONFIG_AUTH_PROVIDER = define(
    "kubeconfig-auth-provider",
    "The user signs in through an auth provider of kubectl, which Waybill does not have; use the"
    " token of a ServiceAccount.",
)
KUBECONFIG_TOKEN_FILE = define(
    "kubeconfig-token-file",
    "The token stands in a file on your machine (tokenFile); paste the token itself as token.",
)
KUBECONFIG_FILE = define(
    "kubeconfig-file",
    "{field} names a file on your machine; run `kubectl config view --raw --flatten`, which puts"
    " its content into {field}-data.",
)
KUBECONFIG_PROXY = define(
    "kubeconfig-proxy",
    "The cluster is reached through proxy-url, and Waybill dials clusters itself; give an address"
    " that it can reach and take proxy-url out.",
)
KUBECONFIG_INSECURE = define(
    "kubeconfig-insecure",
    "insecure-skip-tls-verify would send the credential to whoever answers; give the"
    " certificate-authority-data of the cluster instead.",
)
KUBECONFIG_PASSWORD = define(
    "kubeconfig-password",
    "Kubernetes takes no user names and passwords any more; use the token of a ServiceAccount.",
)
KUBECONFIG_IMPERSONATION = define(
    "kubeconfig-impersonation",
    "The user acts as somebody else ({field}); use the credential of Waybill's own account.",
)
KUBECONFIG_NO_CA = define(
    "kubeconfig-no-ca",
    "The cluster has no certificate-authority-data; add the CA that signed its certificate.",
)
KUBECONFIG_NO_CREDENTIAL = define(
    "kubeconfig-no-credential",
    "The user has no credential; give a token, or client-certificate-data with client-key-data.",
)
KUBECONFIG_TWO_CREDENTIALS = define(
    "kubeconfig-two-credentials",
    "The user has a token and a client certificate; keep the one that Waybill shall use.",
)
KUBECONFIG_BAD_DATA = define(
    "kubeconfig-bad-data",
    "{field} is not what it should be ({problem}); export the kubeconfig again.",
)

# Addresses.
ADDRESS_MALFORMED = define(
    "address-malformed",
    "This is no address of an API server; write https://, a host name or address, and a port.",
)
ADDRESS_NOT_HTTPS = define(
    "address-not-https", "A credential is sent over TLS only; the address must begin with https://."
)
ADDRESS_HAS_CREDENTIALS = define(
    "address-has-credentials", "Leave user names and passwords out of the address."
)
ADDRESS_BAD_HOST = define(
    "address-bad-host",
    "The host is no plain name or address; write four decimal numbers, an IPv6 address in"
    " brackets, or a DNS name.",
)
ADDRESS_BAD_PORT = define(
    "address-bad-port", "Port {port} is none that API servers use; take 443 or one above 1023."
)
ADDRESS_NEVER = define(
    "address-never",
    "{host} leads to {address}, which is never a cluster ({why}); give the API server's address.",
)
ADDRESS_NOT_ALLOWED = define(
    "address-not-allowed",
    "{host} leads to {address}, which is not public; an administrator must allow its range first.",
)

# ClusterUnavailable: ask again, perhaps later.
UNREACHABLE = define(
    "cluster-unreachable",
    "The cluster does not answer at its address; check that the API server runs and that its"
    " network lets Waybill in.",
)
NAME_UNKNOWN = define(
    "cluster-name-unknown", "The name of the API server is not known; check the address and DNS."
)
TIMED_OUT = define(
    "cluster-timed-out", "The cluster did not answer in time; Waybill asks again later."
)
TOO_SLOW = define(
    "cluster-too-slow",
    "The cluster did not finish its answer in time; Waybill asks again later.",
)
CUT_OFF = define(
    "cluster-cut-off", "The cluster's answer broke off in the middle; Waybill asks again later."
)
TLS_UNTRUSTED = define(
    "cluster-tls-untrusted",
    "The cluster's certificate is not signed by the CA on record; if it was replaced on purpose,"
    " enter the new CA.",
)
TLS_EXPIRED = define(
    "cluster-tls-expired",
    "The cluster's certificate has expired or is not valid yet; renew it, and check the clocks.",
)
WRONG_HOST = define(
    "cluster-wrong-host",
    "The cluster's certificate is for another host; correct the address or the TLS server name.",
)
TLS_FAILED = define(
    "cluster-tls-failed",
    "No TLS connection comes about; check the port and the client certificate.",
)
CREDENTIAL_EXPIRED = define(
    "cluster-credential-expired",
    "The cluster does not accept the credential any more; make a new one and replace it.",
)
THROTTLED = define(
    "cluster-throttled", "The cluster asks for fewer requests; Waybill slows down by itself."
)
SERVER_ERROR = define(
    "cluster-server-error",
    "The cluster has trouble of its own (HTTP {status}); Waybill asks again later.",
)
NOT_KUBERNETES = define(
    "cluster-not-kubernetes",
    "What answers at this address does not speak like Kubernetes; check address and port.",
)
REDIRECTED = define(
    "cluster-redirected",
    "The address redirects elsewhere, and Waybill does not follow with a credential; enter the"
    " final address.",
)
ANSWER_TOO_LARGE = define(
    "cluster-answer-too-large", "The cluster's answer is larger than Waybill takes ({limit} bytes)."
)
LIST_EXPIRED = define(
    "cluster-list-expired",
    "The list changed too much while it was read; Waybill reads it again from the start.",
)
STREAM_ENDED = define(
    "cluster-stream-ended", "The cluster ended the stream without a word; Waybill opens it again."
)
STREAM_STALLED = define(
    "cluster-stream-stalled", "The stream is open and silent; Waybill opens it again."
)
HISTORY_REWOUND = define(
    "cluster-history-rewound",
    "The cluster answers with a state older than one seen before; check whether it was restored"
    " from a backup or a copy behind its load balancer lags. If it stays so for a minute, all of it"
    " is read anew.",
)
IDENTITY_CHANGED = define(
    "cluster-identity-changed",
    "Another cluster answers at this address than the one that was connected; Waybill touches"
    " nothing until the platform engineer has looked.",
)
EGRESS_REFUSED = define(
    "cluster-egress-refused", "Waybill may not dial the cluster's address: {detail}"
)

# ManifestRejected: do not ask again with the same bytes.
FORBIDDEN = define(
    "manifest-forbidden",
    "Waybill's account may not {verb} {resource} there; apply the RBAC manifest again.",
)
RIGHTS_NOT_HELD = define(
    "manifest-rights-not-held",
    "The role would grant rights that Waybill's account lacks; apply the RBAC manifest again.",
)
NAMESPACE_MISSING = define(
    "manifest-namespace-missing",
    "The namespace {namespace} does not exist; create it with `kubectl create namespace"
    " {namespace}`.",
)
NAMESPACE_TERMINATING = define(
    "manifest-namespace-terminating",
    "The namespace {namespace} is being deleted; wait until it is gone and create it anew.",
)
KIND_NOT_SERVED = define(
    "manifest-kind-not-served",
    "The cluster does not serve {resource} in {api_version}; install its CRD or choose another"
    " backend.",
)
FIELD_CONFLICT = define(
    "manifest-field-conflict",
    "{managers} set fields that this change sets too ({fields}); let them go there, or take them"
    " over in the change.",
)
UID_MISMATCH = define(
    "manifest-uid-mismatch",
    "The object is gone or was created anew since the plan was made; plan the change again.",
)
CHANGED = define(
    "manifest-changed", "The object was changed in between; look at it again before deleting it."
)
INVALID = define("manifest-invalid", "The cluster finds the object invalid: {detail}")
IMMUTABLE = define(
    "manifest-immutable",
    "{fields} cannot be changed on an object that exists; replace it under a new name.",
)
DENIED_BY_ADMISSION = define(
    "manifest-denied-by-admission", "A rule of the cluster refuses the object: {detail}"
)
QUOTA_EXCEEDED = define(
    "manifest-quota-exceeded",
    "The namespace's quota has no room for the object; free some or have it raised. {detail}",
)
TOO_LARGE = define(
    "manifest-too-large", "The object is larger than the cluster takes; make it smaller."
)
NOT_FOUND = define("manifest-not-found", "The object does not exist in the cluster any more.")
ALREADY_EXISTS = define(
    "manifest-already-exists", "An object of this name exists already; choose another name."
)
MALFORMED = define(
    "manifest-malformed", "The cluster cannot read the object; this is a fault in Waybill: {detail}"
)
REFUSED = define("manifest-refused", "The cluster refuses the request: {detail}")
