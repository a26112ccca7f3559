"""The gRPC benchmarks read what h2load says, and what they have mocked answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from benchmarks.grpc import main, mocked
from benchmarks.grpc_load import Calls, h2load_found, read
from benchmarks.grpc_mixed import Clients
from benchmarks.grpc_stubs import settings
from benchmarks.load import LoadError

SAID = """starting benchmark...
finished in 5.00s, {rate} req/s, 3.82MB/s
requests: 372800 total, 372800 done, {succeeded} succeeded, {failed} failed, 0 errored, 0 timeout
status codes: {succeeded} 2xx, 0 3xx, {refused} 4xx, 0 5xx
traffic: 19.10MB (20026390) total, 6.09MB (6385890) headers (space savings 86.37%), 5.48MB (5741120) data
"""


def said(
    *, rate: str = "93200.00", succeeded: int = 372800, failed: int = 0, refused: int = 0
) -> str:
    return SAID.format(rate=rate, succeeded=succeeded, failed=failed, refused=refused)


def test_rates_are_read() -> None:
    assert read(said()) == Calls(93200.0, 372800)


@pytest.mark.parametrize(
    "text", [said(failed=1), said(refused=3), said(succeeded=0), "", "Segfault"]
)
def test_what_did_not_go_well_is_no_figure(text: str) -> None:
    with pytest.raises(LoadError):
        read(text)


def test_without_h2load_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert not h2load_found()
    assert main(["--rounds", "1"]) == 0
    assert capsys.readouterr().out.startswith("skipped: h2load is not installed")


@pytest.mark.parametrize("engine", ["http2", "grpcio"])
def test_the_mixed_load_does_all_that_it_names_and_leaves_nothing_open(
    engine: str, tmp_path: Path
) -> None:
    with mocked(settings(tmp_path, engine=engine)) as server:
        clients = Clients(server.port)

        async def each_once() -> None:
            import grpc.aio

            async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
                for call in (clients.unary, clients.late, clients.repeated, clients.collected):
                    await call(channel)
                for call in (clients.chat, clients.cancelled, clients.cancelled_chat):
                    await call(channel)
            for broken in (clients.vanishing, clients.stalled, clients.resets):
                before = server.open()["begun"]
                await broken()
                if broken == clients.stalled:  # the one that gives any server the time to see it
                    assert server.open()["begun"] > before
            await clients.garbage()
            await clients.half_a_message()

        asyncio.run(each_once())
        found = server.open()
        for _ in range(10_000):
            if not found["calls"] and not found["connections"]:
                break
            found = server.open()
        assert found["calls"] == found["connections"] == 0
        assert found["cancelled"] >= 1
