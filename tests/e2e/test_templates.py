"""Templates in stubs: what each setting of ``core.templates`` does to a running mock."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from mockforge import hookimpl
from mockforge.contracts import TemplateFunction
from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.e2e.raw import connected, get


def stubs(folder: Path, *texts: str, template: str = "template: true") -> Path:
    """A file of stubs: the text of ``/0``, ``/1`` ..."""
    file = folder / "stubs.yaml"
    lines: list[str] = []
    for number, text in enumerate(texts):
        lines.append(
            f"- request: {{path: /{number}}}\n  response:\n    text: |-\n      {text}\n    {template}\n"
        )
    file.write_text("".join(lines))
    return file  # fmt: skip


def server(mocks: Path, *plugins: object, **settings: Any) -> MockServer:
    """A server with these stubs, and settings of ``core.templates``."""
    return MockServer(
        plugins=plugins,
        settings={
            "http.mocks": [str(mocks)],
            **{f"core.templates.{key}": value for key, value in settings.items()},
        },
    )


def asked(running: MockServer, target: str = "/0") -> tuple[int, str]:
    with connected(running.url) as client:
        answer = client.ask(get(target))
        return answer.status, answer.body.decode()


@pytest.mark.shows("core.templates.expand")
def test_all_answers_may_be_taken_for_templates(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{{ request.method }}", template="status: 200")
    with server(file) as running:
        assert asked(running) == (200, "{{ request.method }}")
    with server(file, expand=True) as running:
        assert asked(running) == (200, "GET")
    with server(stubs(tmp_path, "{{ 1 }}", template="template: false"), expand=True) as running:
        assert asked(running) == (200, "{{ 1 }}")


@pytest.mark.shows("MOCKFORGE_RESPONSE_TEMPLATE_EXPAND")
def test_the_reference_s_variable_turns_templates_on(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{{uuid}} {{randInt 7 7}}", template="status: 200")
    variables = {"MOCKFORGE_RESPONSE_TEMPLATE_EXPAND": "true"}
    with serving(tmp_path, "--mocks", str(file), env=variables) as running:
        text = running.fetch("/0").body.decode()
    assert len(text) == 38
    assert text.endswith(" 7")


@pytest.mark.shows("core.templates.env")
def test_templates_read_the_variables_that_they_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.delenv("UNSET", raising=False)
    file = stubs(tmp_path, "{{ env.STAGE }}[{{ env.UNSET | default('none') }}]")
    with server(file, env=["STAGE", "UNSET"]) as running:
        assert asked(running) == (200, "test[none]")
    with pytest.raises(MockForgeError, match="STAGE is not allowed in templates"):
        server(file).start()


@pytest.mark.shows("core.templates.fuel")
def test_a_template_may_take_so_many_steps(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{% for i in range(1000) %}{% endfor %}done")
    with server(file) as running:
        assert asked(running) == (200, "done")
    with server(file, fuel=5000) as running:
        status, text = asked(running)
        assert status == 500
        assert "takes more than 5000 steps" in text
        assert f"{file}:3:5" in text


@pytest.mark.shows("core.templates.max_output")
def test_a_template_may_put_out_so_much(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{{ 'x' * (request.query.n | int) }}")
    with server(file, max_output="1KiB") as running:
        assert asked(running, "/0?n=1024") == (200, "x" * 1024)
        status, text = asked(running, "/0?n=1025")
        assert (status, "makes more than 1024 characters" in text) == (500, True)
        # The next request is none the worse.
        assert asked(running, "/0?n=10000000000")[0] == 500
        assert asked(running, "/0?n=1") == (200, "x")


@pytest.mark.shows("core.templates.max_time")
def test_a_template_may_take_so_long(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{% for i in range(3000) %}{{ i | sha512 }}{% endfor %}", "{{ 1 }}")
    with server(file, max_time="1us") as running:
        status, text = asked(running)
        assert (status, "the template takes too long" in text) == (500, True)
        assert asked(running, "/1") == (200, "1")
    with server(file, max_time="60s") as running:
        assert asked(running)[0] == 200


@pytest.mark.shows("core.templates.cache")
def test_templates_are_kept_ready_in_so_many_bytes_and_counted(tmp_path: Path) -> None:
    file = stubs(tmp_path, *(f"{{{{ {number} + 1 }}}}" for number in range(8)))
    with server(file, cache="32KiB") as running:
        for _ in range(2):
            for number in range(8):
                assert asked(running, f"/{number}") == (200, str(number + 1))
        (held,) = (each for each in running.kernel.memory.components() if each.name == "templates")
        assert held.limit == 32 * 1024
        assert 0 < (held.bytes or 0) <= held.limit
        assert 'mockforge_dropped_total{component="templates"} 13' in running.metrics.render()
        running.reload()
        assert 'mockforge_dropped_total{component="templates"} 13' in running.metrics.render()


class Orders:
    """A plugin with functions for templates."""

    @hookimpl
    def mockforge_register_template_functions(self) -> list[TemplateFunction]:
        return [
            TemplateFunction("acme.order", self.order),
            TemplateFunction("lucky", self.lucky, chance=True),
            TemplateFunction("shout", lambda text: f"{text}!", filter=True),
            TemplateFunction("upper", lambda text: "taken", filter=True),
            TemplateFunction("uuid", lambda: "taken"),
            TemplateFunction("no name", lambda: ""),
        ]

    @staticmethod
    def order(number: int) -> dict[str, Any]:
        if number < 0:
            raise MockForgeError(f"there is no order {number}", hint="count from 0")
        return {"number": number, "items": ["a", "b"]}

    @staticmethod
    def lucky(chance: Random) -> int:
        return chance.randrange(10**6)


@pytest.mark.shows("mockforge_register_template_functions")
def test_plugins_bring_functions_and_filters(tmp_path: Path) -> None:
    file = stubs(
        tmp_path,
        "{{ acme.order(7).number }} {{ 'hey' | shout }} {{ 'x' | upper }} {{ uuid | length }}",
        "{{ lucky }}",
        "{{ acme.order(-1) }}",
    )
    lucky: list[tuple[int, str]] = []
    for _ in range(2):
        with server(file, Orders()) as running:
            assert asked(running) == (200, "7 hey! X 36")
            lucky.append(asked(running, "/1"))
            status, text = asked(running, "/2")
            assert status == 500
            assert "there is no order -1" in text
            assert "count from 0" in text
            (row,) = [each for each in running.kernel.plugins.rows if each.problems]
            refused = [problem.message for problem in row.problems]
            for name, message in zip(("'upper'", "'uuid'", "'no name'"), refused, strict=True):
                assert name in message
    assert lucky[0] == lucky[1]


def test_mistakes_in_templates_are_found_at_the_start(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{{ 1 }}", "ab {{ requets.path }}")
    with pytest.raises(MockForgeError) as caught:
        server(file).start()
    assert f"{file}:8:5" in str(caught.value)
    assert "there is no variable or function requets" in str(caught.value)


def test_values_are_kept_from_one_request_to_the_next(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{{ state.put('n', state.get('n', 0) + 1) }}")
    with server(file) as running:
        assert [asked(running)[1] for _ in range(3)] == ["1", "2", "3"]


def test_the_same_seed_gives_the_same_answers(tmp_path: Path) -> None:
    file = stubs(tmp_path, "{{ uuid }}{{ randInt(1, 1000000) }}{{ faker.name }}")
    given: list[list[str]] = []
    for _ in range(2):
        with server(file) as running:
            given.append([asked(running)[1] for _ in range(3)])
    assert given[0] == given[1]
    assert len(set(given[0])) == 3


def test_templates_see_the_request_as_it_came_and_give_values_with_their_types(
    tmp_path: Path,
) -> None:
    file = tmp_path / "stubs.yaml"
    file.write_text(r"""
