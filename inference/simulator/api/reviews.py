"""Questions that are posted and answered at once: what may I, and who am I."""

from collections.abc import Callable

from inference.simulator import authorization
from inference.simulator.api.bodies import parsed
from inference.simulator.api.calls import Call, Reply
from inference.simulator.errors import Cause, Object, invalid
from inference.simulator.resources import Resource
from inference.simulator.rules import Attributes
from inference.simulator.store import Store

_AUTHORIZATION = "authorization.k8s.io"
REVIEWS = tuple(
    Resource(group, "v1", kind, plural, namespaced=False, verbs=("create",))
    for group, kind, plural in (
        (_AUTHORIZATION, "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
        (_AUTHORIZATION, "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
        ("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews"),
    )
)


def at(group: str, version: str, plural: str) -> Resource | None:
    for review in REVIEWS:
        if (review.group, review.version, review.plural) == (group, version, plural):
            return review
    return None


def answer(store: Store, resource: Resource, call: Call) -> Reply:
    asked = parsed(call, resource)
    status = _ANSWERS[resource.kind](store, call, asked.get("spec") or {})
    body = {**asked, "metadata": {**(asked.get("metadata") or {}), "managedFields": None}}
    body["metadata"].pop("managedFields")
    body["status"] = status
    return Reply(body, 201)


def _access(store: Store, call: Call, spec: Object) -> Object:
    found = authorization.verdict(store, call.user, _attributes(spec))
    return {"allowed": found.allowed, **({"reason": found.reason} if found.reason else {})}


def _attributes(spec: Object) -> Attributes:
    about = spec.get("resourceAttributes")
    if about is not None:
        return Attributes(
            about.get("verb", ""),
            about.get("group", ""),
            about.get("resource", ""),
            about.get("subresource", ""),
            about.get("namespace", ""),
            about.get("name", ""),
        )
    path = spec.get("nonResourceAttributes")
    if path is None:
        why = (
            "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes "
            "must be specified"
        )
        cause = Cause("FieldValueInvalid", why, "spec.resourceAttributes")
        raise invalid("", _AUTHORIZATION, "", [cause])
    return Attributes(path.get("verb", ""), path=path.get("path", ""))


def _rules(store: Store, call: Call, spec: Object) -> Object:
    resources, paths = authorization.rules_of(store, call.user, spec.get("namespace", ""))
    return {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}


def _self(store: Store, call: Call, spec: Object) -> Object:
    del store, spec
    user = call.user
    told = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    return {"userInfo": {key: value for key, value in told.items() if value}}


_ANSWERS: dict[str, Callable[[Store, Call, Object], Object]] = {
    "SelfSubjectAccessReview": _access,
    "SelfSubjectRulesReview": _rules,
    "SelfSubjectReview": _self,
}
