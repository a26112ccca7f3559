"""Which files hold stubs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockforge.mocking.stubs.files import is_stub_file


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("one.yaml", "request: {path: /a}\nresponse: {}\n", True),
        ("list.yaml", "# stubs\n- id: a\n  request: {path: /a}\n", True),
        ("flow.yaml", "- {id: a, request: {path: /a}, response: {status: 200}}\n", True),
        ("wide.yaml", "-   id: a\n    request:\n        path: /a\n", True),
        ("broken-flow.yaml", "- {id: a, request: {path: /a}, response: {status: 200\n", True),
        ("typo.yaml", "- requst: {path: /a}\n  response: {status: 200}\n", True),
        ("typo.json", '[{"requst": {}, "responses": [{}]}]', True),
        ("chat.yml", "websocket: {path: /chat}\n", True),
        ("one.json", '{"request": {"path": "/a"}}', True),
        ("broken.yaml", "request: {path: /a\nresponse: {}\n", True),
        ("broken.json", '[{"request": {"path": "/a"}', True),
        ("other.txt", "request: {path: /a}\n", False),
        ("body.json", '{"id": 1, "name": "rex"}', False),
        ("list.json", "[1, 2]", False),
        ("empty.yaml", "", False),
        ("binary.json", "\x00\x01", False),
        ("openapi.yaml", "openapi: 3.1.0\npaths: {}\nresponses: []\n", False),
        ("broken-openapi.yaml", "openapi: 3.1.0\nresponses: {\n", False),
        ("collection.json", '{"info": {}, "item": [{"request": {}}]}', False),
        ("har.json", '{"log": {"entries": [{"request": {}, "response": {}}]}}', False),
        ("compose.yaml", "services:\n  web:\n    image: x\n", False),
    ],
)
def test_a_file_holds_stubs_or_not(tmp_path: Path, name: str, content: str, expected: bool) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert is_stub_file(path) is expected


def test_a_file_that_is_not_there_does_not(tmp_path: Path) -> None:
    assert not is_stub_file(tmp_path / "none.yaml")
