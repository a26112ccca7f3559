"""Logging in, out, and what is not there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.admin.making import Admin, admin
from tests.admin.pages.browsing import PATIENCE, Tab

expect.set_options(timeout=PATIENCE)
TOKEN = "a-token-of-this-test"


@pytest.fixture(scope="module")
def shared() -> Iterator[Admin]:
    with admin(token=TOKEN) as running:
        yield running


def test_logging_in_and_out(tab: Tab) -> None:
    page = tab.open("/stubs")
    page.wait_for_url("**/login")
    field = page.get_by_label("Token")
    expect(field).to_be_focused()
    field.fill("not the token at all")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("This is not the token.")
    # The browser notes the status of the answer, 401.
    assert [each for each in tab.wrong if "401" not in each] == []
    tab.wrong.clear()
    field.fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("h1")).to_have_text("Dashboard")
    (cookie,) = tab.cookies()
    assert cookie["sameSite"] == "Strict"
    assert cookie["httpOnly"]
    assert TOKEN not in cookie["value"]
    assert TOKEN not in page.content()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    assert tab.cookies() == []


def test_a_page_that_is_not_there_is_a_page(shared: Admin) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/no/such/page", "/requests/999999", "/stubs/none", "/connections/7"):
        page = shared.client.get(path, headers={**headers, "Accept": "text/html"})
        assert page.status_code == 404
        assert "<h1>Not there</h1>" in page.text
    for path in ("/__mockforge/nothing", "/no/such/page"):
        answer = shared.client.get(path, headers={**headers, "Accept": "application/json"})
        assert answer.headers["Content-Type"] == "application/problem+json"
