"""The rules of pods and of the templates that they are made from."""

from collections.abc import Iterator
from typing import Any

from inference.simulator.errors import Cause
from inference.simulator.validation import forms, words
from inference.simulator.validation.containers import CONTAINER
from inference.simulator.validation.forms import LABEL_VALUE, SUBDOMAIN, label
from inference.simulator.validation.metadata import LABELLED, labels
from inference.simulator.validation.rules import (
    Check,
    anything,
    each,
    exactly_one,
    fields,
    needed,
    one_of,
    text,
    together,
    unique,
    unless_empty,
)

_SOURCE = exactly_one(
    "volume type",
    emptyDir=anything,
    hostPath=fields(path=needed()),
    secret=fields(secretName=needed()),
    nfs=fields(server=needed(), path=needed()),
    persistentVolumeClaim=fields(claimName=needed()),
    downwardAPI=anything,
    configMap=fields(name=needed()),
    projected=anything,
    csi=fields(driver=needed()),
    ephemeral=anything,
    image=anything,
)
_VOLUME = together(_SOURCE, fields(name=needed(text(label))))


def _mounts_are_volumes(value: Any, at: str) -> Iterator[Cause]:
    known = {volume.get("name") for volume in value.get("volumes") or ()}
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(value.get(kind) or ()):
            for place, mount in enumerate(container.get("volumeMounts") or ()):
                if mount.get("name") not in known:
                    where = f"{at}.{kind}[{index}].volumeMounts[{place}].name"
                    yield words.not_found(where, mount.get("name") or "")


def _toleration_operator(value: Any, at: str) -> Iterator[Cause]:
    operator, accepted = value.get("operator", ""), value.get("value", "")
    where = f"{at}.operator"
    if not value.get("key") and operator != "Exists":
        why = (
            "operator must be Exists when `key` is empty, "
            'which means "match all values and all keys"'
        )
        yield words.invalid(where, operator, why)
    if operator in {"", "Equal"}:
        yield from text(LABEL_VALUE)(accepted, where)
    elif operator != "Exists":
        yield words.unsupported(where, operator, ("Equal", "Exists"))
    elif accepted:
        yield words.invalid(where, accepted, "value must be empty when `operator` is 'Exists'")


_TOLERATION = together(
    fields(key=unless_empty(text(forms.qualified))),
    _toleration_operator,
    fields(effect=unless_empty(one_of("NoSchedule", "PreferNoSchedule", "NoExecute"))),
)


def _pod(restart: Check) -> Check:
    return together(
        fields(
            volumes=together(each(_VOLUME), unique("name")),
            containers=needed(together(each(CONTAINER), unique("name"))),
            initContainers=together(each(CONTAINER), unique("name")),
        ),
        _mounts_are_volumes,
        fields(
            restartPolicy=restart,
            dnsPolicy=one_of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
            nodeSelector=labels,
            serviceAccountName=text(SUBDOMAIN),
            tolerations=each(_TOLERATION),
        ),
    )


POD = fields(spec=_pod(one_of("Always", "OnFailure", "Never")))
TEMPLATE = fields(
    # The server tells of the labels of a template as if they stood right in it.
    metadata=lambda value, at: LABELLED(value, at.removesuffix(".metadata")),
    spec=_pod(one_of("Always")),
)
