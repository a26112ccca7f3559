"""With the same seed and the same requests, two runs of the server give the same bytes: in the answers, on
the wire where something is broken on purpose, and in the webhooks. With another seed, all that is left to
chance is different."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.processes import serving
from tests.e2e.raw import HOST, connected, get
from tests.http.callbacks.receiver import Receiver, receiving
from tests.http.server.documents import content, document

ITEM = {
    "type": "object",
    "required": ["name", "id", "made"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "readOnly": True},
        "made": {"type": "string", "format": "byte", "readOnly": True},
        "name": {"type": "string"},
        "colour": {"enum": ["red", "green", "blue"], "readOnly": True},
    },
}
PERSON = {
    "type": "object",
    "required": ["name", "email", "score", "tags"],
    "properties": {
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "score": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
        "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    },
}


def _answers(status: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"responses": {status: {"description": "", **content(json={"schema": schema})}}}


DOCUMENT = document(
    {
        "/things": {
            "get": _answers("200", {"type": "array", "items": ITEM}),
            "post": {
                **_answers("201", ITEM),
                "requestBody": content(json={"schema": ITEM}),
            },
        },
        "/things/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "get": _answers("200", ITEM),
        },
        "/people": {"get": _answers("200", PERSON)},
    }
)
STUBS: list[dict[str, Any]] = [
    {
        "request": {"path": "/drawn"},
        "response": {
            "status": "{{ rand.choice(200, 201, 202) }}",
            "headers": {"X-Id": "{{ uuid }}"},
            "json": {
                "dice": "{{randInt 1 1000000}}",
                "float": "{{ rand.float(0, 1, 6) }}",
                "text": "{{ rand.string(12) }}",
                "order": "{{ rand.shuffle([1, 2, 3, 4, 5, 6, 7, 8, 9]) }}",
                "person": ["{{ faker.name }}", "{{ faker.email }}", "{{ faker.address }}"],
                "when": "{{ rand.date('2026-01-01', '2026-12-31') }}",
            },
            "template": True,
        },
    },
    {"request": {"path": "/file"}, "response": {"file": "page.txt", "template": True}},
    {
        "request": {"path": "/random"},
        "responses": [{"text": str(number)} for number in range(10)],
        "order": "random",
    },
    {
        "request": {"path": "/events"},
        "response": {
            "sse": [
                {
                    "repeat": 5,
                    "every": {"uniform": {"min": "1ms", "max": "3ms"}},
                    "do": [{"send": {"id": "{{ uuid }}", "data": "{{ rand.int(1, 1000000) }}"}}],
                },
                {
                    "branch": [
                        {"if": "{{ rand.bool(0.5) }}", "do": ["disconnect"]},
                        {"do": [{"send": "bye"}]},
                    ]
                },
            ]
        },
    },
    {"request": {"path": "/kept"}, "response": {"text": "{{ state.put('k', uuid) }}"}},
    *(
        {"request": {"path": f"/{fault}"}, "response": {"text": "x" * 100, "fault": fault}}
        for fault in ("reset", "empty", "garbage", "malformed_chunk", "truncate")
    ),
    {"request": {"path": "/flaky"}, "response": {"text": "it works"}},
]
SETTINGS: dict[str, Any] = {
    "core": {"templates": {"expand": True}},
    "http": {
        "dynamic": True,
        "stateful": True,
        "latency": {"overrides": [{"path": "/flaky", "delay": {"normal": {"mean": 0.001, "stddev": 0.001}}}]},
        "failures": {
            "overrides": [
                {"path": "/flaky", "rate": 0.5, "statuses": [500, 502, 503], "faults": ["garbage", "empty"]}
            ]
        },
    },
}  # fmt: skip
MANY = 12
CHANCE = ("/drawn", "/file", "/random", "/events", "/kept", "/flaky", "/things", "/people")
"""Where chance has a say."""
FIXED = ("/reset", "/empty", "/garbage", "/malformed_chunk", "/truncate", "/drawm", "/nowhere")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path, receiver: Receiver) -> Path:
    """A document, stubs, settings."""
    (tmp_path / "mocks").mkdir()
    (tmp_path / "mocks" / "page.txt").write_text("{{ faker.name }} {{ uuid }}")
    hook = {
        "request": {"method": "POST", "path": "/hook"},
        "response": {"status": 202},
        "webhook": {"url": f"{receiver.url}/hook", "json": {"id": "{{ uuid }}"}},
    }
    (tmp_path / "mocks" / "stubs.json").write_text(json.dumps([*STUBS, hook]))
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    own = receiver.url.removeprefix("http://")
    http = {**SETTINGS["http"], "callbacks": {"allow": [own]}}
    (tmp_path / "mockforge.yaml").write_text(json.dumps({**SETTINGS, "http": http}))
    return tmp_path


class Heard:
    """What came back, by the path that was asked, in order."""

    def __init__(self) -> None:
        self.answers: dict[str, list[bytes]] = {}
        self.hooks: list[bytes] = []


def session(folder: Path, receiver: Receiver, seed: int, hash_seed: int) -> Heard:
    """The answers of one run. Python's own chance, which the order of sets hangs on, is another each time."""
    heard = Heard()
    env = {"PYTHONHASHSEED": str(hash_seed)}
    arguments = ("openapi.json", "--mocks", "mocks", "--seed", str(seed))
    with serving(folder, *arguments, env=env) as running:
        for path in (*CHANCE, *FIXED):
            asked = get(path, extra=b"Connection: close\r\n")
            if path == "/things":
                asked = _post(path, b'{"name": "a"}')
            heard.answers[path] = [_bytes(running.url, asked) for _ in range(MANY)]
        for number in range(MANY):
            _bytes(running.url, _post("/hook", b"%d" % number))
            heard.hooks.append(receiver.next().body)
    return heard


def _post(path: str, body: bytes) -> bytes:
    head = b"POST %b HTTP/1.1\r\n%bConnection: close\r\nContent-Type: application/json\r\n"
    return head % (path.encode(), HOST) + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _bytes(url: str, asked: bytes) -> bytes:
    """All that one connection gives, but for the time of day in ``Date``."""
    with connected(url) as client:
        client.send(asked)
        return re.sub(rb"\r\nDate: [^\r\n]*", b"", client.ended(), count=1)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(
    folder: Path, receiver: Receiver
) -> None:
    first, second = session(folder, receiver, 7, 1), session(folder, receiver, 7, 2)
    assert first.answers == second.answers
    assert first.hooks == second.hooks
    other = session(folder, receiver, 8, 1)
    assert [path for path in CHANCE if other.answers[path] == first.answers[path]] == []
    assert [path for path in FIXED if other.answers[path] != first.answers[path]] == []
    assert other.hooks != first.hooks


def test_chance_is_another_for_each_request(folder: Path, receiver: Receiver) -> None:
    heard = session(folder, receiver, 7, 1)
    for path in ("/drawn", "/file", "/kept", "/things", "/people"):
        assert len(set(heard.answers[path])) == MANY, path
    for path in ("/random", "/events", "/flaky"):
        assert len(set(heard.answers[path])) > 1, path
    assert len(set(heard.hooks)) == MANY
