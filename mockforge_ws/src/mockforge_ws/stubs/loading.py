"""All stubs of the WebSocket server: those of files, and that for ``websocket.replay_file``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockforge.mocking.stubs import StubSet, StubSource, load_stubs
from mockforge.mocking.stubs.common import build
from mockforge.mocking.stubs.errors import raise_all
from mockforge.mocking.stubs.plain import definition_text
from mockforge_ws.stubs.compiler import Kit, WebSocketStubCompiler

if TYPE_CHECKING:
    from mockforge.mocking.stubs import States
    from mockforge_ws.config import WebSocketConfig

REPLAY_PATH: Final = "/ws"
"""Where a replay file is played, as it names no path."""
REPLAY_ID: Final = "replay"
_LAST: Final = 1_000_000
"""The priority of that stub: any other one for the path goes before it."""


def load(config: WebSocketConfig, kit: Kit, states: States) -> StubSet:
    """Read what the settings name. StubError, StubErrors: what is wrong."""
    compilers = [WebSocketStubCompiler(kit)]
    stubs = load_stubs(
        (*config.scripts, *config.mocks),
        compilers,
        max_stubs=config.max_stubs,
        states=states,
        max_setting="websocket.max_stubs",
    )
    if config.replay_file is not None:
        path = config.replay_file.absolute()
        definition = {
            "id": REPLAY_ID,
            "priority": _LAST,
            "websocket": {"path": REPLAY_PATH, "replay": path.name},
        }
        source = StubSource(definition, file=path, line=1)
        stub = build(
            source, stubs.compilers, text=definition_text(definition), default_id=REPLAY_ID
        )
        raise_all(source.problems)
        if stub is not None:
            while stub.id in stubs:
                stub.id += "-"
            stubs.load([stub])
    return stubs
