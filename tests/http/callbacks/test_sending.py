"""Callbacks and webhooks as a receiver sees them."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
import trustme

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from mockforge.upstreams.hosts import HostPattern
from mockforge_http.callbacks import Outcome, client
from mockforge_http.callbacks.client import Outgoing
from mockforge_http.callbacks.delivery import Delivery, Sender
from mockforge_http.config import CallbackSettings
from mockforge_http.server import HttpServer
from tests.e2e.processes import serving

from .receiver import PATIENCE, Receiver, receiving

EVENT = {
    "type": "object",
    "required": ["id", "kind", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "kind": {"enum": ["made"]},
        "secret": {"type": "string", "writeOnly": True, "minLength": 1},
    },
}


def document(expression: str, operation: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """``POST /orders/{id}`` with one callback to ``expression``."""
    content = {"application/json": {"schema": EVENT}}
    callback = {
        "post": {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}
    }
    answer = {"application/json": {"example": {"id": 7, "hook": "/made/7"}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": {
            "/orders/{id}": {
                "post": {
                    "parameters": [parameter],
                    "requestBody": body,
                    "responses": {
                        "201": {"description": "made", "content": answer},
                        "422": {"description": "not made"},
                    },
                    "callbacks": {"made": {expression: operation or callback}},
                }
            }
        },
        "webhooks": {
            "news": {"post": {"requestBody": {"content": {"application/json": {"example": {"n": 1}}}}}},
        },
    }  # fmt: skip


BODY_URL = "{$request.body#/callbackUrl}"


@contextmanager
def mock(receiver: Receiver | None, described: Any, **settings: Any) -> Iterator[MockServer]:
    own: dict[str, Any] = {"enabled": True, "retries": 0}
    if receiver is not None:
        own["allow"] = ["127.0.0.1"]
    all_settings = {f"http.callbacks.{key}": value for key, value in {**own, **settings}.items()}
    with MockServer(described, settings=all_settings) as server:
        yield server


def order(url: str, body: Any, target: str = "/orders/7", **headers: str) -> int:
    request = urllib.request.Request(
        url + target,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        status: int = answer.status
        return status


def count(server: MockServer, outcome: str) -> int:
    name = f'mockforge_http_callbacks_total{{outcome="{outcome}"}} '
    (line,) = [line for line in server.metrics.render().splitlines() if line.startswith(name)]
    return int(float(line.removeprefix(name)))


def wait_for(server: MockServer, outcome: str, wanted: int = 1) -> int:
    """Until so many have had this outcome, no more; each look takes a turn of the server's loop."""
    until = time.monotonic() + PATIENCE
    while count(server, outcome) < wanted:
        assert time.monotonic() < until, server.metrics.render()
    found = count(server, outcome)
    assert found == wanted
    return found


# ------------------------------------------------------------------ what is sent


@pytest.mark.shows(
    "http.callbacks.enabled", "http.callbacks.allow", "mockforge_http_callbacks_total"
)
def test_a_callback_is_sent_where_the_request_says() -> None:
    with receiving() as receiver, mock(receiver, document(BODY_URL)) as server:
        assert order(server.url, {"callbackUrl": f"{receiver.url}/hook?a=b c"}) == 201
        received = receiver.next()
        assert (received.method, received.target) == ("POST", "/hook?a=b%20c")
        assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert received.headers["content-type"] == "application/json"
        assert received.headers["user-agent"].startswith("mockforge/")
        assert received.json["kind"] == "made"
        assert "id" not in received.json, "what only answers hold is not in a request"
        wait_for(server, "sent")


@pytest.mark.shows("--callbacks", "--no-callbacks")
def test_nothing_is_sent_unless_asked_for(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document(BODY_URL)))
    env = {"MOCKFORGE_HTTP__CALLBACKS__ALLOW": "127.0.0.1"}
    with receiving() as receiver:
        for flag in ("--no-callbacks", "--callbacks"):
            with serving(tmp_path, "openapi.json", flag, env=env) as running:
                body = {"callbackUrl": f"{receiver.url}/{flag}"}
                assert order(running.url, body) == 201
                running.stop()  # what waits is sent before it ends
        assert receiver.next().target == "/--callbacks"
        assert receiver.requests.empty()


