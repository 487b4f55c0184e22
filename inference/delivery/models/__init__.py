"""The tables of `delivery`."""

from inference.delivery.models.desired_objects import DesiredObject
from inference.delivery.models.pushes import Convergence, Push, PushOutcome

__all__ = ["Convergence", "DesiredObject", "Push", "PushOutcome"]
