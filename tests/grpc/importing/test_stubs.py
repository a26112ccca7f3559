"""Stubs of GripMock as native ones: what each key becomes, and what is said of what has no counterpart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mockforge.contracts import Imported
from mockforge.errors import MockForgeError, StartError
from mockforge_grpc.importing.gripmock import GripMockImporter

PROTO = """
syntax = "proto3"; // service Wrong { rpc Ask (stream A) returns (B); }
package shop.v1;
/* service Wrong { } */
service Shop {
  rpc Ask (Req) returns (Rep);
  rpc List (Req) returns (stream Rep);
  rpc Send (stream Req) returns (Rep);
  rpc Talk (stream Req) returns (stream Rep) { option deprecated = true; }
}
message Req { string id = 1; }
message Rep { string text = 1; }
"""


def imported(folder: Path, stubs: Any, proto: str | None = PROTO) -> Imported:
    folder.mkdir(exist_ok=True)
    (folder / "stubs.yaml").write_text(stubs if isinstance(stubs, str) else yaml.safe_dump(stubs))
    if proto is not None:
        (folder / "shop.proto").write_text(proto)
    return GripMockImporter().convert(folder)


def stub(method: str = "Ask", **more: Any) -> dict[str, Any]:
    return {"service": "Shop", "method": method, "output": {"data": {"text": "hi"}}, **more}


def one(folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    made = imported(folder, [given])
    assert made.findings == []
    assert len(made.stubs) == 1
    return made.stubs[0]


def test_a_plain_stub(tmp_path: Path) -> None:
    made = one(tmp_path, stub(id="a", input={"equals": {"id": "x"}}))
    assert made == {
        "id": "a",
        "grpc": {"method": "shop.v1.Shop/Ask", "request": {"json": {"id": "x"}}},
        "response": {"message": {"text": "hi"}},
    }


@pytest.mark.parametrize(
    ("given", "request_"),
    [
        ({"contains": {"id": "x"}}, {"json": {"id": "x"}}),
        ({"contains": {}}, None),
        ({"contains": None}, None),
        (
            {"equals": {"tags": ["a", "b"]}},
            {
                "json": {"tags": ["a", "b"]},
                "ignoreArrayOrder": False,
                "jsonPath": {"$.tags.length()": 2},
            },
        ),
        (
            {"equals": {"tags": ["a"]}, "ignoreArrayOrder": True},
            {"json": {"tags": ["a"]}, "ignoreArrayOrder": True, "jsonPath": {"$.tags.length()": 1}},
        ),
        ({"matches": {"id": r"\d+"}}, {"jsonPath": {"$.id": {"matches": r".*\d+.*"}}}),
        ({"matches": {"id": r"^\d+$"}}, {"jsonPath": {"$.id": {"matches": r"\d+"}}}),
        ({"matches": {"id": "^a|b$"}}, {"jsonPath": {"$.id": {"matches": ".*(?:^a|b$).*"}}}),
        ({"matches": {"id": "(?i)ab"}}, {"jsonPath": {"$.id": {"matches": "(?i).*ab.*"}}}),
        ({"matches": {"a": {"b-c": "^x$"}}}, {"jsonPath": {"$.a['b-c']": {"matches": "x"}}}),
        (
            {"matches": {"ids": ["^a$", "^b$"]}},
            {
                "jsonPath": {
                    "$.ids.length()": 2,
                    "$.ids": {"allOf": [{"matches": "a"}, {"matches": "b"}]},
                }
            },
        ),
        ({"glob": {"id": "a*.[ch]?"}}, {"jsonPath": {"$.id": {"matches": r"a[^/]*\.[ch][^/]"}}}),
        (
            {"equals": {"a": 1}, "contains": {"b": 2}},
            {"allOf": [{"json": {"a": 1}}, {"json": {"b": 2}}]},
        ),
        (
            {"equals": {"a": 1}, "anyOf": [{"equals": {"b": 2}}, {"matches": {"c": "^x$"}}]},
            {
                "json": {"a": 1},
                "anyOf": [{"json": {"b": 2}}, {"jsonPath": {"$.c": {"matches": "x"}}}],
            },
        ),
    ],
)
def test_what_input_asks(tmp_path: Path, given: Any, request_: Any) -> None:
    assert one(tmp_path, stub(input=given))["grpc"].get("request") == request_


def test_what_headers_ask_and_alternatives_as_stubs_of_their_own(tmp_path: Path) -> None:
    headers = {
        "equals": {"X-Env": "prod"},
        "matches": {"x-env": "^p"},
        "anyOf": [{"equals": {"x-role": "admin"}}, {"glob": {"x-user": "root*"}}],
    }
    made = imported(tmp_path, [stub(id="a", headers=headers)])
    env = {"allOf": ["prod", {"matches": ".*^p.*"}]}
    assert [(each["id"], each["grpc"]["metadata"]) for each in made.stubs] == [
        ("a", {"x-env": env, "x-role": "admin"}),
        ("a-2", {"x-env": env, "x-user": {"matches": "root[^/]*"}}),
    ]


@pytest.mark.parametrize(
    ("output", "response"),
    [
        ({"data": {"text": "a", "none": None}}, {"message": {"text": "a"}}),
        ({"error": "no", "code": 5}, {"status": {"code": "NOT_FOUND", "message": "no"}}),
        ({"error": "no"}, {"status": {"code": "ABORTED", "message": "no"}}),
        ({"code": 14}, {"status": {"code": "UNAVAILABLE"}}),
        ({"code": 0, "data": {}}, {"message": {}}),
        (
            {
                "error": "no",
                "code": 3,
                "details": [{"type": "t/google.rpc.ErrorInfo", "reason": "R"}],
            },
            {
                "status": {
                    "code": "INVALID_ARGUMENT",
                    "message": "no",
                    "details": [{"@type": "t/google.rpc.ErrorInfo", "reason": "R"}],
                }
            },
        ),
        (
            {"data": {}, "headers": {"X-A": "1"}, "trailers": {"x-b": "2"}},
            {"message": {}, "metadata": {"x-a": "1"}, "trailers": {"x-b": "2"}},
        ),
        (
            {"code": 5, "headers": {"x-a": "1"}},
            {"status": {"code": "NOT_FOUND"}, "metadata": {"x-a": "1"}, "trailers": {"x-a": "1"}},
        ),
        ({"data": {}, "delay": "1h30m"}, {"message": {}, "delay": "5400s"}),
        ({"data": {}, "delay": "1.5ms"}, {"message": {}, "delay": "1.5ms"}),
        ({"data": {"text": "{{.Request.id}}"}}, {"message": {"text": "{{ request.id | string }}"}}),
    ],
)
def test_what_output_answers(tmp_path: Path, output: Any, response: Any) -> None:
    assert one(tmp_path, stub(output=output))["response"] == response


def test_server_streams_with_delays_and_errors_on_the_way(tmp_path: Path) -> None:
    plain = {"stream": [{"text": "a"}, {"text": "b"}], "delay": "5ms", "code": 8, "error": "over"}
    assert one(tmp_path / "plain", stub("List", output=plain))["response"] == {
        "messages": [{"text": "a"}, {"text": "b"}],
        "every": "5ms",
        "delay": "5ms",
        "status": {"code": "RESOURCE_EXHAUSTED", "message": "over"},
    }
    marked = {
        "stream": [
            {"text": "a", "_gripmock": {"delay": "7ms"}},
            {"_gripmock": {"error": "no", "code": 8}},
            {"text": "never"},
        ]
    }
    assert one(tmp_path / "marked", stub("List", output=marked))["response"] == {
        "script": [
            {"wait": "7ms"},
            {"send": {"text": "a"}},
            {"error": {"code": "RESOURCE_EXHAUSTED", "message": "no"}},
        ]
    }


def test_client_streams(tmp_path: Path) -> None:
    made = imported(
        tmp_path,
        [
            stub("Send", inputs=[{"equals": {"id": "a"}}, {"equals": {"id": "b"}}]),
            stub("Send", inputs=[{"matches": {"id": "^a$"}}]),
            stub(
                "Send", input={"equals": {"id": "z"}}, output={"data": {"text": "{{.Request.id}}"}}
            ),
        ],
    ).stubs
    asked = [each["grpc"]["requests"] for each in made]
    assert asked == [
        [{"json": {"id": "a"}}, {"json": {"id": "b"}}],
        {"each": {"jsonPath": {"$.id": {"matches": "a"}}}},
        {"last": {"json": {"id": "z"}}},
    ]
    # The list of messages is more than one pattern for all of them.
    assert made[0]["priority"] < made[1]["priority"]
    assert made[2]["response"]["message"] == {"text": "{{ requests[-1].id | string }}"}


def test_bidirectional_streams(tmp_path: Path) -> None:
    talk = [
        stub("Talk", input={"equals": {"id": "a"}}, output={"data": {"text": "{{.Request.id}}"}}),
        stub("Talk", priority=9, input={"equals": {"id": "b"}}, output={"code": 5, "error": "no"}),
        stub(
            "Talk",
            headers={"equals": {"x": "1"}},
            inputs=[{"equals": {"id": "a"}}, {"equals": {"id": "b"}}],
            output={"stream": [{"text": "1"}, {"text": "2"}, {"text": "3"}]},
        ),
    ]
    conversation, single = imported(tmp_path, talk).stubs
    assert conversation["response"]["script"] == [
        {"expect": {"json": {"id": "a"}}},
        {"send": {"text": "1"}},
        {"expect": {"json": {"id": "b"}}},
        {"send": {"text": "2"}},
        {"send": {"text": "3"}},
        "end",
    ]
    (loop,) = single["response"]["script"]
    assert loop["forever"][0] == "expect"
    assert loop["forever"][1]["branch"] == [
        {"when": {"json": {"id": "b"}}, "do": [{"error": {"code": "NOT_FOUND", "message": "no"}}]},
        {"when": {"json": {"id": "a"}}, "do": [{"send": {"text": "{{ message.id | string }}"}}]},
        {"do": [{"error": {"code": "NOT_FOUND", "message": "No matching stub found"}}]},
    ]


def test_priorities_are_turned_round_and_of_equals_the_first_wins(tmp_path: Path) -> None:
    plain = imported(
        tmp_path / "a", [stub(priority=100), stub(priority=1, input={"equals": {"id": "x"}})]
    )
    assert [each.get("priority") for each in plain.stubs] == [-95, 4]
    equal = imported(tmp_path / "b", [stub(options={"times": 2}), stub()])
    first, second = equal.stubs
    assert first["times"] == 2
    assert first["priority"] < second["priority"]


def test_effects_become_scenarios(tmp_path: Path) -> None:
    given = [
        stub(
            id="maker",
            effects=[
                {
                    "action": "upsert",
                    "stub": stub("List", id="made", input={"equals": {"id": "m"}}),
                },
                {"action": "delete", "id": "maker"},
            ],
        ),
        stub(
            id="killer",
            input={"equals": {"id": "k"}},
            effects=[{"action": "delete", "id": "victim"}],
        ),
        stub(id="victim", input={"equals": {"id": "v"}}),
    ]
    made = imported(tmp_path, given)
    assert made.findings == []
    by_id = {each["id"]: each for each in made.stubs}
    assert by_id["maker"]["times"] == 1
    assert by_id["maker"]["scenario"] == {"name": "effect made", "then": "there"}
    assert by_id["made"]["scenario"] == {"name": "effect made", "when": "there"}
    assert by_id["killer"]["scenario"] == {"name": "effect victim", "then": "gone"}
    assert by_id["victim"]["scenario"] == {"name": "effect victim", "when": "started"}


@pytest.mark.parametrize(
    ("given", "code", "severity", "disabled"),
    [
        (stub(outputt={}), "import.unknown-key", "warning", False),
        (stub(input={"equls": {}}), "import.unknown-key", "warning", False),
        (stub(input=[1]), "import.shape", "error", False),
        (stub(session="s"), "import.session", "warning", False),
        (stub(output={"data": {"text": "{{sha1 .Request.id}}"}}), "import.template", "error", True),
        (stub(output={"data": "{{ dict }}", "template": True}), "import.template", "error", True),
        (stub(output={"data": {}, "delay": "{{.Request.id}}ms"}), "import.delay", "error", True),
        (stub(output={"code": 99, "error": "x"}), "import.status", "error", True),
        (stub(output={"code": 5, "details": [{"reason": "x"}]}), "import.detail", "error", True),
        (stub(output={"stream": [{"text": "a"}]}), "import.stream", "warning", False),
        (stub(effects=[{"action": "burn"}]), "import.effects", "error", False),
        (stub(effects=[{"action": "delete", "id": "nobody"}]), "import.effects", "warning", False),
        (
            stub(
                effects=[
                    {"action": "upsert", "stub": stub(input={"equals": {"id": "{{.Request.id}}"}})}
                ]
            ),
            "import.effects",
            "error",
            False,
        ),
        (stub(headers={"equals": {"x": {}}}), "import.header", "error", False),
        (stub(input={"matches": {"a": [1]}}), "import.pattern", "error", False),
        (stub("Talk", options={"times": 1}), "import.times", "error", False),
    ],
)
def test_what_cannot_be_said_is_told_with_its_place(
    tmp_path: Path, given: Any, code: str, severity: str, disabled: bool
) -> None:
    made = imported(tmp_path, [given])
    (finding,) = [each for each in made.findings if each.code == code]
    assert finding.severity == severity
    assert finding.line is not None
    assert finding.path is not None
    assert finding.path.startswith("/0/")
    if given["method"] == "Ask":
        assert made.stubs[0].get("enabled", True) is not disabled
        assert made.stubs[0]["response"].get("template", True) is not disabled


def test_without_protos_kinds_are_guessed_and_that_is_said(tmp_path: Path) -> None:
    given = [
        stub("List", output={"stream": [{"text": "a"}]}),
        stub("Send", inputs=[{"equals": {}}, {}]),
    ]
    made = imported(tmp_path, given, proto=None)
    assert [each["grpc"]["method"] for each in made.stubs] == ["Shop/List", "Shop/Send"]
    assert made.stubs[0]["response"] == {"messages": [{"text": "a"}]}
    assert [(each.code, each.severity) for each in made.findings] == [("import.method", "info")]


def test_a_single_file_in_json(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"service": "a.S", "method": "M", "output": {"data": {}}}')
    made = GripMockImporter().convert(tmp_path / "one.json")
    assert [each["grpc"] for each in made.stubs] == [{"method": "a.S/M"}]


@pytest.mark.parametrize("text", ["", "[]", "just text", "[1, 2]", "{a: 1}"])
def test_a_folder_without_stubs_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(StartError, match="there are no stubs of GripMock"):
        imported(tmp_path, text)


def test_a_file_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(MockForgeError) as caught:
        imported(tmp_path, "a: [")
    assert caught.value.place is not None
    assert caught.value.place.line is not None


def test_findings_are_bounded(tmp_path: Path) -> None:
    made = imported(tmp_path, [{**stub(), f"key{number}": 1} for number in range(1200)])
    assert len(made.findings) == 1000
    assert len(made.stubs) == 1200


@pytest.mark.parametrize(
    "value",
    [None, 1, "x", [], {}, [[]], [{}], {"equals": 1}, {"anyOf": [1]}, {"matches": {"a": None}}],
)
@pytest.mark.parametrize(
    "key", ["input", "inputs", "headers", "output", "options", "effects", "priority"]
)
def test_odd_shapes_never_raise(tmp_path: Path, key: str, value: Any) -> None:
    for method in ("Ask", "List", "Send", "Talk"):
        made = imported(tmp_path, [{**stub(method), key: value}])
        assert isinstance(made, Imported)
        assert [each["grpc"]["method"] for each in made.stubs] in (
            [f"shop.v1.Shop/{method}"],
            [],
        )
        assert made.stubs or made.findings
