"""Slows down who fails to sign in: per account and per network, in rows, for every process alike.

An account that does not exist is slowed like one that does, so that the delay tells nothing.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db.models import F
from django.db.models.functions import Now

from inference.accounts.models import SignInBrake
from inference.errors import Refusal
from inference.messages import access

FREE = {SignInBrake.Subject.ACCOUNT: 5, SignInBrake.Subject.NETWORK: 50}
"""Failures that cost nothing; each further one doubles the wait."""
LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


def check(account: str | None, address: str) -> None:
    """Raises Refusal (too many failures) while account or network have to wait. One query."""
    row = (
        SignInBrake.objects.filter(pk__in=_keys(account, address), blocked_until__gt=Now())
        .order_by("-blocked_until")
        .annotate(now=Now())
        .first()
    )
    if row is not None and row.blocked_until is not None:
        seconds = max(1, round((row.blocked_until - row.now).total_seconds()))
        raise Refusal(access.TOO_MANY_FAILURES, seconds=seconds)


def count_failure(account: str | None, address: str) -> None:
    """Write down a failure, and how long the next attempt has to wait."""
    SignInBrake.objects.filter(failed_at__lt=Now() - FORGOTTEN_AFTER).delete()
    for key in _keys(account, address):
        kind = SignInBrake.Subject(key.partition(":")[0])
        row = SignInBrake(pk=key, failed_at=Now())
        SignInBrake.objects.bulk_create([row], ignore_conflicts=True)
        rows = SignInBrake.objects.filter(pk=key)
        rows.update(failures=F("failures") + 1, failed_at=Now())
        failures = rows.values_list("failures", flat=True).first() or 0
        if failures > FREE[kind]:
            rows.update(blocked_until=Now() + _wait(failures - FREE[kind]))


def forget(account: str) -> None:
    """The account has signed in; its network keeps its count."""
    SignInBrake.objects.filter(pk__in=_keys(account, "")).delete()


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
