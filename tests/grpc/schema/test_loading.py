"""From sources to services: layouts of folders, what is wrong in them, and what comes out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

from mockforge.errors import Place, all_errors
from mockforge_grpc.schema import ProtoError, ProtoErrors, Schema, load_schema
from mockforge_grpc.schema.compiler import find_compiler
from mockforge_grpc.schema.compiling import bundled_roots
from tests.corpus import corpus
from tests.grpc.schema.protos import GREETER, loaded, write


def message(name: str, *imports: str, package: str = "p", body: str = "") -> str:
    lines = "".join(f'import "{each}";\n' for each in imports)
    return f'syntax = "proto3";\npackage {package};\n{lines}message {name} {{ {body} }}\n'


def names(schema: Schema) -> set[str]:
    return set(schema.files)


# ---------------------------------------------------------------- what comes out


def test_methods_by_path_with_their_kinds_and_types(tmp_path: Path) -> None:
    with loaded(tmp_path, {"hello.proto": GREETER}) as schema:
        assert [(each.path, each.kind) for each in schema.methods.values()] == [
            ("/hello.Greeter/SayHello", "UNARY"),
            ("/hello.Greeter/Collect", "CLIENT_STREAM"),
            ("/hello.Greeter/Repeat", "SERVER_STREAM"),
            ("/hello.Greeter/Chat", "BIDI"),
        ]
        method = schema.methods["/hello.Greeter/Chat"]
        assert schema.method("/hello.Greeter/Chat") is method
        assert (method.service, method.name, method.full_name) == (
            "hello.Greeter",
            "Chat",
            "hello.Greeter/Chat",
        )
        assert method.input.full_name == "hello.Request"
        assert method.output.full_name == "hello.Reply"
        assert schema.services["hello.Greeter"].methods[3] is method
        assert schema.summary == "1 service, 4 methods in 1 file"
        for path in ("/hello.Greeter/Nope", "hello.Greeter/Chat", "/hello.Nope/Chat", "", "/"):
            assert schema.method(path) is None
        assert schema.service("no.Such") is None
        assert schema.message_type("no.Such") is None
        assert schema.message_type("") is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("hello.Greeter/SayHelo", "hello.Greeter/SayHello"),
        ("/hello.Greter/Chat", "hello.Greeter/Chat"),
        ("Chat", "hello.Greeter/Chat"),
        ("other.Thing/chat", "hello.Greeter/Chat"),
        ("zzz/qqq", None),
    ],
)
def test_the_nearest_method(tmp_path: Path, wrong: str, right: str | None) -> None:
    with loaded(tmp_path, {"hello.proto": GREETER}) as schema:
        assert schema.nearest_method(wrong) == right


def test_names_that_clients_send_are_looked_up_within_limits(tmp_path: Path) -> None:
    with loaded(tmp_path, {"hello.proto": GREETER}) as schema:
        long = "hello." * 500_000 + "Greeter"
        assert schema.message_type(long) is None
        assert schema.file_descriptors(symbol=long) is None
        assert schema.nearest_method(long + "/Chat") == "hello.Greeter/Chat"
        assert schema.nearest_method("x" * 1_000_000) is None
        for number in range(1_000):
            assert schema.nearest_method(f"hello.Greeter/Chat{number}") == "hello.Greeter/Chat"
        assert len(schema._near) <= 200


def test_services_that_are_in_no_source_are_known_but_not_listed(tmp_path: Path) -> None:
    with loaded(tmp_path, {"hello.proto": GREETER}) as schema:
        health = schema.service("grpc.health.v1.Health")
        assert health is not None
        assert [each.kind for each in health.methods] == ["UNARY", "UNARY", "SERVER_STREAM"]
        assert schema.service("grpc.health.v1.Health") is health
        assert list(schema.services) == ["hello.Greeter"]
        assert schema.method("/grpc.health.v1.Health/Check") is None
        for version in ("v1", "v1alpha"):
            reflection = schema.service(f"grpc.reflection.{version}.ServerReflection")
            assert reflection is not None
            assert reflection.methods[0].kind == "BIDI"


def test_comments_and_places(tmp_path: Path) -> None:
    text = """syntax = "proto3";
