"""The simulated cluster as the cases see it: an API, and the two controllers that they need."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.simulator.certificates import Authority, KeyPair
from inference.simulator.cluster import SimulatedCluster
from inference.simulator.faults import BUSY, When
from inference.simulator.world import WorldConfig
from tests.contract.actors import Actor, Credentials
from tests.contract.authorities import EXPIRED

# The real server of the contract has a garbage collector and a namespace controller beside it.
BARE = WorldConfig(nodes=(), is_bare=True)


class Simulated:
    name = "simulated"
    has_controllers = True

    def __init__(self, folder: Path, cluster: SimulatedCluster) -> None:
        self.cluster = cluster
        self.url = cluster.url
        self.ca = folder / "ca.crt"
        self.ca.write_text(cluster.ca_pem)
        self._folder = folder

    def certificate(self, user: str, groups: tuple[str, ...] = ()) -> Credentials:
        return self._written(user, self.cluster.certificate(user, groups))

    def foreign_certificate(self, user: str) -> Credentials:
        pair = Authority("foreign-ca").client(user, ("system:masters",))
        return self._written(f"foreign-{user}", pair)

    def expired_certificate(self, user: str) -> Credentials:
        pair = self.cluster.certificate(user, ("system:masters",), valid=-EXPIRED)
        return self._written(f"expired-{user}", pair)

    def compact(self, revision: int) -> None:
        self.cluster.call(lambda: self.cluster.store.history.forget(revision))

    def throttle(self, actor: Actor, place: str, administrator: Actor) -> Callable[[], None]:
        del place, administrator
        fault = self.cluster.call(lambda: self.cluster.faults.add(When(user=actor.name), BUSY))
        return lambda: self.cluster.call(fault.lift)

    def _written(self, name: str, pair: KeyPair) -> Credentials:
        made = Credentials(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        (self._folder / f"{name}.crt").write_text(pair.certificate)
        (self._folder / f"{name}.key").write_text(pair.key)
        return made


@contextmanager
def running(folder: Path) -> Iterator[Simulated]:
    with SimulatedCluster(BARE) as cluster:
        yield Simulated(folder, cluster)
