"""Collections of version 1 of the format, read as version 2: a flat list of requests, and folders that
requests name."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from .items import DEEPEST
from .reading import Placed, Reading

_HELPERS: Final = {
    "apikeyAuth": "apikey",
    "basicAuth": "basic",
    "bearerAuth": "bearer",
    "digestAuth": "digest",
    "hawkAuth": "hawk",
    "oAuth1": "oauth1",
    "oAuth2": "oauth2",
    "ntlmAuth": "ntlm",
    "awsSigV4": "awsv4",
    "jwtAuth": "jwt",
    "asapAuth": "asap",
    "edgegridAuth": "edgegrid",
}
_MODES: Final = {
    "raw": "raw",
    "urlencoded": "urlencoded",
    "params": "formdata",
    "binary": "file",
    "graphql": "graphql",
}


def to_version2(collection: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """``collection`` as version 2, requests in the order of the file. DocumentError: `requests` is not
    a list of objects."""
    requests = collection.get("requests")
    if not isinstance(requests, list):
        raise reading.error("`requests` is not a list", ("requests",))
    root: list[Any] = []
    folders = _Folders(collection.get("folders"), root)
    for index, request in enumerate(requests):
        at = ("requests", str(index))
        if not isinstance(request, dict):
            raise reading.error("is not a request: it is not an object", at)
        folders.of(request).append(_item(request, at))
    return {
        "info": {"name": collection.get("name"), "description": collection.get("description")},
        "item": root,
        "variable": collection.get("variables"),
        "auth": _auth(collection),
        "event": collection.get("events"),
        "protocolProfileBehavior": collection.get("protocolProfileBehavior"),
    }


class _Folders:
    """The folders, each put into the one that it names or that names it; ``root`` takes the others."""

    def __init__(self, value: Any, root: list[Any]) -> None:
        self._root = root
        self._items: dict[str, list[Any]] = {}
        self._parents: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        folders = [
            (index, folder)
            for index, folder in enumerate(value if isinstance(value, list) else ())
            if isinstance(folder, dict) and isinstance(folder.get("id"), str)
        ]
        for _, folder in folders:
            self._items.setdefault(folder["id"], [])
            self._read_order(folder)
        for index, folder in folders:
            self._parent_items(folder["id"]).append(self._folder(folder, index))

    def _read_order(self, folder: dict[str, Any]) -> None:
        own: str = folder["id"]
        parent = folder.get("folder")
        if isinstance(parent, str):
            self._parents[own] = parent
        for key, into in (("folders_order", self._parents), ("order", self._owners)):
            for name in folder[key] if isinstance(folder.get(key), list) else ():
                if isinstance(name, str):
                    into.setdefault(name, own)

    def _parent_items(self, own: str) -> list[Any]:
        parent = self._parents.get(own, "")
        step = parent
        for _ in range(DEEPEST):
            if step == own:  # in a circle
                return self._root
            step = self._parents.get(step, "")
        return self._items.get(parent, self._root)

    def _folder(self, folder: dict[str, Any], index: int) -> Placed:
        made = Placed(
            name=folder.get("name"),
            description=folder.get("description"),
            auth=_auth(folder),
            variable=folder.get("variables"),
            event=folder.get("events"),
            protocolProfileBehavior=folder.get("protocolProfileBehavior"),
            item=self._items[folder["id"]],
        )
        made.at = ("folders", str(index))
        return made

    def of(self, request: dict[str, Any]) -> list[Any]:
        """The items of the folder that ``request`` is in."""
        named = request.get("folder")
        if not isinstance(named, str):
            own = request.get("id")
            named = self._owners.get(own, "") if isinstance(own, str) else ""
        return self._items.get(named, self._root)


def _item(request: dict[str, Any], at: tuple[str, ...]) -> Placed:
    responses = request.get("responses")
    made = Placed(
        name=request.get("name"),
        request={
            "method": request.get("method"),
            "url": _url(request),
            "header": request.get("headerData") or request.get("headers"),
            "body": _body(request),
            "auth": _auth(request),
            "description": request.get("description"),
        },
        response=list(map(_response, responses)) if isinstance(responses, list) else responses,
        variable=request.get("variables"),
        event=request.get("events") or request.get("tests") or request.get("preRequestScript"),
        protocolProfileBehavior=request.get("protocolProfileBehavior"),
    )
    made.at = at
    return made


def _url(request: dict[str, Any]) -> Any:
    url = request.get("url")
    if not isinstance(url, str):
        return url
    made: dict[str, Any] = {"raw": url}
    made["variable"] = request.get("pathVariableData") or request.get("pathVariables")
    if request.get("queryParams"):
        made["query"] = request["queryParams"]
    return made


def _auth(entity: dict[str, Any]) -> Any:
    if entity.get("auth") is not None:
        return entity["auth"]
    helper = entity.get("currentHelper")
    if not isinstance(helper, str) or helper == "normal":
        return None
    kind = _HELPERS.get(helper, helper)
    settings = entity.get("helperAttributes")
    if isinstance(settings, str):
        try:
            settings = msgspec.json.decode(settings)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            settings = None
    return {"type": kind, kind: settings if isinstance(settings, dict) else {}}


def _body(request: dict[str, Any]) -> Any:
    mode = request.get("dataMode")
    if mode is None and not request.get("data") and not request.get("rawModeData"):
        return None
    raw = request.get("rawModeData")
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if mode is None:
        mode = "params" if not raw and isinstance(request.get("data"), list) else "raw"
    made: dict[str, Any] = {"mode": _MODES.get(str(mode), mode)}
    made["disabled"] = request.get("dataDisabled")
    made["options"] = request.get("dataOptions")
    match made["mode"]:
        case "raw":
            made["raw"] = raw or (request["data"] if isinstance(request.get("data"), str) else "")
        case "urlencoded" | "formdata":
            made[made["mode"]] = request.get("data") or request.get("rawModeData")
        case "graphql":
            made["graphql"] = request.get("graphqlModeData")
    return made


def _response(response: Any) -> Any:
    if not isinstance(response, dict):
        return response
    code = response.get("responseCode")
    return {
        "name": response.get("name"),
        "code": code.get("code") if isinstance(code, dict) else code,
        "header": response.get("headers"),
        "body": response.get("text"),
        "cookie": response.get("cookies"),
        "_postman_previewlanguage": response.get("language"),
    }
