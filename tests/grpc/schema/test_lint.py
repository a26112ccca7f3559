"""``lint_proto``: findings for broken files, and for rules that name fields which are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockforge_grpc.bridge.rules.compiled import check_rules
from mockforge_grpc.lint import lint_file
from mockforge_grpc.schema import lint_proto
from tests.grpc.schema.protos import GREETER, write

RULES = """syntax = "proto3";
package r;
import "google/api/annotations.proto";
service S {
  rpc Good(Ask) returns (Answer) {
    option (google.api.http) = {
      post: "/v1/{parent.id=shelves/*}/{name}" body: "parent" response_body: "text"
      additional_bindings { get: "/v1/{name}" }
    };
  }
  rpc Bad(Ask) returns (Answer) {
    option (google.api.http) = {
      post: "/v1/{nam}/{parent.x.y}" body: "bod" response_body: "texts"
    };
  }
}
message Ask { string name = 1; Parent parent = 2; }
message Parent { string id = 1; }
message Answer { string text = 1; }
"""


def test_other_files_are_none_of_its_business(tmp_path: Path) -> None:
    assert lint_proto(tmp_path / "x.yaml") is None
    assert lint_proto(tmp_path) is None


def test_nothing_is_found_in_a_file_without_faults(tmp_path: Path) -> None:
    write(tmp_path, {"hello.proto": GREETER})
    found = lint_proto(tmp_path / "hello.proto")
    assert found is not None
    assert list(found) == []


def test_every_fault_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.proto"
    path.write_text('syntax = "proto3";\nimport "no.proto";\nmessage A { strin x = 1; }\n')
    found = list(lint_proto(path) or ())
    assert [(each.code, each.severity, each.line, each.column) for each in found] == [
        ("proto.invalid", "error", 2, 1),
        ("proto.invalid", "error", 3, 13),
    ]
    assert found[1].hint == "did you mean string?"


def test_a_broken_descriptor_set(tmp_path: Path) -> None:
    path = tmp_path / "x.protoset"
    path.write_bytes(b"\xff\xff")
    (found,) = lint_proto(path) or ()
    assert (found.code, found.file) == ("proto.invalid", str(path))


def test_rules_that_name_fields_which_are_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"r.proto": RULES})
    found = list(lint_proto(tmp_path / "r.proto", checks=[check_rules]) or ())
    assert [(each.code, each.severity, each.line) for each in found] == [
        ("proto.http-rule", "warning", 11)
    ] * 4
    texts = [each.message for each in found]
    for text, part in zip(
        texts, ("no field nam", "parent.x.y", "body: bod`", "response_body: texts`"), strict=True
    ):
        assert part in text
    assert found[0].hint == "did you mean name?"


def test_fast_only_compiles(tmp_path: Path) -> None:
    write(tmp_path, {"r.proto": RULES})
    assert list(lint_proto(tmp_path / "r.proto", fast=True, checks=[check_rules]) or ()) == []


def test_imports_are_found_from_the_roots(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "p/a.proto": 'syntax = "proto3"; import "lib.proto"; message A { B b = 1; }',
            "inc/lib.proto": 'syntax = "proto3"; message B {}',
        },
    )
    path = tmp_path / "p" / "a.proto"
    assert [each.code for each in lint_proto(path) or ()] == ["proto.invalid", "proto.invalid"]
    assert list(lint_proto(path, roots=[tmp_path / "inc"]) or ()) == []


@pytest.mark.parametrize("fast", [True, False])
def test_what_the_compiler_warns_of(tmp_path: Path, fast: bool) -> None:
    write(
        tmp_path,
        {"a.proto": 'syntax = "proto3"; import "b.proto";', "b.proto": 'syntax = "proto3";'},
    )
    found = list(lint_proto(tmp_path / "a.proto", fast=fast) or ())
    assert [each.code for each in found] == ["proto.import-unused"]


@pytest.mark.parametrize("engine", ["http2", "grpcio"])
def test_faults_that_the_engine_of_the_settings_lacks_are_findings(
    tmp_path: Path, engine: str
) -> None:
    write(tmp_path, {"hello.proto": GREETER})
    (tmp_path / "mockforge.yaml").write_text(f"grpc: {{engine: {engine}}}\n")
    stubs = tmp_path / "stubs.yaml"
    stubs.write_text("- grpc: {method: hello.Greeter/SayHello}\n  response: {fault: reset}\n")
    found = [each for each in lint_file(stubs) or () if each.severity == "error"]
    if engine == "http2":
        assert found == []
    else:
        (fault,) = found
        assert "the engine grpcio" in fault.message
        assert (fault.file, fault.line) == (str(stubs), 2)