package c;

// Does things.
//   Indented.
service S {
  // Does one thing.
  rpc Do(M) returns (M);
}
/* A message. */
message M {
  string plain = 1;
  string name = 2; // Its name.
  enum E {
    // Nothing.
    ZERO = 0;
  }
  oneof choice {
    // A choice.
    string a = 3;
  }
}
"""
    with loaded(tmp_path, {"c.proto": text}) as schema:
        method = schema.methods["/c.S/Do"]
        m = method.input.descriptor
        service = schema.pool.FindServiceByName("c.S")
        assert schema.comment(service) == "Does things.\n  Indented."
        assert schema.comment(method.descriptor) == "Does one thing."
        assert schema.comment(m) == "A message."
        assert schema.comment(m.fields_by_name["plain"]) == ""
        assert schema.comment(m.fields_by_name["name"]) == "Its name."
        assert schema.comment(m.enum_types[0].values[0]) == "Nothing."
        assert schema.comment(m.fields_by_name["a"]) == "A choice."
        file = str(tmp_path / "c.proto")
        assert schema.place(method.descriptor) == Place(file, 8, 3)
        assert schema.place(m.fields_by_name["name"]) == Place(file, 13, 3)
        assert schema.place(m.oneofs[0]) == Place(file, 18, 3)
        assert schema.place(m.enum_types[0].values[0]) == Place(file, 16, 5)
        known = schema.message_type("google.rpc.Status")
        assert known is not None
        assert schema.comment(known.descriptor) == ""
        assert schema.place(known.descriptor) == Place()


def test_google_protos_need_no_copy(tmp_path: Path) -> None:
    text = """syntax = "proto3";
package shop;
import "google/api/annotations.proto";
import "google/longrunning/operations.proto";
import "google/protobuf/field_mask.proto";
import "google/rpc/status.proto";
import "google/type/money.proto";
service Shop {
  rpc Get(Item) returns (Item) {
    option (google.api.http) = {
      get: "/v1/{name=items/*}"
      additional_bindings { post: "/v1/items:find" body: "*" response_body: "name" }
      additional_bindings { custom: { kind: "HEAD" path: "/v1/{name}" } }
    };
  }
  rpc Plain(Item) returns (google.rpc.Status);
}
message Item { string name = 1; google.type.Money price = 2; google.protobuf.FieldMask mask = 3; }
"""
    with loaded(tmp_path, {"shop.proto": text}) as schema:
        assert [tuple(rule) for rule in schema.methods["/shop.Shop/Get"].http_rules()] == [
            ("GET", "/v1/{name=items/*}", "", ""),
            ("POST", "/v1/items:find", "*", "name"),
            ("HEAD", "/v1/{name}", "", ""),
        ]
        assert schema.methods["/shop.Shop/Plain"].http_rules() == []
        assert schema.is_given("shop.proto")
        assert not schema.is_given("google/api/http.proto")
        assert not schema.is_given("no/such.proto")


def test_options_of_every_kind(tmp_path: Path) -> None:
    options = """syntax = "proto3";
package o;
import "google/protobuf/descriptor.proto";
message Rule { int32 least = 1; repeated string words = 2; }
extend google.protobuf.FieldOptions { Rule rule = 50001; repeated string tags = 50002; string one = 50003; }
extend google.protobuf.MessageOptions { bool big = 50001; }
extend google.protobuf.EnumValueOptions { string label = 50001; }
"""
    text = """syntax = "proto3";
