"""Stubs as users meet them: files, the command line, curl and httpx, reload and watch, the test kit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge import hookimpl
from mockforge.contracts import CustomPredicate
from mockforge.errors import StartError
from mockforge.mocking.exchange import Exchange, Response
from mockforge.mocking.stubs import StubError
from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.e2e.raw import PATIENCE, connected, get
from tests.http.callbacks.receiver import receiving
from tests.http.server.documents import content, document
from tests.http.server.documents import get as operation
from tests.kernel.cli.running import mockforge
from tests.kernel.observe.waiting import wait_until

PET = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
DOCUMENT = document(
    {
        "/pets/{petId}": {
            **operation(("200", content(json={"schema": PET, "example": {"id": 1}}))),
            "parameters": [
                {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
            ],
        },
        "/pets/mine": operation(("200", content(json={"schema": PET, "example": {"id": 2}}))),
    }
)
DOCUMENT["paths"]["/pets/{petId}"]["get"]["operationId"] = "getPet"


def mocks(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files with three stubs."""
    mocks(
        tmp_path / "mocks",
        "pets.yaml",
        """
        - id: pet
          request: {method: GET, path: '/pets/{petId}', headers: {X-Tenant: a}}
          response: {json: {id: '{{ request.path.petId | int }}'}, template: true}
        - id: made
          request: {method: POST, path: /pets, body: {json: {name: rex}}}
          response: {status: 201, headers: {Location: /pets/7}}
        """,
    )
    nested = tmp_path / "mocks" / "more"
    mocks(nested, "file.json", '{"request": {"path": "/big"}, "response": {"file": "big.bin"}}')
    (nested / "big.bin").write_bytes(os.urandom(3_000_000))
    return tmp_path


