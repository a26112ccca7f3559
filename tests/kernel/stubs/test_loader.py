"""Reading stubs: what is taken, and what is said about what is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.findings import Finding
from mockforge.mocking.stubs import (
    Definition,
    LoadLimits,
    StubError,
    StubErrors,
    StubSet,
)
from mockforge.mocking.stubs.loader import MAX_ERRORS
from mockforge.structured import Limits
from tests.kernel.stubs.kit import Plain, chosen, ids, load, stub_set

ONE = "request: {path: /a}\n"


def errors(*paths: Path, **options: Any) -> list[str]:
    """The problems with what is at ``paths``, a line each, hint included."""
    with pytest.raises(StubError) as caught:
        load(*paths, **options)
    found = caught.value.errors if isinstance(caught.value, StubErrors) else [caught.value]
    return [f"{each} ({each.hint})" if each.hint else str(each) for each in found]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# ------------------------------------------------------------------ what is taken


def test_a_file_holds_one_stub_or_a_list(tmp_path: Path) -> None:
    write(tmp_path, "one.yaml", ONE)
    write(
        tmp_path, "two.json", json.dumps([{"request": {"path": "/b"}}, {"request": {"path": "/c"}}])
    )
    stubs = load(tmp_path)
    assert ids(stubs) == ["one", "two#1", "two#2"]
    assert chosen(stubs, "/c") == "two#2"


def test_folders_are_read_to_the_bottom_but_for_names_with_a_dot_or_underscore(
    tmp_path: Path,
) -> None:
    for name in (
        "b/deep/er.yml",
        "a.yaml",
        "__files/body.json",
        ".git/x.yaml",
        "_notes.yaml",
        "a.txt",
    ):
        write(tmp_path, name, ONE if name.endswith(("ml", "yaml")) else "[]")
    assert ids(load(tmp_path)) == ["a", "b/deep/er"]


def test_each_stub_knows_its_place(tmp_path: Path) -> None:
    listed = write(
        tmp_path, "l.yaml", "# note\n- id: x\n  request: {path: /x}\n- request: {path: /y}\n"
    )
    text = '[\n  {"request": {"path": "/p"}}, {"request":\n {"path": "/q"}}\n , \t{"request": {}}]'
    packed = write(tmp_path, "p.json", text)
    single = write(tmp_path, "s.yaml", ONE)
    places = {stub.id: str(stub.place) for stub in load(tmp_path)}
    assert places == {
        "x": f"{listed}:2:3 ([0])",
        "l#2": f"{listed}:4:3 ([1])",
        "p#1": f"{packed}:2:3 ([0])",
        "p#2": f"{packed}:2:32 ([1])",
        "p#3": f"{packed}:4:5 ([2])",
        "s": f"{single}:1:1",
    }


def test_a_stub_keeps_its_definition_as_written(tmp_path: Path) -> None:
    write(
        tmp_path,
        "one.yaml",
        "request: {path: /a}\nresponse: {n: 1.5, t: [x, null]}\ntags: [a, b]\n",
    )
    (stub,) = load(tmp_path)
    assert stub.definition == {
        "request": {"path": "/a"},
        "response": {"n": 1.5, "t": ["x", None]},
        "tags": ["a", "b"],
    }
    assert stub.tags == ("a", "b")
    stub.definition["request"]["path"] = "/b"
    assert stub.definition["request"]["path"] == "/a"


def test_later_files_are_newer(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", ONE)
    write(tmp_path, "b.yaml", ONE)
    assert chosen(load(tmp_path), "/a") == "b"


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "# nothing yet\n")
    assert len(load(tmp_path)) == 0


# ------------------------------------------------------------------ what is said


def test_everything_wrong_is_told_at_once_with_its_place_and_the_nearest_key(
    tmp_path: Path,
) -> None:
    first = write(
        tmp_path,
        "a.yaml",
        """\
- id: one
  prioriti: 1
  request: {path: /a, headrs: {}}
- requst: {path: /b}
- request: {path: /c}
  websocket: {path: /c}
- times: 0
  priority: high
  enabled: perhaps
  tags: 7
  scenario: {nam: x}
  request: {}
