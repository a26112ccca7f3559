"""What is sent to wear a server out: each request gets a clear answer, memory stays bounded, and the
requests after it are answered as if nothing had been."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from tests.e2e.processes import Serving, serving
from tests.e2e.raw import Answer, connected

pytestmark = pytest.mark.timeout(20)

MEGA = 1024 * 1024
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=B"
PART = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
MOST_AT_ONCE = 250e6
"""Bytes of RSS above those of the start, at any moment: a body may have 10 MiB, and is decoded."""
MOST_GROWTH = 40e6
"""Bytes of RSS that sending everything once more may add."""

ANSWERS = {"responses": {"204": {"description": "Fine"}}}


def posted(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {media_type: {"schema": schema}}
    return {"post": {"requestBody": {"required": True, "content": content}, **ANSWERS}}


NESTED = {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Any"}}
ORDER = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "price": {"type": "number"},
        "name": {"type": "string"},
        "code": {"type": "string", "pattern": "^(a+)+$"},
        "word": {"type": "string", "pattern": "^(?=(a|a)*$)(a|aa)+$"},
        "mail": {"type": "string", "pattern": r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@b$"},
        "mark": {"type": "string", "pattern": r"^(\w+\s?)*\1$"},
    },
}
DOCUMENT = {
    "openapi": "3.1.1",
    "info": {"title": "Worn", "version": "1"},
    "paths": {
        "/fine": {"get": ANSWERS},
        "/json": posted(JSON, ORDER),
        "/any": posted(JSON, {"$ref": "#/components/schemas/Any"}),
        "/form": posted(FORM, {"type": "object", "properties": {"a": {"type": "string"}}}),
        "/parts": posted("multipart/form-data", {"type": "object"}),
        "/xml": posted("application/xml", {"type": "object"}),
        "/file": posted("application/zip", {"type": "string", "format": "binary"}),
        "/codes/{code}": {
            "get": {
                "parameters": [
                    {
                        "name": "code",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "pattern": "^(a+)+$"},
                    },
                    {"name": "q", "in": "query", "schema": {"type": "string"}},
                    {
                        "name": "f",
                        "in": "query",
                        "style": "deepObject",
                        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                ],
                **ANSWERS,
            }
        },
    },
    "components": {
        "schemas": {
            "Any": {
                "anyOf": [
                    {"type": ["string", "number", "boolean", "null"]},
                    {"type": "array", "items": {"$ref": "#/components/schemas/Any"}},
                    NESTED,
                ]
            }
        }
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("worn")
    (folder / "worn.json").write_text(json.dumps(DOCUMENT))
    env = {"MOCKFORGE_HTTP__MAX_REQUEST_LINE": "1MiB", "MOCKFORGE_HTTP__MAX_HEAD": "2MiB"}
    with serving(folder, "--only", "http", "--spec", "worn.json", env=env) as found:
        yield found
        found.stop()


@pytest.fixture(scope="module")
def at_start(server: Serving) -> float:
    """RSS before anything hostile was sent."""
    assert server.fetch("/fine").status == 204
    return memory(server)


class Post(NamedTuple):
    target: str
    media_type: str
    body: bytes
    coding: str = ""

    def send(self, server: Serving) -> Answer:
        """The answer, on a connection of its own."""
        lines = [
            f"POST {self.target} HTTP/1.1",
            "Host: mock.test",
            f"Content-Type: {self.media_type}",
            f"Content-Length: {len(self.body)}",
            *([f"Content-Encoding: {self.coding}"] if self.coding else []),
        ]
        with connected(server.url) as client:
            return client.ask("\r\n".join(lines).encode() + b"\r\n\r\n" + self.body)


class Get(NamedTuple):
    target: str

    def send(self, server: Serving) -> Answer:
        """The answer, on a connection of its own."""
        return server.fetch(self.target)


def as_json(body: bytes) -> Post:
    return Post("/json", JSON, body)


def anything(body: bytes) -> Post:
    return Post("/any", JSON, body)


def as_xml(body: bytes) -> Post:
    return Post("/xml", "application/xml", body)


def text_in(name: str, text: str) -> Post:
    return as_json(json.dumps({name: text}).encode())


def memory(server: Serving) -> float:
    return float(psutil.Process(server.child.pid).memory_info().rss)


def peak(server: Serving) -> float:
    """The most that the process ever held, where the system keeps count."""
    status = Path(f"/proc/{server.child.pid}/status")
    if not status.exists():
        return memory(server)
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    assert found is not None
    return int(found[1]) * 1024.0


@cache
def packed(size: int) -> bytes:
    """So many zeros, a thousandth of them once they are compressed."""
    content = gzip.compress(b"0" * size)
    assert len(content) * 1000 < size
    return content


def zipped(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"0" * size)
    return file.getvalue()


def laughs(depth: int) -> bytes:
    """Entities that mean ten of the one before."""
    entities = ['<!ENTITY e0 "ha">'] + [
        f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, depth)
    ]
    return f"<!DOCTYPE a [{''.join(entities)}]><a>&e{depth - 1};</a>".encode()


BOMB = 64 * MEGA
LONG = "a" * 50_000

REFUSED: dict[str, tuple[Callable[[], Post | Get], int, str]] = {
    "100,000 arrays deep": (
        lambda: anything(b"[" * 100_000 + b"]" * 100_000),
        422,
        "nests more than 200 levels",
    ),
    "100,000 objects deep": (
        lambda: anything(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        422,
        "nests more than 200 levels",
    ),
    "10 MB of [": (lambda: anything(b"[" * (10 * MEGA)), 422, "opening brackets"),
    "10 MB of []": (lambda: anything(b"[" + b"[]," * (3 * MEGA) + b"0]"), 422, "opening brackets"),
    "11 MB": (lambda: anything(b"[" * (11 * MEGA)), 413, "http.max_body"),
    "1e400": (lambda: as_json(b'{"price":1e400}'), 400, "out of range"),
    "NaN": (lambda: as_json(b'{"price":NaN}'), 400, "line 1, column 10"),
    "a million digits": (lambda: as_json(b'{"count":' + b"9" * MEGA + b"}"), 400, "out of range"),
    "half of a character": (lambda: as_json(b'{"name":"\\ud800"}'), 400, "half of a character"),
    "NUL": (lambda: as_json(b'{"name":"\x00"}'), 400, "line 1, column 10"),
    "no UTF-8": (lambda: as_json(b'{"name":"\xff"}'), 400, "UTF-8"),
    "a name twice, the last one wrong": (
        lambda: as_json(b'{"count":1,"count":"b"}'),
        422,
        "`/count`",
    ),
    "parts without an end": (lambda: Post("/parts", PARTS, PART), 400, "closing line"),
    "parts without a boundary": (
        lambda: Post("/parts", "multipart/form-data", PART),
        400,
        "boundary",
    ),
    "parts with another boundary": (
        lambda: Post("/parts", "multipart/form-data; boundary=C", PART),
        400,
        "boundary",
    ),
    "100,000 parts": (
        lambda: Post("/parts", PARTS, PART * 100_000 + b"--B--\r\n"),
        422,
        "more than 1000 parts",
    ),
    "a gzip bomb": (
        lambda: Post("/json", JSON, packed(BOMB), "gzip"),
        413,
        "once it is decompressed",
    ),
    "a gzip bomb in gzip": (
        lambda: Post("/json", JSON, gzip.compress(packed(BOMB)), "gzip, gzip"),
        413,
        "once it is decompressed",
    ),
    "a deflate bomb": (
        lambda: Post("/json", JSON, zlib.compress(b"0" * BOMB), "deflate"),
        413,
        "once it is decompressed",
    ),
    "gzip that is none": (lambda: Post("/json", JSON, b"{}", "gzip"), 400, "gzip"),
    "a zip file as JSON": (lambda: as_json(zipped(MEGA)), 400, "JSON"),
    "repeats in repeats": (lambda: text_in("code", LONG + "!"), 422, "`/code`"),
    "the same after a look ahead": (lambda: text_in("word", LONG + "!"), 422, "`/word`"),
    "an address that runs back": (lambda: text_in("mail", LONG), 422, "`/mail`"),
    "a back reference": (lambda: text_in("mark", LONG + "!"), 422, "`/mark`"),
    "repeats in a path": (lambda: Get(f"/codes/{LONG}!"), 422, "`code`"),
    "two million fields": (lambda: Post("/form", FORM, b"a=1&" * (2 * MEGA)), 422, "10000 fields"),
    "a deep field": (
        lambda: Post("/form", FORM, b"a" + b"[a]" * 100_000 + b"=1"),
        422,
        "16 levels",
    ),
    "200,000 query fields": (lambda: Get("/codes/a?" + "q=1&" * 200_000), 422, "10000 fields"),
    "80,000 query members": (
        lambda: Get("/codes/a?" + "&".join(f"f[{n}]=" for n in range(80_000))),
        422,
        "10000 fields",
    ),
    "a deep query field": (lambda: Get("/codes/a?f" + "[a]" * 100_000 + "=1"), 422, "16 levels"),
    "a target of 2 MB": (
        lambda: Get("/codes/a?" + "q" * (2 * MEGA)),
        414,
        "http.max_request_line",
    ),
    "a billion laughs": (lambda: as_xml(laughs(10)), 400, "document type declaration"),
    "an entity that is a file": (
        lambda: as_xml(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'),
        400,
        "document type declaration",
    ),
    "a long entity, often": (
        lambda: as_xml(
            b'<!DOCTYPE a [<!ENTITY x "%b">]><a>%b</a>' % (b"h" * 100_000, b"&x;" * 100_000)
        ),
        400,
        "document type declaration",
    ),
    "a million elements deep": (lambda: as_xml(b"<a>" * MEGA), 422, "100 levels"),
    "a million elements": (lambda: as_xml(b"<a>" + b"<b/>" * MEGA + b"</a>"), 422, "100000 XML"),
    "200,000 attributes": (
        lambda: as_xml(b"<a" + b"".join(b" a%d=''" % n for n in range(200_000)) + b"/>"),
        422,
        "100000 XML",
    ),
}

ACCEPTED: dict[str, Callable[[], Post | Get]] = {
    "200 arrays deep": lambda: anything(b"[" * 200 + b"]" * 200),
    "two million numbers": lambda: anything(b"[" + b"0," * (2 * MEGA) + b"0]"),
    "a name twice": lambda: as_json(b'{"name":"a","name":"b"}'),
    "NUL, escaped": lambda: as_json(b'{"name":"\\u0000"}'),
    "a pair of halves": lambda: as_json(b'{"name":"\\ud83d\\ude00"}'),
    "a zip bomb as a file": lambda: Post("/file", "application/zip", zipped(BOMB)),
    "an end, then 10 MB": lambda: Post("/parts", PARTS, b"--B--\r\n" + b"--B" * (3 * MEGA)),
    "repeats in repeats that match": lambda: text_in("code", LONG),
    "10,000 query fields": lambda: Get("/codes/a?" + "&".join(["r=1"] * 10_000)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_reason(server: Serving, at_start: float, name: str) -> None:
    make, status, reason = REFUSED[name]
    answer = make().send(server)
    assert (answer.status, answer.whole) == (status, True)
    assert reason in answer.detail
    assert len(answer.body) < 10_000
    assert server.fetch("/fine").status == 204
    assert peak(server) - at_start < MOST_AT_ONCE


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_valid_is_answered(server: Serving, at_start: float, name: str) -> None:
    assert ACCEPTED[name]().send(server).status == 204
    assert server.fetch("/fine").status == 204
    assert peak(server) - at_start < MOST_AT_ONCE


def test_all_of_it_again_takes_no_more_memory(server: Serving, at_start: float) -> None:
    everything = [*(make for make, _, _ in REFUSED.values()), *ACCEPTED.values()]
    for make in everything:
        make().send(server)
    before = memory(server)
    for make in everything:
        make().send(server)
    assert memory(server) - before < MOST_GROWTH
    assert peak(server) - at_start < MOST_AT_ONCE
    assert server.fetch("/fine").status == 204
