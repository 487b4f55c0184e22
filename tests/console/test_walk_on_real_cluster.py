"""`make demo-check`, and a try from a page, on a cluster of which nothing is simulated by us."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import cluster
from tests.cluster import Cluster
from tests.console.demo.test_pages import Browser, door_of
from tests.web.markup import words

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


@pytest.fixture(scope="module")
def console(kit: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `make demo CLUSTERS=...` prints, once everything that it has pushed answers."""
    folder = tmp_path_factory.mktemp("console")
    log = folder / "demo.log"
    command = [
        sys.executable,
        "-m",
        "console.demo",
        "--port",
        "0",
        "--folder",
        str(folder / "demo"),
    ]
    with log.open("wb") as out:
        demo = subprocess.Popen(
            [*command, "--clusters", str(kit.kubeconfig)], cwd=ROOT, stdout=out, stderr=out
        )
        try:
            deadline = time.monotonic() + 300
            while "all is furnished" not in log.read_text():
                assert demo.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            yield log.read_text()
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)


def tried(browser: Browser, page: str) -> tuple[list[str], dict[str, str]]:
    """The pieces and the figures of one try, as the script of the page asks for them."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(page)[1])
    assert token
    form = {"prompt": "What is a key-value cache for?", "system": "", "max_tokens": "32"}
    status, told = browser.post(f"{page}try/", {**form, "csrfmiddlewaretoken": token[1]})
    assert status == 201, told

    status, stream = browser.post("/live/try/", {**form, **json.loads(told)})

    assert status == 200, stream
    pieces: list[str] = []
    figures: dict[str, str] = {}
    for name, data in re.findall(r"event: (\w+)\ndata: (.*)\n\n", stream):
        assert name != "problem", data
        if name == "said":
            pieces.append(json.loads(data)["text"])
        else:
            figures |= json.loads(data)
    return pieces, figures


def test_a_try_from_the_page_streams_from_a_real_engine(kit: Cluster, console: str) -> None:
    """The engine makes its answers up, and some of them are a single word."""
    address, password = door_of(console, "author")
    browser = Browser(address)
    assert browser.sign_in("author", password) == 302

    tries = [tried(browser, "/routes/chat/chat-east/") for _ in range(5)]

    pods = kit.kubectl("get", "pods", "--all-namespaces", "--output=name")
    assert all("".join(pieces).strip() for pieces, _ in tries)
    assert max(len(pieces) for pieces, _ in tries) > 1
    for _, figures in tries:
        assert figures["rate-by"].endswith("counted by the engine")
        assert f"pod/{figures['replica']}\n" in pods


GPU = "nvidia.com/gpu"


def held(kit: Cluster, namespace: str) -> int:
    """Accelerators of its pods that are on a node, as the API server tells."""
    pods = json.loads(kit.kubectl("get", "pods", "--namespace", namespace, "--output=json"))[
        "items"
    ]
    return sum(
        int(container.get("resources", {}).get("requests", {}).get(GPU, 0))
        for pod in pods
        if pod["spec"].get("nodeName") and pod["status"]["phase"] not in {"Succeeded", "Failed"}
        for container in pod["spec"]["containers"]
    )


def test_accelerators_are_counted_as_the_scheduler_counts_them(kit: Cluster, console: str) -> None:
    """Of what was granted: the walk before this one left pods in a namespace of its own."""
    address, password = door_of(console, "author")
    browser = Browser(address)
    assert browser.sign_in("author", password) == 302

    def says(*parts: str) -> bool:
        page = words(browser.get("/hardware-pools/chat/h100-east/")[1])
        return all(part in page for part in parts)

    (granted,) = set(re.findall(r"llm-chat-[0-9a-f]+", browser.get("/clusters/east/")[1]))
    taken = held(kit, granted)
    first = kit.kubectl("get", "nodes", "--output=name").split()[0].removeprefix("node/")
    assert taken > 0
    until(lambda: says(f"At most {16 - taken} of 16 accelerators are free"))
    kit.kubectl("cordon", first)
    try:
        until(lambda: says("Cordoned", "1 of 2 nodes ready"))
    finally:
        kit.kubectl("uncordon", first)
    until(lambda: says(f"At most {16 - taken} of 16 accelerators are free"))


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.5)
