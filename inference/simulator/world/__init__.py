"""The world behind a simulated API: controllers, nodes, engines, pickers and gateways in motion."""

from inference.simulator.world.config import NodeSpec, WorldConfig
from inference.simulator.world.world import World

__all__ = ["NodeSpec", "World", "WorldConfig"]
