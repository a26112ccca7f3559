"""What is said of stubs and protos that are wrong: the file, the line, the path of the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockforge.errors import MockForgeError, StartError
from mockforge.testing import MockServer
from tests.grpc.mocks.making import GREETER, mocking

HEAD = "- id: one\n  grpc:\n    method: hello.Greeter/Say\n"


def refused(tmp_path: Path, text: str, **settings: Any) -> str:
    """What the server says of the stubs in ``text``."""
    (tmp_path / "hello.proto").write_text(GREETER)
    stubs = tmp_path / "stubs.yaml"
    stubs.write_text(text)
    given = {"grpc.protos": [str(tmp_path / "hello.proto")], "grpc.mocks": [str(stubs)]}
    with (
        pytest.raises(StartError) as error,
        MockServer(only=("grpc",), settings={**given, **settings}),
    ):
        pass
    return f"{error.value} | {error.value.hint}".replace(str(tmp_path) + "/", "")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (
            "- grpc: {method: hello.Greeter/Sya}\n  response: {}\n",
            "stubs.yaml:1:10 ([0].grpc.method)",
            "did you mean hello.Greeter/Say?",
        ),
        ("- grpc: {method: Say}\n  response: {}\n", "stubs.yaml:1:10", "no method 'Say'"),
        (
            HEAD + "  response:\n    message:\n      txt: x\n",
            "stubs.yaml:6:7 ([0].response.message.txt)",
            "hello.Reply has no field 'txt'",
        ),
        (
            HEAD + "  response:\n    message: {inner: {more: [{}, {size: big}]}}\n",
            "stubs.yaml:5:35 ([0].response.message.inner.more[1].size)",
            "",
        ),
        (
            HEAD + "  response: {message: {count: '{{ 1 }}', inner: {word: [1]}}}\n",
            "([0].response.message.inner.word",
            "",
        ),
        (
            HEAD + "    request: {json: {name: rex, big_nmber: 1}}\n  response: {}\n",
            "stubs.yaml:4:33 ([0].grpc.request.json.big_nmber)",
            "did you mean big_number?",
        ),
        (
            HEAD + "    request: {jsonPath: {$.inner.sze: {equals: '1'}}}\n  response: {}\n",
            "stubs.yaml:4:26",
            "hello.Inner has no field 'sze'",
        ),
        (
            HEAD + "    request: {json: {mood: SAD}}\n  response: {}\n",
            "([0].grpc.request.json.mood)",
            "SAD",
        ),
        (HEAD + "    requests: [{}]\n  response: {}\n", "grpc.requests)", "use `request`"),
        (HEAD + "  response: {status: NOT_FOND}\n", "response.status", "no status code"),
        (
            HEAD + "  response: {status: {code: ABORTED, details: [{reason: x}]}}\n",
            "response.status.details[0]",
            "names its type",
        ),
        (
            HEAD
            + "  response: {status: {code: ABORTED, details: [{'@type': google.rpc.ErrorInfo, x: 1}]}}\n",
            "response.status.details[0].x",
            "google.rpc.ErrorInfo",
        ),
        (
            HEAD + "  response: {status: {code: ABORTED, details: [{'@type': a.B}]}}\n",
            "response.status.details[0]",
            "no message type 'a.B'",
        ),
        (
            HEAD + "  response: {metadata: {Grpc-Status: '1'}}\n",
            "response.metadata",
            "cannot be set",
        ),
        (HEAD + "  response: {trailers: {a-bin: '?'}}\n", "response.trailers.a-bin", "base64"),
        (HEAD + "  response: {metadata: {a: 'ä'}}\n", "response.metadata.a", "printable ASCII"),
        (HEAD + "  response: {messages: [{}, {}]}\n", "response.messages", "one message"),
        (
            HEAD + "  response: {script: [{send: {text: a}}], message: {}}\n",
            "response.message",
            "does not go with `script`",
        ),
        (
            HEAD + "  response: {script: [{send: {txt: a}}]}\n",
            "response.script[0].send.txt",
            "did you mean text?",
        ),
        (
            HEAD + "  response: {script: [{expect: {json: {nme: a}}}]}\n",
            "response.script[0].expect.json.nme",
            "did you mean name?",
        ),
        (HEAD + "  response: {script: [echo]}\n", "response.script[0]", "one type"),
        (HEAD + "  response: {script: [{close: 1}]}\n", "script[0].close", "has no 'close'"),
        (HEAD + "  response: {fault: rest}\n", "response.fault", "did you mean reset?"),
        (HEAD + "  response: {fault: http}\n", "response.fault", "{http: 502}"),
        (HEAD + "  response: {script: [{reset: X}]}\n", "script[0].reset", "no error code"),
        (HEAD + "  response: {generated: many}\n", "response.generated", "how many"),
        (HEAD + "  response: {mesage: {}}\n", "response.mesage", "did you mean message?"),
        (HEAD, "stubs.yaml:1:3", "no `response`"),
        (HEAD + "  response: {message: {text: '{{ nme }}'}}\n", "response.message", "nme"),
    ],
)
def test_a_mistake_in_a_stub_has_its_place(
    tmp_path: Path, text: str, place: str, words: str
) -> None:
    said = refused(tmp_path, text)
    assert place in said
    assert words in said


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        "- {id: a, grpc: {method: x.Y/Z}, response: {}}\n"
        "- {id: b, grpc: {method: hello.Greeter/Say}, response: {message: {no: 1}}}\n",
    )
    assert "2 errors" in said
    assert "stubs.yaml:1:" in said
    assert "stubs.yaml:2:" in said


def test_a_stub_for_several_methods_has_to_fit_each(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        "- grpc: {method: {matches: 'hello.Greeter/.*'}}\n  response: {message: {text: x}}\n",
    )
    assert "hello.Request has no field 'text'" in said


def test_a_broken_proto_stops_the_start(tmp_path: Path) -> None:
    with (
        pytest.raises(StartError, match=r"hello\.proto:3:"),
        mocking(tmp_path, proto='syntax = "proto3";\npackage hello;\nmessage {}\n'),
    ):
        pass


def test_a_stub_that_is_put_is_checked_too(tmp_path: Path) -> None:
    with mocking(tmp_path) as server:
        with pytest.raises(MockForgeError, match=r"response\.message\.no") as error:
            server.stub(
                {"grpc": {"method": "hello.Greeter/Say"}, "response": {"message": {"no": 1}}}
            )
        assert "hello.Reply" in str(error.value)


def test_settings_that_name_no_status_code_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(MockForgeError, match=r"grpc\.failures\.codes: no status code 'BROKEN'"),
        mocking(tmp_path, failures={"rate": 1, "codes": ["BROKEN"]}),
    ):
        pass
