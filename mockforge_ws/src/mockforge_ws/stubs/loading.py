"""All stubs of the WebSocket server: those of files, those of the channels of AsyncAPI documents, and
that for ``websocket.replay_file``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mockforge.mocking.stubs import StubSet, StubSource, load_stubs
from mockforge.mocking.stubs.common import build
from mockforge.mocking.stubs.errors import raise_all
from mockforge.mocking.stubs.plain import definition_text
from mockforge_ws.stubs.compiler import Kit, WebSocketStubCompiler

if TYPE_CHECKING:
    from mockforge.mocking.stubs import States
    from mockforge_ws.asyncapi.stubs import Loaded
    from mockforge_ws.config import WebSocketConfig

REPLAY_PATH: Final = "/ws"
"""Where a replay file is played, as it names no path."""
REPLAY_ID: Final = "replay"
_LAST: Final = 1_000_000
"""The priority of that stub: any other one for the path goes before it."""


class Mocks(NamedTuple):
    """``stubs``, and what the AsyncAPI documents came to that some of them are from."""

    stubs: StubSet
    documents: Loaded | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the documents."""
        return () if self.documents is None else self.documents.files

    @property
    def lines(self) -> tuple[str, ...]:
        """A line about each document."""
        return () if self.documents is None else self.documents.summary

    def memory_bytes(self) -> int:
        """Estimate of what the documents hold."""
        loaded = self.documents
        if loaded is None:
            return 0
        return loaded.size + sum(talks.memory_bytes() for talks in loaded.talks)


def load(config: WebSocketConfig, kit: Kit, states: States) -> Mocks:
    """Read what the settings name. StubError, StubErrors, DocumentError, DocumentErrors: what is wrong."""
    compilers = [WebSocketStubCompiler(kit)]
    documents = list(config.documents)
    stubs = load_stubs(
        (*config.scripts, *config.mocks),
        compilers,
        max_stubs=config.max_stubs,
        states=states,
        max_setting="websocket.max_stubs",
        documents=documents,
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
    return _with_documents(config, documents, stubs) if documents else Mocks(stubs)


def _with_documents(config: WebSocketConfig, documents: list[Path], stubs: StubSet) -> Mocks:
    from mockforge_ws.asyncapi.stubs import load_documents
    from mockforge_ws.asyncapi.talk import Manner

    said = config.asyncapi
    manner = Manner(config.validation, float(said.interval), said.messages, said.dynamic)
    loaded = load_documents(dict.fromkeys(documents), manner, config.spec_root, stubs)
    stubs.findings += loaded.findings
    return Mocks(stubs, loaded)
