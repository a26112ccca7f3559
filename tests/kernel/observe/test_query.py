"""Finding entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.errors import MockForgeError
from mockforge.findings import Finding
from mockforge.observe.journal import Criteria, Journal, QueryError
from tests.kernel.observe.exchanges import exchange

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> int:
    return int((START + timedelta(seconds=seconds)).timestamp()) * 10**9


@pytest.fixture
def journal() -> Journal:
    journal = Journal()
    for made in (
        exchange("GET", "/pets", status=200, template="/pets", received_ns=at(0)),
        exchange(
            "POST",
            "/pets",
            status=201,
            template="/pets",
            body=b'{"name":"Rex"}',
            source="operation:createPet",
            received_ns=at(10),
        ),
        exchange(
            "GET",
            "/pets/1?expand=owner",
            status=404,
            template="/pets/{petId}",
            source="stub:missing",
            received_ns=at(20),
        ),
        exchange("GET", "/petshop", status=503, error="Upstream is down", received_ns=at(30)),
        exchange(
            "POST",
            "/helloworld.Greeter/SayHello",
            protocol="grpc",
            status=0,
            received_ns=at(40),
        ),
        exchange("get", "/chat", protocol="websocket", status=None, received_ns=at(50)),
    ):
        journal.record(made)
    return journal


def found(journal: Journal, limit: int | None = None, **filters: Any) -> list[int]:
    entries = journal.recent(limit, **filters)
    return [entry.id for entry in entries]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [6, 5, 4, 3, 2, 1]),
        ({"protocol": "grpc"}, [5]),
        ({"method": "get"}, [6, 4, 3, 1]),
        ({"method": "POST, DELETE"}, [5, 2]),
        ({"path": "/pets"}, [2, 1]),
        ({"path": "/pets/1"}, [3]),
        ({"path": "/pets/{petId}"}, [3]),
        ({"path": "/pets*"}, [4, 3, 2, 1]),
        ({"path": "/pets/*"}, [3]),
        ({"path": "*"}, [6, 5, 4, 3, 2, 1]),
        ({"status": 404}, [3]),
        ({"status": "404"}, [3]),
        ({"status": "2xx"}, [2, 1]),
        ({"status": "2XX"}, [2, 1]),
        ({"status": "400-503"}, [4, 3]),
        ({"status": range(400, 503)}, [3]),
        ({"status": "201, 5xx"}, [4, 2]),
        ({"status": "none"}, [6]),
        ({"status": 0}, [5]),
        ({"source": "stub:*"}, [3]),
        ({"source": "operation:createPet"}, [2]),
        ({"since": START + timedelta(seconds=30)}, [6, 5, 4]),
        ({"since": START.timestamp() + 30}, [6, 5, 4]),
        ({"until": START + timedelta(seconds=20)}, [2, 1]),
        ({"since": "2026-03-01T12:00:10Z", "until": "2026-03-01T13:00:30+01:00"}, [3, 2]),
        ({"after_id": 4}, [6, 5]),
        ({"before_id": 3}, [2, 1]),
        ({"text": "REX"}, [2]),
        ({"text": "expand=owner"}, [3]),
        ({"text": "upstream"}, [4]),
        ({"text": "host: api.example"}, [6, 5, 4, 3, 2, 1]),
        ({"text": "nowhere"}, []),
        ({"method": "GET", "status": "2xx", "path": "/pets"}, [1]),
    ],
)
def test_filters_select(journal: Journal, filters: dict[str, Any], expected: list[int]) -> None:
    assert found(journal, **filters) == expected


def test_filters_apply_before_the_limit(journal: Journal) -> None:
    assert found(journal, 1, path="/pets") == [2]
    assert found(journal, 2, status="2xx") == [2, 1]
    assert found(journal, 1, text="rex") == [2]
    assert found(journal, 4) == [6, 5, 4, 3]
    assert found(journal, 0) == []
    assert found(journal, 100) == [6, 5, 4, 3, 2, 1]


def test_pages_follow_each_other_without_overlap(journal: Journal) -> None:
    first = found(journal, 2, path="/pets*")
    second = found(journal, 2, path="/pets*", before_id=first[-1])
    assert first + second == [4, 3, 2, 1]


@pytest.mark.parametrize("status", ["teapot", "6xx", "500-400", "1000", "", "4xx-5xx", range(9, 9)])
def test_a_status_that_makes_no_sense_is_refused_with_the_forms_that_do(
    journal: Journal, status: str
) -> None:
    with pytest.raises(QueryError, match="is not a") as caught:
        journal.recent(status=status)
    assert caught.value.hint
    assert "4xx" in caught.value.hint


def test_times_without_a_zone_and_limits_below_zero_are_refused(journal: Journal) -> None:
    with pytest.raises(QueryError, match="since: 2026-03-01T12:00:00 has no time zone"):
        journal.recent(since=datetime(2026, 3, 1, 12))  # noqa: DTZ001 - the point of the test
    with pytest.raises(QueryError, match="until: inf is not a time"):
        journal.count(Criteria(until=float("inf")))
    with pytest.raises(MockForgeError, match="limit is -1"):
        journal.recent(-1)


def test_filters_that_do_not_exist_or_have_another_type_are_refused(journal: Journal) -> None:
    for filters in ({"stauts": 200}, {"method": 5}, {"since": "yesterday"}):
        with pytest.raises(QueryError) as caught:
            found(journal, **filters)
        assert caught.value.hint
        assert "before_id" in caught.value.hint


def test_get_knows_each_entry_by_its_id(journal: Journal) -> None:
    entry = journal.get(3)
    assert entry is not None
    assert entry.target == "/pets/1?expand=owner"
    assert [journal.get(other) for other in (0, -1, 7)] == [None] * 3


def test_find_gives_entries_in_the_order_they_happened(journal: Journal) -> None:
    assert [entry.id for entry in journal.find(Criteria(method="GET"))] == [1, 3, 4, 6]
    assert [entry.id for entry in journal.find(lambda entry: entry.error is not None)] == [4]


def test_count_counts_what_is_held(journal: Journal) -> None:
    assert journal.count() == 6
    assert journal.count(Criteria(path="/pets*", status="2xx")) == 2
    assert journal.count(Criteria(text="rex")) == 1
    assert journal.count(lambda entry: entry.request_size > 0) == 1


def test_text_looks_into_findings_and_not_into_base64() -> None:
    journal = Journal()
    journal.record(exchange(findings=(Finding("q.type", "limit must be a number"),)))
    journal.record(exchange(body=b"\xff\x00\x10\x83\x10\x51"))
    encoded = journal.recent(1)[0].request_body
    assert found(journal, text="must be a number") == [1]
    assert found(journal, text=encoded) == []


def test_criteria_decode_from_json_and_from_query_parameters(journal: Journal) -> None:
    criteria = msgspec.json.decode(
        b'{"status": "2xx", "since": "2026-03-01T12:00:05Z"}', type=Criteria
    )
    assert journal.count(criteria) == 1
    parameters = {"status": "404", "before_id": "4"}
    assert journal.count(msgspec.convert(parameters, Criteria, strict=False)) == 1
    with pytest.raises(msgspec.ValidationError, match="unknown field `methods`"):
        msgspec.convert({"methods": "GET"}, Criteria)


@settings(max_examples=60)
@given(
    records=st.lists(
        st.tuples(st.sampled_from(["GET", "POST"]), st.sampled_from([200, 201, 404, 500]))
    ),
    limit=st.none() | st.integers(0, 12),
    method=st.none() | st.sampled_from(["GET", "POST"]),
    status=st.none() | st.sampled_from([200, "2xx", "404-500"]),
    size=st.integers(0, 10),
)
def test_recent_agrees_with_a_plain_filter(
    records: list[tuple[str, int]],
    limit: int | None,
    method: str | None,
    status: int | str | None,
    size: int,
) -> None:
    wanted = {200: {200}, "2xx": {200, 201}, "404-500": {404, 500}, None: {200, 201, 404, 500}}
    journal = Journal(max_entries=size)
    for name, code in records:
        journal.record(exchange(name, status=code))
    kept = list(enumerate(records, 1))[-size:] if size else []
    expected = [
        number
        for number, (name, code) in reversed(kept)
        if method in (None, name) and code in wanted[status]
    ]
    assert found(journal, limit, method=method, status=status) == expected[:limit]
