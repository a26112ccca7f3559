"""A recorded stub answers the request that it was made of, whatever that was."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockforge.mocking.exchange import Request
from mockforge.mocking.recording.secrets import Secrets
from mockforge.structured import parse_structured
from mockforge.structured.to_yaml import yaml_text
from mockforge_http.recording.answers import response_definition
from mockforge_http.recording.exchanged import Exchanged
from mockforge_http.recording.requests import request_definition
from tests.http.stubs.making import Serving, body_of, request

SECRETS = Secrets(("password", "authorization"))

TARGETS = st.text(alphabet="/aB1-._~%2F3aé{}+ &=;:?", max_size=30).map(
    lambda text: "/" + text.encode("ascii", "ignore").decode().replace(" ", "%20")
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", "password", "<<", "no", "1"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
BODIES = st.one_of(
    st.just((b"", "")),
    JSON.map(lambda value: (json.dumps(value).encode(), "application/json")),
    st.binary(max_size=40).map(lambda body: (body, "application/json")),
    st.binary(max_size=40).map(lambda body: (body, "application/octet-stream")),
    st.text(max_size=40).map(lambda text: (text.encode("utf-8", "ignore"), "text/plain")),
    st.text(alphabet="ab=&+%20password", max_size=40).map(
        lambda text: (text.encode(), "application/x-www-form-urlencoded")
    ),
)


def exchanged(asked: Request, answer: bytes = b"x", media_type: str = "text/plain") -> Exchanged:
    kind = asked.header("content-type")
    headers = (("Content-Type", media_type),)
    return Exchanged(
        asked.method, asked.path, asked.query, kind, (), asked.body, 200, headers, answer
    )


def replayed(made: Exchanged) -> Serving:
    """A stub made of an exchange, written and read back."""
    response, needs_file = response_definition(made, made.answer, inline=10_000)
    assert not needs_file
    definition = {"id": "a", "request": request_definition(made, SECRETS), "response": response}
    read: dict[str, Any] = parse_structured(yaml_text(definition), name="x", kind="yaml").value
    return Serving(read)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["GET", "POST", "DELETE"]), TARGETS, BODIES)
@example("GET", "/?=&a", (b"", ""))
@example("GET", "/?a;b=1&c=%ff", (b"", ""))
@example("GET", "/%7Ba%7D/{b}", (b"", ""))
@example("POST", "/", (b'{"a": 1, "a": 2}', "application/json"))
@example("POST", "/", (b'{"password": "x"}', "application/json"))
@example("POST", "/", (b"password=x", "application/x-www-form-urlencoded"))
@example("POST", "/", (b"null", "application/json"))
@example("POST", "/", (b"\xef\xbb\xbftext", "text/plain"))
def test_the_same_request_is_answered(method: str, target: str, body: tuple[bytes, str]) -> None:
    headers = {"Content-Type": body[1]} if body[1] else {}
    asked = request(method, target, headers, body[0])
    assert body_of(replayed(exchanged(asked)).ask(asked)) == b"x"


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "ignore"))
    | JSON.map(lambda value: json.dumps(value).encode())
    | JSON.map(lambda value: json.dumps(value, separators=(",", ":")).encode()),
    st.sampled_from(["text/plain", "application/json"]),
)
@example(b"\xef\xbb\xbf{}", "application/json")
@example(b"\r\n", "text/plain")
def test_an_answer_comes_back_byte_for_byte(answer: bytes, media_type: str) -> None:
    asked = request("GET", "/")
    made = exchanged(asked, answer, media_type)
    assert body_of(replayed(made).ask(asked)) == answer
