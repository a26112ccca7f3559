"""From samples to a schema (JSON Schema 2020-12) that all of them fit.

Called for request bodies, where the schema decides what is let in, and for responses, where data is
made from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from .samples import ANY

_FORMATS: Final = (
    ("date-time", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")),
    ("date", re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("email", re.compile(r"[\w.+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}")),
    ("uri", re.compile(r"https?://[^\s<>\"{}|\\^`]+")),
    ("ipv4", re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}")),
)  # fmt: skip
_LONGEST_FORMATTED: Final = 300


def infer(samples: Sequence[Any], *, answers: bool) -> dict[str, Any]:
    """The schema of ``samples`` (at least one). A member is required if every sample has it.

    ``answers`` says that data will be made from it: then texts get the format they all have, a lone
    ``null`` stays ``null`` and an empty list empty. Of a request one sample does not say so much.
    """
    if any(sample is ANY for sample in samples):
        return {}
    objects = [sample for sample in samples if isinstance(sample, dict)]
    arrays = [sample for sample in samples if isinstance(sample, list)]
    types = list(dict.fromkeys(_type(sample) for sample in samples))
    if "number" in types and "integer" in types:
        types.remove("integer")
    if types == ["null"] and not answers:
        return {}
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if objects:
        schema |= _members(objects, answers)
    if arrays:
        items = [item for array in arrays for item in array]
        if items:
            schema["items"] = infer(items, answers=answers)
        elif answers:
            schema["maxItems"] = 0
    if answers and "string" in types:
        texts = [sample for sample in samples if isinstance(sample, str)]
        schema |= _format(texts)
    return schema


def _members(objects: list[dict[str, Any]], answers: bool) -> dict[str, Any]:
    gathered: dict[str, list[Any]] = {}
    for sample in objects:
        for key, value in sample.items():
            gathered.setdefault(key, []).append(value)
    if not gathered:
        return {}
    found: dict[str, Any] = {
        "properties": {key: infer(values, answers=answers) for key, values in gathered.items()}
    }
    required = [key for key, values in gathered.items() if len(values) == len(objects)]
    if required:
        found["required"] = required
    return found


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _format(texts: list[str]) -> dict[str, str]:
    """The format that every one of ``texts`` has."""
    if any(len(text) > _LONGEST_FORMATTED for text in texts):
        return {}
    for name, pattern in _FORMATS:
        if all(pattern.fullmatch(text) for text in texts):
            return {"format": name}
    return {}
