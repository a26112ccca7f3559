"""Schemas of published API descriptions: each gives valid data of a reasonable size."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, cast

import attrs
import pytest
import yaml
from jsonschema import Draft4Validator, Draft202012Validator
from jsonschema.validators import create, extend
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

from mockforge.mocking.data import Dialect, SchemaStore, compile_generator
from tests.corpus import corpus
from tests.kernel.data.kit import seeded

DOCUMENT = "urn:document"
LARGEST = 100_000
SAMPLE = 25
"""Schemas per document, spread evenly."""

INVALID_SCHEMAS = {
    ("openai.yaml", "FineTuneMethod"): "`exclusiveMinimum: true` is wording of draft 4, not of 3.1",
    ("openai.yaml", "FineTuneDPOMethod"): "the same",
    ("openai.yaml", "FineTuneDPOHyperparameters"): "the same",
}

# OpenAPI 2.0 and 3.0 know no `id` keyword: a property of that name must not be taken for one.
PLAIN: Any = cast("Any", attrs).evolve(
    DRAFT4,
    id_of=lambda _contents: None,
    subresources_of=lambda _contents: [],
    anchors_in=lambda _specification, _contents: [],
)
OAS2Validator = create(
    meta_schema=Draft4Validator.META_SCHEMA,
    validators=dict(Draft4Validator.VALIDATORS),
    type_checker=Draft4Validator.TYPE_CHECKER,
    id_of=lambda _schema: "",
)


def required_of_answers(
    validator: Any, required: list[str], instance: Any, schema: dict[str, Any]
) -> Any:
    """``required``, except for what is never in an answer: as OAS30Validator has it."""
    readable = [
        name
        for name in required
        if not schema.get("properties", {}).get(name, {}).get("writeOnly", False)
    ]
    yield from Draft202012Validator.VALIDATORS["required"](validator, readable, instance, schema)


OAS31Validator: Any = cast("Any", extend)(Draft202012Validator, {"required": required_of_answers})


class Loader(yaml.CSafeLoader):
    """Leaves dates as text, as JSON has them."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load(name: str) -> dict[str, Any]:
    text = corpus("openapi", name).read_text(encoding="utf-8")
    document = json.loads(text) if name.endswith(".json") else yaml.load(text, Loader)  # noqa: S506
    return json.loads(json.dumps(document))  # type: ignore[no-any-return]


def dialect_of(document: dict[str, Any]) -> Dialect:
    if "swagger" in document:
        return "oas2"
    return "oas3.0" if document["openapi"].startswith("3.0") else "2020-12"


def validator(document: dict[str, Any], dialect: Dialect, ref: str) -> Any:
    if dialect == "2020-12":
        registry: Registry[Any] = Registry().with_resource(
            DOCUMENT, DRAFT202012.create_resource(document)
        )
        return OAS31Validator({"$ref": DOCUMENT + ref}, registry=registry)
    registry = Registry().with_resource(DOCUMENT, PLAIN.create_resource(document))
    kind = OAS30Validator if dialect == "oas3.0" else OAS2Validator
    return kind({"$ref": DOCUMENT + ref}, registry=registry)


@pytest.mark.parametrize("mode", ["dynamic", "static"])
@pytest.mark.parametrize(
    "name",
    [
        "adyen-CheckoutService-v71.json",
        "apisguru-googleapis.com-calendar.json",
        "github-api.github.com.json",
        "intercom-2.14.yaml",
        "kubernetes-swagger2.json",
        "oai-v2.0-uber.yaml",
        "openai.yaml",
        "readme-3.0-discriminators.yaml",
        "readme-3.0-polymorphism.yaml",
        "readme-3.0-schema-circular.yaml",
        "redocly-cafe-3.2.yaml",
        "slack_web_openapi_v2.json",
        "stripe-2023-09.yaml",
        "twilio_api_v2010.json",
    ],
)
@pytest.mark.slow
def test_component_schemas_give_valid_data(name: str, mode: Literal["dynamic", "static"]) -> None:
    document = load(name)
    dialect = dialect_of(document)
    place = "#/definitions/" if dialect == "oas2" else "#/components/schemas/"
    schemas = document.get("definitions") or document["components"]["schemas"]
    store = SchemaStore({DOCUMENT: document})
    wrong = []
    for schema in list(schemas)[:: max(1, len(schemas) // SAMPLE)]:
        if (name, schema) in INVALID_SCHEMAS:
            continue
        ref = place + re.sub("/", "~1", schema.replace("~", "~0"))
        made = compile_generator(
            {"$ref": ref},
            DOCUMENT,
            resolver=store,
            dialect=dialect,
            use_examples=mode == "static",
        )
        value = made.generate(seeded(1))
        assert len(json.dumps(value)) <= LARGEST
        error = next(validator(document, dialect, ref).iter_errors(value), None)
        if error is not None:
            wrong.append((schema, error.message, list(error.absolute_path)))
    assert not wrong


def test_an_answer_of_a_tangled_description_is_full_but_not_endless() -> None:
    document = load("stripe-2023-09.yaml")
    made = compile_generator(
        {"type": "array", "items": {"$ref": "#/components/schemas/charge"}},
        DOCUMENT,
        resolver=SchemaStore({DOCUMENT: document}),
        dialect="oas3.0",
    )
    for seed in range(5):
        value = made.generate(seeded(seed))
        assert 1 <= len(value) <= 3
        assert 1_000 < len(json.dumps(value)) <= LARGEST
        assert {"id", "amount", "billing_details", "refunds"} <= value[0].keys()
    assert made.footprint() < 16 * 1024**2
