"""Calls that another server answers."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import trustme
import yaml
from google.rpc import status_pb2

from mockforge.errors import ConfigError, MockForgeError
from mockforge.testing import MockServer
from mockforge_grpc.config_proxy import ProxySettings, ProxyTls
from mockforge_grpc.config_proxy import Upstream as Address
from mockforge_grpc.proxy.channel import check
from tests.grpc.recording.upstream import PROTO, Upstream, call, upstream, value_of
from tests.kernel.cli.running import serving
from tests.kernel.observe.waiting import wait_until

PROXIED = "mockforge_grpc_proxied_total"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with upstream(tmp_path_factory.mktemp("upstream")) as server:
        yield server


@pytest.fixture
def settings(behind: Upstream, tmp_path: Path) -> dict[str, Any]:
    behind.seen.clear()
    return {"grpc.proxy.upstream": behind.address, "grpc.cache_dir": str(tmp_path / "cache")}


def counted(server: MockServer, outcome: str) -> float:
    return value_of(server, PROXIED, outcome=outcome)


@pytest.mark.shows("grpc.proxy.upstream", "mockforge_grpc_proxied_total")
@pytest.mark.parametrize("engine", ["http2", "h2", "grpcio"])
def test_all_four_kinds_of_calls_are_answered_by_the_upstream_server(
    behind: Upstream, settings: dict[str, Any], engine: str
) -> None:
    # What its services are is asked by reflection, as there are no protos.
    with MockServer(only=("grpc",), settings={**settings, "grpc.engine": engine}) as server:
        address, into = server.address("grpc"), behind.into
        one = call(behind.types, address, "One", into("a", 3))
        assert one.messages == [("echo a", 3)]
        assert one.initial["x-initial"] == "a"
        assert one.initial["x-raw-bin"] == b"\x00\xff"
        assert [value for name, value in one.trailers if name == "x-cost"] == ["1", "2"]
        many = call(behind.types, address, "Many", into("m", 3))
        assert many.messages == [("m", 0), ("m", 1), ("m", 2)]
        collect = call(behind.types, address, "Collect", *(into(str(each)) for each in range(200)))
        assert collect.messages == [(" ".join(map(str, range(200))), 200)]
        both = call(behind.types, address, "Both", into("a", 2), into("b"))
        assert both.messages == [("A", 0), ("A", 1), ("B", 0)]
        assert {each.code for each in (one, many, collect, both)} == {"OK"}
        wait_until(lambda: counted(server, "passed") == 4)


def test_statuses_come_with_their_details_and_after_messages(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    with MockServer(only=("grpc",), settings=settings) as server:
        failed = call(behind.types, server.address("grpc"), "One", behind.into("fail"))
        assert (failed.code, failed.details) == ("FAILED_PRECONDITION", "not {{ now }}")
        details = status_pb2.Status.FromString(dict(failed.trailers)["grpc-status-details-bin"])
        assert [each.type_url for each in details.details] == [
            "type.googleapis.com/google.rpc.ErrorInfo"
        ]
        late = call(behind.types, server.address("grpc"), "Many", behind.into("fail", 2))
        assert late[:3] == ([("fail", 0), ("fail", 1)], "DATA_LOSS", "that was all")


@pytest.mark.shows("grpc.proxy.metadata")
def test_metadata_and_deadlines_reach_the_upstream_server(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    own = {**settings, "grpc.proxy.metadata": {"X-Key": "k", "x-user": "fixed"}}
    with MockServer(only=("grpc",), settings=own) as server:
        metadata = (("x-user", "u"), ("x-other", "o"), ("x-raw-bin", b"\x01\x02"))
        call(
            behind.types,
            server.address("grpc"),
            "One",
            behind.into("a"),
            metadata=metadata,
            timeout=30,
        )
    seen = behind.seen[-1]
    assert seen.metadata["x-user"] == "fixed"
    assert seen.metadata["x-key"] == "k"
    assert seen.metadata["x-other"] == "o"
    assert seen.metadata["x-raw-bin"] == b"\x01\x02"
    assert seen.remaining is not None
    # What is sent is rounded up.
    assert 0 < seen.remaining <= 31


def test_a_call_that_the_client_gives_up_is_given_up_upstream(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    behind.cancelled.clear()
    with MockServer(only=("grpc",), settings=settings) as server:
        with grpc.insecure_channel(server.address("grpc")) as channel:
            make: Any = channel.unary_unary("/echo.Echo/Slow")
            future = make.future(b"")
            wait_until(lambda: any(each.path == "Slow" for each in behind.seen))
            future.cancel()
            wait_until(behind.cancelled.is_set)
        wait_until(lambda: counted(server, "cancelled") == 1)
        assert value_of(server, "mockforge_grpc_calls_active") == 0


@pytest.mark.shows("grpc.proxy.when")
def test_stubs_answer_before_the_upstream_server_unless_all_is_passed_on(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    stub = {
        "grpc": {"method": "echo.Echo/One", "request": {"json": {"text": "mine"}}},
        "response": {"message": {"text": "stubbed"}},
    }
    client = {
        "grpc": {"method": "echo.Echo/Collect", "requests": {"last": {"json": {"text": "mine"}}}},
        "response": {"message": {"text": "stubbed"}},
    }
    with MockServer(only=("grpc",), settings=settings) as server:
        server.stub(stub)
        server.stub(client)
        address, types, into = server.address("grpc"), behind.types, behind.into
        assert call(types, address, "One", into("mine")).messages == [("stubbed", 0)]
        assert call(types, address, "One", into("other")).messages == [("echo other", 0)]
        assert call(types, address, "Collect", into("a"), into("mine")).messages == [("stubbed", 0)]
        assert call(types, address, "Collect", into("a"), into("b")).messages == [("a b", 2)]
        (entry,) = [each for each in server.requests() if "other" in str(each.request_body)]
        assert entry.source == f"proxy:{behind.address}"
    always = {**settings, "grpc.proxy.when": "always"}
    with MockServer(only=("grpc",), settings=always) as server:
        server.stub(stub)
        assert call(types, server.address("grpc"), "One", into("mine")).messages == [
            ("echo mine", 0)
        ]


def test_more_messages_than_may_wait_pass_through(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    small = {**settings, "grpc.max_queued": 2}
    with MockServer(only=("grpc",), settings=small) as server:
        requests = [behind.into("x" * 1000) for _ in range(500)]
        answer = call(behind.types, server.address("grpc"), "Both", *requests)
        assert len(answer.messages) == 500
        assert answer.code == "OK"
        wait_until(lambda: counted(server, "passed") == 1)
        assert value_of(server, "mockforge_memory_bytes", component="grpc.upstream") == 0


def test_what_waits_for_the_upstream_server_is_bounded(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    # Nobody accepts there, so that everything waits.
    (tmp_path / "echo.proto").write_text(PROTO)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        own = {
            **settings,
            "grpc.proxy.upstream": f"127.0.0.1:{silent.getsockname()[1]}",
            "grpc.protos": [str(tmp_path / "echo.proto")],
            "grpc.max_held": "64KiB",
            "grpc.max_queued": 1000,
        }
        with MockServer(only=("grpc",), settings=own) as server:
            requests = [behind.into("x" * 1000) for _ in range(200)]
            answer = call(behind.types, server.address("grpc"), "Both", *requests)
            assert (answer.code, answer.messages) == ("RESOURCE_EXHAUSTED", [])
            wait_until(lambda: value_of(server, "mockforge_grpc_calls_active") == 0)
            wait_until(
                lambda: value_of(server, "mockforge_memory_bytes", component="grpc.waiting") == 0
            )


def test_messages_of_the_upstream_server_are_bounded(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    with MockServer(only=("grpc",), settings={**settings, "grpc.max_message": "4KiB"}) as server:
        requests = [behind.into("x" * 1000) for _ in range(10)]
        answer = call(behind.types, server.address("grpc"), "Collect", *requests)
        assert answer.code == "RESOURCE_EXHAUSTED"
        assert "larger than max" in answer.details
        wait_until(lambda: counted(server, "failed") == 1)


def test_calls_that_come_over_http_are_passed_on_as_well(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    with MockServer(only=("http", "grpc"), settings=settings) as server:
        answer = httpx.post(f"{server.url}/echo.Echo/Many", json={"text": "a", "count": "2"})
        assert [json.loads(line) for line in answer.text.splitlines() if line] == [
            {"text": "a"},
            {"text": "a", "count": "1"},
        ]
        wait_until(lambda: counted(server, "passed") == 1)


def test_a_server_that_is_its_own_upstream_server_says_so(tmp_path: Path) -> None:
    (tmp_path / "echo.proto").write_text(PROTO)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "grpc.port": port,
        "grpc.proxy.upstream": f"127.0.0.1:{port}",
        "grpc.protos": [str(tmp_path / "echo.proto")],
        "grpc.cache_dir": str(tmp_path / "cache"),
    }
    with MockServer(only=("grpc",), settings=settings) as server:
        with grpc.insecure_channel(server.address("grpc")) as channel:
            make: Any = channel.unary_unary("/echo.Echo/One")
            with pytest.raises(grpc.RpcError) as caught:
                make(b"", timeout=20)
        assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert "there is a loop" in str(caught.value.details())


def test_a_server_that_stops_ends_calls_under_way(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    behind.cancelled.clear()
    with MockServer(only=("grpc",), settings=settings) as server:
        channel = grpc.insecure_channel(server.address("grpc"))
        make: Any = channel.unary_unary("/echo.Echo/Slow")
        future = make.future(b"")
        wait_until(lambda: any(each.path == "Slow" for each in behind.seen))
    with channel, pytest.raises(grpc.RpcError) as caught:
        future.result(20)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    wait_until(behind.cancelled.is_set)


def test_a_server_that_is_not_there_is_unavailable_and_noted(tmp_path: Path) -> None:
    (tmp_path / "echo.proto").write_text(PROTO)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {
        "grpc.proxy.upstream": nowhere,
        "grpc.protos": [str(tmp_path / "echo.proto")],
        "grpc.cache_dir": str(tmp_path / "cache"),
    }
    with MockServer(only=("grpc",), settings=settings) as server:
        with grpc.insecure_channel(server.address("grpc")) as channel:
            make: Any = channel.unary_unary("/echo.Echo/One")
            with pytest.raises(grpc.RpcError) as caught:
                make(b"", timeout=20)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        wait_until(lambda: counted(server, "failed") == 1)
        (entry,) = server.requests()
        assert str(entry.error).startswith("upstream: UNAVAILABLE")


@pytest.mark.shows("grpc.proxy.timeout")
def test_calls_without_a_deadline_have_that_of_the_settings(
    behind: Upstream, settings: dict[str, Any]
) -> None:
    with MockServer(only=("grpc",), settings={**settings, "grpc.proxy.timeout": "300ms"}) as server:
        with grpc.insecure_channel(server.address("grpc")) as channel:
            make: Any = channel.unary_unary("/echo.Echo/Slow")
            with pytest.raises(grpc.RpcError) as caught:
                make(b"")
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        wait_until(lambda: counted(server, "failed") == 1)


@pytest.mark.shows(
    "grpc.proxy.tls.ca", "grpc.proxy.tls.cert", "grpc.proxy.tls.key", "grpc.proxy.tls.name"
)
def test_an_upstream_server_with_tls_that_wants_a_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    theirs = authority.issue_cert("api.example")
    ours = authority.issue_cert("client.example")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours.private_key_pem.write_to_path(tmp_path / "key.pem")
    (tmp_path / "cert.pem").write_bytes(b"".join(each.bytes() for each in ours.cert_chain_pems))
    credentials = grpc.ssl_server_credentials(
        [(theirs.private_key_pem.bytes(), theirs.cert_chain_pems[0].bytes())],
        authority.cert_pem.bytes(),
        require_client_auth=True,
    )
    (tmp_path / "echo.proto").write_text(PROTO)
    settings = {
        "grpc.protos": [str(tmp_path / "echo.proto")],
        "grpc.cache_dir": str(tmp_path / "cache"),
        "grpc.proxy.tls.ca": str(tmp_path / "ca.pem"),
        "grpc.proxy.tls.cert": str(tmp_path / "cert.pem"),
        "grpc.proxy.tls.key": str(tmp_path / "key.pem"),
        "grpc.proxy.tls.name": "api.example",
    }
    with upstream(tmp_path / "upstream", credentials) as behind:
        settings["grpc.proxy.upstream"] = f"grpcs://{behind.address}"
        with MockServer(only=("grpc",), settings=settings) as server:
            answer = call(behind.types, server.address("grpc"), "One", behind.into("a"))
            assert answer.messages == [("echo a", 0)]
        anonymous = {
            key: value for key, value in settings.items() if not key.endswith(("cert", "key"))
        }
        with MockServer(only=("grpc",), settings=anonymous) as server:
            refused = call(behind.types, server.address("grpc"), "One", behind.into("a"))
            assert refused.code == "UNAVAILABLE"


def test_other_settings_hold_after_a_reload(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    with upstream(tmp_path / "other") as other:
        file = tmp_path / "mockforge.yaml"
        file.write_text(yaml.safe_dump({"grpc": {"proxy": {"upstream": behind.address}}}))
        env = {"MOCKFORGE_GRPC__CACHE_DIR": settings["grpc.cache_dir"]}
        arguments = ["--config", str(file), "--only", "grpc", "--grpc-port", "0"]
        with serving(tmp_path, *arguments, cwd=tmp_path, env=env) as (child, ready):
            call(behind.types, ready["grpc"], "One", behind.into("a"))
            assert [each.path for each in behind.seen] == ["One"]
            file.write_text(yaml.safe_dump({"grpc": {"proxy": {"upstream": other.address}}}))
            child.send_signal(signal.SIGHUP)

            def arrives() -> bool:
                call(behind.types, ready["grpc"], "One", behind.into("b"))
                return bool(other.seen)

            wait_until(arrives)
            before = len(behind.seen)
            call(behind.types, ready["grpc"], "One", behind.into("c"))
            assert len(behind.seen) == before


@pytest.mark.parametrize(
    ("given", "target", "secure"),
    [
        ("localhost:50051", "localhost:50051", False),
        ("localhost", "localhost:50051", False),
        ("grpc://127.0.0.1:1", "127.0.0.1:1", False),
        ("grpcs://API.example.com", "api.example.com:443", True),
        ("[::1]:70", "[::1]:70", False),
    ],
)
def test_addresses(given: str, target: str, secure: bool) -> None:
    address = Address.parse(given)
    assert (address.target, address.secure) == (target, secure)


@pytest.mark.parametrize("given", ["", "http://a:1", "a:1/path", "a:x", 7, "grpc://u:p@a:1", "a b"])
def test_what_is_no_address_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="expected a server, such as localhost:50051"):
        Address.parse(given)


def test_files_of_tls_are_read_at_start(tmp_path: Path) -> None:
    address = Address.parse("grpcs://localhost:1")
    with pytest.raises(ConfigError, match="`cert` and `key` go together"):
        check(ProxySettings(address, tls=ProxyTls(cert=tmp_path / "c")))
    with pytest.raises(ConfigError, match=r"ca\.pem cannot be read"):
        check(ProxySettings(address, tls=ProxyTls(ca=tmp_path / "ca.pem")))


def test_an_upstream_server_without_reflection_needs_protos(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{silent.getsockname()[1]}"
    settings = {"grpc.proxy.upstream": nowhere, "grpc.cache_dir": str(tmp_path)}
    with pytest.raises(MockForgeError), MockServer(only=("grpc",), settings=settings):
        pass
