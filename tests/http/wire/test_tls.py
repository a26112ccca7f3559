"""TLS, client certificates, HTTP/2 and HTTP/3 through hypercorn, with real clients."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import pytest
import trustme
from anyio.abc import TaskStatus

from mockforge.errors import StartError
from mockforge.mocking.exchange import Exchange, Response
from mockforge_http.asgi import create_asgi_app
from mockforge_http.certificates import ssl_context
from mockforge_http.config import Tls
from mockforge_http.tls import TlsListener
from tests.http.wire.harness import PATIENCE, App, UpgradingApp, echo, limits, run, until


class Certificates:
    """An authority, a server certificate for localhost, and a client's."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca = folder / "ca.pem"
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"
        self.client_cert, self.client_key = folder / "client.pem", folder / "client-key.pem"
        self.authority.cert_pem.write_to_path(str(self.ca))
        server = self.authority.issue_cert("localhost", "127.0.0.1")
        server.private_key_pem.write_to_path(str(self.key))
        for blob in server.cert_chain_pems:
            blob.write_to_path(str(self.cert), append=True)
        client = self.authority.issue_cert("someone@example.org")
        client.private_key_pem.write_to_path(str(self.client_key))
        client.cert_chain_pems[0].write_to_path(str(self.client_cert))

    def tls(self, **changes: Any) -> Tls:
        return msgspec.structs.replace(Tls(port=0, cert=self.cert, key=self.key), **changes)

    def trusting(self, *, with_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca))
        if with_certificate:
            context.load_cert_chain(self.client_cert, self.client_key)
        return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def tls_serving(
    tls: Tls, app: App | None = None, **changes: float
) -> AsyncIterator[tuple[TlsListener, str, App]]:
    app = app if app is not None else App()
    given = limits(**changes)
    doorman = UpgradingApp(lambda *_: False)
    listener = TlsListener(create_asgi_app(app, given), tls, given, application=doorman)
    await listener.start()
    try:
        yield listener, listener.addresses()[0].replace("127.0.0.1", "localhost"), app
    finally:
        listener.abort()
        async with asyncio.timeout(PATIENCE):
            await listener.ended()


