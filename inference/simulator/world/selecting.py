"""Whether labels match what a spec selects. Pure."""

from collections.abc import Mapping

from inference.simulator.errors import Object
from inference.simulator.selectors import Selector, selects_labels

Labels = Mapping[str, str]


def labels_of(obj: Object) -> Labels:
    labels: Labels = obj["metadata"].get("labels") or {}
    return labels


def has_labels(obj: Object, wanted: Labels) -> bool:
    """Whether the object bears all of `wanted`; no labels are wanted of everything."""
    return wanted.items() <= labels_of(obj).items()


def selects(selector: Object | None, obj: Object) -> bool:
    """A LabelSelector; none at all selects nothing, an empty one everything."""
    if selector is None:
        return False
    return selects_labels(Selector.of_spec(selector), labels_of(obj))
