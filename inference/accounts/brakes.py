"""Slows down who fails to sign in: per account and per network, in rows, for every process alike.

An account that does not exist is slowed like one that does, so that the delay tells nothing. An
attempt counts as a failure from its beginning: guesses that are made at once find each other.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db.models import F, Q
from django.db.models.functions import Greatest, Now

from inference.accounts.models import SignInBrake
from inference.errors import Refusal
from inference.messages import access

FREE = {SignInBrake.Subject.ACCOUNT: 5, SignInBrake.Subject.NETWORK: 50}
"""Failures that cost nothing; each further one doubles the wait."""
LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


def count(account: str | None, address: str) -> None:
    """Count an attempt as one that failed, before it is known whether it does.

    Raises Refusal (too many failures) while account or network have to wait; that counts nothing.
    """
    keys = _keys(account, address)
    _check(keys)
    SignInBrake.objects.filter(failed_at__lt=Now() - FORGOTTEN_AFTER).delete()
    for key in keys:
        while not _counted(key):
            _check([key])


def forgive(account: str, address: str) -> None:
    """It did not fail: the account starts anew, and its network is as it was before."""
    SignInBrake.objects.filter(pk__in=_keys(account, "")).delete()
    SignInBrake.objects.filter(pk__in=_keys(None, address)).update(
        failures=Greatest(F("failures"), 1) - 1, blocked_until=None
    )


def _check(keys: list[str]) -> None:
    row = (
        SignInBrake.objects.filter(pk__in=keys, blocked_until__gt=Now())
        .order_by("-blocked_until")
        .annotate(now=Now())
        .first()
    )
    if row is not None and row.blocked_until is not None:
        seconds = max(1, round((row.blocked_until - row.now).total_seconds()))
        raise Refusal(access.TOO_MANY_FAILURES, seconds=seconds)


def _counted(key: str) -> bool:
    """Whether this attempt was the next one: of several at once, each but one looks again."""
    row = SignInBrake(pk=key, failed_at=Now())
    SignInBrake.objects.bulk_create([row], ignore_conflicts=True)
    known = SignInBrake.objects.filter(pk=key).values_list("failures", flat=True).first() or 0
    beyond = known + 1 - FREE[SignInBrake.Subject(key.partition(":")[0])]
    free = Q(blocked_until__isnull=True) | Q(blocked_until__lte=Now())
    next_one = SignInBrake.objects.filter(free, pk=key, failures=known)
    return bool(
        next_one.update(
            failures=known + 1,
            failed_at=Now(),
            blocked_until=Now() + _wait(beyond) if beyond > 0 else None,
        )
    )


def _wait(beyond: int) -> timedelta:
    """One second, doubled with each failure beyond the free ones."""
    return min(LONGEST, timedelta(seconds=2 ** min(beyond - 1, 10)))


def _keys(account: str | None, address: str) -> list[str]:
    keys = []
    if account:
        keys.append(f"{SignInBrake.Subject.ACCOUNT}:{account.lower()[:150]}")
    network = _network(address)
    if network:
        keys.append(f"{SignInBrake.Subject.NETWORK}:{network}")
    return keys


def _network(address: str) -> str:
    """The /24 or /56 of an address: what one attacker usually has."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.version == 6 and found.ipv4_mapped:  # noqa: PLR2004  (of the protocol)
        found = found.ipv4_mapped
    prefix = 24 if found.version == 4 else 56  # noqa: PLR2004  (of the protocol)
    return str(ip_network((found, prefix), strict=False))
