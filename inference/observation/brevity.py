"""The short form of what schedulers say at length: how many nodes, and what each kind lacks. Pure.

The whole of it stands at its rung; an answer has room for the numbers that decide.
"""

import re

_AVAILABLE = re.compile(r"^(\d+)/(\d+) nodes are available: (.+?)(?:\. |\.?$)")
_APART = re.compile(r", (?=\d+ )")
_COUNTED = re.compile(r"^(\d+) (.+)$")
_WORDS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), one, more)
    for pattern, one, more in (
        (r"^Insufficient (\S+)$", r"lacks \1", r"lack \1"),
        (r"^node\(s\) had untolerated taint", "is tainted", "are tainted"),
        (r"^node\(s\) had taint", "is tainted", "are tainted"),
        (r"^node\(s\) were unschedulable", "is cordoned", "are cordoned"),
        (
            r"^node\(s\) didn't match Pod's node affinity/selector",
            "is not among those it may use",
            "are not among those it may use",
        ),
        (r"^Too many pods", "has no place for a pod", "have no place for a pod"),
        (
            r"^node\(s\) had volume node affinity conflict",
            "cannot reach its volume",
            "cannot reach its volume",
        ),
    )
)
"""A scheduler's words, and ours for one node and for several."""


def no_room(message: str) -> str:
    """One sentence; empty where the message is not of the form that schedulers use."""
    found = _AVAILABLE.match(message)
    if found is None:
        return ""
    fit, total, rest = int(found[1]), int(found[2]), found[3]
    counted = [said for part in _APART.split(rest) if (said := _COUNTED.match(part))]
    worst_first = sorted(counted, key=lambda said: -int(said[1]))
    reasons = dict.fromkeys(_said(int(said[1]), said[2]) for said in worst_first)
    nodes = f"{fit} of {total} nodes {'fits' if fit == 1 else 'fit'}"
    if total == 1:
        nodes = "the one node does not fit"
    return f"No node has room: {', '.join([nodes, *reasons])}."


def _said(count: int, words: str) -> str:
    for pattern, one, more in _WORDS:
        found = pattern.match(words)
        if found:
            return f"{count} {found.expand(one if count == 1 else more)}"
    return f"{count} {words.removeprefix('node(s) ')}"
