"""Reading JSON and TOML with positions."""

from __future__ import annotations

import pytest

from mockforge.errors import ConfigError, MockForgeError
from mockforge.structured import Kind, Limits, parse_structured

TOML = (
    """# x
a.b = 1
[http]
port = 3 # c
"q.x" = "a#]"
'it"""
    """' = 0
l = [ 1, # x
  {z = 1, y.w=[2]},
]
[[r]]
n=1
[[r]]
n=2
[r.sub]
m = \"\"\"
a = 3 \\\\\"\"\"\"
o = '''b = 4''' # '
d=1979-05-27 07:32:00
e=2
"""
)


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ((), (1, 1)),
        (("a",), (2, 1)),
        (("a", "b"), (2, 3)),
        (("http",), (3, 2)),
        (("http", "port"), (4, 1)),
        (("http", "q.x"), (5, 1)),
        (("http", "it"), (6, 1)),
        (("http", "l", 0), (7, 7)),
        (("http", "l", 1, "z"), (8, 4)),
        (("http", "l", 1, "y", "w", 0), (8, 16)),
        (("r", 0, "n"), (11, 1)),
        (("r", 1, "n"), (13, 1)),
        (("r", 1, "sub", "m"), (15, 1)),
        (("r", 1, "sub", "o"), (17, 1)),
        (("r", 1, "sub", "e"), (19, 1)),
        (("r", 1, "nope"), (12, 3)),
    ],
)
def test_positions_in_toml(path: tuple[str | int, ...], position: tuple[int, int]) -> None:
    doc = parse_structured(TOML, name="f.toml", kind="toml")
    assert doc.position(path) == position


def test_toml_dates_are_text_and_line_ends_do_not_matter() -> None:
    doc = parse_structured(TOML.replace("\n", "\r\n"), name="f.toml", kind="toml")
    assert doc.value["r"][1]["sub"]["d"] == "1979-05-27T07:32:00"
    assert doc.position(("r", 1, "sub", "e")) == (19, 1)


def test_positions_in_json() -> None:
    text = '{"a": 1,\n "b": {"a": [1, {"c": ":,[{\\""}, [], 5], "\\u00e9": null}\n}'
    doc = parse_structured(text, name="f.json", kind="json")
    assert doc.position(("a",)) == (1, 2)
    assert doc.position(("b",)) == (2, 2)
    assert doc.position(("b", "a", 1, "c")) == (2, 18)
    assert doc.position(("b", "a", 2)) == (2, 34)
    assert doc.position(("b", "é")) == (2, 42)
    assert doc.position(("b", "no")) == (2, 2)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("json", '{"a": 1,}', "f.json:1:9: not valid JSON: "),
        ("json", '{"a": 1 "b": 2}', "f.json:1:9: not valid JSON: expecting ',' delimiter"),
        ("json", '{"a": ["NaN",\n -Infinity]}', "f.json:2:2: not valid JSON: -Infinity is not"),
        ("json", '{"a": ' + "1" * 5000 + "}", "f.json:1:7: not valid JSON: 1111"),
        ("json", '{"b": [{"c": 2, "c": 3}]}', "f.json:1:17 (b[0].c): the key 'c' is given twice"),
        ("toml", "a = 1\na = 2", "f.toml:2:6: not valid TOML: cannot overwrite a value"),
        ("toml", "a = 1\nb =", "f.toml:2:4: not valid TOML: invalid value"),
        ("toml", 'a = """', "f.toml:1:8: not valid TOML: "),
    ],
)
def test_what_is_wrong_is_named_with_its_place(kind: Kind, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_structured(text, name=f"f.{kind}", kind=kind)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(("kind", "text"), [("json", "{}"), ("toml", "a = {}")])
@pytest.mark.parametrize("depth", [70, 100_000])
def test_nesting_is_bounded(kind: Kind, text: str, depth: int) -> None:
    deep = text.replace("{}", "[" * depth + "]" * depth)
    with pytest.raises(ConfigError, match="nested deeper than 64 levels"):
        parse_structured(deep, name="f", kind=kind)


@pytest.mark.parametrize("kind", ["json", "toml"])
def test_the_number_of_values_is_bounded(kind: Kind) -> None:
    text = '{"a": [1, 2, 3]}' if kind == "json" else "a = [1, 2, 3]"
    assert parse_structured(text, name="f", kind=kind, limits=Limits(values=5)).value
    with pytest.raises(ConfigError, match="holds more than 4 values"):
        parse_structured(text, name="f", kind=kind, limits=Limits(values=4))


def test_json_duplicates_can_be_collected() -> None:
    problems: list[MockForgeError] = []
    text = '{"a": 1, "a": {"b": 1, "b": 2}}'
    doc = parse_structured(text, name="f.json", kind="json", problems=problems)
    assert doc.value == {"a": {"b": 2}}
    assert [str(problem.place) for problem in problems] == ["f.json:1:10 (a)", "f.json:1:24 (a.b)"]


def test_an_empty_file_holds_nothing() -> None:
    assert parse_structured(" \n", name="f", kind="json").value is None
    assert parse_structured("", name="f", kind="toml").value == {}
