"""``where: {template: ...}``: a condition that no predicate has words for."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from mockforge.mocking.stubs import StubError
from mockforge.testing import MockServer


def _folder(folder: Path, *templates: str) -> Path:
    stubs = [
        {
            "id": str(number),
            "request": {"where": {"template": text}},
            "response": {"text": str(number)},
        }
        for number, text in enumerate(templates)
    ]
    (folder / "a.json").write_text(json.dumps(stubs))
    return folder


def test_a_stub_answers_where_its_template_comes_to_true(tmp_path: Path) -> None:
    _folder(
        tmp_path,
        "{{ request.query.a == request.headers.x }}",
        " {% if request.json.n > 3 %}true{% endif %} ",
        "{{ state.get('on') }}",
        "{{ 1 / (request.query.zero | int) }}",
    )
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        assert httpx.get(server.url + "/?a=1", headers={"x": "1"}).text == "0"
        assert httpx.post(server.url + "/?a=1", json={"n": 4}).text == "1"
        missed = httpx.post(server.url + "/?a=1&zero=0", json={"n": 3})
        assert missed.status_code == 404
        assert "where.template" in missed.text


def test_a_template_that_cannot_be_read_is_an_error_with_its_place(tmp_path: Path) -> None:
    with (
        pytest.raises(StubError, match=r"a\.json.*where\.template"),
        MockServer(settings={"http.mocks": [str(_folder(tmp_path, "{{ nope }}"))]}),
    ):
        pass
