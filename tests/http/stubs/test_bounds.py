"""What a stub may consist of, and what one request may make it look at, past the end of each limit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.stubs.making import Serving, answers, body_of, problems, request

HOOK = {"url": "http://127.0.0.1:1/"}


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ({"request": {}, "responses": [{}] * 10_001}, "responses: must be a list of 1 to 10000"),
        ({"request": {}, "response": {}, "webhooks": [HOOK] * 11}, "at most 10 webhooks"),
        ({"request": {}, "response": {}, "tags": ["t"] * 51}, "a list of up to 50 texts"),
        ({"id": "x" * 201, "request": {}, "response": {}}, "text of 1 to 200 printable"),
        ({"request": {"anyOf": [{}] * 101}, "response": {}}, "a list of 1 to 100 requests"),
        (
            {"request": {}, "response": {"sse": [{"send": "x"}] * 10_001}},
            "more than 10000 steps",
        ),
        ({"request": {}, "response": {"text": "x" * (4 * 1024**2)}}, "larger than 4194304"),
    ],
    ids=["responses", "webhooks", "tags", "id", "anyOf", "steps", "text"],
)
def test_a_stub_past_a_limit_is_refused(definition: dict[str, Any], says: str) -> None:
    assert says in "\n".join(problems(definition))


def test_a_long_sequence_is_walked_to_its_end_and_stays_there() -> None:
    serving = Serving(
        {"request": {}, "responses": [{"text": str(number)} for number in range(10_000)]}
    )
    seen = [body_of(serving.get("/")) for _ in range(10_050)]
    assert seen[:10_000] == [b"%d" % number for number in range(10_000)]
    assert set(seen[10_000:]) == {b"9999"}


@pytest.mark.parametrize("separator", ["", "%20"])
def test_query_parameters_past_a_number_are_not_looked_at(separator: str) -> None:
    spec = {"query": {"last": "1"}}
    for count, seen in ((9_999, True), (10_000, False)):
        query = "&".join([f"a={separator}1"] * count + ["last=1"])
        assert answers(spec, request("GET", f"/?{query}")) is seen
