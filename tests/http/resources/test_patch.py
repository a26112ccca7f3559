"""JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902)."""

from __future__ import annotations

import contextlib
import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_http.resources.patch import PatchError, json_patch, merge_patch

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab~/"), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_of_the_specification(target: Any, patch: Any, result: Any) -> None:
    before = deepcopy(target)
    assert merge_patch(target, patch) == result
    assert target == before


@pytest.mark.parametrize(
    ("target", "operations", "result"),
    [  # RFC 6902, appendix A
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
        ({"a": ["b", "c"]}, [{"op": "add", "path": "/a/1", "value": "q"}], {"a": ["b", "q", "c"]}),
        ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
        ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
        (
            {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
            [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
            {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
        ),
        ({"a": [0, 1, 2, 3]}, [{"op": "move", "from": "/a/1", "path": "/a/3"}], {"a": [0, 2, 3, 1]}),
        ({"a": 1}, [{"op": "add", "path": "/b", "value": {"c": {}}}], {"a": 1, "b": {"c": {}}}),
        ({"a": 1}, [{"op": "add", "path": "/b", "value": "q", "xyz": 123}], {"a": 1, "b": "q"}),
        ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
        ({"a": ["b"]}, [{"op": "add", "path": "/a/-", "value": ["c", "d"]}], {"a": ["b", ["c", "d"]]}),
        ({"a": 1}, [{"op": "copy", "from": "", "path": "/b"}], {"a": 1, "b": {"a": 1}}),
        ({"a": 1}, [{"op": "add", "path": "", "value": {"b": 2}}], {"b": 2}),
    ],
)  # fmt: skip
def test_json_patches_of_the_specification(target: Any, operations: Any, result: Any) -> None:
    before = deepcopy(target)
    assert json_patch(target, operations) == result
    assert target == before


@pytest.mark.parametrize(
    ("operation", "conflict"),
    [
        ({"op": "add", "path": "/baz/bat", "value": "qux"}, True),
        ({"op": "remove", "path": "/none"}, True),
        ({"op": "replace", "path": "/none", "value": 1}, True),
        ({"op": "test", "path": "/foo", "value": True}, True),
        ({"op": "add", "path": "/list/4", "value": 1}, True),
        ({"op": "add", "path": "/list/01", "value": 1}, True),
        ({"op": "replace", "path": "/list/-", "value": 1}, True),
        ({"op": "move", "from": "/list", "path": "/list/0"}, False),
        ({"op": "remove", "path": ""}, False),
        ({"op": "add", "path": "/a"}, False),
        ({"op": "add", "path": "a", "value": 1}, False),
        ({"op": "copy", "path": "/a"}, False),
        ({"op": ["add"], "path": "/a", "value": 1}, False),
        ("add", False),
    ],
)
def test_what_does_not_apply_is_a_conflict_and_what_is_malformed_is_not(
    operation: Any, conflict: bool
) -> None:
    with pytest.raises(PatchError, match="operation 0") as caught:
        json_patch({"foo": 1, "list": [1]}, [operation])
    assert caught.value.conflict == conflict


def test_copies_that_double_are_stopped() -> None:
    double = {"op": "copy", "from": "", "path": "/-"}
    with pytest.raises(PatchError, match="values are copied"):
        json_patch([1], [double] * 200)


def test_a_patch_has_so_many_operations_and_no_more() -> None:
    with pytest.raises(PatchError, match="1000 operations"):
        json_patch({}, [{"op": "test", "path": "", "value": {}}] * 1_001)


@settings(max_examples=150, deadline=None)
@given(
    _JSON,
    st.lists(
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"]),
                "path": st.sampled_from(
                    ["", "/a", "/a/b", "/0", "/a/-", "/~1", "/a/0/b", "b", "/01"]
                ),
            },
            optional={"value": _JSON, "from": st.sampled_from(["", "/a", "/b", "/0", 3])},
        )
        | _JSON,
        max_size=6,
    ),
)
def test_any_patch_applies_or_is_refused_and_leaves_its_input_alone(
    target: Any, operations: Any
) -> None:
    before = json.dumps(target)
    with contextlib.suppress(PatchError):
        json.dumps(json_patch(target, operations))
    assert json.dumps(target) == before
