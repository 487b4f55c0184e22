"""Every table of the app, in the order of the flow."""

from inference.accounts.models import (
    EnvironmentRule,
    Membership,
    SignInBrake,
    Team,
    Token,
    User,
)
from inference.api.models import IdempotentRequest
from inference.audit.models import AuditEvent, AuditStream
from inference.changes.models import (
    ChangeRequest,
    Contributor,
    Decision,
    Edit,
    Plan,
    PlanCheck,
    PlanStep,
    PlanTouch,
    Revision,
)
from inference.clusters.models import (
    Cluster,
    ClusterCredential,
    EgressRange,
    Gateway,
    Grant,
    Inventory,
    LiveObject,
    MetricsSource,
    WatchState,
)
from inference.definitions.models import (
    HardwarePool,
    Placement,
    PublicName,
    Route,
    RouteMember,
    ServedModel,
)
from inference.delivery.models import Convergence, DesiredObject, Push, PushOutcome
from inference.events.models import Notice
from inference.health.models import Trial
from inference.observation.models import ObserverLease, Reading
from inference.outbox.models import OutboxEntry

__all__ = [
    "AuditEvent",
    "AuditStream",
    "ChangeRequest",
    "Cluster",
    "ClusterCredential",
    "Contributor",
    "Convergence",
    "Decision",
    "DesiredObject",
    "Edit",
    "EgressRange",
    "EnvironmentRule",
    "Gateway",
    "Grant",
    "HardwarePool",
    "IdempotentRequest",
    "Inventory",
    "LiveObject",
    "Membership",
    "MetricsSource",
    "Notice",
    "ObserverLease",
    "OutboxEntry",
    "Placement",
    "Plan",
    "PlanCheck",
    "PlanStep",
    "PlanTouch",
    "PublicName",
    "Push",
    "PushOutcome",
    "Reading",
    "Revision",
    "Route",
    "RouteMember",
    "ServedModel",
    "SignInBrake",
    "Team",
    "Token",
    "Trial",
    "User",
    "WatchState",
]
