"""What a try of a route says when it is not made, or when its answer does not come."""

from inference.messages import define

NO_PROMPT = define("try-no-prompt", "Write a prompt first.")
PROMPT_TOO_LONG = define(
    "try-prompt-too-long", "A prompt has at most {most} characters here; this one has {length}."
)
BAD_LENGTH = define("try-bad-length", "Ask for a whole number of tokens between 1 and {most}.")
ROBOTS_DO_NOT_TRY = define(
    "try-not-for-robots", "Trying a route is for people. A robot calls the gateway itself."
)
HELD = define(
    "try-cluster-held",
    "Cluster {cluster} is held, and Waybill sends it nothing. Ask platform to resume it, or send"
    " the request yourself.",
)
TOO_MANY = define(
    "try-too-many", "You have tried {most} times within a minute. Try again in {seconds} seconds."
)
TICKET_SPENT = define(
    "try-ticket-spent", "This try was made already, or waited for too long. Press Try it again."
)
BUSY = define(
    "try-busy", "{most} tries run on this server already. Wait until some of them have ended."
)
STOPPING = define("try-stopping", "This server is about to stop. Try again in a moment.")
NOT_DIALLED = define(
    "try-not-dialled",
    "The gateway's address may not be dialled: {reason} Platform can allow its network under"
    " Settings, Allowances.",
)
UNREACHABLE = define(
    "try-unreachable",
    "The gateway at {address} does not answer: {reason}. Look whether it runs and whether Waybill"
    " reaches its network.",
)
NOT_TRUSTED = define(
    "try-not-trusted",
    "The certificate that the gateway shows for {hostname} is not trusted: {reason}. Platform can"
    " enter the gateway's CA under Settings, Allowances.",
)
NOT_HTTP = define(
    "try-not-http",
    "What listens at {address} does not speak HTTP. Look at the protocol of the gateway's"
    " listener.",
)
NO_ROUTE = define(
    "try-no-route",
    "The gateway knows no route for {hostname}{path}: 404. Look whether it has accepted the"
    " HTTPRoute; the badge Serving says so.",
)
NO_MODEL = define(
    "try-no-model",
    "A replica was reached and does not serve {model}: {reason}. Compare the served names of the"
    " route's models.",
)
NOT_TAKEN = define(
    "try-not-taken",
    "The replica does not take this request, {status}: {reason}. Shorten the prompt or ask for"
    " fewer tokens.",
)
NOT_ADMITTED = define(
    "try-not-admitted",
    "The gateway wants credentials, {status}, and Waybill holds none for it. Send the request with"
    " curl and your own key.",
)
SHED = define(
    "try-shed",
    "The request was turned away because too much is asked at the moment, 429: {reason}. Wait, or"
    " add replicas by a change.",
)
NO_REPLICA = define(
    "try-no-replica",
    "The gateway has no replica to send this to, 503: {reason}. Look at the replicas of the"
    " route's models.",
)
GATEWAY_TIMEOUT = define(
    "try-gateway-timeout",
    "The gateway gave up waiting for a replica, 504: {reason}. Look at the queues, and at the"
    " timeout of the route.",
)
REDIRECTED = define(
    "try-redirected",
    "The gateway sends its clients elsewhere, {status}, and Waybill does not follow. Let the route"
    " name the listener that serves.",
)
REFUSED = define(
    "try-refused",
    "The gateway answered {status}: {reason}. Look at the picker and at the log of the gateway.",
)
NOT_A_STREAM = define(
    "try-not-a-stream",
    "The answer is no event stream but {kind}. Look whether something between gateway and engine"
    " rewrites answers.",
)
NOT_CHUNKS = define(
    "try-not-chunks",
    "The stream holds something that is no part of a chat completion. Look whether the engine"
    " serves chat completions.",
)
FAILED = define("try-failed", "The engine gave up in the middle: {reason}. Its log has the reason.")
NO_TOKEN_YET = define(
    "try-no-token-yet",
    "No token came within {seconds} seconds. Look at the queues of the replicas.",
)
TOO_SLOW = define(
    "try-too-slow",
    "The answer had not ended after {seconds} seconds, and was cut off here. What came until then"
    " stands above.",
)
CUT_OFF = define(
    "try-cut-off",
    "The answer ended in the middle: the connection was closed. Look whether a replica has just"
    " restarted.",
)
TOO_MUCH = define(
    "try-too-much",
    "More came than was asked for, and was cut off here. Look whether the engine honours"
    " max_tokens.",
)
