"""The tables of `definitions`."""

from inference.definitions.models.hardware_pools import HardwarePool
from inference.definitions.models.routes import PublicName, Route, RouteMember
from inference.definitions.models.served_models import Placement, ServedModel

__all__ = ["HardwarePool", "Placement", "PublicName", "Route", "RouteMember", "ServedModel"]
