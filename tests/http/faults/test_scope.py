"""Which requests rules concern, and which rule counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockforge.mocking.exchange import Exchange, Request
from mockforge_http.config_faults import Concerned
from mockforge_http.faults.scope import Rules, Scope


def exchange(
    path: str = "/pets/1",
    template: str | None = "/pets/{petId}",
    operation_id: str | None = "getPet",
    tags: tuple[str, ...] = ("pets",),
) -> Exchange:
    made = Exchange(Request("GET", path, []))
    made.template = template
    if template is not None:
        ref = SimpleNamespace(
            operation_id=operation_id, tags=tags, method="GET", template="/pets/{petId}"
        )
        made.operation = SimpleNamespace(route=SimpleNamespace(target=SimpleNamespace(ref=ref)))
    return made


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        ({}, True),
        ({"path": "/pets/1"}, True),
        ({"path": "/pets/*"}, True),
        ({"path": "/pets/{petId}"}, True),
        ({"path": "*"}, True),
        ({"path": "/pet"}, False),
        ({"path": "/pets"}, False),
        ({"path": "/orders*"}, False),
        ({"tag": "pets"}, True),
        ({"tag": "orders"}, False),
        ({"operation": "getPet"}, True),
        ({"operation": "GET /pets/{petId}"}, True),
        ({"operation": "POST /pets/{petId}"}, False),
        ({"operation": "getPet", "path": "/pets*", "tag": "pets"}, True),
        ({"operation": "getPet", "path": "/pets*", "tag": "orders"}, False),
    ],
)
def test_a_rule_concerns_what_all_its_keys_fit(keys: dict[str, str], taken: bool) -> None:
    assert Scope(Concerned(**keys)).takes(exchange()) is taken


def test_what_no_document_declares_has_a_path_only() -> None:
    unknown = exchange("/pets/1", None)
    assert Scope(Concerned(path="/pets*")).takes(unknown)
    assert Scope(Concerned()).takes(unknown)
    assert not Scope(Concerned(tag="pets")).takes(unknown)
    assert not Scope(Concerned(operation="GET /pets/{petId}")).takes(unknown)


def test_the_narrowest_rule_counts_and_of_equals_the_last() -> None:
    rules: list[dict[str, Any]] = [
        {"path": "*"},
        {"path": "/pets*"},
        {"tag": "pets"},
        {},
        {"operation": "getPet"},
        {"operation": "other"},
    ]
    found = []
    while rules:
        made = Rules([(Scope(Concerned(**keys)), keys) for keys in rules], None)
        best = made.find(exchange())
        if best is None:
            break
        found.append(best)
        rules.remove(best)
    assert found == [
        {"operation": "getPet"},
        {"path": "/pets*"},
        {"path": "*"},
        {"tag": "pets"},
        {},
    ]
