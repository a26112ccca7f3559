"""From a Postman collection to an OpenAPI document: the one entry to this package.

Called when a document is prepared, so that everything behind it (routes, examples, checks, security)
sees OpenAPI only. Nothing here reads files or runs scripts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockforge.mocking.fields import is_token
from mockforge_http.documents.pointer import Tokens

from .auth import Schemes, auth_of_header, read_auth
from .items import Entry, entries
from .operations import IN_3_1, Call, Paths
from .reading import Names, Reading, pairs_of, text_of
from .requests import is_form, own_headers, read_body
from .responses import Saved, read_response
from .urls import read_url
from .variables import Scope, read_variables
from .version1 import to_version2

_LONGEST_METHOD: Final = 64


def convert(collection: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """The OpenAPI document (3.1; 3.2 where something needs it) that says what ``collection`` says.

    What is odd is noted in ``reading``. DocumentError: it is not built as a collection is.
    """
    top: Tokens = ("item",)
    if "item" not in collection:
        top = ("requests",)
        collection = to_version2(collection, reading)
    info = collection.get("info")
    if not isinstance(info, dict):
        raise reading.error("`info` is not an object", ("info",))
    variables = {
        **read_variables(collection.get("variables"), reading, ("variables",)),
        **read_variables(collection.get("variable"), reading, ("variable",)),
    }
    tags: dict[str, str] = {}
    paths = Paths()
    scripts = False
    for entry in entries(collection, Scope(variables, reading), tags, reading):
        scripts = scripts or entry.has_scripts
        call = _call(entry, reading)
        if call is not None:
            paths.add(call)
    if scripts:
        reading.note("postman-scripts", "its scripts are not run", (), severity="info")
    return _document(info, paths, tags, reading, top)


def _call(entry: Entry, reading: Reading) -> Call | None:
    request = entry.request
    at = entry.at if entry.is_placed else (*entry.at, "request")
    scope = entry.scope
    method = text_of(request.get("method")).strip().upper() or "GET"
    if len(method) > _LONGEST_METHOD or not is_token(method):
        reading.note(
            "postman-method", f"{method[:20]!r} is not a method; the request is left out", at
        )
        return None
    address = read_url(request.get("url"), scope, reading, (*at, "url"))
    headers = pairs_of(request.get("header"), reading, (*at, "header"))
    body = read_body(
        request.get("body"),
        method,
        headers,
        scope,
        reading,
        (*at, "body"),
        prunes=entry.prunes,
    )
    credential = None
    if entry.auth is not None:
        credential = read_auth(entry.auth, scope, reading, entry.auth_at, in_form=is_form(body))
    return Call(
        name=entry.name,
        description=entry.description,
        tags=entry.tags,
        method=method,
        address=address,
        headers=own_headers(headers, scope),
        body=body,
        credential=credential or auth_of_header(headers, scope),
        responses=_responses(entry, reading),
    )


def _responses(entry: Entry, reading: Reading) -> list[Saved]:
    name = "responses" if entry.is_placed else "response"
    at = (*entry.at, name)
    if entry.response is None:
        return []
    if not isinstance(entry.response, list):
        reading.note("postman-shape", f"`{name}` is not a list; it is left out", at)
        return []
    read = (
        read_response(value, entry.scope, reading, (*at, str(index)))
        for index, value in enumerate(entry.response)
    )
    return [saved for saved in read if saved is not None]


# -------------------------------------------------------------------- the document


def _document(
    info: Mapping[str, Any],
    paths: Paths,
    tags: Mapping[str, str],
    reading: Reading,
    top: Tokens,
) -> dict[str, Any]:
    schemes = Schemes()
    ids = Names()
    items: dict[str, Any] = {}
    needs_newer = False
    unanswered = 0
    servers = {
        operation.servers for methods in paths.operations.values() for operation in methods.values()
    }
    for template, methods in paths.operations.items():
        item: dict[str, Any] = {}
        for method, operation in methods.items():
            made = operation.object(paths.names(template), schemes, ids)
            unanswered += not operation.has_answers
            if len(servers) > 1 and operation.servers:
                made["servers"] = [{"url": url} for url in operation.servers]
            if method.lower() in IN_3_1:
                item[method.lower()] = made
            elif method == "QUERY":
                item["query"] = made
            else:
                item.setdefault("additionalOperations", {})[method] = made
            needs_newer |= method.lower() not in IN_3_1 or operation.needs_newer
        items[template] = item
    _note_gaps(items, unanswered, reading, top)
    document: dict[str, Any] = {
        "openapi": "3.2.0" if needs_newer else "3.1.1",
        "info": _info(info),
        "paths": items,
    }
    if len(servers) == 1 and (common := next(iter(servers))):
        document["servers"] = [{"url": url} for url in common]
    if tags:
        document["tags"] = [
            {"name": name, **({"description": text} if text else {})} for name, text in tags.items()
        ]
    if schemes.declared:
        document["components"] = {"securitySchemes": schemes.declared}
    return document


def _info(info: Mapping[str, Any]) -> dict[str, Any]:
    made = {"title": text_of(info.get("name")) or "Postman collection"}
    made["version"] = _version(info.get("version")) or "1.0.0"
    description = text_of(info.get("description"))
    return {**made, "description": description} if description else made


def _version(version: Any) -> str:
    """A version, which may be an object of its parts."""
    if not isinstance(version, dict):
        return text_of(version)
    text = ".".join(text_of(version.get(part)) or "0" for part in ("major", "minor", "patch"))
    identifier = text_of(version.get("identifier"))
    return f"{text}-{identifier}" if identifier else text


def _note_gaps(items: Mapping[str, Any], unanswered: int, reading: Reading, at: Tokens) -> None:
    if not items:
        reading.note("no-operations", "has no requests: there is nothing to answer", at)
    elif unanswered:
        noun = "operation has" if unanswered == 1 else "operations have"
        reading.note(
            "postman-unanswered",
            f"{unanswered} {noun} no saved response; an empty 200 is answered",
            at,
            severity="info",
            hint="save a response as an example in Postman and export the collection again",
        )