async def curl(*arguments: str, expect: int = 0) -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    made = await asyncio.create_subprocess_exec(
        program, "-sS", "-m", "20", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await made.communicate()
    assert (made.returncode == 0) == (expect == 0), err.decode()
    return out.decode()


@pytest.mark.parametrize(("flag", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_curl(certificates: Certificates, flag: str, version: str) -> None:
    async def scenario() -> None:
        async with tls_serving(certificates.tls()) as (_, base, app):
            shown = await curl(flag, "--cacert", str(certificates.ca), f"{base}/a?b=c")
            told = json.loads(shown)
            assert (told["target"], told["version"]) == ("/a?b=c", version)
            assert told["host"] == base.removeprefix("https://")
            assert app.over[0].request.scheme == "https"
            assert app.over[0].request.client.startswith("127.0.0.1:")
            head = await curl(flag, "-I", "--cacert", str(certificates.ca), f"{base}/a")
            assert head.lower().count("date:") == 1
            assert head.lower().count("content-length:") == 1
            assert "server:" not in head.lower()

    run(scenario)


@pytest.mark.parametrize("http2", [True, False])
def test_httpx_speaks_what_is_offered(certificates: Certificates, http2: bool) -> None:
    async def scenario() -> None:
        async with (
            tls_serving(certificates.tls(http2=http2)) as (listener, base, _),
            httpx.AsyncClient(http2=True, verify=certificates.trusting()) as client,
        ):
            answers = await asyncio.gather(
                *(client.post(f"{base}/{number}", content=b"x" * 70_000) for number in range(20))
            )
            assert {answer.http_version for answer in answers} == {
                "HTTP/2" if http2 else "HTTP/1.1"
            }
            assert [answer.json()["target"] for answer in answers] == [f"/{n}" for n in range(20)]
            assert all(len(answer.json()["body"]) == 70_000 for answer in answers)
            assert listener.connections >= 1
            assert listener.stats.accepted == listener.connections

    run(scenario)


def test_streams_arrive_piece_by_piece(certificates: Certificates) -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def two() -> AsyncIterator[bytes]:
            yield b"first\n"
            await release.wait()
            yield b"second\n"

        app = App(lambda exchange: Response(200, stream=two()))
        async with (
            tls_serving(certificates.tls(), app) as (_, base, _),
            httpx.AsyncClient(http2=True, verify=certificates.trusting()) as client,
            client.stream("GET", base) as streamed,
        ):
            lines = streamed.aiter_lines()
            assert await anext(lines) == "first"
            release.set()
            assert await anext(lines) == "second"

    run(scenario)


async def _broken() -> AsyncIterator[bytes]:
    yield b"begun"
    await asyncio.sleep(0)
    raise RuntimeError("source gone")


@pytest.mark.parametrize("http2", [True, False])
def test_a_stream_that_breaks_does_not_look_whole(certificates: Certificates, http2: bool) -> None:
    async def scenario() -> None:
        app = App(lambda exchange: Response(200, stream=_broken()))
        async with (
            tls_serving(certificates.tls(http2=http2), app) as (_, base, _),
            httpx.AsyncClient(http2=True, verify=certificates.trusting()) as client,
        ):
            with pytest.raises(httpx.TransportError):
                await client.get(base)
            assert app.over[0].error == "RuntimeError: source gone"

    run(scenario)


@pytest.mark.parametrize("http2", [True, False])
def test_a_body_that_is_too_large_is_refused(certificates: Certificates, http2: bool) -> None:
    async def scenario() -> None:
        async with (
            tls_serving(certificates.tls(http2=http2), max_body=1000) as (_, base, app),
            httpx.AsyncClient(http2=True, verify=certificates.trusting()) as client,
        ):
            answer = await client.post(base, content=b"x" * 1001)
            assert answer.status_code == 413
            assert "http.max_body" in answer.json()["detail"]
            assert app.asked == []
            assert (await client.post(base, content=b"x" * 1000)).status_code == 200

    run(scenario)


@pytest.mark.parametrize("flag", ["--http2", "--http1.1"])
def test_curl_sees_the_answer_of_a_refused_upload(
    certificates: Certificates, flag: str, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * 3_000_000)

    async def scenario() -> None:
        async with tls_serving(certificates.tls(), max_body=1000) as (_, base, _):
            shown = await curl(
                flag, "--cacert", str(certificates.ca), "--data-binary", f"@{large}", base
            )
            assert "http.max_body" in shown

    run(scenario)


def test_a_client_that_leaves_cancels_what_is_under_way(certificates: Certificates) -> None:
    async def scenario() -> None:
        cancelled = asyncio.Event()

        async def never(exchange: Exchange) -> Response:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

        app = App(never)
        async with tls_serving(certificates.tls(), app) as (_, base, _):
            verify = certificates.trusting()
            async with httpx.AsyncClient(http2=True, verify=verify, timeout=0.2) as client:
                with pytest.raises(httpx.ReadTimeout):
                    await client.get(base)
            async with asyncio.timeout(PATIENCE):
                await cancelled.wait()
            await app.until(lambda: bool(app.over))
            assert app.over[0].error == "the client closed the connection before its answer"

    run(scenario)


# ---------------------------------------------------------------------- client certificates


def test_clients_must_show_a_certificate_where_one_is_asked_for(certificates: Certificates) -> None:
    async def scenario() -> None:
        tls = certificates.tls(client_ca=certificates.ca)
        async with tls_serving(tls) as (_, base, app):
            context = certificates.trusting(with_certificate=True)
            async with httpx.AsyncClient(http2=True, verify=context) as client:
                assert (await client.get(base)).status_code == 200
            async with httpx.AsyncClient(verify=certificates.trusting()) as stranger:
                with pytest.raises(httpx.TransportError):
                    await stranger.get(base)
            other = trustme.CA().issue_cert("other@example.org")
            context = certificates.trusting()
            other.configure_cert(context)
            async with httpx.AsyncClient(verify=context) as impostor:
                with pytest.raises(httpx.TransportError):
                    await impostor.get(base)
            assert len(app.over) == 1

    run(scenario)


def test_old_tls_is_not_spoken(certificates: Certificates) -> None:
    assert ssl_context(certificates.tls()).minimum_version == ssl.TLSVersion.TLSv1_2


# ---------------------------------------------------------------------- limits, drain, start


def test_connections_are_limited(certificates: Certificates) -> None:
    async def scenario() -> None:
        async with tls_serving(certificates.tls(), max_connections=1) as (listener, base, _):
            context = certificates.trusting()
            async with httpx.AsyncClient(verify=context) as first:
                assert (await first.get(base)).status_code == 200
                async with httpx.AsyncClient(verify=context) as second:
                    with pytest.raises(httpx.TransportError):
                        await second.get(base)
                assert listener.stats.refused == 1
                assert (await first.get(base)).status_code == 200
            await until(lambda: listener.connections == 0)
            async with httpx.AsyncClient(verify=context) as third:
                assert (await third.get(base)).status_code == 200

    run(scenario)


async def serve_tls(
    listener: TlsListener, *, task_status: TaskStatus[list[str]], shutdown_event: anyio.Event
) -> None:
    """Serve until told to stop, as the protocol server does."""
    await listener.start()
    try:
        task_status.started(listener.addresses())
        await shutdown_event.wait()
        await listener.drain()
    finally:
        listener.abort()
        await listener.ended()


@pytest.mark.parametrize("http2", [True, False])
def test_serve_drains_when_told_to_stop(certificates: Certificates, http2: bool) -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def later(exchange: Exchange) -> Response:
            if exchange.request.target == "/later":
                await release.wait()
            return Response(200, (), b"answered")

        app = App(later)
        stop = anyio.Event()
        given = limits()
        async with anyio.create_task_group() as group:
            addresses = await group.start(
                partial(
                    serve_tls,
                    TlsListener(
                        create_asgi_app(app, given),
                        certificates.tls(http2=http2),
                        given,
                        host="127.0.0.1",
                    ),
                    shutdown_event=stop,
                )
            )
            base = addresses[0].replace("127.0.0.1", "localhost")
            verify = certificates.trusting()
            async with (
                httpx.AsyncClient(http2=True, verify=verify) as idle,
                httpx.AsyncClient(http2=True, verify=verify) as busy,
            ):
                await idle.get(base)
                pending = asyncio.ensure_future(busy.get(f"{base}/later"))
                await app.until(lambda: len(app.asked) == 2)
                stop.set()
                async with httpx.AsyncClient(verify=verify) as late:

                    async def refused() -> bool:
                        try:
                            await late.get(base)
                        except httpx.ConnectError:
                            return True
                        return False

                    async with asyncio.timeout(PATIENCE):
                        while not await refused():
                            pass
                assert not pending.done()
                release.set()
                assert (await pending).content == b"answered"

    run(scenario)


@pytest.mark.parametrize(
    ("changes", "message", "where"),
    [
        ({"cert": None}, "no certificate", None),
        ({"cert": Path("/nowhere/cert.pem")}, "cannot be read", "/nowhere/cert.pem"),
        ({"key": Path("/nowhere/key.pem")}, "cannot be read", "/nowhere/key.pem"),
        ({"client_ca": Path("/nowhere/ca.pem")}, "cannot be read", "/nowhere/ca.pem"),
        ({"cert": "garbage"}, "not usable as PEM", "garbage"),
        ({"key": "garbage"}, "not usable as PEM", "garbage"),
        ({"client_ca": "garbage"}, "no certificate of an authority", "garbage"),
        ({"key": "client_key"}, "does not belong", "client-key.pem"),
        ({"key": "encrypted"}, "encrypted", "encrypted"),
        ({"key": None}, "not usable as PEM", "cert.pem"),
        ({"http3": True, "client_ca": "ca"}, "HTTP/3 cannot check client", None),
    ],
)
def test_certificates_that_cannot_be_used(
    certificates: Certificates,
    tmp_path: Path,
    changes: dict[str, Any],
    message: str,
    where: str | None,
) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_text("no PEM at all")
    encrypted = tmp_path / "encrypted"
    subprocess.run(
        [
            "openssl",
            "pkey",
            "-in",
            certificates.key,
            "-aes128",
            "-passout",
            "pass:x",
            "-out",
            encrypted,
        ],
        check=True,
    )
    files = {
        "garbage": garbage,
        "encrypted": encrypted,
        "client_key": certificates.client_key,
        "ca": certificates.ca,
    }
    named = {
        name: files[value] if isinstance(value, str) else value for name, value in changes.items()
    }

    async def scenario() -> None:
        listener = TlsListener(
            create_asgi_app(App(), limits()), certificates.tls(**named), limits()
        )
        with pytest.raises(StartError, match=message) as caught:
            await listener.start()
        assert caught.value.hint is not None
        if where is not None:
            assert caught.value.place is not None
            assert str(caught.value.place).endswith(where)
        assert listener.addresses() == []

    run(scenario)


def test_key_and_certificate_in_one_file(certificates: Certificates, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(certificates.key.read_bytes() + certificates.cert.read_bytes())

    async def scenario() -> None:
        async with (
            tls_serving(certificates.tls(cert=both, key=None)) as (_, base, _),
            httpx.AsyncClient(verify=certificates.trusting()) as client,
        ):
            assert (await client.get(base)).status_code == 200

    run(scenario)


def test_a_port_in_use_names_the_tls_setting(certificates: Certificates) -> None:
    async def scenario() -> None:
        async with tls_serving(certificates.tls()) as (_, base, _):
            port = int(base.rpartition(":")[2])
            second = TlsListener(
                create_asgi_app(App(), limits()), certificates.tls(port=port), limits()
            )
            with pytest.raises(StartError, match=f"{port} is in use") as caught:
                await second.start()
            assert caught.value.hint is not None
            assert "http.tls.port" in caught.value.hint

    run(scenario)


def test_a_unix_socket_is_no_place_for_tls(certificates: Certificates) -> None:
    async def scenario() -> None:
        front = create_asgi_app(App(), limits())
        listener = TlsListener(front, certificates.tls(), limits(), host="unix:/tmp/x")
        with pytest.raises(StartError, match="cannot be served at unix:"):
            await listener.start()

    run(scenario)


def test_hypercorn_is_imported_only_for_tls() -> None:
    code = (
        "import sys, mockforge_http.wire, mockforge_http.tls, mockforge_http.asgi\n"
        "print([name for name in ('hypercorn', 'h2', 'aioquic', 'cryptography') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


# ---------------------------------------------------------------------- HTTP/3


@asynccontextmanager
async def h3_client(certificates: Certificates, base: str) -> AsyncIterator[Any]:
    from aioquic.asyncio.client import connect
    from aioquic.asyncio.protocol import QuicConnectionProtocol
    from aioquic.h3.connection import H3_ALPN, H3Connection
    from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.events import QuicEvent

    class Client(QuicConnectionProtocol):
        def __init__(self, *args: Any, **given: Any) -> None:
            super().__init__(*args, **given)
            self.h3 = H3Connection(self._quic)
            self.answers: dict[int, dict[str, Any]] = {}

        def quic_event_received(self, event: QuicEvent) -> None:
            for each in self.h3.handle_event(event):
                self.took(each)

        def took(self, event: H3Event) -> None:
            if isinstance(event, HeadersReceived | DataReceived):
                answer = self.answers[event.stream_id]
                if isinstance(event, HeadersReceived):
                    answer["headers"] = dict(event.headers)
                else:
                    answer["body"] += event.data
                if event.stream_ended:
                    answer["done"].set()

        async def ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
            stream = self._quic.get_next_available_stream_id()
            answer = self.answers[stream] = {"body": b"", "done": asyncio.Event()}
            authority = base.removeprefix("https://").encode()
            self.h3.send_headers(
                stream,
                [
                    (b":method", method.encode()),
                    (b":scheme", b"https"),
                    (b":authority", authority),
                    (b":path", path.encode()),
                ],
                end_stream=not body,
            )
            if body:
                self.h3.send_data(stream, body, end_stream=True)
            self.transmit()
            async with asyncio.timeout(PATIENCE):
                await answer["done"].wait()
            return answer

    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=True)
    configuration.load_verify_locations(str(certificates.ca))
    port = int(base.rpartition(":")[2])
    async with connect(
        "127.0.0.1", port, configuration=configuration, create_protocol=Client, wait_connected=True
    ) as client:
        yield client


def test_http3(certificates: Certificates) -> None:
    async def scenario() -> None:
        async with tls_serving(certificates.tls(http3=True)) as (listener, base, app):
            async with httpx.AsyncClient(http2=True, verify=certificates.trusting()) as other:
                port = base.rpartition(":")[2]
                assert f'h3=":{port}"' in (await other.get(base)).headers["alt-svc"]
            async with h3_client(certificates, base) as client:
                answer = await client.ask("GET", "/a?b=c")
                told = json.loads(answer["body"])
                assert answer["headers"][b":status"] == b"200"
                assert (told["target"], told["version"]) == ("/a?b=c", "3")
                answer = await client.ask("POST", "/up", b"x" * 50_000)
                assert len(json.loads(answer["body"])["body"]) == 50_000
                assert listener.connections >= 1
                assert app.over[-1].request.scheme == "https"

    run(scenario)


def test_http3_drains(certificates: Certificates) -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def later(exchange: Exchange) -> Response:
            await release.wait()
            return echo(exchange)

        app = App(later)
        async with (
            tls_serving(certificates.tls(http3=True), app) as (listener, base, _),
            h3_client(certificates, base) as client,
        ):
            pending = asyncio.ensure_future(client.ask("GET", "/later"))
            await app.until(lambda: bool(app.asked))
            draining = asyncio.ensure_future(listener.drain())
            await asyncio.sleep(0)
            assert not draining.done()
            release.set()
            assert json.loads((await pending)["body"])["target"] == "/later"
            async with asyncio.timeout(PATIENCE):
                await draining
                await client.wait_closed()
            assert listener.connections == 0

    run(scenario)


def test_a_stream_over_http3_that_breaks_does_not_look_whole(certificates: Certificates) -> None:
    async def scenario() -> None:
        app = App(lambda exchange: Response(200, stream=_broken()))
        async with (
            tls_serving(certificates.tls(http3=True), app) as (_, base, _),
            h3_client(certificates, base) as client,
        ):
            asked = asyncio.ensure_future(client.ask("GET", "/"))
            async with asyncio.timeout(PATIENCE):
                await client.wait_closed()
            assert not asked.done()
            asked.cancel()
            assert app.over[0].error == "RuntimeError: source gone"

    run(scenario)


def test_http3_connections_are_limited(certificates: Certificates) -> None:
    async def scenario() -> None:
        async with (
            tls_serving(certificates.tls(http3=True), max_connections=1) as (listener, base, _),
            h3_client(certificates, base) as client,
        ):
            await client.ask("GET", "/")
            assert listener.connections == 1
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3), h3_client(certificates, base):
                    pass
            assert listener.connections == 1
            await client.ask("GET", "/")

    run(scenario)
