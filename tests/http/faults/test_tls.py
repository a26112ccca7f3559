"""Faults over TLS, with HTTP/1.1 and HTTP/2, and on other ASGI servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge_http.asgi import create_asgi_app
from mockforge_http.asgi_faults import ABORT, EndedByFault
from mockforge_http.tls import TlsListener
from tests.http.faults.answers import BODY, PIECES, Faulty, ask, split
from tests.http.faults.test_wire_clients import curl
from tests.http.faults.times import Steps, immediate
from tests.http.wire.harness import PATIENCE, App, limits, run, until
from tests.http.wire.test_asgi import Call, scope
from tests.http.wire.test_tls import Certificates, h3_client, tls_serving


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


class Tls:
    """A TLS listener whose answers have a fault."""

    def __init__(self, listener: TlsListener, app: App, counted: list[str], cert: Path) -> None:
        self.listener = listener
        self.app = app
        self.counted = counted
        self.cert = cert
        self.url = listener.addresses()[0].replace("127.0.0.1", "localhost")


@asynccontextmanager
async def tls(certificates: Certificates, fault: Any, pace: Any = None) -> AsyncIterator[Tls]:
    app, given = App(Faulty(fault)), limits()
    counted: list[str] = []
    made = create_asgi_app(app, given, pace=pace, count_fault=counted.append)
    listener = TlsListener(made, certificates.tls(), given)
    await listener.start()
    try:
        yield Tls(listener, app, counted, certificates.ca)
    finally:
        listener.abort()
        async with asyncio.timeout(PATIENCE):
            await listener.ended()


async def seen(served: Tls, certificates: Certificates, data: bytes) -> tuple[bytes, str]:
    """What comes until the end of a new connection, and how it ended."""
    port = int(served.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection(
        "localhost", port, ssl=certificates.trusting(), server_hostname="localhost"
    )
    writer.write(data)
    got, end = b"", "closed"
    try:
        async with asyncio.timeout(PATIENCE):
            while piece := await reader.read(65_536):
                got += piece
    except ConnectionResetError:
        end = "reset"
    finally:
        writer.transport.abort()
    return got, end


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("reset", "reset"),
        ("empty", "closed"),
        ("garbage", "closed"),
        ("malformed_chunk", "closed"),
        ("truncate", "closed"),
    ],
)
def test_http_1_over_tls_gets_the_same_bytes_as_without(
    certificates: Certificates, fault: str, end: str
) -> None:
    async def scenario() -> None:
        async with tls(certificates, fault) as served:
            got, how = await seen(served, certificates, ask())
            assert how == end
            head, rest = split(got)
            if fault in ("reset", "empty"):
                assert got == b""
            elif fault == "garbage":
                assert len(got) == 256
            elif fault == "truncate":
                assert b"\r\nContent-Length: 60" in head
                assert rest == BODY[:30]
            else:
                assert b"\r\nTransfer-Encoding: chunked" in head
                assert rest.startswith(b"1e\r\n" + BODY[:30] + b"\r\nnot a chunk\r\n")
            assert (await seen(served, certificates, ask("/", "HEAD")))[1] == end
            assert served.counted == [fault, fault]
            errors = [exchange.error for exchange in served.app.over]
            assert errors == [f"fault: {fault}"] * 2

    run(scenario)


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("reset", {35, 56}),
        ("empty", {52, 56}),
        ("garbage", {1}),
        ("malformed_chunk", {56}),
        ("truncate", {18, 56}),
    ],
)
def test_curl_reports_faults_over_tls(
    certificates: Certificates, fault: str, codes: set[int]
) -> None:
    async def scenario() -> None:
        async with tls(certificates, fault) as served:
            code, _ = await curl(served.url, "--http1.1", "--cacert", str(served.cert))
            assert code in codes

    run(scenario)


@pytest.mark.parametrize("fault", ["reset", "empty", "garbage", "malformed_chunk", "truncate"])
def test_over_http_2_a_fault_ends_the_connection(certificates: Certificates, fault: str) -> None:
    async def scenario() -> None:
        async with tls(certificates, fault) as served:
            context = certificates.trusting()
            async with httpx.AsyncClient(http2=True, verify=context) as client:
                plain = await client.get(f"{served.url}/plain")
                assert plain.http_version == "HTTP/2"
                with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                    await client.get(served.url)
                # a new connection is as good as any
                assert (await client.get(f"{served.url}/plain")).content == b"plain"
            await until(lambda: len(served.app.over) == 3)
            assert served.app.over[1].error == f"fault: {fault}"

    run(scenario)


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("fault", [{"dribble": {"chunks": 6, "over": "9s"}}, {"bandwidth": 100}])
def test_slow_bodies_come_whole(certificates: Certificates, fault: Any, http2: bool) -> None:
    async def scenario() -> None:
        async with tls(certificates, fault, immediate()) as served:
            context = certificates.trusting()
            async with httpx.AsyncClient(http2=http2, verify=context) as client:
                assert (await client.get(served.url)).content == BODY
                stream = await client.get(f"{served.url}/stream")
                assert stream.content == b"".join(PIECES)
                assert (await client.head(served.url)).headers["content-length"] == "60"
                assert (await client.get(f"{served.url}/204")).status_code == 204

    run(scenario)


@pytest.mark.parametrize("fault", ["reset", "garbage", "truncate"])
def test_over_http_3_a_fault_closes_the_connection(certificates: Certificates, fault: str) -> None:
    async def scenario() -> None:
        app = App(Faulty(fault))
        async with (
            tls_serving(certificates.tls(http3=True), app) as (_, base, _),
            h3_client(certificates, base) as client,
        ):
            assert (await client.ask("GET", "/plain"))["body"] == b"plain"
            asked = asyncio.ensure_future(client.ask("GET", "/"))
            async with asyncio.timeout(PATIENCE):
                await client.wait_closed()
            assert not asked.done()
            asked.cancel()
            assert app.over[1].error == f"fault: {fault}"

    run(scenario)


def test_a_dribble_over_asgi_keeps_its_times() -> None:
    async def scenario() -> None:
        steps = Steps()
        app = App(Faulty({"dribble": {"chunks": 3, "over": "3s"}}))
        made = Call()
        front = create_asgi_app(app, limits(), pace=steps)
        answering = asyncio.ensure_future(front(scope(), made.receive, made.send))
        for number in range(3):
            assert await steps.step() == number + 1
            await until(lambda count=number: len(made.sent) >= count + 2)  # type: ignore[misc]
        await answering
        assert made.body == BODY

    run(scenario)


def test_a_client_that_leaves_ends_a_dribble_over_asgi() -> None:
    async def scenario() -> None:
        steps = Steps()
        app = App(Faulty({"dribble": {"chunks": 3, "over": "3s"}}))
        made = Call()
        front = create_asgi_app(app, limits(), pace=steps)
        answering = asyncio.ensure_future(front(scope(), made.receive, made.send))
        await steps.step()
        made.gone.set()
        await answering
        assert steps.sleeping == 0
        assert "client closed" in str(app.over[0].error)

    run(scenario)


@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_an_asgi_server_without_a_way_to_end_a_connection_is_told_by_an_error(fault: str) -> None:
    async def scenario() -> None:
        app = App(Faulty(fault))
        made = Call()
        with pytest.raises(EndedByFault, match=f"fault: {fault}"):
            await create_asgi_app(app, limits())(scope(state={}), made.receive, made.send)
        sent = [message.get("body") for message in made.sent]
        assert sent == ([] if fault == "reset" else [None, BODY[:30]])
        assert app.over[0].error == f"fault: {fault}"

    run(scenario)


@pytest.mark.parametrize("fault", ["garbage", "malformed_chunk"])
def test_a_server_that_can_drop_a_connection_is_asked_to(fault: str) -> None:
    async def scenario() -> None:
        dropped = []

        async def abort(of: Any) -> None:
            dropped.append(of["http_version"])

        app = App(Faulty(fault))
        made = Call()
        given = scope(state={ABORT: abort}, http_version="3")
        await create_asgi_app(app, limits())(given, made.receive, made.send)
        assert dropped == ["3"]

    run(scenario)
