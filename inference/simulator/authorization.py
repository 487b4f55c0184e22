"""Who may do what in a simulated cluster: RBAC over the roles and bindings in its store."""

from collections.abc import Iterator
from dataclasses import dataclass

from inference.simulator.admission import Admit
from inference.simulator.errors import ApiError, Object, forbidden, not_found
from inference.simulator.resources import Resource
from inference.simulator.rules import Attributes, Rule, missing, quoted
from inference.simulator.store import Store

RBAC_GROUP = "rbac.authorization.k8s.io"
_RBAC = f"{RBAC_GROUP}/v1"
MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ANONYMOUS = "system:anonymous"
_ALL = Rule(("*",), ("*",), ("*",))
_ALL_PATHS = Rule(("*",), paths=("*",))


@dataclass(frozen=True, slots=True)
class UserInfo:
    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """One rule that a user has, and the binding that gives it."""

    rule: Rule
    binding: str


_REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
_HEALTH = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_FROM_THE_START: tuple[tuple[str, tuple[str, ...], tuple[Rule, ...]], ...] = (
    (
        "system:basic-user",
        (AUTHENTICATED,),
        (
            Rule(("create",), ("authorization.k8s.io",), _REVIEWS),
            Rule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
        ),
    ),
    (
        "system:discovery",
        (AUTHENTICATED,),
        (
            Rule(
                ("get",),
                paths=("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", *_HEALTH),
            ),
        ),
    ),
    (
        "system:public-info-viewer",
        (AUTHENTICATED, UNAUTHENTICATED),
        (Rule(("get",), paths=_HEALTH),),
    ),
    (
        "system:service-account-issuer-discovery",
        ("system:serviceaccounts",),
        (
            Rule(
                ("get",),
                paths=(
                    "/.well-known/openid-configuration",
                    "/.well-known/openid-configuration/",
                    "/openid/v1/jwks",
                    "/openid/v1/jwks/",
                ),
            ),
        ),
    ),
)
"""Bindings that every cluster has: name of binding and role, groups, rules."""


def service_account(namespace: str, name: str, uid: str = "") -> UserInfo:
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
    return UserInfo(f"system:serviceaccount:{namespace}:{name}", groups, uid)


def allows(store: Store, user: UserInfo, asked: Attributes) -> bool:
    return verdict(store, user, asked).allowed


def verdict(store: Store, user: UserInfo, asked: Attributes) -> Verdict:
    """As `allows`, with the reason that an access review tells."""
    if MASTERS in user.groups:
        return Verdict(allowed=True)
    for grant in grants(store, user, asked.namespace):
        if grant.rule.matches(asked):
            return Verdict(allowed=True, reason=f"RBAC: allowed by {grant.binding}")
    return Verdict(allowed=False, reason=_dangling(store, user, asked.namespace))


def check(store: Store, user: UserInfo, asked: Attributes) -> None:
    """Raises the 403 of a real server where `user` may not."""
    found = verdict(store, user, asked)
    if not found.allowed:
        raise refusal(user, asked, found.reason)


def refusal(user: UserInfo, asked: Attributes, reason: str = "") -> ApiError:
    if not asked.resource:
        why = f'User "{user.name}" cannot {asked.verb} path "{asked.path}"'
    else:
        where = f'in the namespace "{asked.namespace}"' if asked.namespace else ""
        why = (
            f'User "{user.name}" cannot {asked.verb} resource "{asked.combined}" '
            f'in API group "{asked.group}" {where or "at the cluster scope"}'
        )
    why = f"{why}: {reason}" if reason else why
    if not asked.resource:
        return ApiError(403, "Forbidden", f"forbidden: {why}", details={})
    return forbidden(asked.resource, asked.group, asked.name, why)


def rules_of(store: Store, user: UserInfo, namespace: str) -> tuple[list[Object], list[Object]]:
    """The rules on resources and on paths, as a SelfSubjectRulesReview lists them."""
    rules = [_ALL, _ALL_PATHS] if MASTERS in user.groups else []
    rules += [grant.rule for grant in grants(store, user, namespace)]
    resources = [
        {"verbs": list(rule.verbs), "apiGroups": list(rule.groups)}
        | {"resources": list(rule.resources)}
        | ({"resourceNames": list(rule.names)} if rule.names else {})
        for rule in rules
        if rule.resources
    ]
    paths = [
        {"verbs": list(rule.verbs), "nonResourceURLs": list(rule.paths)}
        for rule in rules
        if rule.paths
    ]
    return resources, paths


def grants(store: Store, user: UserInfo, namespace: str) -> Iterator[Grant]:
    """Everything that bindings give to `user`: in the cluster, then in `namespace`."""
    for name, groups, rules in _FROM_THE_START:
        for group in groups:
            if group in user.groups:
                told = f'ClusterRoleBinding "{name}" of ClusterRole "{name}" to Group "{group}"'
                yield from (Grant(rule, told) for rule in rules)
    for binding, subject in _bindings(store, user, namespace):
        role = _role(store, binding)
        if role is not None:
            told = _introduce(binding, subject)
            yield from (Grant(Rule.of(rule), told) for rule in role.get("rules") or ())