@pytest.mark.shows("--mocks")
def test_stubs_are_served_from_files_and_folders_and_counted_at_the_start(folder: Path) -> None:
    single = mocks(folder, "one.yaml", "request: {path: /one}\nresponse: {text: one}\n")
    arguments = ("--mocks", "mocks", "--mocks", str(single))
    with serving(folder, *arguments) as running:
        curl = shutil.which("curl")
        assert curl is not None
        done = subprocess.run(
            [curl, "-s", "-H", "X-Tenant: a", f"{running.url}/pets/41"],
            capture_output=True, check=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.stdout == '{"id":41}'
        made = httpx.post(f"{running.url}/pets", json={"name": "rex", "age": 3})
        assert (made.status_code, made.headers["Location"]) == (201, "/pets/7")
        big = httpx.get(f"{running.url}/big")
        assert big.content == (folder / "mocks" / "more" / "big.bin").read_bytes()
        assert running.fetch("/one").body == b"one"
    limit = {"MOCKFORGE_HTTP__MAX_STUBS": "3", "MOCKFORGE_HTTP_PORT": "0"}
    done = mockforge(folder, "serve", *arguments, cwd=folder, env=limit)
    assert done.returncode == 3
    assert "more than 3 stubs" in done.stderr


def test_the_summary_says_how_many_stubs_there_are(folder: Path) -> None:
    with MockServer(settings={"http.mocks": [str(folder / "mocks")]}) as server:
        (http,) = server.kernel.servers
        assert "3 stubs from 2 files" in list(http.summary())


@pytest.mark.shows("http.mocks")
def test_a_broken_stub_stops_the_start_with_all_that_is_wrong(folder: Path) -> None:
    wrong = mocks(
        folder / "mocks",
        "wrong.yaml",
        "- request: {mehtod: GET}\n  response: {}\n- request: {}\n  response: {status: 1}\n",
    )
    with (
        pytest.raises(StartError) as caught,
        MockServer(settings={"http.mocks": [str(folder / "mocks")]}),
    ):
        pass
    said = str(caught.value)
    assert f"{wrong}:1:13 ([0].request.mehtod): unknown key 'mehtod' (did you mean method?)" in said
    assert f"{wrong}:4:14 ([1].response.status): must be a status from 200 to 999" in said


def test_a_reload_takes_on_changes_keeps_what_was_put_and_the_last_good_state(folder: Path) -> None:
    with MockServer(settings={"http.mocks": [str(folder / "mocks")]}) as server:
        server.stub("GET", "/put", text="put")
        stub = folder / "mocks" / "pets.yaml"
        stub.write_text("request: {path: /new}\nresponse: {text: new}\n")
        server.reload()
        assert httpx.get(f"{server.url}/new").text == "new"
        assert httpx.get(f"{server.url}/put").text == "put"
        assert httpx.get(f"{server.url}/pets/1", headers={"X-Tenant": "a"}).status_code == 404
        stub.write_text("request: {path: /newer}\nresponse: {text: \n")
        with pytest.raises(StartError):
            server.reload()
        assert httpx.get(f"{server.url}/new").text == "new"


def test_watching_takes_on_a_new_file_and_survives_a_broken_one(folder: Path) -> None:
    with serving(folder, "--mocks", "mocks", "--watch") as running:
        broken = mocks(folder / "mocks", "broken.yaml", "request: {path: [}\n")
        assert "not reloaded, the last good state stays" in running.message()
        assert running.fetch("/pets/1", extra=b"X-Tenant: a\r\n").status == 200
        broken.write_text("request: {path: /fixed}\nresponse: {text: fixed}\n")
        wait_until(lambda: running.fetch("/fixed").status == 200)


@pytest.mark.shows("http.max_stubs", "mockforge_http_stubs")
def test_stubs_are_bounded_when_they_are_put_as_well() -> None:
    with MockServer(settings={"http.max_stubs": 2}) as server:
        server.stub("GET", "/1", status=204)
        second = server.stub("GET", "/2", status=204)
        with pytest.raises(StubError, match="there are 2 stubs already"):
            server.stub("GET", "/3", status=204)
        assert "mockforge_http_stubs 2" in server.metrics.render()
        assert second.remove()
        assert "mockforge_http_stubs 1" in server.metrics.render()
        server.stub("GET", "/3", status=204)
        assert httpx.get(f"{server.url}/3").status_code == 204
        assert httpx.get(f"{server.url}/2").status_code == 404


# ------------------------------------------------------------------ over documents


def test_a_stub_for_an_operation_answers_that_one_alone() -> None:
    with MockServer(DOCUMENT) as server:
        server.stub(
            {
                "request": {"operation": "getPet", "query": {"q": {"absent": True}}},
                "response": {"json": {"id": "{{ request.path.petId | int }}"}, "template": True},
            }
        )
        assert httpx.get(f"{server.url}/pets/9").json() == {"id": 9}
        assert httpx.get(f"{server.url}/pets/9?q=1").json() == {"id": 1}
        assert httpx.get(f"{server.url}/pets/mine").json() == {"id": 2}
        # Stubs are asked before the check of requests, so they may answer what is wrong.
        assert httpx.get(f"{server.url}/pets/mine?x=1").status_code == 200
        server.stub({"id": "m", "request": {"operation": "GET /pets/mine"}, "response": {}})
        assert httpx.get(f"{server.url}/pets/mine").content == b""
        with pytest.raises(StubError, match="no document has an operation 'getPets'") as caught:
            server.stub({"request": {"operation": "getPets"}, "response": {}})
        assert caught.value.hint == "did you mean getPet?"


def test_a_stub_for_an_operation_answers_at_every_path_it_is_served_at() -> None:
    placed = {**DOCUMENT, "servers": [{"url": "/v1"}, {"url": "http://a.test/v2"}]}
    with MockServer(placed) as server:
        echo = {"text": "{{ request.path.petId }}", "template": True}
        server.stub({"id": "s", "request": {"operation": "getPet"}, "response": echo})
        server.stub(
            {"priority": 9, "request": {"path": {"startsWith": "/v"}}, "response": {"text": "any"}}
        )
        for base in ("", "/v1", "/v2"):
            assert httpx.get(f"{server.url}{base}/pets/5").text == "5"
        assert httpx.get(f"{server.url}/v1/pets/mine").text == "any"
        (entry,) = server.requests(path="/v1/pets/5")
        assert (entry.source, entry.template) == ("stub:s", "/pets/{petId}")


@pytest.mark.parametrize(
    ("stub", "finding"),
    [
        ({"request": {"path": "/pets/7"}, "response": {"json": {"id": "x"}}}, "`/id`"),
        ({"request": {"operation": "getPet"}, "response": {"status": 418}}, "no response 418"),
        (
            {"request": {"path": "/pets/{id}"}, "responses": [{"json": {"id": 1}}, {"json": []}]},
            "responses[1] of stub",
        ),
    ],
)
def test_answers_that_contradict_the_document_are_warned_of(
    tmp_path: Path, stub: Any, finding: str
) -> None:
    path = mocks(tmp_path, "stub.json", json.dumps([{"id": "s", **stub}]))
    with MockServer(DOCUMENT, settings={"http.mocks": [str(path)]}) as server:
        (http,) = server.kernel.servers
        (found,) = [each for each in http.warnings() if each.code == "stub.contradicts-document"]
        assert found.severity == "warning"
        assert (found.file, found.line) == (str(path), 1)
        assert finding in found.message
        assert "does not fit GET /pets/{petId}" in found.message


def test_at_run_time_answers_are_held_against_the_document_where_that_is_asked_for() -> None:
    with MockServer(DOCUMENT, settings={"http.validation.responses": "fail"}) as server:
        server.stub("GET", "/pets/7", json={"id": "x"})
        answer = httpx.get(f"{server.url}/pets/7")
        assert answer.status_code == 500
        assert "stub:" in answer.json()["detail"]


def test_response_transformers_see_the_answers_of_stubs() -> None:
    class Stamp:
        @hookimpl
        def mockforge_transform_response(self, exchange: Exchange) -> Response:
            assert exchange.response is not None
            return exchange.response.with_header("X-Stamp", exchange.source)

    with MockServer(plugins=[Stamp()]) as server:
        server.stub("GET", "/a", id="a", text="a")
        assert httpx.get(f"{server.url}/a").headers["X-Stamp"] == "stub:a"


@pytest.mark.shows("mockforge_register_predicates")
def test_predicates_of_plugins_are_known_to_stubs() -> None:
    class Palindrome(CustomPredicate):
        name = "palindrome"

        def compile(self, spec: Any) -> Any:
            return lambda value: str(value) == str(value)[::-1]

    class Words:
        @hookimpl
        def mockforge_register_predicates(self) -> list[CustomPredicate]:
            return [Palindrome()]

    with MockServer(plugins=[Words()]) as server:
        server.stub("GET", "/a", request={"query": {"w": {"palindrome": True}}}, status=204)
        assert httpx.get(f"{server.url}/a?w=abba").status_code == 204
        assert httpx.get(f"{server.url}/a?w=abbb").status_code == 404


def test_preflights_are_answered_by_the_server_unless_a_stub_says_options() -> None:
    headers = {"Origin": "http://a.test", "Access-Control-Request-Method": "PUT"}
    with MockServer() as server:
        server.stub("ANY", "/a", text="any")
        assert httpx.options(f"{server.url}/a", headers=headers).status_code == 204
        server.stub("OPTIONS", "/a", status=299, headers={"X-Own": "1"})
        own = httpx.options(f"{server.url}/a", headers=headers)
        assert (own.status_code, own.headers["X-Own"]) == (299, "1")


def test_a_stub_passes_its_requests_on_to_a_server_of_its_own() -> None:
    with MockServer() as upstream:
        upstream.stub("GET", "/api/a", text="{{ request.headers.x_id }}", template=True)
        address = upstream.url.removeprefix("http://")
        with MockServer(settings={"http.proxy.allow": [address]}) as server:
            server.stub("GET", "/a", response={"proxy": f"{upstream.url}/api", "delay": "1ms"})
            answer = httpx.get(f"{server.url}/a", headers={"X-Id": "7"})
            assert (answer.status_code, answer.text) == (200, "7")
            (entry,) = server.requests()
            assert entry.source == f"proxy:{address}"
            server.stub("GET", "/b", response={"proxy": "http://127.0.0.1:1"})
            refused = httpx.get(f"{server.url}/b")
            assert (refused.status_code, "http.proxy.allow" in refused.text) == (502, True)


# ------------------------------------------------------------------ explanations


def test_a_404_says_which_stubs_came_nearest_and_so_do_journal_and_test_kit(folder: Path) -> None:
    with MockServer(settings={"http.mocks": [str(folder / "mocks")]}) as server:
        answer = httpx.get(f"{server.url}/pets/1", headers={"X-Tenant": "b"})
        assert answer.status_code == 404
        problem = answer.json()
        best = problem["stubs"][0]
        place = f"{folder / 'mocks' / 'pets.yaml'}:2:11 ([0])"
        assert (best["stub"], best["place"]) == ("pet", place)
        wrong = [each for each in best["criteria"] if not each.get("matched")]
        assert [(each["name"], each["expected"], each["actual"]) for each in wrong] == [
            ("headers.X-Tenant", "equals a", "b")
        ]
        assert (
            f"The nearest stub is pet ({place}); headers.X-Tenant: expected equals a, got b."
            in (problem["detail"])
        )
        (entry,) = server.requests()
        asked = server.explain("GET", "/pets/1", headers={"X-Tenant": "b", "Host": "x"})
        assert entry.explanation == asked
        assert asked.near[0].stub == "pet"
        with pytest.raises(AssertionError, match=r"headers.X-Tenant: expected equals a, got b"):
            server.assert_called("GET", "/pets/1", status=200)


def test_asking_for_an_explanation_counts_nothing() -> None:
    with MockServer() as server:
        assert server.explain("GET", "/x").lines() == ["nothing is near GET /x"]
        stub = server.stub("POST", "/x", times=1, request={"body": {"json": {"a": 1}}}, status=204)
        near = server.explain("POST", "/x", json={"a": 2}).near[0]
        assert near.stub == stub.id
        assert next(each.name for each in near.criteria if not each.matched).startswith("body")
        assert (stub.matched, stub.times_left) == (0, 1)
        assert httpx.post(f"{server.url}/x", json={"a": 1}).status_code == 204
        assert httpx.post(f"{server.url}/x", json={"a": 1}).status_code == 404
        assert "its 1 times are used up" in server.explain("POST", "/x", json={"a": 1}).near[0].note


def test_a_405_speaks_of_stubs_too() -> None:
    with MockServer(DOCUMENT) as server:
        server.stub("PUT", "/pets/7", request={"headers": {"A": "b"}}, status=204)
        answer = httpx.put(f"{server.url}/pets/7")
        assert answer.status_code == 405
        assert answer.json()["stubs"][0]["criteria"][0]["name"] == "headers.A"


# ------------------------------------------------------------------ the test kit


def test_stubs_are_put_whole_or_in_short_and_questioned() -> None:
    with MockServer() as server:
        whole = server.stub({"id": "w", "request": {"path": "/w"}, "response": {"text": "w"}})
        short = server.stub("GET", "/s", json=None, status=203, headers={"X-A": ["1", "2"]})
        several = server.stub("GET", "/m", response=[{"text": "1"}, {"text": "2"}], order="loop")
        assert httpx.get(f"{server.url}/w").text == "w"
        got = httpx.get(f"{server.url}/s")
        assert (got.status_code, got.json(), got.headers["X-A"]) == (203, None, "1, 2")
        assert [httpx.get(f"{server.url}/m").text for _ in range(3)] == ["1", "2", "1"]
        assert (whole.matched, short.matched, several.matched) == (1, 1, 3)
        assert [call.path for call in several.calls()] == ["/m"] * 3
        server.stub({"id": "w", "request": {"path": "/w"}, "response": {"text": "again"}})
        assert httpx.get(f"{server.url}/w").text == "again"
        with pytest.raises(TypeError, match="either a whole stub"):
            server.stub({"request": {}}, "/x")
        with pytest.raises(TypeError, match="leave out status"):
            server.stub("GET", "/x", response={}, status=200)


def test_a_reset_goes_back_to_the_start(folder: Path) -> None:
    mocks(
        folder / "mocks",
        "steps.yaml",
        """
        - id: steps
          request: {path: /steps}
          responses: [{text: a}, {text: b}]
        - id: once
          request: {path: /once}
          times: 1
          response: {text: once}
          scenario: {name: s, then: done}
        """,
    )
    with MockServer(settings={"http.mocks": [str(folder / "mocks")]}) as server:

        def run() -> list[Any]:
            steps = [httpx.get(f"{server.url}/steps").text for _ in range(2)]
            once = [httpx.get(f"{server.url}/once").status_code for _ in range(2)]
            return [*steps, *once]

        first = run()
        assert first == ["a", "b", 200, 404]
        server.stub("GET", "/put", status=204)
        server.stub({"id": "steps", "request": {"path": "/steps"}, "response": {"text": "other"}})
        server.reset()
        assert server.requests() == []
        assert run() == first
        assert httpx.get(f"{server.url}/put").status_code == 404


# ------------------------------------------------------------------ streams


def test_events_arrive_one_by_one_and_a_client_that_leaves_ends_the_script() -> None:
    with MockServer() as server:
        server.stub(
            {
                "request": {"path": "/events"},
                "response": {
                    "sse": [
                        {"send": {"event": "hello", "data": {"who": "{{ request.query.who }}"}}},
                        {"forever": [{"send": "{{ index }}"}], "every": "1ms"},
                    ]
                },
            }
        )
        with httpx.stream("GET", f"{server.url}/events?who=rex", timeout=PATIENCE) as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            lines: Iterator[str] = response.iter_lines()
            first = [next(lines) for _ in range(9)]
        assert first == [
            *("event: hello", 'data: {"who":"rex"}', ""),
            *("data: 0", "", "data: 1", "", "data: 2", ""),
        ]
        wait_until(lambda: len(server.requests()) == 1)
        (entry,) = server.requests()
        assert entry.error is not None


def test_a_disconnect_is_seen_as_one_and_is_no_failure_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with MockServer() as server:
        server.stub(
            {
                "request": {"path": "/cut"},
                "response": {"chunks": [{"send": "half"}, "disconnect"]},
            }
        )
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{server.url}/cut")
        (entry,) = server.requests()
        assert entry.error == "the script says `disconnect`"
        assert entry.source.startswith("stub:")
    assert caplog.records == []


def test_a_script_that_fails_breaks_its_stream_off_and_the_server_goes_on() -> None:
    with MockServer() as server, connected(server.url) as client:
        server.stub(
            {
                "request": {"path": "/frail"},
                "response": {"chunks": [{"send": "a"}, {"send": "{{ 1 / 0 }}"}]},
            }
        )
        server.stub("GET", "/good", text="good")
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{server.url}/frail")
        assert client.ask(get("/good")).body == b"good"
        assert "TemplateError" in str(server.requests(path="/frail")[0].error)


# ------------------------------------------------------------------ webhooks


def test_a_webhook_is_sent_after_the_answer_with_what_the_request_said() -> None:
    with receiving(503) as receiver:
        allow = f"127.0.0.1:{receiver.port}"
        with MockServer(settings={"http.callbacks.allow": [allow]}) as server:
            server.stub(
                {
                    "id": "order",
                    "request": {"method": "POST", "path": "/orders/{id}"},
                    "response": {"status": 202},
                    "webhook": {
                        "url": f"{receiver.url}/hook?id={{{{ request.path.id }}}}",
                        "json": {"name": "{{ request.json.name }}", "n": 1},
                        "headers": {"X-Id": "{{ request.path.id }}"},
                        "delay": "1ms",
                    },
                }
            )
            answer = httpx.post(f"{server.url}/orders/7", json={"name": "rex"})
            assert answer.status_code == 202
            first, second = receiver.next(), receiver.next()  # the first got a 503
            assert first == second
            assert (first.method, first.target) == ("POST", "/hook?id=7")
            assert first.json == {"name": "rex", "n": 1}
            assert first.headers["x-id"] == "7"
            assert first.headers["content-type"] == "application/json"
            wait_until(
                lambda: (
                    'mockforge_http_callbacks_total{outcome="sent"} 1' in server.metrics.render()
                )
            )


def test_webhooks_go_nowhere_that_is_not_allowed_and_that_is_warned_of(tmp_path: Path) -> None:
    text = "request: {}\nresponse: {}\nwebhook: {url: 'http://127.0.0.1:1/'}\n"
    path = mocks(tmp_path, "hook.yaml", text)
    with MockServer(settings={"http.mocks": [str(path)]}) as server:
        (http,) = server.kernel.servers
        assert [each.code for each in http.warnings()] == ["stub.webhook-refused"]
        assert httpx.get(server.url).status_code == 200
        wait_until(
            lambda: 'mockforge_http_callbacks_total{outcome="refused"} 1' in server.metrics.render()
        )


def test_webhooks_that_wait_are_bounded_and_the_rest_is_counted() -> None:
    settings = {"http.callbacks": {"allow": ["127.0.0.1"], "max_queue": 3}}
    with MockServer(settings=settings) as server:
        hook = {"url": "http://127.0.0.1:1/", "delay": "1h", "text": "x" * 1000}
        server.stub({"request": {}, "response": {}, "webhooks": [hook] * 5})
        assert httpx.get(server.url).status_code == 200
        dropped = 'mockforge_dropped_total{component="http.callbacks"} 2'
        wait_until(lambda: dropped in server.metrics.render())
        held = {each.name: each.bytes for each in server.kernel.memory.report().components}
        assert (held["http.callbacks"] or 0) > 3 * 1000


@pytest.mark.shows("http.callbacks.max_bytes")
@pytest.mark.parametrize("delay", ["1h", "0"])
def test_the_bytes_of_webhooks_that_wait_are_bounded(delay: str) -> None:
    with receiving() as receiver:
        receiver.may_answer.clear()
        settings = {"http.callbacks": {"allow": ["127.0.0.1"], "max_bytes": "25KiB"}}
        with MockServer(settings=settings) as server:
            hook = {"url": receiver.url, "delay": delay, "text": "x" * 5000}
            server.stub({"request": {}, "response": {}, "webhooks": [hook] * 8})
            assert httpx.get(server.url).status_code == 200
            # 7,000 bytes each; without a delay none is under way before all were offered.
            dropped = 'mockforge_dropped_total{component="http.callbacks"} 5'
            wait_until(lambda: dropped in server.metrics.render())
            (held,) = (
                each for each in server.kernel.memory.components() if each.name == "http.callbacks"
            )
            assert held.limit == 25 * 1024
            assert 5000 < (held.bytes or 0) <= held.limit
            receiver.may_answer.set()


def test_a_webhook_that_cannot_be_made_costs_nothing_but_itself() -> None:
    with MockServer(settings={"http.callbacks.allow": ["127.0.0.1"]}) as server:
        hook = {"url": "http://127.0.0.1:1/", "text": "{{ 1 / (request.query.n | int) }}"}
        server.stub({"request": {}, "response": {"text": "out"}, "webhook": hook})
        assert httpx.get(f"{server.url}/?n=0").text == "out"
        failed = 'mockforge_http_callbacks_total{outcome="failed"} 1'
        wait_until(lambda: failed in server.metrics.render())
        assert httpx.get(f"{server.url}/?n=0").text == "out"


# ------------------------------------------------------------------ determinism


def test_two_runs_with_the_same_seed_give_the_same_bytes(tmp_path: Path) -> None:
    mocks(
        tmp_path,
        "chance.yaml",
        """
        - id: a
          request: {path: /a}
          response: {json: {id: '{{ uuid }}', n: '{{ randInt(1, 1000000) }}'}, template: true}
        - id: b
          request: {path: /b}
          responses: [{text: '1'}, {text: '2'}, {text: '3'}]
          order: random
        - id: c
          request: {path: /c}
          response: {sse: [{repeat: 3, do: [{send: '{{ uuid }}'}]}]}
        """,
    )

    def run(seed: int) -> list[bytes]:
        with MockServer(settings={"http.mocks": [str(tmp_path)]}, seed=seed) as server:
            return [httpx.get(f"{server.url}/{path}").content for path in "abcabcabbc"]

    assert run(1) == run(1)
    assert run(1) != run(2)
