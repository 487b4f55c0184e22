"""Who may send a prompt through a route: it costs what every request costs."""

from inference.accounts.models import User
from inference.accounts.policies import Right, check_may
from inference.clusters.models import Cluster
from inference.definitions.models import Route
from inference.errors import Conflict, NotAllowed
from inference.messages import trials as messages


def check_can_try(route: Route, user: User) -> None:
    """For a route that `user` may see. One query."""
    if user.is_robot:
        raise NotAllowed(messages.ROBOTS_DO_NOT_TRY)
    cluster = route.gateway.cluster
    check_may(user, Right.TRY, route.team, cluster.environment)
    if cluster.state != Cluster.State.ACTIVE:
        raise Conflict(messages.HELD, cluster=cluster.name)
