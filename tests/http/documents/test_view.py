"""Operations come out in the shape of OpenAPI 3, whatever the version and wherever the parts lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from mockforge.errors import DocumentError
from mockforge_http.documents import Document, Example, Located, OperationView, open_document

from .making import PET, api, write


def opened(tmp_path: Path, document: dict[str, Any], **files: Any) -> Document:
    return open_document(write(tmp_path, {"api.json": document, **files}))


def only_view(document: Document) -> OperationView:
    with document:
        (ref,) = document.operations()
        return document.operation(ref)


def view_of(tmp_path: Path, operation: dict[str, Any], **members: Any) -> OperationView:
    document = api("3.2.0", **{"paths": {"/pets/{id}": {"post": operation}}, **members})
    return only_view(opened(tmp_path, document))


def test_the_list_of_operations(tmp_path: Path) -> None:
    paths: dict[str, Any] = {
        "/b": {
            "get": {"operationId": "b", "tags": ["x", "y"]},
            "x-get": {},
            "summary": "no method",
        },
        "/a": {
            "query": {},
            "trace": {},
            "additionalOperations": {"COPY": {"operationId": "copy"}, "x-more": {}},
        },
        "x-paths": {"get": {}},
        "/none": {},
    }
    webhooks = {"new": {"post": {"operationId": "hook"}}}
    with opened(tmp_path, api("3.2.0", paths=paths, webhooks=webhooks)) as document:
        assert [(ref.template, ref.method, ref.operation_id) for ref in document.operations()] == [
            ("/b", "GET", "b"),
            ("/a", "TRACE", None),
            ("/a", "QUERY", None),
            ("/a", "COPY", "copy"),
        ]
        first = document.operations()[0]
        assert (first.tags, first.base, first.pointer) == (("x", "y"), "api.json", "/paths/~1b/get")
        assert document.operations()[3].pointer == "/paths/~1a/additionalOperations/COPY"
        assert [(ref.template, ref.method) for ref in document.webhooks()] == [("new", "POST")]


def test_new_methods_are_those_of_their_version(tmp_path: Path) -> None:
    paths: dict[str, Any] = {"/a": {"get": {}, "query": {}, "additionalOperations": {"COPY": {}}}}
    with opened(tmp_path, api("3.1.0", paths=paths)) as document:
        assert [ref.method for ref in document.operations()] == ["GET"]


def test_path_items_in_other_files_keep_their_bases(tmp_path: Path) -> None:
    document = api(
        paths={"/pets": {"$ref": "paths/pets.json", "parameters": [{"$ref": "#/x/P"}]}},
        x={"P": {"name": "here", "in": "query", "schema": {"$ref": "#/components/schemas/Pet"}}},
    )
    files = {
        "paths/pets.json": {
            "parameters": [{"name": "there", "in": "query", "schema": {"$ref": "pet.json"}}],
            "get": {
                "operationId": "list",
                "responses": {"200": {"$ref": "../responses.json#/All"}},
            },
        },
        "paths/pet.json": PET,
        "responses.json": {
            "All": {
                "description": "all",
                "content": {"application/json": {"schema": {"$ref": "paths/pet.json"}}},
            }
        },
    }
    with opened(tmp_path, document, **files) as doc:
        (ref,) = doc.operations()
        assert (ref.base, ref.pointer) == ("paths/pets.json", "/get")
        assert (ref.item_base, ref.item) == ("api.json", "/paths/~1pets")
        view = doc.operation(ref)
        bases = {p.name: p.schema.base for p in view.parameters if p.schema is not None}
        assert bases == {"here": "api.json", "there": "paths/pets.json"}
        schema = view.responses["200"].content["application/json"].schema
        assert schema == Located({"$ref": "paths/pet.json"}, "responses.json")
        assert doc.resolve(schema.value["$ref"], schema.base) == (PET, "paths/pet.json")


def test_parameters_of_the_operation_replace_those_of_the_path_item(tmp_path: Path) -> None:
    item = {
        "parameters": [
            {"name": "id", "in": "path", "schema": {"type": "string"}},
            {"name": "id", "in": "query", "description": "shared"},
            {"name": "Authorization", "in": "header"},
        ],
        "get": {"parameters": [{"name": "id", "in": "query", "description": "own"}]},
    }
    view = only_view(opened(tmp_path, api(paths={"/pets/{id}": item})))
    assert [(p.name, p.where, p.description, p.required) for p in view.parameters] == [
        ("id", "path", "", True),
        ("id", "query", "own", False),
    ]


@pytest.mark.parametrize(
    ("parameter", "style", "explode"),
    [
        ({"in": "path"}, "simple", False),
        ({"in": "path", "style": "matrix", "explode": True}, "matrix", True),
        ({"in": "query"}, "form", True),
        ({"in": "query", "explode": False}, "form", False),
        ({"in": "query", "style": "deepObject"}, "deepObject", False),
        ({"in": "query", "style": "nonsense"}, "form", True),
        ({"in": "header"}, "simple", False),
        ({"in": "cookie"}, "form", True),
        ({"in": "cookie", "style": "cookie"}, "cookie", True),
        ({"in": "querystring"}, "form", True),
    ],
)
def test_styles_have_their_defaults(
    tmp_path: Path, parameter: dict[str, Any], style: str, explode: bool
) -> None:
    (found,) = view_of(tmp_path, {"parameters": [{"name": "p", **parameter}]}).parameters
    assert (found.style, found.explode) == (style, explode)


def test_everything_of_a_parameter(tmp_path: Path) -> None:
    parameter = {
        "name": "filter", "in": "query", "required": True, "deprecated": True, "allowReserved": True,
        "allowEmptyValue": True, "example": None, "x-note": 1, "description": "d",
        "examples": {"a": {"$ref": "#/components/examples/A"}, "b": {"value": [1], "summary": "s"}},
        "content": {"application/json": {"schema": True}},
    }  # fmt: skip
    (found,) = view_of(
        tmp_path,
        {"parameters": [{"$ref": "#/components/parameters/F"}]},
        components={"parameters": {"F": parameter}, "examples": {"A": {"externalValue": "a.json"}}},
    ).parameters
    assert found.required
    assert found.deprecated
    assert found.allow_reserved
    assert found.allow_empty
    assert found.example is None
    assert found.examples == {
        "a": Example(external="a.json"),
        "b": Example(value=[1], summary="s"),
    }
    assert found.examples["a"].value is UNSET
    assert found.content["application/json"].schema == Located(True, "api.json")
    assert found.extensions == {"x-note": 1}


def test_bodies_and_responses(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        {
            "requestBody": {"$ref": "#/components/requestBodies/B"},
            "responses": {
                "200": {
                    "description": "ok",
                    "headers": {"X-A": {"$ref": "#/components/headers/A"}, "content-type": {}},
                    "content": {
                        "text/event-stream": {
                            "itemSchema": {"type": "object"},
                            "examples": {"e": {"dataValue": {"a": 1}, "serializedValue": "a"}},
                        },
                        "application/json": {"example": {"a": 1}, "x-m": 2},
                        "text/plain": {},
                    },
                    "links": {"self": {"$ref": "#/components/links/L"}},
                },
                "4xx": {"description": "no"},
                "default": {"description": "else"},
                "x-other": 1,
            },
        },
        components={
            "requestBodies": {
                "B": {
                    "required": True,
                    "content": {
                        "multipart/form-data": {
                            "schema": {"type": "object"},
                            "encoding": {
                                "file": {
                                    "contentType": "image/png",
                                    "headers": {"X-B": {"schema": {"type": "integer"}}},
                                    "style": "form",
                                    "explode": False,
                                    "allowReserved": True,
                                }
                            },
                        }
                    },
                }
            },
            "headers": {"A": {"required": True, "schema": {"type": "integer"}}},
            "links": {"L": {"operationId": "x"}},
        },
    )
    assert view.request_body is not None
    assert view.request_body.required
    encoding = view.request_body.content["multipart/form-data"].encoding["file"]
    assert (encoding.content_type, encoding.style, encoding.explode) == ("image/png", "form", False)
    assert encoding.headers["X-B"].schema == Located({"type": "integer"}, "api.json")
    assert list(view.responses) == ["200", "4XX", "default"]
    ok = view.responses["200"]
    assert list(ok.headers) == ["X-A"]
    assert ok.headers["X-A"].required
    assert ok.headers["X-A"].where == "header"
    stream = ok.content["text/event-stream"]
    assert stream.item_schema == Located({"type": "object"}, "api.json")
    assert stream.examples["e"] == Example(value={"a": 1}, serialized="a")
    assert ok.content["application/json"].example == {"a": 1}
    assert ok.content["application/json"].extensions == {"x-m": 2}
    assert ok.content["text/plain"].example is UNSET
    assert ok.links == {"self": {"operationId": "x"}}


def test_security_and_servers_have_their_order(tmp_path: Path) -> None:
    paths = {
        "/a": {
            "servers": [{"url": "https://x/item"}],
            "get": {},
            "put": {"security": [], "servers": [{"url": "/own"}]},
            "post": {"security": [{"key": []}, {"oauth": ["read"]}]},
        },
        "/b": {"get": {}},
    }
    schemes = {"key": {"$ref": "#/components/x/K"}, "oauth": {"type": "oauth2", "flows": {}}}
    document = api(
        paths=paths,
        security=[{"key": []}],
        servers=[{"url": "https://x/all"}],
        components={
            "securitySchemes": schemes,
            "x": {"K": {"type": "apiKey", "in": "query", "name": "k"}},
        },
    )
    with opened(tmp_path, document) as doc:
        views = {(ref.template, ref.method): doc.operation(ref) for ref in doc.operations()}
        assert views["/a", "GET"].security == [{"key": []}]
        assert views["/a", "PUT"].security == []
        assert views["/a", "POST"].security == [{"key": []}, {"oauth": ["read"]}]
        assert views["/a", "GET"].base_paths == ("/item",)
        assert views["/a", "PUT"].base_paths == ("/own",)
        assert views["/b", "GET"].base_paths is None
        assert doc.servers_base_paths() == ("/all",)
        assert doc.security_schemes()["key"]["name"] == "k"


def test_security_that_nobody_mentions(tmp_path: Path) -> None:
    assert view_of(tmp_path, {}).security is None


def test_callbacks_lead_to_operations(tmp_path: Path) -> None:
    document = api(
        paths={"/a": {"post": {"callbacks": {"done": {"$ref": "cb.json#/Done"}, "own": {
            "{$request.body#/url}": {"put": {"operationId": "own"}, "x-a": 1}}}}}},
    )  # fmt: skip
    done: dict[str, Any] = {
        "{$request.query.url}": {"post": {"requestBody": {"content": {"text/plain": {}}}}}
    }
    with opened(tmp_path, document, **{"cb.json": {"Done": done}}) as doc:
        (ref,) = doc.operations()
        callbacks = doc.operation(ref).callbacks
        assert [(name, ref.template, ref.method) for name, (ref,) in callbacks.items()] == [
            ("done", "{$request.query.url}", "POST"),
            ("own", "{$request.body#/url}", "PUT"),
        ]
        inner = doc.operation(callbacks["done"][0])
        assert inner.request_body is not None
        assert list(inner.request_body.content) == ["text/plain"]
        assert doc.operation(callbacks["own"][0]).operation_id == "own"


def test_small_faults_do_not_stop_the_rest(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        {
            "summary": 5,
            "responses": {
                "200": {
                    "description": None,
                    "content": {"application/json": None, "description": "misplaced"},
                    "headers": {"X-A": None, "X-B": "misplaced"},
                    "links": {"a": "misplaced"},
                },
                "204": None,
            },
        },
    )
    assert view.summary == ""
    assert list(view.responses["200"].content) == ["application/json"]
    assert list(view.responses["200"].headers) == ["X-A"]
    assert view.responses["204"].content == {}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"parameters": ["x"]}, "a parameter is not an object"),
        ({"parameters": [{"in": "query"}]}, "the `name` of a parameter is not text"),
        ({"parameters": [{"name": "a", "in": "body"}]}, "the `in` of parameter 'a' is not a place"),
        ({"requestBody": []}, "`requestBody` is not an object"),
        ({"responses": []}, "`responses` is not an object"),
        ({"responses": {"200": "ok"}}, "the response 200 is not an object"),
        ({"responses": {"200": {"content": []}}}, "`content` is not an object"),
    ],
)
def test_what_cannot_be_understood_is_an_error_with_its_place(
    tmp_path: Path, operation: dict[str, Any], message: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        view_of(tmp_path, operation)
    error = caught.value
    assert message in error.message
    assert error.message.startswith("POST /pets/{id}: ")
    assert error.place is not None
    assert error.place.path == "/paths/~1pets~1{id}/post"


# -------------------------------------------------------------------- Swagger 2.0


def swagger(operation: dict[str, Any], **members: Any) -> dict[str, Any]:
    return api("2.0", **{"paths": {"/a/{id}": {"post": operation}}, **members})


@pytest.mark.parametrize(
    ("where", "collection", "style", "explode"),
    [
        ("query", None, "form", False),
        ("query", "csv", "form", False),
        ("query", "ssv", "spaceDelimited", False),
        ("query", "tsv", "tabDelimited", False),
        ("query", "pipes", "pipeDelimited", False),
        ("query", "multi", "form", True),
        ("header", "csv", "simple", False),
        ("path", None, "simple", False),
        ("path", "pipes", "pipeDelimited", False),
    ],
)
def test_collection_formats_become_styles(
    tmp_path: Path, where: str, collection: str | None, style: str, explode: bool
) -> None:
    parameter: dict[str, Any] = {
        "name": "p", "in": where, "type": "array", "items": {"type": "integer"}, "maxItems": 3,
    }  # fmt: skip
    if collection:
        parameter["collectionFormat"] = collection
    (found,) = only_view(opened(tmp_path, swagger({"parameters": [parameter]}))).parameters
    assert (found.where, found.style, found.explode) == (where, style, explode)
    assert found.schema == Located(
        {"type": "array", "items": {"type": "integer"}, "maxItems": 3}, "api.json"
    )


def test_a_body_parameter_becomes_content(tmp_path: Path) -> None:
    body = {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
    view = only_view(
        opened(
            tmp_path,
            swagger(
                {
                    "parameters": [{"$ref": "#/parameters/B"}],
                    "consumes": ["application/xml", "a/b"],
                },
                definitions={"Pet": PET},
                parameters={"B": body},
                consumes=["ignored/here"],
            ),
        )
    )
    assert view.parameters == ()
    assert view.request_body is not None
    assert view.request_body.required
    assert list(view.request_body.content) == ["application/xml", "a/b"]
    assert view.request_body.content["a/b"].schema == Located(
        {"$ref": "#/definitions/Pet"}, "api.json"
    )


def test_form_parameters_become_one_object(tmp_path: Path) -> None:
    parameters = [
        {"name": "a", "in": "formData", "type": "integer", "required": True},
        {"name": "b", "in": "formData", "type": "array", "items": {}, "collectionFormat": "multi"},
    ]
    view = only_view(opened(tmp_path, swagger({"parameters": parameters})))
    assert view.request_body is not None
    (media,) = view.request_body.content.values()
    assert media.name == "application/x-www-form-urlencoded"
    assert media.schema is not None
    assert media.schema.value == {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {}}},
        "required": ["a"],
    }
    assert (media.encoding["b"].style, media.encoding["b"].explode) == ("form", True)


def test_a_file_makes_the_form_multipart(tmp_path: Path) -> None:
    parameters = [{"name": "f", "in": "formData", "type": "file"}]
    view = only_view(opened(tmp_path, swagger({"parameters": parameters}, consumes=["a/b"])))
    assert view.request_body is not None
    (media,) = view.request_body.content.values()
    assert media.name == "multipart/form-data"
    assert media.schema is not None
    assert media.schema.value["properties"]["f"] == {"type": "string", "format": "binary"}


def test_responses_become_content(tmp_path: Path) -> None:
    responses = {
        "200": {
            "description": "ok",
            "schema": {"type": "string"},
            "examples": {"application/json": "a", "text/csv": "b"},
            "headers": {"X-A": {"type": "array", "items": {"type": "integer"}}},
        },
        "201": {"description": "file", "schema": {"type": "file"}},
        "204": {"$ref": "#/responses/None"},
    }
    document = swagger(
        {"responses": responses},
        produces=["application/json", "application/xml"],
        responses={"None": {"description": "none"}},
    )
    view = only_view(opened(tmp_path, document))
    ok = view.responses["200"]
    assert list(ok.content) == ["application/json", "application/xml", "text/csv"]
    assert ok.content["application/json"].example == "a"
    assert ok.content["application/xml"].example is UNSET
    assert ok.content["text/csv"].example == "b"
    assert ok.headers["X-A"].style == "simple"
    assert view.responses["201"].content["application/json"].schema == Located(
        {"type": "string", "format": "binary"}, "api.json"
    )
    assert view.responses["204"].content == {}
    assert view.responses["204"].description == "none"


def test_without_produces_json_is_meant(tmp_path: Path) -> None:
    response = {"description": "ok", "schema": {"type": "string"}}
    view = only_view(opened(tmp_path, swagger({"responses": {"default": response}})))
    assert list(view.responses["default"].content) == ["application/json"]


def test_security_definitions_become_schemes(tmp_path: Path) -> None:
    document = swagger(
        {},
        securityDefinitions={
            "basic": {"type": "basic"},
            "key": {"type": "apiKey", "in": "header", "name": "K"},
            "code": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "a", "tokenUrl": "t",
                     "scopes": {"s": "x"}},
        },
    )  # fmt: skip
    with opened(tmp_path, document) as doc:
        assert doc.security_schemes() == {
            "basic": {"type": "http", "scheme": "basic"},
            "key": {"type": "apiKey", "in": "header", "name": "K"},
            "code": {
                "type": "oauth2",
                "description": "",
                "flows": {
                    "authorizationCode": {
                        "scopes": {"s": "x"},
                        "authorizationUrl": "a",
                        "tokenUrl": "t",
                    }
                },
            },
        }


@pytest.mark.parametrize(
    ("version", "media", "style"),
    [
        ("3.0.4", "multipart/form-data", None),
        ("3.0.4", "Application/x-www-form-urlencoded; charset=utf-8", "form"),
        ("3.1.1", "multipart/form-data", "form"),
    ],
)
def test_parts_have_a_style_since_3_1(
    tmp_path: Path, version: str, media: str, style: str | None
) -> None:
    written = {"contentType": "a/b", "style": "form", "explode": False, "allowReserved": True}
    body = {"content": {media: {"encoding": {"f": written}}}}
    paths = {"/": {"post": {"requestBody": body}}}
    view = only_view(opened(tmp_path, api(version, paths=paths)))
    assert view.request_body is not None
    (content,) = view.request_body.content.values()
    found = content.encoding["f"]
    stated = style is not None
    assert (found.content_type, found.style) == ("a/b", style)
    assert (found.explode, found.allow_reserved) == ((False, True) if stated else (None, None))
