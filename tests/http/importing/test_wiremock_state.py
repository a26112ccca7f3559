"""WireMock's state extension: its matcher, its listeners, its helper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge.mocking.state import shared_state
from mockforge.testing import MockServer
from mockforge_http.importing.handlebars.functions.state import (
    MOST_ITEMS,
    SPACE,
    record_state,
    state_value,
)
from tests.http.importing.mappings import translated, write

TEMPLATES = {"transformers": ["response-template"]}


def _listener(name: str, **parameters: Any) -> list[dict[str, Any]]:
    return [{"name": name, "parameters": parameters}]


def _stub(method: str, path: str, response: dict[str, Any], **more: Any) -> dict[str, Any]:
    request = {"method": method, "urlPathPattern": path, **more.pop("request", {})}
    return {"request": request, "response": response, **more}


def _where(**parameters: Any) -> dict[str, Any]:
    return {"customMatcher": {"name": "state-matcher", "parameters": parameters}}


CONTEXT = "queue-{{request.pathSegments.[1]}}"
QUEUE = [
    _stub("GET", "/queue/[^/]+", {"jsonBody": {"item": None}}, request=_where(hasNotContext=CONTEXT)),
    _stub("GET", "/queue/[^/]+", {"jsonBody": {"item": 0}},
          request=_where(hasContext=CONTEXT, listSizeEqualTo="0")),
    _stub("GET", "/queue/[^/]+",
          {"jsonBody":
           {"item": "{{state context=(join 'queue' request.pathSegments.[1] '-') list='[-1].id'}}"},
           **TEMPLATES},
          request=_where(hasContext=CONTEXT, listSizeMoreThan="0")),
    _stub("POST", "/queue/[^/]+/[^/]+", {"status": 201, "body": "{{ok}}"},
          serveEventListeners=_listener(
              "recordState", context=CONTEXT, list={"addFirst": {"id": "{{request.pathSegments.[2]}}"}})),
    _stub("DELETE", "/queue/[^/]+", {"status": 204},
          serveEventListeners=_listener("deleteState", context=CONTEXT, list={"deleteLast": True})),
    _stub("DELETE", "/queue", {"status": 204},
          serveEventListeners=_listener("deleteState", contextsMatching="queue-.*")),
]  # fmt: skip


def test_a_queue_is_filled_read_and_emptied(tmp_path: Path) -> None:
    write(tmp_path, *QUEUE)
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        ask = httpx.Client(base_url=server.url)
        with ask:
            assert ask.get("/queue/a").json() == {"item": None}
            assert ask.post("/queue/a/1").text == "{{ok}}"
            ask.post("/queue/a/2")
            assert ask.get("/queue/a").json() == {"item": "1"}
            assert ask.get("/queue/b").json() == {"item": None}
            for expected in ("2", 0):
                assert ask.delete("/queue/a").status_code == 204
                assert ask.get("/queue/a").json() == {"item": expected}
            ask.delete("/queue")
            assert ask.get("/queue/a").json() == {"item": None}


def test_properties_come_from_request_and_response(tmp_path: Path) -> None:
    write(
        tmp_path,
        _stub("POST", "/c", {"jsonBody": {"id": "{{request.query.id}}"}, **TEMPLATES},
              serveEventListeners=_listener(
                  "recordState", context="{{jsonPath response.body '$.id'}}",
                  state={"name": "{{jsonPath request.body '$.name'}}",
                         "whole": "{{{jsonPath response.body '$'}}}"})),
        _stub("GET", "/c/[^/]+",
              {"body": "{{state context=request.pathSegments.[1] property='name' default='nobody'}} "
                       "{{state context=request.pathSegments.[1] property='updateCount' default='0'}}",
               **TEMPLATES}),
        _stub("GET", "/p/[^/]+", {"status": 404},
              request=_where(hasContext="{{request.pathSegments.[1]}}", hasNotProperty="name")),
        _stub("DELETE", "/c/[^/]+", {"status": 204},
              serveEventListeners=_listener(
                  "recordState", context="{{request.pathSegments.[1]}}", state={"name": "null"})),
    )  # fmt: skip
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        assert httpx.get(server.url + "/c/7").text == "nobody 0"
        assert httpx.post(server.url + "/c?id=7", json={"name": "rex"}).json() == {"id": "7"}
        assert httpx.get(server.url + "/c/7").text == "rex 1"
        httpx.delete(server.url + "/c/7")
        assert httpx.get(server.url + "/c/7").text == "nobody 2"
        assert httpx.get(server.url + "/p/7").content == b""
        server.reset()
        assert httpx.get(server.url + "/c/7").text == "nobody 0"


def test_what_the_matcher_is_asked_beyond_that_switches_the_stub_off(tmp_path: Path) -> None:
    stubs, findings = translated(tmp_path, {"request": _where(hasContext="a", property={"x": {}})})
    assert stubs[0]["enabled"] is False
    assert "(property)" in findings[0].message


@pytest.mark.parametrize("response", [{"base64Body": "AQID"}, {"bodyFileName": "a"}])
def test_nothing_is_kept_beside_a_body_that_is_no_text(
    response: dict[str, Any], tmp_path: Path
) -> None:
    mapping = {
        "request": {},
        "response": response,
        "serveEventListeners": _listener("recordState", context="a"),
    }
    _, findings = translated(tmp_path, mapping, files={"a": b"\0"})
    assert [each.code for each in findings] == ["import.state"]


def test_the_list_of_a_context_is_bounded() -> None:
    with MockServer(settings={"core.state.max_bytes": "64MiB"}) as server:
        state = shared_state(server.kernel)
        state.store.put(
            SPACE,
            "a",
            {"properties": {}, "list": [{"n": n} for n in range(MOST_ITEMS)], "updates": 0},
        )
        record_state(state, "a", None, None, {"n": "new"})
        assert state_value(state, "a", list="[0].n") == 1
        assert state_value(state, "a", list="[-1].n") == "new"
        assert state_value(state, "a", "listSize") == MOST_ITEMS
