"""What people's clients make of faults on the wire."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import Any

import httpx
import pytest

from tests.http.faults.answers import BODY, Faulty
from tests.http.faults.times import immediate
from tests.http.wire.harness import App, Served, limits, listening, run, serving

EXPECTED: list[tuple[Any, str, int, type[Exception], str]] = [
    ("reset", "/", 56, httpx.ReadError, "^$"),
    ("empty", "/", 52, httpx.RemoteProtocolError, "without sending a response"),
    ("garbage", "/", 1, httpx.RemoteProtocolError, "without sending a response|illegal"),
    ("malformed_chunk", "/", 56, httpx.RemoteProtocolError, "illegal chunk header"),
    ("malformed_chunk", "/stream", 56, httpx.RemoteProtocolError, "illegal chunk header"),
    ("malformed_chunk", "/204", 52, httpx.RemoteProtocolError, "without sending a response"),
    ("truncate", "/", 18, httpx.RemoteProtocolError, r"received 30 bytes, expected 60"),
    ("truncate", "/empty", 18, httpx.RemoteProtocolError, r"received 0 bytes, expected 1"),
    ("truncate", "/stream", 18, httpx.RemoteProtocolError, r"received 5 bytes, expected 11"),
    ("truncate", "/204", 52, httpx.RemoteProtocolError, "without sending a response"),
]


async def curl(url: str, *options: str) -> tuple[int, bytes]:
    """curl's exit code, and what it wrote."""
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    made = await asyncio.create_subprocess_exec(
        program, "-sS", "-m", "20", *options, url, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, _ = await made.communicate()
    assert made.returncode is not None
    return made.returncode, out


@pytest.mark.parametrize(("fault", "path", "code", "error", "message"), EXPECTED)
def test_curl_and_httpx_report_the_fault(
    fault: Any, path: str, code: int, error: type[Exception], message: str
) -> None:
    async def scenario() -> None:
        async with serving(App(Faulty(fault))) as served:
            url = served.listener.addresses()[0] + path
            assert (await curl(url))[0] == code
            async with httpx.AsyncClient() as client:
                with pytest.raises(error, match=message):
                    await client.get(url)
                plain = served.listener.addresses()[0] + "/plain"
                assert (await client.get(plain)).content == b"plain"

    run(scenario)


@pytest.mark.parametrize("fault", [{"dribble": {"chunks": 7, "over": "2s"}}, {"bandwidth": "1KiB"}])
def test_curl_and_httpx_get_slow_bodies_whole(fault: Any) -> None:
    async def scenario() -> None:
        app = App(Faulty(fault))
        async with listening(app, limits(), pace=immediate()) as listener:
            url = Served(listener, app).listener.addresses()[0] + "/"
            assert await curl(url) == (0, BODY)
            async with httpx.AsyncClient() as client:
                assert (await client.get(url)).content == BODY

    run(scenario)


def test_curl_gives_up_on_a_dribble_that_takes_longer_than_it_waits() -> None:
    async def scenario() -> None:
        async with serving(App(Faulty({"dribble": {"chunks": 2, "over": "10m"}}))) as served:
            assert (await curl(served.listener.addresses()[0] + "/", "-m", "0.2"))[0] == 28
            await served.gone()

    run(scenario)
