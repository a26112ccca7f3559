"""Every limit is met exactly and exceeded by one, and the answer names the setting to raise."""

from __future__ import annotations

import asyncio

import pytest

from mockforge.mocking.remembered import Remembered
from mockforge_http.config import HttpConfig, Timeouts
from mockforge_http.wire import Limits
from mockforge_http.wire.head import MAX_HEADS, HeadReader
from tests.http.wire.harness import HOST, App, Later, limits, run, serving, until

P = b"POST / HTTP/1.1\r\n" + HOST


def test_limits_are_those_of_the_settings() -> None:
    config = HttpConfig(max_connections=7, timeouts=Timeouts(head=1.5))  # type: ignore[arg-type]
    made = Limits.of(config)
    assert made.max_connections == 7
    assert made.head_timeout == 1.5
    assert made.max_bodies == config.max_bodies
    assert made.tick == 0.375
    assert limits().tick == 1.0


def test_request_line() -> None:
    async def scenario() -> None:
        async with serving(max_request_line=100) as served:
            client = await served.connect()
            longest = b"/" + b"a" * (100 - len(b"GET / HTTP/1.1"))
            assert (await client.get(longest.decode())).status == 200
            await client.send(b"GET " + longest + b"b HTTP/1.1\r\n" + HOST + b"\r\n")
            answer = await client.answer()
            assert answer.status == 414
            assert "http.max_request_line" in answer.json["detail"]
            assert await client.ended() == b""

    run(scenario)


@pytest.mark.parametrize("size", [101, 5000])
def test_a_request_line_without_end_is_refused_when_it_is_too_long(size: int) -> None:
    async def scenario() -> None:
        async with serving(max_request_line=100) as served:
            client = await served.connect()
            for _ in range(size + 1):
                client.writer.write(b"a")
            await client.writer.drain()
            assert (await client.answer()).status == 414
            assert len(served.app.over[0].request.method) <= 32

    run(scenario)


@pytest.mark.parametrize("pieces", [1, 50])
def test_head(pieces: int) -> None:
    async def scenario() -> None:
        async with serving(max_head=1000) as served:
            client = await served.connect()
            start = b"GET / HTTP/1.1\r\n" + HOST + b"A: "
            fits = start + b"x" * (1000 - len(start) - 4) + b"\r\n\r\n"
            await client.send(fits)
            assert (await client.answer()).status == 200
            assert served.app.asked[0].request.head_size == 1000
            over = start + b"x" * (1001 - len(start) - 4) + b"\r\n\r\n"
            step = len(over) // pieces
            for position in range(0, len(over), step):
                await client.send(over[position : position + step])
                await asyncio.sleep(0)
            answer = await client.answer()
            assert answer.status == 431
            assert "http.max_head" in answer.json["detail"]
            assert await client.ended() == b""

    run(scenario)


def test_a_head_without_end_is_refused_when_it_is_too_large() -> None:
    async def scenario() -> None:
        async with serving(max_head=1000) as served:
            client = await served.connect()
            await client.send(b"GET / HTTP/1.1\r\n" + HOST)
            for _ in range(100):
                await client.send(b"A: 01234567\r\n")
            assert (await client.answer()).status == 431

    run(scenario)


def test_declared_body_is_refused_before_it_is_sent() -> None:
    async def scenario() -> None:
        async with serving(max_body=10) as served:
            client = await served.connect()
            await client.send(P + b"Content-Length: 10\r\n\r\n0123456789")
            assert (await client.answer()).status == 200
            await client.send(P + b"Content-Length: 11\r\nExpect: 100-continue\r\n\r\n")
            answer = await client.answer()
            assert answer.status == 413
            assert "http.max_body" in answer.json["detail"]
            assert await client.ended() == b""
            assert served.app.over[1].request.method == "POST"

    run(scenario)


def test_a_body_that_is_there_already_is_refused_too() -> None:
    async def scenario() -> None:
        async with serving(max_body=10) as served:
            answer, rest = await served.once(P + b"Content-Length: 11\r\n\r\n0123456789a")
            assert (answer.status, rest) == (413, b"")

    run(scenario)


