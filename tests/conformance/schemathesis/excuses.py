"""Failures that no server can avoid: faults of a document, or of how the generator writes a body.

Each entry names a document, its operations and the check, and holds only for cases of which its proof
says so; everything else counts. Written for schemathesis 4.32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from .proofs import (
    form_loses_values,
    form_of_one,
    no_refusal_declared,
    reference_by_identifier,
    xml_of_none,
)
from .report import NOT_TESTED, Failure


@dataclass(frozen=True)
class Excuse:
    """Why ``operations`` of ``document`` may fail ``check``, for the cases that ``proof`` accepts."""

    document: str
    operations: tuple[str, ...]
    check: str
    reason: str
    proof: Callable[[Failure], bool]


def excuse_for(document: str, failure: Failure, entries: Iterable[Excuse]) -> Excuse | None:
    """The first entry that covers ``failure``."""
    for entry in entries:
        if (
            entry.document == document
            and entry.check == failure.check
            and failure.operation in entry.operations
            and entry.proof(failure)
        ):
            return entry
    return None


_PETS: Final = ("POST /pet", "PUT /pet")

_NO_REFUSAL: Final = (
    "the document declares no status for an invalid request, and taking it would fail "
    "negative_data_rejection"
)
_LOST: Final = (
    "the form sent does not say the body meant: no field for an empty array, only the names for "
    "an object in an array"
)
_OF_ONE: Final = "the form sent is the one of an array with this one item, which is valid"
_OF_NONE: Final = "the element sent is the one of an empty array, which is valid"


def _of_pets(document: str) -> tuple[Excuse, ...]:
    return (
        Excuse(document, _PETS, "positive_data_acceptance", _LOST, form_loses_values),
        Excuse(document, _PETS, "negative_data_rejection", _OF_ONE, form_of_one),
        Excuse(document, _PETS, "negative_data_rejection", _OF_NONE, xml_of_none),
    )


ENTRIES: Final = (
    *_of_pets("swagger-petstore3.yaml"),
    *_of_pets("swagger-petstore31.yaml"),
    Excuse(
        "swagger-petstore31.yaml",
        _PETS,
        NOT_TESTED,
        "the generator looks for a file where the reference names the $id of another schema",
        reference_by_identifier("/components/schemas/petdetails#pet_details_id"),
    ),
    Excuse(
        "redocly-cafe-3.2.yaml",
        ("GET /menu-item-images/{menuItemId}",),
        "status_code_conformance",
        _NO_REFUSAL,
        no_refusal_declared,
    ),
    Excuse(
        "apisguru-httpbin.org.json",
        (
            "DELETE /delay/{delay}",
            "GET /absolute-redirect/{n}",
            "GET /bytes/{n}",
            "GET /cache/{value}",
            "GET /cookies/delete",
            "GET /cookies/set",
            "GET /delay/{delay}",
            "GET /drip",
            "GET /links/{n}/{offset}",
            "GET /range/{numbytes}",
            "GET /redirect-to",
            "GET /redirect/{n}",
            "GET /relative-redirect/{n}",
            "GET /response-headers",
            "GET /stream-bytes/{n}",
            "GET /stream/{n}",
            "PATCH /delay/{delay}",
            "POST /delay/{delay}",
            "POST /redirect-to",
            "POST /response-headers",
            "PUT /delay/{delay}",
            "PUT /redirect-to",
            "TRACE /delay/{delay}",
        ),
        "status_code_conformance",
        _NO_REFUSAL,
        no_refusal_declared,
    ),
)
