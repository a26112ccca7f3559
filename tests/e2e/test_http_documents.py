"""The check of documents after the start, and when it is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockforge import hookimpl
from mockforge.contracts import Responder
from mockforge.testing import MockServer
from tests.e2e.processes import serving
from tests.e2e.raw import fetch
from tests.http.server.documents import document

PADDING = "x" * 300_000
"""Makes a document larger than those that are checked without being told to."""


def wrong(description: str = "") -> str:
    """A document with a mistake that only openapi-core minds: a response has a ``description``."""
    paths = {"/": {"get": {"description": description, "responses": {"200": {}}}}}
    return json.dumps(document(paths))


MISTAKE = "is a required property"


def messages(folder: Path, mode: str) -> str:
    """What is logged by a server that answers two requests and is stopped."""
    with serving(folder, "openapi.json", env={"MOCKFORGE_HTTP__CHECK": mode}) as running:
        for _ in range(2):
            assert running.fetch().status == 200
        return running.stop()


@pytest.mark.shows("http.check")
def test_documents_are_checked_always_never_or_where_they_are_small(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(wrong(PADDING))
    with serving(tmp_path, "openapi.json", env={"MOCKFORGE_HTTP__CHECK": "always"}) as running:
        line = running.message()
        assert MISTAKE in line
        assert "openapi.json:1:" in line
    # What was found is remembered, so that from here on it is told at once.
    assert MISTAKE in messages(tmp_path, "always")
    assert messages(tmp_path, "never") == ""
    assert messages(tmp_path, "auto") == ""
    file.write_text(wrong())
    with serving(tmp_path, "openapi.json", env={"MOCKFORGE_HTTP__CHECK": ""}) as running:
        assert MISTAKE in running.message()


def test_a_document_that_is_gone_before_its_check_is_served_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(wrong())

    class Deleting:
        """Called when documents are read, and before they are checked."""

        @hookimpl
        def mockforge_register_responders(self) -> list[Responder]:
            file.unlink()
            return []

    with MockServer(file, plugins=[Deleting()], settings={"http.check": "auto"}) as server:
        for _ in range(2):
            assert fetch(server.url).status == 200
