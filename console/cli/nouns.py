"""What there is to list and get: for each noun its address, its key and its columns."""

from dataclasses import dataclass
from urllib.parse import quote

from console.cli.failures import Failure

PLACE = ("cluster", "namespace", "kind", "name")


@dataclass(frozen=True)
class Noun:
    """`key` names what stands in the address of one; without a key there are only lists."""

    path: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    def address(self, given: str) -> str:
        """Of one, by `name` or `team/name`. Raises Failure for too many or too few parts."""
        parts = given.split("/")
        if len(parts) != len(self.key):
            raise Failure(f"{given!r} names none of the {self.path}: give {'/'.join(self.key)}.")
        return f"/{self.path}/{'/'.join(quote(part, safe='') for part in parts)}/"


def _definition(path: str, *columns: str) -> Noun:
    known = ("team", "name", *columns, "sync.state", "generation")
    return Noun(path, ("team", "name"), known)


NOUNS = {
    "team": Noun("teams", ("name",), ("name", "title")),
    "person": Noun("people", ("username",), ("username", "name", "kind", "is_active")),
    "membership": Noun(
        "memberships",
        ("team", "username", "environment"),
        ("team", "username", "environment", "role"),
    ),
    "environment-rule": Noun("environment-rules", (), ("environment", "one_pair_of_eyes")),
    "token": Noun(
        "tokens",
        ("id",),
        ("id", "owner", "name", "prefix", "expires_at", "revoked_at", "last_used_at"),
    ),
    "cluster": Noun(
        "clusters", ("name",), ("name", "environment", "state", "kubernetes", "problem.detail")
    ),
    "grant": Noun("grants", ("id",), ("id", "cluster", "team", "namespace")),
    "gateway": Noun("gateways", ("id",), ("id", "cluster", "namespace", "name", "listener")),
    "egress-range": Noun("egress-ranges", ("id",), ("id", "cidr", "reason")),
    "hardware-pool": _definition("hardware-pools", "cluster", "environment"),
    "served-model": _definition(
        "served-models", "served_name", "placements.pool", "placements.readiness.rung"
    ),
    "route": _definition("routes", "cluster", "hostname", "readiness.rung"),
    "change": Noun(
        "change-requests", ("id",), ("id", "state", "title", "team", "author", "checks")
    ),
    "push": Noun("pushes", ("id",), ("id", "change", "cluster", "state", "outcomes")),
    "desired-object": Noun(
        "desired-objects", ("id",), ("id", *PLACE, "generation", "pushed_generation")
    ),
    "inventory": Noun("inventory", ("id",), ("id", *PLACE, "team", "deleted_at")),
    "live-object": Noun("live-objects", ("id",), ("id", *PLACE, "seen_at", "gone_at")),
    "reading": Noun("readings", (), ("at", "cluster", "signal", "value", "problem.detail")),
    "audit-event": Noun(
        "audit-events", ("id",), ("at", "actor", "verb", "subject_kind", "subject_name")
    ),
}
DEFINITIONS = ("hardware-pool", "served-model", "route")
"""In the order in which they refer to one another."""

_OTHER_NAMES = {noun.path: name for name, noun in NOUNS.items()} | {"change-request": "change"}


def noun_of(word: str) -> str:
    """The noun that `word` is, in the singular or in the plural. Raises ValueError."""
    found = _OTHER_NAMES.get(word, word)
    if found not in NOUNS:
        raise ValueError(word)
    return found
