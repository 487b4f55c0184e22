"""The figures of a try in words, each under the name that the page has for its place. Pure."""

from inference.health.streaming import Told
from inference.health.tally import Tally

UNKNOWN = "unknown"
_ENDINGS = {
    "stop": "it came to its end",
    "length": "cut at the length asked for",
    "content_filter": "held back by a filter",
    "tool_calls": "it calls a tool",
}


def shown(told: Told) -> dict[str, str]:
    """Nothing is said of what is not known yet, save that there are no two tokens to compare."""
    tally = told.tally
    found: dict[str, str] = {}
    if told.replica is not None:
        by = "named by a header of the answer" if told.replica else "no header of the answer does"
        found |= {"replica": told.replica or UNKNOWN, "replica-by": by}
    if tally.first_token_ms is not None:
        found |= _time("first", tally.first_token_ms)
    if tally.until_now_ms is not None:
        found |= _time("whole", tally.until_now_ms)
    if tally.pieces:
        found |= {"rate": _rate(tally), "rate-by": _counted(tally)}
    if tally.finish:
        found["ended"] = _ENDINGS.get(tally.finish, f"it ended by {tally.finish}")
    return found


def _rate(tally: Tally) -> str:
    rate = tally.tokens_per_second
    return UNKNOWN if rate is None else f"{rate:.1f}"


def _counted(tally: Tally) -> str:
    if tally.counted is None:
        return f"after the first; {tally.pieces} pieces counted here"
    return f"after the first; {tally.counted} counted by the engine"


def _time(name: str, milliseconds: int) -> dict[str, str]:
    """`182` and `ms`, `1.94` and `s`."""
    if milliseconds < 1000:  # noqa: PLR2004  (in a second)
        return {name: str(milliseconds), f"{name}-unit": "ms"}
    return {name: f"{milliseconds / 1000:.2f}", f"{name}-unit": "s"}
