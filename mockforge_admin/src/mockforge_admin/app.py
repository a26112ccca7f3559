"""The ASGI application: the gate, the API's endpoints, metrics and pages.

Imported when the first client connects, see :mod:`mockforge_admin.hosting`.
"""

from __future__ import annotations

import inspect
import logging
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from mockforge.errors import MockForgeError
from mockforge_admin.api import ENDPOINTS
from mockforge_admin.api.endpoints import BASE, Call, Endpoint, Events, Reply
from mockforge_admin.api.problems import of_error, of_refusal, problem
from mockforge_admin.api.reading import read_body, read_query
from mockforge_admin.gate import COOKIE
from mockforge_admin.pages import add_pages, gone
from mockforge_admin.streams import event_stream

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

log = logging.getLogger("mockforge.admin")

_PARAMETER: Final = re.compile(r"\{(\w+)(:path)?\}")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without one, forms of our own pages come with `Origin: null`
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer that does not say otherwise."""


def make_app(admin: AdminServer) -> Quart:
    """The application of one admin server."""
    app = Quart("mockforge_admin", static_folder=None, template_folder="pages/templates")
    app.config["MAX_CONTENT_LENGTH"] = int(admin.config.max_body)
    app.config["BODY_TIMEOUT"] = float(admin.config.request_timeout)
    app.config["RESPONSE_TIMEOUT"] = None
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    @app.before_request
    async def come_in() -> Response | None:
        refusal = admin.gate.check(
            request.path,
            request.headers,  # type: ignore[arg-type]  # a mapping in all that is used
            cookie=request.cookies.get(COOKIE),
            scheme=request.scheme,
        )
        if refusal is None:
            return None
        if refusal.status == 401 and _is_page(request.path):
            return Response(status=303, headers={"Location": "/login"})
        return _response(of_refusal(refusal))

    @app.after_request
    async def dress(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.status_code >= 400 and _has_body():
            # It may not have been read: the connection ends then, and the client has to know.
            response.headers["Connection"] = "close"
        return response

    @app.errorhandler(HTTPException)
    async def refused(error: HTTPException) -> Response:
        if error.code == 404 and _is_page(request.path) and request.accept_mimetypes.accept_html:
            return await gone(f"page {request.path}")
        return _response(_of_http(error))

    @app.errorhandler(MockForgeError)
    async def found_wrong(error: MockForgeError) -> Response:
        return _response(of_error(error))

    @app.errorhandler(Exception)
    async def failed(error: Exception) -> Response:
        log.error(
            "a request to the admin failed: %s %s", request.method, request.path, exc_info=error
        )
        return _response(problem(500, "failed", "MockForge itself went wrong; its log says how."))

    @app.get("/metrics")
    async def metrics() -> Response:
        from mockforge_admin.metrics import expose

        body, media_type = expose(admin.kernel.metrics, request.headers.get("Accept", ""))
        return Response(body, content_type=media_type)

    for endpoint in ENDPOINTS:
        _add(app, admin, endpoint)
    add_pages(app, admin)
    return app


def _has_body() -> bool:
    """Whether the request has one, on a connection that can be told to end (not so in HTTP/2)."""
    fields = request.headers
    return str(request.http_version).startswith("1") and (
        "Transfer-Encoding" in fields or fields.get("Content-Length", "0") != "0"
    )


def _is_page(path: str) -> bool:
    """Whether a person with a browser asks, who can log in."""
    return request.method == "GET" and path != "/metrics" and not path.startswith((BASE, "/parts/"))


def _add(app: Quart, admin: AdminServer, endpoint: Endpoint) -> None:
    async def view(**path: str) -> Response:
        call = Call(
            admin,
            path=path,
            query=read_query(endpoint, list(request.args.items(multi=True))),
            body=read_body(endpoint, await _body()),
            headers=request.headers,  # type: ignore[arg-type]
        )
        answer = endpoint.handle(call)
        if inspect.isawaitable(answer):
            answer = await answer
        return _answer(answer, endpoint)

    rule = BASE + _PARAMETER.sub(
        lambda found: f"<{'path:' if found[2] else ''}{found[1]}>", endpoint.path
    )
    app.add_url_rule(
        rule,
        endpoint=endpoint.name,
        view_func=view,
        methods=[endpoint.method],
        provide_automatic_options=False,
    )


async def _body() -> bytes:
    body = await request.get_data(as_text=False)
    assert isinstance(body, bytes)  # noqa: S101 - as was asked for
    return body


def _answer(answer: Any, endpoint: Endpoint) -> Response:
    if isinstance(answer, Events):
        return event_stream(answer.blocks)
    if not isinstance(answer, Reply):
        answer = Reply(answer, endpoint.status, media_type=endpoint.media_type)
    return _response(answer)


def _plain(value: Any) -> Any:
    """Settings have kinds of numbers of their own."""
    return int(value) if isinstance(value, int) else str(value)


ENCODER: Final = msgspec.json.Encoder(enc_hook=_plain)


def _response(reply: Reply) -> Response:
    if reply.status == 204:
        response = Response(b"", 204)
        response.headers.pop("Content-Type", None)
    else:
        body = reply.body if isinstance(reply.body, bytes) else ENCODER.encode(reply.body)
        response = Response(body, reply.status, content_type=reply.media_type)
    response.headers.extend(reply.headers)
    return response


_FIXED: Final = {BASE + each.path for each in ENDPOINTS if "{" not in each.path}


def _methods(error: HTTPException) -> list[str]:
    """What the resource knows. Where a path is one of its own and could be a parameter too
    (``/stubs/check``), that is what it is for."""
    if request.path in _FIXED:
        own = {each.method for each in ENDPOINTS if BASE + each.path == request.path}
        return sorted(own | ({"HEAD"} if "GET" in own else set()))
    return sorted(getattr(error, "valid_methods", None) or ())


def _of_http(error: HTTPException) -> Reply:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        return problem(413, "body-too-large", "The body is larger than admin.max_body.")
    if status == 404:
        return problem(404, "no-such-page", f"There is nothing at {request.path}.")
    if status == 405:
        allowed = ", ".join(_methods(error))
        return problem(
            405,
            "method-not-allowed",
            f"{request.path} does not know {request.method}: it has {allowed}.",
            headers={"Allow": allowed},
        )
    return problem(status, "refused", error.description or "The request was refused.")