@pytest.mark.parametrize(
    ("expression", "target"),
    [
        ("{hook}/{$request.path.id}/{$request.query.q}", "/7/x"),
        ("{hook}/{$request.header.x-name}", "/bo"),
        ("{hook}/{$method}/{$statusCode}", "/POST/201"),
        ("{hook}{$response.body#/hook}", "/made/7"),
        ("{hook}/{$response.header.content-type}", "/application/json"),
        ("{hook}?url={$url}", "?url=http://127.0.0.1:"),
    ],
)
def test_addresses_are_made_of_the_request_and_its_answer(expression: str, target: str) -> None:
    with receiving() as receiver:
        described = document(expression.replace("{hook}", receiver.url + "/h"))
        with mock(receiver, described) as server:
            order(server.url, {}, "/orders/7?q=x", **{"X-Name": "bo"})
            assert receiver.next().target.startswith(f"/h{target}")


def test_examples_and_required_parameters_are_sent() -> None:
    operation = {
        "put": {
            "parameters": [
                {"name": "X-Event", "in": "header", "required": True, "schema": {"const": "made"}},
                {"name": "v", "in": "query", "required": True, "example": [1, 2]},
                {"name": "w", "in": "query", "schema": {"type": "string"}},
            ],
            "requestBody": {"content": {"application/json": {"example": {"a": 1}}}},
        }
    }
    with receiving() as receiver:
        described = document(f"{receiver.url}/h", operation)
        with mock(receiver, described) as server:
            order(server.url, {})
            received = receiver.next()
            assert (received.method, received.target) == ("PUT", "/h?v=1&v=2")
            assert received.headers["x-event"] == "made"
            assert received.json == {"a": 1}


def test_a_request_that_is_refused_calls_nobody_back() -> None:
    with receiving() as receiver, mock(receiver, document(f"{receiver.url}/h")) as server:
        with pytest.raises(urllib.error.HTTPError):
            order(server.url, [1])
        order(server.url, {})
        receiver.next()
        assert receiver.requests.empty()
        wait_for(server, "sent")


# ------------------------------------------------------------------ what is not


@pytest.mark.parametrize(
    ("allow", "url"),
    [
        ([], "http://127.0.0.1:{port}/"),
        (["*"], "http://127.0.0.1:{port}/"),
        (["example.com", "*.example.com"], "http://127.0.0.1:{port}/"),
        (["127.0.0.1:1"], "http://127.0.0.1:{port}/"),
        (["127.0.0.1"], "http://127.0.0.2:{port}/"),
        (["127.0.0.1"], "ftp://127.0.0.1:{port}/"),
        (["127.0.0.1"], "http://user:secret@127.0.0.1:{port}/"),
        (["127.0.0.1"], "/relative"),
        (["*"], "http://[::ffff:127.0.0.1]:{port}/"),
        (["*"], "http://169.254.169.254/latest/meta-data"),
        (["127.0.0.1"], None),
    ],
)
def test_what_is_not_allowed_is_refused_and_counted(allow: list[str], url: str | None) -> None:
    with receiving() as receiver, mock(None, document(BODY_URL), allow=allow) as server:
        body = {} if url is None else {"callbackUrl": url.format(port=receiver.port)}
        assert order(server.url, body) == 201
        wait_for(server, "refused")
        assert receiver.requests.empty()


@pytest.mark.parametrize("allow", ["127.0.0.0/8", "localhost", "LOCALHOST:{port}"])
def test_addresses_of_this_machine_must_be_named(allow: str) -> None:
    with receiving() as receiver:
        named = [allow.format(port=receiver.port)]
        with mock(None, document(BODY_URL), allow=named) as server:
            host = "localhost" if "host" in allow.lower() else "127.0.0.1"
            order(server.url, {"callbackUrl": f"http://{host}:{receiver.port}/"})
            assert receiver.next().target == "/"
            assert wait_for(server, "sent") == 1


def test_a_pattern_that_is_none_stops_the_start() -> None:
    with pytest.raises(MockForgeError, match="expected a host"):
        mock(None, document(BODY_URL), allow=["http://example.com/"]).__enter__()


@pytest.mark.shows("http.callbacks.max_queue")
def test_what_does_not_fit_the_queue_is_dropped_and_the_answers_do_not_wait() -> None:
    with receiving() as receiver, mock(receiver, document(BODY_URL), max_queue=2) as server:
        receiver.may_answer.clear()
        order(server.url, {"callbackUrl": f"{receiver.url}/1"})
        receiver.next()
        for number in range(2, 6):
            assert order(server.url, {"callbackUrl": f"{receiver.url}/{number}"}) == 201
        wait_for(server, "dropped", 2)
        memory = 'mockforge_memory_bytes{component="http.callbacks"} '
        assert float(server.metrics.render().partition(memory)[2].partition("\n")[0]) > 0
        receiver.may_answer.set()
        assert [receiver.next().target for _ in range(2)] == ["/2", "/3"]
        wait_for(server, "sent", 3)
        dropped = 'mockforge_dropped_total{component="http.callbacks"} 2'
        assert dropped in server.metrics.render()


