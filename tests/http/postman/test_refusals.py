"""What is refused, how it is said, and that nothing else comes of a broken collection."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockforge.errors import DocumentError
from mockforge_http.documents import open_document
from mockforge_http.documents.check import findings_of
from mockforge_http.lint import lint_file
from mockforge_http.postman.items import DEEPEST, MOST_REQUESTS
from mockforge_http.postman.reading import MOST_NOTES

from .making import collection, converted, folder, item, saved


def refusal(value: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(DocumentError) as caught:
        converted(value)
    return caught.value.message, str(caught.value.place)


@pytest.mark.parametrize(
    ("value", "message", "place"),
    [
        (collection() | {"item": {}}, "`item` is not a list of requests and folders", "/item"),
        (collection() | {"info": 7}, "`info` is not an object", "/info"),
        (collection(7), "is neither a request nor a folder: it is not an object", "/item/0"),
        (collection(folder("a", [])), "is neither a request nor a folder: it is not an object",
         "/item/0/item/0"),
        (collection({"item": 7}), "`item` is not a list of requests and folders", "/item/0/item"),
        (collection({"request": 7}), "`request` is neither an object nor a URL", "/item/0/request"),
        (collection(item("/a"), item(7)), "the URL is neither text nor an object",
         "/item/1/request/url"),
    ],
)  # fmt: skip
def test_what_is_not_built_as_a_collection_is_refused(
    value: dict[str, Any], message: str, place: str
) -> None:
    assert refusal(value) == (message, f"pets.json ({place})")


def test_an_item_that_is_nothing_is_left_out() -> None:
    made, notes = converted(collection({"name": "empty"}, item("/a")))
    assert list(made["paths"]) == ["/a"]
    assert notes[0].code == "postman-item"


def test_folders_nested_too_deep_are_refused() -> None:
    nested = item("/a")
    for _ in range(DEEPEST - 1):
        nested = folder("f", nested)
    assert list(converted(collection(nested))[0]["paths"]) == ["/a"]
    message, _ = refusal(collection(folder("f", nested)))
    assert message == f"folders are nested more than {DEEPEST} deep"


def test_too_many_requests_are_refused() -> None:
    many = [item(f"/{n % 3}") for n in range(MOST_REQUESTS)]
    assert len(converted(collection(*many))[0]["paths"]) == 3
    message, place = refusal(collection(*many, item("/x")))
    assert message == f"the collection has more than {MOST_REQUESTS:,} requests"
    assert place == f"pets.json (/item/{MOST_REQUESTS})"


def test_many_equal_names_take_no_longer_than_others() -> None:
    same = [item(f"/{n}", name="Same", auth=None) for n in range(MOST_REQUESTS)]
    answers = [saved(str(n), name="Same") for n in range(20_000)]
    made, _ = converted(collection(*same[:-1], item("/:id" * 20_000, "GET", *answers)))
    assert made["paths"]["/19998"]["get"]["operationId"] == f"same{MOST_REQUESTS - 1}"


def test_notes_are_bounded() -> None:
    _, notes = converted(collection(*(item("/a", "NO WAY") for _ in range(MOST_NOTES + 50))))
    assert len(notes) == MOST_NOTES


# -------------------------------------------------------------------- through the file


def write(folder: Path, value: Any, name: str = "pets.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=2))
    return path


def test_an_error_has_line_and_column(tmp_path: Path) -> None:
    path = write(tmp_path, collection(item("/a"), {"request": 7}))
    with pytest.raises(DocumentError) as caught:
        open_document(path)
    line = next(
        n for n, text in enumerate(path.read_text().splitlines(), 1) if '"request": 7' in text
    )
    assert str(caught.value.place) == f"{path}:{line}:7 (/item/1/request)"


def test_a_note_is_a_finding_with_line_and_column(tmp_path: Path) -> None:
    path = write(
        tmp_path, {"collection": collection(item("/a", "NO WAY"), item("/b", "GET", saved("1")))}
    )
    with open_document(path) as document:
        (finding,) = document.findings
    assert finding.code == "document.postman-method"
    assert finding.path == "/collection/item/0/request"
    assert finding.line is not None


@pytest.mark.parametrize(
    "text",
    [
        '{"info": {"name": "x"}, "item": [}',
        '{"info": {"name": "x"}, "item": [' + '{"item": [' * 300 + "]}" * 300 + "]}",
        '{"info": {"name": "x"}, "item": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"collection": {"item":[]}}',
        '{"item": []}',
        '{"requests": []}',
    ],
)
def test_a_broken_file_is_a_document_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(DocumentError):
        open_document(write(tmp_path, text))


def test_lint_knows_collections(tmp_path: Path) -> None:
    path = write(tmp_path, collection(item("/a", "NO WAY"), item("/b")))
    assert [finding.code for finding in lint_file(path) or ()] == [
        "document.postman-method",
        "document.postman-unanswered",
    ]
    broken = write(tmp_path, '{"info": {"_postman_id": "x"}, "item": [}', "broken.json")
    assert [finding.severity for finding in lint_file(broken) or ()] == ["error"]
    assert lint_file(write(tmp_path, '{"some": "thing"}', "other.json")) is None


# -------------------------------------------------------------------- anything at all

RICH: dict[str, Any] = collection(
    folder(
        "Pets",
        item(
            {
                "raw": "{{base}}/pets/:id?limit=1",
                "protocol": "https",
                "host": ["{{base}}"],
                "path": ["pets", ":id", {"value": "x"}],
                "query": [{"key": "limit", "value": "1"}, {"key": "a", "value": None}],
                "variable": [{"key": "id", "value": "7"}],
            },
            "POST",
            saved('{"id": 7, "tags": ["a", null]}', name="ok", cookie=[{"name": "a", "value": "b"}]),
            saved("<a/>", 404, type="application/xml"),
            header=[{"key": "X-A", "value": "1"}, {"key": "Content-Type", "value": "text/json"}],
            body={"mode": "raw", "raw": '{"a": {{v}}}', "options": {"raw": {"language": "json"}}},
            auth={"type": "apikey", "apikey": [{"key": "key", "value": "k"}]},
        ),
        item("https://{{host}}/a?b=c", "PUT", body={"mode": "formdata", "formdata": [
            {"key": "f", "type": "file", "src": ["a", "b"], "contentType": "image/png"},
            {"key": "t", "value": "1"},
        ]}),
        item("/g", "POST", body={"mode": "graphql", "graphql": {"query": "q", "variables": "{}"}}),
        item("/u", "POST", body={"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"}]}),
        auth={"type": "basic", "basic": {"username": "a"}},
        variable=[{"key": "v", "value": "1"}],
        event=[{"listen": "test"}],
    ),
    variable=[{"key": "base", "value": "https://a.example/v1"}],
)  # fmt: skip

VERSION1: dict[str, Any] = {
    "name": "Old",
    "order": ["1"],
    "folders": [{"id": "A", "name": "a", "order": ["1"], "folders_order": ["B"]}, {"id": "B"}],
    "requests": [
        {
            "id": "1", "url": "https://a.example/pets/:id?x=1", "method": "POST", "folder": "A",
            "headers": "X-A: 1\n", "headerData": [{"key": "X-B", "value": "2"}],
            "queryParams": [{"key": "x", "value": "1"}], "pathVariables": {"id": "7"},
            "dataMode": "raw", "rawModeData": "{}", "data": [], "dataOptions": {"raw": {}},
            "currentHelper": "basicAuth", "helperAttributes": {"username": "a"},
            "responses": [{"name": "ok", "responseCode": {"code": 200}, "headers": [], "text": "1"}],
        },
        {"id": "2", "url": "/b", "method": "POST", "dataMode": "params", "data": [{"key": "a"}]},
    ],
}  # fmt: skip

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**30, "", "x", "{{v}}", "{{", "\u2028", [], [None], [[]], [7], {},
     {"key": 1}, {"key": "k"}, {"value": {}}, {"item": []}, "a=b", ":id", "::", "x" * 300, "[[["]
)  # fmt: skip


def places(value: Any, tokens: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The tokens that lead to every value inside ``value``."""
    found = [tokens] if tokens else []
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, member in steps:
        found += places(member, (*tokens, step))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A collection in which up to four values were replaced, removed or doubled."""
    value: dict[str, Any] = deepcopy(draw(st.sampled_from([RICH, VERSION1])))
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(places(value)))
        inner: Any = value
        for step in way:
            inner = inner[step]
        match draw(st.integers(0, 3)):
            case 0:
                del inner[last]
            case 1 if isinstance(inner, list):
                inner.append(deepcopy(inner[last]))
            case 2:
                inner[last] = [inner[last]]
            case _:
                inner[last] = deepcopy(draw(ODD))
        if not value:
            break
    return value


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mutated())
def test_a_mutated_collection_is_served_or_refused_with_a_reason(
    tmp_path: Path, value: dict[str, Any]
) -> None:
    path = write(tmp_path, value)
    refused: DocumentError | None = None
    try:
        with open_document(path) as document:
            for ref in document.operations():
                document.operation(ref)
    except DocumentError as error:
        refused = error
    if refused is not None:
        assert refused.message
        assert refused.place is not None
        assert refused.place.file == str(path)


@pytest.mark.parametrize("value", [RICH, VERSION1], ids=["v2", "v1"])
def test_the_document_made_keeps_to_the_specification(
    tmp_path: Path, value: dict[str, Any]
) -> None:
    with open_document(write(tmp_path, value)) as document:
        assert list(findings_of(document)) == []
