"""``form`` and ``multipart``."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.mocking.matching import PredicateError, compile_predicate
from tests.kernel.matching.checks import body, holds
from tests.kernel.matching.test_content import multipart

FORM = body("a=1&a=2&b=x%20y", "application/x-www-form-urlencoded")
PARTS = multipart(
    b'Content-Disposition: form-data; name="f"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nPNG',
    b'Content-Disposition: form-data; name="j"\r\nContent-Type: application/json\r\n\r\n{"a": 1}',
    b'Content-Disposition: form-data; name="t"\r\n\r\nhello',
)


@pytest.mark.parametrize(
    ("spec", "verdict"),
    [
        ({"a": 2, "b": {"startsWith": "x "}, "c": {"absent": True}}, True),
        ({"a": "1"}, True),
        ({"a": "3"}, False),
        ({"a": {"not": "1"}}, False),
        ({"c": {"present": True}}, False),
    ],
)
def test_fields_of_forms(spec: Any, verdict: bool) -> None:
    assert holds({"form": spec}, FORM) is verdict


def test_a_text_can_be_a_form_and_other_bodies_have_no_fields() -> None:
    assert holds({"form": {"a": "1"}}, "a=1")
    assert not holds({"form": {"a": "1"}}, body("a=1", "application/json"))
    assert not holds({"form": {"a": {"absent": True}}}, None)


@pytest.mark.parametrize(
    ("spec", "verdict"),
    [
        ({"f": {"filename": {"endsWith": ".png"}, "contentType": "image/png"}}, True),
        ({"f": {"base64": "UE5H"}}, True),
        ({"j": {"json": {"a": 1}}, "t": "hello"}, True),
        ({"j": {"body": {"json": {"a": 2}}}}, False),
        ({"nope": {"present": True}}, False),
        ([{"name": "j", "body": {"jsonPath": {"$.a": 1}}}], True),
        ([{"name": "f", "body": "hello"}], False),
        ([{"headers": {"content-type": {"contains": "json"}}}], True),
        ([{"filename": {"absent": True}, "name": {"in": ["t"]}}], True),
        ([{"equals": "hello"}], True),
    ],
)
def test_parts(spec: Any, verdict: bool) -> None:
    assert holds({"multipart": spec}, PARTS) is verdict


def test_all_parts_can_be_asked_for() -> None:
    named = [{"headers": {"Content-Disposition": {"contains": "name="}}}]
    assert holds({"multipart": named, "allParts": True}, PARTS)
    assert not holds({"multipart": [{"filename": {"present": True}}], "allParts": True}, PARTS)
    assert not holds({"multipart": named, "allParts": True}, body("", "text/plain"))


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ({"form": []}, "form"),
        ({"form": {1: "a"}}, "form"),
        ({"form": {"a": {"nope": 1}}}, "form.a.nope"),
        ({"multipart": 3}, "multipart"),
        ({"multipart": {"a": {"body": "x", "nope": 1}}}, "multipart.a"),
        ({"multipart": [{"headers": 3}]}, "multipart[0].headers"),
        (
            {"multipart": [{"name": "a", "headers": {"x": {"lt": "y"}}}]},
            "multipart[0].headers.x.lt",
        ),
    ],
)
def test_errors(spec: Any, place: str) -> None:
    with pytest.raises(PredicateError) as caught:
        compile_predicate(spec)
    assert str(caught.value.place) == place
