"""Requests as they come, one of them, and a stub made of it."""

from __future__ import annotations

import socket
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.admin.making import Admin
from tests.admin.pages.browsing import PATIENCE, Tab
from tests.kernel.observe.waiting import wait_until

expect.set_options(timeout=PATIENCE)
ROWS = "[data-rows] tr"
# Executed by a page that puts what it was sent into itself as markup.
ATTACK = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>{{ 7*7 }}\'"--></td>'


def following(tab: Tab, admin: Admin) -> None:
    """Wait until the list that is open is live."""
    wait_until(lambda: _admin(admin).tails == 1, timeout=60)


def _admin(admin: Admin) -> Any:
    (server,) = (each for each in admin.server.kernel.servers if each.name == "admin")
    return server


def test_from_a_request_to_another_answer(tab: Tab, fresh: Admin) -> None:
    page = tab.open("/requests")
    following(tab, fresh)
    expect(page.locator("[data-empty]")).to_contain_text("Nothing was asked yet")
    page.evaluate("window.same = true")
    assert fresh.call("/nowhere?a=1").status_code == 404
    row = page.locator(ROWS).first
    expect(row).to_contain_text("/nowhere?a=1")
    expect(row.locator(".status")).to_have_text("404")
    expect(page.locator("[data-empty]")).to_have_count(0)
    assert page.evaluate("window.same"), "the page was loaded again"

    row.locator("a").click()
    expect(page.locator("h1")).to_contain_text("404 GET /nowhere?a=1")
    expect(page.locator("#curl")).to_contain_text(
        f"curl -i -X GET '{fresh.server.url}/nowhere?a=1'"
    )

    page.get_by_label("Change what it should answer").fill(
        "request: {method: GET, path: /nowhere}\nresponse: {json: {now: here}}\n"
    )
    make = page.get_by_role("button", name="Make this stub")
    expect(make).to_be_enabled()
    make.click()
    page.wait_for_url("**/stubs")
    expect(page.locator("tbody tr")).to_contain_text("/nowhere")
    answer = fresh.call("/nowhere?a=1")
    assert answer.status_code == 200
    assert answer.json() == {"now": "here"}


def test_what_the_form_proposes_answers_as_it_was_answered(tab: Tab, fresh: Admin) -> None:
    before = fresh.call("/pets?limit=2")
    page = tab.open("/requests")
    page.locator(ROWS).first.locator("a").click()
    page.get_by_role("button", name="Make this stub").click()
    page.wait_for_url("**/stubs")
    after = fresh.call("/pets?limit=2")
    assert after.json() == before.json()
    (entry,) = fresh.server.journal.recent(1)
    assert entry.source.startswith("stub:")


def test_the_command_line_is_copied(tab: Tab, fresh: Admin) -> None:
    fresh.call("/pets")
    page = tab.open(f"/requests/{fresh.server.journal.recent(1)[0].id}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#notices")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl -i -X GET {fresh.server.url}/pets")


def test_filters_hold_for_what_comes_later(tab: Tab, fresh: Admin) -> None:
    page = tab.open("/requests")
    following(tab, fresh)
    page.get_by_label("Method").fill("post")
    page.wait_for_url("**/requests?method=post")
    # The list is followed anew, with the filter: what was not to be seen is not.
    with page.expect_response("**/parts/requests?method=post"):
        fresh.call("/pets")
        fresh.call("/pets", "POST", json={"name": "rex"})
        expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(ROWS)).to_contain_text("POST")


def test_a_filter_that_makes_no_sense_is_explained(tab: Tab, fresh: Admin) -> None:
    page = tab.open("/requests")
    page.get_by_label("Status").fill("much")
    expect(page.locator(".problem")).to_contain_text("'much' is not a status")


def test_a_list_that_is_stopped_stays_and_catches_up(tab: Tab, fresh: Admin) -> None:
    page = tab.open("/requests")
    following(tab, fresh)
    fresh.call("/pets?first")
    expect(page.locator(ROWS)).to_have_count(1)
    page.get_by_label("Live").uncheck()
    wait_until(lambda: _admin(fresh).tails == 0, timeout=60)
    fresh.call("/pets?second")
    page.get_by_label("Live").check()
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.locator(ROWS).first).to_contain_text("/pets?second")