@pytest.mark.shows("http.callbacks.workers")
def test_a_slow_server_holds_up_no_other_and_each_is_sent_to_in_order() -> None:
    with (
        receiving() as slow,
        receiving() as other,
        mock(slow, document(BODY_URL), workers=2) as server,
    ):
        slow.may_answer.clear()
        for number in range(3):
            order(server.url, {"callbackUrl": f"{slow.url}/{number}"})
        assert slow.next().target == "/0"
        for number in range(3):
            order(server.url, {"callbackUrl": f"{other.url}/{number}"})
        assert [other.next().target for _ in range(3)] == ["/0", "/1", "/2"]
        wait_for(server, "sent", 3)
        assert slow.requests.empty(), "one request at a time to each server"
        slow.may_answer.set()
        assert [slow.next().target for _ in range(2)] == ["/1", "/2"]
        wait_for(server, "sent", 6)


def test_no_more_servers_are_sent_to_at_once_than_there_are_workers() -> None:
    with (
        receiving() as first,
        receiving() as second,
        mock(first, document(BODY_URL), workers=1) as server,
    ):
        first.may_answer.clear()
        order(server.url, {"callbackUrl": first.url})
        first.next()
        order(server.url, {"callbackUrl": second.url})
        assert second.requests.empty()
        first.may_answer.set()
        second.next()
        wait_for(server, "sent", 2)


def test_servers_take_turns_and_all_that_waits_is_sent_before_the_end() -> None:
    sent: list[str] = []

    def make(url: str) -> tuple[str, Outgoing]:
        sent.append(url)
        return "ftp://refused.test/", Outgoing("POST", (), b"")

    async def run() -> Sender:
        sender = Sender(CallbackSettings(enabled=True, workers=1))
        for url in (
            "http://a/1",
            "http://a/2",
            "http://b/1",
            "http://A/3",
            "http://[/",
            "http://b/2",
        ):
            sender.offer(Delivery("test", url, make))
        sender.finish()
        await sender.run()
        return sender

    assert anyio.run(run).held == 0
    assert sent == [
        "http://a/1",
        "http://b/1",
        "http://[/",
        "http://a/2",
        "http://b/2",
        "http://A/3",
    ]


@pytest.mark.shows("http.callbacks.timeout")
def test_who_does_not_answer_in_time_is_given_up() -> None:
    with (
        receiving() as receiver,
        mock(receiver, document(BODY_URL), timeout="50ms") as server,
    ):
        receiver.may_answer.clear()
        assert order(server.url, {"callbackUrl": receiver.url}) == 201
        assert wait_for(server, "failed") == 1
        assert count(server, "sent") == 0


@pytest.mark.shows("http.callbacks.retries")
def test_failures_are_tried_again_so_many_times() -> None:
    with (
        receiving(503, 429, 200, 500, 500, 500, 404) as receiver,
        mock(receiver, document(BODY_URL), retries=2) as server,
    ):
        order(server.url, {"callbackUrl": f"{receiver.url}/1"})
        assert [receiver.next().target for _ in range(3)] == ["/1"] * 3
        wait_for(server, "sent")
        order(server.url, {"callbackUrl": f"{receiver.url}/2"})
        assert [receiver.next().target for _ in range(3)] == ["/2"] * 3
        wait_for(server, "failed")
        order(server.url, {"callbackUrl": f"{receiver.url}/3"})
        assert receiver.next().target == "/3"
        wait_for(server, "failed", 2)
        assert receiver.requests.empty(), "what is refused for good is not tried again"


def test_redirects_are_not_followed() -> None:
    with receiving(302) as receiver, mock(receiver, document(BODY_URL)) as server:
        order(server.url, {"callbackUrl": f"{receiver.url}/away"})
        assert receiver.next().target == "/away"
        wait_for(server, "sent")
        assert receiver.requests.empty()


def test_what_waits_when_the_server_stops_gets_one_attempt() -> None:
    with receiving(*[503] * 20) as receiver:
        receiver.may_answer.clear()
        allow = (HostPattern.parse("127.0.0.1"),)
        settings = CallbackSettings(enabled=True, allow=allow, retries=5)

        async def run() -> Sender:
            sender = Sender(settings)
            for number in range(3):
                url = f"{receiver.url}/{number}"
                sender.offer(Delivery("test", url, lambda url: (url, Outgoing("POST", (), b""))))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(sender.run)
                assert (await anyio.to_thread.run_sync(receiver.next)).target == "/0"
                sender.finish()
                receiver.may_answer.set()
            return sender

        assert anyio.run(run).counts == {"failed": 3}
        assert [receiver.next().target for _ in range(2)] == ["/1", "/2"]
        assert receiver.requests.empty(), "none is tried again"


