"""A mock server with something on every page: what screenshots and checks of all pages look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from websockets.sync.client import connect

from mockforge import hookimpl
from mockforge.contracts import AdminPanel, PanelRequest
from mockforge.html import Html
from mockforge.kernel import Kernel
from tests.admin.making import Admin, admin
from tests.kernel.observe.waiting import wait_until

LONG: Final = "a-very-long-name-that-does-not-fit-" * 5
STUBS: Final = f"""\
- id: order-1
  request: {{method: GET, path: /orders/1}}
  response: {{json: {{id: 1, state: open}}}}
  scenario: {{name: order, when: started, then: paid}}
- id: order-2
  request: {{method: GET, path: /orders/1}}
  response: {{json: {{id: 1, state: paid}}}}
  scenario: {{name: order, when: paid}}
- id: {LONG}
  request: {{method: [GET, POST], path: '/long/{LONG}'}}
  response: {{text: long}}
- id: greeting
  enabled: false
  request: {{method: GET, path: '/hello/{{name}}'}}
  response: {{json: {{hello: '{{{{ request.path.name }}}}'}}, template: true}}
- id: chat
  websocket:
    path: /chat/{{room}}
    script:
      - send: {{json: {{type: welcome}}}}
      - join: '{{{{ request.path.room }}}}'
      - forever: [expect, echo]
"""


class Words(AdminPanel):
    """A panel as a plugin would bring it."""

    name = "words"
    title = "Words"
    every = 2

    def content(self, kernel: Kernel, request: PanelRequest) -> Any:
        return Html.table(("Word", "Times"), [("hello", 3), ("<b>world</b>", 1)])


class Plugin:
    @hookimpl
    def mockforge_register_admin_panels(self) -> list[AdminPanel]:
        return [Words()]


@contextmanager
def world(folder: Path, **settings: Any) -> Iterator[Admin]:
    """The server, with traffic. ``folder`` takes its files."""
    mocks, fixtures = folder / "mocks", folder / "fixtures"
    mocks.mkdir()
    (mocks / "stubs.yaml").write_text(STUBS)
    (fixtures / "GET/files").mkdir(parents=True)
    (fixtures / "GET/files/one.json").write_text('{"one": 1}\n')
    (fixtures / f"{LONG[:120]}.txt").write_text("long")
    given = {
        "http.mocks": [str(mocks)],
        "websocket.mocks": [str(mocks)],
        "http.fixtures": str(fixtures),
        "admin.history_interval": "100ms",
        **settings,
    }
    with ExitStack() as stack:
        running = stack.enter_context(
            admin(only=("http", "ws", "admin"), plugins={"words": Plugin()}, **given)
        )
        make_traffic(running)
        chat = stack.enter_context(connect(running.server.address("ws") + "/chat/red"))
        chat.recv()
        chat.send('{"type": "hello", "text": "' + "long " * 60 + '"}')
        chat.recv()
        wait_until(lambda: len(running.server.journal.recent(protocol="websocket")) >= 4)
        yield running


def make_traffic(running: Admin) -> None:
    """Requests of all kinds."""
    with httpx.Client(base_url=running.server.url, timeout=60) as client:
        for _ in range(3):
            client.get("/pets?limit=5")
        client.post("/pets", json={"name": "rex", "tag": "dog"})
        client.post("/pets", content=b"\x00\xff binary")
        client.get("/orders/1")
        client.get("/order/1")
        client.get(f"/long/{LONG}?q={LONG}")
        client.get("/files/one.json", headers={"X-Long": LONG})
