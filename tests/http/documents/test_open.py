"""Opening: what is accepted, what is refused, and how it is said."""

from __future__ import annotations

import codecs
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockforge.errors import DocumentError, ExitCode
from mockforge_http.documents import Limits, open_document

from .making import PET, api, write


def refusal(path: Path, **options: Any) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        open_document(path, **options)
    return caught.value


@pytest.mark.parametrize(
    ("version", "known", "dialect"),
    [
        ("2.0", "2.0", "oas2"),
        ("3.0.0", "3.0", "oas3.0"),
        ("3.0.4", "3.0", "oas3.0"),
        ("3.1.1", "3.1", "2020-12"),
        ("3.2.0", "3.2", "2020-12"),
        ("3.1", "3.1", "2020-12"),
        ("3.1.0-rc1", "3.1", "2020-12"),
    ],
)
@pytest.mark.parametrize("notation", ["json", "yaml"])
def test_every_version_opens(
    tmp_path: Path, version: str, known: str, dialect: str, notation: str
) -> None:
    dump = json.dumps if notation == "json" else yaml.safe_dump
    path = write(tmp_path, {f"api.{notation}": dump(api(version))})
    with open_document(path) as document:
        assert (document.version, document.dialect, document.title) == (known, dialect, "Pets")
        assert document.path == path
        assert document.files == (path,)
        assert document.root["info"] == {"title": "Pets", "version": "1"}
        assert not document.root.keys() & {"paths", "components"}


