"""Who may decide on a change, who did, and why somebody cannot: the rule and a person to ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from inference.accounts.models import Membership, User
from inference.changes import policies
from inference.changes.models import ChangeRequest, Contributor, Decision, Plan, PlanTouch
from inference.changes.visibility import DECIDING
from inference.delivery.gate import check_can_retry
from inference.errors import Refusal
from inference.messages import changes as messages
from inference.web.tags import clock, short

SHOWN = 8
ASK_ANOTHER = {
    messages.OWN_CHANGE,
    messages.ISSUED_ITS_TOKEN,
    messages.MAY_NOT_DECIDE,
    messages.MAY_NOT_DECIDE_FOR_OTHERS,
}


@dataclass(frozen=True)
class Person:
    """One line: `why` is the reason for can or cannot."""

    name: str
    why: str
    is_reader: bool = False
    can: bool = True
    has_decided: bool = False


@dataclass(frozen=True)
class Deciders:
    """Who stands where, as of now."""

    needed: int
    have: int
    people: tuple[Person, ...]
    more: int
    never: str
    """Those who cannot at any stage, as half a sentence."""

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.have)

    @property
    def others(self) -> str:
        """Whom a reader who cannot decide may ask."""
        free = [one for one in self.people if one.can and not one.is_reader]
        return " or ".join([one.name for one in free if not one.has_decided][:2])


@dataclass(frozen=True)
class Standing:
    """What the reader may do now. A refusal stands where a button does not."""

    approve: Refusal | None
    decide: Refusal | None
    edit: bool
    cancel: bool
    retry: Refusal | None
    replan: bool
    """In review, and theirs: whoever asks for a plan has a hand in the change from then on."""

    @property
    def can_approve(self) -> bool:
        return self.approve is None

    @property
    def can_decide(self) -> bool:
        return self.decide is None

    @property
    def can_retry(self) -> bool:
        return self.retry is None


def standing_of(change: ChangeRequest, reader: User) -> Standing:
    plan_hash = change.plan.hash if change.plan else ""
    may_edit = policies.can_edit(change, reader)
    is_theirs = Contributor.objects.filter(change=change, user=reader).exists()
    return Standing(
        approve=refusal_of(policies.check_can_approve, change, reader, plan_hash),
        decide=refusal_of(policies.check_can_decide, change, reader, plan_hash),
        edit=may_edit,
        cancel=policies.can_cancel(change, reader),
        retry=refusal_of(check_can_retry, change, reader),
        replan=may_edit and is_theirs and change.state == ChangeRequest.State.IN_REVIEW,
    )


def refusal_of(check: object, *arguments: object) -> Refusal | None:
    """What a policy says no with, if it does."""
    try:
        check(*arguments)  # type: ignore[operator]  # policies of one shape
    except Refusal as refusal:
        return refusal
    return None


def deciders_of(change: ChangeRequest, reader: User) -> Deciders | None:
    """Four queries, however many people there are; one more where one pair of eyes may do."""
    plan = change.plan
    if plan is None:
        return None
    alone = policies.one_pair_is_enough(plan)
    hands = {row.user_id: row for row in _hands(change)}
    words = {row.actor_id: row for row in _words(plan)}
    able = list(_able(plan)[: SHOWN + len(hands) + 1])
    known = {one.pk: one for one in [*able, *(row.actor for row in words.values())]}
    rows = [
        _person(change, one, reader, words.get(one.pk), {} if alone else hands)
        for one in known.values()
        if one.pk != change.author_id or alone
    ]
    rows.sort(key=lambda row: (not row.has_decided, not row.is_reader, not row.can, row.name))
    have = sum(one.verdict == Decision.Verdict.APPROVE for one in words.values())
    return Deciders(
        needed=plan.quorum,
        have=have,
        people=tuple(rows[:SHOWN]),
        more=max(0, len(rows) - SHOWN),
        never="" if alone else _never(change, hands.values()),
    )


def _hands(change: ChangeRequest) -> QuerySet[Contributor]:
    return Contributor.objects.filter(change=change).select_related("user").order_by("pk")


def _words(plan: Plan) -> QuerySet[Decision]:
    """In order, so that of one person's words the latest stays."""
    rows = Decision.objects.filter(plan=plan).select_related("actor")
    return rows.order_by("sequence", "pk")


def _able(plan: Plan) -> QuerySet[User]:
    """People with the role in every team and environment that the plan touches."""
    held = Membership.objects.filter(
        user=OuterRef(OuterRef("pk")),
        team=OuterRef("team"),
        environment=OuterRef("environment"),
        role__in=DECIDING,
    )
    lacking = PlanTouch.objects.filter(~Exists(held), plan=plan)
    return User.objects.filter(
        Q(is_superuser=True) | ~Exists(lacking), is_active=True, kind=User.Kind.PERSON
    ).order_by("username")


def _person(
    change: ChangeRequest,
    one: User,
    reader: User,
    word: Decision | None,
    hands: Mapping[UUID, Contributor],
) -> Person:
    is_reader = one.pk == reader.pk
    if word is not None:
        why = f"{_past(word)} {short(word.plan_hash)}, {clock(word.at)}"
        return Person(str(one), why, is_reader, True, True)
    if one.pk in hands:
        issued = hands[one.pk].issued_token_id is not None
        why = "cannot: issued its robot's token" if issued else "cannot: had a hand in it"
        return Person(str(one), why, is_reader, False)
    if change.state == ChangeRequest.State.PLANNING:
        return Person(str(one), "can, once it is planned", is_reader)
    if change.state != ChangeRequest.State.IN_REVIEW:
        return Person(str(one), "could have", is_reader)
    return Person(str(one), "you" if is_reader else "can", is_reader)


def _past(word: Decision) -> str:
    return {
        Decision.Verdict.APPROVE: "approved",
        Decision.Verdict.REQUEST_CHANGES: "sent back",
        Decision.Verdict.REJECT: "rejected",
    }[Decision.Verdict(word.verdict)]


def _never(change: ChangeRequest, hands: Iterable[Contributor]) -> str:
    parts = [f"{change.author}, author"]
    parts += [f"{one.user}, {_hand(one)}" for one in hands if one.user_id != change.author_id]
    return "; ".join(parts)


def _hand(one: Contributor) -> str:
    if one.issued_token_id is not None:
        return "issued the robot's token"
    return "a robot" if one.user.is_robot else "contributed"


def advice(refusal: Refusal, deciders: Deciders | None) -> str:
    """The rule, and whom to ask."""
    whom = deciders.others if deciders else ""
    text = str(refusal)
    if refusal.message is messages.OWN_CHANGE:
        text = "You had a hand in this change, so somebody else decides."
    if refusal.message is messages.ISSUED_ITS_TOKEN:
        text = "You issued the token of the robot that made this change: somebody else decides."
    if whom and refusal.message in ASK_ANOTHER:
        text += f" Ask {whom}."
    return text
