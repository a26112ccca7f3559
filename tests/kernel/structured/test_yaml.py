"""Reading YAML: the scalars of 1.2, positions, merges, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml

from mockforge.errors import ConfigError, MockForgeError, StartError
from mockforge.structured import Limits, Structured, parse_structured


def read(text: str, **options: Any) -> Structured:
    return parse_structured(text, name="f.yaml", kind="yaml", **options)


def refusal(text: str | bytes, **options: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_structured(text, name="f.yaml", kind="yaml", **options)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("12:30:00", "12:30:00"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("-1.5", -1.5),
        (".5", 0.5),
        ("+3", 3),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-.inf", -math.inf),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("'3000'", "3000"),
        ("'true'", "true"),
        ("!!str 3000", "3000"),
        ("! 3000", "3000"),
        ("!!int '3000'", 3000),
        ("!!float 3", 3.0),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    if text == "-":
        text = "'-'"
    found = read(f"key: {text}").value["key"]
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number() -> None:
    assert math.isnan(read("key: .nan").value["key"])


def test_an_empty_value_is_none_and_an_empty_file_too() -> None:
    assert read("http:\n").value == {"http": None}
    assert read("").value is None
    assert read("# only a comment\n").value is None


def test_keys_are_always_text() -> None:
    assert read("200: a\ntrue: b\nnull: c\n'x': d").value == {
        "200": "a",
        "true": "b",
        "null": "c",
        "x": "d",
    }


def test_the_position_of_a_path_is_that_of_its_key_or_list_item() -> None:
    doc = read("http:\n  port: 3000\n  routes:\n    - status: 1\n    - {status: 2, é: 3}\n")
    assert doc.position(()) == (1, 1)
    assert doc.position(("http", "port")) == (2, 3)
    assert doc.position(("http", "routes", 0)) == (4, 7)
    assert doc.position(("http", "routes", 1, "status")) == (5, 8)
    assert doc.position(("http", "routes", 1, "é")) == (5, 19)
    assert str(doc.place(("http", "routes", 1))) == "f.yaml:5:7 (http.routes[1])"


def test_a_path_that_is_not_there_has_the_position_of_what_is_above_it() -> None:
    doc = read("a: 1\nhttp:\n  port: 3000\n")
    assert doc.position(("http", "prot", "x")) == (2, 1)
    assert doc.position(("http", "port", 3)) == (3, 3)
    assert doc.position((7,)) == (1, 1)


def test_an_alias_has_its_own_position_and_shares_what_is_below() -> None:
    doc = read("a: &x\n  port: 1\nb: *x\n")
    assert doc.value == {"a": {"port": 1}, "b": {"port": 1}}
    assert doc.position(("b",)) == (3, 1)
    assert doc.position(("b", "port")) == (2, 3)


def test_merge_keys_bring_what_is_not_given() -> None:
    doc = read("a: &a {p: 1, q: 2}\nb: &b {q: 3, r: 4}\nc:\n  <<: [*a, *b]\n  p: 9\n")
    assert doc.value["c"] == {"p": 9, "q": 2, "r": 4}
    assert doc.position(("c", "r")) == (2, 14)


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert read("'<<': {a: 1}").value == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1 (a): the key 'a' is given twice, first on line 1"),
        ("x:\n - {k: 1, k: 2}", "f.yaml:2:11 (x[0].k): the key 'k' is given twice"),
        ("a: b: c", "f.yaml:1:5: not valid YAML: mapping values are not allowed"),
        ("a: [1", "f.yaml:"),
        ("a: *x", "f.yaml:1:4 (a): the alias *x refers to an anchor that is not above it"),
        ("a: &x [*x]", "f.yaml:1:8 (a[0]): the alias *x stands inside what it refers to"),
        ("? [a]\n: 1", "f.yaml:1:3: a key must be text"),
        ("a: !!python/name:os.system x", "the tag !!python/name:os.system is not supported"),
        ("a: !mine {}", "f.yaml:1:4 (a): the tag !mine is not supported"),
        ("a: !!int x", "f.yaml:1:4 (a): 'x' is not what the tag !!int says"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: a second document starts here"),
        ("a: " + "1" * 5000, "f.yaml:1:4 (a): the number is too long"),
        ("a: 1\nb: \x07", "f.yaml:2:4: not valid YAML: the control character U+0007"),
        ("a: {<<: 3}", "the merge key << takes a mapping"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, message: str) -> None:
    assert message in str(refusal(text))


def test_a_tab_is_named_in_the_hint() -> None:
    error = refusal("a:\n\tb: 1")
    assert str(error.place) == "f.yaml:2:1"
    assert error.hint == "YAML indents with spaces; there is a tab here"


def test_bytes_that_are_not_utf8_are_placed() -> None:
    assert str(refusal("a: 1\né: ".encode() + b"\xff")).startswith("f.yaml:2:4: not UTF-8 text")


def test_a_byte_order_mark_is_skipped() -> None:
    doc = parse_structured(b"\xef\xbb\xbfa: 1", name="f.yaml", kind="yaml")
    assert doc.value == {"a": 1}
    assert doc.position(("a",)) == (1, 1)


def test_nesting_is_bounded_exactly() -> None:
    limits = Limits(depth=5)
    assert read("[" * 5 + "]" * 5, limits=limits).value == [[[[[]]]]]
    assert str(refusal("[" * 6 + "]" * 6, limits=limits)) == (
        "f.yaml:1:6: nested deeper than 5 levels"
    )
    assert "nested deeper" in str(refusal("[" * 100_000))
    assert "nested deeper" in str(refusal("- " * 100_000))


def test_size_is_bounded() -> None:
    assert "larger than 10 bytes" in str(refusal(b"a: 12345678", limits=Limits(size=10)))


def test_the_number_of_values_is_bounded() -> None:
    limits = Limits(values=10)
    assert len(read("[" + "1," * 9 + "]", limits=limits).value) == 9
    assert "holds more than 10 values" in str(refusal("[" + "1," * 10 + "]", limits=limits))


def test_aliases_count_as_what_they_stand_for() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "values, aliases expanded" in str(refusal(bomb))


def test_merges_count_as_what_they_bring() -> None:
    wide = "a: &a {" + ",".join(f"k{n}: 1" for n in range(50)) + "}\n"
    assert "aliases expanded" in str(refusal(wide + "b: {<<: *a}", limits=Limits(values=120)))


def test_duplicate_keys_can_be_collected() -> None:
    problems: list[MockForgeError] = []
    assert read("a: 1\na: 2\nb: {c: 1, c: 2}", problems=problems).value == {"a": 2, "b": {"c": 2}}
    assert [str(problem.place) for problem in problems] == ["f.yaml:2:1 (a)", "f.yaml:3:11 (b.c)"]


def test_the_caller_chooses_the_error() -> None:
    with pytest.raises(StartError):
        read("a: [", error=StartError)


def test_without_libyaml_the_same_is_read_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockforge.structured.from_yaml._LOADER", yaml.SafeLoader)
    doc = read("a: &x {on: off, é: [1e3, 'x']}\nb:\n  <<: *x\n  c: |\n    text\n")
    assert doc.value == {
        "a": {"on": "off", "é": [1000.0, "x"]},
        "b": {"on": "off", "é": [1000.0, "x"], "c": "text\n"},
    }
    assert doc.position(("a", "é", 1)) == (1, 26)
    assert str(refusal("a: 1\n\tb: 2").place) == "f.yaml:2:1"
    assert "nested deeper" in str(refusal("[" * 1000))
