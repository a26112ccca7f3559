"""Calls that were recorded, and the same calls without the server they were answered by."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockforge.mocking.recording.secrets import Secrets
from mockforge.testing import MockServer
from mockforge_grpc.recording.definition import Recorded
from mockforge_grpc.recording.folder import CallFolder
from tests.grpc.recording.upstream import Answer, Upstream, call, upstream, value_of
from tests.kernel.cli.running import serving
from tests.kernel.observe.waiting import wait_until

RECORDED = "mockforge_grpc_recorded_total"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with upstream(tmp_path_factory.mktemp("upstream")) as server:
        yield server


@pytest.fixture
def settings(behind: Upstream, tmp_path: Path) -> dict[str, Any]:
    return {
        "grpc.proxy.upstream": behind.address,
        "grpc.record.to": str(tmp_path / "recorded"),
        "grpc.cache_dir": str(tmp_path / "cache"),
    }


def stubs(folder: Path) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yaml"))]


def replayed(folder: Path) -> MockServer:
    """A server of what was recorded in ``folder``, without any other."""
    (folder / "protos").mkdir(exist_ok=True)
    from tests.grpc.recording.upstream import PROTO

    (folder / "protos" / "echo.proto").write_text(PROTO)
    return MockServer(
        only=("grpc",),
        settings={
            "grpc.protos": [str(folder / "protos")],
            "grpc.mocks": [str(folder / "recorded")],
            "grpc.generate": False,
            "grpc.cache_dir": str(folder / "cache"),
        },
    )


def asked(behind: Upstream, address: str) -> list[Answer]:
    types, into = behind.types, behind.into
    return [
        call(types, address, "One", into("a", 3)),
        call(types, address, "One", into("{% odd %} \u00e9\n")),
        call(types, address, "One", into("")),
        call(types, address, "One", into("fail")),
        call(types, address, "Many", into("m", 3)),
        call(types, address, "Many", into("none", 0)),
        call(types, address, "Many", into("one", 1)),
        call(types, address, "Many", into("fail", 2)),
        call(types, address, "Collect", into("a"), into("b")),
        call(types, address, "Collect", into("a")),
        call(types, address, "Both", into("x", 2), into("y")),
    ]


def shown(answers: list[Answer]) -> list[Any]:
    """Without what is not recorded."""
    return [
        (
            each.messages,
            each.code,
            each.details,
            {name: value for name, value in each.initial.items() if name != "x-trace-id"},
            [pair for pair in each.trailers if pair[0] != "authorization"],
        )
        for each in answers
    ]


@pytest.mark.shows("grpc.record.to", "mockforge_grpc_recorded_total")
def test_what_was_recorded_is_answered_again(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    with MockServer(only=("grpc",), settings=settings) as server:
        before = asked(behind, server.address("grpc"))
        wait_until(lambda: value_of(server, RECORDED, outcome="recorded") == len(before))
    assert len(stubs(tmp_path / "recorded")) == len(before)
    with replayed(tmp_path) as server:
        assert shown(asked(behind, server.address("grpc"))) == shown(before)


@pytest.mark.shows("grpc.record.match_metadata")
def test_secrets_and_volatile_metadata_are_not_written_down(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    own = {
        **settings,
        "core.redact": ["authorization", "password", "token"],
        "grpc.record.match_metadata": ["x-tenant", "authorization"],
    }
    with MockServer(only=("grpc",), settings=own) as server:
        metadata = (("authorization", "Bearer s3cret"), ("x-tenant", "acme"), ("x-other", "o"))
        request = behind.into("a", password="s3cret")
        answer = call(behind.types, server.address("grpc"), "One", request, metadata=metadata)
        assert answer.messages == [("echo a", 0)]
    (stub,) = stubs(tmp_path / "recorded")
    assert stub["grpc"]["metadata"] == {"x-tenant": "acme"}
    assert stub["grpc"]["request"] == {"json": {"text": "a"}}
    assert stub["response"]["message"]["token"] == "[redacted]"
    assert "x-trace-id" not in stub["response"]["metadata"]
    text = next((tmp_path / "recorded").glob("*.yaml")).read_text()
    assert "s3cret" not in text
    assert "secret" not in text.replace("[redacted]", "")
    assert "t0p" not in text


def test_streams_are_played_with_their_times(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    with MockServer(only=("grpc",), settings=settings) as server:
        call(behind.types, server.address("grpc"), "Many", behind.into("m", 4))
    (stub,) = stubs(tmp_path / "recorded")
    waits = [int(step.get("after", "0ms")[:-2]) for step in stub["response"]["script"]]
    # The upstream server waits 30 ms before each message but the first.
    assert sum(waits) >= 80
    with replayed(tmp_path) as server:
        begun = time.perf_counter()
        answer = call(behind.types, server.address("grpc"), "Many", behind.into("m", 4))
        assert time.perf_counter() - begun >= sum(waits) / 1000
        assert len(answer.messages) == 4


def test_equal_calls_are_written_once_and_others_in_their_order(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    behind.answers = 0
    with MockServer(only=("grpc",), settings=settings) as server:
        address, types = server.address("grpc"), behind.types
        for _ in range(3):
            call(types, address, "One", behind.into("same"))
            call(types, address, "Many", behind.into("m", 3))
        for _ in range(3):
            call(types, address, "One", behind.into("count"))
        wait_until(lambda: value_of(server, RECORDED, outcome="recorded") == 5)
        wait_until(lambda: value_of(server, RECORDED, outcome="repeated") == 4)
    assert len(stubs(tmp_path / "recorded")) == 5
    with replayed(tmp_path) as server:
        counts = [
            call(types, server.address("grpc"), "One", behind.into("count")).messages[0][1]
            for _ in range(4)
        ]
    assert counts == [1, 2, 3, 3]


@pytest.mark.shows("grpc.record.max_messages", "grpc.record.max_call", "grpc.record.max_bytes")
@pytest.mark.parametrize(
    ("limits", "request_", "outcome"),
    [
        ({"grpc.record.max_messages": 3}, ("m", 5), "left_out"),
        ({"grpc.record.max_call": "5KiB"}, ("x" * 2000, 3), "left_out"),
        ({"grpc.record.max_bytes": "6KiB"}, ("x" * 2000, 3), "dropped"),
    ],
)
def test_what_goes_past_a_limit_is_passed_on_and_not_recorded(
    behind: Upstream,
    settings: dict[str, Any],
    tmp_path: Path,
    limits: dict[str, Any],
    request_: tuple[str, int],
    outcome: str,
) -> None:
    with MockServer(only=("grpc",), settings={**settings, **limits}) as server:
        answer = call(behind.types, server.address("grpc"), "Many", behind.into(*request_))
        assert len(answer.messages) == request_[1]
        wait_until(lambda: value_of(server, RECORDED, outcome=outcome) == 1)
        assert value_of(server, "mockforge_memory_bytes", component="grpc.record") == 0
    assert stubs(tmp_path / "recorded") == []


@pytest.mark.shows("grpc.record.max_stubs")
def test_the_number_of_stubs_is_bounded(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    with MockServer(only=("grpc",), settings={**settings, "grpc.record.max_stubs": 2}) as server:
        for number in range(4):
            call(behind.types, server.address("grpc"), "One", behind.into(str(number)))
        wait_until(lambda: value_of(server, RECORDED, outcome="left_out") == 2)
        held = value_of(server, "mockforge_memory_bytes", component="grpc.record")
        assert 0 < held <= value_of(server, "mockforge_limit_bytes", component="grpc.record")
    assert len(stubs(tmp_path / "recorded")) == 2


def test_what_the_upstream_server_did_not_answer_is_not_recorded(
    behind: Upstream, settings: dict[str, Any], tmp_path: Path
) -> None:
    with MockServer(only=("grpc",), settings=settings) as server:
        late = call(behind.types, server.address("grpc"), "Slow", behind.into("a"), timeout=0.2)
        assert late.code == "DEADLINE_EXCEEDED"
        call(behind.types, server.address("grpc"), "One", behind.into("a"))
        wait_until(lambda: value_of(server, RECORDED, outcome="recorded") == 1)
    (stub,) = stubs(tmp_path / "recorded")
    assert stub["grpc"]["method"] == "echo.Echo/One"


@pytest.mark.shows("mockforge record", "mockforge_register_recordings")
def test_the_command_records_until_it_is_stopped(behind: Upstream, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--upstream", f"grpc://{behind.address}", "-o", str(out), "--grpc-port", "0"]
    env = {"MOCKFORGE_GRPC__CACHE_DIR": str(tmp_path / "cache")}
    running = serving(tmp_path, *arguments, cwd=tmp_path, env=env, command="record")
    with running as (child, ready):
        answer = call(behind.types, ready["grpc"], "One", behind.into("a", 1))
        assert answer.messages == [("echo a", 1)]
        child.terminate()
        assert child.wait(30) == 0
    (stub,) = stubs(out)
    assert stub["response"]["message"] == {"text": "echo a", "count": "1", "token": "t0p"}


@pytest.mark.shows("--grpc-proxy", "--record")
def test_serve_passes_on_and_records_with_flags(behind: Upstream, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--only", "grpc", "--grpc-port", "0", "--grpc-proxy", behind.address]
    env = {"MOCKFORGE_GRPC__CACHE_DIR": str(tmp_path / "cache")}
    running = serving(tmp_path, *arguments, "--record", str(out), cwd=tmp_path, env=env)
    with running as (child, ready):
        answer = call(behind.types, ready["grpc"], "One", behind.into("a", 1))
        assert answer.messages == [("echo a", 1)]
        child.terminate()
        assert child.wait(30) == 0
    assert len(stubs(out)) == 1


def test_an_earlier_recording_of_the_same_is_replaced(tmp_path: Path) -> None:
    def recorded(text: str) -> Recorded:
        answer = {"message": {"text": text}}
        return Recorded("a.B/C", {"method": "a.B/C"}, answer, answer)

    first = CallFolder(tmp_path, 10)
    assert [first.add(recorded(each)) for each in "aab"] == ["recorded", "repeated", "recorded"]
    assert [each.get("times") for each in stubs(tmp_path)] == [None, 2] or len(stubs(tmp_path)) == 2
    assert CallFolder(tmp_path, 10).add(recorded("c")) == "recorded"
    (only,) = stubs(tmp_path)
    assert only["response"] == {"message": {"text": "c"}}
    assert not Secrets([]).is_member("text")
