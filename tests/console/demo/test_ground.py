"""A demo stands on ground of its own, and never on somebody else's."""

import json
import os
from pathlib import Path

import pytest

from console.demo import ground


def enter(folder: Path, *more: str) -> dict[str, str]:
    return ground.enter(["--folder", str(folder), *more])


def test_the_environment_names_nothing_that_was_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://precious")

    environment = enter(tmp_path / "demo")

    assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path}/demo/demo.sqlite3"
    assert environment["WAYBILL_BROKER_URL"] == "memory://"
    assert str(tmp_path) in json.dumps(environment)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(SystemExit, match="holds other things"):
        enter(tmp_path)

    assert (tmp_path / "thesis.txt").exists()


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    enter(tmp_path / "demo")

    with pytest.raises(SystemExit, match=r"runs in .* already: stop it"):
        enter(tmp_path / "demo")


def test_what_the_last_demo_left_is_wiped(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    enter(folder)
    (folder / "demo.sqlite3").touch()
    (folder / "static").mkdir()
    os.close(ground._held.pop())  # as at its end

    enter(folder)

    assert [path.name for path in folder.iterdir()] == [".waybill-demo"]


def test_a_kubeconfig_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"There is no kubeconfig .*nowhere\.kubeconfig\."):
        enter(tmp_path / "demo", "--check", "--clusters", str(tmp_path / "nowhere.kubeconfig"))


def test_a_number_that_is_no_port_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        enter(tmp_path / "demo", "--port", "99999")

    assert "99999 is no port: give a number up to 65535" in capsys.readouterr().err
