"""curl commands, as browsers and API tools copy them: requests without answers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from mockforge.contracts import Imported, Importer
from mockforge.errors import MockForgeError, Place, StartError

from .copied import read_bounded
from .notes import Notes
from .traffic import Answer, Asked, Stubs, request_of

LARGEST: Final = 4 * 1024**2
_VALUED: Final = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "--url": "url",
    "-d": "data", "--data": "data", "--data-ascii": "data", "--data-raw": "raw", "--data-binary": "binary",
    "--data-urlencode": "urlencoded", "--json": "json", "-u": "user", "--user": "user", "-b": "cookie",
    "--cookie": "cookie", "-A": "agent", "--user-agent": "agent", "-F": "form", "--form": "form",
    "--form-string": "form", "-T": "upload", "--upload-file": "upload",
}  # fmt: skip
_IGNORED_VALUED: Final = frozenset({
    "-o", "--output", "-m", "--max-time", "--connect-timeout", "-x", "--proxy", "--cacert", "--cert",
    "--key", "-w", "--write-out", "-e", "--referer", "--retry", "--resolve", "-c", "--cookie-jar",
    "--limit-rate", "-K", "--config", "--ciphers", "-r", "--range", "-E", "-D", "--dump-header",
})  # fmt: skip
_SHORT: Final = "XHdubAFTomxweKcrED"
"""Short options that take a value."""
_CLIENTS_OWN: Final = frozenset({
    "accept", "accept-encoding", "accept-language", "authorization", "cache-control", "connection",
    "content-length", "cookie", "dnt", "host", "origin", "pragma", "priority", "referer", "te",
    "upgrade-insecure-requests", "user-agent",
})  # fmt: skip
_COMMAND: Final = re.compile(r"^\s*(?:\$\s+)?curl(?:\.exe)?\s", re.MULTILINE)


class _Options(NamedTuple):
    values: list[tuple[str, str]]
    flags: set[str]


class CurlImporter(Importer):
    """Each command becomes a stub that waits for its answer to be filled in."""

    name = "curl"
    description = "curl commands, one or more in a text file"

    def convert(self, path: Path) -> Imported:
        """A stub for each command; the answer is an empty 200."""
        text = read_bounded(path, LARGEST).decode("utf-8-sig", "replace")
        notes = Notes(str(path))
        made = Stubs()
        found = 0
        for line, command in _commands(text):
            found += 1
            try:
                asked = read_command(command)
            except MockForgeError as error:
                notes.add(
                    "curl",
                    f"line {line}: {error.message}; the command is left out",
                    severity="error",
                )
                continue
            made.add(request_of(asked, query=True, body=True), [Answer(200, (), b"", "")], asked)
        if not found:
            raise StartError("there is no curl command in it", place=Place(str(path)))
        notes.add(
            "no-answer",
            "a command says nothing of its answer: fill in `response` of each stub",
            severity="info",
        )
        return Imported(made.stubs, made.files, notes.findings)


def _commands(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of every command; lines that end in a backslash, ``^`` or a backtick go on."""
    text = re.sub(r"[\\^`]\r?\n", " \n", text)
    starts = [match.start() for match in _COMMAND.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        yield (
            text.count("\n", 0, text.index("curl", start)) + 1,
            text[start:end].strip().removeprefix("$").strip(),
        )


def read_command(command: str) -> Asked:
    """The request that a command sends. StartError: it cannot be read."""
    # Browsers write $'...' where a text has special characters.
    command = re.sub(r"(?<=\s)\$'((?:[^'\\]|\\.)*)'", _ansi_quoted, command)
    try:
        words = shlex.split(command, comments=True)[1:]
    except ValueError as error:
        raise StartError(f"the quotes do not fit ({error})") from error
    for sign in ("|", ">", ";", "&&", "2>"):
        if sign in words:
            words = words[: words.index(sign)]
    options = _options(words)
    urls = [value for kind, value in options.values if kind == "url"]
    if not urls:
        raise StartError("there is no URL")
    url = urls[0] if "://" in urls[0] else f"http://{urls[0]}"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise StartError(f"{url[:60]!r} is no URL") from error
    headers = [
        (name.strip(), value.strip())
        for kind, header in options.values
        if kind == "header"
        for name, colon, value in [header.partition(":")]
        if colon and value.strip()
    ]
    body, media_type = _body(options, headers)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    if body and "get" in options.flags:
        query += tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        body = b""
    own = tuple((name, value) for name, value in headers if name.lower() not in _CLIENTS_OWN)
    return Asked(
        _method(options, body),
        parts.path or "/",
        query,
        body,
        media_type,
        headers=tuple(pair for pair in own if pair[0].lower() != "content-type"),
    )


def _method(options: _Options, body: bytes) -> str:
    for kind, value in options.values:
        if kind == "method":
            return value.upper()
    if "head" in options.flags:
        return "HEAD"
    kinds = {kind for kind, _ in options.values}
    if "upload" in kinds:
        return "PUT"
    return "POST" if body or "form" in kinds else "GET"


def _options(words: list[str]) -> _Options:
    values: list[tuple[str, str]] = []
    flags: set[str] = set()
    waiting = iter(words)
    for word in waiting:
        if not word.startswith("-") or word == "-":
            values.append(("url", word))
            continue
        name, equals, given = word.partition("=") if word.startswith("--") else (word, "", "")
        if not word.startswith("--"):
            name, given = _short(word, flags)
        if name in ("-I", "--head"):
            flags.add("head")
        elif name in ("-G", "--get"):
            flags.add("get")
        elif name in _VALUED:
            values.append((_VALUED[name], given if equals or given else next(waiting, "")))
        elif name in _IGNORED_VALUED and not given:
            next(waiting, None)
    return _Options(values, flags)


def _short(word: str, flags: set[str]) -> tuple[str, str]:
    """``-sXPOST``: the option that takes a value, and the value; others before it are flags."""
    for index, letter in enumerate(word[1:], 1):
        if letter in _SHORT:
            return f"-{letter}", word[index + 1 :]
        if letter in "IG":
            flags.add("head" if letter == "I" else "get")
    return word, ""


def _body(options: _Options, headers: list[tuple[str, str]]) -> tuple[bytes, str]:
    stated = next((value for name, value in headers if name.lower() == "content-type"), "")
    pieces: list[str] = []
    is_json = False
    for kind, value in options.values:
        if kind in ("data", "binary", "json") and value.startswith("@"):
            raise StartError(f"the body is in a file ({value})")
        if kind == "data":
            pieces.append(re.sub(r"[\r\n]", "", value))
        elif kind in ("raw", "binary"):
            pieces.append(value)
        elif kind == "json":
            pieces.append(value)
            is_json = True
        elif kind == "urlencoded":
            name, equals, content = value.partition("=")
            pieces.append(
                f"{name}={quote(content)}" if equals and name else quote(content or value)
            )
    if not pieces:
        return b"", stated
    body = "".join(pieces) if is_json else "&".join(pieces)
    kind = "application/json" if is_json else "application/x-www-form-urlencoded"
    return body.encode(), stated or kind


def _ansi_quoted(match: re.Match[str]) -> str:
    known = {"n": "\n", "r": "\r", "t": "\t"}

    def put(escape: re.Match[str]) -> str:
        if escape[1] or escape[2]:
            return chr(int(escape[1] or escape[2], 16))
        return known.get(escape[3], escape[3])

    text = re.sub(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", put, match[1], flags=re.DOTALL)
    return shlex.quote(text)
