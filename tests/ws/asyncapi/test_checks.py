"""What is wrong with documents is found all at once, each thing with its place."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockforge.errors import DocumentError, StartError
from mockforge.testing import MockServer
from mockforge_ws.asyncapi.check import check
from mockforge_ws.asyncapi.errors import DocumentErrors
from mockforge_ws.asyncapi.files import MAX_FILES, Files, pointer_of, tokens_of
from mockforge_ws.asyncapi.report import MOST
from mockforge_ws.asyncapi.stubs import Document
from tests.ws.asyncapi.making import (
    EXAMPLE,
    ROOM,
    document,
    lint,
    received,
    sending,
    told,
    write,
)
from tests.ws.making import client

BROKEN = """\
asyncapi: 3.0.0
info: {title: Broken}
channels:
  room:
    adress: /room
    messages:
      a: {$ref: '#/components/messages/Nothing'}
      b:
        payload:
          type: objekt
          required: name
operations:
  tell:
    action: shout
    channel: {$ref: '#/channels/rom'}
"""


def test_all_that_is_wrong_is_told_with_line_and_column(tmp_path: Path) -> None:
    found = lint(tmp_path, BROKEN, "broken.yaml")
    assert [(each.line, each.column, each.code) for each in found] == [
        (2, 1, "asyncapi.missing"),
        (5, 5, "asyncapi.unknown-key"),
        (7, 11, "asyncapi.reference"),
        (10, 11, "asyncapi.schema"),
        (11, 11, "asyncapi.schema"),
        (14, 5, "asyncapi.type"),
        (15, 15, "asyncapi.reference"),
    ]
    assert found[1].hint == "did you mean address?"
    assert {each.file for each in found} == {str(tmp_path / "broken.yaml")}


def test_a_server_refuses_it_with_the_same_words(tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN, "broken.yaml")
    with pytest.raises(StartError) as caught, MockServer(path, only=("ws",)):
        pass
    said = str(caught.value)
    assert said.startswith("6 errors in the AsyncAPI documents")
    assert f"{path}:14:5 (operations.tell.action): must be send or receive" in said


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ("2.6.0", "AsyncAPI 2.6.0 is not read: convert it to 3.0"),
        ("1.2.0", "AsyncAPI 1.2.0 is not read: convert it to 3.0"),
        ("4.0.0", "AsyncAPI 4.0.0 is not known"),
        ("three", "`asyncapi` is no version"),
        (None, "`asyncapi` is no version"),
    ],
)
def test_other_versions_are_refused(tmp_path: Path, stated: Any, message: str) -> None:
    (found,) = lint(tmp_path, {"asyncapi": stated})
    assert (found.message, found.line) == (message, 2)
    if "convert" in message:
        assert "asyncapi convert" in (found.hint or "")


@pytest.mark.parametrize("stated", ["3.0.0", "3.1.0", "3.0", 3.0])
def test_versions_3_are_read(tmp_path: Path, stated: Any) -> None:
    value = {**document({"tell": sending("a")}, {"a": {"payload": True}}), "asyncapi": stated}
    assert [each for each in lint(tmp_path, value) if each.severity == "error"] == []


def test_what_version_2_had_is_told_where_it_went(tmp_path: Path) -> None:
    value = document(channel={"publish": {}}, servers={"a": {"url": "ws://x", "protocol": "ws"}})
    hints = [each.hint for each in lint(tmp_path, value) if each.hint]
    assert "AsyncAPI 3 has `host` and `pathname` in place of it" in hints
    assert "AsyncAPI 3 has `operations` at the root in place of it" in hints


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"operations": {"a": {"action": "send", "channel": {}}}}, "reference"),
        ({"operations": {"a": {"action": "send", "channel": {"$ref": "#/info"}}}}, "reference"),
        ({"operations": []}, "type"),
        ({"channels": {"a": {"address": 5}}}, "type"),
        (
            {"channels": {"a": {"address": "/a", "parameters": {"p": {"location": "x"}}}}},
            "expression",
        ),
        ({"channels": {"a": {"messages": {"m": {"payload": []}}}}}, "schema"),
        ({"channels": {"a": {"messages": {"m": {"payload": {"schema": {}}}}}}}, "schema"),
        ({"components": {"schemas": {"a": {"$ref": "#/components/schemas/b"}}}}, "reference"),
        ({"components": {"schemas": {"a": {"items": {"properties": []}}}}}, "schema"),
        ({"components": {"messages": {"a": {"$ref": "#/components/messages/a"}}}}, "reference"),
        ({"servers": {"a": {"host": "x"}}}, "missing"),
        ({"components": {"correlationIds": {"a": {"location": "$payload"}}}}, "expression"),
    ],
)
def test_a_mistake_is_an_error(tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    found = lint(tmp_path, {**document(), "operations": {}, **changed})
    assert ("error", code) in told(found)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"extra": 1}, "unknown-key"),
        ({"channels": {"a": {"address": "/{x}"}}}, "parameter"),
        ({"channels": {"a": {"address": "/", "parameters": {"x": {}}}}}, "parameter"),
        ({"components": {"schemas": {"a": {"pattern": "("}}}}, "pattern"),
        ({"channels": {"a": {"address": "/", "bindings": {"ws": {"method": "POST"}}}}}, "method"),
        (
            {"components": {"schemas": {"a": {"schemaFormat": "application/x-avro", "schema": 1}}}},
            "format",
        ),
    ],
)
def test_what_is_odd_is_a_warning(tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    found = lint(tmp_path, {**document(), "operations": {}, **changed})
    assert ("warning", code) in told(found)
    assert "error" not in {each.severity for each in found}


def test_operations_name_messages_of_their_channel(tmp_path: Path) -> None:
    other = {"action": "send", "channel": ROOM, "messages": [{"$ref": "#/components/messages/b"}]}
    reply = {"channel": ROOM, "messages": [{"$ref": "#/components/messages/b"}]}
    value = document(
        {"tell": other, "ask": {**sending("a"), "reply": reply}},
        {"a": {"payload": True}},
        components={"messages": {"b": {"payload": True}}},
    )
    messages = [each.message for each in lint(tmp_path, value) if each.severity == "error"]
    assert messages == [
        "the message '#/components/messages/b' is none of the channel of this operation",
        "the message '#/components/messages/b' is none of the channel of this reply",
    ]
    value["channels"]["room"]["messages"]["b"] = {"$ref": "#/components/messages/b"}
    assert [each for each in lint(tmp_path, value) if each.severity == "error"] == []


def test_examples_are_held_against_their_schemas(tmp_path: Path) -> None:
    payload = {"type": "object", "properties": {"n": {"items": {"type": "integer"}}}}
    messages = {"a": {"payload": payload, "examples": [{"payload": {"n": [1, "x"]}}]}}
    (found,) = lint(tmp_path, document({"tell": sending("a")}, messages))
    assert (found.severity, found.code) == ("warning", "asyncapi.example")
    assert found.path == "channels.room.messages.a.examples[0].payload.n[1]"


def test_a_schema_that_nothing_fits_is_told(tmp_path: Path) -> None:
    never = {"type": "integer", "minimum": 5, "maximum": 3}
    found = lint(tmp_path, document({"tell": sending("a")}, {"a": {"payload": never}}))
    assert told(found) == [("warning", "unsatisfiable")]


def test_the_example_has_no_findings() -> None:
    assert lint(EXAMPLE.parent, EXAMPLE.read_text(), EXAMPLE.name) == []


def test_findings_are_bounded(tmp_path: Path) -> None:
    value = document() | {f"k{number}": 1 for number in range(MOST * 2)}
    assert len(lint(tmp_path, value)) == MOST


# ------------------------------------------------------------------ files


def split(folder: Path) -> Path:
    """A document in three files."""
    write(folder, {"Count": {"payload": {"$ref": "deep/schemas.yaml#/Count"}}}, "messages.json")
    schemas = "Count:\n  type: object\n  required: [n]\n  properties:\n    n: {$ref: '#/Number'}\n"
    write(folder, schemas + "Number: {type: integer, minimum: 7}\n", "deep/schemas.yaml")
    messages = {"a": {"$ref": "messages.json#/Count"}}
    return write(folder, document({"tell": sending("a")}, messages))


def test_references_lead_into_other_files(tmp_path: Path) -> None:
    path = split(tmp_path)
    with MockServer(path, only=("ws",)) as server, client(server, "/room") as room:
        assert received(room)["n"] >= 7
    assert {each.name for each in Files(path).paths} == {"document.json"}
    assert {each.name for each in Document(path).files.paths} == {
        "document.json",
        "messages.json",
        "schemas.yaml",
    }


def test_a_document_is_one_however_it_is_spelt(tmp_path: Path) -> None:
    channel = {
        "address": "/room",
        "messages": {"a": {"$ref": "document.json#/components/messages/a"}},
    }
    write(tmp_path, {"room": channel}, "parts.json")
    value = {
        **document({"tell": {**sending(), "messages": [{"$ref": "#/components/messages/a"}]}}),
        "channels": {"room": {"$ref": "parts.json#/room"}},
        "components": {"messages": {"a": {"payload": {"const": 7}}}},
    }
    path = write(tmp_path, value)
    (tmp_path / "inner").mkdir()
    spelt = tmp_path / "inner" / ".." / path.name
    assert len(Document(spelt).files.paths) == 2


def test_references_lead_through_references(tmp_path: Path) -> None:
    channel = {"address": "/room", "messages": {"a": {"$ref": "parts.json#/a"}}}
    parts = {"room": channel, "a": {"payload": {"$ref": "#/b/payload"}}, "b": {"$ref": "#/c"}}
    write(tmp_path, {**parts, "c": {"payload": {"const": 7}}}, "parts.json")
    value = {**document({"tell": sending("a")}), "channels": {"room": {"$ref": "parts.json#/room"}}}
    path = write(tmp_path, value)
    with MockServer(path, only=("ws",)) as server, client(server, "/room") as room:
        assert received(room) == 7


def test_references_that_multiply_come_to_an_end(tmp_path: Path) -> None:
    schemas: dict[str, Any] = {
        f"s{number}": {"$ref": f"#/components/schemas/s{number + 1}/a/a/a"} for number in range(60)
    }
    found = lint(tmp_path, document(components={"schemas": schemas}))
    assert "circle" in found[0].message


def test_a_mistake_in_another_file_is_told_there(tmp_path: Path) -> None:
    path = split(tmp_path)
    schemas = tmp_path / "deep" / "schemas.yaml"
    schemas.write_text(schemas.read_text().replace("type: integer", "type: int"))
    with pytest.raises(DocumentError) as caught:
        Document(path)
    assert str(caught.value).startswith(f"{schemas}:6:10 (Number.type)")


@pytest.mark.shows("websocket.spec_root", "--spec-root")
def test_files_outside_of_the_folder_are_not_read(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    write(tmp_path, {"payload": {"const": 5}}, "message.json")
    messages = {"a": {"$ref": "../message.json"}}
    path = write(inner, document({"tell": sending("a")}, messages))
    with pytest.raises(DocumentError, match="lies outside of") as caught:
        Document(path)
    assert "--spec-root" in (caught.value.hint or "")
    settings = {"websocket.spec_root": str(tmp_path)}
    with (
        MockServer(path, only=("ws",), settings=settings) as server,
        client(server, "/room") as room,
    ):
        assert received(room) == 5


def test_links_do_not_lead_outside(tmp_path: Path) -> None:
    write(tmp_path, {"payload": {}}, "secret.json")
    inner = tmp_path / "inner"
    path = write(inner, document({}, {"a": {"$ref": "link.json"}}))
    (inner / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(DocumentError, match="lies outside of"):
        Document(path)


@pytest.mark.parametrize(
    "ref", ["https://example.com/a.yaml", "//example.com/a", "file:///etc/passwd"]
)
def test_nothing_is_fetched(tmp_path: Path, ref: str) -> None:
    (found,) = (each for each in lint(tmp_path, document({}, {"a": {"$ref": ref}})) if each.hint)
    assert "is not fetched" in found.message or "lies outside" in found.message


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    messages = {}
    for number in range(MAX_FILES + 5):
        write(tmp_path, "{}", f"m{number}.json")
        messages[f"m{number}"] = {"$ref": f"m{number}.json"}
    found = lint(tmp_path, document({}, messages))
    assert [each.message for each in found if each.severity == "error"] == [
        f"more than {MAX_FILES} files belong to one document"
    ] * 6


def test_several_documents_tell_all_their_errors(tmp_path: Path) -> None:
    paths = [write(tmp_path, {"asyncapi": "2.0.0"}, f"{name}.json") for name in "ab"]
    with pytest.raises(DocumentErrors) as caught, MockServer(*paths, only=("ws",)):
        pass
    assert [error.place and error.place.file for error in caught.value.errors] == list(
        map(str, paths)
    )


# ------------------------------------------------------------------ whatever comes

_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
_KEYS = st.sampled_from(
    ["$ref", "payload", "messages", "schema", "schemaFormat", "address", "reply", "channel", "type",
     "properties", "traits", "examples", "location", "parameters", "bindings", "ws", "query", "a"]
)  # fmt: skip
_REFS = st.sampled_from(
    ["#", "#/channels/room", "#/components/messages/a", "#/info", "other.json", "#a"]
)
_VALUES = st.recursive(
    _SCALARS | _REFS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    section=st.sampled_from(["channels", "operations", "components", "servers", "info"]),
    value=_VALUES,
    message=_VALUES,
)
def test_any_document_is_served_or_refused_with_a_reason(
    tmp_path: Path, section: str, value: Any, message: Any
) -> None:
    base = document({"tell": sending("a")}, {"a": message})
    base[section] = {"x": value} if section != "info" else value
    path = write(tmp_path, base)
    errors = check(Files(path)).report.errors
    with pytest.raises(DocumentError) if errors else nullcontext():
        Document(path)


@given(st.lists(st.text()))
def test_pointers_lead_back(tokens: list[str]) -> None:
    assert tokens_of(pointer_of(tuple(tokens))) == tokens
