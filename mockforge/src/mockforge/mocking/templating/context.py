"""``request`` as templates see it: each view is made when a template first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from msgspec import UNSET

from mockforge.mocking.exchange import Request
from mockforge.mocking.pairs import query_fields, split_cookies

if TYPE_CHECKING:
    from mockforge.mocking.matching.content import Content


def request_context(
    request: Request, *, path: Mapping[str, str] = {}, content: Content | None = None
) -> dict[str, Any]:
    """What :meth:`Template.render` takes: ``{"request": view}``; add ``state`` and others to it.

    ``path`` are the decoded values of the path template, ``content`` the body where its views are made
    already. A view is a snapshot that belongs to one rendering or several of the same request.
    """
    return {"request": RequestView(request, path, content)}


class RequestView(dict[str, Any]):
    """``request``. A mapping, because that is what the engine looks up fastest: what is missing is made."""

    __slots__ = ("_content", "_path", "_request")

    def __init__(self, request: Request, path: Mapping[str, str], content: Content | None) -> None:
        self._request = request
        self._path = path
        self._content = content

    def __missing__(self, key: str) -> Any:
        make = _VIEWS.get(key)
        if make is None:
            raise KeyError(key)
        value = self[key] = make(self)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """A view, or ``default`` where there is none of that name."""
        return self[key] if key in _VIEWS else default

    @property
    def request(self) -> Request:
        """What it is a view of."""
        return self._request

    @property
    def path_values(self) -> Mapping[str, str]:
        """The values of the path template."""
        return self._path

    @property
    def content(self) -> Content:
        """The body and its views."""
        content = self._content
        if content is None:
            from mockforge.mocking.matching.content import Content

            content = Content(self._request.body, self._request.header("content-type"))
            self._content = content
        return content

    def whole(self) -> dict[str, Any]:
        """All views that say something of their own, for ``request | json``."""
        return {name.removesuffix("_text"): self[name] for name in _WHOLE}

    def __str__(self) -> str:
        return f"{self._request.method} {self._request.target}"


class PathView(dict[str, Any]):
    """``request.path``: the values of the path template by name; as text, the path."""

    __slots__ = ("_text",)

    def __init__(self, text: str, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self._text = text

    def __missing__(self, key: object) -> str:
        # `request.path[1]`: the segments by number.
        segments = self._text.strip("/").split("/")
        if isinstance(key, int) and -len(segments) <= key < len(segments):
            return segments[key]
        raise KeyError(key)

    def __str__(self) -> str:
        return self._text


class FieldsView(dict[str, Any]):
    """``request.query``, ``form``, ``cookies``: the first value of each name; ``all`` has the lists. As text,
    ``text``."""

    __slots__ = ("_all", "_text")

    def __init__(self, text: str, pairs: Mapping[str, list[str]]) -> None:
        super().__init__({name: values[0] for name, values in pairs.items()})
        self._all = pairs
        self._text = text

    def __missing__(self, key: str) -> Any:
        if key == "all":
            return self._all
        raise KeyError(key)

    def __str__(self) -> str:
        return self._text


class HeadersView(dict[str, str]):
    """``request.headers``: names in any case, with ``-`` or ``_``."""

    __slots__ = ()

    def __missing__(self, key: object) -> str:
        if isinstance(key, str):
            name = key.lower()
            for each in (name, name.replace("_", "-")):
                if each != key and each in self:
                    return dict.__getitem__(self, each)
        raise KeyError(key)

    def get(self, key: object, default: Any = None) -> Any:
        """The value of a header, or ``default``."""
        try:
            return self[key]  # type: ignore[index] # any key may be asked for
        except KeyError:
            return default


def _query(view: RequestView) -> FieldsView:
    text = view.request.query
    return FieldsView(text, query_fields(text))


def _cookies(view: RequestView) -> FieldsView:
    text = view.request.header("cookie")
    return FieldsView(text, split_cookies(text))


def _json(view: RequestView) -> Any:
    value = view.content.json
    return None if value is UNSET else value


def _path_text(view: RequestView) -> str:
    path = view.request.path
    return unquote(path, errors="replace") if "%" in path else path


_WHOLE: Final = ("method", "url", "path_text", "query", "headers", "cookies", "body", "client")
_VIEWS: Final[Mapping[str, Callable[[RequestView], Any]]] = {
    "method": lambda view: view.request.method,
    "url": lambda view: view.request.target,
    "path": lambda view: PathView(_path_text(view), view.path_values),
    "path_text": _path_text,
    "query": _query,
    "headers": lambda view: HeadersView(view.request.headers),
    "cookies": _cookies,
    "body": lambda view: view.content.text,
    "json": _json,
    "form": lambda view: FieldsView(view.content.text, view.content.form),
    "host": lambda view: view.request.header("host"),
    "scheme": lambda view: view.request.scheme,
    "protocol": lambda view: view.request.protocol,
    "client": lambda view: view.request.client,
}
