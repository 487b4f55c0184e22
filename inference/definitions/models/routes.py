"""The public face: routes, the shares of their members, and the names that they serve."""

from django.db import models
from django.db.models import Q

from inference.clusters.models import Gateway
from inference.definitions.models.definitions import Definition, DefinitionQuerySet, rules_of
from inference.definitions.models.served_models import Placement
from inference.definitions.specs import RouteSpec


class Route(Definition):
    """A hostname at a gateway, optionally a path below it, and who answers there."""

    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="routes")
    namespace = models.CharField(max_length=63)
    hostname = models.CharField(max_length=253)
    path_prefix = models.CharField(max_length=200, blank=True)
    object_name = models.CharField(max_length=40)

    objects = DefinitionQuerySet["Route"].as_manager()

    class Meta:
        constraints = [
            *rules_of("route"),
            models.UniqueConstraint(
                name="route_owns_its_hostname_and_path_at_its_gateway",
                fields=["gateway", "hostname", "path_prefix"],
                condition=Q(deleted_at__isnull=True),
                violation_error_message="Another route owns this hostname and path.",
            ),
        ]

    def spec(self) -> RouteSpec:
        return RouteSpec.model_validate(self.document)


class RouteMember(models.Model):
    """A placement's share of a route's requests."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="members")
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="memberships")
    weight = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="placement_is_a_member_once",
                fields=["route", "placement"],
                violation_error_message="This placement is a member already.",
            ),
            models.CheckConstraint(
                name="weight_is_one_that_a_gateway_takes",
                condition=Q(weight__lte=1_000_000),
                violation_error_message="A weight is at most 1000000.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weight} of {self.route_id}"


class PublicName(models.Model):
    """A name that clients ask for. It belongs to one route per gateway."""

    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="public_names")
    route = models.ForeignKey(Route, models.CASCADE, related_name="public_names")
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="public_name_belongs_to_one_route_per_gateway",
                fields=["gateway", "name"],
                violation_error_message="Another route serves this name at this gateway.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