def test_what_still_waits_when_the_server_is_cut_off_is_dropped() -> None:
    async def cut() -> tuple[Sender, list[Delivery]]:
        sender = Sender(CallbackSettings(enabled=True, max_queue=3))
        waiting = [Delivery("test", "http://127.0.0.1/", _never) for _ in range(3)]
        for delivery in waiting:
            sender.offer(delivery)
        assert sender.held > 0
        sender.close()
        return sender, waiting

    sender, waiting = anyio.run(cut)
    assert sender.counts == {"dropped": 3}
    assert sender.held == 0
    assert all(delivery.done.is_set() for delivery in waiting)


def test_many_that_there_is_no_room_for_are_counted_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fill() -> Sender:
        sender = Sender(CallbackSettings(enabled=True, max_queue=3))
        for number in range(50):
            sender.offer(Delivery("test", f"http://127.0.0.1/{number}", _never))
        said = [each.getMessage() for each in caplog.records]
        assert said == ["test to http://127.0.0.1/3 dropped (too many wait (`max_queue`))"]
        sender.close()
        return sender

    assert anyio.run(fill).counts == {"dropped": 50}


def _never(url: str) -> tuple[str, Outgoing]:
    raise AssertionError(url)


# ------------------------------------------------------------------ TLS


def test_https_is_spoken_and_certificates_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    client._context.cache_clear()
    for issuer, outcome in ((authority, "sent"), (stranger, "failed")):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        issuer.issue_cert("localhost").configure_cert(context)
        with receiving(context=context) as receiver:
            described = document(BODY_URL)
            with mock(None, described, allow=["localhost"]) as server:
                order(server.url, {"callbackUrl": f"https://localhost:{receiver.port}/s"})
                assert wait_for(server, outcome) == 1
                arrived = [] if receiver.requests.empty() else [receiver.next().target]
                assert arrived == (["/s"] if outcome == "sent" else [])
    client._context.cache_clear()


# ------------------------------------------------------------------ webhooks


def send_webhook(server: MockServer, name: str, url: str, method: str | None = None) -> Outcome:
    (http,) = server.kernel.servers
    assert isinstance(http, HttpServer)
    return server._running.call(http.send_webhook, name, url, method)


def test_webhooks_are_sent_by_name() -> None:
    with receiving(200, 404) as receiver, mock(receiver, document(BODY_URL)) as server:
        assert send_webhook(server, "news", f"{receiver.url}/n") == Outcome("sent", 200)
        assert receiver.next().json == {"n": 1}
        assert send_webhook(server, "news", receiver.url) == Outcome("failed", 404)
        assert send_webhook(server, "news", "http://192.168.0.1/").result == "refused"
        with pytest.raises(MockForgeError, match="no document declares the webhook olds") as failed:
            send_webhook(server, "olds", receiver.url)
        assert failed.value.hint == "declared: news"
        with pytest.raises(MockForgeError, match="PUT news"):
            send_webhook(server, "news", receiver.url, "PUT")


def test_webhooks_are_not_sent_where_callbacks_are_off() -> None:
    with (
        MockServer(document(BODY_URL)) as server,
        pytest.raises(MockForgeError, match="webhooks are not sent"),
    ):
        send_webhook(server, "news", "http://127.0.0.1/")


def test_settings_and_documents_are_taken_on_at_reload(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document(BODY_URL)))
    with receiving() as receiver, mock(receiver, path) as server:
        described = document(BODY_URL)
        described["webhooks"] = {"olds": described["webhooks"]["news"]}
        path.write_text(json.dumps(described))
        server.reload()
        assert send_webhook(server, "olds", receiver.url).result == "sent"


def test_the_next_address_of_a_host_is_tried_where_one_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(None, None, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr("mockforge.upstreams.permitted.anyio.getaddrinfo", resolve)
    with receiving() as receiver:
        settings = CallbackSettings(enabled=True, allow=(HostPattern.parse("two.test"),), retries=0)

        async def run() -> Outcome | None:
            sender = Sender(settings)
            url = f"http://two.test:{receiver.port}/hook"
            delivery = Delivery("test", url, lambda url: (url, Outgoing("POST", (), b"x")))
            sender.offer(delivery)
            sender.finish()
            await sender.run()
            return delivery.outcome

        assert anyio.run(run) == Outcome("sent", 204)
        assert receiver.next().headers["host"] == f"two.test:{receiver.port}"
