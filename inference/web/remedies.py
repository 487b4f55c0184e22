"""What to do next about a fault, and where: beside the sentence that says what is so. Pure."""

from dataclasses import dataclass
from enum import Enum

from inference.messages import Message, delivery, planning
from inference.messages import clusters as cluster


class Place(Enum):
    """The page on which somebody can do something about it."""

    NONE = "none"
    CLUSTER = "cluster"
    CREDENTIAL = "credential"
    DEFINITION = "definition"


@dataclass(frozen=True)
class Remedy:
    advice: str = ""
    place: Place = Place.NONE

    @property
    def helps_retry(self) -> bool:
        """Whether asking again can lead to anything else."""
        return self.advice != ANEW


BY_ITSELF = "Nothing is lost: Waybill asks again by itself, and goes on when the cluster answers."
BY_PLATFORM = "Platform mends this on the cluster's page; then Waybill goes on by itself."
REPLACED = "Platform replaces it on the cluster's page; then Waybill goes on by itself."
RESUMED = "It goes on when platform has resumed the cluster."
RETRY = "When that is done, try again: no new decision is needed."
REPLAN = "When that is done, have it planned anew."
ANEW = "No retry helps, since the plan is about what was there before: draft the change anew."
OTHERWISE = "Have the rule changed and try again, or draft a change that it lets through."
_GOES_ON = {BY_ITSELF, BY_PLATFORM, REPLACED, RESUMED}

_SAME: dict[Remedy, tuple[Message, ...]] = {
    Remedy(BY_ITSELF, Place.CLUSTER): (
        *(cluster.UNREACHABLE, cluster.TIMED_OUT, cluster.TOO_SLOW, cluster.CUT_OFF),
        *(cluster.THROTTLED, cluster.SERVER_ERROR),
    ),
    Remedy(BY_PLATFORM, Place.CLUSTER): (
        *(cluster.NAME_UNKNOWN, cluster.TLS_UNTRUSTED, cluster.TLS_EXPIRED, cluster.WRONG_HOST),
        *(cluster.TLS_FAILED, cluster.NOT_KUBERNETES, cluster.REDIRECTED),
        *(cluster.IDENTITY_CHANGED, cluster.EGRESS_REFUSED),
    ),
    Remedy(REPLACED, Place.CREDENTIAL): (cluster.CREDENTIAL_EXPIRED,),
    Remedy(RESUMED, Place.CLUSTER): (delivery.CLUSTER_HELD,),
    Remedy(f"The cluster's page offers the rights as YAML. {RETRY}", Place.CLUSTER): (
        *(cluster.FORBIDDEN, cluster.RIGHTS_NOT_HELD),
    ),
    Remedy(RETRY): (
        *(cluster.NAMESPACE_MISSING, cluster.NAMESPACE_TERMINATING, cluster.QUOTA_EXCEEDED),
    ),
    Remedy(f"Platform grants it again on the cluster's page. {RETRY}", Place.CLUSTER): (
        delivery.GRANT_GONE,
    ),
    Remedy("When they have let go, try again: no new decision is needed.", Place.DEFINITION): (
        cluster.FIELD_CONFLICT,
    ),
    Remedy(ANEW, Place.DEFINITION): (cluster.UID_MISMATCH, delivery.OVERTAKEN),
    Remedy(OTHERWISE, Place.DEFINITION): (
        *(cluster.DENIED_BY_ADMISSION, cluster.INVALID, cluster.IMMUTABLE, cluster.TOO_LARGE),
        *(cluster.KIND_NOT_SERVED, cluster.REFUSED),
    ),
    Remedy(
        "When that object is gone, try again; or draft the change under another name.",
        Place.DEFINITION,
    ): (delivery.EXISTED, cluster.ALREADY_EXISTS),
    Remedy("When the reason is gone, try again: no new decision is needed.", Place.DEFINITION): (
        delivery.NOT_READY_IN_TIME,
    ),
    Remedy("When the cluster answers, have it planned anew.", Place.CLUSTER): (
        *(planning.NOT_ASKED, planning.CLUSTER_NEVER_SEEN),
    ),
    Remedy(REPLAN): (planning.NAMESPACE_MISSING,),
    Remedy("When it is revised, submit it: it is planned anew."): (planning.FIELD_CONTESTED,),
    Remedy(REPLAN, Place.CLUSTER): (planning.CLUSTER_HELD, planning.LACKS_KIND),
    Remedy("Revise the change so that it is taken, or have the cause removed and plan anew."): (
        *(planning.REJECTED, planning.OWNED_BY_OTHERS, planning.BEYOND_PRUNE_CAP),
    ),
}
_REMEDIES = {message.code: one for one, messages in _SAME.items() for message in messages}


def remedy_of(code: str, *, has_ended: bool = False) -> Remedy:
    """Nothing for what is no fault, or needs no word beside its own sentence.

    Nobody asks a cluster again for a push that `has_ended`: a person has to.
    """
    found = _REMEDIES.get(code, Remedy())
    if has_ended and found.advice in _GOES_ON:
        return Remedy(RETRY, found.place)
    return found
