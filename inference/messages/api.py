"""What the REST door says about requests: their form, their preconditions, their keys."""

from inference.messages import define

ROUTE_UNKNOWN = define("route-unknown", "Nothing is offered at this address; see the OpenAPI page.")
HOST_UNKNOWN = define(
    "host-unknown",
    "This request names a host that is not Waybill's; ask at an address that WAYBILL_HOSTS lists.",
)
REQUEST_UNREADABLE = define("request-unreadable", "This request could not be read.")
METHOD_UNKNOWN = define("method-not-allowed", "{method} is not offered here.")
NOT_ACCEPTABLE = define(
    "not-acceptable", "This is answered as {offered}; the Accept header wants something else."
)
MEDIA_TYPE_UNKNOWN = define(
    "media-type-unknown", "A body is taken as {taken}, not as {given}; set Content-Type."
)
BODY_MALFORMED = define(
    "body-malformed", "The body is no valid JSON ({problem}); correct it and send it again."
)
BODY_DUPLICATE_KEY = define(
    "body-duplicate-key", "The key {key} stands twice in one object; keep one."
)
BODY_TOO_DEEP = define("body-too-deep", "The body nests deeper than {limit} levels.")
BODY_TOO_LARGE = define("body-too-large", "The body is larger than {limit} bytes.")
BODY_INVALID = define("body-invalid", "Fields that cannot be taken: {count}. Each says why.")
NUL_CHARACTER = define("body-nul-character", "The body holds a NUL character; take it out.")
QUERY_MALFORMED = define(
    "query-malformed", "The query string is no plain text; percent-encode it as UTF-8."
)
FILTER_UNKNOWN = define("filter-unknown", "{name} is no filter here; there are: {known}.")
FILTER_TWICE = define("filter-twice", "The filter {name} is given twice; give it once.")
FILTER_INVALID = define("filter-invalid", "{name} cannot be taken: {reason}")
CURSOR_INVALID = define(
    "cursor-invalid", "This cursor is none that was given out for this list; begin without one."
)
LIMIT_INVALID = define("limit-invalid", "A page has between 1 and {most} items.")
IF_MATCH_MISSING = define(
    "if-match-missing",
    "Say which version you looked at: send its ETag in the If-Match header.",
)
IF_MATCH_MALFORMED = define(
    "if-match-malformed", 'If-Match holds entity tags in double quotes, such as "3".'
)
KEY_MALFORMED = define(
    "idempotency-key-malformed",
    "An Idempotency-Key has 1 to 100 letters, digits and any of . _ : -",
)
KEY_REUSED = define(
    "idempotency-key-reused",
    "This Idempotency-Key was used for another request; take a new one for a new request.",
)
KEY_IN_FLIGHT = define(
    "idempotency-key-in-flight",
    "The first request with this Idempotency-Key is still being answered; ask again shortly.",
)
CSRF_FAILED = define(
    "csrf-failed", "Send the CSRF token of your session in the X-CSRFToken header: {reason}"
)
CROSS_SITE = define(
    "cross-site", "A page of another site asked for this in your session; it was not done."
)
TOO_MANY = define("too-many-requests", "Too many attempts; ask again in {seconds} seconds.")
UNEXPECTED = define(
    "unexpected",
    "Something went wrong here; it is written down under the request id {request_id}.",
)
UNREADY = define("unready", "This part of Waybill does not answer just now; ask again shortly.")
KUBECONFIG_OR_PARTS = define(
    "kubeconfig-or-parts", "Send either a kubeconfig or the parts of a connection."
)
TEAM_DIFFERS = define(
    "team-differs", "A change edits definitions of one team, and this one is of team {team}."
)
