"""What the journal has of calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge_grpc.services.notes import whole_fields
from tests.grpc.mocks.making import client, mocking, stub


def test_long_messages_are_cut_at_a_field_and_marked(tmp_path: Path) -> None:
    made = stub(message={"count": 1, "text": "y" * 500, "big": 7})
    core = {"max_logged_body": 100}
    with mocking(tmp_path, made, core=core) as server, client(server) as caller:
        caller.call("Say", {"name": "rex", "tags": ["x" * 60, "z" * 60]})
        (entry,) = server.journal.recent()
        assert entry.request_body == '{"name":"rex","tags":["' + "x" * 60 + '"]}'
        assert entry.request_body_truncated
        assert entry.response_body_truncated
        assert entry.response_size > 500


def test_streams_are_kept_as_far_as_there_is_room(tmp_path: Path) -> None:
    core = {"max_logged_body": 100}
    made = stub("hello.Greeter/Chat", message={"text": "{{ message.name }}"})
    with mocking(tmp_path, made, core=core) as server, client(server) as caller:
        names = [f"name {number}" for number in range(50)]
        caller.call("Chat", *[{"name": name} for name in names])
        (entry,) = server.journal.recent()
        lines = entry.request_body.splitlines()
        assert 2 < len(lines) < 50
        assert lines[0] == '{"name":"name 0"}'
        assert entry.request_body_truncated
        assert entry.response_body_truncated
        assert entry.response_body.splitlines()[0] == '{"text":"name 0"}'


@pytest.mark.shows("core.redact")
def test_secret_metadata_are_not_shown(tmp_path: Path) -> None:
    with mocking(tmp_path, stub()) as server, client(server) as caller:
        caller.call("Say", {}, metadata=[("authorization", "Bearer x"), ("x-user", "ann")])
        (entry,) = server.journal.recent()
        headers = dict(entry.request_headers)
        assert headers["x-user"] == "ann"
        assert "Bearer" not in str(entry.request_headers)
        assert "authorization" in headers


def test_the_journal_is_searched_by_what_messages_say(tmp_path: Path) -> None:
    with mocking(tmp_path, stub(message={"text": "found"})) as server, client(server) as caller:
        caller.call("Say", {"name": "one", "mood": "GLAD"})
        caller.call("Say", {"name": "two"})
        assert len(server.journal.recent(text="GLAD")) == 1
        assert len(server.journal.recent(text='"text":"found"')) == 2
        assert len(server.requests("UNARY", json={"name": "two"})) == 1


@given(st.binary(max_size=200))
def test_whole_fields_end_within_the_data(data: bytes) -> None:
    end = whole_fields(data)
    assert 0 <= end <= len(data)
    assert whole_fields(data[:end]) == end
