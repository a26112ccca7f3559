"""What shows, from a single case, that a failure is not the server's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from .report import Failure

_FORM: Final = "application/x-www-form-urlencoded"
_PARTS: Final = "multipart/form-data"
_DOCUMENTED: Final = re.compile(r"Received: (\d+)\s+Documented: (.*)", re.DOTALL)
_REFUSALS: Final = {"400", "422", "4XX", "default"}
_TYPE: Final = re.compile(r"in body - (?P<path>.+?): (?:Incorrect type|Invalid enum value)")
_IN_QUERY: Final = re.compile(r"query: violates `type` at \S+ \(was array, became string\)")
_ADDITIONAL: Final = re.compile(
    r"in body - violates `additionalProperties` at /properties/(?P<name>\w+)"
)
_BRACKET: Final = re.compile(r"[\[\]]")


def no_refusal_declared(failure: Failure) -> bool:
    """An invalid request was refused with 422, and the operation declares no status for that: refusing
    fails this check, accepting would fail ``negative_data_rejection``."""
    said = _DOCUMENTED.search(failure.message)
    if said is None or failure.positive or not failure.findings:
        return False
    declared = {status.strip() for status in said[2].split(",")}
    return said[1] == "422" and not declared & _REFUSALS


def form_loses_values(failure: Failure) -> bool:
    """The valid body or query is sent as a form that does not say it: nothing is written for an empty
    array or object, only the names for an object in an array, ``[]`` for a member without a name, and
    brackets in names as they are."""
    if not failure.positive:
        return False
    body = failure.media_type == _FORM and _is_lost(failure.value, 0)
    return body or _is_lost(failure.query, 0)


def _is_lost(value: Any, depth: int) -> bool:
    if isinstance(value, list):
        return not value or any(isinstance(item, list | dict) for item in value)
    if isinstance(value, dict):
        if depth and (not value or any(not name or _BRACKET.search(name) for name in value)):
            return True
        return any(_is_lost(member, depth + 1) for member in value.values())
    return False


def form_of_one(failure: Failure) -> bool:
    """A text stands where an array belongs, but the form that was sent is the one of an array with that
    text as its only item. (In a multipart form an object is a text too.)"""
    if failure.positive or failure.media_type not in (_FORM, _PARTS):
        return False
    scalars_only = failure.media_type == _FORM
    return any(
        not isinstance(value, list | dict if scalars_only else list)
        for _, value in _accused(failure)
    )


def form_of_texts(failure: Failure) -> bool:
    """Additional members should be texts and are not, but in a form they are: each is one field."""
    if failure.positive or failure.media_type != _FORM:
        return False
    found = _ADDITIONAL.search(failure.message)
    members = failure.value.get(found["name"]) if found else None
    return isinstance(members, dict) and all(
        len(member) < 2 and not any(isinstance(item, list | dict) for item in member)
        if isinstance(member, list)
        else not isinstance(member, dict)
        for member in members.values()
    )


def query_of_one(failure: Failure) -> bool:
    """A text was put in place of an array in the query, which reads as an array of one; nothing else that
    was made wrong is sent."""
    unsent = failure.sent.endswith(" ")
    return not failure.positive and unsent and _IN_QUERY.search(failure.message) is not None


def xml_of_none(failure: Failure) -> bool:
    """Something else stands where an array belongs, but the element that was sent is empty, as the one of
    an empty array is."""
    if failure.positive or not failure.media_type.endswith("xml"):
        return False
    return any(
        not value and f"<{path[-1]}></{path[-1]}>" in failure.sent
        for path, value in _accused(failure)
    )


def reference_by_identifier(reference: str) -> Callable[[Failure], bool]:
    """The generator takes ``reference`` for a file, where it leads to a schema with that ``$id``."""

    def proof(failure: Failure) -> bool:
        return f"Reference: {reference}" in failure.message

    return proof


def _accused(failure: Failure) -> Iterator[tuple[list[str], Any]]:
    """The members of the body that the generator says it made wrong: their path and value."""
    for found in _TYPE.finditer(failure.message):
        path = found["path"].split(" -> ")
        value = failure.value
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        yield path, value