def test_who_reads_further_down_is_not_moved(tab: Tab, fresh: Admin) -> None:
    page = tab.page
    page.set_viewport_size({"width": 800, "height": 400})
    with httpx.Client(base_url=fresh.server.url, timeout=60) as client:
        for number in range(40):
            client.get(f"/pets?before={number}")
        tab.open("/requests")
        following(tab, fresh)
        expect(page.locator(ROWS)).to_have_count(40)
        row = page.locator(ROWS).nth(30)
        text = row.inner_text()
        row.scroll_into_view_if_needed()
        page.evaluate("scrollBy(0, 200)")
        place = row.bounding_box()
        for number in range(3):
            client.get(f"/pets?after={number}")
    waiting = page.locator("[data-waiting]")
    expect(waiting).to_have_text("3 new requests")
    assert page.locator(ROWS).nth(30).inner_text() == text
    assert page.locator(ROWS).nth(30).bounding_box() == place
    waiting.click()
    expect(page.locator(ROWS)).to_have_count(43)
    expect(page.locator(ROWS).first).to_contain_text("after=2")
    expect(waiting).to_be_hidden()


def test_the_list_is_bounded_and_pages_back(tab: Tab, fresh: Admin) -> None:
    page = tab.page
    with httpx.Client(base_url=fresh.server.url, timeout=60) as client:
        for number in range(130):
            client.get(f"/pets?n={number}")
        tab.open("/requests")
        following(tab, fresh)
        expect(page.locator(ROWS)).to_have_count(100)
        for number in range(130, 150):
            client.get(f"/pets?n={number}")
        expect(page.locator(ROWS).first).to_contain_text("n=149")
    assert page.locator(ROWS).count() == 100
    page.reload()
    page.get_by_role("link", name="Older ones").click()
    expect(page.locator(ROWS)).to_have_count(50)
    expect(page.locator(ROWS).first).to_contain_text("n=49")
    page.get_by_role("link", name="To the newest").click()
    expect(page.locator(ROWS).first).to_contain_text("n=149")


def test_markup_in_what_was_sent_is_shown_as_text(tab: Tab, fresh: Admin) -> None:
    page = tab.open("/requests")
    following(tab, fresh)
    # httpx would escape the target: raw bytes, as an attacker sends them.
    fresh.server.stub("POST", "/attacked", text=ATTACK, id="attacked", headers={"X-Back": ATTACK})
    target = "/attacked?<img/src=x/onerror=window.broken=1>"
    raw(fresh, f"POST {target} HTTP/1.1", f"X-Attack: {ATTACK}", ATTACK)
    expect(page.locator(ROWS).first).to_contain_text("<img/src=x/onerror=window.broken=1>")
    page.locator(ROWS).first.locator("a").click()
    expect(page.locator("h1")).to_contain_text("<img/src=x/onerror=window.broken=1>")
    expect(page.locator(".headers").first).to_contain_text(ATTACK)
    expect(page.locator(".headers").last).to_contain_text(ATTACK)
    for message in page.locator("section > pre").all()[:2]:
        expect(message).to_have_text(ATTACK)
    for path in ("/requests", "/", "/stubs/attacked", "/stubs"):
        tab.open(path)
        assert page.locator("img[src=x]").count() == 0
        assert page.evaluate("window.broken") is None
        assert tab.violations() == []


def raw(admin: Admin, line: str, header: str, body: str) -> None:
    """A request as it is written."""
    host, port = admin.server.url.removeprefix("http://").split(":")
    size = f"Content-Length: {len(body)}"
    head = (line, f"Host: {host}", "Connection: close", header, size)
    text = "\r\n".join((*head, "", body))
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(text.encode())
        while client.recv(65536):
            pass


def test_nothing_can_be_sent_before_the_page_is_alive(fresh: Admin) -> None:
    fresh.call("/pets")
    entry = fresh.server.journal.recent(1)[0].id
    for address, button in (
        (f"/requests/{entry}", "Make this stub"),
        ("/stubs/new", "Make this stub"),
    ):
        assert f'<button class="main" disabled>{button}</button>' in fresh.client.get(address).text
