"""The settings of the gRPC server, each by what a client sees of it; and its metrics."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.grpc.mocks.making import (
    PATIENCE,
    client,
    failed,
    grpc_server,
    mocking,
    stub,
    value_of,
)
from tests.grpc.transport.wire import WireClient, frame, framed

SAY = "/hello.Greeter/Say"
CHAT = "/hello.Greeter/Chat"


@contextmanager
def wire(server: MockServer) -> Iterator[WireClient]:
    made = WireClient(int(server.address("grpc").rpartition(":")[2]))
    try:
        yield made
    finally:
        made.close()


def wait_for(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.005)


# ------------------------------------------------------------------ sources


@pytest.mark.shows("grpc.protos", "grpc.roots", "grpc.mocks")
def test_protos_are_files_folders_and_descriptor_sets_below_roots(tmp_path: Path) -> None:
    (tmp_path / "api/v1").mkdir(parents=True)
    (tmp_path / "common").mkdir()
    (tmp_path / "common/word.proto").write_text(
        'syntax = "proto3"; package common; message Word { string text = 1; }'
    )
    (tmp_path / "api/v1/words.proto").write_text(
        'syntax = "proto3"; package words; import "common/word.proto";'
        " service Words { rpc Get(common.Word) returns (common.Word); }"
    )
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    made = stub("words.Words/Get", message={"text": "from a stub"})
    (stubs / "a.json").write_text(json.dumps(made))
    (stubs / "b.json").write_text('{"request": {"path": "/"}, "response": {}}')
    settings = {
        "grpc.protos": [str(tmp_path / "api")],
        "grpc.roots": [str(tmp_path)],
        "grpc.mocks": [str(stubs)],
    }
    with MockServer(only=("grpc",), settings=settings) as server, client(server) as caller:
        assert caller.call("words.Words/Get") == {"text": "from a stub"}
        assert "1 service, 1 method" in " ".join(grpc_server(server).summary())


@pytest.mark.shows(
    "grpc.reflect",
    "grpc.reflect[].target",
    "grpc.reflect[].metadata",
    "grpc.reflect[].timeout",
)
def test_services_are_found_by_reflection_of_a_server(tmp_path: Path) -> None:
    with mocking(tmp_path) as upstream:
        reflect = {
            "target": upstream.address("grpc"),
            "metadata": {"x-token": "t"},
            "timeout": "20s",
        }
        with (
            MockServer(only=("grpc",), settings={"grpc.reflect": [reflect]}) as server,
            client(server) as caller,
        ):
            server.stub(stub(message={"text": "mocked"}))
            assert caller.call("Say") == {"text": "mocked"}
        entries = upstream.journal.recent()
        assert {entry.source for entry in entries} == {"reflection"}
        assert all(("x-token", "t") in entry.request_headers for entry in entries)


@pytest.mark.shows("grpc.reflect[].tls", "grpc.reflect[].ca")
def test_the_reflected_server_may_speak_tls(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    with mocking(tmp_path, tls__cert=str(files.cert), tls__key=str(files.key)) as upstream:
        port = upstream.address("grpcs").rpartition(":")[2]
        reflect = {"target": f"localhost:{port}", "tls": True, "ca": str(files.ca)}
        with MockServer(only=("grpc",), settings={"grpc.reflect": [reflect]}) as server:
            assert "hello.Greeter" in grpc_server(server).schema.services


@pytest.mark.shows("grpc.cache", "grpc.cache_dir")
def test_compiled_protos_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with mocking(tmp_path, cache=False, cache_dir=str(folder)):
        assert not folder.exists()
    for _ in range(2):
        with (
            mocking(tmp_path, cache=True, cache_dir=str(folder)) as server,
            client(server) as caller,
        ):
            assert caller.call("Say")["text"]
            assert len(list(folder.rglob("*.protos"))) == 1


@pytest.mark.shows("grpc.max_stubs")
def test_no_more_stubs_than_may_be(tmp_path: Path) -> None:
    with mocking(tmp_path, stub(), max_stubs=1) as server:
        with pytest.raises(MockForgeError, match="1 stubs already") as error:
            server.stub(stub())
        assert "grpc.max_stubs" in (error.value.hint or "")


@pytest.mark.shows("grpc.engine")
@pytest.mark.parametrize("engine", ["http2", "h2", "grpcio"])
def test_the_engine_is_chosen(tmp_path: Path, engine: str) -> None:
    with (
        mocking(tmp_path, stub(message={"text": "x"}), engine=engine) as server,
        client(server) as caller,
    ):
        assert caller.call("Say") == {"text": "x"}
        kind = type(grpc_server(server).engine).__name__
        assert (kind == "GrpcioEngine") == (engine == "grpcio")


# ------------------------------------------------------------------ latency and failures


@pytest.mark.shows(
    "grpc.latency.enabled",
    "grpc.latency.default",
    "grpc.latency.overrides",
    "grpc.latency.overrides[].method",
    "grpc.latency.overrides[].delay",
)
def test_calls_are_held_back(tmp_path: Path) -> None:
    def took(name: str, **latency: Any) -> float:
        with mocking(tmp_path, latency=latency) as server, client(server) as caller:
            caller.call("hello.Other/Say")
            begun = time.monotonic()
            caller.call(name)
            return time.monotonic() - begun

    assert took("Say", enabled=True) >= 0.03
    assert took("Say", default="80ms") >= 0.08
    overrides = [{"method": "hello.Greeter/*", "delay": "80ms"}]
    assert took("Say", overrides=overrides) >= 0.08
    overrides.append({"method": "hello.Greeter/Say", "delay": "120ms"})
    assert took("Say", default="1ms", overrides=overrides) >= 0.12


@pytest.mark.shows(
    "grpc.failures.enabled",
    "grpc.failures.rate",
    "grpc.failures.codes",
    "grpc.failures.message",
    "grpc.failures.overrides",
    "grpc.failures.overrides[].method",
    "grpc.failures.overrides[].rate",
    "grpc.failures.overrides[].codes",
    "grpc.failures.overrides[].message",
)
def test_calls_fail_by_chance(tmp_path: Path) -> None:
    def codes(name: str = "Say", count: int = 1, **failures: Any) -> set[tuple[str, str]]:
        with (
            mocking(tmp_path, stub(), failures=failures) as server,
            client(server) as caller,
        ):
            answers = [caller.call(name) for _ in range(count)]
            return {("OK", "") if isinstance(each, dict) else each[:2] for each in answers}

    said = "This failure was injected (grpc.failures)."
    assert codes(enabled=False, rate=1) == {("OK", "")}
    assert codes(enabled=True, count=100) == {("OK", ""), ("UNAVAILABLE", said)}
    given = codes(rate=1, codes=["ABORTED", "INTERNAL"], message="no", count=30)
    assert given == {("ABORTED", "no"), ("INTERNAL", "no")}
    one = {"method": "*/Say", "rate": 1, "codes": ["DATA_LOSS"], "message": "one"}
    assert codes(rate=0, overrides=[one]) == {("DATA_LOSS", "one")}
    assert codes(overrides=[one | {"method": "x.Y/*"}]) == {("OK", "")}


# ------------------------------------------------------------------ limits


@pytest.mark.shows("grpc.max_message")
def test_an_oversized_message_is_refused(tmp_path: Path) -> None:
    with mocking(tmp_path, max_message="1KiB") as server, client(server) as caller:
        assert caller.call("Say", {"name": "x" * 2000}).code == "RESOURCE_EXHAUSTED"
        assert caller.call("Say", {"name": "x"})
        assert value_of(server, "mockforge_grpc_limits_total", limit="message") == 1


@pytest.mark.shows("grpc.max_metadata")
def test_too_much_metadata_is_refused(tmp_path: Path) -> None:
    with mocking(tmp_path, max_metadata="2KiB") as server, client(server) as caller:
        ended = caller.call("Say", {}, metadata=[("x-long", "x" * 4000)])
        assert ended.code == "RESOURCE_EXHAUSTED"
        assert caller.call("Say", {}, metadata=[("x-short", "x")])


@pytest.mark.shows("grpc.max_connections")
def test_connections_above_the_limit_are_closed(tmp_path: Path) -> None:
    with mocking(tmp_path, stub(), max_connections=1) as server, wire(server) as first:
        assert first.call(framed(b""), path=SAY).status == "0"
        with wire(server) as second:
            second.until(lambda: second.closed)
        assert value_of(server, "mockforge_grpc_limits_total", limit="connections") == 1


@pytest.mark.shows("grpc.max_concurrent_streams")
def test_a_connection_has_so_many_calls(tmp_path: Path) -> None:
    with mocking(tmp_path, max_concurrent_streams=7) as server, wire(server) as caller:
        assert caller.call(framed(b""), path=SAY).status == "0"
        assert caller.h2.remote_settings.max_concurrent_streams == 7


@pytest.mark.shows("grpc.max_resets")
def test_a_client_that_cancels_too_often_is_sent_away(tmp_path: Path) -> None:
    with mocking(tmp_path, max_resets=10) as server, wire(server) as caller:
        for _ in range(50):
            stream = caller.h2.get_next_available_stream_id()
            caller.h2.send_headers(stream, caller.headers(CHAT))
            caller.h2.reset_stream(stream, 8)
        caller.flush()
        caller.until(lambda: caller.goaway)
        assert caller.goaway[0][0] == 11
        wait_for(lambda: grpc_server(server).engine.streams == 0)


@pytest.mark.shows("grpc.max_held", "grpc.write_buffer")
def test_what_is_held_for_clients_that_do_not_read_is_bounded(tmp_path: Path) -> None:
    flood = stub(
        "hello.Greeter/Many",
        script=[{"forever": [{"send": {"text": "x" * 1000}}]}],
    )
    with mocking(tmp_path, flood, write_buffer="16KiB") as server, wire(server) as caller:
        caller.send(caller.open("/hello.Greeter/Many"), framed(b""), end=True)
        wait_for(lambda: value_of(server, "mockforge_grpc_calls_active") == 1)
        engine = grpc_server(server).engine
        wait_for(lambda: engine.held_bytes() > 0)
        for _ in range(20):
            assert engine.held_bytes() < 200_000
            time.sleep(0.005)
    with mocking(tmp_path, max_held="2KiB") as server, wire(server) as caller:
        stream = caller.open(SAY)
        caller.send(stream, b"\0\0\0\x20\0" + b"x" * 5000)  # of 8 KiB
        assert caller.answer(stream).status == "8"


@pytest.mark.shows("grpc.timeouts.handshake", "grpc.timeouts.idle")
def test_silent_connections_are_closed(tmp_path: Path) -> None:
    with mocking(tmp_path, timeouts={"handshake": "50ms", "idle": "100ms"}) as server:
        host, _, port = server.address("grpc").rpartition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as plain:
            assert plain.recv(1) == b""
        with wire(server) as caller:
            assert caller.call(framed(b""), path=SAY).status == "0"
            caller.until(lambda: caller.closed)
        assert value_of(server, "mockforge_grpc_limits_total", limit="idle") == 1


@pytest.mark.shows("grpc.keepalive.ping_interval", "grpc.keepalive.ping_timeout")
def test_a_client_that_answers_no_ping_is_cut(tmp_path: Path) -> None:
    keepalive = {"ping_interval": "50ms", "ping_timeout": "50ms"}
    with mocking(tmp_path, keepalive=keepalive) as server:
        host, _, port = server.address("grpc").rpartition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as plain:
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, b""))
            while plain.recv(1000):
                pass
        assert value_of(server, "mockforge_grpc_limits_total", limit="keepalive") == 1


@pytest.mark.shows("grpc.compression_level")
def test_answers_are_compressed_where_a_client_asks(tmp_path: Path) -> None:
    made = stub(message={"text": "".join(f"word {n * n % 977} " for n in range(3000))})

    def sent(level: int) -> float:
        with (
            mocking(tmp_path, made, compression_level=level) as server,
            client(server) as caller,
        ):
            found = caller.call("Say", {"name": "x"}, compression=grpc.Compression.Gzip)
            assert found["text"].startswith("word 0")
            return value_of(server, "mockforge_grpc_bytes_total", direction="out")

    assert sent(9) < sent(1) < len(made["response"]["message"]["text"])


# ------------------------------------------------------------------ TLS


class Certificates:
    """An authority; a certificate for localhost, and one for a client."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        server = authority.issue_cert("localhost", "127.0.0.1")
        self.client = authority.issue_cert("someone@example.org")
        self.ca, self.cert, self.key = (folder / name for name in ("ca.pem", "c.pem", "k.pem"))
        authority.cert_pem.write_to_path(str(self.ca))
        server.cert_chain_pems[0].write_to_path(str(self.cert))
        server.private_key_pem.write_to_path(str(self.key))

    def credentials(self, *, with_certificate: bool = False) -> grpc.ChannelCredentials:
        if not with_certificate:
            return grpc.ssl_channel_credentials(self.ca.read_bytes())
        return grpc.ssl_channel_credentials(
            self.ca.read_bytes(),
            self.client.private_key_pem.bytes(),
            self.client.cert_chain_pems[0].bytes(),
        )


