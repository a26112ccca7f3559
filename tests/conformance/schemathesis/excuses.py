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
    form_of_texts,
    no_refusal_declared,
    query_of_one,
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
_TEXTS: Final = "in the form sent every value is a text, as the schema wants"
_OF_NONE: Final = "the element sent is the one of an empty array, which is valid"


def _of_pets(document: str) -> tuple[Excuse, ...]:
    return (
        Excuse(document, _PETS, "positive_data_acceptance", _LOST, form_loses_values),
        Excuse(document, _PETS, "negative_data_rejection", _OF_ONE, form_of_one),
        Excuse(document, _PETS, "negative_data_rejection", _OF_NONE, xml_of_none),
    )


_STRIPE: Final = "stripe-2023-09.yaml"
_STRIPE_LOST: Final = (
    "GET /v1/credit_notes/preview",
    "GET /v1/invoices/upcoming",
    "POST /v1/accounts/{account}/persons",
    "POST /v1/issuing/cardholders",
    "POST /v1/issuing/disputes/{dispute}",
    "POST /v1/sources",
    "POST /v1/treasury/debit_reversals",
)
_STRIPE_OF_ONE: Final = (
    "DELETE /v1/customers/{customer}/subscriptions/{subscription_exposed_id}",
    "DELETE /v1/ephemeral_keys/{key}",
    "POST /v1/accounts/{account}/persons",
    "POST /v1/checkout/sessions/{session}/expire",
    "POST /v1/customers/{customer}/balance_transactions",
    "POST /v1/customers/{customer}/tax_ids",
    "POST /v1/disputes/{dispute}",
    "POST /v1/financial_connections/accounts/{account}/disconnect",
    "POST /v1/issuing/cardholders",
    "POST /v1/issuing/disputes/{dispute}",
    "POST /v1/payment_intents/{intent}/verify_microdeposits",
    "POST /v1/payouts/{payout}/reverse",
    "POST /v1/promotion_codes",
    "POST /v1/refunds/{refund}",
    "POST /v1/reporting/report_runs",
    "POST /v1/sources",
    "POST /v1/terminal/readers",
    "POST /v1/terminal/readers/{reader}/cancel_action",
    "POST /v1/test_helpers/treasury/received_credits",
    "POST /v1/treasury/debit_reversals",
)
"""The operations are those of a sample: ``--operations 40 --seed 42``."""


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
    Excuse(_STRIPE, _STRIPE_LOST, "positive_data_acceptance", _LOST, form_loses_values),
    Excuse(_STRIPE, _STRIPE_OF_ONE, "negative_data_rejection", _OF_ONE, form_of_one),
    Excuse(
        _STRIPE,
        ("POST /v1/treasury/debit_reversals",),
        "negative_data_rejection",
        _TEXTS,
        form_of_texts,
    ),
    Excuse(
        _STRIPE,
        ("GET /v1/identity/verification_reports/{report}",),
        "negative_data_rejection",
        _OF_ONE,
        query_of_one,
    ),
)