package u;
import "o.proto";
message M {
  option (o.big) = true;
  string a = 1 [(o.rule) = {least: 3, words: ["x", "y"]}, (o.tags) = "s", (o.tags) = "t", deprecated = true];
  string b = 2;
  enum E { ZERO = 0 [(o.label) = "none"]; }
}
"""
    with loaded(tmp_path, {"o.proto": options, "u.proto": text}) as schema:
        found = schema.message_type("u.M")
        assert found is not None
        m = found.descriptor
        a, b = m.fields_by_name["a"], m.fields_by_name["b"]
        assert schema.option(m, "o.big") is True
        assert schema.option(a, "o.rule").least == 3
        assert list(schema.option(a, "o.rule").words) == ["x", "y"]
        assert list(schema.option(a, "o.tags")) == ["s", "t"]
        assert schema.option(a, "o.one") is None
        assert schema.option(a, "o.big") is None
        assert schema.option(a, "o.nope") is None
        assert schema.option(b, "o.rule") is None
        assert schema.options(b) is None
        assert schema.options(a).deprecated is True  # type: ignore[union-attr]
        assert schema.option(m.enum_types[0].values[0], "o.label") == "none"


def test_two_schemas_may_say_different_things_about_one_name(tmp_path: Path) -> None:
    first = {"a.proto": message("M", body="string one = 1;")}
    second = {"a.proto": message("M", body="int32 two = 1;")}
    with loaded(tmp_path / "1", first) as one, loaded(tmp_path / "2", second) as two:
        for schema, field in ((one, "one"), (two, "two")):
            found = schema.message_type("p.M")
            assert found is not None
            assert list(found.descriptor.fields_by_name) == [field]


# ---------------------------------------------------------------- layouts


def test_folders_below_are_part_of_the_name(tmp_path: Path) -> None:
    files = {"a/x.proto": message("X", "b/y.proto", body="Y y = 1;"), "b/y.proto": message("Y")}
    with loaded(tmp_path, files) as schema:
        assert names(schema) == {"a/x.proto", "b/y.proto"}


def test_imports_that_start_above_the_folder(tmp_path: Path) -> None:
    files = {
        "api/v1/x.proto": message(
            "X", "api/v1/y.proto", "common/z.proto", body="Y y = 1; Z z = 2;"
        ),
        "api/v1/y.proto": message("Y"),
        "common/z.proto": message("Z"),
    }
    write(tmp_path, files)
    schema = load_schema([tmp_path / "api" / "v1"])
    assert names(schema) == set(files)
    assert schema.is_given("api/v1/x.proto")
    assert not schema.is_given("common/z.proto")
    schema.close()


def test_a_single_file_with_imports_from_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "api/x.proto": message("X", "api/y.proto", body="Y y = 1;"),
        "api/y.proto": message("Y"),
    }
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    schema = load_schema([Path("api/x.proto")])
    assert names(schema) == set(files)
    assert schema.origin("api/y.proto") == "api/y.proto"
    schema.close()


def test_imports_that_start_in_a_folder_below(tmp_path: Path) -> None:
    files = {
        "proto/x.proto": message("X", "sub/y.proto", body="Y y = 1;"),
        "proto/sub/y.proto": message("Y"),
        "other/z.proto": message("Z"),
    }
    with loaded(tmp_path, files) as schema:
        assert names(schema) == {"x.proto", "sub/y.proto", "other/z.proto"}


def test_projects_side_by_side_with_files_of_the_same_name(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "one/service.proto": message("A", "common.proto", package="one", body="one.C c = 1;"),
            "one/common.proto": message("C", package="one"),
            "two/service.proto": message("A", "common.proto", package="two", body="two.C c = 1;"),
            "two/common.proto": message("C", package="two"),
        },
    )
    for sources in ([tmp_path / "one", tmp_path / "two"], [tmp_path]):
        schema = load_schema(sources)
        assert schema.message_type("one.A") is not None
        assert schema.message_type("two.A") is not None
        two = schema.message_type("two.A")
        assert two is not None
        field = two.descriptor.fields_by_name["c"].message_type
        assert field is not None
        assert field.full_name == "two.C"
        schema.close()


def test_one_folder_may_import_from_another_that_is_given(tmp_path: Path) -> None:
    write(tmp_path / "a", {"x.proto": message("X", "y.proto", body="Y y = 1;")})
    write(tmp_path / "b", {"y.proto": message("Y")})
    schema = load_schema([tmp_path / "a", tmp_path / "b"])
    assert names(schema) == {"x.proto", "y.proto"}
    assert schema.is_given("y.proto")
    schema.close()


def test_roots_that_are_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "src/app/x.proto": message("X", "lib/y.proto", "app/z.proto", body="Y y = 1; Z z = 2;"),
            "src/app/z.proto": message("Z"),
            "vendor/lib/y.proto": message("Y"),
        },
    )
    schema = load_schema([tmp_path / "src" / "app"], [tmp_path / "src", tmp_path / "vendor"])
    assert names(schema) == {"app/x.proto", "app/z.proto", "lib/y.proto"}
    schema.close()


def test_a_copy_of_googles_protos_goes_before_the_bundled_one(tmp_path: Path) -> None:
    annotations = """syntax = "proto3";
