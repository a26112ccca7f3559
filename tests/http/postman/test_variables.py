"""What stands in double braces."""

from __future__ import annotations

import pytest

from mockforge.errors import DocumentError
from mockforge_http.postman.reading import MOST_EXPANDED, Reading
from mockforge_http.postman.variables import DYNAMIC, Scope

from .making import collection, converted, item


def scope(**values: str) -> Scope:
    return Scope(values, Reading("pets.json"))


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("{{a}}", "1"),
        ("x{{a}}y{{b}}", "x1y1!"),
        ("{{ a }}", "1"),
        ("{{unknown}}", "{{unknown}}"),
        ("{{empty}}", "{{empty}}"),
        ("{{self}}", "{{self}}"),
        ("{{ping}}", "{{ping}}"),
        ("{{a", "{{a"),
        ("{a}", "{a}"),
        ("{{{a}}}", "{1}"),
        ("{{}}", "{{}}"),
        ("{{$guid}}", DYNAMIC["$guid"]),
        ("{{$randomNothing}}", "{{$randomNothing}}"),
    ],
)
def test_variables_with_a_value_are_put_in(text: str, expanded: str) -> None:
    values = {"a": "1", "b": "{{a}}!", "empty": "", "self": "{{self}}"}
    assert scope(**values, ping="{{pong}}", pong="{{ping}}").text(text) == expanded


def test_dynamic_variables_can_be_left_alone() -> None:
    assert scope().text("{{$guid}}", dynamic=False) == "{{$guid}}"


def test_a_chain_of_variables_ends() -> None:
    chain = {f"v{n}": f"{{{{v{n + 1}}}}}" for n in range(100)}
    assert scope(**chain).text("{{v0}}").startswith("{{v")


def test_variables_that_multiply_are_refused() -> None:
    values = {f"v{n}": f"{{{{v{n + 1}}}}}" * 50 for n in range(7)}
    laughs = [{"key": key, "value": value} for key, value in {**values, "v7": "ha"}.items()]
    with pytest.raises(DocumentError) as caught:
        converted(
            collection(item("/pets", header=[{"key": "X", "value": "{{v0}}"}]), variable=laughs)
        )
    assert caught.value.message == (
        f"its variables expand to more than {MOST_EXPANDED:,} characters"
    )
    assert str(caught.value.place) == "pets.json (/variable)"


def test_a_large_variable_used_often_is_refused() -> None:
    large = [{"key": "v", "value": "x" * (1024**2)}]
    many = [item(f"/{n}", header=[{"key": "X", "value": "{{v}}"}]) for n in range(17)]
    with pytest.raises(DocumentError, match="expand"):
        converted(collection(*many, variable=large))
    converted(collection(*many[:15], variable=large))


def test_version_2_0_calls_the_variables_variables() -> None:
    made, _ = converted(collection(item("/{{v}}"), variables=[{"id": "v", "value": "x"}]))
    assert list(made["paths"]) == ["/x"]


def test_values_that_are_no_text_count_as_they_are_written() -> None:
    values = [
        {"key": "n", "value": 7.5},
        {"key": "b", "value": True},
        {"key": "none", "value": None},
    ]
    made, _ = converted(collection(item("/{{n}}/{{b}}/{{none}}"), variable=values))
    assert list(made["paths"]) == ["/7.5/true/{none}"]
