"""The walk of `make demo-check` on a cluster of which nothing is simulated by us."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cluster
from tests.cluster import Cluster

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[2]


ACCOUNT = "system:serviceaccount:waybill:waybill"
BEYOND = [
    ("create", "namespaces"),
    ("get", "secrets", "--all-namespaces"),
    ("create", "pods", "--all-namespaces"),
    ("create", "pods/exec", "--all-namespaces"),
    ("create", "clusterrolebindings"),
    ("patch", "nodes"),
]
"""What neither Waybill's account nor a picker's may do, and was not needed."""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster.running(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def told(kit: Cluster) -> str:
    """What the walk says, once it has come to its end."""
    walk = subprocess.run(
        [sys.executable, "manage.py", "demo", "--check", "--clusters", str(kit.kubeconfig)],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert walk.returncode == 0, f"{walk.stdout}\n{walk.stderr}"
    return walk.stdout


def test_a_change_walks_to_tokens_from_a_real_engine(told: str) -> None:
    assert "author may not approve it" in told
    assert re.search(r"first token through the gateway after \d+ ms", told)


def test_each_member_answers_its_share(told: str) -> None:
    """A quarter of forty is ten; what chance may do to it is one to twenty."""
    shares = re.search(r"40 requests through east: canary (\d+), stable (\d+)", told)

    assert shares, told
    canary, stable = map(int, shares.groups())
    assert canary + stable == 40
    assert 1 <= canary < 20


def test_the_rights_that_were_enough_are_no_more_than_those(kit: Cluster, told: str) -> None:
    pickers = kit.kubectl(
        "get",
        "serviceaccounts",
        "--all-namespaces",
        "--output=jsonpath={range .items[*]}{.metadata.namespace}:{.metadata.name} {end}",
    ).split()
    accounts = [f"system:serviceaccount:{one}" for one in pickers if one.endswith("-epp")]
    namespace = accounts[0].split(":")[2]

    assert len(accounts) == 2
    for account in (ACCOUNT, *accounts):
        assert [deed for deed in BEYOND if kit.may(account, *deed)] == []
        assert kit.may(account, "list", "pods", "--namespace", namespace)
    assert not any(
        kit.may(one, "patch", "deployments", "--namespace", namespace) for one in accounts
    )
