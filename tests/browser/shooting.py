"""Pictures of pages in their three looks, into var/shots: one folder a state."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parents[2] / "var" / "shots"
PHONE = 390
LOOKS: list[tuple[str, int, str]] = [
    ("light", 1440, "light"),
    ("dark", 1440, "dark"),
    ("phone", PHONE, "light"),
]
"""Name, width and theme."""
Shoot = Callable[..., None]


def keep(page: Page, state: str, name: str, look: str) -> None:
    """The whole page, as it stands."""
    path = FOLDER / state / f"{name}-{look}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True, animations="disabled")
