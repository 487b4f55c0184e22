"""The answer that opens a change: what is so, and what it waits for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.messages import changes as messages
from inference.messages import find, sentence
from inference.web.change_clusters import ClusterPart
from inference.web.counts import have
from inference.web.deciders import Deciders, Standing, advice
from inference.web.verdicts import Verdict

State = ChangeRequest.State
WORDS = {
    State.DRAFT: ("is-off", "edit", "Draft"),
    State.PLANNING: ("is-busy", "progress", "Planning"),
    State.IN_REVIEW: ("is-busy", "waiting", "Decide"),
    State.CHANGES_REQUESTED: ("is-warn", "undo", "Sent back"),
    State.APPROVED: ("is-busy", "check", "Approved"),
    State.APPLYING: ("is-busy", "progress", "Pushing"),
    State.VERIFYING: ("is-busy", "progress", "Verifying"),
    State.SUCCEEDED: ("is-ok", "ok", "Done"),
    State.PARTIAL: ("is-warn", "warn", "Partly done"),
    State.FAILED: ("is-bad", "bad", "Failed"),
    State.REJECTED: ("is-off", "x", "Rejected"),
    State.CANCELLED: ("is-off", "x", "Cancelled"),
    State.EXPIRED: ("is-off", "clock", "Expired"),
}
"""Class, icon and word of a change in lists and on its own page."""


@dataclass(frozen=True)
class Answer:
    """Bold up to the full stop, then plain."""

    look: str
    icon: str
    fact: str
    rest: str = ""


@dataclass(frozen=True)
class Facts:
    """All that an answer is made of."""

    change: ChangeRequest
    reader: User
    standing: Standing
    deciders: Deciders | None
    verdicts: Sequence[Verdict]
    parts: Sequence[ClusterPart]


def answer_of(facts: Facts) -> Answer:
    return _ANSWERS.get(State(facts.change.state), _ended)(facts)


def _draft(facts: Facts) -> Answer:
    change, standing = facts.change, facts.standing
    if change.problem_code:
        text = sentence(change.problem_code, change.problem_params)
        then = find(change.problem_code).advice(**change.problem_params)
        rest = then or "Mend that, then submit it again."
        if not standing.edit:
            rest = "It waits for its author."
        return Answer("is-bad", "bad", text, rest)
    rest = "Submit it, and it is planned and put before those who decide." if standing.edit else ""
    return Answer("is-off", "edit", "A draft: nobody has been asked yet.", rest)


def _planning(facts: Facts) -> Answer:
    fact = "It is being planned."
    if facts.change.stale:
        fact = "It is being planned anew: the world has moved."
    rest = "Each cluster is asked what the change would do to it; nothing is written."
    return Answer("is-busy", "progress", fact, rest)


def _sent_back(facts: Facts) -> Answer:
    rest = "Revise it, and it is planned and asked for again." if facts.standing.edit else ""
    return Answer("is-warn", "undo", "Sent back: somebody asked for another revision.", rest)


def _done(facts: Facts) -> Answer:
    """Of then: whether it still runs is told below, by who sees it."""
    if not _counted(facts.parts)[1]:
        return Answer("is-ok", "ok", "Done: the definitions say so now; no object had to change.")
    return Answer("is-ok", "ok", "Done: what was approved was pushed, and was seen to arrive.")


def _review(facts: Facts) -> Answer:
    standing, deciders = facts.standing, facts.deciders
    red = [one for one in facts.verdicts if one.is_red]
    if red:
        number = list(facts.verdicts).index(red[0]) + 1
        fact = f"Cannot be approved: verdict {number} says “{red[0].word.lower()}”."
        rest = "It can be sent back, or rejected."
        if standing.replan:
            rest = "When the cause is gone, have it planned anew; or revise it."
        return Answer("is-bad", "bad", fact, rest)
    if facts.change.problem_code:
        text = sentence(facts.change.problem_code, facts.change.problem_params)
        return Answer("is-bad", "bad", "It was approved, and could not start.", text)
    missing = deciders.missing if deciders else 1
    waits = "Waits for one approval" if missing == 1 else f"Waits for {missing} approvals"
    if standing.can_approve:
        return Answer(
            "is-busy", "waiting", f"{waits}: you can give it.", "Nothing is pushed before that."
        )
    refusal = standing.approve
    rest = advice(refusal, deciders) if refusal else ""
    return Answer("is-busy", "waiting", f"{waits}.", rest)


def _approved(facts: Facts) -> Answer:
    change = facts.change
    if change.problem_code:
        text = sentence(change.problem_code, change.problem_params)
        return Answer("is-warn", "held", "Approved, and it waits to start.", text)
    return Answer("is-busy", "progress", "Approved: the push is about to start.")


def _under_way(facts: Facts) -> Answer:
    if facts.change.state == State.VERIFYING:
        return Answer("is-busy", "progress", "Pushed, and being verified by what answers.")
    return Answer("is-busy", "progress", "Being pushed.")


def _stopped(facts: Facts) -> Answer:
    look, icon, word = WORDS[State(facts.change.state)]
    done, all_of_them = _counted(facts.parts)
    rest = "What stopped it, and what to do next, stands below."
    there = have(done, all_of_them, "object", "is there", "are there")
    return Answer(look, icon, f"{word}: {there[0].lower()}{there[1:]}.", rest)


def progress_of(change: ChangeRequest, parts: Sequence[ClusterPart]) -> str:
    """What moves while it is under way, the same for all who read."""
    if change.state not in {State.APPLYING, State.VERIFYING}:
        return ""
    done, all_of_them = _counted(parts)
    return f"{have(done, all_of_them, 'object', 'is there', 'are there')}."


def _counted(parts: Sequence[ClusterPart]) -> tuple[int, int]:
    return sum(one.done for one in parts), sum(one.objects for one in parts)


def _ended(facts: Facts) -> Answer:
    change, reader = facts.change, facts.reader
    look, icon, word = WORDS[State(change.state)]
    rest = "Nothing was pushed; the definitions are as they were."
    if change.state == State.EXPIRED:
        rest += " Draft it again, if it is still wanted."
        return Answer(look, icon, str(messages.EXPIRED.sentence), rest)
    if change.author_id == reader.pk and change.state == State.REJECTED:
        rest += " The reason is below."
    return Answer(look, icon, f"{word}.", rest)


_ANSWERS: dict[str, Callable[[Facts], Answer]] = {
    State.DRAFT: _draft,
    State.PLANNING: _planning,
    State.IN_REVIEW: _review,
    State.CHANGES_REQUESTED: _sent_back,
    State.APPROVED: _approved,
    State.APPLYING: _under_way,
    State.VERIFYING: _under_way,
    State.SUCCEEDED: _done,
    State.PARTIAL: _stopped,
    State.FAILED: _stopped,
}
