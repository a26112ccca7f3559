"""Scripts against the clock and a connection."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from mockforge.mocking.exchange import BrokenOffError
from mockforge.mocking.scripts import Finish, RunError, converse, emissions
from tests.kernel.scripts.plain import run_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Pipe:
    """The two ends of a connection in memory."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.tell, self._hear = anyio.create_memory_object_stream[Any](10)

    async def send(self, payload: Any) -> None:
        self.sent.append(payload)

    async def receive(self) -> tuple[Any, Any] | None:
        try:
            message = await self._hear.receive()
        except anyio.EndOfStream:
            return None
        return message, {"text": message}

    def close(self) -> None:
        self.tell.close()
        self._hear.close()


async def test_what_only_goes_out_is_iterated_over() -> None:
    run = run_of([{"repeat": 3, "every": 0.001, "do": [{"send": "$index"}]}])
    assert [payload async for payload in emissions(run)] == [0, 1, 2]


@pytest.mark.parametrize("verb", ["disconnect", "error"])
async def test_a_stream_is_broken_off_where_the_script_says_so(verb: str) -> None:
    stream = emissions(run_of([{"send": 1}, verb]))
    assert await anext(stream) == 1
    with pytest.raises(BrokenOffError, match=verb):
        await anext(stream)


async def test_nothing_can_be_expected_of_a_stream_that_goes_out() -> None:
    stream = emissions(run_of([{"expect": {}}]))
    with pytest.raises(RunError, match="only goes out"):
        await anext(stream)


async def test_a_conversation_goes_both_ways_to_its_end() -> None:
    pipe = Pipe()
    for message in ("noise", "join"):
        pipe.tell.send_nowait(message)
    script = [{"send": "hello"}, {"expect": "join"}, {"send": "$message"}, {"close": 1000}]
    assert await converse(run_of(script), pipe) == Finish("close", 1000)
    assert pipe.sent == ["hello", {"text": "join"}]
    pipe.close()


async def test_a_message_that_does_not_come_in_time_is_not_waited_for() -> None:
    pipe = Pipe()
    script = [{"expect": "join", "within": 0.01, "else": [{"send": "late"}, "disconnect"]}]
    assert await converse(run_of(script), pipe) == Finish("disconnect")
    assert pipe.sent == ["late"]
    pipe.close()


async def test_a_conversation_ends_when_the_other_side_goes() -> None:
    pipe = Pipe()
    pipe.tell.close()
    assert await converse(run_of([{"forever": [{"expect": {}}]}]), pipe) == Finish("end")
    pipe.close()
