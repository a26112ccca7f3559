"""Which mode an operation's requests are checked in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mockforge.config.servers import Mode
from mockforge_http.config import Validation, ValidationOverride
from mockforge_http.documents import Document, OperationRef, open_document
from mockforge_http.validation.modes import MOST_OVERRIDES, Modes, OperationMode
from tests.http.documents.making import write


@pytest.fixture
def document(tmp_path: Path) -> Iterator[Document]:
    operation = {"operationId": "getPet", "tags": ["pets", "read"], "responses": {}}
    api = {
        "openapi": "3.0.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pets/{petId}": {"get": operation}, "/[x]?": {"get": {"responses": {}}}},
    }
    with open_document(write(tmp_path, {"pets.json": api})) as opened:
        yield opened


@pytest.fixture
def operation(document: Document) -> OperationRef:
    return document.operations()[0]


def modes(*overrides: ValidationOverride, mode: Mode = "enforce") -> Modes:
    return Modes(Validation(mode=mode, overrides=overrides))


@pytest.mark.parametrize("mode", ["enforce", "warn", "off"])
def test_the_setting_holds_for_all(document: Document, operation: OperationRef, mode: Mode) -> None:
    assert modes(mode=mode).mode_for(document, operation) == mode


@pytest.mark.parametrize(
    ("keys", "fits"),
    [
        ({}, True),
        ({"document": "pets.json"}, True),
        ({"document": "Pets"}, True),
        ({"document": "dogs.json"}, False),
        ({"tag": "read"}, True),
        ({"tag": "write"}, False),
        ({"path": "/pets/{petId}"}, True),
        ({"path": "/pets/*"}, True),
        ({"path": "*"}, True),
        ({"path": "/dogs/*"}, False),
        ({"path": "/pets/{petI?}"}, False),
        ({"operation": "getPet"}, True),
        ({"operation": "GET /pets/{petId}"}, True),
        ({"operation": "POST /pets/{petId}"}, False),
        ({"document": "pets.json", "tag": "write"}, False),
        ({"document": "pets.json", "tag": "read", "path": "/pets/*", "operation": "getPet"}, True),
    ],
)
def test_an_override_holds_where_all_its_keys_fit(
    document: Document, operation: OperationRef, keys: dict[str, str], fits: bool
) -> None:
    override = ValidationOverride("warn", **keys)
    assert modes(override).mode_for(document, operation) == ("warn" if fits else "enforce")


def test_brackets_and_question_marks_of_templates_mean_themselves(document: Document) -> None:
    template = document.operations()[1]
    assert (
        modes(ValidationOverride("off", path=template.template)).mode_for(document, template)
        == "off"
    )


def test_the_narrowest_key_counts_then_the_last_override(
    document: Document, operation: OperationRef
) -> None:
    by_operation = ValidationOverride("off", operation="getPet")
    by_tag = ValidationOverride("warn", tag="pets")
    for order in ((by_operation, by_tag), (by_tag, by_operation)):
        assert modes(*order).mode_for(document, operation) == "off"
    other_tag = ValidationOverride("off", tag="read")
    assert modes(by_tag, other_tag).mode_for(document, operation) == "off"
    assert modes(other_tag, by_tag).mode_for(document, operation) == "warn"


def test_modes_change_at_run_time_and_go_back(document: Document, operation: OperationRef) -> None:
    changing = modes(ValidationOverride("off", tag="write"))
    kept = OperationMode(changing, document, operation)
    assert kept.current() == "enforce"
    changing.set("warn")
    assert kept.current() == "warn"
    changing.override(ValidationOverride("off", operation="getPet"))
    assert kept.current() == "off"
    changing.override(ValidationOverride("enforce", operation="getPet"))
    assert kept.current() == "enforce"
    assert [override.mode for override in changing.overrides] == ["off", "enforce"]
    changing.reset()
    assert kept.current() == "enforce"
    assert [override.tag for override in changing.overrides] == ["write"]


def test_the_number_of_overrides_is_bounded(document: Document, operation: OperationRef) -> None:
    changing = modes()
    for number in range(MOST_OVERRIDES + 10):
        changing.override(ValidationOverride("off", tag=f"t{number}"))
    assert len(changing.overrides) == MOST_OVERRIDES
    assert changing.overrides[-1].tag == f"t{MOST_OVERRIDES + 9}"


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "strict"},
        {"max_findings": 0},
        {"responses": "enforce"},
        {"overrides": [{"tag": "x"}]},
        {"overrides": [{"mode": "off", "method": "GET"}]},
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, Validation)
