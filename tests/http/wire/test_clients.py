"""Clients that people use."""

from __future__ import annotations

import asyncio
import http.client
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge.mocking.exchange import Exchange, Response
from tests.http.wire.harness import App, echo, limits, listening, run, serving


async def in_thread(call: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, call)


async def curl(*arguments: str) -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    made = await asyncio.create_subprocess_exec(
        program, "-sS", "-m", "20", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await made.communicate()
    assert made.returncode == 0, err.decode()
    return out.decode()


async def ticks() -> AsyncIterator[bytes]:
    for number in range(3):
        await asyncio.sleep(0)
        yield b"data: %d\n\n" % number


def stream_or_echo(exchange: Exchange) -> Response:
    if exchange.request.path == "/stream":
        return Response(200, [("Content-Type", "text/event-stream")], stream=ticks())
    return echo(exchange)


def test_curl(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(App(stream_or_echo)) as served:
            base = served.listener.addresses()[0]
            assert json.loads(await curl(f"{base}/a?b=c"))["target"] == "/a?b=c"
            shown = await curl("-I", f"{base}/a")
            assert shown.startswith("HTTP/1.1 200 OK")
            assert "Content-Length" in shown
            assert await curl(f"{base}/stream") == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
            assert await curl("--http1.0", f"{base}/stream") == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
            large = tmp_path / "large"
            large.write_bytes(b"x" * 2_000_000)
            for extra in ((), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect: 100-continue")):
                told = json.loads(await curl("--data-binary", f"@{large}", *extra, f"{base}/up"))
                assert told["body"] == "x" * 2_000_000
            two = await curl(f"{base}/1", f"{base}/2")
            assert two.count("target") == 2
            assert len({e.request.client for e in served.app.over[-2:]}) == 1
            assert json.loads(await curl("--http2", f"{base}/h2c"))["version"] == "1.1"

    run(scenario)


def test_curl_sees_the_answer_of_a_refused_upload(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(max_body=1000) as served:
            large = tmp_path / "large"
            large.write_bytes(b"x" * 5_000_000)
            base = served.listener.addresses()[0]
            for extra in ("Expect:", "Expect: 100-continue", "Transfer-Encoding: chunked"):
                shown = await curl("--data-binary", f"@{large}", "-H", extra, f"{base}/up")
                assert "http.max_body" in shown

    run(scenario)


def test_curl_over_a_unix_socket(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "mock.sock"
        async with listening(App(), limits(), host=f"unix:{path}"):
            told = json.loads(await curl("--unix-socket", str(path), "http://mock.test/a"))
            assert told["host"] == "mock.test"

    run(scenario)


def test_httpx() -> None:
    async def scenario() -> None:
        async with serving(App(stream_or_echo)) as served, httpx.AsyncClient() as client:
            base = served.listener.addresses()[0]
            answers = await asyncio.gather(
                *(client.post(f"{base}/{number}", content=b"x" * number) for number in range(50))
            )
            assert [answer.json()["target"] for answer in answers] == [f"/{n}" for n in range(50)]
            assert [len(answer.json()["body"]) for answer in answers] == list(range(50))
            async with client.stream("GET", f"{base}/stream") as streamed:
                lines = [line async for line in streamed.aiter_lines() if line]
            assert lines == ["data: 0", "data: 1", "data: 2"]

            async def upload() -> AsyncIterator[bytes]:
                for _ in range(10):
                    yield b"y" * 1000

            answer = await client.put(f"{base}/up", content=upload())
            assert answer.json()["body"] == "y" * 10_000

    run(scenario)


def test_http_client() -> None:
    async def scenario() -> None:
        async with serving(App(stream_or_echo)) as served:
            host, port = served.address

            def talk() -> list[str]:
                found = []
                connection = http.client.HTTPConnection(host, port, timeout=20)
                for method, path in (
                    ("GET", "/a"),
                    ("HEAD", "/b"),
                    ("POST", "/c"),
                    ("GET", "/stream"),
                ):
                    connection.request(method, path, body=b"12" if method == "POST" else None)
                    answer = connection.getresponse()
                    found.append(answer.read().decode())
                connection.close()
                return found

            a, b, c, stream = await in_thread(talk)
            assert json.loads(a)["target"] == "/a"
            assert b == ""
            assert json.loads(c)["body"] == "12"
            assert stream.count("data:") == 3

    run(scenario)
