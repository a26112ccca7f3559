"""TLS, client certificates, HTTP/2 and HTTP/3: each setting by what a real client meets."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from mockforge.testing import MockServer
from tests.e2e.h3 import fetch_h3
from tests.e2e.processes import serving
from tests.e2e.raw import accepts
from tests.e2e.slow import Gate
from tests.http.server.documents import content, document
from tests.http.server.documents import get as get_operation
from tests.kernel.observe.waiting import wait_until

ANSWER = get_operation(("200", content(text={"example": "answer"})))
DOCUMENT = document({"/": ANSWER, "/slow": ANSWER})


class Certificates:
    """An authority; a certificate for localhost, one for a client, as files and settings."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        server = authority.issue_cert("localhost", "127.0.0.1")
        self.client = authority.issue_cert("someone@example.org")
        self.ca = folder / "ca.pem"
        self.files = {"cert": folder / "cert.pem", "key": folder / "key.pem"}
        authority.cert_pem.write_to_path(str(self.ca))
        server.cert_chain_pems[0].write_to_path(str(self.files["cert"]))
        server.private_key_pem.write_to_path(str(self.files["key"]))

    @contextmanager
    def serving(self, *plugins: object, **tls: Any) -> Iterator[MockServer]:
        given = {f"http.tls.{key}": str(value) for key, value in {**self.files, **tls}.items()}
        with MockServer(DOCUMENT, settings=given, plugins=plugins) as server:
            yield server

    def trusting(self, *, with_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca))
        if with_certificate:
            self.client.configure_cert(context)
        return context

    def fetch(self, server: MockServer, path: str = "/", **client: Any) -> httpx.Response:
        with httpx.Client(http2=True, verify=self.trusting(**client)) as http:
            return http.get(server.address("https") + path)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.mark.shows("http.tls.port", "http.tls.cert", "http.tls.key")
def test_the_same_answers_over_tls_at_a_port_that_the_ready_line_names(
    certificates: Certificates, tmp_path: Path
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    files = {
        f"MOCKFORGE_HTTP__TLS__{key.upper()}": str(path) for key, path in certificates.files.items()
    }
    env = {**files, "MOCKFORGE_HTTP__TLS__PORT": "0"}
    with serving(tmp_path, "openapi.json", env=env) as running:
        assert running.fetch().body == b"answer"
        assert running.ready["https"].startswith("https://127.0.0.1:")
        assert running.ready["https"] != "https://127.0.0.1:3443"
        with httpx.Client(verify=certificates.trusting()) as client:
            assert client.get(running.ready["https"]).text == "answer"
        running.stop()


@pytest.mark.shows("http.tls.http2")
@pytest.mark.parametrize(("offered", "version"), [(True, "HTTP/2"), (False, "HTTP/1.1")])
def test_http2_is_offered_or_not(certificates: Certificates, offered: bool, version: str) -> None:
    with certificates.serving(http2=offered) as server:
        answer = certificates.fetch(server)
        assert (answer.text, answer.http_version) == ("answer", version)
        server.assert_called("GET", "/", times=1)
        assert 'mockforge_http_connections_total{outcome="accepted"} 1' in server.metrics.render()


@pytest.mark.shows("http.tls.client_ca")
def test_clients_must_show_a_certificate(certificates: Certificates) -> None:
    with certificates.serving(client_ca=certificates.ca) as server:
        assert certificates.fetch(server, with_certificate=True).text == "answer"
        with pytest.raises(httpx.TransportError):
            certificates.fetch(server)
    with certificates.serving() as server:
        assert certificates.fetch(server).text == "answer"


@pytest.mark.shows("http.tls.http3")
def test_http3_is_spoken_at_the_same_port(certificates: Certificates) -> None:
    pytest.importorskip("aioquic", reason="there is no client for HTTP/3")
    with certificates.serving(http3=True) as server:
        port = int(server.address("https").rpartition(":")[2])
        assert f'h3=":{port}"' in certificates.fetch(server).headers["alt-svc"]
        assert asyncio.run(fetch_h3(port, certificates.ca)) == (200, b"answer")
    with certificates.serving() as server:
        assert "alt-svc" not in certificates.fetch(server).headers


def test_requests_over_tls_are_counted_and_may_finish_when_the_server_stops(
    certificates: Certificates,
) -> None:
    gate = Gate()
    answers: list[str] = []
    with certificates.serving(gate) as server:
        asking = threading.Thread(
            target=lambda: answers.append(certificates.fetch(server, "/slow").text)
        )
        asking.start()
        wait_until(lambda: gate.waiting == 1)
        assert 'mockforge_connections_active{protocol="http"} 1' in server.metrics.render()
        url = server.url
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        wait_until(lambda: not accepts(url))
        gate.open()
        stopping.join()
    asking.join()
    assert answers == ["answer"]
