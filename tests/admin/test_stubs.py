"""Stubs over the API: taken in, changed, imported, exported, saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.admin.making import Admin, admin
from tests.kernel.observe.waiting import wait_until


def stub(stub_id: str | None = "one", path: str = "/new", text: str = "new") -> dict[str, Any]:
    named = {} if stub_id is None else {"id": stub_id}
    return {**named, "request": {"path": path}, "response": {"text": text}}


def mocks(folder: Path) -> dict[str, Any]:
    return {"http.mocks": [str(folder)]}


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def ids(running: Admin) -> list[str]:
    return [each["id"] for each in running.get("/stubs").json()["stubs"]]


def test_a_stub_answers_the_next_request(fresh: Admin) -> None:
    assert fresh.call("/new").status_code == 404
    made = fresh.ask("POST", "/stubs", json=stub())
    assert made.status_code == 201
    assert made.headers["Location"] == "/__mockforge/stubs/one"
    assert fresh.call("/new").text == "new"
    shown = fresh.get("/stubs/one")
    assert shown.json()["matched"] == 1
    assert shown.json()["definition"] == stub()
    assert fresh.ask("PUT", "/stubs/one", json=stub(text="newer")).status_code == 200
    assert fresh.call("/new").text == "newer"
    assert fresh.ask("DELETE", "/stubs/one").status_code == 204
    assert fresh.call("/new").status_code == 404
    assert problem(fresh.ask("DELETE", "/stubs/one")) == (404, "no-such-stub")
    assert problem(fresh.get("/stubs/one")) == (404, "no-such-stub")


def test_ids_are_given_and_may_hold_slashes(fresh: Admin) -> None:
    made = fresh.ask("POST", "/stubs", json=stub(None)).json()["id"]
    assert made
    assert problem(fresh.ask("POST", "/stubs", json=stub(made))) == (409, "id-taken")
    assert fresh.ask("PUT", "/stubs/team/a%20b", json=stub(None, "/x")).status_code == 201
    assert fresh.get("/stubs/team/a%20b").json()["id"] == "team/a b"
    wrong = fresh.ask("PUT", "/stubs/team/a", json=stub("other"))
    assert problem(wrong) == (422, "wrong-body")


def test_what_is_wrong_with_a_stub_is_said_with_its_place(fresh: Admin) -> None:
    wrong = {"request": {"path": "/x", "metod": "GET"}, "response": {"status": 204}}
    said = fresh.ask("POST", "/stubs", json=wrong)
    assert said.status_code == 422
    assert said.json()["place"] == {"path": "request.metod"}
    assert said.json()["hint"] == "did you mean method?"
    several = fresh.ask("POST", "/stubs", json={"request": wrong["request"]}).json()["problems"]
    assert [each["place"] for each in several] == [{"path": "request.metod"}, None]
    assert problem(fresh.ask("POST", "/stubs", content=b"{")) == (400, "not-json")
    assert problem(fresh.ask("POST", "/stubs", json=[1])) == (422, "wrong-body")
    assert problem(fresh.ask("POST", "/stubs", content=b"[" * 100_000)) == (400, "not-json")


def test_a_change_can_be_bound_to_what_was_seen(fresh: Admin) -> None:
    fresh.ask("POST", "/stubs", json=stub()).raise_for_status()
    seen = fresh.get("/stubs/one").headers["ETag"]
    assert fresh.get("/stubs/one").json()["etag"] == seen
    fresh.call("/new")
    assert fresh.get("/stubs/one").headers["ETag"] == seen
    bound = {"If-Match": seen}
    assert fresh.ask("PUT", "/stubs/one", json=stub(text="b"), headers=bound).status_code == 200
    late = fresh.ask("PUT", "/stubs/one", json=stub(text="c"), headers=bound)
    assert problem(late) == (412, "changed-meanwhile")
    assert fresh.call("/new").text == "b"
    assert problem(fresh.ask("DELETE", "/stubs/one", headers=bound)) == (412, "changed-meanwhile")
    absent = fresh.ask("PUT", "/stubs/none", json=stub(None, "/n"), headers={"If-Match": "*"})
    assert problem(absent) == (412, "changed-meanwhile")
    several = {"If-Match": f'"x", {fresh.get("/stubs/one").headers["ETag"]}'}
    assert fresh.ask("DELETE", "/stubs/one", headers=several).status_code == 204


def test_stubs_are_filtered_before_they_are_paged(fresh: Admin) -> None:
    for number in range(5):
        made = {**stub(f"s{number}", f"/p{number}"), "tags": ["odd" if number % 2 else "even"]}
        fresh.ask("POST", "/stubs", json=made).raise_for_status()
    page = fresh.get("/stubs", params={"tag": "even", "limit": 1, "offset": 1}).json()
    assert (page["total"], [each["id"] for each in page["stubs"]]) == (3, ["s2"])
    assert "definition" not in page["stubs"][0]
    found = fresh.get("/stubs", params={"text": "/P3", "definitions": "true"}).json()["stubs"]
    assert [each["definition"]["request"]["path"] for each in found] == ["/p3"]
    assert fresh.get("/stubs", params={"protocol": "websocket"}).json()["total"] == 0


def test_an_import_takes_in_all_or_none(fresh: Admin) -> None:
    fresh.ask("POST", "/stubs", json=stub("old", "/old", "old")).raise_for_status()
    good = [stub("old", "/old", "changed"), stub("b", "/b")]
    broken = yaml.safe_dump([*good, {"id": "c", "request": {"path": "/c"}, "respond": {}}])
    refused = fresh.ask("POST", "/stubs/import", content=broken)
    assert problem(refused) == (422, "wrong-stubs")
    found = refused.json()["problems"][0]
    assert (found["path"], found["hint"]) == ("[2].respond", "did you mean response?")
    assert broken.splitlines()[found["line"] - 1].strip() == "respond: {}"
    assert ids(fresh) == ["old"]
    assert fresh.call("/old").text == "old"
    taken = fresh.ask("POST", "/stubs/import?format=json", content=json.dumps(good))
    assert taken.json() == {"ids": ["old", "b"]}
    assert fresh.call("/old").text == "changed"
    replaced = fresh.ask(
        "POST", "/stubs/import?mode=replace", content=yaml.safe_dump(stub("z", "/z"))
    )
    assert replaced.json() == {"ids": ["z"]}
    assert ids(fresh) == ["z"]


def test_what_is_exported_can_be_imported(fresh: Admin) -> None:
    fresh.ask("POST", "/stubs", json=stub()).raise_for_status()
    text = fresh.get("/stubs/export")
    assert text.headers["Content-Type"] == "application/yaml"
    as_json = fresh.get("/stubs/export?format=json").json()
    assert yaml.safe_load(text.text) == as_json == [stub()]
    fresh.ask("POST", "/stubs/reset").raise_for_status()
    assert ids(fresh) == []
    fresh.ask("POST", "/stubs/import", content=text.content).raise_for_status()
    assert fresh.call("/new").text == "new"


def test_a_text_is_checked_and_nothing_is_taken_in(fresh: Admin) -> None:
    checked = fresh.ask(
        "POST", "/stubs/check", content=b"request: {path: /a}\nresponse: {stat: 1}\n"
    )
    said = checked.json()
    assert (said["ok"], said["stubs"]) == (False, 1)
    assert said["problems"][0]["line"] == 2
    good = fresh.ask("POST", "/stubs/check", content=yaml.safe_dump([stub(), stub("two")])).json()
    assert (good["ok"], good["stubs"]) == (True, 2)
    assert ids(fresh) == []
    assert problem(fresh.ask("POST", "/stubs/check")) == (400, "body-missing")


def test_what_is_saved_is_there_after_a_reload_and_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "mocks"
    folder.mkdir()
    (folder / "hand-written.yaml").write_text(yaml.safe_dump(stub("first", "/first", "first")))
    given = mocks(folder)
    with admin(**given) as running:
        running.ask("POST", "/stubs", json=stub("a/../b c", "/kept", "kept")).raise_for_status()
        (file,) = running.ask("POST", "/stubs/save").json()["files"]
        assert Path(file).parent == folder
        assert running.ask("POST", "/reload").json() == {"ok": True, "problems": []}
        assert running.call("/kept").text == "kept"
        assert running.get("/stubs/a/../b%20c").status_code == 404  # clients resolve the dots
        placed = {each["id"]: each["place"] for each in running.get("/stubs").json()["stubs"]}
        assert placed["a/../b c"].startswith(file)
        assert running.ask("POST", "/stubs/save").json() == {"files": []}
        changed = stub("a/../b c", "/kept", "changed")
        running.ask("POST", "/stubs/import", content=yaml.safe_dump(changed)).raise_for_status()
        assert running.ask("POST", "/stubs/save").json() == {"files": [file]}
        assert [path.name for path in sorted(folder.iterdir())] == [
            "a-..-b-c.yaml",
            "hand-written.yaml",
        ]
        running.ask("PUT", "/stubs/first", json=stub("first", "/first", "x")).raise_for_status()
        refused = running.ask("POST", "/stubs/save")
        assert problem(refused) == (422, "not-usable")
        assert "hand-written.yaml" in refused.json()["detail"]
    with admin(**given) as running:
        assert running.call("/kept").text == "changed"
        assert running.call("/first").text == "first"
        assert sorted(ids(running)) == ["a/../b c", "first"]
        (folder / "broken.yaml").write_text("request: [")
        failed = running.ask("POST", "/reload").json()
        assert not failed["ok"]
        assert failed["problems"][0]["place"]["file"].endswith("broken.yaml")
        assert running.call("/kept").text == "changed"


def test_without_a_folder_nothing_is_saved(fresh: Admin) -> None:
    fresh.ask("POST", "/stubs", json=stub()).raise_for_status()
    refused = fresh.ask("POST", "/stubs/save")
    assert problem(refused) == (422, "not-usable")
    assert "--mocks" in refused.json()["hint"]


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(stub("first", "/first")))
    with admin(**mocks(tmp_path)) as running:
        running.ask("POST", "/stubs", json=stub()).raise_for_status()
        assert problem(running.ask("POST", "/stubs/save")) == (422, "not-usable")
    assert yaml.safe_load((tmp_path / "one.yaml").read_text())["id"] == "first"


def test_a_reset_brings_back_what_was_loaded_with_its_counts(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(stub("a", "/a", "loaded")))
    with admin(**mocks(tmp_path)) as running:
        running.call("/a")
        running.ask("PUT", "/stubs/a", json=stub("a", "/a", "changed")).raise_for_status()
        running.ask("POST", "/stubs", json=stub("b", "/b")).raise_for_status()
        assert running.ask("POST", "/stubs/reset").status_code == 204
        assert ids(running) == ["a"]
        assert running.get("/stubs/a").json()["matched"] == 0
        assert running.call("/a").text == "loaded"


@pytest.mark.shows("http.max_stubs")
def test_stubs_are_bounded() -> None:
    bound: dict[str, Any] = {"http.max_stubs": 3}
    with admin(**bound) as running:
        for number in range(3):
            running.ask("POST", "/stubs", json=stub(f"s{number}", f"/{number}")).raise_for_status()
        full = running.ask("POST", "/stubs", json=stub("s3", "/3"))
        assert full.status_code == 422
        assert "http.max_stubs" in full.text
        assert running.ask("PUT", "/stubs/s0", json=stub("s0", "/again")).status_code == 200
        wait_until(lambda: running.call("/again").status_code == 200)
