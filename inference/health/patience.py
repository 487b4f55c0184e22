"""How long to wait before asking again what has failed until now. Pure."""

from datetime import timedelta


def pause(failing_for: timedelta, least: timedelta, most: timedelta) -> timedelta:
    """Half as long as it has been failing: soon at first, and rarely what stays broken."""
    return min(max(least, failing_for / 2), most)