def guard(store: Store, user: UserInfo) -> Admit:
    """What keeps `user` from granting, by a role or a binding, more than it has itself."""

    def admit(resource: Resource, new: Object, live: Object | None) -> None:
        if resource.group != RBAC_GROUP or MASTERS in user.groups:
            return
        metadata = new["metadata"]
        namespace = metadata.get("namespace", "")
        if "roleRef" in new:
            _check_binding(store, user, resource, new, live)
            return
        same = live is not None and live.get("rules") == new.get("rules")
        asked = Attributes("escalate", RBAC_GROUP, resource.plural, "", namespace, metadata["name"])
        if not same and not allows(store, user, asked):
            _check_held(store, user, resource, new, new)

    return admit


def _check_binding(
    store: Store, user: UserInfo, resource: Resource, new: Object, live: Object | None
) -> None:
    if live is not None and all(live.get(key) == new.get(key) for key in ("roleRef", "subjects")):
        return
    reference, metadata = new["roleRef"], new["metadata"]
    namespace = metadata.get("namespace", "")
    plural = {"Role": "roles", "ClusterRole": "clusterroles"}.get(reference["kind"], "")
    asked = Attributes("bind", RBAC_GROUP, plural, "", namespace, reference["name"])
    if plural and allows(store, user, asked):
        return
    if not plural:
        raise ApiError(500, "", f'unsupported role reference kind: "{reference["kind"]}"')
    role = _role(store, new)
    if role is None:
        raise not_found(resource.plural, resource.group, metadata["name"])
    _check_held(store, user, resource, new, role)


def _check_held(
    store: Store, user: UserInfo, resource: Resource, new: Object, role: Object
) -> None:
    namespace = new["metadata"].get("namespace", "")
    wanted = [Rule.of(rule) for rule in role.get("rules") or ()]
    held = (grant.rule for grant in grants(store, user, namespace))
    lacking = missing(held, wanted)
    if lacking:
        listed = "\n".join(sorted({str(rule) for rule in lacking}))
        why = (
            f'user "{user.name}" (groups={quoted(user.groups)}) is attempting to grant RBAC '
            f"permissions not currently held:\n{listed}"
        )
        raise forbidden(resource.plural, resource.group, new["metadata"]["name"], why)


def _bindings(store: Store, user: UserInfo, namespace: str) -> Iterator[tuple[Object, Object]]:
    kinds = [("ClusterRoleBinding", "")]
    if namespace:
        kinds.append(("RoleBinding", namespace))
    for kind, where in kinds:
        for binding in store.scan(store.catalog.of_kind(_RBAC, kind), where):
            for subject in binding.get("subjects") or ():
                if _means(subject, user, where):
                    yield binding, subject
                    break


def _means(subject: Object, user: UserInfo, namespace: str) -> bool:
    if subject["kind"] == "User":
        return bool(subject["name"] == user.name)
    if subject["kind"] == "Group":
        return subject["name"] in user.groups
    where = subject.get("namespace") or namespace
    return bool(where) and user.name == f"system:serviceaccount:{where}:{subject['name']}"


def _role(store: Store, binding: Object) -> Object | None:
    reference = binding["roleRef"]
    own = reference["kind"] == "Role"
    resource = store.catalog.of_kind(_RBAC, "Role" if own else "ClusterRole")
    where = binding["metadata"].get("namespace", "") if own else ""
    try:
        return store.peek(resource, where, reference["name"])
    except ApiError:
        return None


def _dangling(store: Store, user: UserInfo, namespace: str) -> str:
    """The roles that bindings of `user` name and that are not there."""
    references = [
        binding["roleRef"]
        for binding, _ in _bindings(store, user, namespace)
        if _role(store, binding) is None
    ]
    absent = [f'{one["kind"].lower()}.{RBAC_GROUP} "{one["name"]}" not found' for one in references]
    if not absent:
        return ""
    return "RBAC: " + (absent[0] if len(absent) == 1 else f"[{', '.join(absent)}]")


def _introduce(binding: Object, subject: Object) -> str:
    metadata, reference = binding["metadata"], binding["roleRef"]
    namespace = metadata.get("namespace", "")
    name = f"{metadata['name']}/{namespace}" if namespace else metadata["name"]
    whom = subject["name"]
    if subject["kind"] == "ServiceAccount":
        whom = f"{whom}/{subject.get('namespace') or namespace}"
    return (
        f'{binding["kind"]} "{name}" of {reference["kind"]} "{reference["name"]}" '
        f'to {subject["kind"]} "{whom}"'
    )
