"""Notices that leave at commit: which rows have changed, for pages that show them.

A notice is a path of words, such as `change-request:7` or `observed:<cluster>/<namespace>/<name>`.
It carries no state: who hears one looks at the rows. So a lost one costs a look at everything.
"""

from inference.events.announcing import announce
from inference.events.listening import LOST, listen

__all__ = ["LOST", "announce", "listen"]
