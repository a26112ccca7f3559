"""The benchmarks read what wrk says, and say what holds."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from benchmarks import command, http, mix, validation
from benchmarks.generated import write_document
from benchmarks.load import Load, LoadError, ratio, read
from benchmarks.rivals import floor
from benchmarks.verdicts import Report

from tests.benchmarks.conftest import FOLDER
from tests.conformance.walk.document import Document
from tests.conformance.walk.schemas import Schemas

SAID = """Running 4s test @ http://127.0.0.1:1/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   500.00us  100.00us   2.00ms   90.00%
    Req/Sec    57.00k     1.00k   60.00k    70.00%
  Latency Distribution
     50%  480.00us
     75%  600.00us
     90%    1.20ms
     99%    1.43ms
  230000 requests in 4.00s, 20.00MB read
{more}Requests/sec:  57472.10
Transfer/sec:      5.00MB
"""


def test_rates_and_latencies_are_read() -> None:
    assert read(SAID.format(more="")) == Load(57472.10, 0.48, 1.43, 230_000)


@pytest.mark.parametrize(
    "more",
    [
        "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
        "  Non-2xx or 3xx responses: 12\n",
    ],
)
def test_a_run_with_failures_is_no_figure(more: str) -> None:
    with pytest.raises(LoadError, match=more.strip()):
        read(SAID.format(more=more))


def test_of_a_faulty_server_only_its_absence_counts() -> None:
    errors = (
        "  Socket errors: connect {}, read 30, write 0, timeout {}\n  Non-2xx or 3xx responses: 9\n"
    )
    assert read(SAID.format(more=errors.format(0, 0)), faulty=True).requests == 230_000
    for wrong in ((1, 0), (0, 1)):
        with pytest.raises(LoadError, match="Socket errors"):
            read(SAID.format(more=errors.format(*wrong)), faulty=True)


def test_a_mix_asks_for_each_kind_by_its_share() -> None:
    total = sum(kind.share for kind in mix.KINDS)
    (order,) = re.findall(r"local order = \{(.*)\}", mix.script(0, 0))
    asked = Counter(int(number) for number in order.split(", "))
    assert asked == {number: kind.share for number, kind in enumerate(mix.KINDS, 1)}
    assert mix.share("create") == 8 / total


def test_where_all_are_to_be_refused_all_must_be() -> None:
    every = SAID.format(more="  Non-2xx or 3xx responses: 230000\n")
    assert read(every, refused=True).requests == 230_000
    for more in ("", "  Non-2xx or 3xx responses: 229999\n"):
        with pytest.raises(LoadError, match="were refused"):
            read(SAID.format(more=more), refused=True)


@pytest.mark.parametrize("valid", [True, False])
def test_the_orders_have_the_same_size_and_two_mistakes_or_none(valid: bool) -> None:
    content = validation.body(valid=valid)
    assert len(content) == validation.BODY_BYTES
    assert content.decode() in validation.script(content)
    document = Document(FOLDER / "documents" / "orders.yaml")
    body = document.operations[0].body()
    assert body is not None
    schema = body.media[0].schema
    assert schema is not None
    errors = Schemas(document.store, document.dialect).errors(
        schema, json.loads(content), "request"
    )
    assert len(errors) == (0 if valid else 2)


def test_something_else_is_no_report() -> None:
    with pytest.raises(LoadError, match="unable to connect"):
        read("unable to connect to 127.0.0.1:1\n")


def test_ratios_are_taken_round_by_round() -> None:
    floors = [Load(rate, 0, 0, 1) for rate in (100.0, 50.0, 10.0)]
    loads = [Load(rate, 0, 0, 1) for rate in (50.0, 25.0, 9.0)]
    assert ratio(loads, floors) == 0.5


def test_one_missed_threshold_is_remembered_and_written(tmp_path: Path) -> None:
    report = Report()
    report.figure("rate", 5, "rate: 5")
    report.verdict("fast", holds=False, measured="slow")
    report.verdict("small", holds=True, measured="tiny")
    report.write(tmp_path / "figures.json")
    written = json.loads((tmp_path / "figures.json").read_text())
    assert written["passed"] is report.passed is False
    assert written["figures"] == {"rate": 5}
    assert [verdict["holds"] for verdict in written["verdicts"]] == [False, True]


def test_a_generated_document_has_so_many_operations(tmp_path: Path) -> None:
    path, target = write_document(tmp_path, 7)
    document = Document(path)
    assert len(document.operations) == 7
    assert target == "/r3/items/1"


def test_without_wrk_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "wrk_found", lambda: False)
    assert http.main(["--check"]) == 0
    assert capsys.readouterr().out.startswith("skipped: wrk is not installed")


def test_the_floor_answers_pipelined_requests_in_order() -> None:
    pytest.importorskip("uvloop")
    with floor().start() as server, socket.create_connection(("127.0.0.1", server.port), 10) as raw:
        raw.sendall(b"GET /pets/1 HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        got = b""
        while got.count(b'"rex"}') < 3:
            part = raw.recv(4096)
            assert part, got
            got += part
    assert got.count(b"HTTP/1.1 200 OK") == 3


def test_the_commands_explain_themselves() -> None:
    for name in ("http", "documents", "startup", "floor"):
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", "--help"],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        assert f"python -m benchmarks.{name}" in done.stdout
