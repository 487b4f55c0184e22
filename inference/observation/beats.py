"""Objects that tell the same again: nodes report every few minutes, and mostly nothing new."""

from inference.clusters.client.kinds import NODE
from inference.clusters.models import LiveObject
from inference.manifests import digest


class Beats:
    """Digests of the nodes of one cluster, as they were last taken: sixteen letters for each."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def repeats(self, row: LiveObject) -> bool:
        """Whether nothing that is kept of it is new. Otherwise it counts as taken from now on."""
        if row.kind != NODE.kind:
            return False
        found = digest([row.uid, row.labels, row.summary])[:16]
        if self._taken.get(row.name) == found:
            return True
        self._taken[row.name] = found
        return False

    def forget(self, kind: str, name: str) -> None:
        if kind == NODE.kind:
            self._taken.pop(name, None)
