"""The seven verdicts of a plan, in one order: a word, the line that decides, age and source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.changes.models import ChangeRequest, PlanCheck
from inference.changes.visibility import Reach, checks_of
from inference.messages import planning as messages
from inference.messages import sentence
from inference.web.counts import plural

State = PlanCheck.State

TITLES = (
    ("diff", "Diff", "server diff"),
    ("accepted", "Accepted by API", "dry run"),
    ("fits", "Fits", "pool count"),
    ("update-path", "Update path", "computed"),
    ("blast-radius", "Blast radius", "inventory"),
    ("cost", "Cost", "pool price"),
    ("freshness", "Freshness", "clusters"),
)
"""Key, what it is called, and where its result comes from."""

LOOKS = {
    State.GREEN: ("is-ok", "ok"),
    State.AMBER: ("is-warn", "warn"),
    State.RED: ("is-bad", "bad"),
    State.GREY: ("is-off", "unknown"),
}
"""Class and icon: the one place where a check meets a colour."""

WORST_FIRST = (State.RED, State.AMBER, State.GREY, State.GREEN)
"""What was not checked outweighs what was found to be well: silence is never green."""

WORDS = {
    messages.CHANGES_NOTHING.code: "No object",
    messages.ACCEPTED.code: "Accepted",
    messages.REJECTED.code: "Refused",
    messages.TRIED_LATER.code: "Tried later",
    messages.AUTHOR_LACKS_ROLE.code: "Lacks a role",
    messages.NOT_ASKED.code: "Not reached",
    messages.NAMESPACE_MISSING.code: "No namespace",
    messages.CLUSTER_HELD.code: "Held",
    messages.CLUSTER_NEVER_SEEN.code: "Never seen",
    messages.LACKS_KIND.code: "Kind missing",
    messages.OWNED_BY_OTHERS.code: "Not ours",
    messages.FIELD_CONTESTED.code: "Contested",
    messages.TAKES_BACK.code: "Takes back",
    messages.NO_FORCE.code: "No force",
    messages.OWNED_AGAIN.code: "Ours again",
    messages.DELETES_NOTHING.code: "No deletion",
    messages.BEYOND_PRUNE_CAP.code: "Too many",
    messages.GONE_ALREADY.code: "Gone already",
    messages.NOT_OURS_ANY_MORE.code: "Not ours",
    messages.FITS_ASKS_NOTHING.code: "No more",
    messages.FITS_NO_MORE.code: "No more",
    messages.FITS_PERHAPS.code: "May fit",
    messages.FITS_TOO_FEW.code: "Too few",
    messages.FITS_NO_NODE.code: "Too few",
    messages.FITS_LAST_SEEN.code: "May fit",
    messages.FITS_NOT_COUNTED.code: "Not counted",
    messages.RESTARTS_NOTHING.code: "No restart",
    messages.RESTARTS.code: "Restarts",
    messages.FRESH.code: "Fresh",
    messages.OF_OTHERS.code: "Of others",
}
BY_STATE = {
    State.GREEN: "Good",
    State.AMBER: "Look here",
    State.RED: "Stops it",
    State.GREY: "Not checked",
}
PREFIX = "Not checked: "


@dataclass(frozen=True)
class Finding:
    """One check as a person reads it."""

    look: str
    icon: str
    word: str
    sentence: str
    cluster: str


@dataclass(frozen=True)
class Verdict:
    """One of the seven boxes; `findings` is its evidence."""

    key: str
    title: str
    look: str
    icon: str
    word: str
    line: str
    source: str
    findings: tuple[Finding, ...]
    state: str

    @property
    def is_red(self) -> bool:
        return self.state == State.RED

    @property
    def is_grey(self) -> bool:
        return self.state == State.GREY

    @property
    def is_open(self) -> bool:
        """Amber or grey: what a signature has to know of."""
        return self.state in {State.AMBER, State.GREY}


def verdicts_of(change: ChangeRequest, whose: Reach = None) -> list[Verdict]:
    """Seven, always. One query. Nothing of teams beyond `whose` is named."""
    checks = checks_of(change.plan_id, whose) if change.plan_id else []
    found = [
        _verdict(key, title, source, [one for one in checks if one.verdict == key])
        for key, title, source in TITLES
    ]
    return [*found[:-1], _moved(found[-1])] if change.stale and checks else found


def _moved(freshness: Verdict) -> Verdict:
    """What was fresh when it was planned is not so any more."""
    look, icon = LOOKS[State.AMBER]
    word, line = "Moved", "The world has moved since it was planned."
    moved = Finding(look, icon, word, line, "")
    return replace(
        freshness, look=look, icon=icon, word=word, line=line, findings=(moved,), state=State.AMBER
    )


def red_of(change: ChangeRequest, verdicts: Sequence[Verdict]) -> int | None:
    """The number of the first verdict that blocks a review."""
    if change.state != ChangeRequest.State.IN_REVIEW:
        return None
    red = (number for number, one in enumerate(verdicts, 1) if one.is_red)
    return next(red, None)


def _verdict(key: str, title: str, source: str, checks: Sequence[PlanCheck]) -> Verdict:
    findings = tuple(_finding(check) for check in checks)
    if not findings:
        look, icon = LOOKS[State.GREY]
        line = "There is no plan yet."
        return Verdict(key, title, look, icon, "Not checked", line, source, (), State.GREY)
    worst = min(checks, key=lambda one: WORST_FIRST.index(State(one.state)))
    found = _finding(worst)
    return Verdict(
        key=key,
        title=title,
        look=found.look,
        icon=found.icon,
        word=found.word,
        line=_line(worst, checks),
        source=source,
        findings=findings,
        state=worst.state,
    )


def _finding(check: PlanCheck) -> Finding:
    look, icon = LOOKS[State(check.state)]
    said = sentence(check.code, check.params)
    text = said.removeprefix(PREFIX)
    if text != said:
        text = text[:1].upper() + text[1:]
    cluster = check.cluster.name if check.cluster else ""
    return Finding(look, icon, _word(check), text, cluster)


def _word(check: PlanCheck) -> str:
    """One or two words. A check that is new to this page has the word of its state."""
    if check.code == messages.CHANGES_OBJECTS.code:
        return plural(sum(check.params.values()), "object")
    if check.code == messages.DELETES.code:
        return f"{check.params.get('count')} deleted"
    return WORDS.get(check.code, BY_STATE[State(check.state)])


def _line(worst: PlanCheck, checks: Sequence[PlanCheck]) -> str:
    if worst.code == messages.CHANGES_OBJECTS.code:
        return _counts(worst.params)
    same = [one for one in checks if one.code == worst.code]
    if worst.code == messages.TRIED_LATER.code:
        return f"{plural(len(same), 'object')} can be tried only when this plan has made others"
    if worst.code == messages.ACCEPTED.code and len(same) == len(checks):
        objects = sum(one.params.get("count", 0) for one in same)
        return f"{plural(objects, 'object')} in {plural(len(same), 'cluster')}"
    more = sum(one.state == worst.state for one in checks) - 1
    first, _, _ = _finding(worst).sentence.partition(". ")
    return first.rstrip(".") + "." + (f" And {more} more." if more else "")


def _counts(params: dict[str, int]) -> str:
    return (
        f"{params.get('create', 0)} new, {params.get('update', 0)} changed,"
        f" {params.get('delete', 0)} deleted"
    )
