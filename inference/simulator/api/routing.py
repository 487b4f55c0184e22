"""From a path and a verb to what answers: objects, reviews, tokens, discovery, health."""

from inference.simulator.api import discovery, negotiation, openapi, reviews, scales
from inference.simulator.api.calls import Call, Reply
from inference.simulator.api.reading import Reading
from inference.simulator.api.tokens import Tokens
from inference.simulator.api.writing import Writing
from inference.simulator.errors import ApiError, no_such_path, not_found
from inference.simulator.resources import Resource
from inference.simulator.store import Store

_HEALTH = {"/healthz", "/livez", "/readyz"}
_SERVED_PARTS = {"", "status", scales.NAME, "token", "log"}


class Routing:
    def __init__(
        self, store: Store, reading: Reading, writing: Writing, tokens: Tokens, version: str
    ) -> None:
        self._store = store
        self._reading = reading
        self._writing = writing
        self._tokens = tokens
        self._version = version

    def answer(self, call: Call) -> Reply:
        """Raises ApiError."""
        if call.method == "HEAD":
            raise not_allowed()
        if call.target.resource:
            return self._of_objects(call)
        if call.method != "GET":
            raise not_allowed()
        if call.path in _HEALTH:
            return Reply(b"ok", media="text/plain; charset=utf-8")
        if call.path in {"/version", "/version/"}:
            return Reply(self._told_version())
        return self._discovery(call)

    def _of_objects(self, call: Call) -> Reply:
        target = call.target
        review = reviews.at(target.group, target.version, target.resource)
        if review is not None:
            if call.verb != "create" or target.name:
                raise not_allowed()
            return reviews.answer(self._store, review, call)
        resource = self._store.catalog.at(target.group, target.version, target.resource)
        _check_place(resource, call)
        if target.subresource:
            return self._of_part(resource, call)
        if call.verb not in resource.verbs:
            raise not_allowed()
        if not target.name:
            return self._of_collection(resource, call)
        return self._of_one(resource, call)

    def _of_collection(self, resource: Resource, call: Call) -> Reply:
        if call.verb == "list":
            return self._reading.list(resource, call)
        if call.verb == "watch":
            return self._reading.watch(resource, call)
        if resource.namespaced and not call.target.namespace:
            raise not_allowed()
        if call.verb == "create":
            return self._writing.create(resource, call)
        if call.verb == "deletecollection":
            return self._writing.delete_collection(resource, call)
        raise not_allowed()

    def _of_one(self, resource: Resource, call: Call) -> Reply:
        if call.verb == "get":
            return self._reading.get(resource, call)
        if call.verb == "update":
            return self._writing.update(resource, call)
        if call.verb == "patch":
            return self._writing.patch(resource, call)
        if call.verb == "delete":
            return self._writing.delete(resource, call)
        raise not_allowed()

    def _of_part(self, resource: Resource, call: Call) -> Reply:
        part = call.target.subresource
        if part == "token":
            if call.verb != "create":
                raise not_allowed()
            return self._tokens.request(call)
        if part == "log":
            return self._log(resource, call)
        if call.verb not in {"get", "update", "patch"}:
            raise not_allowed()
        return self._of_one(resource, call)

    def _log(self, resource: Resource, call: Call) -> Reply:
        """Nothing before the pod has a node; what a node would tell, ours do not keep."""
        if call.verb != "get":
            raise not_allowed()
        pod = self._store.peek(resource, call.target.namespace, call.target.name)
        node = pod["spec"].get("nodeName", "")
        if not node:
            return Reply(b"", 204)
        if self._store.find("v1", "Node", "", node) is None:
            raise not_found(resource.plural, resource.group, node)
        raise ApiError(500, "InternalError", "the nodes of a simulated cluster keep no logs")

    def _discovery(self, call: Call) -> Reply:
        catalog, parts = self._store.catalog, [part for part in call.path.split("/") if part]
        if parts in (["api"], ["apis"]) and negotiation.wants_aggregated(
            call.headers.get("accept", "")
        ):
            told = discovery.aggregated(catalog, of_core=parts == ["api"])
            return Reply(told, media=negotiation.AGGREGATED)
        match parts:
            case ["api"]:
                return Reply(discovery.core())
            case ["api", version]:
                return Reply(discovery.resources(catalog, "", version))
            case ["apis"]:
                return Reply(discovery.groups(catalog))
            case ["apis", group]:
                return Reply(discovery.group(catalog, group))
            case ["apis", group, version]:
                return Reply(discovery.resources(catalog, group, version))
        return self._schemas(parts)

    def _schemas(self, parts: list[str]) -> Reply:
        catalog = self._store.catalog
        match parts:
            case ["openapi", "v3"]:
                return Reply(openapi.index(catalog))
            case ["openapi", "v3", "api", version]:
                return Reply(openapi.document(catalog, "", version))
            case ["openapi", "v3", "apis", group, version]:
                return Reply(openapi.document(catalog, group, version))
        return Reply(b"404 page not found\n", 404, media="text/plain; charset=utf-8")

    def _told_version(self) -> dict[str, str]:
        major, minor, _ = self._version.removeprefix("v").split(".")
        return {
            "major": major,
            "minor": minor,
            "gitVersion": self._version,
            "gitCommit": "",
            "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z",
            "goVersion": "none",
            "compiler": "none",
            "platform": "linux/amd64",
        }


def not_allowed() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, details={})


def _check_place(resource: Resource, call: Call) -> None:
    target = call.target
    of_namespaces = resource.shelf == ("", "namespaces")
    misplaced = bool(target.namespace) and not resource.namespaced and not of_namespaces
    homeless = resource.namespaced and bool(target.name) and not target.namespace
    part = target.subresource
    unknown = bool(part) and (part not in resource.subresources or part not in _SERVED_PARTS)
    if misplaced or homeless or unknown or target.rest:
        raise no_such_path()
