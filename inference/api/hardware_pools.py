"""Hardware pools: of the reader's teams, and those granted to them."""

from typing import Annotated

from django_filters import rest_framework as filters

from inference.api.definitions import DefinitionFilter, Definitions, DefinitionShape
from inference.api.shapes import Column
from inference.definitions.documents import HARDWARE_POOL
from inference.definitions.models import HardwarePool
from inference.definitions.specs import HardwarePoolSpec


class HardwarePoolShape(DefinitionShape):
    cluster: Annotated[str, Column("cluster__name")]
    environment: Annotated[str, Column("cluster__environment")]
    document: HardwarePoolSpec


class HardwarePoolFilter(DefinitionFilter):
    cluster = filters.CharFilter(field_name="cluster__name", max_length=40)


class HardwarePools(Definitions):
    tag = "hardware-pools"
    noun = "hardware pool"
    kind = HARDWARE_POOL
    shape = HardwarePoolShape
    table = HardwarePool
    filters = HardwarePoolFilter