@pytest.mark.parametrize("engine", ["http2", "grpcio"])
@pytest.mark.shows("grpc.tls.port", "grpc.tls.cert", "grpc.tls.key", "grpc.tls.client_ca")
def test_a_second_port_speaks_tls(tmp_path: Path, engine: str) -> None:
    files = Certificates(tmp_path)

    def call(server: MockServer, **options: bool) -> Any:
        port = server.address("grpcs").rpartition(":")[2]
        with grpc.secure_channel(f"localhost:{port}", files.credentials(**options)) as channel:
            made: Any = channel.unary_unary(SAY)
            begun = made.future(b"", timeout=PATIENCE)
            try:
                return begun.result()
            except grpc.RpcError:
                return failed(begun)

    tls: dict[str, Any] = {
        "tls__cert": str(files.cert),
        "tls__key": str(files.key),
        "engine": engine,
    }
    with mocking(tmp_path, stub(message={"text": "x"}), **tls) as server:
        assert call(server) == b"\n\x01x"
        with client(server) as caller:
            assert caller.call("Say") == {"text": "x"}
    tls["tls__client_ca"] = str(files.ca)
    with mocking(tmp_path, stub(message={"text": "x"}), **tls) as server:
        assert call(server, with_certificate=True) == b"\n\x01x"
        assert call(server).code == "UNAVAILABLE"