- just text
""",
    )
    second = write(tmp_path, "b.json", '{"request": {"path": "/a?x=1"}}')
    third = write(tmp_path, "c.yaml", "request: {path: /a\n")
    assert errors(tmp_path) == [
        f"{first}:2:3 ([0].prioriti): unknown key 'prioriti' (did you mean priority?)",
        f"{first}:3:23 ([0].request.headrs): unknown key 'headrs' (did you mean headers?)",
        f"{first}:4:3 ([1].requst): unknown key 'requst' (did you mean request?)",
        (
            f"{first}:6:3 ([2].websocket): has request and websocket: a stub belongs to one protocol "
            "(make a stub for each)"
        ),
        f"{first}:8:3 ([3].priority): must be a whole number from -2147483647, not text",
        f"{first}:9:3 ([3].enabled): must be true or false, not text",
        f"{first}:7:3 ([3].times): must be a whole number from 1, not 0",
        f"{first}:10:3 ([3].tags): must be a list of up to 50 texts",
        f"{first}:11:14 ([3].scenario.nam): unknown key 'nam' (did you mean name?)",
        f"{first}:11:3 ([3].scenario): missing key 'name'",
        f"{first}:13:3 ([4]): a stub is a mapping, not text",
        (
            f"{second}:1:14 (request.path): a path has no query: '/a?x=1' (give the parameters under "
            "`query`)"
        ),
        f"{third}:2:1: not valid YAML: did not find expected ',' or '}}'",
    ]


def test_the_key_path_of_a_wrong_predicate_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, "a.yaml", "- request:\n    path: {matchs: /a}\n")
    (problem,) = errors(tmp_path)
    assert problem.startswith(f"{file}:2:12 ([0].request.path.matchs): ")
    assert "matches" in problem


def test_an_id_given_twice_names_both_places(tmp_path: Path) -> None:
    first = write(tmp_path, "a.yaml", "id: pet\n" + ONE)
    second = write(tmp_path, "b.yaml", ONE + "id: pet\n")
    assert errors(tmp_path) == [
        (
            f"{second}:2:1 (id): the id 'pet' is taken already by {first}:1:1 (give each stub an id of "
            "its own)"
        )
    ]


def test_a_key_given_twice_is_told_with_all_else(tmp_path: Path) -> None:
    file = write(tmp_path, "a.json", '{"request": {}, "tims": 1, "request": {}}')
    assert errors(tmp_path) == [
        (
            f"{file}:1:28 (request): the key 'request' is given twice, first on line 1 (remove one of the "
            "two)"
        ),
        f"{file}:1:17 (tims): unknown key 'tims' (did you mean times?)",
    ]


def test_a_stub_that_says_nothing_of_what_it_answers(tmp_path: Path) -> None:
    file = write(tmp_path, "a.yaml", "response: {}\n")
    assert errors(file) == [
        f"{file}:1:1: says nothing of what it answers: missing key request or websocket"
    ]


def test_stubs_of_a_protocol_that_takes_no_part_are_passed_over(tmp_path: Path) -> None:
    file = write(
        tmp_path, "a.yaml", "- grpc: {method: a.B/C}\n  anything: 1\n- request: {path: /a}\n"
    )
    assert ids(load(file)) == ["a#2"]
    with pytest.raises(StubError, match="no server for stubs with the key 'grpc'"):
        stub_set().put({"grpc": {}})


@pytest.mark.parametrize("name", ["none.yaml", "folder"])
def test_a_path_that_is_not_there(tmp_path: Path, name: str) -> None:
    (problem,) = errors(tmp_path / name)
    assert problem.endswith("no such file or directory (check the path)")


def test_reading_stops_after_many_errors(tmp_path: Path) -> None:
    write(tmp_path, "a.json", json.dumps([7] * 1000))
    assert len(errors(tmp_path)) == MAX_ERRORS


# ------------------------------------------------------------------ limits


def test_more_stubs_than_allowed_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "a.json", json.dumps([{"request": {}}] * 5))
    assert len(load(file, max_stubs=5)) == 5
    assert errors(file, max_stubs=4) == [
        f"{file}:1:70 ([4]): more than 4 stubs (raise http.max_stubs)"
    ]


def test_more_files_than_allowed_are_refused(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, f"{number}.yaml", ONE)
    limits = LoadLimits(files=4)
    assert errors(tmp_path, limits=limits) == [
        f"{tmp_path / '4.yaml'}: more than 4 stub files (put many stubs into one file as a list)"
    ]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "a.yaml", ONE + "#" * 1000)
    assert errors(file, limits=LoadLimits(file=Limits(size=500))) == [
        f"{file}: larger than 500 bytes"
    ]


def test_putting_more_than_allowed_is_refused() -> None:
    stubs = stub_set({"id": "a", "request": {}}, max_stubs=2)
    stubs.put({"request": {}})
    with pytest.raises(StubError, match="2 stubs already"):
        stubs.put({"request": {}})
    stubs.put({"id": "a", "request": {"path": "/new"}})
    assert len(stubs) == 2


# ------------------------------------------------------------------ other formats


def test_a_folder_of_another_format_is_read_by_whoever_knows_it(tmp_path: Path) -> None:
    write(tmp_path, "own/a.yaml", ONE)
    foreign = write(tmp_path, "theirs/mappings/m.json", "not ours")
    write(tmp_path, "theirs/other.yaml", "not ours")

    def reader(folder: Path, findings: list[Finding]) -> Iterable[Definition] | None:
        if not (folder / "mappings").is_dir():
            return None
        findings.append(Finding("foreign.odd", "a little odd", "warning"))
        return [Definition({"request": {"path": "/m"}}, foreign, 1, 1)]

    stubs = load(tmp_path, foreign=[reader])
    assert ids(stubs) == ["own/a", "m"]
    assert str(stubs.get("m").place) == f"{foreign}:1:1"  # type: ignore[union-attr]
    assert [finding.code for finding in stubs.findings] == ["foreign.odd"]

    def broken(folder: Path, findings: list[Finding]) -> Iterable[Definition] | None:
        if folder.name != "theirs":
            return None
        raise StubError("cannot be read")

    assert errors(tmp_path, foreign=[broken]) == ["cannot be read"]


# ------------------------------------------------------------------ at run time


def test_what_is_put_is_checked_like_what_is_read() -> None:
    stubs = stub_set()
    with pytest.raises(StubErrors, match=r"stub x: tims: unknown key 'tims'") as caught:
        stubs.put({"id": "x", "tims": 1, "request": {"pth": "/"}})
    assert len(caught.value.errors) == 2
    assert len(stubs) == 0


def test_putting_the_same_id_replaces() -> None:
    stubs = stub_set({"id": "a", "request": {"path": "/a"}})
    stubs.put({"id": "a", "request": {"path": "/b"}})
    assert chosen(stubs, "/a") is None
    assert chosen(stubs, "/b") == "a"


def test_what_was_put_does_not_change_with_the_callers_mapping() -> None:
    definition: dict[str, Any] = {"id": "a", "request": {"path": "/a"}, "response": {"x": [1]}}
    stub = stub_set().put(definition)
    definition["response"]["x"].append(2)
    assert stub.action == {"x": [1]}


def test_reset_goes_back_to_the_files(tmp_path: Path) -> None:
    written = [
        {"id": "kept", "request": {"path": "/k"}, "times": 1},
        {"id": "gone", "request": {"path": "/g"}},
        {"id": "new", "request": {"path": "/n"}},
    ]
    write(tmp_path, "a.json", json.dumps(written))
    stubs = load(tmp_path)
    stubs.put({"id": "extra", "request": {"path": "/e"}})
    stubs.put({"id": "new", "request": {"path": "/other"}})
    stubs.remove("gone")
    assert stubs.select("plain", "GET", "/k", ()) is not None
    stubs.reset()
    assert sorted(ids(stubs)) == ["gone", "kept", "new"]
    assert [chosen(stubs, path) for path in ("/k", "/g", "/n", "/e", "/other")] == [
        "kept",
        "gone",
        "new",
        None,
        None,
    ]


# ------------------------------------------------------------------ any input

T = TypeVar("T")


def checked(made: Callable[[], T]) -> T | None:
    """What ``made`` gives, or None where it raises StubError and says why."""
    try:
        return made()
    except StubError as error:
        if not str(error):
            raise AssertionError("an error without words") from error
        return None


def strays(stubs: StubSet | None) -> list[str]:
    """The names of stubs that are not found by them."""
    return [] if stubs is None else [stub.id for stub in stubs if stubs.get(stub.id) is not stub]


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.text(max_size=6),
                st.sampled_from(
                    (
                        "request",
                        "path",
                        "method",
                        "headers",
                        "id",
                        "times",
                        "scenario",
                        "name",
                        "tags",
                        "priority",
                        "enabled",
                        "matches",
                        "equals",
                        "anyOf",
                        "websocket",
                        "when",
                    )
                ),
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)


TEXTS = st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=60), TEXTS), st.sampled_from((".yaml", ".json")))
def test_any_bytes_are_stubs_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    file = tmp_path_factory.getbasetemp() / f"any{suffix}"
    file.write_bytes(content)
    assert strays(checked(lambda: load(file))) == []


@settings(max_examples=150, deadline=None)
@given(VALUES, st.booleans())
def test_any_values_are_stubs_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, value: Any, wrapped: bool
) -> None:
    if wrapped:
        value = {"request": value}
    file = tmp_path_factory.getbasetemp() / "value.json"
    file.write_text(json.dumps(value))
    assert strays(checked(lambda: load(file))) == []


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), VALUES)
def test_any_mapping_can_be_put_or_is_an_error(more: dict[str, Any], asked: Any) -> None:
    stubs = StubSet([Plain()])
    stub = checked(lambda: stubs.put({**more, "request": asked}))
    assert ids(stubs) == ([] if stub is None else [stub.id])


def test_what_no_file_could_say_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    for odd in (object(), b"bytes", {1, 2}, loop, deep):
        with pytest.raises(StubError):
            stub_set().put({"request": {}, "response": odd})


def test_numbers_that_json_does_not_have_are_mistakes_wherever_they_stand(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "odd.yaml",
        "request: {path: /a}\nresponse:\n  status: 200\n  json: {a: [1, .nan], b: -.inf, c: NaN}\n",
    )
    assert errors(file) == [
        f"{file}:4:17 (response.json.a[1]): nan is no number of JSON (write null, or put it in quotes)",
        f"{file}:4:24 (response.json.b): -inf is no number of JSON (write null, or put it in quotes)",
    ]
    with pytest.raises(StubError, match="inf is no number of JSON"):
        stub_set({"request": {"path": "/a", "body": {"a": float("inf")}}})
