"""What a probe says when no token came, and what the end of a push waits for."""

from inference.messages import define

NO_ADDRESS = define(
    "probe-no-address", "Gateway {gateway} has no address yet: its conditions say why."
)
GATEWAY_UNSEEN = define(
    "probe-gateway-unseen",
    "Gateway {gateway} is not seen there: the page of its cluster says whether anybody looks.",
)
NO_LISTENER = define(
    "probe-no-listener",
    "Gateway {gateway} has no listener that can be asked: it needs one for HTTP or HTTPS.",
)
NOT_DIALLED = define("probe-not-dialled", "The gateway's address may not be dialled: {reason}")
UNREACHABLE = define("probe-unreachable", "The gateway at {address} does not answer: {reason}")
NOT_TRUSTED = define(
    "probe-not-trusted",
    "The certificate that the gateway shows for {hostname} is not trusted: {reason}. Platform can"
    " enter the gateway's CA under Settings, Allowances.",
)
TOO_SLOW = define("probe-too-slow", "No token came within {seconds} seconds.")
REFUSED = define("probe-refused", "The gateway answered {status}: {reason}")
NOT_A_COMPLETION = define("probe-not-a-completion", "What the gateway sent is no completion.")
MEMBERS_UNASKED = define("members-unasked", "Its members are about to be asked.")
MEMBERS_HELD = define(
    "members-held",
    "Cluster {cluster} is held: nobody asks its members until platform resumes it.",
)
MEMBERS_SILENT = define(
    "members-silent", "No answer has come through the gateway from {members} yet."
)
MEMBERS_FAILING = define(
    "members-failing",
    "No answer has come through the gateway from {members} yet, and the last request failed:"
    " {reason}",
)
MEMBERS_MIXED = define(
    "members-mixed", "Each member has answered, but requests still fail: {reason}"
)
MEMBER_PAUSED = define(
    "member-paused", "{members} has a share of the requests and no replicas: it is not asked."
)
NO_SHARES = define("members-without-shares", "No member has a share of the requests.")
ANSWERED = define("probe-answered", "The first token came after {milliseconds} ms.")
NOT_PROBED = define("not-probed", "No request has been sent through it lately.")
