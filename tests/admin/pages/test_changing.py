"""What is changed from a page: stubs, scenarios, tracing, connections, fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.admin.making import Admin
from tests.admin.pages.browsing import PATIENCE, Tab
from tests.admin.pages.world import world

if TYPE_CHECKING:
    from playwright.sync_api import Browser

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    with world(tmp_path_factory.mktemp("world")) as running:
        yield running


def test_a_broken_stub_is_told_by_its_line(tab: Tab) -> None:
    page = tab.open("/stubs/new")
    area = page.get_by_label("Definition")
    make = page.get_by_role("button", name="Make this stub")
    expect(make).to_be_enabled()
    area.fill("request:\n  method: GET\n  pth: /x\nresponse: {status: 200}\n")
    told = page.locator(".problems .problem")
    expect(told).to_contain_text("line 3")
    expect(make).to_be_disabled()
    expect(area).to_have_attribute("aria-invalid", "true")
    told.click()
    selected = area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert selected == "  pth: /x"
    area.fill("request:\n  method: GET\n  path: /x\nresponse: {status: 200}\n")
    expect(make).to_be_enabled()
    expect(told).to_have_count(0)


def test_a_stub_is_tried_changed_and_deleted(tab: Tab, fresh: Admin) -> None:
    fresh.server.stub("GET", "/mine", json={"a": 1}, id="mine")
    page = tab.open("/stubs/mine")
    page.get_by_role("button", name="What would answer?").click()
    expect(page.locator("[data-try] pre")).to_contain_text("stub:mine would answer")
    area = page.get_by_label("Definition")
    area.fill(area.input_value().replace("a: 1", "a: 2"))
    page.get_by_role("button", name="Change").click()
    page.wait_for_url("**/stubs")
    assert fresh.call("/mine").json() == {"a": 2}
    tab.open("/stubs/mine")
    delete = page.get_by_role("button", name="Delete")
    delete.click()
    page.get_by_role("button", name="Cancel").click()
    assert fresh.call("/mine").status_code == 200
    delete.click()
    expect(page.locator("dialog")).to_contain_text("Take out stub mine?")
    page.locator("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/stubs")
    assert fresh.call("/mine").status_code == 404


def test_stubs_are_found_by_what_is_in_them(tab: Tab) -> None:
    page = tab.open("/stubs")
    page.get_by_label("Search").fill("Order-")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Search").fill("nothing-has-this")
    expect(page.locator(".empty")).to_contain_text("fits")


def test_a_scenario_is_put_into_a_state(tab: Tab, fresh: Admin) -> None:
    page = tab.open("/state")
    row = page.locator("tr", has_text="order").first
    expect(row.locator("b")).to_have_text("started")
    row.get_by_role("button", name="paid").click()
    expect(row.locator("b")).to_have_text("paid")
    assert fresh.call("/orders/1").json()["state"] == "paid"


def test_memory_by_component_and_where_it_is_allocated(tab: Tab) -> None:
    page = tab.open("/memory")
    for name in ("journal", "admin.history", "http"):
        expect(page.locator("tbody")).to_contain_text(name)
    page.get_by_role("button", name="Trace allocations").click()
    page.get_by_role("button", name="Mark now").click()
    expect(page.locator("section .hint")).to_contain_text("Growth since the mark")
    page.get_by_role("button", name="Stop tracing").click()
    expect(page.get_by_role("button", name="Trace allocations")).to_be_visible()


def test_a_connection_is_seen_told_something_and_closed(tab: Tab, fresh: Admin) -> None:
    page = tab.open("/connections")
    with connect(fresh.server.address("ws") + "/chat/blue") as client:
        client.recv()
        row = page.locator("tr", has_text="/chat/blue")
        expect(row).to_contain_text("in blue")
        page.locator("[name=to]").select_option("room")
        page.get_by_label("Which").fill("blue")
        page.get_by_label("Message").fill("to the room")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#notices")).to_contain_text("Sent to 1 connection.")
        assert client.recv() == "to the room"

        row.locator("a").click()
        page.locator("[name=kind]").select_option("json")
        page.get_by_label("Message").fill('{"a": [1]}')
        page.get_by_role("button", name="Send").click()
        assert client.recv() == '{"a":[1]}'
        client.send("from the client")
        frames = page.locator(".frames tbody tr")
        expect(frames.filter(has_text="from the client").first).to_contain_text("received")
        expect(frames.filter(has_text="to the room")).to_contain_text("sent")

        page.get_by_role("button", name="Close").click()
        expect(page.locator(".warning")).to_contain_text("is closed")
        assert client.recv(timeout=60) == "from the client"
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=60)


def test_a_fixture_is_put_seen_changed_and_deleted(tab: Tab, fresh: Admin, tmp_path: Path) -> None:
    file = tmp_path / "seven.json"
    file.write_text('{"n": 7}')
    page = tab.open("/fixtures?folder=GET/files")
    expect(page.locator("tbody")).to_contain_text("one.json")
    page.locator("[name=file]").set_input_files(file)
    expect(page.get_by_label("Name below")).to_have_value("GET/files/seven.json")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="seven.json").click()
    expect(page.locator("dl")).to_contain_text("GET /files/seven")
    assert fresh.call("/files/seven").json() == {"n": 7}
    page.get_by_label("Content").fill('{"n": 8}')
    with page.expect_navigation():
        page.get_by_role("button", name="Change the file").click()
    assert fresh.call("/files/seven").json() == {"n": 8}
    page.get_by_role("button", name="Delete").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/fixtures")
    assert fresh.call("/files/seven").status_code == 404


def test_a_refresh_leaves_focus_and_what_is_open(tab: Tab) -> None:
    page = tab.open("/state")
    button = page.get_by_role("button", name="paid")
    button.focus()
    page.evaluate("window.before = document.activeElement")
    with page.expect_response("**/parts/state"):
        pass
    assert page.evaluate("window.before === document.activeElement && window.before.isConnected")
    tab.open("/")
    page.locator("#findings summary").click()
    with page.expect_response("**/parts/dashboard"):
        pass
    page.wait_for_timeout(0)
    expect(page.locator("#findings")).to_have_attribute("open", "")


def test_keys_go_to_pages_and_to_the_search(tab: Tab) -> None:
    page = tab.open("/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/requests")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("g s")
    expect(page.get_by_label("Search")).to_have_value("g s")


def test_the_menu_opens_on_a_narrow_screen(tab: Tab) -> None:
    page = tab.page
    page.set_viewport_size({"width": 400, "height": 800})
    tab.open("/")
    expect(page.locator("nav")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Stubs").click()
    page.wait_for_url("**/stubs")


def test_times_are_those_of_who_looks(browser: Browser, shared: Admin) -> None:
    shared.call("/pets")
    (entry,) = shared.server.journal.recent(1)
    tab = Tab(browser, shared.address, timezone_id="Asia/Kathmandu", locale="en-GB")
    try:
        page = tab.open(f"/requests/{entry.id}")
        expect(page.locator("time").first).to_contain_text("GMT+5:45")
    finally:
        tab.close()
