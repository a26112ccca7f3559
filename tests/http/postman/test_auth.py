"""Authorization as security schemes, and who inherits what."""

from __future__ import annotations

from typing import Any

import pytest

from .making import codes, document, folder, item


def listed(**settings: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value, "type": "any"} for key, value in settings.items()]


def auth(kind: str, **settings: Any) -> dict[str, Any]:
    return {"type": kind, kind: listed(**settings)}


def scheme(given: dict[str, Any], **request: Any) -> Any:
    made = document(item("/pets", auth=given, **request), variable=[{"key": "v", "value": "X-Key"}])
    found = made["paths"]["/pets"]["get"].get("security")
    if found is None:
        assert "components" not in made
        return None
    ((name,),) = found
    return made["components"]["securitySchemes"][name]


def key(name: str, place: str) -> dict[str, str]:
    return {"type": "apiKey", "name": name, "in": place}


def http(name: str) -> dict[str, str]:
    return {"type": "http", "scheme": name}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (auth("basic", username="a", password="b"), http("basic")),
        ({"type": "basic"}, http("basic")),
        ({"type": "basic", "basic": {"username": "a", "password": "b"}}, http("basic")),
        (auth("digest"), http("digest")),
        (auth("bearer", token="{{token}}"), http("bearer")),
        (auth("apikey", key="X-Key", value="1"), key("X-Key", "header")),
        (auth("apikey", key="X-Key", value="1", **{"in": "header"}), key("X-Key", "header")),
        (auth("apikey", key="k", **{"in": "query"}), key("k", "query")),
        (auth("apikey", key="{{v}}"), key("X-Key", "header")),
        ({"type": "apikey", "apikey": {"key": "k", "in": "query"}}, key("k", "query")),
        (auth("oauth2"), http("bearer")),
        (auth("oauth2", addTokenTo="header"), http("bearer")),
        (auth("oauth2", addTokenTo="queryParams"), key("access_token", "query")),
        (auth("oauth2", headerPrefix="Token "), http("Token")),
        (auth("oauth2", headerPrefix=""), key("Authorization", "header")),
        (auth("jwt"), http("bearer")),
        (auth("jwt", addTokenTo="queryParam", queryParamKey="jwt"), key("jwt", "query")),
        (auth("jwt", addTokenTo="queryParam"), key("token", "query")),
        (auth("oauth1", addParamsToHeader=True), http("OAuth")),
        (auth("oauth1", addParamsToHeader=False), key("oauth_signature", "query")),
        (auth("hawk"), http("Hawk")),
        (auth("awsv4"), http("AWS4-HMAC-SHA256")),
        (auth("awsv4", addAuthDataToQuery=True), key("X-Amz-Signature", "query")),
        (auth("ntlm"), http("NTLM")),
        (auth("edgegrid"), http("EG1-HMAC-SHA256")),
        (auth("asap"), http("bearer")),
        (auth("noauth"), None),
    ],
)  # fmt: skip
def test_each_type_asks_for_its_credential(given: dict[str, Any], expected: Any) -> None:
    assert scheme(given) == expected


@pytest.mark.parametrize(
    "given",
    [{"type": "voodoo"}, auth("apikey", value="1"), {"kind": "basic"}, "basic", {"type": 1}],
)
def test_what_cannot_be_asked_for_is_noted(given: Any) -> None:
    assert scheme(given) is None
    assert codes(item("/pets", auth=given)) == ["postman-auth"]


def test_oauth_1_may_hide_in_a_form() -> None:
    form = {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "b"}]}
    given = auth("oauth1", addParamsToHeader=False)
    made = document(item("/pets", "POST", auth=given, body=form))
    assert "security" not in made["paths"]["/pets"]["post"]


def test_auth_is_inherited_and_can_be_given_up() -> None:
    made = document(
        item("/root"),
        item("/own", auth=auth("digest")),
        item("/none", auth=auth("noauth")),
        folder("a", item("/a"), folder("b", item("/b")), auth=auth("bearer")),
        folder("c", item("/c"), auth=auth("noauth")),
        folder("d", item("/d"), auth=None),
        auth=auth("basic"),
    )
    found = {path: methods["get"].get("security") for path, methods in made["paths"].items()}
    assert found == {
        "/root": [{"basicAuth": []}],
        "/own": [{"digestAuth": []}],
        "/none": None,
        "/a": [{"bearerAuth": []}],
        "/b": [{"bearerAuth": []}],
        "/c": None,
        "/d": [{"basicAuth": []}],
    }
    assert list(made["components"]["securitySchemes"]) == ["basicAuth", "digestAuth", "bearerAuth"]


def test_schemes_of_one_kind_are_told_apart_and_equal_ones_declared_once() -> None:
    made = document(
        item("/a", auth=auth("apikey", key="a")),
        item("/b", auth=auth("apikey", key="b")),
        item("/c", auth=auth("apikey", key="a")),
    )
    assert made["components"]["securitySchemes"] == {
        "apiKeyAuth": key("a", "header"),
        "apiKeyAuth2": key("b", "header"),
    }
    assert made["paths"]["/c"]["get"]["security"] == [{"apiKeyAuth": []}]


def test_requests_with_different_auth_make_alternatives() -> None:
    made = document(item("/a", auth=auth("basic")), item("/a", auth=auth("bearer")))
    assert made["paths"]["/a"]["get"]["security"] == [{"basicAuth": []}, {"bearerAuth": []}]


def test_one_request_without_auth_opens_the_operation() -> None:
    made = document(item("/a", auth=auth("basic")), item("/a"))
    assert "security" not in made["paths"]["/a"]["get"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Bearer {{token}}", http("bearer")),
        ("Basic dGVzdDp0ZXN0", http("basic")),
        ("Token abc", http("Token")),
        ("{{token}}", key("Authorization", "header")),
        ("{{prefixed}}", http("bearer")),
    ],
)
def test_an_authorization_header_written_by_hand_asks_for_its_scheme(
    value: str, expected: dict[str, str]
) -> None:
    header = [{"key": "authorization", "value": value}]
    made = document(
        item("/pets", header=header), variable=[{"key": "prefixed", "value": "Bearer abc"}]
    )
    operation = made["paths"]["/pets"]["get"]
    assert "parameters" not in operation
    ((name,),) = operation["security"]
    assert made["components"]["securitySchemes"][name] == expected


def test_a_disabled_or_empty_authorization_header_asks_for_nothing() -> None:
    for header in ({"value": "Bearer x", "disabled": True}, {"value": ""}):
        made = document(item("/pets", header=[{"key": "Authorization", **header}]))
        assert "security" not in made["paths"]["/pets"]["get"]
