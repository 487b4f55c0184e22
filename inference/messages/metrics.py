"""What is said about metrics sources, and about numbers that are not known."""

from inference.messages import define

NO_SOURCE = define(
    "metrics-no-source",
    "No metrics source: a platform engineer enters one on the page of cluster {cluster}.",
)
ADDRESS = define(
    "metrics-address",
    "The address of a metrics source is http:// or https://, a host, and a path where it has one.",
)
TOKEN_IN_THE_CLEAR = define(
    "metrics-token-in-the-clear", "A token is sent over https only: give an https:// address."
)
TOKEN_NOT_KEPT = define(
    "metrics-token-not-kept",
    "The token belongs to the address that it was given for: give it again, or take it away.",
)
TOKEN_MALFORMED = define(
    "metrics-token-malformed", "A token is one line of printable characters without spaces."
)

# What an asking came to.
NOT_DIALLED = define("metrics-not-dialled", "The metrics source may not be dialled: {reason}")
UNREACHABLE = define(
    "metrics-unreachable",
    "The metrics source does not answer: {reason}. Is the address right, and is it reached from"
    " the workers?",
)
NOT_TRUSTED = define(
    "metrics-not-trusted",
    "The certificate of the metrics source is not trusted: {reason}. Enter the CA that signed it.",
)
TOO_SLOW = define(
    "metrics-too-slow", "The metrics source did not answer everything within {seconds} seconds."
)
TOO_LARGE = define("metrics-too-large", "The metrics source answered with more than {limit} bytes.")
UNAUTHORIZED = define(
    "metrics-unauthorized",
    "The metrics source refuses the token ({status}): enter one that may read.",
)
NOT_PROMETHEUS = define(
    "metrics-not-prometheus",
    "What answers there is no Prometheus-compatible API (status {status}). Enter the address up to"
    " the path before /api/v1/query.",
)
FAILED = define(
    "metrics-failed", "The metrics source cannot answer now (status {status}); it is asked again."
)
REFUSED = define("metrics-refused", "The metrics source refuses a query: {reason}")
NO_SERIES = define(
    "metrics-no-series",
    "It answers, but has no series of ours: none of an engine or a picker with the label"
    " waybill_placement. Does its operator select our PodMonitors and ServiceMonitors?",
)

# Why a number is not known.
NOT_ASKED = define("number-not-asked", "The metrics source has not been asked about it yet.")
NO_NAME = define("number-no-name", "None of its names is known there: {names}.")
NO_VALUE = define("number-no-value", "{name} has no value: nothing was counted in the last minute.")
NO_BACKEND = define("number-no-backend", "None of the backends knows it.")
