"""What a stub answers."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mockforge.mocking.exchange import BrokenOffError, Response
from mockforge.mocking.faults import Bandwidth, Reset
from mockforge.mocking.templating import TemplateLimits
from tests.http.stubs.making import Serving, body_of, problems, request


def answer(response: Any, target: str = "/", **kit: Any) -> Response:
    """The answer of a stub for any request with this ``response``."""
    got = Serving({"id": "s", "request": {}, "response": response}, **kit).get(target)
    assert got is not None
    return got


@pytest.mark.parametrize(
    ("response", "status", "headers", "body"),
    [
        ({}, 200, (), b""),
        ({"status": 204}, 204, (), b""),
        ({"status": "404"}, 404, (), b""),
        (
            {"json": {"a": [1, None]}},
            200,
            (("Content-Type", "application/json"),),
            b'{"a":[1,null]}',
        ),
        ({"json": None}, 200, (("Content-Type", "application/json"),), b"null"),
        ({"text": "é"}, 200, (("Content-Type", "text/plain; charset=utf-8"),), "é".encode()),
        (
            {"base64": "AP8=\n"},
            200,
            (("Content-Type", "application/octet-stream"),),
            b"\x00\xff",
        ),
        (
            {"text": "<a/>", "headers": {"content-type": "application/xml"}},
            200,
            (("content-type", "application/xml"),),
            b"<a/>",
        ),
        ({"text": "x", "headers": {"Content-Type": None}}, 200, (), b"x"),
        (
            {"headers": {"Set-Cookie": ["a=1", "b=2"], "X-N": 5, "X-B": True}},
            200,
            (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-N", "5"), ("X-B", "true")),
            b"",
        ),
        ({"text": "{{ 1 }}"}, 200, (("Content-Type", "text/plain; charset=utf-8"),), b"{{ 1 }}"),
    ],
)
def test_an_answer_that_is_the_same_for_everyone_is_one_object(
    response: Any, status: int, headers: Any, body: bytes
) -> None:
    serving = Serving({"id": "s", "request": {}, "response": response})
    first = serving.get("/")
    assert first is not None
    assert (first.status, first.headers, first.body) == (status, headers, body)
    assert serving.get("/other") is first
    assert serving.exchange is not None
    assert serving.exchange.source == "stub:s"


def test_templates_are_filled_in_and_share_their_head() -> None:
    serving = Serving(
        {
            "request": {"path": "/pets/{petId}"},
            "response": {"json": {"id": "{{ request.path.petId }}", "n": 1}, "template": True},
        }
    )
    one, two = serving.get("/pets/1"), serving.get("/pets/2")
    assert one is not None
    assert two is not None
    assert (one.body, two.body) == (b'{"id":"1","n":1}', b'{"id":"2","n":1}')
    assert one.model is two.model is not None
    assert serving.exchange is not None
    assert serving.exchange.template == "/pets/{petId}"


def test_status_and_headers_may_be_templates_and_stay_on_one_line() -> None:
    got = answer(
        {
            "status": "{{ request.query.s }}",
            "headers": {"X-A": "a{{ request.query.v }}"},
            "text": "",
            "template": True,
        },
        "/?s=404&v=%0d%0aX-Evil:%201",
    )
    assert got.status == 404
    assert got.header("X-A") == "a  X-Evil: 1"
    for status in ("7", "1000", "abc", "9" * 5000, "%D9%A3%D9%A0%D9%A0"):
        bad = answer({"status": "{{ request.query.s }}", "template": True}, f"/?s={status}")
        assert bad.status == 500
        assert b"the status came to" in bad.body


def test_answers_are_templates_by_setting_unless_they_deny_it() -> None:
    spec = {"text": "{{ request.method }}"}
    assert answer(spec).body == b"{{ request.method }}"
    assert answer(spec, expand=True).body == b"GET"
    assert answer({**spec, "template": False}, expand=True).body == b"{{ request.method }}"


def test_a_template_that_fails_is_a_500_with_its_place_and_the_next_request_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    serving = Serving(
        {
            "id": "frail",
            "request": {},
            "response": {"text": "{{ 1 / (request.query.n | int) }}", "template": True},
        }
    )
    bad = serving.get("/?n=0")
    assert bad is not None
    assert bad.status == 500
    assert b"urn:mockforge:problem:stub-failed" in bad.body
    assert b"frail" in bad.body
    assert b"response.text" in bad.body
    assert serving.exchange is not None
    assert serving.exchange.error is not None
    assert "stub frail cannot answer" in caplog.text
    good = serving.get("/?n=1")
    assert good is not None
    assert good.status == 200


def test_chance_is_the_same_in_every_run_with_the_same_seed() -> None:
    spec = {"id": "s", "request": {}, "response": {"text": "{{ uuid }}", "template": True}}

    def bodies(seed: int) -> list[bytes]:
        serving = Serving(spec, seed=seed)
        return [body_of(serving.get("/")) for _ in range(4)]

    assert bodies(1) == bodies(1)
    assert bodies(1) != bodies(2)
    assert len(set(bodies(1))) == 4


# ------------------------------------------------------------------ several answers


def served(serving: Serving, count: int) -> list[str]:
    return [body_of(serving.get("/")).decode() for _ in range(count)]


def several(order: str | None, **more: Any) -> Serving:
    definition: dict[str, Any] = {
        "id": "s",
        "request": {},
        "responses": [{"text": "a"}, {"text": "b"}, {"text": "c"}],
        **more,
    }
    if order is not None:
        definition["order"] = order
    return Serving(definition)


def test_a_sequence_ends_with_its_last_answer_and_starts_over_when_it_is_put_again() -> None:
    serving = several(None)
    assert served(serving, 5) == ["a", "b", "c", "c", "c"]
    (stub,) = serving.stubs
    serving.stubs.put(stub.definition)
    assert served(serving, 2) == ["a", "b"]


def test_a_loop_starts_over() -> None:
    assert served(several("loop"), 7) == ["a", "b", "c", "a", "b", "c", "a"]


def test_random_answers_are_all_given_and_the_same_in_each_run() -> None:
    first = served(several("random"), 300)
    assert first == served(several("random"), 300)
    assert all(count > 60 for count in Counter(first).values())


def test_times_lets_the_next_stub_answer_and_none_after_that() -> None:
    serving = Serving(
        {"id": "b", "request": {}, "response": {"text": "b"}, "times": 1},
        {"id": "a", "request": {}, "response": {"text": "a"}, "times": 2},
    )
    assert served(serving, 3) == ["a", "a", "b"]
    assert serving.get("/") is None


def test_a_scenario_is_moved_by_the_stub_that_answers() -> None:
    serving = Serving(
        {
            "id": "pay",
            "request": {"method": "POST"},
            "scenario": {"name": "order", "when": "started", "then": "paid"},
            "response": {"status": 201},
        },
        {
            "id": "paid",
            "request": {"method": "GET"},
            "scenario": {"name": "order", "when": "paid"},
            "response": {"text": "paid"},
        },
        {"id": "open", "priority": 6, "request": {"method": "GET"}, "response": {"text": "open"}},
    )
    assert served(serving, 1) == ["open"]
    assert serving.ask(request("POST")) is not None
    assert serving.ask(request("POST")) is None
    assert served(serving, 1) == ["paid"]
    serving.state.reset()
    assert served(serving, 1) == ["open"]


# ------------------------------------------------------------------ files


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    folder = tmp_path / "fixtures"
    (folder / "sub").mkdir(parents=True)
    (folder / "pet.json").write_bytes(b'{"id": 1}')
    (folder / "sub" / "hi.txt").write_bytes(b"hi {{ request.query.who }}")
    (folder / "pixel.png").write_bytes(b"\x89PNG{{ 1 }}")
    (folder / "big.bin").write_bytes(b"x" * 300_000)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


def test_a_file_is_read_anew_each_time(fixtures: Path) -> None:
    serving = Serving({"request": {}, "response": {"file": "pet.json"}}, fixtures=fixtures)
    first = serving.get("/")
    assert first is not None
    assert (first.header("Content-Type"), first.body) == ("application/json", b'{"id": 1}')
    (fixtures / "pet.json").write_bytes(b"{}")
    assert served(serving, 1) == ["{}"]
    (fixtures / "pet.json").unlink()
    gone = serving.get("/")
    assert gone is not None
    assert gone.status == 500


def test_a_large_file_is_sent_piece_by_piece(fixtures: Path) -> None:
    got = answer({"file": "big.bin"}, fixtures=fixtures, stream_from=100_000)
    assert got.stream is not None
    assert got.header("Content-Length") == "300000"
    assert body_of(got) == b"x" * 300_000


def test_a_file_may_be_a_template_and_have_one_for_its_name(fixtures: Path) -> None:
    spec = {"file": "sub/{{ request.query.f }}", "template": True}
    got = answer(spec, "/?f=hi.txt&who=rex", fixtures=fixtures)
    assert (got.header("Content-Type"), got.body) == ("text/plain; charset=utf-8", b"hi rex")
    fixed = Serving(
        {"request": {}, "response": {"file": "sub/hi.txt", "template": True}}, fixtures=fixtures
    )
    assert body_of(fixed.get("/?who=a")) == b"hi a"
    (fixtures / "sub" / "hi.txt").write_bytes(b"bye {{ request.query.who }}")
    assert body_of(fixed.get("/?who=a")) == b"bye a"


def test_templates_of_files_are_kept_in_so_many_bytes_for_all_stubs_together(
    fixtures: Path,
) -> None:
    for number in range(20):
        (fixtures / f"{number}.txt").write_text("{{ request.query.f }}" + "x" * 2000)
    spec = {"file": "{{ request.query.f }}.txt", "template": True}
    serving = Serving(
        *({"request": {"path": f"/{each}"}, "response": spec} for each in "ab"),
        fixtures=fixtures,
        limits=TemplateLimits(max_time=60, cache=45_000),
    )
    files = serving.kit.file_templates
    for _ in range(2):
        for number in range(20):
            for path in "ab":
                assert body_of(serving.get(f"/{path}?f={number}")) == b"%d" % number + b"x" * 2000
                assert 0 < files.held <= files.limit == 45_000
    assert len(files) == 4
    assert serving.kit.files_kept == (files.held, 45_000, 36)


def test_a_file_that_is_no_text_is_no_template(fixtures: Path) -> None:
    got = answer({"file": "pixel.png", "template": True}, fixtures=fixtures)
    assert (got.header("Content-Type"), got.body) == ("image/png", b"\x89PNG{{ 1 }}")


@pytest.mark.parametrize(
    "name", ["../secret.txt", "link.txt", "sub/../../secret.txt", "/etc/passwd", "", "a\0", "sub"]
)
def test_no_file_outside_is_ever_found(fixtures: Path, name: str) -> None:
    assert problems({"request": {}, "response": {"file": name}}, fixtures=fixtures)
    spec = {"file": "{{ request.json }}", "template": True}
    serving = Serving({"request": {}, "response": spec}, fixtures=fixtures)
    got = serving.ask(request("POST", json=name))
    assert got is not None
    assert got.status == 500
    assert b"secret\n" not in got.body


def test_a_file_that_is_too_large_to_be_read_whole_is_a_500(fixtures: Path) -> None:
    (fixtures / "huge.txt").write_bytes(b"x" * 1001)
    spec = {"file": "huge.txt"}
    assert answer(spec, fixtures=fixtures, largest_file=1000, stream_from=2**30).status == 500
    assert answer(spec, fixtures=fixtures, largest_file=1001, stream_from=2**30).status == 200
    assert answer(spec, fixtures=fixtures, largest_file=1000, stream_from=1001).stream is not None


def test_a_large_file_that_is_no_text_is_streamed_where_its_name_is_a_template(
    fixtures: Path,
) -> None:
    (fixtures / "huge.png").write_bytes(b"x" * 1001)
    stub = {"request": {}, "response": {"file": "{{ request.query.f }}", "template": True}}
    serving = Serving(stub, fixtures=fixtures, largest_file=1000, stream_from=1001)
    got = serving.get("/?f=huge.png")
    assert got is not None
    assert (got.status, got.header("Content-Length")) == (200, "1001")
    assert got.stream is not None
    (fixtures / "huge.txt").write_bytes(b"x" * 1001)
    refused = serving.get("/?f=huge.txt")
    assert refused is not None
    assert refused.status == 500
    assert b"http.fixture_max_size" in refused.body


# ------------------------------------------------------------------ delays, faults, streams


def test_a_delay_is_waited_for_and_a_fault_goes_along() -> None:
    held: list[float] = []

    async def hold(response: Response, seconds: float) -> Response:
        held.append(seconds)
        return response

    spec = {"text": "x", "delay": {"fixed": "80ms"}, "fault": "reset"}
    got = answer(spec, hold=hold)
    assert held == [0.08]
    assert got.fault == Reset()
    slow = answer({"text": "{{ 1 }}", "template": True, "bandwidth": "1KB"})
    assert isinstance(slow.fault, Bandwidth)
    assert slow.body == b"1"


def test_events_are_sent_as_a_script_says() -> None:
    got = answer(
        {
            "sse": [
                {"send": "hello\nthere"},
                {"set": {"n": "{{ request.query.n | int }}"}},
                {
                    "repeat": "{{ vars.n }}",
                    "do": [{"send": {"event": "tick", "id": "{{ index }}", "data": {"i": "{{ index }}"}}}],
                },
                {"send": {"comment": "bye", "retry": 100}},
            ]
        },
        "/?n=2",
    )  # fmt: skip
    assert got.header("Content-Type") == "text/event-stream"
    assert body_of(got).decode() == (
        "data: hello\ndata: there\n\n"
        'event: tick\nid: 0\ndata: {"i":0}\n\n'
        'event: tick\nid: 1\ndata: {"i":1}\n\n'
        ": bye\nretry: 100\n\n"
    )


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"send": "{{ 1 // request.query.n | int }}"}, "response.sse[1].send"),
        ({"repeat": "{{ request.query.n }}s", "do": []}, "`repeat` came to '0s'"),
        ({"repeat": 10**6, "do": [{"set": {"a": 1}}]}, "10000 steps in a row"),
    ],
)
def test_a_script_that_fails_breaks_the_answer_off_and_says_why(
    step: dict[str, Any], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    got = answer({"sse": [{"send": "a"}, step]}, "/?n=0")
    with pytest.raises(BrokenOffError, match=re.escape(says)):
        body_of(got)
    (record,) = caplog.records
    assert record.exc_info is None
    assert "breaks off its answer to /?n=0" in record.getMessage()


def test_no_end_of_line_in_an_event_starts_another_field() -> None:
    got = answer({"sse": [{"send": "{{ request.query.q }}"}]}, "/?q=a%0devent:b%0d%0ac%0ad")
    assert body_of(got) == b"data: a\ndata: event:b\ndata: c\ndata: d\n\n"


def test_chunks_are_text_json_or_bytes() -> None:
    got = answer(
        {
            "chunks": [
                {"send": "{{ request.method }} "},
                {"send": {"json": {"a": 1}}},
                {"send": {"base64": "AP8="}},
                "end",
                {"send": "never"},
            ],
            "headers": {"Content-Type": "application/x"},
        }
    )
    assert got.header("Content-Type") == "application/x"
    assert body_of(got) == b'GET {"a":1}\x00\xff'
    plain = answer({"chunks": [{"send": "{{ 1 }}"}], "template": False})
    assert body_of(plain) == b"{{ 1 }}"


def test_streams_of_two_requests_know_nothing_of_each_other() -> None:
    script = [{"set": {"n": "{{ vars.n | default(0) + 1 }}"}}, {"send": "{{ vars.n }}"}]
    serving = Serving({"request": {}, "response": {"chunks": script}})
    assert [body_of(serving.get("/")) for _ in range(3)] == [b"1"] * 3


# ------------------------------------------------------------------ mistakes

WRONG: list[tuple[Any, str]] = [
    ({"response": 1}, "response: must be a mapping"),
    ({}, "there is no `response`"),
    ({"response": {}, "responses": [{}]}, "do not go together"),
    ({"responses": []}, "responses: must be a list of 1 to"),
    ({"responses": [{}] * 10_001}, "responses: must be a list of 1 to 10000"),
    ({"responses": [{}, {"status": 99}]}, "responses[1].status: must be a status"),
    ({"responses": [{}], "order": "up"}, "order: must be one of sequence, loop, random"),
    ({"response": {}, "order": "loop"}, "order: `order` is for `responses`"),
    ({"response": {"stauts": 200}}, "response.stauts: unknown key 'stauts'"),
    ({"response": {"status": True}}, "response.status: must be a status"),
    ({"response": {"status": "9" * 5000}}, "response.status: must be a status"),
    ({"response": {"json": "\ud800"}}, "response.json: the value cannot be written as JSON"),
    ({"response": {"headers": {"a b": "c"}}}, "is not a header name"),
    ({"response": {"headers": {"a": "b\nc"}}}, "response.headers.a: a header value is one line"),
    ({"response": {"headers": {"a": {}}}}, "response.headers.a: must be text, a number"),
    ({"response": {"json": 1, "text": "a"}}, "`json` and `text` are two bodies"),
    ({"response": {"text": 1}}, "response.text: must be text"),
    ({"response": {"base64": "%"}}, "response.base64: this is no base64"),
    ({"response": {"file": 1}}, "response.file: must be the path of a file"),
    ({"response": {"file": "a"}}, "response.file: there is no folder"),
    ({"response": {"template": 1}}, "response.template: must be true or false"),
    ({"response": {"text": "{{ 1 +", "template": True}}, "response.text: "),
    ({"response": {"json": {"a": ["{{ moon }}"]}, "template": True}}, "response.json"),
    ({"response": {"delay": "soon"}}, "response.delay: "),
    ({"response": {"delay": {"uniform": {"min": 1}}}}, "response.delay.uniform"),
    ({"response": {"fault": "boom"}}, "response.fault: "),
    ({"response": {"fault": "reset", "bandwidth": 9}}, "do not go together"),
    ({"response": {"sse": [{"sned": 1}]}}, "response.sse[0].sned: 'sned' is no step"),
    ({"response": {"sse": [{"expect": {}}]}}, "an event stream has no 'expect'"),
    ({"response": {"sse": [{"send": 1, "after": "x"}]}}, "response.sse[0].after: "),
    ({"response": {"sse": [{"send": "{{ 1 +"}]}}, "response.sse[0].send"),
    ({"response": {"chunks": [{"send": {"a": 1}}]}}, "response.chunks[0].send: expected a text"),
    ({"response": {"chunks": [{"send": {"base64": "%"}}]}}, "send.base64: this is no base64"),
    ({"response": {"proxy": "http://a"}}, "response.proxy: nothing can be forwarded"),
    ({"response": {}, "webhook": {}}, "webhook: needs a `url`"),
    ({"response": {}, "webhook": {"url": "http://a", "x": 1}}, "webhook.x: unknown key"),
    ({"response": {}, "webhooks": [{"url": 1, "delay": "x"}]}, "webhooks[0].delay: "),
    ({"response": {}, "webhook": {"url": "ftp://a"}}, "webhook.url: must be an http:// or https:"),
    ({"response": {}, "webhook": {"url": "http://a", "json": "\ud800"}}, "webhook.json: the value"),
    ({"response": {}, "webhooks": {}}, "webhooks: must be a list of at most 10"),
    ({"response": {}, "webhooks": [{"url": "a"}] * 11}, "webhooks: must be a list of at most 10"),
]


@pytest.mark.parametrize(("definition", "says"), WRONG)
def test_a_mistake_is_told_with_its_key_path(definition: Any, says: str) -> None:
    found = problems({"request": {}, **definition})
    assert any(says in problem for problem in found), found


def test_all_mistakes_are_told_at_once() -> None:
    definition = {
        "request": {"method": 1, "query": {"a": {"x": 1}}},
        "response": {"status": 1, "text": 2},
        "webhook": {},
    }
    assert len(problems(definition)) == 5


def test_templates_see_a_compressed_body_as_what_it_holds() -> None:
    serving = Serving(
        {"request": {}, "response": {"text": "{{ request.json.name }}", "template": True}}
    )
    asked = request("POST", "/", {"Content-Encoding": "gzip"}, gzip.compress(b'{"name": "rex"}'))
    assert body_of(serving.ask(asked)) == b"rex"