- request: {path: '/pets/{petId}'}
  response:
    template: true
    status: '{{ request.query.status | int }}'
    headers: {X-Id: '{{ request.path.petId }}'}
    json:
      number: '{{ request.query.status | int }}'
      text: 'no {{ request.query.status | int }}'
      missing: '{{ request.json.a.b }}'
      '{{ request.json.name }}': ['{{ request.json.tags }}', 1.5, '{{ 1 < 2 }}']
      seen:
        - '{{ request.method }} {{ request.path }} {{ request.scheme }} {{ request.host }}'
        - '{{ request.headers.x-trace }}{{ request.headers["X-Trace"] }} {{ request.cookies.c }}'
        - '{{ request.query.all.tag }}'
        - '{{ request.client is startingwith("127.0.0.1:") }}'
        - '{{ now - now }}'
- request: {path: /form}
  response:
    template: true
    text: '{{ request.form.city }} {{ request.form.all.city }} {{ request.path[0] }}'
- request: {path: /spaced}
  response: {template: true, text: '{{randInt 3 3}}{{ 7 | string }}{# none #}{% raw %}{{ x }}{% endraw %}'}
- request: {path: /fails}
  response:
    template: true
    text: "{{ 1 + 'a' }}"
- request: {path: /many}
  response: {template: true, text: "{{ ('a' * (request.query.n | int)) | sort | length }}"}
""")
    with server(file) as running, httpx.Client(base_url=running.url, timeout=60) as client:
        answer = client.post(
            "/pets/a%20b?status=201&tag=x&tag=y",
            json={"name": "Rex", "tags": ["a", {"b": None}]},
            headers={"X-Trace": "t", "Cookie": 'c="d"', "Host": "pets.example"},
        )
        assert (answer.status_code, answer.headers["x-id"]) == (201, "a b")
        assert answer.json() == {
            "number": 201,
            "text": "no 201",
            "missing": None,
            "Rex": [["a", {"b": None}], 1.5, True],
            "seen": ["POST /pets/a b http pets.example", "tt d", ["x", "y"], True, 0.0],
        }
        form = client.post("/form", data={"city": ["Rome", "Bonn"]})
        assert form.text == 'Rome ["Rome","Bonn"] form'
        assert client.get("/spaced").text == "37{{ x }}"
        failed = client.get("/fails")
        assert failed.status_code == 500
        assert (
            f"{file}:27:5 ([3].response.text): template line 1, column 1: "
            "+ does not go with a number and a text" in failed.json()["detail"]
        )
        assert client.get("/many?n=100000").text == "100000"
        refused = client.get("/many?n=100001")
        assert (refused.status_code, "more than 100000 items" in refused.text) == (500, True)
