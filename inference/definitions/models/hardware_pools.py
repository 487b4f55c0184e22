"""Nodes of one kind in one cluster, granted to teams."""

from django.db import models
from django.db.models import Q

from inference.accounts.models import Team
from inference.clusters.models import Cluster
from inference.definitions.models.definitions import Definition, DefinitionQuerySet, rules_of
from inference.definitions.specs import HardwarePoolSpec


class HardwarePoolQuerySet(DefinitionQuerySet["HardwarePool"]):
    def visible_to(self, teams: models.QuerySet[Team]) -> "HardwarePoolQuerySet":
        """Of these teams, and those that were granted to them."""
        granted = HardwarePool.granted_teams.through.objects.filter(team__in=teams)
        return self.filter(Q(team__in=teams) | Q(pk__in=granted.values("hardwarepool")))


class HardwarePool(Definition):
    """Owned by one team, usually platform's, and granted to others by its document."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="hardware_pools")
    granted_teams = models.ManyToManyField(Team, related_name="granted_pools", blank=True)

    objects = HardwarePoolQuerySet.as_manager()

    class Meta:
        constraints = rules_of("hardware_pool")

    def spec(self) -> HardwarePoolSpec:
        return HardwarePoolSpec.model_validate(self.document)
