"""Predicates, seen from outside: stubs that tell requests apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge import hookimpl
from mockforge.contracts import CustomPredicate
from mockforge.mocking.matching import Content
from mockforge.testing import MockServer

DETECTING = {"X-Kind": {"multipleOf": 3}}


class Multiple(CustomPredicate):
    """``{multipleOf: 3}``"""

    name = "multipleOf"

    def compile(self, spec: Any) -> Callable[[str | Content | None], bool]:
        """Whether a text is a multiple of ``spec``."""
        divisor = int(spec)
        return lambda value: isinstance(value, str) and int(value) % divisor == 0


class Bringing:
    """A plugin with a predicate."""

    @hookimpl
    def mockforge_register_predicates(self) -> list[CustomPredicate]:
        """One."""
        return [Multiple()]


def stub(path: str, **request: Any) -> dict[str, Any]:
    return {"request": {"path": path, **request}, "response": {"status": 202}}


@pytest.mark.shows("mockforge_register_predicates")
def test_a_plugins_predicate_tells_requests_apart(tmp_path: Path) -> None:
    (tmp_path / "stub.json").write_text(json.dumps(stub("/a", headers=DETECTING)))
    settings = {"http.mocks": [str(tmp_path)]}
    with MockServer(plugins=[Bringing()], settings=settings) as server:
        answers = [
            httpx.get(f"{server.url}/a", headers={"X-Kind": text}).status_code
            for text in ("3", "4", "9", "x")
        ]
    assert answers == [202, 404, 202, 404]


def test_bodies_of_all_kinds_are_matched(tmp_path: Path) -> None:
    stubs = [
        stub("/json", body={"json": {"tags": ["b"]}}),
        stub("/path", body={"jsonPath": {"$.tags": "a"}}),
        stub("/schema", body={"jsonSchema": {"required": ["tags"]}}),
        stub("/xml", body={"xml": "<a><b/><c/></a>"}),
        stub("/xpath", body={"xpath": {"//b/@id": {"gt": 1}}}),
        stub("/form", body={"form": {"a": {"matches": r"\d"}}}),
        stub("/parts", body={"multipart": {"f": {"filename": {"endsWith": ".txt"}, "body": "hi"}}}),
        stub("/octets", body={"base64": "AP8="}),
    ]
    (tmp_path / "stubs.json").write_text(json.dumps(stubs))
    as_xml = {"headers": {"Content-Type": "application/xml"}}
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        asked: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
            ("/json", {"json": {"tags": ["a", "b"]}}, {"json": {"tags": ["a"]}}),
            ("/path", {"json": {"tags": ["a", "b"]}}, {"json": {"tags": ["b"]}}),
            ("/schema", {"json": {"tags": 1}}, {"json": {}}),
            ("/xml", {"content": "<a><c/><b/></a>"} | as_xml, {"content": "<a/>"} | as_xml),
            ("/xpath", {"content": '<a><b id="2"/></a>'}, {"content": '<a><b id="1"/></a>'}),
            ("/form", {"data": {"a": "1"}}, {"data": {"a": "x"}}),
            ("/parts", {"files": {"f": ("a.txt", b"hi")}}, {"files": {"f": ("a.png", b"hi")}}),
            ("/octets", {"content": b"\0\xff"}, {"content": b"\0"}),
        ]  # fmt: skip
        for path, yes, no in asked:
            assert httpx.post(server.url + path, **yes).status_code == 202, path
            assert httpx.post(server.url + path, **no).status_code == 404, path
