"""The deeds of people on changes: draft, revise, submit, decide, cancel.

Approving records a decision and posts to the outbox; nothing else. Pushing is delivery's deed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import BigAutoField

from inference import events, outbox
from inference.accounts.models import Team, Token, User
from inference.audit.recording import record
from inference.changes import policies
from inference.changes.contributing import contribute
from inference.changes.edits import Proposal, accept, propose_nearby
from inference.changes.models import ChangeRequest, Decision, Plan
from inference.changes.revisions import write_revision
from inference.changes.texts import check_line, check_prose, title_of
from inference.changes.transitions import move
from inference.compiled import Select, Slot, add
from inference.errors import Conflict, Invalid
from inference.failpoints import declare, failpoint
from inference.messages import changes as messages

declare("approve.before_commit", "submit.before_commit")

State = ChangeRequest.State
REVIEW_PERIOD = timedelta(days=7)
START_PERIOD = timedelta(hours=24)


@transaction.atomic
def draft(
    *,
    team: Team,
    title: str,
    reason: str,
    edits: Sequence[Proposal],
    by: User,
    at: datetime,
    token: Token | None = None,
) -> ChangeRequest:
    """A change that nobody but its team sees to yet. Raises Invalid with each fault at its path."""
    policies.check_can_propose(team, by, token)
    if not reason.strip():
        raise Invalid(messages.REASON_MISSING)
    check_prose("reason", reason)
    check_line("title", title)
    accepted = accept(team, edits)
    change = ChangeRequest.objects.create(
        title=title.strip() or title_of(accepted),
        reason=reason,
        team=team,
        author=by,
        created_at=at,
        expires_at=at + REVIEW_PERIOD,
    )
    write_revision(change, accepted, by, at, token)
    record(
        verb="drafted",
        subject_kind="change-request",
        subject_id=change.pk,
        subject_name=change.title,
        by=by,
        token=token,
        at=at,
        team=team,
        after={"edits": [str(edit) for edit in accepted]},
    )
    outbox.post("changes.expire", change.pk, due_at=change.expires_at)
    return _fresh(change)


@transaction.atomic
def revise(
    *,
    change: ChangeRequest,
    version: int,
    edits: Sequence[Proposal],
    by: User,
    at: datetime,
    token: Token | None = None,
) -> ChangeRequest:
    """Replace its edits by a new revision. Decisions on older plans count no more."""
    change = _at_version(change, version)
    policies.check_can_edit(change, by, token)
    accepted = accept(change.team, edits)
    write_revision(change, accepted, by, at, token)
    return move(
        change,
        State.DRAFT,
        verb="revised",
        at=at,
        by=by,
        token=token,
        plan=None,
        stale=False,
        planned_at=None,
        plan_valid_until=None,
        approved_at=None,
        problem_code="",
        problem_params={},
    )


@transaction.atomic
def submit(
    *, change: ChangeRequest, version: int, by: User, at: datetime, token: Token | None = None
) -> ChangeRequest:
    """Have it planned, and put before those who decide. Raises Conflict for a lost update."""
    change = _at_version(change, version)
    policies.check_can_edit(change, by, token)
    if change.revision_id is None:
        raise Invalid(messages.NO_EDITS)
    if change.state == State.CHANGES_REQUESTED:
        raise Conflict(messages.REVISE_FIRST)
    propose_nearby(change.revision_id)
    contribute(change, by, token)
    moved = move(
        change,
        State.PLANNING,
        verb="submitted",
        at=at,
        by=by,
        token=token,
        approved_at=None,
        expires_at=at + REVIEW_PERIOD,
        problem_code="",
        problem_params={},
    )
    outbox.post("changes.plan", change.pk)
    failpoint("submit.before_commit")
    return moved


@transaction.atomic
def approve(
    *,
    change: ChangeRequest,
    plan_hash: str,
    by: User,
    at: datetime,
    comment: str = "",
    token: Token | None = None,
) -> Decision:
    """Accept the plan that `plan_hash` names; the last approval that is needed wakes delivery.

    Raises Conflict if the plan has moved on, NotAllowed if `by` contributed to it or lacks a role.
    """
    change = _locked(change)
    policies.check_can_approve(change, by, plan_hash, token)
    plan = _plan(change)
    said = policies.said(plan)
    decision = _decide(plan, said, Decision.Verdict.APPROVE, by, at, comment, token)
    word = policies.Word(by.pk, decision.stage, decision.verdict)
    if policies.is_settled(plan, [*said, word]):
        move(
            change,
            State.APPROVED,
            verb="approved",
            at=at,
            by=by,
            token=token,
            approved_at=at,
            expires_at=at + START_PERIOD,
        )
        outbox.post("delivery.start", change.pk)
    else:
        events.announce(f"change-request:{change.pk}")
    failpoint("approve.before_commit")
    return decision


@transaction.atomic
def request_changes(
    *,
    change: ChangeRequest,
    plan_hash: str,
    comment: str,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> Decision:
    """Send it back to its people, with what should be different."""
    return _send_back(change, plan_hash, comment, by, at, token, Decision.Verdict.REQUEST_CHANGES)


@transaction.atomic
def reject(
    *,
    change: ChangeRequest,
    plan_hash: str,
    comment: str,
    by: User,
    at: datetime,
    token: Token | None = None,
) -> Decision:
    """End it."""
    return _send_back(change, plan_hash, comment, by, at, token, Decision.Verdict.REJECT)


@transaction.atomic
def cancel(
    *, change: ChangeRequest, version: int, by: User, at: datetime, token: Token | None = None
) -> ChangeRequest:
    """Take it back before it starts. Definitions were never touched."""
    change = _at_version(change, version)
    policies.check_can_cancel(change, by, token)
    return move(
        change, State.CANCELLED, verb="cancelled", at=at, by=by, token=token, finished_at=at
    )


def _send_back(
    change: ChangeRequest,
    plan_hash: str,
    comment: str,
    by: User,
    at: datetime,
    token: Token | None,
    verdict: Decision.Verdict,
) -> Decision:
    if not comment.strip():
        raise Invalid(messages.COMMENT_MISSING)
    change = _locked(change)
    policies.check_can_decide(change, by, plan_hash, token)
    plan = _plan(change)
    decision = _decide(plan, policies.said(plan), verdict, by, at, comment, token)
    if verdict == Decision.Verdict.REJECT:
        move(change, State.REJECTED, verb="rejected", at=at, by=by, token=token, finished_at=at)
    else:
        move(change, State.CHANGES_REQUESTED, verb="sent back", at=at, by=by, token=token)
    return decision


def _plan(change: ChangeRequest) -> Plan:
    if change.plan is None:
        raise Conflict(messages.NOT_IN_REVIEW, state=change.state)
    return change.plan


def _decide(
    plan: Plan,
    said: Sequence[policies.Word],
    verdict: Decision.Verdict,
    by: User,
    at: datetime,
    comment: str,
    token: Token | None,
) -> Decision:
    check_prose("comment", comment)
    try:
        return add(
            Decision(
                plan=plan,
                plan_hash=plan.hash,
                plan_author_id=plan.author_id,
                one_pair_of_eyes=policies.one_pair_is_enough(plan),
                actor=by,
                token=token,
                sequence=1 + sum(word.actor == by.pk for word in said),
                verdict=verdict,
                comment=comment,
                at=at,
            )
        )
    except IntegrityError:  # the transaction of the deed is lost, and ends with this
        raise Conflict(messages.DECIDED_ALREADY) from None


_LOCK = Select(
    lambda: (
        ChangeRequest.objects.select_for_update(of=("self",))
        .select_related("team", "plan")
        .filter(pk=Slot("change", BigAutoField()))
    )
)


def _locked(change: ChangeRequest) -> ChangeRequest:
    """The row as it is now, locked where the database locks rows."""
    row = _LOCK.first(change=change.pk)
    if row is None:
        raise ChangeRequest.DoesNotExist
    return row


def _at_version(change: ChangeRequest, version: int) -> ChangeRequest:
    change = _locked(change)
    if change.version != version:
        raise Conflict(messages.CHANGE_MOVED_ON, was=version, now=change.version)
    return change


def _fresh(change: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.select_related("team", "author", "plan", "revision").get(
        pk=change.pk
    )
