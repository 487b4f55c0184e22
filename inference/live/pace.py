"""How often a hub looks, and how long it waits. Seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """A page is grey when it has heard nothing for 30 s, so a beat may be lost or two."""

    beat: float = 5.0
    access: float = 5.0
    ages: float = 1.0
    between_renders: float = 0.1
    after_failure: float = 2.0
    send_within: float = 10.0
    """For a reader that takes nothing; then its connection is closed."""
    shown_within: float = 10.0
    poller_stays: float = 30.0
    objects_again: float = 300.0
    """After these a page's topics are asked for anew, though nobody's role has changed."""
