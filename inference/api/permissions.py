"""The first question of every view: is anybody there? What they may do, actions decide."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class SignedIn(BasePermission):
    """An active person or robot."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        del view
        return bool(request.user and request.user.is_authenticated and request.user.is_active)


class Anybody(BasePermission):
    """Pages that say nothing about the installation."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        del request, view
        return True
