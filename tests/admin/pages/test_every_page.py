"""Every page, wide and narrow, in light and dark: nothing is wrong on it, nobody shut out, nothing cut off.

With ``MOCKFORGE_SCREENSHOTS=build/screenshots`` in the environment each of them is also written as a picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx
import pytest
from playwright.sync_api import expect

from mockforge.testing import MockServer
from tests.admin.making import Admin
from tests.admin.pages.browsing import PATIENCE, Tab
from tests.admin.pages.world import LONG, world

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Scheme = Literal["light", "dark"]
WIDTHS: Final = (1280, 400)
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
PAGES: Final = {
    "dashboard": "/",
    "requests": "/requests",
    "requests-none": "/requests?text=nothing-has-this",
    "request": "/requests/1",
    "request-unanswered": "/requests/7",
    "request-long": "/requests/8",
    "stubs": "/stubs",
    "stub": "/stubs/order-1",
    "stub-long": f"/stubs/{LONG}",
    "stub-new": "/stubs/new",
    "operations": "/operations",
    "fixtures": "/fixtures",
    "fixtures-folder": "/fixtures?folder=GET/files",
    "fixture": "/fixtures/GET/files/one.json",
    "state": "/state",
    "connections": "/connections",
    "memory": "/memory",
    "plugins": "/plugins",
    "settings": "/settings",
    "panel": "/panels/words",
    "nothing-there": "/no/such/page",
}
SHOTS: Final = os.environ.get("MOCKFORGE_SCREENSHOTS")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    with world(tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.fixture(scope="module")
def empty() -> Iterator[Admin]:
    with (
        MockServer(only=("http", "ws", "admin")) as server,
        httpx.Client(base_url=server.address("admin"), timeout=60) as client,
    ):
        yield Admin(server, client)


def check(tab: Tab, name: str, scheme: Scheme, width: int, *, missing: bool = False) -> None:
    """What holds for every page."""
    page = tab.page
    expect(page.locator("[data-editor] button.main[disabled]")).to_have_count(0, timeout=PATIENCE)
    assert page.title().endswith("· MockForge")
    assert page.locator("h1").count() == 1
    if SHOTS:
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
    assert tab.overflow() == 0
    assert serious(page) == []
    assert [each for each in tab.wrong if not (missing and "status of 404" in each)] == []
    assert tab.violations() == []


def serious(page: Any) -> list[str]:
    """Faults that axe finds serious or critical, each with where it is."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed"
    )
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_is_whole(browser: Browser, busy: Admin, scheme: Scheme, width: int) -> None:
    tab = Tab(
        browser,
        busy.address,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        timezone_id="Asia/Tokyo",
    )
    connection = busy.get("/connections").json()["connections"]
    socket = next(each["id"] for each in connection if each["protocol"] == "websocket")
    problems = {}
    try:
        for name, path in {**PAGES, "connection": f"/connections/{socket}"}.items():
            tab.wrong.clear()
            tab.open(path)
            try:
                check(tab, name, scheme, width, missing=name == "nothing-there")
            except AssertionError as error:
                problems[name] = str(error)
    finally:
        tab.close()
    assert problems == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_without_anything_on_them_are_whole(
    browser: Browser, empty: Admin, width: int
) -> None:
    tab = Tab(browser, empty.address, viewport={"width": width, "height": 900})
    problems = {}
    try:
        for name in ("dashboard", "requests", "stubs", "operations", "fixtures", "state"):
            tab.open(PAGES[name])
            try:
                check(tab, f"empty-{name}", "light", width)
            except AssertionError as error:
                problems[name] = str(error)
    finally:
        tab.close()
    assert problems == {}
