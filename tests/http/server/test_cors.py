"""Pages of other origins may call the mock, as far as the settings allow."""

from __future__ import annotations

from mockforge.mocking.exchange import Request, Response
from mockforge_http.config import Cors
from mockforge_http.cors import CorsPolicy


def preflight_request(origin: str = "http://app.test") -> Request:
    return Request(
        "OPTIONS",
        "/pets",
        [
            (b"Origin", origin.encode()),
            (b"Access-Control-Request-Method", b"PUT"),
            (b"Access-Control-Request-Headers", b"x-trace, content-type"),
        ],
    )


def test_a_preflight_names_the_origin_the_methods_and_the_headers_asked_for() -> None:
    response = CorsPolicy(Cors()).preflight(preflight_request(), ("GET", "PUT"))
    assert response is not None
    assert response.status == 204
    assert response.header("access-control-allow-origin") == "http://app.test"
    assert response.header("access-control-allow-methods") == "GET, PUT"
    assert response.header("access-control-allow-headers") == "x-trace, content-type"
    assert response.header("access-control-allow-credentials") == "true"


def test_a_preflight_from_an_origin_that_is_not_listed_allows_nothing() -> None:
    policy = CorsPolicy(Cors(origins=("http://app.test",)))
    response = policy.preflight(preflight_request("http://evil.test"), ("GET",))
    assert response is not None
    assert response.header("access-control-allow-origin") == ""
    allowed = policy.preflight(preflight_request("http://APP.test"), ("GET",))
    assert allowed is not None
    assert allowed.header("access-control-allow-origin") == "http://APP.test"


def test_a_plain_options_request_or_a_switched_off_policy_is_no_preflight() -> None:
    assert CorsPolicy(Cors()).preflight(Request("OPTIONS", "/", []), ()) is None
    assert CorsPolicy(Cors(enabled=False)).preflight(preflight_request(), ()) is None


def test_answers_are_shared_with_the_origin_and_vary_by_it() -> None:
    request = Request("GET", "/", [(b"Origin", b"http://app.test")])
    policy = CorsPolicy(Cors())
    shared = policy.share(request, Response(200, [("X-A", "1"), ("Vary", "Accept")]))
    assert shared.header("access-control-allow-origin") == "http://app.test"
    assert shared.header("vary") == "Accept, Origin"
    assert shared.header("access-control-expose-headers") == "X-A"
    assert policy.share(request, shared).header("vary") == "Accept, Origin"
    plain = Response(200)
    assert policy.share(Request("GET", "/", []), plain) is plain


def test_an_answer_that_names_who_may_read_it_is_left_alone() -> None:
    request = Request("GET", "/", [(b"Origin", b"http://app.test")])
    for named in ("*", "http://other.test", "null"):
        own = Response(200, [("Access-Control-Allow-Origin", named)])
        assert CorsPolicy(Cors()).share(request, own) is own


def test_made_up_headers_about_sharing_are_replaced() -> None:
    request = Request("GET", "/", [(b"Origin", b"http://app.test")])
    made_up = Response(
        200, [("access-control-allow-origin", "xyz"), ("Access-Control-Allow-Credentials", "x")]
    )
    shared = CorsPolicy(Cors()).share(request, made_up)
    for name, value in (("origin", "http://app.test"), ("credentials", "true")):
        given = [v for n, v in shared.headers if n.lower() == f"access-control-allow-{name}"]
        assert given == [value]
