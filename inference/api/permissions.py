"""The first question of every view: is anybody there? What they may do, actions decide."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class SignedIn(BasePermission):
    """An active person or robot."""

    def has_permission(self, request: Request, view: Any) -> bool:
        del view
        return request.user.is_authenticated and request.user.is_active


class Anybody(BasePermission):
    """Pages that say nothing about the installation."""

    def has_permission(self, request: Request, view: Any) -> bool:
        del request, view
        return True
