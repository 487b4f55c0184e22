"""What may be asked of each write before it is stored."""

from collections.abc import Callable

from inference.simulator.errors import Object
from inference.simulator.resources import Resource

Admit = Callable[[Resource, Object, Object | None], None]
"""Asked of each write with what would be stored and what is; raises where it may not be."""


def admit_all(resource: Resource, new: Object, live: Object | None) -> None:
    del resource, new, live
