"""Query parameters into messages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_grpc.bridge.rules.errors import BindingError
from mockforge_grpc.bridge.rules.fields import MAX_DEPTH
from mockforge_grpc.bridge.rules.query import bind_query
from tests.grpc.bridge.making import library


def bound(query: str, *taken: str) -> Any:
    """The message of ListBooksRequest that a query makes, in its JSON form."""
    kind = library().message_type("library.v1.ListBooksRequest")
    assert kind is not None
    tree: dict[str, Any] = {}
    bind_query(tree, kind.descriptor, query, taken, all_in_body=False)
    return kind.to_json(kind.from_json(tree))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("page_size=3", {"page_size": 3}),
        ("pageSize=-3", {"page_size": -3}),
        ("kinds=NOVEL&kinds=2", {"kinds": ["NOVEL", "PLAY"]}),
        ("numbers=1&numbers=9007199254740993", {"numbers": ["1", "9007199254740993"]}),
        ("filter.text=a+b%26c", {"filter": {"text": "a b&c"}}),
        ("filter.by.name=x&filter.by.born=7", {"filter": {"by": {"name": "x", "born": 7}}}),
        ("filter.words=a&filter.words=", {"filter": {"words": ["a", ""]}}),
        (
            "filter.by.mentor.mentor.name=m",
            {"filter": {"by": {"mentor": {"mentor": {"name": "m"}}}}},
        ),
        ("since=2026-01-02T03:04:05Z", {"since": "2026-01-02T03:04:05Z"}),
        ("within=1.5s", {"within": "1.500s"}),
        ("loaned=true", {"loaned": True}),
        ("loaned=false", {"loaned": False}),
        ("scores[a]=1&scores[b]=2", {"scores": {"a": 1, "b": 2}}),
        ("scores%5Ba.b%5D=1", {"scores": {"a.b": 1}}),
        ("extra=[1,true]", {"extra": [1, True]}),
        ("extra=plain text", {"extra": "plain text"}),
        ('more={"a":null}', {"more": {"a": None}}),
        ("weight=1e3", {"weight": 1000}),
        ("weight=NaN", {"weight": "NaN"}),
        ("weight=-Infinity", {"weight": "-Infinity"}),
        ("exact=TRUE", {"exact": True}),
        ("token=AAE", {"token": "AAE="}),
        ("big=18446744073709551615", {"big": "18446744073709551615"}),
        ("$alt=json&key=abc&alt=media&prettyPrint=true", {}),
    ],
)
def test_parameters_set_the_fields_they_name(query: str, expected: Any) -> None:
    assert bound(query) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("page_size=1.5", "expected an integer"),
        ("page_size=", "expected an integer"),
        ("page_size=99999999999999999999999", "expected an integer"),
        ("weight=heavy", "expected a number"),
        ("exact=maybe", "expected true or false"),
        ("more=[", "expected JSON"),
        ("filter.nothing=1", "no field nothing"),
        ("page_size.x=1", "no fields to name"),
        ("since.seconds=1", "no fields to name"),
        ("scores.a=1", "no fields to name"),
        ("scores[a]=x", "expected an integer"),
        ("page_size[a]=1", "is no map"),
        ("nothing[a]=1", "no field nothing"),
        ("scores[a]=1&scores[a]=2", "2 times"),
        ("parent=x", "taken"),
        ("=x", "no field "),
        ("." * 40 + "=x", f"more than {MAX_DEPTH}"),
        ("filter.by.name=1&filter.by=2", "name its fields"),
    ],
)
def test_parameters_that_fit_nothing_are_refused_by_name(query: str, said: str) -> None:
    with pytest.raises(BindingError) as caught:
        bound(query, "parent")
    assert said in str(caught.value)
    assert query.partition("=")[0].partition("[")[0][:20] in str(caught.value)


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    values: dict[str, Any] = {
        "parent": _TEXT,
        "page_size": st.integers(-(2**31), 2**31 - 1),
        "numbers": st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=3),
        "kinds": st.lists(st.sampled_from(["NOVEL", "PLAY"]), min_size=1, max_size=3),
        "filter.text": _TEXT,
        "filter.by.name": _TEXT,
        "filter.words": st.lists(_TEXT, min_size=1, max_size=3),
        "weight": st.floats(allow_nan=False, allow_infinity=False),
        "exact": st.booleans(),
        "big": st.integers(0, 2**64 - 1),
    }
    names = draw(st.lists(st.sampled_from(sorted(values)), unique=True))
    return {name: draw(values[name]) for name in names}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@settings(max_examples=150, deadline=None)
@given(requests())
def test_what_is_written_as_a_query_is_read_back(fields: dict[str, Any]) -> None:
    pairs = [
        (name, _text(each))
        for name, value in fields.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    kind = library().message_type("library.v1.ListBooksRequest")
    assert kind is not None
    expected = kind.new()
    for name, value in fields.items():
        *way, last = name.split(".")
        message: Any = expected
        for step in way:
            message = getattr(message, step)
        if last == "kinds":
            message.kinds.extend({"NOVEL": 1, "PLAY": 2}[each] for each in value)
        elif isinstance(value, list):
            getattr(message, last).extend(value)
        else:
            setattr(message, last, value)
    tree: dict[str, Any] = {}
    bind_query(tree, kind.descriptor, urlencode(pairs), (), all_in_body=False)
    made = kind.from_json(tree)
    assert kind.to_json(made, defaults=True) == kind.to_json(expected, defaults=True)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="filterbynamewordsscores.[]=&%a1+", max_size=40))
def test_any_query_is_read_or_refused(query: str) -> None:
    kind = library().message_type("library.v1.ListBooksRequest")
    assert kind is not None
    tree: dict[str, Any] = {}
    try:
        bind_query(tree, kind.descriptor, query, ("parent",), all_in_body=False)
    except BindingError:
        return
    assert set(tree) <= {field.name for field in kind.descriptor.fields} - {"parent"}
