"""What a cluster serves: one `Resource` per kind, and the catalog that finds it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from inference.simulator.errors import ApiError, no_such_path, qualified
from inference.simulator.structure import ANYTHING, Node, Schema

ALL_VERBS = (
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
)


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind in one version. `has_generation`: a change of its spec counts up."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    has_generation: bool = False
    is_custom: bool = False
    verbs: tuple[str, ...] = ALL_VERBS
    schema: Schema | None = None
    node: Node = ANYTHING
    columns: tuple[tuple[str, str, str], ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @property
    def shelf(self) -> tuple[str, str]:
        """Where its objects stand: all versions of a kind share one place."""
        return (self.group, self.plural)

    @property
    def has_status(self) -> bool:
        return "status" in self.subresources

    def __str__(self) -> str:
        return qualified(self.plural, self.group)

    def __hash__(self) -> int:
        return hash((self.group, self.version, self.plural))


class Catalog:
    """The kinds of one cluster; custom kinds come and go with their definitions."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_kind: dict[tuple[str, str], Resource] = {}
        self._by_path: dict[tuple[str, str, str], Resource] = {}
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        self._by_kind[resource.api_version, resource.kind] = resource
        self._by_path[resource.group, resource.version, resource.plural] = resource

    def remove(self, group: str, plural: str) -> None:
        for resource in [r for r in self if r.shelf == (group, plural)]:
            del self._by_kind[resource.api_version, resource.kind]
            del self._by_path[resource.group, resource.version, resource.plural]

    def remove_version(self, group: str, version: str) -> None:
        """Stop serving one version of a group, as an upgrade of a cluster does."""
        for resource in [r for r in self if (r.group, r.version) == (group, version)]:
            del self._by_kind[resource.api_version, resource.kind]
            del self._by_path[resource.group, resource.version, resource.plural]

    def of_kind(self, api_version: str, kind: str) -> Resource:
        try:
            return self._by_kind[api_version, kind]
        except KeyError:
            message = f'no matches for kind "{kind}" in version "{api_version}"'
            raise ApiError(404, "NotFound", message) from None

    def at(self, group: str, version: str, plural: str) -> Resource:
        try:
            return self._by_path[group, version, plural]
        except KeyError:
            raise no_such_path() from None

    def serves_version(self, group: str, version: str) -> bool:
        return any((r.group, r.version) == (group, version) for r in self)

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self._by_path.values()))


def in_version(resource: Resource, version: str) -> Resource:
    return replace(resource, version=version)