START = b'{"openapi": "3.1.0", "paths": {}, "x": '
UNREADABLE = "cannot be read as JSON: "
NOT_UTF8 = "is not UTF-8 text: byte 0xe9 has no meaning here"
LOOKS = "is not an OpenAPI document; it looks like "


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.yaml", b"", "is empty"),
        ("a.yaml", b"# nothing\n", "is empty"),
        ("a.yaml", b"openapi: 3.1.0\npaths: [\n", "is not YAML: did not find expected node content"),
        ("a.json", b'{"openapi": "3.1.0",\n "paths": }', "is not JSON: invalid character"),
        ("a.json", b'{"openapi": "3.1.0"', "is not JSON: it ends too early"),
        ("a.json", b'{"a": "x\\ud800y"}', r"is not JSON: \ud800 is half of a character"),
        ("a.json", b'{"openapi": "3.1.0"} {}', "is not JSON: trailing characters"),
        ("a.yaml", b"- openapi: 3.1.0\n", "is not an OpenAPI document: it holds no object at its top"),
        ("a.yaml", b"hello\n", "is not an OpenAPI document: it holds no object at its top"),
        ("a.yaml", b"a: 1\n", "is not an OpenAPI document: it has neither `openapi` nor `swagger`"),
        ("a.json", b'{"asyncapi": "3.0.0"}', LOOKS + "an AsyncAPI document"),
        ("a.json", b'{"$schema": "x", "type": "object"}', LOOKS + "a JSON Schema"),
        ("a.json", b'{"log": {"entries": []}}', LOOKS + "an HTTP archive (HAR)"),
        ("a.yaml", b"apiVersion: v1\nkind: Pod\n", LOOKS + "a Kubernetes manifest"),
        ("a.json", b'{"swaggerVersion": "1.2"}', LOOKS + "a Swagger 1.x document"),
        ("a.yaml", b"<!DOCTYPE html><html>", "is not JSON or YAML; it looks like an HTML page"),
        ("a.json", b"<?xml version='1.0'?>", "is not JSON or YAML; it looks like an XML file"),
        ("a.yaml", b"#%RAML 1.0\ntitle: x\n", "is not JSON or YAML; it looks like a RAML document"),
        ("a.yaml", b"openapi: 4.0.0\npaths: {}\n", "openapi version '4.0.0' is not supported"),
        ("a.yaml", b"swagger: '1.2'\npaths: {}\n", "swagger version '1.2' is not supported"),
        ("a.yaml", b"swagger: '3.0'\npaths: {}\n", "swagger version '3.0' is not supported"),
        ("a.yaml", b"openapi: '2.0'\npaths: {}\n", "openapi version '2.0' is not supported"),
        ("a.yaml", b"openapi: [3]\npaths: {}\n", "`openapi` is not a version: [3]"),
        ("a.yaml", b"openapi: 3.0.1\ninfo: {}\n", "has no `paths`"),
        ("a.yaml", b"openapi: 3.1.1\ninfo: {}\n", "has none of paths, webhooks, components"),
        ("a.yaml", b"openapi: 3.1.1\npaths: []\n", "`paths` is not an object"),
        ("a.yaml", b"openapi: 3.1.1\npaths:\n", "`paths` is not an object"),
        ("a.yaml", codecs.BOM_UTF16_LE + "openapi: 3.1.0".encode("utf-16-le"), "is UTF-16 text"),
        ("a.yaml", "openapi: 3.1.0".encode("utf-16-le"), "is UTF-16 text without a byte order mark"),
        ("a.yaml", codecs.BOM_UTF32_LE + "openapi".encode("utf-32-le"), "is UTF-32 text"),
        ("a.yaml", b"openapi: 3.1.0\ninfo: {title: caf\xe9}\n", NOT_UTF8),
        ("a.yaml", b"PK\x03\x04\x14\x00", "is a ZIP archive, not an API description"),
        ("a.json", b"\x00\x01\x02\x03", "is a binary file, not an API description"),
        ("a.json", b'{"openapi": "3.1.0", "paths": {}, "x": 1e999}', UNREADABLE + "number out of range"),
        ("a.json", START + b"1" * 5000 + b"}", UNREADABLE + "integer value out of range"),
    ],
)  # fmt: skip
def test_what_is_no_usable_document_is_told_why(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = write(tmp_path, {name: content})
    error = refusal(path)
    assert error.message == message
    assert error.place is not None
    assert error.place.file == str(path)
    assert error.exit_code is ExitCode.NOT_STARTED


@pytest.mark.parametrize(
    ("name", "content", "line", "column"),
    [
        ("a.yaml", b"openapi: 3.1.0\ninfo: {title: caf\xc3\xa9 \xe9}\n", 2, 20),
        ("a.json", b'{"a": "\xc3\xa9",\n "\xc3\xa9": x}', 2, 7),
        ("a.json", b'\xef\xbb\xbf{"a": x}', 1, 7),
        ("a.json", b'{"a": 1,\n "b": "\\ud800x"}', 2, 8),
        ("a.yaml", b"openapi: 4.0.0\npaths: {}\n", 1, 1),
    ],
)
def test_the_place_counts_characters(
    tmp_path: Path, name: str, content: bytes, line: int, column: int
) -> None:
    place = refusal(write(tmp_path, {name: content})).place
    assert place is not None
    assert (place.line, place.column) == (line, column)


def test_bytes_that_break_a_character_far_into_the_file_are_placed(tmp_path: Path) -> None:
    text = "openapi: 3.1.0\n" + "# é\n" * 200_000
    path = write(tmp_path, {"a.yaml": text.encode() + b"x: \xc3\n"})
    place = refusal(path).place
    assert place is not None
    assert (place.line, place.column) == (200_002, 4)


def test_a_byte_order_mark_of_utf8_is_fine(tmp_path: Path) -> None:
    for name, text in (("a.json", json.dumps(api())), ("a.yaml", yaml.safe_dump(api()))):
        with open_document(write(tmp_path, {name: codecs.BOM_UTF8 + text.encode()})) as document:
            assert document.title == "Pets"


def test_yaml_in_flow_style_may_start_like_json(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.yaml": "{openapi: 3.1.0, # note\n info: {title: Pets}, paths: {}}"})
    with open_document(path) as document:
        assert document.title == "Pets"


def test_a_missing_file_is_told_with_its_likely_name(tmp_path: Path) -> None:
    write(tmp_path, {"petstore.yaml": ""})
    error = refusal(tmp_path / "petstor.yaml")
    assert error.message == "no such file"
    assert error.hint == "did you mean petstore.yaml?"
    assert "does not exist" in str(refusal(tmp_path / "nowhere" / "a.yaml").hint)


def test_a_folder_is_told_with_the_document_in_it(tmp_path: Path) -> None:
    write(tmp_path, {"api/openapi.yaml": "openapi: 3.1.0"})
    error = refusal(tmp_path / "api")
    assert error.message == "is a folder"
    assert error.hint == f"give the document in it: {tmp_path / 'api' / 'openapi.yaml'}"


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    fifo = tmp_path / "a.yaml"
    os.mkfifo(fifo)
    assert refusal(fifo).message == "is not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.yaml": "openapi: 3.1.0"})
    path.chmod(0)
    assert refusal(path).message == "cannot be read: Permission denied"


def test_a_name_with_a_nul_character_is_an_error(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "a\0b").message


# -------------------------------------------------------------------- bounds


def test_the_size_of_a_file_is_bounded(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": api()})
    size = path.stat().st_size
    with open_document(path, limits=Limits(file_bytes=size)):
        pass
    error = refusal(path, limits=Limits(file_bytes=size - 1))
    assert error.message == f"has {size:,} bytes, more than the {size - 1:,} allowed"


def test_the_size_of_all_files_is_bounded(tmp_path: Path) -> None:
    one = api(components={"schemas": {"Pet": {"$ref": "pet.json"}}})
    path = write(tmp_path, {"a.json": one, "pet.json": PET})
    total = sum(file.stat().st_size for file in tmp_path.iterdir())
    with open_document(path, limits=Limits(total_bytes=total)):
        pass
    error = refusal(path, limits=Limits(total_bytes=total - 1))
    assert "more than the" in error.message
    assert error.place is not None
    assert error.place.file == str(tmp_path / "pet.json")


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "a.json": api(components={"schemas": {"Pet": {"$ref": "1.json"}}}),
        **{f"{n}.json": {"properties": {"next": {"$ref": f"{n + 1}.json"}}} for n in range(1, 10)},
        "10.json": PET,
    }
    path = write(tmp_path, files)
    with open_document(path, limits=Limits(files=11)) as document:
        assert len(document.files) == 11
    assert "more than the 10 files allowed" in refusal(path, limits=Limits(files=10)).message


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
@pytest.mark.parametrize("levels", [300, 10_000, 1_000_000])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_an_error_in_every_notation(
    tmp_path: Path, name: str, levels: int, left: str, right: str
) -> None:
    inner = left * levels + "1" + right * levels
    path = write(tmp_path, {name: '{"openapi": "3.1.0", "paths": {}, "x-deep": ' + inner + "}"})
    assert refusal(path).message == "is nested more than 256 levels deep"


def test_nesting_that_only_aliases_make_deep_is_an_error(tmp_path: Path) -> None:
    steps = "".join(
        f"x{n}: &x{n} " + "[" * 50 + f"*x{n - 1}" + "]" * 50 + "\n" for n in range(1, 8)
    )
    path = write(tmp_path, {"a.yaml": "openapi: 3.1.0\npaths: {}\nx0: &x0 1\n" + steps})
    assert refusal(path).message == "is nested more than 256 levels deep"


def test_nesting_up_to_the_bound_is_served(tmp_path: Path) -> None:
    deep = json.loads("[" * 250 + "]" * 250)
    with open_document(write(tmp_path, {"a.json": api(**{"x-deep": deep})})) as document:
        assert document.root["x-deep"] == deep


def test_decoded_parts_are_bounded(tmp_path: Path) -> None:
    schemas = {f"S{n}": {"type": "object", "description": "x" * 1000} for n in range(200)}
    path = write(tmp_path, {"a.json": api(components={"schemas": {"Pet": PET, **schemas}})})
    with open_document(path, limits=Limits(decoded_bytes=50_000)) as document:
        idle = document.memory_bytes()
        for n in range(200):
            assert document.value(f"/components/schemas/S{n}")["description"] == "x" * 1000
            assert document.memory_bytes() - idle <= 50_000
        assert document.memory_bytes() - idle > 25_000
        document.shed()
        assert document.memory_bytes() == idle


def test_findings_are_bounded_and_errors_come_first(tmp_path: Path) -> None:
    text = json.dumps(api())[:-1] + "".join(f', "x-{n}": {{"a": 1, "a": 2}}' for n in range(30))
    path = write(tmp_path, {"a.json": text + "}"})
    with open_document(path, limits=Limits(findings=7)) as document:
        assert [f.code for f in document.findings[:7]] == ["document.duplicate-key"] * 7
        assert document.findings[7].message == "23 further findings are not shown"
        assert len(document.findings) == 8
    broken = text + ', "x": {"$ref": "#/nowhere"}}'
    error = refusal(write(tmp_path, {"b.json": broken}), limits=Limits(findings=7))
    assert "leads nowhere" in error.message
    many = json.dumps({**api(), **{f"k{n}": {"$ref": f"#/no{n}"} for n in range(50)}})
    error = refusal(write(tmp_path, {"c.json": many}), limits=Limits(findings=7))
    assert error.message == "$ref #/no0 leads nowhere (and 6 more errors)"


# -------------------------------------------------------------------- oddities that can be served


def test_a_version_without_quotes_is_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.yaml": "swagger: 2.0\ninfo: {title: Pets, version: 1}\npaths: {}\n"})
    with open_document(path) as document:
        assert document.version == "2.0"
        assert [finding.code for finding in document.findings] == [
            "document.version-number",
            "document.no-operations",
        ]
        assert document.findings[0].line == 1


@pytest.mark.parametrize(
    ("text", "pointer", "line"),
    [
        ('{"openapi":"3.1.0",\n"paths":{"/a":{},\n"/b":{},\n"/a":{}}}', "/paths/~1a", 4),
        ('{"openapi":"3.1.0",\n"paths":{},\n"paths":{}}', "/paths", 3),
        ('{"openapi":"3.1.0",\n"paths":{"/a":{"get":{\n"tags":[],\n"tags":[]}}}}', "/paths/~1a/get/tags", 4),
        ('{"openapi":"3.1.0",\n"paths":{"\\/a":{},\n"\\/b":{},\n"\\/a":{}}}', "/paths/~1a", 4),
        ('{"openapi":"3.1.0",\n"paths":{"/\\u00e9":{},\n"/é":{}}}', "/paths/~1é", 3),
    ],
)  # fmt: skip
def test_a_key_given_twice_in_json_is_a_warning(
    tmp_path: Path, text: str, pointer: str, line: int
) -> None:
    with open_document(write(tmp_path, {"a.json": text})) as document:
        found = [f for f in document.findings if f.code == "document.duplicate-key"]
        assert [(f.path, f.line, f.severity) for f in found] == [(pointer, line, "warning")]


@pytest.mark.parametrize(
    "text",
    [
        '{"openapi":"3.1.0","paths":{"\\/a":{},"\\/b":{}},"info":{"title":"\\u00e9\\/\\"a\\":"}}',
        '{"openapi":"3.1.0","paths":{"/\\u00e9":{}},"info":{"a":"\\":","b\\\\":"x"}}',
    ],
)
def test_escapes_are_not_mistaken_for_keys_given_twice(tmp_path: Path, text: str) -> None:
    with open_document(write(tmp_path, {"a.json": text})) as document:
        assert document.findings == ()


def test_a_path_without_a_slash_is_left_out_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": api(paths={"pets": {"get": {}}, "/b": {"get": {}}})})
    with open_document(path) as document:
        assert [ref.template for ref in document.operations()] == ["/b"]
        assert [finding.code for finding in document.findings] == ["document.path-relative"]


def test_values_are_those_of_the_file(tmp_path: Path) -> None:
    values: Any = {"x-a": [1, 2.5, None, True, "é", {"": {"~/": 1}}]}
    whole = api(**values)
    for name, text in (("a.json", json.dumps(whole)), ("a.yaml", yaml.safe_dump(whole))):
        with open_document(write(tmp_path, {name: text})) as document:
            assert document.value("") == whole
            assert document.value("/x-a/5//~0~1") == 1
            with pytest.raises(DocumentError, match="leads nowhere"):
                document.value("/x-a/05")
