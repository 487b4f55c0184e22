"""The definitions of the custom kinds that a cluster serves, as objects to read."""

from inference.simulator.errors import Object
from inference.simulator.resources import Resource
from inference.simulator.store import Store

_BY = "kube-apiserver"


def register(store: Store) -> None:
    """Put in a definition for each custom kind. They tell what is served and change nothing."""
    by_shelf: dict[tuple[str, str], list[Resource]] = {}
    for resource in store.catalog:
        if resource.is_custom:
            by_shelf.setdefault(resource.shelf, []).append(resource)
    stamp = store.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    for versions in by_shelf.values():
        definition = _definition(versions, stamp)
        if store.find("apiextensions.k8s.io/v1", definition["kind"], "", _name(definition)) is None:
            store.create(definition, manager=_BY)
            store.update_status(definition, manager=_BY)


def _name(definition: Object) -> str:
    name: str = definition["metadata"]["name"]
    return name


def _definition(versions: list[Resource], stamp: str) -> Object:
    first = versions[0]
    names = {
        "kind": first.kind,
        "listKind": f"{first.kind}List",
        "plural": first.plural,
        "singular": first.singular,
        **({"shortNames": list(first.short_names)} if first.short_names else {}),
    }
    spec = {
        "group": first.group,
        "names": names,
        "scope": "Namespaced" if first.namespaced else "Cluster",
        "versions": [
            {"name": one.version, "served": True, "storage": one is first} for one in versions
        ],
    }
    conditions = [
        {
            "type": kind,
            "status": "True",
            "reason": reason,
            "message": message,
            "lastTransitionTime": stamp,
        }
        for kind, reason, message in (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{first.plural}.{first.group}"},
        "spec": spec,
        "status": {
            "conditions": conditions,
            "acceptedNames": names,
            "storedVersions": [first.version],
        },
    }
