"""TLS on the second port: ALPN, and certificates of clients."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from mockforge.config.listeners import ListenerTls
from mockforge.errors import StartError
from mockforge_grpc.transport import EngineName
from tests.grpc.transport.serving import ENGINES, PATIENCE, WIRE_ENGINES, Paths, serving

every_engine = pytest.mark.parametrize("engine", ENGINES)


class Certificates:
    """An authority; a certificate for localhost, one for a client, as files."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self._client = authority.issue_cert("someone@example.org")
        server = authority.issue_cert("localhost", "127.0.0.1")
        self.ca, self.cert, self.key = (folder / name for name in ("ca.pem", "c.pem", "k.pem"))
        authority.cert_pem.write_to_path(str(self.ca))
        server.cert_chain_pems[0].write_to_path(str(self.cert))
        server.private_key_pem.write_to_path(str(self.key))

    def tls(self, *, mutual: bool = False) -> ListenerTls:
        client_ca = self.ca if mutual else None
        return ListenerTls(port=0, cert=self.cert, key=self.key, client_ca=client_ca)

    def credentials(self, *, client: bool = False) -> Any:
        key, chain = None, None
        if client:
            key = self._client.private_key_pem.bytes()
            chain = self._client.cert_chain_pems[0].bytes()
        return grpc.ssl_channel_credentials(self.ca.read_bytes(), key, chain)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def call(target: str, credentials: Any = None, timeout: float = PATIENCE) -> Any:
    channel = (
        grpc.insecure_channel(target)
        if credentials is None
        else grpc.secure_channel(target, credentials)
    )
    with channel:
        method: Any = channel.unary_unary("/test.Echo/Unary")
        return method(b"secret", timeout=timeout)


@every_engine
def test_both_ports_answer(engine: EngineName, certificates: Certificates) -> None:
    application = Paths()
    with serving(engine, application, tls=certificates.tls()) as served:
        assert served.engine.tls_addresses()[0].startswith("grpcs://127.0.0.1:")
        assert call(served.tls_target, certificates.credentials()) == b"secret"
        assert call(served.target) == b"secret"


@every_engine
def test_the_application_sees_what_is_secure(
    engine: EngineName, certificates: Certificates
) -> None:
    class Seeing(Paths):
        def begin(self, call: Any) -> Any:
            self.seen = call.secure
            return super().begin(call)

    application = Seeing()
    with serving(engine, application, tls=certificates.tls()) as served:
        call(served.tls_target, certificates.credentials())
        assert application.seen is True
        assert call(served.target) == b"secret"
        assert application.seen is False


@every_engine
def test_with_an_authority_clients_must_show_a_certificate(
    engine: EngineName, certificates: Certificates
) -> None:
    with serving(engine, application := Paths(), tls=certificates.tls(mutual=True)) as served:
        assert call(served.tls_target, certificates.credentials(client=True)) == b"secret"
        with pytest.raises(grpc.RpcError) as caught:
            call(served.tls_target, certificates.credentials(), timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert len(application.receivers) == 1


@pytest.mark.parametrize("engine", WIRE_ENGINES)
@pytest.mark.parametrize("offered", [["http/1.1"], []])
def test_a_client_that_does_not_choose_h2_is_sent_away(
    engine: EngineName, certificates: Certificates, offered: list[str]
) -> None:
    context = ssl.create_default_context(cafile=str(certificates.ca))
    if offered:
        context.set_alpn_protocols(offered)
    with serving(engine, Paths(), tls=certificates.tls()) as served:
        host, _, port = served.tls_target.rpartition(":")
        with (
            socket.create_connection((host, int(port)), PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            assert secure.selected_alpn_protocol() is None
            while secure.recv(1000):
                pass
        assert served.engine.stats.refused["protocol"] == 1


@every_engine
def test_a_certificate_that_cannot_be_used_is_told(engine: EngineName, tmp_path: Path) -> None:
    missing = ListenerTls(port=0, cert=tmp_path / "no.pem")
    with (
        pytest.raises(StartError, match=r"grpc\.tls\.cert|cannot be read") as caught,
        serving(engine, Paths(), tls=missing),
    ):
        pass
    assert "no.pem" in str(caught.value)


@every_engine
def test_a_unix_socket_serves_no_tls(
    engine: EngineName, certificates: Certificates, tmp_path: Path
) -> None:
    host = f"unix:{tmp_path}/s"
    with (
        pytest.raises(StartError, match="TLS cannot be served"),
        serving(engine, Paths(), host=host, tls=certificates.tls()),
    ):
        pass


@every_engine
def test_a_unix_socket_serves(engine: EngineName, tmp_path: Path) -> None:
    host = f"unix:{tmp_path}/s"
    with serving(engine, application := Paths(), host=host) as served:
        assert served.engine.addresses() == [host]
        assert call(host) == b"secret"
        assert application.last().call.path == "/test.Echo/Unary"
    assert not (tmp_path / "s").exists()


@every_engine
def test_a_port_that_is_taken_is_told(engine: EngineName) -> None:
    from mockforge_grpc.transport import GrpcLimits, make_engine

    with serving(engine, Paths()) as served:
        import asyncio

        second = make_engine(engine, Paths(), GrpcLimits(), port=served.port)
        with pytest.raises(StartError, match=rf"port {served.port} is in use"):
            asyncio.run_coroutine_threadsafe(second.start(), served.loop).result(PATIENCE)
