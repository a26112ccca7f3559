"""What :mod:`benchmarks.mixed` serves and asks for: the stubs and settings, and each kind of request with its
share.

A request is written in Lua for wrk, where ``n`` counts all requests and ``made`` the orders
that were created.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final, NamedTuple

from .rivals import DOCUMENTS

FIXTURES: Final = 60
FIXTURE_BYTES: Final = 8_000
TAGGED: Final = 50

Stub = dict[str, Any]


class Kind(NamedTuple):
    """Requests of one kind: ``share`` of them in a round, the ``statuses`` that one alone gets (none: the
    connection ends with an error), and the Lua that makes one."""

    name: str
    share: int
    statuses: tuple[int, ...]
    lua: str


def _get(path: str) -> str:
    return f'wrk.format("GET", {path})'


def _send(method: str, path: str, body: str, media_type: str = "application/json") -> str:
    return f'wrk.format("{method}", {path}, {{["Content-Type"] = "{media_type}"}}, {body})'


KINDS: Final = (
    Kind("static", 40, (200,), _get('"/static"')),
    Kind("static, another head each time", 4, (200,),
         'wrk.format("GET", "/static", {["X-Trace"] = n})'),
    Kind("templated", 20, (200,), _get('"/hello/" .. n .. "?name=rex"')),
    Kind("value in the state", 4, (200,), _get('"/remember/" .. n')),
    Kind("sequence", 12, (200, 202, 503), _get('"/job"')),
    Kind("random order", 4, (200, 404), _get('"/dice"')),
    Kind("scenario moved", 6, (204,), 'wrk.format("POST", "/door")'),
    Kind("scenario", 6, (200,), _get('"/door"')),
    Kind("JSON body", 20, (200,),
         _send("POST", '"/tagged"', f'\'{{"tag": "t\' .. n % {TAGGED} .. \'", "age": 4}}\'')),
    Kind("regular expression, JSONPath, XPath", 3, (200,),
         _send("POST", '"/matched/" .. n', '\'{"items": [{"n": \' .. n .. \'}]}\'')),
    Kind("nothing matches", 12, (404,), _get('"/helo/" .. n')),
    Kind("create", 8, (201,),
         _send("POST", '"/orders"', '\'{"customer": "c\' .. n .. \'", "quantity": 2}\'')),
    Kind("read", 4, (200, 404), _get('"/orders/" .. math.max(1, made - 20)')),
    Kind("list", 4, (200,), _get('"/orders?limit=5&offset=" .. n % 50')),
    Kind("change", 6, (200, 404),
         _send("PATCH", '"/orders/" .. math.max(1, made - 30)', '\'{"note": "n\' .. n .. \'"}\'',
               "application/merge-patch+json")),
    Kind("delete", 4, (204, 404), 'wrk.format("DELETE", "/orders/" .. math.max(1, made - 60))'),
    Kind("file that is a template", 2, (200,), _get(f'"/page/" .. n % {FIXTURES}')),
    Kind("fixture", 8, (200,), _get(f'"/fixture/" .. n % {FIXTURES}')),
    Kind("fixture too large to keep", 3, (200,), _get('"/large"')),
    Kind("fixture piece by piece", 1, (200,), _get('"/streamed.bin"')),
    Kind("generated", 8, (200,), _get('"/customers/" .. n')),
    Kind("refused by the document", 2, (422,), _get('"/customers/x" .. n')),
    Kind("server-sent events", 4, (200,), _get('"/events?who=" .. n')),
    Kind("rate limited", 6, (200, 429), _get('"/limited"')),
    Kind("held back", 2, (200,), _get('"/slow"')),
    Kind("fails by chance", 3, (200, 503), _get('"/flaky"')),
    Kind("webhook", 4, (202,), _send("POST", '"/webhook"', '\'{"n": \' .. n .. \'}\'')),
    Kind("webhook after a while", 1, (202,), _get('"/webhook/later"')),
    Kind("passed on and recorded", 4, (200,), _get('"/upstream?n=" .. n % 1000')),
    Kind("template that fails", 1, (500,), _get('"/broken"')),
    Kind("reset", 1, (), _get('"/fault/reset"')),
    Kind("empty", 1, (), _get('"/fault/empty"')),
    Kind("garbage", 1, (), _get('"/fault/garbage"')),
    Kind("malformed chunk", 1, (), _get('"/fault/malformed_chunk"')),
    Kind("truncated", 1, (), _get('"/fault/truncate"')),
    Kind("dribbled", 1, (200,), _get('"/fault/dribble"')),
    Kind("bandwidth", 1, (200,), _get('"/fault/bandwidth"')),
)  # fmt: skip

_LUA: Final = """
local n, made = %(first)d, %(made)d
local kinds = {
%(kinds)s
}
local order = {%(order)s}
function request()
  n = n + 1
  local kind = order[n %% #order + 1]
  if kind == %(create)d then made = made + 1 end
  return kinds[kind]()
end
"""


def script(first: int, made: int, only: str | None = None) -> str:
    """Lua that walks through the mix, from request ``first`` on; ``made`` orders were created before.
    ``only`` is the name of the one kind that is asked for."""
    numbers = {kind.name: number for number, kind in enumerate(KINDS, 1)}
    order = [number for number, kind in enumerate(KINDS, 1) for _ in range(kind.share)]
    random.Random(0).shuffle(order)  # noqa: S311 - the same order every time
    if only is not None:
        order = [numbers[only]]
    return _LUA % {
        "first": first,
        "made": made,
        "kinds": "\n".join(f"  function() return {kind.lua} end," for kind in KINDS),
        "order": ", ".join(map(str, order)),
        "create": numbers["create"],
    }


def share(name: str) -> float:
    """The part of all requests that are of this kind."""
    total = sum(kind.share for kind in KINDS)
    return next(kind.share for kind in KINDS if kind.name == name) / total


def stubs(peer: str) -> list[Stub]:
    """All stubs; ``peer`` is the URL of the server that gets webhooks and what is passed on."""
    return [
        _stub("/static", json={"id": 1, "name": "rex"}),
        _stub(
            "/hello/{number}",
            json={
                "id": "{{ uuid }}",
                "number": "{{ request.path.number | int }}",
                "greeting": "hello {{ request.query.name }}",
                "dice": "{{ randInt(1, 6) }}",
                "email": "{{ faker.email }}",
                "at": "{{ now + '1h' }}",
            },
            template=True,
        ),
        _stub("/remember/{key}", text="{{ state.put(request.path.key, uuid) }}", template=True),
        {
            "request": {"path": "/job"},
            "responses": [
                {"status": 202, "json": {"state": "queued"}},
                {"json": {"state": "at {{ now }}"}, "template": True},
                {"status": 503, "text": "busy"},
            ],
            "order": "loop",
        },
        {
            "request": {"path": "/dice"},
            "responses": [{"text": "six"}, {"status": 404}, {"text": "{{ uuid }}"}],
            "order": "random",
        },
        *_door(),
        *(
            {
                "request": {
                    "method": "POST",
                    "path": "/tagged",
                    "body": {"json": {"tag": f"t{number}"}},
                },
                "response": {"json": {"tag": number}},
            }
            for number in range(TAGGED)
        ),
        {
            "request": {
                "path": {"matches": "/matched/[0-9]+"},
                "body": {
                    "allOf": [
                        {"jsonPath": {"$.items[?@.n > 0].n": {"present": True}}},
                        {"not": {"xpath": "//item[@n]"}},
                    ]
                },
            },
            "response": {"text": "matched"},
        },
        _stub("/page/{number}", file="{{ request.path.number }}.txt", template=True),
        _stub(
            "/events",
            sse=[
                {"send": {"event": "hello", "data": {"who": "{{ request.query.who }}"}}},
                {"set": {"left": 3}},
                {
                    "repeat": "{{ vars.left }}",
                    "every": "1ms",
                    "do": [{"send": {"id": "{{ index }}", "data": "{{ faker.name }}"}}],
                },
            ],
        ),
        _stub("/limited", text="there is room"),
        _stub("/slow", text="at last", delay={"uniform": {"min": "1ms", "max": "3ms"}}),
        _stub("/flaky", text="this time"),
        {
            **_stub("/webhook", status=202),
            "webhook": {"url": f"{peer}/hook", "json": {"n": "{{ request.json.n }}"}},
        },
        {
            **_stub("/webhook/later", status=202),
            "webhook": {"url": f"{peer}/hook", "text": "{{ uuid }}", "delay": "20ms"},
        },
        _stub("/upstream", proxy=peer),
        _stub("/broken", text="{{ fixture('missing.json') }}", template=True),
        *(_stub(f"/fault/{fault}", text="x" * 500, fault=fault) for fault in _PLAIN_FAULTS),
        _stub("/fault/dribble", text="x" * 500, fault={"dribble": {"chunks": 3, "over": "3ms"}}),
        _stub("/fault/bandwidth", text="x" * 500, bandwidth="1MiB"),
    ]


_PLAIN_FAULTS: Final = ("reset", "empty", "garbage", "malformed_chunk", "truncate")


def _stub(path: str, **response: Any) -> Stub:
    return {"request": {"path": path}, "response": response}


def _door() -> list[Stub]:
    moves = [
        {
            "request": {"method": "POST", "path": "/door"},
            "scenario": {"name": "door", "when": when, "then": then},
            "response": {"status": 204},
        }
        for when, then in (("started", "open"), ("open", "started"))
    ]
    shows = [
        {
            "request": {"method": "GET", "path": "/door"},
            "scenario": {"name": "door", "when": state},
            "response": {"text": state},
        }
        for state in ("started", "open")
    ]
    return [*moves, *shows]


def settings(folder: Path, peer: str) -> dict[str, Any]:
    """Settings that serve the mix, with files in ``folder``. The warm-up reaches every limit."""
    mocks = folder / "mocks"
    mocks.mkdir()
    (mocks / "stubs.json").write_text(json.dumps(stubs(peer)))
    for number in range(FIXTURES):
        (mocks / f"{number}.txt").write_text("{{ uuid }}" + "p" * FIXTURE_BYTES)
    fixtures = folder / "fixtures" / "GET"
    (fixtures / "fixture").mkdir(parents=True)
    for number in range(FIXTURES):
        text = json.dumps({"number": number, "text": "f" * FIXTURE_BYTES})
        (fixtures / "fixture" / f"{number}.json").write_text(text)
    (fixtures / "large.txt").write_text("l" * 400_000)
    (fixtures / "streamed.bin").write_bytes(b"s" * 1_500_000)
    host = peer.removeprefix("http://")
    return {
        "core.max_logged_body": "8KiB",
        "core.max_request_logs": 1000,
        "core.state.max_entries": 2000,
        "core.templates.cache": "1MiB",
        "http.specs": [str(DOCUMENTS / name) for name in ("shop.yaml", "ten-fields.yaml")],
        "http.mocks": [str(mocks)],
        "http.fixtures": str(folder / "fixtures"),
        "http.fixture_cache": "256KiB",
        "http.stateful": True,
        "http.max_items": 1000,
        "http.callbacks.allow": [host],
        "http.callbacks.max_queue": 50,
        "http.proxy.allow": [host],
        "http.record.to": str(folder / "recorded"),
        "http.record.max_stubs": 200,
        "http.rate_limits": [{"path": "/limited", "requests": 50, "window": "1s"}],
        "http.latency.overrides": [{"path": "/flaky", "delay": "1ms"}],
        "http.failures.overrides": [{"path": "/flaky", "rate": 0.5, "statuses": [503]}],
    }