@pytest.mark.parametrize("sizes", [(10,), (5, 5), (1,) * 10])
def test_chunked_body(sizes: tuple[int, ...]) -> None:
    async def scenario() -> None:
        async with serving(max_body=10) as served:
            client = await served.connect()
            chunks = b"".join(b"%x\r\n%b\r\n" % (size, b"x" * size) for size in sizes)
            head = P + b"Transfer-Encoding: chunked\r\n\r\n"
            await client.send(head + chunks + b"0\r\n\r\n")
            assert (await client.answer()).json["body"] == "x" * 10
            await client.send(head + chunks + b"1\r\n")
            assert (await client.answer()).status == 413
            assert await client.ended() == b""

    run(scenario)


def test_trailers_and_chunk_lines() -> None:
    async def scenario() -> None:
        async with serving(max_head=300) as served:
            head = P + b"Transfer-Encoding: chunked\r\n\r\n"
            answer, _ = await served.once(head + b"0\r\nA: " + b"x" * 300 + b"\r\n\r\n")
            assert answer.status == 431
            assert "http.max_head" in answer.json["detail"]
            answer, _ = await served.once(head + b"0\r\n" + b"A: b\r\n" * 60)
            assert answer.status == 431
            answer, _ = await served.once(head + b"1;" + b"x" * 1100 + b"\r\na\r\n0\r\n\r\n")
            assert answer.status == 400
            answer, _ = await served.once(head + b"1;" + b"x" * 1100)
            assert answer.status == 400
            client = await served.connect()
            await client.send(head + b"1;" + b"x" * 1000 + b"\r\na\r\n0\r\nA: b\r\n\r\n")
            assert (await client.answer()).status == 200

    run(scenario)


def test_connections() -> None:
    async def scenario() -> None:
        async with serving(max_connections=3) as served:
            clients = [await served.connect() for _ in range(3)]
            for client in clients:
                assert (await client.get()).status == 200
            extra = await served.connect()
            answer = await extra.answer()
            assert answer.status == 503
            assert answer.headers["retry-after"] == "1"
            assert "http.max_connections" in answer.json["detail"]
            assert await extra.ended() == b""
            assert served.listener.stats.refused == 1
            assert served.listener.stats.accepted == 3
            assert served.app.over[-1].error == answer.json["detail"]
            assert (await clients[0].get()).status == 200
            await extra.close()
            await clients[0].close()
            await served.app.until(lambda: True)
            await until(lambda: served.listener.connections == 2)
            assert (await (await served.connect()).get()).status == 200

    run(scenario)


def test_refused_connections_are_bounded_too() -> None:
    async def scenario() -> None:
        async with serving(max_connections=1) as served:
            await (await served.connect()).get()
            for _ in range(100):
                await served.connect()
            await served.app.until(lambda: len(served.app.over) == 101)
            assert served.listener.connections <= 1 + 64 + 1
            assert served.listener.stats.refused == 100

    run(scenario)


def test_bodies_of_all_connections_together() -> None:
    async def scenario() -> None:
        async with serving(max_bodies=1000) as served:
            first, second = await served.connect(), await served.connect()
            hub = served.listener._hub
            assert hub is not None
            await first.send(P + b"Content-Length: 900\r\n\r\n" + b"x" * 800)
            await until(lambda: hub.held >= 800)
            await second.send(P + b"Content-Length: 900\r\n\r\n" + b"x" * 201)
            answer = await second.answer()
            assert answer.status == 503
            assert "http.max_bodies" in answer.json["detail"]
            assert await second.ended() == b""
            await first.send(b"x" * 100)
            assert (await first.answer()).status == 200
            assert hub.held == 0

    run(scenario)


def test_bodies_waiting_for_their_turn_count() -> None:
    async def scenario() -> None:
        later = Later(b"")
        async with serving(App(later), max_bodies=1000) as served:
            first, second = await served.connect(), await served.connect()
            hub = served.listener._hub
            assert hub is not None
            await first.send(P + b"Content-Length: 900\r\n\r\n" + b"x" * 900)
            await served.app.until(lambda: len(served.app.asked) == 1)
            assert hub.held == 900
            assert served.listener.memory_bytes() > 900
            await second.send(P + b"Content-Length: 900\r\n\r\n" + b"x" * 101)
            assert (await second.answer()).status == 503
            later.release.set()
            assert (await first.answer()).status == 200
            assert hub.held == 0

    run(scenario)


