"""Pages of a console on the real cluster, under load from clients at its gateway, to look at.

Written into var/shots beside those of `shots.py`.
"""

import pytest
from playwright.sync_api import Browser

from console.cli.rest import Rest
from tests import cluster, demo
from tests.browser.person import Person
from tests.browser.shooting import LOOKS, keep
from tests.console.test_numbers_on_real_cluster import SLOW, gateway_of, load, until_known

pytestmark = [pytest.mark.browser, pytest.mark.cluster, pytest.mark.prometheus]

PAGES = {
    "overview": "/",
    "route": "/routes/chat/chat-east/",
    "model": "/served-models/chat/qwen3-east/",
    "pool": "/hardware-pools/chat/h100-east/",
    "cluster": "/clusters/east/",
}


def test_real_cluster(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    with cluster.running(tmp_path_factory.mktemp("cluster")) as kit:
        kit.scenario({"container": "modelserver", "flags": SLOW})
        with demo.running(tmp_path_factory.mktemp("demo"), clusters=[kit.kubeconfig]) as world:
            platform = Rest(world.address, world.token("platform"))
            version = platform.get("/clusters/east/")["version"]
            platform.put("/clusters/east/metrics-source/", {"url": kit.prometheus}, version=version)
            with load(gateway_of(platform)):
                until_known(Rest(world.address, world.token("author")))
                for look, width, theme in LOOKS:
                    page = Person(chromium, world, "approver", width, color_scheme=theme).page
                    for name, address in PAGES.items():
                        page.goto(address)
                        page.wait_for_timeout(600)  # for numbers that are asked for by the page
                        keep(page, "real", name, look)
