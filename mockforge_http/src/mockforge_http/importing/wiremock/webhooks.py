"""``postServeActions`` and ``serveEventListeners``: webhooks, and the state extension's listeners."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..notes import At, Notes
from .delays import distribution
from .state import act
from .texts import Texts

_KEYS: Final = (
    "method",
    "url",
    "headers",
    "body",
    "base64Body",
    "delay",
    "delayMilliseconds",
    "type",
)
_STATE: Final = ("recordState", "deleteState")


def actions(mapping: Mapping[str, Any], at: At) -> Iterator[tuple[Any, Any, At]]:
    """Name, parameters and place of everything that is to happen after an answer."""
    for key in ("postServeActions", "serveEventListeners"):
        given = mapping.get(key)
        here = (*at, key)
        if isinstance(given, Mapping):
            for name, parameters in given.items():
                yield name, parameters, (*here, name)
        elif isinstance(given, list):
            for number, each in enumerate(given):
                named = each if isinstance(each, Mapping) else {}
                yield named.get("name"), named.get("parameters"), (*here, number)


def translate_actions(
    mapping: Mapping[str, Any], response: dict[str, Any], at: At, notes: Notes
) -> list[dict[str, Any]]:
    """The native webhooks. What is to be kept is added to the native ``response``."""
    made: list[dict[str, Any]] = []
    states: list[tuple[str, Mapping[str, Any], At]] = []
    for name, parameters, here in actions(mapping, at):
        if name == "webhook" and isinstance(parameters, Mapping):
            webhook = _webhook(parameters, (*here, "parameters"), notes)
            if webhook is not None:
                made.append(webhook)
        elif name in _STATE and isinstance(parameters, Mapping):
            states.append((name, parameters, (*here, "parameters")))
        else:
            notes.add("listener", f"the listener {name!r} is code of an extension", here)
    act(response, states, notes)
    return made


def _webhook(given: Mapping[str, Any], at: At, notes: Notes) -> dict[str, Any] | None:
    extras = {key: value for key, value in given.items() if key not in _KEYS}
    texts = Texts(notes, enabled=True, parameters=extras)
    url = given.get("url")
    if not isinstance(url, str) or not url:
        notes.add("webhook", "a webhook has no URL; it is left out", at, severity="error")
        return None
    made: dict[str, Any] = {"url": texts.text(url, (*at, "url"))}
    method = texts.text(str(given.get("method", "GET")), (*at, "method"))
    if not method.isalpha():
        notes.add("webhook", "the method cannot be a template; it is POST", (*at, "method"))
        method = "POST"
    made["method"] = method.upper()
    headers = given.get("headers")
    if isinstance(headers, Mapping) and headers:
        made["headers"] = {
            name: [texts.text(str(each), (*at, "headers", name)) for each in value]
            if isinstance(value, list)
            else texts.text(str(value), (*at, "headers", name))
            for name, value in headers.items()
        }
    _body(given, at, notes, texts, made)
    delay = given.get("delay")
    if delay is not None:
        found = distribution(delay, (*at, "delay"), notes)
        if found is not None:
            made["delay"] = found
    if not texts.used:
        made["template"] = False
    return made


def _body(
    given: Mapping[str, Any], at: At, notes: Notes, texts: Texts, made: dict[str, Any]
) -> None:
    if given.get("body") is not None:
        body = given["body"]
        made["text"] = texts.text(
            body if isinstance(body, str) else json.dumps(body), (*at, "body")
        )
    elif given.get("base64Body") is not None:
        try:
            made["text"] = base64.b64decode(str(given["base64Body"]), validate=True).decode()
        except ValueError:
            notes.add(
                "webhook", "the body is no text in Base64; it is left out", (*at, "base64Body")
            )
    if made.get("text") == "":
        del made["text"]
