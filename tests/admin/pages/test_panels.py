"""Pages that plugins add."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockforge import hookimpl
from mockforge.contracts import AdminPanel, PanelRequest
from mockforge.errors import MockForgeError
from mockforge.html import Html
from mockforge.kernel import Kernel
from tests.admin.making import Admin, admin

WORDS = {"hello": 3}


class Words(AdminPanel):
    name = "words"
    title = "Words <of> mine"

    async def content(self, kernel: Kernel, request: PanelRequest) -> Any:
        if request.path == "text":
            return "<b>text</b>"
        if request.path == "json":
            return {"query": request.query}
        if request.path == "wrong":
            raise MockForgeError("not this one", hint="another")
        return Html.fill("<p>{word}: {times}</p>", word="<hello>", times=WORDS["hello"])

    def answer(self, kernel: Kernel, request: PanelRequest) -> Any:
        if request.path == "bad":
            raise MockForgeError("no such word", hint="hello")
        if request.method == "POST":
            WORDS[request.path] = request.body
        return {"words": WORDS, "path": request.path}


class Broken(AdminPanel):
    name = "broken"
    title = "Broken"

    def content(self, kernel: Kernel, request: PanelRequest) -> Any:
        raise ZeroDivisionError("panel")

    def answer(self, kernel: Kernel, request: PanelRequest) -> Any:
        raise ZeroDivisionError("panel")


class Misnamed(Words):
    name = "Not A Name"


class Plugin:
    @hookimpl
    def mockforge_register_admin_panels(self) -> list[AdminPanel]:
        return [Words(), Broken(), Misnamed(), Words()]


@pytest.fixture(scope="module")
def paneled() -> Iterator[Admin]:
    with admin(plugins={"wordy": Plugin()}) as running:
        yield running


@pytest.mark.shows("mockforge_register_admin_panels")
def test_a_plugin_adds_a_page_and_an_api(paneled: Admin) -> None:
    listed = paneled.get("/panels").json()["panels"]
    assert [(each["name"], each["address"]) for each in listed] == [
        ("broken", "/panels/broken"),
        ("words", "/panels/words"),
    ]
    page = paneled.client.get("/panels/words").text
    assert "<p>&lt;hello&gt;: 3</p>" in page
    assert "Words &lt;of&gt; mine" in page
    assert paneled.get("/panels/words").json() == {"words": {"hello": 3}, "path": ""}
    answer = paneled.ask("POST", "/panels/words/hello", json=4)
    assert answer.json() == {"words": {"hello": 4}, "path": "hello"}
    assert "<p>&lt;hello&gt;: 4</p>" in paneled.client.get("/parts/panels/words").text


def test_what_is_no_html_is_shown_as_text(paneled: Admin) -> None:
    assert "&lt;b&gt;text&lt;/b&gt;" in paneled.client.get("/panels/words/text").text
    assert "&#34;a&#34;: &#34;&lt;1&#34;" in paneled.client.get("/panels/words/json?a=%3C1").text


def test_what_goes_wrong_in_a_panel_stays_there(paneled: Admin) -> None:
    assert "not this one (another)" in paneled.client.get("/panels/words/wrong").text
    answer = paneled.get("/panels/words/bad")
    assert (answer.status_code, answer.json()["hint"]) == (422, "hello")
    page = paneled.client.get("/panels/broken")
    assert page.status_code == 200
    assert "ZeroDivisionError" in page.text
    assert paneled.get("/panels/broken").status_code == 500
    assert paneled.get("/panels/other").status_code == 404
    row = paneled.get("/plugins/wordy").json()
    hooks = {each["hook"] for each in row["problems"]}
    assert hooks == {"panel broken", "mockforge_register_admin_panels"}
    assert paneled.client.get("/").status_code == 200


def test_html_escapes_what_is_not_html() -> None:
    assert Html.fill("<i>{a}</i>{b}", a="<'\">", b=Html("<br>")) == (
        "<i>&lt;&#x27;&quot;&gt;</i><br>"
    )
    assert "<td>&lt;b&gt;</td>" in Html.table(("x",), [("<b>",)])
