"""``mockforge import`` and folders of other tools, from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge import hookimpl
from mockforge.contracts import Imported, Importer
from mockforge.findings import Finding
from mockforge.plugins import Selection, load_plugins
from mockforge.testing import MockServer
from tests.http.importing.mappings import write
from tests.kernel.cli.running import mockforge
from tests.kernel.site import Site

MAPPING: dict[str, Any] = {
    "request": {"method": "GET", "urlPath": "/hello"},
    "response": {"body": "{{request.query.name}}!", "transformers": ["response-template"]},
}
SPOKEN = """
from mockforge.contracts import Imported, Importer
from mockforge.findings import Finding

class Spoken(Importer):
    name = "spoken"
    description = "words"

    def convert(self, path):
        stubs = [{"request": {"path": "/" + word}, "response": {"file": "__files/" + word}}
                 for word in path.read_text().split()]
        files = {"__files/" + word: word.encode() for word in path.read_text().split()}
        return Imported(stubs, files, [Finding("spoken.quiet", "too quiet", "warning", file=str(path))])

@hookimpl
def mockforge_register_importers():
    return [Spoken()]
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Where a plugin brings the format ``spoken``."""
    site = Site(tmp_path / "site")
    site.plugin("spoken", SPOKEN)
    return site


def answer(folder: Path, target: str) -> httpx.Response:
    with MockServer(settings={"http.mocks": [str(folder)]}) as server:
        return httpx.get(server.url + target)


@pytest.mark.shows(
    "mockforge import",
    "mockforge import FORMAT",
    "mockforge import FILE",
    "mockforge import --output",
    "mockforge import -o",
)
@pytest.mark.parametrize("option", ["-o", "--output"])
def test_a_folder_of_wiremock_becomes_stubs_that_serve(
    option: str, site: Site, tmp_path: Path
) -> None:
    write(tmp_path / "in", MAPPING)
    done = mockforge(site.root, "import", "wiremock", "in", option, "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 stubs and 0 files in out: 0 errors, 0 warnings\n"
    assert answer(tmp_path / "out", "/hello?name=rex").text == "rex!"


def test_a_folder_with_mappings_below_mocks_is_read_as_wiremocks(tmp_path: Path) -> None:
    write(tmp_path / "mocks" / "inner", MAPPING)
    (tmp_path / "mocks" / "own.yaml").write_text("{request: {path: /own}, response: {text: own}}")
    assert answer(tmp_path / "mocks", "/hello?name=rex").text == "rex!"
    assert answer(tmp_path / "mocks", "/own").text == "own"


def test_what_is_left_out_of_a_folder_of_wiremocks_is_a_finding_wherever_it_is_read(
    site: Site, tmp_path: Path
) -> None:
    mapping = {**MAPPING, "response": {"status": 200, "statusMessage": "Fine", "body": "a"}}
    write(tmp_path / "in", mapping)
    with MockServer(settings={"http.mocks": [str(tmp_path / "in")]}) as server:
        (http,) = server.kernel.servers
        (warned,) = http.warnings()
    assert warned.path == "/response/statusMessage"
    for command in (("import", "wiremock", "in", "-o", "out"), ("lint", "in")):
        done = mockforge(site.root, *command, cwd=tmp_path)
        said = done.stdout + done.stderr
        assert f"[{warned.code}]" in said
        assert warned.message in said


def test_what_is_taken_otherwise_than_by_wiremock_is_so(tmp_path: Path) -> None:
    body = [{"matchesJsonPath": "$.found"}]
    write(
        tmp_path,
        {"request": {"urlPath": "/json", "bodyPatterns": body}, "response": {"body": "json"}},
        {
            "request": {"urlPath": "/not", "queryParameters": {"q": {"doesNotMatch": "a"}}},
            "response": {"body": "not"},
        },
        {"request": {"urlPath": "/a b"}, "response": {"body": "path"}},
    )
    with MockServer(settings={"http.mocks": [str(tmp_path)]}) as server:
        for found in ("null", "[]", "1"):
            sent = httpx.post(server.url + "/json", content=f'{{"found": {found}}}')
            assert sent.text == "json"
        assert httpx.post(server.url + "/json", json={}).status_code == 404
        assert httpx.get(server.url + "/not?q=b&q=c").text == "not"
        assert httpx.get(server.url + "/not?q=b&q=a").status_code == 404
        assert httpx.get(server.url + "/a%20b").text == "path"


@pytest.mark.shows("mockforge import --force")
def test_files_that_are_there_are_overwritten_only_by_force(site: Site, tmp_path: Path) -> None:
    write(tmp_path / "in", MAPPING)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "stubs.yaml").write_text("[]")
    refused = mockforge(site.root, "import", "wiremock", "in", "-o", "out", cwd=tmp_path)
    assert refused.returncode == 2
    assert "out/stubs.yaml exists already" in refused.stderr
    assert (tmp_path / "out" / "stubs.yaml").read_text() == "[]"
    done = mockforge(site.root, "import", "wiremock", "in", "-o", "out", "--force", cwd=tmp_path)
    assert done.returncode == 0
    assert "/hello" in (tmp_path / "out" / "stubs.yaml").read_text()


def test_what_is_left_out_is_listed_and_fails_if_it_matters(site: Site, tmp_path: Path) -> None:
    write(tmp_path / "in", {**MAPPING, "request": {"customMatcher": {"name": "mine"}}})
    done = mockforge(site.root, "import", "wiremock", "in", "-o", "out", cwd=tmp_path)
    assert done.returncode == 1
    assert "in/mappings/0.json:1:" in done.stderr
    assert (
        "(/request/customMatcher): error: the matcher 'mine' is code of an extension" in done.stderr
    )
    assert (tmp_path / "out" / "stubs.yaml").exists()


def test_a_format_that_nobody_brings_is_refused_with_those_there_are(
    site: Site, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("a")
    close = mockforge(site.root, "import", "wiremok", "a", "-o", "out", cwd=tmp_path)
    assert (close.returncode, "did you mean wiremock?" in close.stderr) == (2, True)
    far = mockforge(site.root, "import", "x", "a", "-o", "out", cwd=tmp_path)
    assert "curl (curl commands" in far.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.shows("mockforge_register_importers")
def test_a_plugin_brings_a_format(site: Site, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("moo baa")
    done = mockforge(site.root, "import", "spoken", "words", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "words: warning: too quiet [spoken.quiet]\n"
    assert done.stdout == "2 stubs and 2 files in out: 0 errors, 1 warnings\n"
    assert answer(tmp_path / "out", "/baa").text == "baa"


class _Named(Importer):
    name = "named"
    description = "names"

    def convert(self, path: Path) -> Imported:
        return Imported([], {"../outside": b""}, [Finding("a", "b")])


def test_two_importers_of_one_name_do_not_get_along() -> None:
    class Plugin:
        @hookimpl
        def mockforge_register_importers(self) -> list[Importer]:
            return [_Named(), _Named()]

    plugins = load_plugins(Selection(only=()), extra={"named": Plugin()})
    assert list(plugins.importers()) == ["named"]
    row = next(row for row in plugins.rows if row.name == "named")
    assert "importer named has no name or is taken" in str(row.problems)


@pytest.mark.parametrize("form", ["har", "postman", "curl"])
def test_other_formats_serve_what_they_hold(form: str, site: Site, tmp_path: Path) -> None:
    response = {"status": 200, "content": {"mimeType": "application/json", "text": '{"a":1}'}}
    entry = {"request": {"method": "GET", "url": "http://a.test/a"}, "response": response}
    saved = {"name": "ok", "code": 200, "body": '{"a":1}', "_postman_previewlanguage": "json"}
    item = {
        "name": "a",
        "request": {"method": "GET", "url": "http://a.test/a"},
        "response": [saved],
    }
    contents = {
        "har": json.dumps({"log": {"entries": [entry]}}),
        "postman": json.dumps({"info": {"name": "a"}, "item": [item]}),
        "curl": "curl http://a.test/a",
    }
    (tmp_path / "in.txt").write_text(contents[form])
    done = mockforge(site.root, "import", form, "in.txt", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert answer(tmp_path / "out", "/a").text == ("" if form == "curl" else '{"a":1}')
