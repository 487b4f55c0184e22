"""What a path of the API means, before anybody looks whether there is such a thing."""

from dataclasses import dataclass

_OWN_PARTS = {"status", "finalize"}
"""What may follow the name of a namespace and is no kind."""
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


@dataclass(frozen=True, slots=True)
class Target:
    """A place in the API. Without a `resource` it is a path that is no object's: discovery."""

    group: str = ""
    version: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""
    """What follows a subresource."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


def read(path: str) -> Target:
    match [part for part in path.split("/") if part]:
        case ["api", version, first, *rest]:
            return _target("", version, [first, *rest])
        case ["apis", group, version, first, *rest]:
            return _target(group, version, [first, *rest])
    return Target()


def _target(group: str, version: str, parts: list[str]) -> Target:
    namespace = ""
    match parts:
        case ["namespaces", namespace, kind, *rest] if kind not in _OWN_PARTS:
            parts = [kind, *rest]
        case ["namespaces", namespace, *_]:
            pass
    resource, name, subresource, *rest = [*parts, "", "", ""][: max(3, len(parts))]
    return Target(group, version, resource, namespace, name, subresource, "/".join(rest))


def verb(method: str, target: Target, *, watches: bool) -> str:
    """As roles name it."""
    if not target.resource:
        return method.lower()
    if method in {"GET", "HEAD"}:
        if target.name:
            return "get"
        return "watch" if watches else "list"
    if method == "DELETE":
        return "delete" if target.name else "deletecollection"
    return _VERBS.get(method, method.lower())
