"""A folder of recorded calls. Equal calls are answered in their order."""

from __future__ import annotations

from mockforge.mocking.recording.folder import Definition, SequenceFolder
from mockforge.mocking.recording.names import LONGEST, words
from mockforge_grpc.recording.definition import Recorded


class CallFolder(SequenceFolder[Recorded]):
    """Writes stubs to ``folder``, at most ``max_stubs`` of them."""

    def define(self, item: Recorded) -> Definition:
        return Definition(item.asked, item.same, {"grpc": item.asked, "response": item.answer})

    def name(self, item: Recorded) -> str:
        """``grpc-v1.Shop-Ask``, of which the file ``grpc-v1.Shop-Ask-3f9a1c2b04d7.yaml`` comes."""
        return f"grpc-{words(item.method)[-LONGEST:].lstrip('-.')}"
