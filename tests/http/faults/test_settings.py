"""Latency and failures: what the settings mean, what is drawn, and what the pipeline does with it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest

from mockforge.config.types import Duration
from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.mocking.faults import Fault, compile_delay, compile_fault
from mockforge_http.config import Cors, HttpConfig
from mockforge_http.config_faults import (
    FailureOverride,
    Failures,
    Latency,
    LatencyOverride,
    RateLimit,
)
from mockforge_http.cors import CorsPolicy
from mockforge_http.faults.configured import ConfiguredFaults
from mockforge_http.faults.failures import Chances
from mockforge_http.faults.latency import Delays
from mockforge_http.faults.pipeline import FaultyPipeline
from mockforge_http.operations.responder import Routes
from mockforge_http.pipeline import Pipeline
from tests.http.faults.answers import pieces
from tests.http.faults.times import Steps

FIXED = compile_delay("80ms")


def asked(path: str = "/", origin: bool = False) -> Exchange:
    headers = [(b"Origin", b"https://app.test")] if origin else []
    return Exchange(Request("GET", path, headers, client="10.0.0.1:1"))


# ------------------------------------------------------------------ latency


@pytest.mark.parametrize(
    ("settings", "on"),
    [
        (Latency(), False),
        (Latency(enabled=True), True),
        (Latency(default=FIXED), True),
        (Latency(overrides=(LatencyOverride(delay=FIXED),)), True),
        (Latency(enabled=False, default=FIXED), False),
    ],
)
def test_latency_is_on_where_it_is_given_or_said_to_be(settings: Latency, on: bool) -> None:
    assert (Delays.of(settings, 1) is not None) is on


def test_latency_without_a_delay_is_thirty_to_seventy_milliseconds() -> None:
    delays = Delays(Latency(enabled=True), 1)
    drawn = [delays.draw(asked()) for _ in range(2000)]
    assert 0.03 <= min(drawn) < 0.031
    assert 0.069 < max(drawn) <= 0.07


def test_an_override_has_a_delay_of_its_own() -> None:
    slow = LatencyOverride(path="/slow*", delay=compile_delay("2s"))
    delays = Delays(Latency(default=FIXED, overrides=(slow,)), 1)
    assert delays.draw(asked("/slow/1")) == 2
    assert delays.draw(asked("/fast")) == 0.08
    only = Delays(Latency(overrides=(slow,)), 1)
    assert only.draw(asked("/fast")) == 0


def test_delays_are_the_same_for_the_same_seed_whatever_happens_elsewhere() -> None:
    spread = compile_delay({"lognormal": {"median": "80ms", "sigma": 0.4}})
    settings = Latency(default=spread, overrides=(LatencyOverride(path="/a", delay=spread),))
    one, two, other = (Delays(settings, seed) for seed in (1, 1, 2))
    drawn = [one.draw(asked("/a")) for _ in range(20)]
    again = []
    for _ in range(20):
        two.draw(asked("/b"))
        again.append(two.draw(asked("/a")))
    assert drawn == again
    assert drawn != [other.draw(asked("/a")) for _ in range(20)]
    assert drawn != [one.draw(asked("/b")) for _ in range(20)]


# ------------------------------------------------------------------ failures


def outcomes(settings: Failures, count: int, path: str = "/", seed: int = 1) -> Counter[Any]:
    chances = Chances(settings, seed)
    drawn = [chances.draw(asked(path)) for _ in range(count)]
    return Counter(each.status if isinstance(each, Response) else each for each in drawn)


@pytest.mark.parametrize(
    ("settings", "on"),
    [
        (Failures(), False),
        (Failures(enabled=True), True),
        (Failures(rate=0.5), True),
        (Failures(overrides=(FailureOverride(rate=0.5),)), True),
        (Failures(enabled=False, rate=0.5), False),
    ],
)
def test_failures_are_on_where_they_are_given_or_said_to_be(settings: Failures, on: bool) -> None:
    assert (Chances.of(settings, 1) is not None) is on


def test_the_rate_is_the_share_that_fails() -> None:
    count = 20_000
    found = outcomes(Failures(rate=0.3), count)
    assert (count - found[None]) / count == pytest.approx(0.3, abs=0.01)
    assert set(found) == {None, 500, 502, 503, 504}
    assert all(found[status] / count == pytest.approx(0.075, abs=0.006) for status in (500, 504))


@pytest.mark.parametrize(("rate", "failing"), [(0.0, 0), (1.0, 500)])
def test_none_fails_at_0_and_all_fail_at_1(rate: float, failing: int) -> None:
    assert 500 - outcomes(Failures(rate=rate), 500)[None] == failing


def test_failures_without_a_rate_are_a_tenth() -> None:
    found = outcomes(Failures(enabled=True), 20_000)
    assert found[None] / 20_000 == pytest.approx(0.9, abs=0.01)


def test_statuses_and_faults_are_equally_likely() -> None:
    reset, empty = compile_fault("reset"), compile_fault("empty")
    found = outcomes(Failures(rate=1, statuses=(503,), faults=(reset, empty)), 3000)
    assert set(found) == {503, reset, empty}
    assert all(count == pytest.approx(1000, abs=100) for count in found.values())
    assert set(outcomes(Failures(rate=1, faults=(reset,)), 50)) == {reset}


def test_an_override_fails_in_its_own_way() -> None:
    settings = Failures(overrides=(FailureOverride(path="/pay", rate=1, statuses=(402,)),))
    assert outcomes(settings, 50, "/pay") == {402: 50}
    assert outcomes(settings, 50, "/other") == {None: 50}


def test_failures_are_the_same_for_the_same_seed() -> None:
    def drawn(seed: int) -> list[Any]:
        chances = Chances(Failures(rate=0.5), seed)
        return [
            None if outcome is None else getattr(outcome, "status", None)
            for outcome in (chances.draw(asked()) for _ in range(60))
        ]

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [('{"error": "down"}', "application/json"), ("down", "text/plain; charset=utf-8")],
)
def test_a_body_of_ones_own_says_what_it_is(body: str, media_type: str) -> None:
    answer = Chances(Failures(rate=1, body=body), 1).draw(asked())
    assert isinstance(answer, Response)
    assert (answer.body.decode(), answer.header("content-type")) == (body, media_type)


def test_without_one_it_is_a_problem_document() -> None:
    answer = Chances(Failures(rate=1, statuses=(503,)), 1).draw(asked())
    assert isinstance(answer, Response)
    problem = msgspec.json.decode(answer.body)
    assert (problem["status"], problem["type"]) == (503, "urn:mockforge:problem:injected-failure")


# ------------------------------------------------------------------ in the pipeline


class Always:
    """A responder that answers with what it was given; ``asked`` counts."""

    def __init__(self, response: Response, *, later: bool = False) -> None:
        self.response = response
        self.later = later
        self.asked = 0

    def respond(self, exchange: Exchange) -> Any:
        self.asked += 1
        exchange.source = "stub:always"

        async def wait() -> Response:
            await asyncio.sleep(0)
            return self.response

        return wait() if self.later else self.response


class Made:
    """A pipeline with these settings around one responder."""

    def __init__(self, responder: Always | None = None, **settings: Any) -> None:
        self.responder = responder or Always(Response(200, (), b"answer"))
        self.steps = Steps()
        config = msgspec.structs.replace(HttpConfig(), **settings)
        self.faults = ConfiguredFaults(config, 1, self.steps)
        self.pipeline = self.faults.pipeline(
            routes=Routes(),
            responders=[self.responder],
            transformers=(),
            cors=CorsPolicy(Cors()),
            source_header=False,
            note_failure=lambda transformer, error: str(error),
        )

    def now(self, exchange: Exchange) -> Response:
        """The answer that is there at once."""
        answer = self.pipeline.handle(exchange)
        assert isinstance(answer, Response)
        assert exchange.response is answer
        return answer

    async def later(self, exchange: Exchange) -> tuple[Response, float]:
        """The answer that is waited for, and the time then."""
        answer = self.pipeline.handle(exchange)
        assert not isinstance(answer, Response)
        task = asyncio.ensure_future(answer)
        await self.steps.step()
        return await task, self.steps.time


def test_where_nothing_is_configured_the_pipeline_is_the_plain_one() -> None:
    assert type(Made().pipeline) is Pipeline
    assert type(Made(latency=Latency(enabled=False, default=FIXED)).pipeline) is Pipeline
    assert type(Made(failures=Failures(rate=0.5)).pipeline) is FaultyPipeline


@pytest.mark.parametrize("later", [False, True])
def test_answers_are_held_back(later: bool) -> None:
    async def scenario() -> None:
        made = Made(Always(Response(200, (), b"a"), later=later), latency=Latency(default=FIXED))
        answer, time = await made.later(asked())
        assert answer.body == b"a"
        assert time == pytest.approx(0.08)
        assert (made.faults.waiting.count, made.faults.waiting.seconds) == (1, 0.08)

    asyncio.run(scenario())


def test_a_failure_asks_no_responder() -> None:
    made = Made(failures=Failures(rate=1, statuses=(503,)))
    exchange = asked(origin=True)
    answer = made.now(exchange)
    assert answer.status == 503
    assert made.responder.asked == 0
    assert made.faults.failed == 1
    assert exchange.source == "none"
    # a browser may see it like any other answer
    assert answer.header("access-control-allow-origin") == "https://app.test"


def test_a_failure_is_held_back_as_well() -> None:
    async def scenario() -> None:
        made = Made(failures=Failures(rate=1), latency=Latency(default=FIXED))
        answer, _ = await made.later(asked())
        assert answer.status >= 500

    asyncio.run(scenario())


@pytest.mark.parametrize("later", [False, True])
def test_a_drawn_fault_is_done_to_the_answer_of_the_mock(later: bool) -> None:
    async def scenario() -> None:
        fault = compile_fault("truncate")
        responder = Always(Response(200, (), b"a"), later=later)
        made = Made(responder, failures=Failures(rate=1, faults=(fault,)))
        answer = made.pipeline.handle(asked())
        answer = answer if isinstance(answer, Response) else await answer
        assert (answer.fault, answer.body) == (fault, b"a")
        assert responder.response.fault is None

    asyncio.run(scenario())


def test_the_fault_of_a_stub_stays() -> None:
    own: Fault = compile_fault("empty")
    made = Made(
        Always(Response(200, (), b"a", fault=own)),
        failures=Failures(rate=1, faults=(compile_fault("reset"),)),
    )
    assert made.now(asked()).fault is own


def test_a_request_over_the_limit_gets_429_at_once() -> None:
    made = Made(
        rate_limits=(RateLimit(requests=2, window=Duration(60)),), failures=Failures(rate=0.0)
    )
    first, second, third = (made.now(asked(origin=True)) for _ in range(3))
    assert [first.status, second.status, third.status] == [200, 200, 429]
    assert [answer.header("ratelimit-remaining") for answer in (first, second, third)] == [
        "1",
        "0",
        "0",
    ]
    assert third.header("retry-after") == "30"
    assert third.header("access-control-allow-origin") == "https://app.test"
    assert made.responder.asked == 2
    assert made.faults.refused == 1


def test_no_limit_no_headers() -> None:
    made = Made(rate_limits=(RateLimit(requests=2, path="/limited"),))
    assert made.now(asked("/free")).headers == ()


def test_a_stream_is_closed_when_its_client_leaves_while_it_is_held_back() -> None:
    closed = []

    async def source() -> Any:
        try:
            async for piece in pieces():
                yield piece
        finally:
            closed.append(True)

    async def scenario() -> None:
        stream = source()
        await anext(stream)
        made = Made(Always(Response(200, stream=stream)), latency=Latency(default=FIXED))
        answer = made.pipeline.handle(asked())
        assert not isinstance(answer, Response)
        task = asyncio.ensure_future(answer)
        while not made.steps.sleeping:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed == [True]
        assert made.steps.sleeping == 0

    asyncio.run(scenario())


def test_counters_never_fall() -> None:
    settings: dict[str, Any] = {"rate_limits": (RateLimit(requests=1),), "max_limited_clients": 1}
    old, new = Made(**settings), Made(**settings)
    for made in (old, new):
        made.now(asked())
        made.now(asked())
        made.now(Exchange(Request("GET", "/", [], client="10.0.0.2:1")))
    new.faults.failed = old.faults.failed = 3
    new.faults.take_over(old.faults)
    assert (new.faults.refused, new.faults.forgotten, new.faults.failed) == (2, 2, 6)
    assert new.faults.memory_bytes() == new.faults.memory_limit() > 0
    assert Made().faults.memory_limit() == 0
