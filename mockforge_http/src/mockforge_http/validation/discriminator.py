"""``discriminator`` beside ``oneOf`` or ``anyOf``: the property decides which branch is meant.

Where the property's value names exactly one branch, the value is checked against that branch alone, and what
is wrong is said of the branch that was meant. A value that fits two branches is not refused for it: taken by
the letter, ``discriminator`` "MUST NOT change the validation outcome of the schema" (OpenAPI 3.0.4 section
4.7.25, 3.1.1 section 4.8.25), but most published documents have branches that differ by this property only.
"If the discriminating value does not match an implicit or explicit mapping, no schema can be determined and
validation SHOULD fail" (same sections): it does, with two exceptions in which the branches themselves know
better: one of them is written in place and has no name, or fixes the property by ``enum`` or ``const``.
``defaultMapping`` (3.2) stands in for a missing or unknown value. Without the property the branches decide,
as they would without a discriminator.

A discriminator on a schema that others extend by ``allOf`` checks nothing: "validation with the parent
schema with this form of ``discriminator`` does not perform a search for child schemas or use them in
validation in any way" (same sections).
"""

from __future__ import annotations

from typing import Any

from mockforge.mocking.data.dialects import normalise
from mockforge.mocking.data.discriminator import branch_labels
from mockforge.mocking.data.model import Dialect, Schema
from mockforge.mocking.data.references import ref_name
from mockforge_http.validation.hidden import Resolve


class Discriminators:
    """Rewrites discriminators as conditions."""

    def __init__(self, resolve: Resolve, dialect: Dialect) -> None:
        self._resolve = resolve
        self._dialect = dialect

    def decide(self, plain: dict[str, Any], made: dict[str, Any], base: str) -> None:
        """Rewrite the ``oneOf`` or ``anyOf`` in ``made``, the converted form of ``plain``."""
        keyword = next((word for word in ("oneOf", "anyOf") if word in plain), None)
        if keyword is None:
            return
        discriminator, branches = plain["discriminator"], plain[keyword]
        name = discriminator["propertyName"]
        owners = _owners(discriminator, branches)
        named = {value: places[0] for value, places in owners.items() if len(places) == 1}
        if not named:
            return
        written = made.pop(keyword)
        default = _default(discriminator, branches)
        otherwise: dict[str, Any] = {keyword: written}
        if default is not None:
            otherwise = written[default]
        elif all(map(_is_reference, branches)) and not self._fixed(branches, name, base, set()):
            otherwise["properties"] = {
                name: {"if": {"type": "string"}, "then": {"enum": list(owners)}}
            }
        chosen = [
            {"if": _has(name, [value]), "then": written[position]}
            for value, position in named.items()
        ]
        decided = {"if": _has(name, list(named)), "then": {"allOf": chosen}, "else": otherwise}
        made["allOf"] = [*made.get("allOf", ()), decided]

    def _fixed(self, branches: list[Schema], name: str, base: str, seen: set[int]) -> bool:
        """Whether some branch says for itself which values of property ``name`` it is for."""
        return any(self._fixes(branch, name, base, seen) for branch in branches)

    def _fixes(self, branch: Schema, name: str, base: str, seen: set[int]) -> bool:
        if not isinstance(branch, dict) or id(branch) in seen:
            return False
        seen.add(id(branch))
        ref = branch.get("$ref")
        if isinstance(ref, str):
            target, inside = self._resolve(ref, base)
            if self._fixes(target, name, inside, seen):
                return True
        plain = normalise(branch, self._dialect)
        declared = plain.get("properties", {}).get(name)
        if isinstance(declared, dict) and self._is_fixed(declared, base, seen):
            return True
        nested = plain.get("discriminator", {}).get("propertyName") == name
        if nested and any(word in plain for word in ("oneOf", "anyOf")):
            return True
        parts = [part for word in ("allOf", "oneOf", "anyOf") for part in plain.get(word, ())]
        return self._fixed(parts, name, base, seen)

    def _is_fixed(self, schema: Schema, base: str, seen: set[int]) -> bool:
        if not isinstance(schema, dict) or id(schema) in seen:
            return False
        if "enum" in schema or "const" in schema:
            return True
        seen.add(id(schema))
        ref = schema.get("$ref")
        return isinstance(ref, str) and self._is_fixed(*self._resolve(ref, base), seen)


def _is_reference(branch: Schema) -> bool:
    return isinstance(branch, dict) and isinstance(branch.get("$ref"), str)


def _owners(discriminator: dict[str, Any], branches: list[Schema]) -> dict[str, list[int]]:
    """The values that name branches, and the positions of these."""
    owners: dict[str, list[int]] = {}
    for position, label in enumerate(branch_labels(discriminator, branches)):
        for value in dict.fromkeys(label[1]) if label is not None else ():
            owners.setdefault(value, []).append(position)
    return owners


def _default(discriminator: dict[str, Any], branches: list[Schema]) -> int | None:
    """The position of the branch that ``defaultMapping`` names."""
    default = discriminator.get("defaultMapping")
    if not isinstance(default, str):
        return None
    for position, branch in enumerate(branches):
        ref = branch.get("$ref") if isinstance(branch, dict) else None
        if isinstance(ref, str) and ref_name(ref) == ref_name(default):
            return position
    return None


def _has(name: str, values: list[str]) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"enum": values}}}
