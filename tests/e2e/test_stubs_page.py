"""What ``docs/stubs.md`` says of files, order, paths and answers, against a server that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer

_FILE: Final = Path(__file__).resolve().parents[2] / "docs/stubs.md"
PAGE: Final = " ".join(_FILE.read_text(encoding="utf-8").split()) if _FILE.exists() else ""
Ask = Callable[..., httpx.Response]


@contextmanager
def asking(folder: Path, files: Mapping[str, str], **settings: Any) -> Iterator[Ask]:
    """What asks a server that has these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    given = {"http.mocks": [str(folder)], "http.source_header": True}
    with (
        MockServer(settings={**given, **settings}) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        yield lambda target, method="GET", **rest: client.request(method, target, **rest)


def source(answer: httpx.Response) -> str:
    """The stub that answered, or what else did."""
    return answer.headers["x-mockforge-source"].removeprefix("stub:")


def test_files_are_found_and_stubs_named_as_the_page_says(tmp_path: Path) -> None:
    assert "Names that begin with `.` or `_` are left out, files and folders alike" in PAGE
    assert "it is the file's name below the folder (`orders/create`), with a number" in PAGE
    one = "request: {{path: /{0}}}\nresponse: {{status: 202}}\n".format
    files = {
        "orders/create.yaml": one("a"),
        "pets.yml": "".join(f"- request: {{path: /{name}}}\n  response: {{}}\n" for name in "bcd")
        + "  id: dee\n",
        "e.json": '{"request": {"path": "/e"}, "response": {}}',
        "notes.txt": one("f"),
        "_no.yaml": one("f"),
        ".no.yaml": one("f"),
        "__files/no.yaml": one("f"),
        "off.yaml": "enabled: false\n" + one("f"),
        "other.yaml": "grpc: {service: Pets}\n",
    }
    with asking(tmp_path, files) as ask:
        found = {path: source(ask(f"/{path}")) for path in "abcdef"}
    assert found == {
        "a": "orders/create", "b": "pets#1", "c": "pets#2", "d": "dee", "e": "e", "f": "none",
    }  # fmt: skip


ORDER: Final = r"""
- {id: urgent, priority: 1, request: {path: {startsWith: /one}, query: {now: '1'}}, response: {}}
- {id: late, priority: 9, request: {path: /nine}, response: {}}
- {id: literal, request: {path: /pets/0}, response: {}}
- {id: template, request: {path: '/pets/{id}'}, response: {}}
- {id: longer-template, request: {path: '/pets/{id}.json'}, response: {}}
- {id: pattern, request: {path: {startsWith: /pets}}, response: {}}
- {id: longer-pattern, request: {path: {startsWith: /pets/cats}}, response: {}}
- {id: none, request: {}, response: {}}
- {id: posted, request: {method: POST, path: /m}, response: {}}
- {id: any-method, request: {path: /m, headers: {A: '1'}}, response: {}}
- {id: general, request: {method: GET, path: /c}, response: {}}
- {id: special, request: {method: GET, path: /c, headers: {A: '1'}}, response: {}}
- {id: older, request: {path: /n}, response: {}}
- {id: newer, request: {path: /n}, response: {}}
- {id: one, request: {path: /one}, response: {}}
"""


def test_stubs_answer_in_the_order_of_the_page(tmp_path: Path) -> None:
    assert "Of all stubs that match a request, the first in this order answers it" in PAGE
    header = {"headers": {"A": "1"}}
    with asking(tmp_path, {"stubs.yaml": ORDER}) as ask:
        assert source(ask("/one?now=1")) == "urgent"
        assert source(ask("/one")) == "one"
        assert source(ask("/nine")) == "none"
        assert source(ask("/pets/0")) == "literal"
        assert source(ask("/pets/7")) == "template"
        assert source(ask("/pets/7.json")) == "longer-template"
        assert source(ask("/pets/cats/3")) == "longer-pattern"
        assert source(ask("/pets/dogs/3")) == "pattern"
        assert source(ask("/elsewhere")) == "none"
        assert source(ask("/m", "POST", **header)) == "posted"
        assert source(ask("/m", "PUT", **header)) == "any-method"
        assert source(ask("/c", **header)) == "special"
        assert source(ask("/c")) == "general"
        assert source(ask("/n")) == "newer"


PATHS: Final = r"""
- {id: cafe, request: {path: /café}, response: {}}
- {id: encoded, request: {path: '/a%2Fb'}, response: {}}
- {id: slash, request: {path: /pets/}, response: {}}
- {id: file, request: {path: '/files/{name}.json'},
   response: {text: '{{ request.path.name }}', template: true}}
- {id: digits, request: {path: {matches: '/pets/\d+'}}, response: {}}
- {id: url, request: {url: '/u?a=1&b=2'}, response: {}}
- {id: urls, request: {url: {endsWith: '?q'}}, response: {}}
- {id: host, request: {path: /h, host: pets.example, scheme: http, client: 127.0.0.1}, response: {}}
- {id: where, request: {path: /w, where: {template: '{{ request.query.a == request.query.b }}'}},
   response: {}}
- {id: groups, request: {path: /g, anyOf: [{query: {a: '1'}}, {method: PUT}], not: {headers: {X: y}}},
   response: {}}
- {id: many, request: {method: [POST, PUT], path: /many}, response: {}}
- {id: anything, request: {method: ANY, path: /any}, response: {}}
"""


def test_requests_are_described_as_the_page_says(tmp_path: Path) -> None:
    assert "`/caf%C3%A9` is `/café`" in PAGE
    assert "A slash at the end counts: `/pets/` is not `/pets`" in PAGE
    with asking(tmp_path, {"stubs.yaml": PATHS}) as ask:
        asked: list[tuple[str, str, str, dict[str, Any]]] = [
            ("cafe", "GET", "/caf%C3%A9", {}),
            ("encoded", "GET", "/a%2Fb", {}), ("none", "GET", "/a/b", {}),
            ("slash", "GET", "/pets/", {}), ("none", "GET", "/pets", {}),
            ("digits", "GET", "/pets/42", {}), ("none", "GET", "/pets/x", {}),
            ("url", "GET", "/u?a=1&b=2", {}), ("none", "GET", "/u?b=2&a=1", {}),
            ("urls", "GET", "/x/y?q", {}),
            ("host", "GET", "/h", {"headers": {"Host": "pets.example"}}), ("none", "GET", "/h", {}),
            ("where", "GET", "/w?a=1&b=1", {}), ("none", "GET", "/w?a=1&b=2", {}),
            ("groups", "GET", "/g?a=1", {}), ("groups", "PUT", "/g", {}), ("none", "GET", "/g", {}),
            ("none", "GET", "/g?a=1", {"headers": {"X": "y"}}),
            ("many", "PUT", "/many", {}), ("none", "GET", "/many", {}),
            ("anything", "DELETE", "/any", {}),
        ]  # fmt: skip
        for wanted, method, target, rest in asked:
            assert source(ask(target, method, **rest)) == wanted, (method, target)
        assert ask("/files/a%20b.json").text == "a b"


ANSWERS: Final = r"""
- {id: plain, request: {path: /plain}, response: {}}
- request: {path: /lines}
  response: {status: 999, headers: {Set-Cookie: [a=1, b=2], Content-Type: }, text: hi}
- request: {path: /own}
  response: {json: {a: 1}, headers: {Content-Type: application/pet+json}}
- request: {path: /octets}
  response: {base64: AP8=}
- request: {path: /status}
  response: {status: '{{ request.query.s | int }}', template: true}
- request: {path: /fails}
  response: {text: "{{ fixture('none.json') }}", template: true}
- request: {path: /head}
  response: {text: hello, headers: {X-A: b}}
- {id: of-its-own, request: {method: HEAD, path: /headed}, response: {status: 204}}
- {request: {path: /headed}, response: {}}
- request: {path: /loop}
  responses: [{text: a}, {text: b}]
  order: loop
- request: {path: /job}
  responses: [{text: a}, {text: b}]
- {times: 2, request: {path: /times}, response: {text: few}}
- {priority: 9, request: {path: /times}, response: {text: many}}
- request: {path: /up}
  response: {file: '../{{ request.query.n }}', template: true}
- request: {path: /file}
  response: {file: bodies/pet.txt}
"""


def test_answers_are_what_the_page_says(tmp_path: Path) -> None:
    files = {"mocks/stubs.yaml": ANSWERS, "mocks/bodies/pet.txt": "rex", "secret.txt": "classified"}
    with asking(tmp_path, files, **{"http.mocks": [str(tmp_path / "mocks")]}) as ask:
        assert (ask("/plain").status_code, ask("/plain").content) == (200, b"")
        lines = ask("/lines")
        assert (lines.status_code, lines.headers.get_list("set-cookie")) == (999, ["a=1", "b=2"])
        assert "content-type" not in lines.headers
        assert ask("/own").headers["content-type"] == "application/pet+json"
        assert ask("/octets").content == b"\0\xff"
        assert ask("/status?s=418").status_code == 418
        failed = ask("/fails")
        assert failed.status_code == 500
        assert "stubs.yaml:" in failed.text
        assert "there is no fixture folder" in failed.text
        head = ask("/head", "HEAD")
        assert (head.headers["x-a"], head.headers["content-length"]) == ("b", "5")
        assert (head.content, source(ask("/headed", "HEAD"))) == (b"", "of-its-own")
        assert [ask("/loop").text for _ in range(5)] == list("ababa")
        assert [ask("/job").text for _ in range(4)] == list("abbb")
        assert [ask("/times").text for _ in range(4)] == ["few", "few", "many", "many"]
        for name in ("secret.txt", "mocks/../secret.txt"):
            answer = ask("/up", params={"n": name})
            assert (answer.status_code, "classified" in answer.text) == (500, False)
        assert ask("/file").text == "rex"
        (tmp_path / "mocks/bodies/pet.txt").write_text("max")
        assert ask("/file").text == "max"


def test_nothing_comes_of_a_link_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    assert "nothing outside of the two is ever read, whether by `..` or by a link" in PAGE
    (tmp_path / "secret.txt").write_text("classified")
    (tmp_path / "mocks").mkdir()
    (tmp_path / "mocks/link.txt").symlink_to(tmp_path / "secret.txt")
    files = {
        "mocks/stub.yaml": "request: {path: /l}\nresponse: {file: '{{ \"link.txt\" }}', template: true}\n"
    }
    with asking(tmp_path, files, **{"http.mocks": [str(tmp_path / "mocks")]}) as ask:
        answer = ask("/l")
    assert (answer.status_code, "classified" in answer.text) == (500, False)


@pytest.mark.parametrize("value", [".nan", "[.inf]", "{a: {b: -.inf}}"])
def test_numbers_that_json_does_not_have_stop_the_start(value: str, tmp_path: Path) -> None:
    text = f"request: {{path: /a}}\nresponse:\n  json: {value}\n"
    with (
        pytest.raises(MockForgeError, match=r"stub\.yaml:3:.*is no number of JSON"),
        asking(tmp_path, {"stub.yaml": text}),
    ):
        pass
