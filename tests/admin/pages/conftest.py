"""One browser for the tests of a file, and a page of its own for each test, which has to stay clean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.admin.making import Admin
from tests.admin.pages.browsing import Tab, browsing

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, fresh: Admin) -> Iterator[Tab]:
    """A page at the shared server, at its start. Nothing may go wrong on it."""
    opened = Tab(browser, fresh.address)
    try:
        yield opened
        assert opened.wrong == []
        assert opened.violations() == []
    finally:
        opened.close()
