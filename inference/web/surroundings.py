"""What the frame of every page asks, by statements that are made once for each kind of reader."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Count, QuerySet, UUIDField, Value

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.changes.visibility import needs, visible
from inference.clusters.visibility import clusters
from inference.compiled import Select, Slot

MOST_CHOICES = 100
"""Clusters that every page can offer to look at; of more than that, the name is typed."""


@dataclass(frozen=True)
class Surroundings:
    """How many changes wait for the reader, and the names to look at: one cluster more than can
    be offered, where there are more.
    """

    waiting: int
    teams: list[str]
    clusters: list[str]


def surroundings_of(user: User) -> Surroundings:
    """For a reader who is signed in, and thus active. Three queries."""
    waiting, teams, names = _asked(user.is_superuser, user.is_platform, user.is_robot)
    [count] = waiting.rows(user=user)
    return Surroundings(count, teams.rows(user=user), names.rows(user=user))


class _Reader(Slot):
    """Stands for a user of a kind, where a query is made before there is one."""

    is_active = True

    def __init__(self, is_superuser: bool, is_platform: bool, is_robot: bool) -> None:
        super().__init__("user", UUIDField())
        self.is_superuser, self.is_platform, self.is_robot = is_superuser, is_platform, is_robot


@cache
def _asked(*kind: bool) -> tuple[Select[int], Select[str], Select[str]]:
    reader: Any = _Reader(*kind)
    return (
        Select(lambda: _counted(visible(reader).filter(needs(reader)))),
        Select(lambda: teams_of(reader).order_by("name").values_list("name", flat=True)),
        Select(
            lambda: (
                clusters(reader).order_by("name").values_list("name", flat=True)[: MOST_CHOICES + 1]
            )
        ),
    )


def _counted(rows: QuerySet[Any]) -> QuerySet[Any, int]:
    """What `count()` asks, as a query of one row: a constant makes one group of all."""
    of_all = rows.order_by().values(all=Value(1)).annotate(count=Count("*"))
    found: QuerySet[Any, int] = of_all.values_list("count", flat=True)
    return found
