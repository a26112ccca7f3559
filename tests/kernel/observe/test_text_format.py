"""The text that Prometheus reads, checked with its own client's parser."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from mockforge.observe.budget import MemoryBudget
from mockforge.observe.journal import Journal, LogDispatcher
from mockforge.observe.memory import MemoryLedger
from mockforge.observe.metrics import (
    CATALOGUE,
    Family,
    Registry,
    Sample,
    budget_collector,
    journal_collector,
    memory_collector,
    process_collector,
    render_families,
)
from tests.kernel.observe.exchanges import exchange


def full_registry() -> tuple[Registry, LogDispatcher]:
    """Everything that the kernel exposes, at work."""
    journal = Journal(max_entries=1)
    dispatcher = LogDispatcher(journal, [lambda entry: None])
    ledger = MemoryLedger()
    ledger.register("journal", lambda: journal.bytes, lambda: journal.max_bytes)
    registry = Registry()
    registry.add_collector(process_collector)
    registry.add_collector(journal_collector(journal, dispatcher))
    registry.add_collector(memory_collector(ledger))
    registry.add_collector(budget_collector(MemoryBudget(ledger)))
    registry.read("mockforge_requests_in_flight", lambda: 1, protocol="http")
    registry.read("mockforge_connections_active", lambda: 2, protocol="http")
    for status in (200, 404):
        journal.record(exchange(status=status))
        registry.requests.observe("http", "GET", '/odd/{"\\}', status, 1_000_000, 10)
    return registry, dispatcher


def test_every_declared_metric_is_exposed_and_nothing_else() -> None:
    registry, dispatcher = full_registry()
    families = {family.name: family for family in registry.collect()}
    dispatcher.close()
    assert sorted(families) == sorted(spec.name for spec in CATALOGUE)
    for spec in CATALOGUE:
        family = families[spec.name]
        assert (family.type, family.help) == (spec.type, spec.help)
        for sample in family.samples:
            names = tuple(name for name, _ in sample.labels if name != "le")
            assert names == spec.labels


def test_the_whole_page_parses_and_says_the_same() -> None:
    registry, dispatcher = full_registry()
    text = registry.render()
    dispatcher.close()
    assert text.endswith("\n")
    parsed = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    labels = (("method", "GET"), ("path", '/odd/{"\\}'), ("status", "200"))
    assert parsed["mockforge_requests_by_path_total", labels] == 1
    assert parsed["mockforge_dropped_total", (("component", "journal"),)] == 1
    assert parsed["mockforge_limit_bytes", (("component", "journal"),)] == 16 * 1024**2
    assert parsed["mockforge_journal_entries", ()] == 1
    assert parsed["process_resident_memory_bytes", ()] > 1_000_000
    types = {family.name: family.type for family in text_string_to_metric_families(text)}
    assert types["mockforge_request_duration_seconds"] == "histogram"
    assert types["mockforge_requests"] == "counter"


def test_the_format_to_the_letter() -> None:
    family = Family(
        "a_seconds",
        "histogram",
        'Back\\slash, "quotes" and\nline.',
        (
            Sample("a_seconds_bucket", (("k", 'q"\\\n'), ("le", "0.5")), 2),
            Sample("a_seconds_sum", (("k", ""),), 0.25),
            Sample("a_seconds_count", (), 1e20),
            Sample("a_seconds_x", (), math.inf),
            Sample("a_seconds_x", (), -math.inf),
            Sample("a_seconds_x", (), math.nan),
        ),
    )
    assert render_families([family]) == (
        '# HELP a_seconds Back\\\\slash, "quotes" and\\nline.\n'
        "# TYPE a_seconds histogram\n"
        'a_seconds_bucket{k="q\\"\\\\\\n",le="0.5"} 2\n'
        'a_seconds_sum{k=""} 0.25\n'
        "a_seconds_count 1e+20\n"
        "a_seconds_x +Inf\n"
        "a_seconds_x -Inf\n"
        "a_seconds_x NaN\n"
    )


# The oracle splits its input at these like any other line end, which the format does not ask for.
label_text = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
)


@settings(max_examples=150)
@given(label_text, st.floats(allow_nan=False))
def test_any_label_value_and_number_survives(label: str, value: float) -> None:
    text = render_families([Family("a", "gauge", "A.", (Sample("a", (("k", label),), value),))])
    (family,) = text_string_to_metric_families(text)
    assert family.samples[0].labels == {"k": label}
    assert family.samples[0].value == value
