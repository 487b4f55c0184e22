"""What somebody may see, as a value: whoever has the same sight is shown the same bytes."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from inference.accounts.models import Team, User
from inference.accounts.policies import is_platform, teams_of
from inference.changes import visibility as of_changes
from inference.changes.models import ChangeRequest
from inference.clusters import visibility as of_clusters
from inference.clusters.models import Cluster, Grant
from inference.manifests import digest


@dataclass(frozen=True)
class Sight:
    """The teams of a reader, and whether they are platform: nothing else of who they are."""

    ids: tuple[UUID, ...]
    is_platform: bool

    @classmethod
    def of(cls, user: User) -> "Sight":
        """One query."""
        ids = teams_of(user).order_by("pk").values_list("pk", flat=True)
        return cls(tuple(ids), is_platform(user))

    @property
    def audience(self) -> str:
        """The word that those share who see the same."""
        return digest([*map(str, self.ids), self.is_platform])[:16]

    @property
    def teams(self) -> QuerySet[Team]:
        return Team.objects.filter(pk__in=self.ids)

    @property
    def grants(self) -> QuerySet[Grant]:
        return of_clusters.grants_of(None if self.is_platform else self.teams)

    @property
    def clusters(self) -> QuerySet[Cluster]:
        return of_clusters.clusters_of(None if self.is_platform else self.teams)

    @property
    def changes(self) -> QuerySet[ChangeRequest]:
        return of_changes.visible_to(self.teams)
