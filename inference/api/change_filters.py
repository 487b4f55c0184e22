"""What may be asked of the list of changes."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import rest_framework as filters

from inference.api.filtering import FilterSet
from inference.changes.models import ChangeRequest, Edit
from inference.changes.visibility import needs
from inference.delivery.models import Push


class ChangeRequestFilter(FilterSet):
    state = filters.ChoiceFilter(choices=ChangeRequest.State)
    team = filters.CharFilter(field_name="team__name", max_length=40)
    author = filters.CharFilter(field_name="author__username", max_length=150)
    definition = filters.UUIDFilter(method="of_definition")
    cluster = filters.CharFilter(method="of_cluster", max_length=40)
    needs_me = filters.BooleanFilter(method="that_need_me")

    def of_definition(self, queryset: QuerySet[Any], _name: str, value: UUID) -> QuerySet[Any]:
        """By the current revision."""
        edits = Edit.objects.filter(revision=OuterRef("revision"), definition_id=value)
        return queryset.filter(Exists(edits))

    def of_cluster(self, queryset: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """That are pushed, or were, to this cluster."""
        pushes = Push.objects.filter(change=OuterRef("pk"), cluster__name=value)
        return queryset.filter(Exists(pushes))

    def that_need_me(self, queryset: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        condition = needs(self.request.user)
        return queryset.filter(condition if value else ~condition)