# ------------------------------------------------------------------ metrics


@pytest.mark.shows(
    "mockforge_grpc_connections_active",
    "mockforge_grpc_connections_total",
    "mockforge_grpc_calls_active",
    "mockforge_grpc_calls_total",
    "mockforge_grpc_cancelled_total",
    "mockforge_grpc_messages_total",
    "mockforge_grpc_bytes_total",
    "mockforge_grpc_refused_total",
    "mockforge_grpc_limits_total",
)
def test_metrics_count_connections_calls_and_messages(tmp_path: Path) -> None:
    with mocking(tmp_path, generated_messages=3) as server:

        def value(name: str, **labels: str) -> float:
            return value_of(server, f"mockforge_grpc_{name}", **labels)

        with client(server) as caller:
            caller.call("Many", {"name": "a"})
            assert value("connections_active") == value("connections_total") == 1
            assert value("calls_total") == 1
            assert value("messages_total", direction="in") == 1
            assert value("messages_total", direction="out") == 3
            assert value("bytes_total", direction="in") > 0
            assert value("bytes_total", direction="out") > 0
            call = caller.open("grpc.health.v1.Health/Watch", [{}])
            next(call)
            assert value("calls_active") == 1
            call.cancel()
            wait_for(lambda: value("calls_active") == 0)
            assert value("cancelled_total") == 1
        with wire(server) as plain:
            plain.open(SAY, ("content-type", "text/plain"), end=True)
            wait_for(lambda: value("refused_total", reason="content_type") == 1)
        wait_for(lambda: value("connections_active") == 0)
        text = server.metrics.render()
        assert (
            'mockforge_requests_total{protocol="grpc",method="SERVER_STREAM",status="0"} 1' in text
        )
        assert f'path="{"/hello.Greeter/Many"}"' in text
        assert 'mockforge_memory_bytes{component="grpc.schema"}' in text
