"""Wake-ups that leave at commit: rows are the truth, messages only wake."""

from inference.outbox.posting import post
from inference.outbox.running import Later, handler

__all__ = ["Later", "handler", "post"]
