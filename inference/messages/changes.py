"""What is said about changes: who may, when, and why a step of the way was not taken."""

from inference.messages import define

REASON_MISSING = define("reason-missing", "Say why this should change.")
NO_EDITS = define("no-edits", "A change edits one definition at least.")
EDITED_TWICE = define("edited-twice", "This change edits {name} twice; put both into one edit.")
EDIT_INVALID = define("edit-invalid", "Fields of the edits that cannot be taken: {count}.")
TAKES_WITHOUT_UPDATE = define(
    "takes-without-update", "Only an update takes fields back; this edit is none."
)
TAKES_FROM_ELSEWHERE = define(
    "takes-from-elsewhere",
    "Waybill made no {object} in cluster {cluster} for this definition; name one of its objects.",
)
TAKES_FROM_ITSELF = define(
    "takes-from-itself", "Waybill needs no force for its own fields; name who holds this one."
)
VERB_UNKNOWN = define("verb-unknown", "An edit creates, updates or deletes; {verb} is neither.")
NOT_A_DRAFT = define(
    "change-not-editable", "This change is {state}; it can be edited until it is applied."
)
REVISE_FIRST = define(
    "change-revise-first",
    "This change was sent back: revise its edits as its decision asks, then submit it again.",
)
CHANGE_MOVED_ON = define(
    "change-moved-on",
    "This change has moved on: it has version {now}, you sent {was}. Look again, then decide.",
)
REVISED_MEANWHILE = define(
    "change-revised-meanwhile",
    "Somebody has revised this change since you opened it: it has revision {now}, you began with"
    " {was}. Nothing of yours was saved; open it again in a second window and compare.",
)
NOT_IN_REVIEW = define(
    "change-not-in-review", "This change is {state}; decisions are for changes in review."
)
PLAN_MOVED_ON = define(
    "plan-moved-on",
    "The plan has moved on: you saw {was}, now it is {now}. Look at the new plan, then decide.",
)
PLAN_HAS_RED_CHECKS = define(
    "plan-has-red-checks", "Red checks of this plan: {count}. It can be sent back, not approved."
)
PLAN_IS_STALE = define(
    "plan-is-stale",
    "The world has moved since this plan was made: have it planned anew, then decide.",
)
OWN_CHANGE = define("own-change", "Nobody decides on a change that they had a hand in.")
ISSUED_ITS_TOKEN = define(
    "issued-its-token", "Nobody decides on a change of a robot whose token they issued."
)
MAY_NOT_DECIDE = define(
    "may-not-decide", "Deciding needs the role approver in {team} for {environment}."
)
MAY_NOT_DECIDE_FOR_OTHERS = define(
    "may-not-decide-for-others",
    "This change reaches teams that are not yours: deciding needs the role approver in each.",
)
COMMENT_MISSING = define("comment-missing", "Say what should be different.")
DECIDED_ALREADY = define("decided-already", "Your decision was recorded already.")
NOT_CANCELLABLE = define(
    "change-not-cancellable", "This change is {state}; only one that has not started is cancelled."
)
NOT_YOURS_TO_CANCEL = define(
    "not-yours-to-cancel", "The people of a change cancel it, or an admin of team {team}."
)
EXPIRED = define("change-expired", "Nobody took this change further in time.")
PLANNING_FAILED = define(
    "planning-failed",
    "Planning failed within Waybill itself. It is written down under the incident id {incident}.",
    then="Nothing of the change is lost: submit it again, and if it fails again, give that id to"
    " who runs Waybill.",
)
