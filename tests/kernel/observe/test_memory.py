"""Memory reports: who holds what, against what the system says."""

from __future__ import annotations

import os

import msgspec
import psutil
import pytest

from mockforge.observe.memory import (
    ComponentMemory,
    MemoryLedger,
    MemoryReport,
    render_report,
    size_text,
)


def test_components_are_listed_largest_first_with_their_limits() -> None:
    ledger = MemoryLedger()
    limit = [100]
    ledger.register("small", lambda: 10, 50)
    ledger.register("large", lambda: 70, lambda: limit[0])
    ledger.add_source(lambda: {"plugin.cache": 30, "plugin.other": 0})
    limit[0] = 200
    report = ledger.report()
    assert report.components == (
        ComponentMemory("large", 70, 200),
        ComponentMemory("plugin.cache", 30),
        ComponentMemory("small", 10, 50),
        ComponentMemory("plugin.other", 0),
    )
    assert report.accounted == 110
    assert report.rss is not None
    assert ledger.baseline is not None
    assert report.unaccounted == report.rss - ledger.baseline - 110
    assert report.pss is None


def test_a_reporter_can_be_replaced_and_taken_away() -> None:
    ledger = MemoryLedger()
    ledger.register("cache", lambda: 1)
    ledger.register("cache", lambda: 2)
    assert ledger.components() == [ComponentMemory("cache", 2)]
    ledger.unregister("cache")
    ledger.unregister("cache")
    assert ledger.components() == []


def test_a_reporter_that_raises_is_named_and_the_others_are_heard() -> None:
    ledger = MemoryLedger()

    def broken() -> int:
        raise OSError("no cache")

    def broken_source() -> dict[str, int]:
        raise ValueError("bad plugin")

    ledger.register("good", lambda: 5)
    ledger.register("bad", broken)
    ledger.add_source(broken_source)
    report = ledger.report()
    assert report.accounted == 5
    errors = {component.name: component.error for component in report.components}
    assert errors == {
        "good": None,
        "bad": "OSError: no cache",
        __name__: "ValueError: bad plugin",
    }
    text = render_report(report)
    assert "bad: OSError: no cache" in text
    assert "failed" in text


def test_growth_shows_up_as_unaccounted_until_somebody_accounts_for_it() -> None:
    ledger = MemoryLedger()
    before = ledger.report().unaccounted
    block = bytearray(os.urandom(1) * 64 * 1024**2)
    grown = ledger.report()
    assert before is not None
    assert grown.unaccounted is not None
    assert grown.unaccounted - before > 48 * 1024**2
    ledger.register("block", lambda: len(block))
    accounted = ledger.report()
    assert accounted.unaccounted is not None
    assert grown.unaccounted - accounted.unaccounted > 48 * 1024**2


@pytest.mark.skipif(not psutil.LINUX, reason="PSS is told by Linux only")
def test_pss_is_told_when_asked_for() -> None:
    report = MemoryLedger().report(pss=True)
    assert report.pss is not None
    assert report.rss is not None
    assert 0 < report.pss <= report.rss * 1.1
    assert "process (PSS)" in render_report(report)


def test_a_report_survives_json() -> None:
    ledger = MemoryLedger()
    ledger.register("a", lambda: 1, 2)
    report = ledger.report()
    assert msgspec.json.decode(msgspec.json.encode(report), type=MemoryReport) == report


def test_the_table_for_a_terminal() -> None:
    report = MemoryReport(
        rss=42 * 1024**2,
        pss=None,
        baseline=20 * 1024**2,
        components=(
            ComponentMemory("journal", 8 * 1024**2, 16 * 1024**2),
            ComponentMemory("http.documents", 1536, None),
        ),
        accounted=8 * 1024**2 + 1536,
        unaccounted=-500,
    )
    assert render_report(report) == (
        "component                      bytes     limit  full\n"
        "----------------------------------------------------\n"
        "journal                      8.0 MiB  16.0 MiB   50%\n"
        "http.documents               1.5 KiB\n"
        "----------------------------------------------------\n"
        "accounted                    8.0 MiB\n"
        "baseline (Python, modules)  20.0 MiB\n"
        "unaccounted                   -500 B\n"
        "process (RSS)               42.0 MiB\n"
    )


def test_the_table_without_components_and_without_figures() -> None:
    text = render_report(MemoryReport(None, None, None, (), 0, None))
    assert text.count("unknown") == 3
    assert text.count("---\n") == 1


def test_sizes_read_well() -> None:
    assert [size_text(size) for size in (0, 1023, 1024, 1536, 12_999_999, 3 * 1024**3)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "1.5 KiB",
        "12.4 MiB",
        "3.0 GiB",
    ]
