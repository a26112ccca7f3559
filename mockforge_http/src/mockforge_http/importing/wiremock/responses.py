"""The ``response`` of a mapping."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ..notes import At, Notes
from .delays import dribble, translate_delay
from .files import Bodies
from .texts import Texts

KEYS: Final = (
    "status", "statusMessage", "headers", "body", "jsonBody", "base64Body", "bodyFileName",
    "fixedDelayMilliseconds", "delayDistribution", "chunkedDribbleDelay", "fault", "proxyBaseUrl",
    "proxyUrlPrefixToRemove", "additionalProxyRequestHeaders", "removeProxyRequestHeaders", "transformers",
    "transformerParameters", "fromConfiguredStub",
)  # fmt: skip
_FAULTS: Final = {
    "CONNECTION_RESET_BY_PEER": "reset",
    "EMPTY_RESPONSE": "empty",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
    "MALFORMED_RESPONSE_CHUNK": "malformed_chunk",
}
_BODIES: Final = ("body", "jsonBody", "base64Body", "bodyFileName")
_TAG: Final = re.compile(r"\{[{%#]")
TEMPLATING: Final = "response-template"


def translate_response(
    given: Any, at: At, notes: Notes, bodies: Bodies, *, everywhere: bool
) -> dict[str, Any]:
    """The native ``response``; ``everywhere`` if all stubs have templates, asked for or not."""
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        notes.add("shape", "`response` is no object", at, severity="error")
        return {}
    notes.unknown(dict(given), KEYS, at, "a response")
    transformers = given.get("transformers")
    listed = transformers if isinstance(transformers, list) else []
    for number, name in enumerate(listed):
        if name != TEMPLATING:
            notes.add(
                "transformer",
                f"the transformer {name!r} is code of an extension",
                (*at, "transformers", number),
            )
    texts = Texts(
        notes,
        enabled=everywhere or TEMPLATING in listed,
        parameters=given.get("transformerParameters"),
    )
    made: dict[str, Any] = {}
    if given.get("proxyBaseUrl") is not None:
        _proxy(given, at, notes, texts, made)
    else:
        _status(given, at, notes, made)
        made.update(_content(given, at, notes, bodies, texts))
    _timing(given, at, notes, made)
    if texts.used:
        made["template"] = True
    elif _TAG.search(json.dumps(made, ensure_ascii=False)):
        # What looks like a template stays a text, even where the settings expand all of them.
        made["template"] = False
    return made


def _status(given: Mapping[str, Any], at: At, notes: Notes, made: dict[str, Any]) -> None:
    status = given.get("status", 200)
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or not 200 <= status <= 999:
        notes.add(
            "status", f"{status!r} cannot be the status of an answer; 200 is", (*at, "status")
        )
        status = 200
    made["status"] = status
    if given.get("statusMessage"):
        notes.add(
            "status-message",
            "the usual words stand beside the status",
            (*at, "statusMessage"),
            severity="info",
        )


def _content(
    given: Mapping[str, Any], at: At, notes: Notes, bodies: Bodies, texts: Texts
) -> dict[str, Any]:
    headers = _headers(given.get("headers"), (*at, "headers"), notes, texts)
    kinds = [kind for kind in _BODIES if given.get(kind) is not None]
    for kind in kinds[1:]:
        notes.add("two-bodies", f"{kinds[0]} counts, {kind} is left out", (*at, kind))
    made: dict[str, Any] = {}
    body: dict[str, Any] = {}
    if kinds:
        kind = kinds[0]
        body = _BODY[kind](given[kind], (*at, kind), notes, bodies, texts)
    if body and "json" not in body and not any(name.lower() == "content-type" for name in headers):
        # WireMock sends none by itself.
        headers = {"Content-Type": None, **headers}
    if headers:
        made["headers"] = headers
    return {**made, **body}


def _headers(given: Any, at: At, notes: Notes, texts: Texts) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        notes.add("shape", "`headers` is no object", at, severity="error")
        return {}
    made: dict[str, Any] = {}
    for name, value in given.items():
        here = (*at, name)
        lower = name.lower()
        if lower in ("content-length", "transfer-encoding", "connection", "keep-alive"):
            notes.add("framing", f"{name} is set to what is sent", here, severity="info")
            continue
        values = value if isinstance(value, list) else [value]
        shown = [
            texts.text(_as_text(each), here).replace("\r", " ").replace("\n", " ")
            for each in values
        ]
        made[name] = shown[0] if len(shown) == 1 else shown
    return made


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text_body(value: Any, at: At, notes: Notes, bodies: Bodies, texts: Texts) -> dict[str, Any]:
    del notes, bodies
    source = _as_text(value)
    return {"text": texts.text(source, at)}


def _json_body(value: Any, at: At, notes: Notes, bodies: Bodies, texts: Texts) -> dict[str, Any]:
    del notes, bodies
    source = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if texts.enabled and "{{" in source:
        return {"text": texts.text(source, at)}
    return {"json": value}


def _base64_body(value: Any, at: At, notes: Notes, bodies: Bodies, texts: Texts) -> dict[str, Any]:
    del bodies, texts
    try:
        base64.b64decode("".join(_as_text(value).split()), validate=True)
    except (binascii.Error, ValueError):
        notes.add("base64", "this is no Base64; the answer has no body", at, severity="error")
        return {}
    return {"base64": _as_text(value)}


def _file_body(value: Any, at: At, notes: Notes, bodies: Bodies, texts: Texts) -> dict[str, Any]:
    name = texts.text(_as_text(value), at)
    if name != value:
        bodies.keep_all()
        notes.add(
            "file-template",
            "files whose name is a template are sent as they are",
            at,
            severity="info",
        )
        return {"file": f"{bodies.folder}/{name}"}
    content = bodies.read(name)
    if content is None:
        notes.add(
            "file",
            f"there is no file {name!r} in {bodies.folder}; the answer is a 500, as it is WireMock's",
            at,
            severity="error",
        )
        return {"status": 500, "text": f"there is no file {name}\n"}
    if texts.enabled and b"{{" in content:
        try:
            source = content.decode()
        except UnicodeDecodeError:
            pass
        else:
            return {"text": texts.text(source, at)}
    return {"file": bodies.keep(name)}


_BODY: Final = {
    "body": _text_body,
    "jsonBody": _json_body,
    "base64Body": _base64_body,
    "bodyFileName": _file_body,
}


def _proxy(
    given: Mapping[str, Any], at: At, notes: Notes, texts: Texts, made: dict[str, Any]
) -> None:
    url = texts.text(_as_text(given["proxyBaseUrl"]), (*at, "proxyBaseUrl"))
    if url != given["proxyBaseUrl"]:
        notes.add(
            "proxy-template",
            "an upstream cannot be a template",
            (*at, "proxyBaseUrl"),
            severity="error",
        )
        made.update({"status": 502, "text": "the upstream of this stub is a template\n"})
        return
    made["proxy"] = {"url": url, **_passing(given)}
    if len(made["proxy"]) == 1:
        made["proxy"] = url
    for key in ("headers", *_BODIES):
        if given.get(key):
            notes.add("proxy", f"the upstream decides on the answer; {key} is left out", (*at, key))


def _passing(given: Mapping[str, Any]) -> dict[str, Any]:
    """What changes on the way to an upstream."""
    made: dict[str, Any] = {}
    headers = given.get("additionalProxyRequestHeaders")
    if isinstance(headers, Mapping) and headers:
        made["headers"] = {name: _as_text(value) for name, value in headers.items()}
    gone = given.get("removeProxyRequestHeaders")
    if isinstance(gone, list) and gone:
        made["remove_headers"] = [_as_text(name) for name in gone]
    prefix = given.get("proxyUrlPrefixToRemove")
    if prefix:
        made["remove_prefix"] = f"/{_as_text(prefix).strip('/')}"
    return made


def _timing(given: Mapping[str, Any], at: At, notes: Notes, made: dict[str, Any]) -> None:
    delay = translate_delay(given, at, notes)
    if delay is not None:
        made["delay"] = delay
    fault = given.get("fault")
    if fault is not None:
        known = _FAULTS.get(str(fault).upper())
        if known is None:
            notes.add("fault", f"there is no fault {fault!r}", (*at, "fault"), severity="error")
        else:
            made["fault"] = known
    drops = dribble(given.get("chunkedDribbleDelay"), (*at, "chunkedDribbleDelay"), notes)
    if drops is not None and "fault" not in made:
        made["fault"] = drops
