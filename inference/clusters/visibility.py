"""What a reader may see: teams they have a role in, and what belongs to those. Superusers: all.

Platform engineers see teams, people, clusters, grants and gateways of everybody, and what runs in
the clusters; definitions and changes only of their own teams.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from inference.accounts.models import Membership, Team, User
from inference.accounts.policies import Right, is_platform, teams_of
from inference.clusters.models import Cluster, Gateway, Grant, LiveObject


def teams(user: User) -> QuerySet[Team]:
    return Team.objects.all() if is_platform(user) else teams_of(user)


def people(user: User) -> QuerySet[User]:
    """Oneself and the people of one's teams; admins of a team see all whom they may let in."""
    if is_platform(user) or teams_of(user, Right.ADMINISTER).exists():
        return User.objects.all()
    mates = Membership.objects.filter(team__in=teams_of(user)).values("user")
    return User.objects.filter(Q(pk=user.pk) | Q(pk__in=mates))


def grants(user: User) -> QuerySet[Grant]:
    return grants_of(None if is_platform(user) else teams_of(user))


def grants_of(teams: QuerySet[Team] | None) -> QuerySet[Grant]:
    """What was granted to these teams; None stands for platform, who sees all."""
    shown = Grant.objects.exclude(cluster__state=Cluster.State.REMOVED)
    return shown if teams is None else shown.filter(team__in=teams)


def clusters(user: User) -> QuerySet[Cluster]:
    """Those that a team of the reader has a namespace in."""
    return clusters_of(None if is_platform(user) else teams_of(user))


def clusters_of(teams: QuerySet[Team] | None) -> QuerySet[Cluster]:
    """Those that these teams have a namespace in; None stands for platform, who sees all."""
    present = Cluster.objects.present()
    if teams is None:
        return present
    return present.filter(pk__in=Grant.objects.filter(team__in=teams).values("cluster"))


def gateways(user: User) -> QuerySet[Gateway]:
    return Gateway.objects.filter(removed_at__isnull=True, cluster__in=clusters(user))


def live_objects(user: User) -> QuerySet[LiveObject]:
    """In namespaces that were granted to a team of the reader."""
    if is_platform(user):
        return LiveObject.objects.all()
    granted = grants(user).filter(cluster=OuterRef("cluster"), namespace=OuterRef("namespace"))
    return LiveObject.objects.filter(Exists(granted))


def owned(queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
    """Rows with a `team`, of the reader's teams."""
    return queryset.filter(of_teams(user))


def of_teams(user: User) -> Q:
    """Asked row by row, in the order of the list: `team__in` would sort all rows for one page."""
    return Q(Exists(teams_of(user).filter(pk=OuterRef("team"))))
