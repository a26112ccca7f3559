"""Base paths of servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockforge_http.documents import open_document
from mockforge_http.documents.servers import base_paths

from .making import api, write


@pytest.mark.parametrize(
    ("servers", "paths"),
    [
        ([], ()),
        (None, ()),
        ("nonsense", ()),
        ([{"url": "https://example.com"}], ("",)),
        ([{"url": "https://example.com/"}], ("",)),
        ([{"url": "https://example.com/v1/"}], ("/v1",)),
        ([{"url": "/api/v3"}], ("/api/v3",)),
        ([{"url": "v2"}], ("/v2",)),
        ([{"url": "./v2/../v3?x=1#y"}], ("/v3",)),
        ([{"url": "../.."}], ("",)),
        ([{"url": "//example.com/a//b"}], ("/a/b",)),
        ([{"url": "/a"}, {"url": "/b"}, {"url": "https://x/a"}], ("/a", "/b")),
        ([{"url": 5}, "x", {}], ()),
        ([{"url": "https://[bad"}], ("",)),
        (
            [{"url": "https://{host}/{v}", "variables": {"host": {"default": "x"},
              "v": {"default": "v2", "enum": ["v1", "v2", 3]}}}],
            ("/v2", "/v1", "/3"),
        ),
        ([{"url": "/{unknown}/a"}], ("/a",)),
        ([{"url": "/{v}/{v}", "variables": {"v": {"default": "1", "enum": ["2"]}}}], ("/1/1", "/2/2")),
    ],
)  # fmt: skip
def test_base_paths(servers: Any, paths: tuple[str, ...]) -> None:
    assert base_paths(servers) == paths


def test_variables_cannot_multiply_without_bound() -> None:
    names = "abcdefgh"
    url = "".join(f"/{{{name}}}" for name in names)
    variables = {name: {"default": "0", "enum": list("0123456789")} for name in names}
    assert len(base_paths([{"url": url, "variables": variables}])) == 64


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        (api(), ("",)),
        (api(servers=[{"url": "/v1"}]), ("/v1",)),
        (api("2.0", basePath="/api/"), ("/api",)),
        (api("2.0", basePath="/"), ("",)),
        (api("2.0"), ("",)),
        (api("2.0", servers=[{"url": "/no"}]), ("",)),
    ],
)
def test_base_paths_of_documents(
    tmp_path: Path, document: dict[str, Any], paths: tuple[str, ...]
) -> None:
    with open_document(write(tmp_path, {"a.json": document})) as opened:
        assert opened.servers_base_paths() == paths
