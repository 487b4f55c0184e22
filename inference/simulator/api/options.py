"""The options of a request, checked as an API server checks them; and options of a deletion."""

from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from inference.simulator.api.calls import Call
from inference.simulator.errors import ApiError, Cause, Object, bad_request, invalid

_POLICIES = ("Foreground", "Background", "Orphan")
_KINDS = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}
_MATCHES = ("Exact", "NotOlderThan")
_VALIDATIONS = ("Ignore", "Warn", "Strict")


def _refused(kind: str, field: str, reason: str, why: str) -> ApiError:
    return invalid(kind, "meta.k8s.io", "", [Cause(reason, why, field)])


def check(call: Call, *, applies: bool = False) -> None:
    """Raises ApiError, 422, for what no write understands."""
    kind = _KINDS[call.verb]
    check_dry_run(kind, call.query.getlist("dryRun"))
    if applies and not call.query.get("fieldManager"):
        why = "Required value: is required for apply patch"
        raise _refused(kind, "fieldManager", "FieldValueRequired", why)
    if call.verb == "patch" and "force" in call.query and not applies:
        why = "Forbidden: may not be specified for non-apply patch"
        raise _refused(kind, "force", "FieldValueForbidden", why)
    validation = call.query.get("fieldValidation", "")
    if validation and validation not in _VALIDATIONS:
        supported = ", ".join(f'"{one}"' for one in sorted(["", *_VALIDATIONS]))
        why = f'Unsupported value: "{validation}": supported values: {supported}'
        raise _refused(kind, "fieldValidation", "FieldValueNotSupported", why)


def check_list(call: Call) -> None:
    """Raises ApiError, 422, for a match of versions that cannot be."""
    match, version = call.query.get("resourceVersionMatch", ""), call.query.get("resourceVersion")
    if not match:
        return
    if not version:
        _forbid("resourceVersionMatch is forbidden unless resourceVersion is provided")
    if match not in _MATCHES:
        supported = ", ".join(f'"{one}"' for one in (*_MATCHES, ""))
        why = f'Unsupported value: "{match}": supported values: {supported}'
        raise _refused("ListOptions", "resourceVersionMatch", "FieldValueNotSupported", why)
    if match == "Exact" and version == "0":
        _forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')


def check_watch(call: Call) -> bool:
    """Whether the watch begins with what is there and says so. Raises ApiError, 422."""
    match = call.query.get("resourceVersionMatch", "")
    if not call.flag("sendInitialEvents"):
        if match:
            _forbid(
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            )
        return False
    if match != "NotOlderThan":
        _forbid("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
    return True


def _forbid(why: str) -> NoReturn:
    raise _refused(
        "ListOptions", "resourceVersionMatch", "FieldValueForbidden", f"Forbidden: {why}"
    )


def check_dry_run(kind: str, values: list[str]) -> None:
    if [one for one in values if one != "All"]:
        told = ", ".join(f'"{one}"' for one in values)
        why = f'Unsupported value: [{told}]: supported values: "All"'
        raise _refused(kind, "dryRun", "FieldValueNotSupported", why)


@dataclass(frozen=True, slots=True)
class Deletion:
    propagation: str = ""
    grace_seconds: int | None = None
    uid: str | None = None
    resource_version: str | None = None
    is_dry_run: bool = False

    def told(self) -> dict[str, str]:
        """As the journal writes it."""
        preconditions = {"uid": self.uid, "resourceVersion": self.resource_version}
        parts = {
            "propagationPolicy": self.propagation,
            "gracePeriodSeconds": "" if self.grace_seconds is None else str(self.grace_seconds),
            "preconditions": ",".join(name for name, value in preconditions.items() if value),
            "dryRun": "All" if self.is_dry_run else "",
        }
        return {name: value for name, value in parts.items() if value}


def deletion(call: Call) -> Deletion:
    """Of the body; where there is one the query says nothing."""
    found = _in_body(call.body) if call.body else _in_query(call)
    check_dry_run("DeleteOptions", found.get("dryRun") or [])
    policy = found.get("propagationPolicy") or ""
    if policy and policy not in _POLICIES:
        told = ", ".join(f'"{one}"' for one in _POLICIES)
        why = f'Unsupported value: "{policy}": supported values: {told}, nil'
        raise _refused("DeleteOptions", "propagationPolicy", "FieldValueNotSupported", why)
    preconditions = found.get("preconditions") or {}
    return Deletion(
        policy,
        found.get("gracePeriodSeconds"),
        preconditions.get("uid"),
        preconditions.get("resourceVersion"),
        bool(found.get("dryRun")),
    )


def _in_body(body: bytes) -> Object:
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"error decoding options: {error}") from None
    if not isinstance(found, dict):
        raise bad_request("options are an object")
    kind = found.get("kind", "DeleteOptions")
    if kind != "DeleteOptions":
        version = found.get("apiVersion", "")
        raise bad_request(f'no kind "{kind}" is registered for version "{version}"')
    return found


def _in_query(call: Call) -> Object:
    grace = call.query.get("gracePeriodSeconds", "")
    try:
        seconds = int(grace) if grace else None
    except ValueError:
        raise bad_request(f'gracePeriodSeconds: "{grace}" is no number') from None
    return {
        "dryRun": call.query.getlist("dryRun"),
        "propagationPolicy": call.query.get("propagationPolicy"),
        "gracePeriodSeconds": seconds,
    }
