"""``mockforge lint`` of WebSocket stubs and replay files."""

from __future__ import annotations

from pathlib import Path

from mockforge.findings import Finding
from mockforge_ws.plugin import mockforge_lint_file


def lint(path: Path, text: str) -> list[Finding] | None:
    path.write_text(text)
    found = mockforge_lint_file(path=path)
    return None if found is None else list(found)


def test_mistakes_in_websocket_stubs_have_their_places(tmp_path: Path) -> None:
    found = lint(
        tmp_path / "a.yaml",
        "- {id: a, request: {pth: /}, response: {}}\n"
        "- id: b\n"
        "  priorty: 1\n"
        "  websocket:\n"
        "    path: /b\n"
        "    script:\n"
        "      - snd: x\n",
    )
    assert found is not None
    assert [(each.line, each.severity) for each in found] == [(3, "error"), (7, "error")]
    assert "send" in (found[1].hint or "")


def test_what_is_right_has_no_findings(tmp_path: Path) -> None:
    text = "websocket: {path: /, script: [{send: '{{ faker.name }}'}]}"
    assert lint(tmp_path / "a.yaml", text) == []
    assert lint(tmp_path / "a.jsonl", '{"ts": 0, "text": "{{uuid}}"}\n') == []


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    assert lint(tmp_path / "a.yaml", "request: {path: /}\nresponse: {}\n") is None
    assert lint(tmp_path / "b.yaml", "{") is None
    assert lint(tmp_path / "c.jsonl", '{"a": 1}') is None
    assert lint(tmp_path / "d.txt", "websocket") is None


def test_a_wrong_line_of_a_replay_file_is_named(tmp_path: Path) -> None:
    found = lint(tmp_path / "a.jsonl", '{"ts": 0, "text": ""}\n{"ts": 0}\n')
    assert found is not None
    assert [(each.code, each.line) for each in found] == [("replay.invalid", 2)]
