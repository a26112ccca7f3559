"""HTTP archives (HAR 1.2): what a browser or proxy saw, as stubs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from mockforge.contracts import Imported, Importer
from mockforge.errors import Place, StartError
from mockforge.structured import Limits

from .notes import At, Notes
from .opening import encoded, objects, open_json
from .traffic import Answer, Asked, Seen, fold

MOST_ENTRIES: Final = 50_000
_LIMITS: Final = Limits(size=256 * 1024**2, values=20_000_000)


class HarImporter(Importer):
    """``log.entries``: each request with its answer."""

    name = "har"
    description = "HTTP archives, version 1.2, of browsers and proxies"

    def convert(self, path: Path) -> Imported:
        """A stub for each request that was answered."""
        structured, notes = open_json(path, _LIMITS)
        log = structured.value.get("log") if isinstance(structured.value, dict) else None
        entries = log.get("entries") if isinstance(log, dict) else None
        if not isinstance(entries, list):
            raise StartError(
                "there are no `log.entries`: this is no HTTP archive", place=Place(str(path))
            )
        if len(entries) > MOST_ENTRIES:
            notes.add(
                "too-many", f"only the first {MOST_ENTRIES:,} entries are taken", ("log", "entries")
            )
        hosts: dict[str, None] = {}
        made = fold(_seen(entries[:MOST_ENTRIES], notes, hosts))
        if len(hosts) > 1:
            notes.add(
                "hosts",
                f"the answers of {len(hosts)} hosts stand side by side, told apart by path only: "
                f"{', '.join(list(hosts)[:5])}",
                ("log", "entries"),
                severity="info",
            )
        return Imported(made.stubs, made.files, notes.findings)


def _seen(entries: list[Any], notes: Notes, hosts: dict[str, None]) -> Iterator[Seen]:
    for number, entry in enumerate(entries):
        at: At = ("log", "entries", number)
        request = entry.get("request") if isinstance(entry, dict) else None
        response = entry.get("response") if isinstance(entry, dict) else None
        if not isinstance(request, dict) or not isinstance(response, dict):
            notes.add("entry", "has no request or no response; it is left out", at)
            continue
        asked = _asked(request, (*at, "request"), notes, hosts)
        answer = _answer(response, (*at, "response"), notes)
        if asked is not None and answer is not None:
            yield Seen(asked, answer, at)


def _asked(
    request: Mapping[str, Any], at: At, notes: Notes, hosts: dict[str, None]
) -> Asked | None:
    url = request.get("url")
    method = request.get("method")
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        parts = urlsplit("")
    if not isinstance(method, str) or parts.scheme not in ("http", "https"):
        notes.add(
            "url", f"{str(url)[:60]!r} is no address of HTTP; the entry is left out", (*at, "url")
        )
        return None
    hosts[parts.netloc] = None
    post = request.get("postData")
    post = post if isinstance(post, dict) else {}
    text = post.get("text")
    body = encoded(text) if isinstance(text, str) else b""
    if not body and isinstance(post.get("params"), list) and post["params"]:
        notes.add(
            "params", "the fields of the form are not asked for", (*at, "postData"), severity="info"
        )
    return Asked(
        method.upper(),
        parts.path or "/",
        tuple(parse_qsl(parts.query, keep_blank_values=True)),
        body,
        str(post.get("mimeType") or ""),
    )


def _answer(response: Mapping[str, Any], at: At, notes: Notes) -> Answer | None:
    status = response.get("status")
    if not isinstance(status, int) or not 200 <= status <= 599:
        reason = (
            "the request was not answered"
            if not status
            else f"{status!r} is no status of an answer"
        )
        notes.add("status", f"{reason}; the entry is left out", (*at, "status"))
        return None
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    body = _content(content, (*at, "content"), notes)
    headers = [
        (str(each["name"]), str(each.get("value", "")))
        for each in objects(response.get("headers"))
        if isinstance(each.get("name"), str) and each["name"][:1] != ":"
    ]
    stated = next((value for name, value in headers if name.lower() == "content-type"), "")
    media_type = stated or str(content.get("mimeType") or "")
    if media_type in ("x-unknown", "application/x-unknown"):
        media_type = ""
    return Answer(status, headers, body, media_type if body or stated else "")


def _content(content: Mapping[str, Any], at: At, notes: Notes) -> bytes:
    text = content.get("text")
    if not isinstance(text, str):
        size = content.get("size")
        if isinstance(size, int) and size > 0:
            notes.add("no-content", f"{size} bytes were received, but are not in the archive", at)
        return b""
    if content.get("encoding") != "base64":
        return encoded(text)
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        notes.add("base64", "the content is no Base64; it is left out", (*at, "text"))
        return b""
