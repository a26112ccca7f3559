"""An example that contradicts its schema is mended where it does, and kept everywhere else."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockforge_http.operations.mend import mend

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "owner": {"type": "object", "required": ["age"], "properties": {"age": {"type": "integer"}}},
    },
    "additionalProperties": False,
}  # fmt: skip


def mended(example: Any, valid: Any, schema: Any = PET) -> Any:
    return mend(example, valid, Draft202012Validator(schema).is_valid)


def test_a_valid_example_is_kept_whole() -> None:
    example = {"id": 7, "name": "Rex"}
    assert mended(example, {"id": 1, "name": "x", "tags": ["t"]}) == example


def test_only_what_is_wrong_is_replaced() -> None:
    example = {"id": "7", "name": "Rex", "tags": ["a", 5, "b"], "owner": {"age": "old"}, "x": 1}
    valid = {"id": 1, "name": "x", "tags": ["t"], "owner": {"age": 3}}
    assert mended(example, valid) == {
        "id": 1,
        "name": "Rex",
        "tags": ["a", "b"],
        "owner": {"age": 3},
    }


def test_what_is_missing_is_taken_from_the_generated_value() -> None:
    assert mended({"name": "Rex"}, {"id": 1, "name": "x"}) == {"id": 1, "name": "Rex"}


def test_an_example_of_another_kind_is_left_alone() -> None:
    assert mended("nonsense", {"id": 1, "name": "x"}) == "nonsense"


def test_one_object_in_place_of_a_list_is_its_first_item() -> None:
    schema = {"type": "array", "items": PET}
    assert mended({"id": "7", "name": "Rex"}, [{"id": 1, "name": "x"}] * 2, schema) == [
        {"id": 1, "name": "Rex"}
    ]


def test_null_is_no_example_where_it_is_not_allowed() -> None:
    assert mended(None, {"id": 1, "name": "x"}) == {"id": 1, "name": "x"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "name", "tags", "owner", "age"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(example=JSON.filter(lambda value: isinstance(value, dict)))
@settings(max_examples=200)
def test_the_result_is_always_valid(example: Any) -> None:
    valid = {"id": 1, "name": "x", "tags": ["t"], "owner": {"age": 3}}
    assert Draft202012Validator(PET).is_valid(mended(example, valid))


def test_an_endless_example_costs_a_bounded_number_of_checks() -> None:
    calls = 0

    def accepts(value: Any) -> bool:
        nonlocal calls
        calls += 1
        return bool(value == [0] * 2000)

    mend([1] * 2000, [0] * 2000, accepts)
    assert calls <= 200
