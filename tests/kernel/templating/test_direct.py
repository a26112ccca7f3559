"""Templates that only put values in their places are filled in without the engine, to the same text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.data.chance import Dice
from mockforge.mocking.exchange import Request
from mockforge.mocking.templating import Templates, request_context
from mockforge.mocking.templating.direct import direct
from mockforge.mocking.templating.template import Template, ValueTemplate

TEMPLATES = Templates(names=("request", "vars"))


def translation(made: Template | ValueTemplate) -> str:
    assert made._program is not None
    return made._program.text


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("{{ request.path.x }}", True),
        ("a{{request.query.x}}b{{ request.headers.host}}", True),
        ("{{ request.json.a.b }}", True),
        ("{{ request.query.x | upper }}", False),
        ("{{ request.query.x ~ 'a' }}", False),
        ("{% if request.query.x %}a{% endif %}{{ request.query.x }}", False),
        ("{{ '{{ __t(request.query.x) }}' }}", False),
        ("{{ uuid }}", False),
        ("{{ request.headers['X-A'] }}", True),
        ("{{ request.query.x }}" * 40, False),
    ],
)
def test_only_plain_places_are_filled_in_directly(source: str, plain: bool) -> None:
    assert (direct(translation(TEMPLATES.compile(source))) is not None) is plain


NAMES = st.sampled_from(["a", "b", "keys", "items", "all", "text", "get"])
PLACES = st.builds(
    lambda root, name: f"{{{{ {root}.{name} }}}}",
    st.sampled_from(["request.path", "request.query", "request.json", "request.headers", "vars"]),
    NAMES,
)
TEXTS = st.sampled_from(["x", "é", '"', "\n", " { ", "\\"])
SOURCES = st.lists(st.one_of(PLACES, TEXTS), max_size=5).map("".join)
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.integers(-9, 9),
    st.none(),
    st.lists(st.integers(-9, 9), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(
    SOURCES,
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.dictionaries(NAMES, st.text('ab1é\ud800"\\\n', max_size=4), max_size=3),
)
def test_the_text_is_that_of_the_engine(
    source: str, values: dict[str, Any], path: dict[str, str]
) -> None:
    body = msgspec.json.encode(values)
    request = Request("POST", "/x?a=1&b=%22&keys=k", [(b"Host", b"h"), (b"A", b"v")], body)

    def context() -> dict[str, Any]:
        return {**request_context(request, path=path), "vars": values}

    for compiled in (
        TEMPLATES.compile(source),
        TEMPLATES.compile_value({"v": source, "s": [source]}),
    ):
        render = compiled.render if isinstance(compiled, Template) else compiled.render_json
        if compiled._direct is None or compiled._program is None:
            continue
        filled = compiled._direct.fill(context(), 10_000)
        by_engine = TEMPLATES.run(compiled._name, compiled._program, context(), Dice(1), None)
        assert filled in (None, by_engine)
        if filled is not None:
            assert render(context(), Dice(1)) == filled


def test_what_is_too_large_is_left_to_the_engine_which_refuses_it() -> None:
    plain = direct(translation(TEMPLATES.compile("{{ vars.a }}{{ vars.b }}")))
    assert plain is not None
    assert plain.fill({"vars": {"a": "x" * 6, "b": "y" * 4}}, 10) == "xxxxxxyyyy"
    assert plain.fill({"vars": {"a": "x" * 7, "b": "y" * 4}}, 10) is None
    assert plain.fill({"vars": {"a": "x" * 11, "b": ""}}, 10) is None
    assert plain.fill({"vars": {"a": "x"}}, 10) is None
