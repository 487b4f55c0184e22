"""The tables of `delivery`."""

from inference.delivery.models.desired_objects import DesiredObject, Inventory
from inference.delivery.models.pushes import Convergence, Push, PushOutcome

__all__ = ["Convergence", "DesiredObject", "Inventory", "Push", "PushOutcome"]
