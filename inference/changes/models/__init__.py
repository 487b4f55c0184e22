"""The tables of `changes`."""

from inference.changes.models.change_requests import ChangeRequest, Contributor, Edit, Revision
from inference.changes.models.plans import Decision, Plan, PlanCheck, PlanStep, PlanTouch

__all__ = [
    "ChangeRequest",
    "Contributor",
    "Decision",
    "Edit",
    "Plan",
    "PlanCheck",
    "PlanStep",
    "PlanTouch",
    "Revision",
]
