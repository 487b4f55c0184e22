"""Where workers are killed, by where on the way of a change the point lies."""

OF_A_PUSH = [
    *("outbox.after_claim", "outbox.before_done", "start.before_commit", "start.after_commit"),
    *("push.begin", "lease.after_take", "push.before_met", "push.before_phase"),
    *("push.before_create_sent", "push.after_create_sent", "push.before_patch"),
    *("push.after_patch", "push.before_record", "push.after_record", "delete.before"),
    *("delete.after", "push.before_finish", "lease.before_give_back", "verify.before_finish"),
]
OF_THE_WAY = [
    *("submit.before_commit", "outbox.before_wake", "plan.after_dry_run", "plan.before_commit"),
    "approve.before_commit",
]
AGAIN = {"push.after_patch": 4, "push.after_record": 3, "push.before_phase": 3}
"""Points that are passed several times in a push: each time is another place to die."""
IN_A_CORNER = {
    *("outbox.before_release", "outbox.before_let_go", "push.before_say", "push.before_wait"),
    *("push.before_not_met", "start.before_say", "start.before_sent_back", "retry.before_commit"),
    *("plan.before_given_back", "expire.before_commit", "cluster.before_seen"),
    *("health.before_reading", "health.before_measured"),
    *("verify.before_asked", "health.before_members"),
}
"""Points that lie off the way, each with a test of its own."""