package google.api;
import "google/protobuf/descriptor.proto";
extend google.protobuf.MethodOptions { string http = 72295728; }
"""
    user = """syntax = "proto3";
package u;
import "google/api/annotations.proto";
service S { rpc Do(M) returns (M) { option (google.api.http) = "own"; } }
message M {}
"""
    files = {"google/api/annotations.proto": annotations, "u.proto": user}
    with loaded(tmp_path, files) as schema:
        method = schema.methods["/u.S/Do"].descriptor
        assert schema.option(method, "google.api.http") == "own"


def test_folders_with_characters_that_the_compiler_takes_for_others(tmp_path: Path) -> None:
    folder = tmp_path / "a:b=c, d\u00e9"
    with loaded(folder, {"x.proto": message("X")}) as schema:
        assert schema.origin("x.proto") == str(folder / "x.proto")
    write(folder, {"x.proto": "message"})
    with pytest.raises(ProtoError) as caught:
        load_schema([folder])
    for error in all_errors(caught.value):
        assert error.place is not None
        assert error.place.file == str(folder / "x.proto")


def test_hidden_folders_and_packages_of_others_are_left_out(tmp_path: Path) -> None:
    files = {
        "x.proto": message("X"),
        ".git/x.proto": "broken",
        "node_modules/y.proto": "broken",
    }
    with loaded(tmp_path, files) as schema:
        assert names(schema) == {"x.proto"}


def test_what_to_watch_for_changes(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "api/v1/x.proto": message(
                "X", "common/z.proto", "google/type/date.proto", body="Z z = 1;"
            ),
            "common/z.proto": message("Z"),
            "inc/y.proto": message("Y"),
        },
    )
    schema = load_schema([tmp_path / "api"], [tmp_path / "inc"])
    assert schema.watched == [tmp_path / "api", tmp_path / "inc", tmp_path / "common" / "z.proto"]
    schema.close()


def test_a_name_that_the_compiler_takes_for_an_option(tmp_path: Path) -> None:
    (found,) = errors([write(tmp_path, {"--version.proto": message("X")})])
    assert "cannot read a file called '--version.proto'" in found


# ---------------------------------------------------------------- what is wrong


def errors(sources: list[Path], *roots: Path) -> list[str]:
    with pytest.raises(ProtoError) as caught:
        load_schema(list(sources), roots)
    return [f"{error} | {error.hint}" for error in all_errors(caught.value)]


def test_all_errors_of_all_files_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "a.proto": 'syntax = "proto3";\nmessage A {\n\tstrin name = 1;\n}\n',
            "b.proto": 'syntax = "proto3";\nmessage B { string name = 1 }\n',
            "c.proto": 'syntax = "proto3";\nimport "no/such.proto";\nmessage C {}\n',
            "d.proto": 'syntax = "proto3";\nmessage D {}\n',
        },
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProtoErrors) as caught:
        load_schema([Path()])
    found = [(str(error.place), error.message) for error in caught.value.errors]
    assert found == [
        ("a.proto:3:2", "strin is not defined"),
        ("b.proto:2:29", 'Expected ";"'),
        ("c.proto:2:1", 'the import "no/such.proto" is not found'),
    ]
    hints = [str(error.hint) for error in caught.value.errors]
    assert hints[0] == "did you mean string?"
    assert "grpc.roots" in hints[2]
    assert "looked in ." in hints[2]


def test_an_error_in_an_imported_file_is_said_once(tmp_path: Path) -> None:
    files = {
        "a.proto": message("A", "b.proto", body="B b = 1;"),
        "b.proto": 'syntax = "proto3";\npackage p;\nmessage B { oops }\n',
    }
    found = errors([write(tmp_path, files)])
    assert any("b.proto:3:" in each for each in found)
    assert not any("was not found" in each for each in found)


def test_a_missing_import_that_is_elsewhere_is_pointed_to(tmp_path: Path) -> None:
    files = {"a.proto": message("A", "lib/b.proto"), "deep/b.proto": message("B")}
    (found,) = errors([write(tmp_path, files)])
    assert str(tmp_path / "deep" / "b.proto") in found
    assert 'import "deep/b.proto"' in found


def test_duplicate_symbols_name_both_files(tmp_path: Path) -> None:
    same = "message A { string x = 1; }\nmessage B {}\n"
    head = 'syntax = "proto3";\npackage p;\n'
    found = errors([write(tmp_path, {"one.proto": head + same, "two.proto": head + same})])
    assert len(found) == 1
    assert found[0].startswith(
        f"{tmp_path / 'two.proto'}:3:9: p.A and 1 more are defined here and in "
    )
    assert str(tmp_path / "one.proto") in found[0]


def test_duplicate_symbols_of_two_sources_name_both_files(tmp_path: Path) -> None:
    write(tmp_path / "a", {"x.proto": message("X", body="string a = 1;")})
    write(tmp_path / "b", {"y.proto": message("X")})
    (found,) = errors([tmp_path / "a", tmp_path / "b"])
    assert str(tmp_path / "a" / "x.proto") in found
    assert str(tmp_path / "b" / "y.proto") in found
    write(tmp_path / "c", {"x.proto": message("X", body="int32 a = 1;")})
    (found,) = errors([tmp_path / "a", tmp_path / "c"])
    assert str(tmp_path / "a" / "x.proto") in found
    assert str(tmp_path / "c" / "x.proto") in found


def test_a_file_that_uses_what_it_does_not_import(tmp_path: Path) -> None:
    files = {"a.proto": message("A"), "b.proto": message("B", body="A a = 1;")}
    (found,) = errors([write(tmp_path, files)])
    assert "p.A is defined in" in found or "A is defined in" in found
    assert 'add: import "a.proto";' in found


def test_files_that_import_each_other(tmp_path: Path) -> None:
    files = {"a.proto": message("A", "b.proto"), "b.proto": message("B", "a.proto")}
    found = errors([write(tmp_path, files)])
    assert any("imports itself: a.proto -> b.proto -> a.proto" in each for each in found)


def test_sources_that_are_not_there_or_not_protos(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    assert "no such file or folder" in errors([tmp_path / "nope"])[0]
    assert "neither a .proto file nor a descriptor set" in errors([tmp_path / "x.txt"])[0]
    assert "no .proto file in this folder" in errors([tmp_path / "empty"])[0]
    write(tmp_path, {"y.proto": message("Y")})
    assert "is not a folder" in errors([tmp_path], tmp_path / "nope")[0]


def test_an_unused_import_is_a_finding(tmp_path: Path) -> None:
    files = {"a.proto": message("A", "b.proto"), "b.proto": message("B")}
    with loaded(tmp_path, files) as schema:
        (found,) = schema.findings
        assert found.code == "proto.import-unused"
        assert (found.file, found.line, found.severity) == (str(tmp_path / "a.proto"), 3, "info")


# ---------------------------------------------------------------- descriptor sets


def compiled(folder: Path, *options: str) -> Path:
    output = folder / "all.binpb"
    files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.proto"))]
    subprocess.run(
        [
            *find_compiler().command,
            f"-I{folder}",
            *options,
            f"--descriptor_set_out={output}",
            *files,
        ],
        check=True,
        cwd=folder,
    )
    return output


def test_a_descriptor_set(tmp_path: Path) -> None:
    write(tmp_path, {"hello.proto": "// Hi.\n" + GREETER})
    path = compiled(tmp_path, "--include_imports", "--include_source_info")
    schema = load_schema([path])
    assert len(schema.methods) == 4
    assert schema.origin("hello.proto") == str(path)
    assert schema.place(schema.methods["/hello.Greeter/SayHello"].descriptor).line == 6
    schema.close()


def test_a_descriptor_set_and_the_protos_it_was_made_from(tmp_path: Path) -> None:
    write(tmp_path, {"hello.proto": GREETER})
    path = compiled(tmp_path)
    schema = load_schema([tmp_path / "hello.proto", path])
    assert list(schema.files) == ["hello.proto"]
    schema.close()


def test_a_descriptor_set_without_its_imports(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.proto": message("A", "b.proto", "google/protobuf/empty.proto", body="B b = 1;"),
            "b.proto": message("B"),
        },
    )
    whole = compiled(tmp_path)
    load_schema([whole]).close()
    kept = FileDescriptorSet.FromString(whole.read_bytes())
    kept.file.remove(next(file for file in kept.file if file.name == "b.proto"))
    path = tmp_path / "part.protoset"
    path.write_bytes(kept.SerializeToString())
    (found,) = errors([path])
    assert "b.proto (for a.proto)" in found
    assert "--include_imports" in found


@pytest.mark.parametrize(
    "data", [b"", b"text", b"\x0a\xff", b"\x0a\x02\x08\x01", b"\x0a\x00", b"\x12\x00"]
)
def test_what_is_no_descriptor_set(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.pb"
    path.write_bytes(data)
    (found,) = errors([path])
    assert found.startswith(f"{path}: ")
    assert "descriptor set" in found


def test_a_descriptor_set_that_contradicts_itself(tmp_path: Path) -> None:
    broken = FileDescriptorSet(
        file=[
            FileDescriptorProto(
                name="a.proto", package="p", message_type=[DescriptorProto(name="M")]
            ),
            FileDescriptorProto(
                name="b.proto", package="p", message_type=[DescriptorProto(name="M")]
            ),
        ]
    )
    path = tmp_path / "x.pb"
    path.write_bytes(broken.SerializeToString())
    (found,) = errors([path])
    assert "p.M is defined here twice" in found


def test_other_files_that_are_called_like_sets_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"hello.proto": GREETER})
    (tmp_path / "model.pb").write_bytes(b"\xff\xff")
    schema = load_schema([tmp_path])
    assert list(schema.services) == ["hello.Greeter"]
    (found,) = schema.findings
    assert (found.code, found.severity) == ("proto.set-skipped", "warning")
    assert found.file == str(tmp_path / "model.pb")
    schema.close()


def test_a_descriptor_set_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "p", {"hello.proto": GREETER})
    path = compiled(tmp_path / "p")
    (tmp_path / "sets").mkdir()
    path.rename(tmp_path / "sets" / "all.protoset")
    schema = load_schema([tmp_path / "sets"])
    assert list(schema.services) == ["hello.Greeter"]
    schema.close()


# ---------------------------------------------------------------- protos nobody here wrote


def test_the_corpus(tmp_path: Path) -> None:
    schema = load_schema([corpus("gripmock")])
    assert len(schema.services) == 11
    for method in schema.methods.values():
        assert method.input.to_json(method.input.new()) == {}
        assert method.output.from_json({}) == method.output.new()
    schema.close()


def test_googles_common_protos() -> None:
    folder = next(root for root in bundled_roots() if (root / "google" / "api").is_dir())
    schema = load_schema([folder / "google"])
    assert "google.longrunning.Operations" in schema.services
    assert len(schema.files) > 50
    for name in schema.files:
        described = schema.file_descriptors(name=name)
        assert described is not None
        assert FileDescriptorProto.FromString(described[0]).name == name
    schema.close()