def test_bodies_that_come_in_one_piece_count_too() -> None:
    async def scenario() -> None:
        later = Later(b"")
        async with serving(App(later), max_bodies=1000) as served:
            post = P + b"Content-Length: 400\r\n\r\n" + b"x" * 400
            clients = [await served.connect() for _ in range(4)]
            for client in clients[:3]:
                await client.send(post)
            await served.app.until(lambda: len(served.app.asked) == 3)
            await clients[3].send(post)
            assert (await clients[3].answer()).status == 503
            later.release.set()
            for client in clients[:3]:
                assert (await client.answer()).status == 200
            assert (await (await served.connect()).get()).status == 200

    run(scenario)


def test_requests_waiting_for_their_turn() -> None:
    async def scenario() -> None:
        later = Later()
        async with serving(App(later), max_pipelined=5) as served:
            client = await served.connect()
            await client.send(
                b"".join(b"GET /%d HTTP/1.1\r\n%b\r\n" % (number, HOST) for number in range(50))
            )
            await served.app.until(lambda: len(served.app.asked) == 5)
            await client.send(b"GET /50 HTTP/1.1\r\n" + HOST + b"\r\n")
            other = await served.connect()
            await other.send(b"GET /other HTTP/1.1\r\n" + HOST + b"\r\n")
            await served.app.until(lambda: served.app.asked[-1].request.target == "/other")
            assert len(served.app.asked) == 6
            later.release.set()
            for number in range(51):
                assert (await client.answer()).body == b"/%d" % number
            assert (await other.answer()).body == b"/other"

    run(scenario)


def test_bodies_of_requests_waiting_for_their_turn() -> None:
    async def scenario() -> None:
        later = Later()
        async with serving(App(later), max_body=1000) as served:
            client = await served.connect()
            post = b"POST /%d HTTP/1.1\r\n%bContent-Length: 400\r\n\r\n" + b"x" * 400
            await client.send(b"".join(post % (number, HOST) for number in range(20)))
            await served.app.until(lambda: len(served.app.asked) == 1)
            hub = served.listener._hub
            assert hub is not None
            await until(lambda: hub.held >= 1200)
            assert hub.held == 1200  # two fit, the third fills it, the fourth is not read
            later.release.set()
            for number in range(20):
                assert (await client.answer()).body == b"/%d" % number
            assert hub.held == 0

    run(scenario)


def test_what_is_remembered_is_bounded() -> None:
    memory: Remembered[bytes, int] = Remembered(most=10, most_bytes=1000, longest=200)
    for number in range(100):
        key = b"key %d" % number
        for _ in range(2):
            memory.offer(key, number, len(key))
        assert memory.known[key] == number
        assert len(memory.known) <= 10
        assert memory.key_bytes == sum(map(len, memory.known))
    for number in range(100):
        key = b"x" * 150 + b"%d" % number
        for _ in range(2):
            memory.offer(key, number, len(key))
        assert memory.key_bytes == sum(map(len, memory.known)) <= 1000
    for _ in range(2):
        memory.offer(b"x" * 201, 1, 201)
    assert b"x" * 201 not in memory.known


def test_what_comes_once_is_not_remembered() -> None:
    memory: Remembered[bytes, int] = Remembered(most=10, most_bytes=1000, longest=200)
    for number in range(5000):
        memory.offer(b"key %d" % number, number, 8)
    assert memory.known == {}
    assert len(memory._seen) == 1024


def test_heads_that_come_again_are_read_once() -> None:
    reader = HeadReader(limits())
    head = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
    assert reader.read(head % 1) is not reader.read(head % 1)
    assert reader.read(head % 1) is reader.read(head % 1)
    for number in range(2000):
        for _ in range(2):
            reader.read(head % number)
    assert len(reader.memory.known) <= MAX_HEADS
    assert len(reader.blocks.memory.known) == 1
    assert 0 < reader.memory_bytes() < 2_000_000
