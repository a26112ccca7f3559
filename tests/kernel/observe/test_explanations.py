"""Why a request was not answered, as the journal keeps it."""

from __future__ import annotations

import msgspec

from mockforge.explanations import CriterionResult, Explanation, NearMiss
from mockforge.mocking.exchange import Exchange
from mockforge.observe.journal import Journal
from tests.kernel.observe.exchanges import exchange
from tests.traced import tracing


def explained(number: int = 0, *, text: str = "x" * 100, name: str = "headers.X-Trace") -> Exchange:
    made = exchange(target=f"/pets/{number}", status=404)
    made.explanation = Explanation(
        f"GET /pets/{number}",
        tuple(
            NearMiss(
                f"stub-{number}-{near}",
                f"mocks/pets.yaml:{number}:3",
                0.5,
                tuple(
                    CriterionResult(name, f"{number}{near}{each}{text}", f"{each}{near}{text}")
                    for each in range(3)
                ),
            )
            for near in range(3)
        ),
        (f"GET /pets/{{petId}}/{number}",),
    )
    return made


def test_an_entry_holds_the_explanation() -> None:
    journal = Journal()
    made = explained()
    journal.record(made)
    entry = journal.recent(1)[0]
    assert entry.explanation == made.explanation
    shown = msgspec.to_builtins(entry)["explanation"]["near"][0]
    assert shown["stub"] == "stub-0-0"
    assert shown["criteria"][0]["name"] == "headers.X-Trace"


def test_an_answered_request_has_none() -> None:
    journal = Journal()
    journal.record(exchange())
    assert journal.recent(1)[0].explanation is None


def test_a_text_search_finds_what_was_near() -> None:
    journal = Journal()
    journal.record(explained(7))
    journal.record(exchange())
    assert [entry.path for entry in journal.recent(9, text="stub-7-1")] == ["/pets/7"]


def test_secrets_are_left_out_of_the_explanation() -> None:
    for name in ("headers.Authorization", "query.api_key", "anyOf[0].headers.X-Api-Key"):
        journal = Journal()
        journal.record(explained(text="hunter2", name=name))
        assert b"hunter2" not in msgspec.json.encode(journal.recent(1)[0])
    journal = Journal()
    journal.record(explained(text="hunter2", name="cookies.session"))
    assert b"hunter2" not in msgspec.json.encode(journal.recent(1)[0])
    journal = Journal(redact=["other"])
    journal.record(explained(text="hunter2", name="cookies.session"))
    assert b"hunter2" in msgspec.json.encode(journal.recent(1)[0])


def test_a_secret_in_the_query_is_left_out_of_the_summary() -> None:
    journal = Journal()
    made = exchange(status=404)
    made.explanation = Explanation("GET /pets?access_token=hunter2")
    journal.record(made)
    explanation = journal.recent(1)[0].explanation
    assert explanation is not None
    assert explanation.request == "GET /pets?access_token=[redacted]"


def test_explanations_count_towards_the_limit_in_bytes() -> None:
    journal = Journal(max_entries=100_000, max_bytes=256 * 1024)
    with tracing() as traced:
        for number in range(20):
            journal.record(explained(number))
        journal.clear()
        traced.restart()
        for number in range(1000):
            journal.record(explained(number))
        held = traced.held
    assert journal.stats().evicted > 500
    assert held * 0.75 <= journal.bytes <= held * 1.25, (journal.bytes, held)


def test_one_that_is_too_large_goes_before_the_entry_does() -> None:
    journal = Journal(max_bytes=2000)
    journal.record(explained())
    entry = journal.recent(1)[0]
    assert entry.stripped
    assert entry.explanation is None


def test_it_reads_as_lines_for_a_person() -> None:
    explanation = explained(3, text="!").explanation
    assert explanation is not None
    lines = explanation.lines()
    assert lines[0] == "nothing matched GET /pets/3"
    assert lines[1] == "  stub stub-3-0 (mocks/pets.yaml:3:3), 50% alike"
    assert lines[2] == "    headers.X-Trace: expected 300!, got 00!"
    assert lines[-1] == "  operation GET /pets/{petId}/3"
    assert Explanation("GET /x").lines() == ["nothing is near GET /x"]
