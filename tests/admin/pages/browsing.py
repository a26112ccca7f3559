"""A browser for tests: Chromium without a window, each page watched for what goes wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
PATIENCE: Final = 30_000
"""Milliseconds for what is waited for in a page: the machine may be busy."""
# Other processes of this machine may fill /dev/shm; in a container there is no sandbox to be had.
FLAGS: Final = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
)
WATCH: Final = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Chromium; skips where there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium is installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A page of its own, without cookies. ``wrong`` is what it complained of: errors in the console, scripts
    that failed, and violations of the content security policy."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self._context = browser.new_context(base_url=address, **options)
        self._context.add_init_script(WATCH)
        self._context.set_default_timeout(PATIENCE)
        self.page: Page = self._context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(f"script failed: {error}"))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def open(self, path: str) -> Page:
        """Go to a page of the admin."""
        self.page.goto(path, wait_until="load")
        return self.page

    def violations(self) -> list[str]:
        """What the policy has forbidden on the page that is open."""
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def cookies(self) -> list[Any]:
        """All that are kept."""
        return list(self._context.cookies())

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        wider: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider

    def close(self) -> None:
        """Close it, and what it keeps."""
        self._context.close()
