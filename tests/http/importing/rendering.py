"""Handlebars templates rendered as an imported stub renders them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from mockforge.mocking.exchange import Request
from mockforge.mocking.templating import TemplateLimits, Templates, request_context
from mockforge_http.importing.handlebars.translate import translate
from mockforge_http.importing.registration import template_functions

BODY: dict[str, Any] = {
    "a": 1,
    "list": [1, 2, 3],
    "obj": {"k": "v"},
    "s": "text",
    "n": None,
    "t": True,
    "items": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}],
}

TEMPLATES = Templates(
    limits=TemplateLimits(max_time=60),  # imports count, on machines that are busy
    functions={each.name: each.function for each in template_functions()},
    clock=lambda: 1_580_466_030.0,  # 2020-01-31T10:20:30Z
)


def request(
    target: str = "/t/seg1/seg2?q=1&q=2&z=%20w",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Request:
    """A POST with all that templates ask for."""
    given = headers or {
        "Host": "mock.test:8080",
        "Content-Type": "application/json",
        "X-Multi": "one",
        "Cookie": "sess=abc; b=2",
    }
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    sent = json.dumps(BODY).encode() if body is None else body
    return Request("POST", target, raw, sent, client="127.0.0.1:5000")


def rendered(source: str, asked: Request | None = None, seed: int = 1) -> str:
    """What a template of WireMock prints for ``asked``."""
    made = translate(source)
    if not made.is_template:
        return made.text
    context = {**request_context(asked or request()), "state": None}
    return TEMPLATES.compile(made.text).render(context, Random(seed))  # noqa: S311 - made-up data
