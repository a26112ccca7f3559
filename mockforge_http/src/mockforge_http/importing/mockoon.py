"""Mockoon environments: their HTTP routes as stubs."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mockforge.contracts import Imported, Importer
from mockforge.errors import Place, StartError
from mockforge.structured import Limits

from .copied import NO_ROOM, Copied
from .handlebars.faker import faker_code
from .handlebars.functions import HELPERS
from .handlebars.translate import TemplateSyntaxError, translate
from .notes import At, Notes
from .opening import encoded, objects, open_json

_LIMITS: Final = Limits(size=64 * 1024**2, values=5_000_000)
_HELPERS: Final = {
    **{name: name for name in HELPERS},
    "body": "mockoon.body", "bodyRaw": "mockoon.body", "queryParam": "mockoon.queryParam",
    "queryParamRaw": "mockoon.queryParam", "urlParam": "mockoon.urlParam", "cookie": "mockoon.cookie",
    "header": "mockoon.header",
}  # fmt: skip
_OPERATORS: Final = {"equals": "equals", "regex": "matches", "regex_i": "matches"}
_PATTERN: Final = re.compile(r"[*()?+]")
_STATUS: Final = re.compile("[2-9][0-9]{2}")
FOLDER: Final = "__files"


class MockoonImporter(Importer):
    """``routes``: each response a stub, in the order in which Mockoon tries their rules."""

    name = "mockoon"
    description = "Mockoon environments (data files)"

    def convert(self, path: Path) -> Imported:
        """The stubs of all HTTP routes that are enabled."""
        structured, notes = open_json(path, _LIMITS)
        value = structured.value
        routes = value.get("routes") if isinstance(value, dict) else None
        if not isinstance(routes, list):
            raise StartError(
                "there are no `routes`: this is no Mockoon environment", place=Place(str(path))
            )
        environment = _Environment(value, path.parent, notes)
        for number, route in enumerate(routes):
            environment.route(route, ("routes", number))
        return Imported(environment.stubs, environment.files, environment.notes.findings)


class _Environment:
    def __init__(self, value: Mapping[str, Any], folder: Path, notes: Notes) -> None:
        self.notes = notes
        self.stubs: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self._copied = Copied()
        self._folder = folder
        self._prefix = str(value.get("endpointPrefix") or "").strip("/")
        self._latency = value.get("latency")
        self._headers = value.get("headers")
        data = value.get("data")
        self._data = {
            each[key]: each.get("value", "")
            for each in objects(data)
            for key in ("id", "uuid")
            if isinstance(each.get(key), str)
        }
        if value.get("proxyMode"):
            notes.add(
                "proxy",
                "the proxy of the environment is a setting here: http.proxy.upstream",
                ("proxyMode",),
            )

    def route(self, route: Any, at: At) -> None:
        """All stubs of one route."""
        if not isinstance(route, dict) or route.get("enabled") is False:
            return
        kind = route.get("type", "http")
        if kind != "http":
            self.notes.add(
                "route", f"routes of the kind {kind!r} are not known; it is left out", (*at, "type")
            )
            return
        responses = objects(route.get("responses"))
        request = self._request(route)
        mode = route.get("responseMode")
        if mode in ("RANDOM", "SEQUENTIAL") and len(responses) > 1:
            answers = [
                self._response(each, (*at, "responses", i)) for i, each in enumerate(responses)
            ]
            order = "random" if mode == "RANDOM" else "loop"
            self.stubs.append({"request": request, "order": order, "responses": answers})
            return
        default = next((i for i, each in enumerate(responses) if each.get("default")), 0)
        for index, response in enumerate(responses):
            here = (*at, "responses", index)
            rules = [] if mode == "DISABLE_RULES" else response.get("rules") or []
            if index == default:
                self.stubs.append(
                    {"priority": 9, "request": request, "response": self._response(response, here)}
                )
            if rules and mode != "DISABLE_RULES":
                conditions = self._rules(response, (*here, "rules"))
                if conditions is not None:
                    self.stubs.append(
                        {
                            "priority": 5,
                            "request": {**request, **conditions},
                            "response": self._response(response, here),
                        }
                    )
        # Of stubs alike the later answers; Mockoon takes the first whose rules hold.
        count = sum(1 for each in responses if each.get("rules"))
        if count > 1:
            tail = [stub for stub in self.stubs[-count - 1 :] if stub.get("priority") == 5]
            for number, stub in enumerate(tail):
                stub["priority"] = 5 + min(number, 3)

    def _request(self, route: Mapping[str, Any]) -> dict[str, Any]:
        method = str(route.get("method") or "all").upper()
        made: dict[str, Any] = {} if method == "ALL" else {"method": method}
        endpoint = str(route.get("endpoint") or "").strip("/")
        path = "/" + "/".join(part for part in (self._prefix, endpoint) if part)
        if _PATTERN.search(path):
            expression = (
                re.escape(path).replace(r"\*", ".*").replace(r"\(", "(").replace(r"\)", ")")
            )
            made["path"] = {"matches": re.sub(r":\w+", "[^/]+", expression)}
        else:
            made["path"] = re.sub(r":(\w+)", r"{\1}", path)
        return made

    # ---------------------------------------------------------------- rules

    def _rules(self, response: Mapping[str, Any], at: At) -> dict[str, Any] | None:
        made: list[dict[str, Any]] = []
        for number, rule in enumerate(objects(response.get("rules"))):
            condition = self._rule(rule, (*at, number))
            if condition is None:
                return None
            made.append({"not": condition} if rule.get("invert") else condition)
        if len(made) == 1:
            return made[0]
        return {"anyOf" if response.get("rulesOperator") == "OR" else "allOf": made}

    def _rule(self, rule: Mapping[str, Any], at: At) -> dict[str, Any] | None:
        target, modifier = rule.get("target"), str(rule.get("modifier") or "")
        operator, value = str(rule.get("operator", "equals")), str(rule.get("value") or "")
        predicate: dict[str, Any] | None = None
        if operator in _OPERATORS:
            searched = value if operator == "equals" else f".*(?:{value}).*"
            predicate = {
                _OPERATORS[operator]: f"(?i){searched}" if operator == "regex_i" else searched
            }
        elif operator == "null":
            predicate = {"absent": True}
        if predicate is not None:
            if target in ("query", "header", "cookie") and modifier:
                key = {"query": "query", "header": "headers", "cookie": "cookies"}[target]
                return {key: {modifier: predicate}}
            if target == "body" and modifier:
                path = modifier if modifier.startswith("$") else f"$.{modifier}"
                return {"body": {"jsonPath": {path: predicate}}}
            if target == "body":
                return {"body": predicate}
            if target == "method" and operator == "equals":
                return {"method": value.upper()}
        self.notes.add(
            "rule",
            f"a rule on {target!r} with {operator!r} cannot be said; the response is left out",
            at,
        )
        return None

    # ---------------------------------------------------------------- responses

    def _response(self, response: Mapping[str, Any], at: At) -> dict[str, Any]:
        made: dict[str, Any] = {"status": self._status(response.get("statusCode"), at)}
        expands = not response.get("disableTemplating")
        headers: dict[str, Any] = {}
        for source in (self._headers, response.get("headers")):
            for each in objects(source):
                if each.get("key"):
                    headers[str(each["key"])] = str(each.get("value") or "")
        body = self._body(response, at)
        used = False
        for key, place in (
            *((name, headers) for name in list(headers)),
            *((("text", body),) if "text" in body else ()),
        ):
            text, is_template = self._text(place[key], expands, at)
            place[key] = text
            used = used or is_template
        if not any(name.lower() == "content-type" for name in headers) and body:
            headers["Content-Type"] = "application/json" if "json" in body else None
        if headers:
            made["headers"] = headers
        latency = sum(
            each for each in (response.get("latency"), self._latency) if isinstance(each, int)
        )
        made.update(body)
        if latency > 0:
            made["delay"] = f"{latency}ms"
        if used:
            made["template"] = True
        elif "{{" in json.dumps(made):
            made["template"] = False
        return made

    def _status(self, given: Any, at: At) -> int:
        text = str(given or 200)
        if _STATUS.fullmatch(text):
            return int(text)
        self.notes.add(
            "status", f"{text[:20]!r} is no status; 200 is answered", (*at, "statusCode")
        )
        return 200

    def _body(self, response: Mapping[str, Any], at: At) -> dict[str, Any]:
        kind = response.get("bodyType", "INLINE")
        if kind == "DATABUCKET":
            text = str(self._data.get(str(response.get("databucketID")), ""))
            return {"text": text} if text else {}
        if kind == "FILE" or (response.get("filePath") and not response.get("body")):
            return self._file(str(response.get("filePath") or ""), (*at, "filePath"))
        body = response.get("body")
        return {"text": str(body)} if body else {}

    def _file(self, name: str, at: At) -> dict[str, Any]:
        root = self._folder.resolve()
        path = (root / encoded(name.replace("\0", "?")).decode()).resolve()
        if not name or "{{" in name or not path.is_relative_to(root) or not path.is_file():
            self.notes.add(
                "file", f"there is no file {name!r} beside the environment", at, severity="error"
            )
            return {}
        file = f"{FOLDER}/{path.relative_to(root).as_posix()}"
        content = self._copied.add(file, path)
        if content is None:
            self.notes.add("too-large", NO_ROOM, at, severity="error")
            return {}
        kind = mimetypes.guess_type(name)[0] or ""
        if (kind.startswith("text/") or kind == "application/json") and b"{{" in content:
            return {"text": content.decode("utf-8", "replace")}
        self.files[file] = content
        return {"file": file}

    def _text(self, source: str, expands: bool, at: At) -> tuple[str, bool]:
        if not expands or "{{" not in source:
            return source, False
        try:
            made = translate(source, helpers=_HELPERS, natives={"faker": faker_code})
        except TemplateSyntaxError as problem:
            self.notes.add(
                "template", f"the template cannot be read: {problem}", at, severity="error"
            )
            return source, False
        for each in made.problems:
            self.notes.add("template", f"{each.source}: {each.reason}", at)
        return made.text, made.is_template
