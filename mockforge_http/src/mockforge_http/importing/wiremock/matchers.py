"""Value patterns of WireMock (``equalTo``, ``matchesJsonPath`` ...) as predicates."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..notes import At, Notes

NEVER: Final[dict[str, Any]] = {"allOf": [{"present": True}, {"absent": True}]}
"""A predicate that nothing satisfies: what stands for one that cannot be said."""

_TEXTS: Final = {
    "contains": "contains",
    "doesNotContain": "notContains",
    "matches": "matches",
    "doesNotMatch": "notMatches",
}
_NEGATIVE: Final = ("notContains", "notMatches", "not")
_DATES: Final = {"before": "before", "after": "after", "equalToDateTime": "sameTime"}
_OPTIONS: Final = {
    "equalTo": ("caseInsensitive",),
    "equalToJson": ("ignoreArrayOrder", "ignoreExtraElements"),
    "equalToXml": (
        "enablePlaceholders", "placeholderOpeningDelimiterRegex", "placeholderClosingDelimiterRegex",
        "exemptedComparisons", "ignoreOrderOfSameNode", "namespaceAwareness",
    ),
    "matchesXPath": ("xPathNamespaces",),
    "matchesJsonSchema": ("schemaVersion",),
    **dict.fromkeys(
        _DATES,
        ("actualFormat", "truncateExpected", "truncateActual", "applyTruncationLast", "expectedOffset",
         "expectedOffsetUnit"),
    ),
}  # fmt: skip
_NOTHING: Final = object()
_NAMESPACES: Final = frozenset({"NAMESPACE_URI", "NAMESPACE_PREFIX"})
_SCHEMAS: Final = {
    "V4": "http://json-schema.org/draft-04/schema#",
    "V6": "http://json-schema.org/draft-06/schema#",
    "V7": "http://json-schema.org/draft-07/schema#",
    "V201909": "https://json-schema.org/draft/2019-09/schema",
    "V202012": "https://json-schema.org/draft/2020-12/schema",
}


class Matchers:
    """Translates the patterns of one mapping; what it cannot say goes to ``notes``."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.failed = False
        """Whether a pattern could not be said, so that the mapping would match too much."""

    def refuse(self, reason: str, at: At) -> dict[str, Any]:
        """A pattern that nothing can stand for."""
        self.failed = True
        self.notes.add("matcher", f"{reason}; the stub is switched off", at, severity="error")
        return NEVER

    def value(self, pattern: Any, at: At, *, body: bool = False) -> Any:
        """The predicate for one pattern; ``body`` if it is asked of a body, where a text stands for JSON."""
        if isinstance(pattern, str):
            return {"equals": pattern}
        if not isinstance(pattern, Mapping):
            return self.refuse("a pattern is an object", at)
        kinds = [key for key in pattern if key in _KINDS]
        if not kinds:
            return self.refuse(f"there is no pattern in {_short(pattern)}", at)
        parts: list[dict[str, Any]] = []
        allowed: set[str] = set()
        for kind in kinds:
            parts.append(_KINDS[kind](self, pattern, (*at, kind)))
            allowed.update(_OPTIONS.get(kind, ()), (kind,))
        self.notes.unknown(dict(pattern), sorted({*allowed, *_KINDS}), at, "a pattern")
        return together(parts)

    def many(self, pattern: Any, at: At) -> Any:
        """The predicate for a header, query or form parameter that may come several times."""
        if isinstance(pattern, Mapping):
            for key, exact in (("hasExactly", True), ("includes", False)):
                if key in pattern:
                    return self._every(pattern[key], (*at, key), exact)
        return self.value(pattern, at)

    def _every(self, patterns: Any, at: At, exact: bool) -> dict[str, Any]:
        if not isinstance(patterns, list) or not patterns:
            return self.refuse("a list of patterns is expected", at)
        made = [self.value(each, (*at, number)) for number, each in enumerate(patterns)]
        if exact:
            self.notes.add(
                "has-exactly",
                "further values are let through: a predicate asks each value by itself",
                at,
            )
        return {"allOf": made} if len(made) > 1 else made[0]

    # ---------------------------------------------------------------- kinds

    def _equal_to(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        ignoring = pattern.get("caseInsensitive") is True
        return {"equalsIgnoreCase" if ignoring else "equals": _text(pattern["equalTo"])}

    def _words(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        kind = str(at[-1])
        wanted = _text(pattern[kind])
        if "atch" in kind:
            return {_TEXTS[kind]: wanted} if self.expression(wanted, at) else NEVER
        return {_TEXTS[kind]: wanted}

    def expression(self, pattern: str, at: At) -> bool:
        """Whether ``pattern`` is a regular expression that can be used; if not, that is noted."""
        from mockforge.mocking.regex import compile_regex

        return self._compiles(compile_regex, pattern, "regular expression", at)

    def _compiles(
        self, compile_text: Callable[[str], object], text: str, what: str, at: At
    ) -> bool:
        try:
            compile_text(text)
        except ValueError as error:
            self.refuse(f"{_short(text)} is no {what}: {error}", at)
            return False
        return True

    def _absent(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        return {"absent": pattern["absent"] is not False}

    def _anything(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        return {"anyOf": [{"present": True}, {"absent": True}]}

    def _binary(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        return {"base64": _text(pattern["binaryEqualTo"])}

    def _json(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        wanted = self._loaded(pattern["equalToJson"], at)
        if wanted is _NOTHING:
            return NEVER
        made: dict[str, Any] = {"jsonExact": wanted}
        for option in _OPTIONS["equalToJson"]:
            if pattern.get(option) is True:
                made[option] = True
        return made

    def _loaded(self, given: Any, at: At) -> Any:
        """JSON that may be given as text; what is none is noted, and gives ``_NOTHING``."""
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            self.refuse(f"{at[-1]} holds no JSON", at)
            return _NOTHING

    def _json_path(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        given = pattern["matchesJsonPath"]
        if isinstance(given, str):
            return {"jsonPath": given} if self._is_path(given, at) else NEVER
        expression, inner = self._expression(given, at)
        if expression is None or not self._is_path(expression, at):
            return NEVER
        if inner == {"absent": True}:
            # Also where the body is no JSON at all.
            return {"not": {"jsonPath": expression}}
        if inner is not None and any(key in inner for key in _NEGATIVE):
            # A path that leads nowhere satisfies nothing in WireMock.
            inner = {**inner, "present": True}
        return {"jsonPath": expression if inner is None else {expression: inner}}

    def _is_path(self, expression: str, at: At) -> bool:
        from mockforge.mocking.matching.jsonpath import compile_jsonpath

        return self._compiles(compile_jsonpath, expression, "JSONPath", at)

    def _xpath(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        given = pattern["matchesXPath"]
        expression, inner = (given, None) if isinstance(given, str) else self._expression(given, at)
        if expression is None:
            return NEVER
        made: dict[str, Any] = {"xpath": expression if inner is None else {expression: inner}}
        names = pattern.get("xPathNamespaces")
        if not isinstance(names, Mapping) and isinstance(given, Mapping):
            names = given.get("xPathNamespaces")
        if isinstance(names, Mapping) and names:
            made["namespaces"] = dict(names)
        return made

    def _expression(self, given: Any, at: At) -> tuple[str | None, Any]:
        """The path and the condition of ``{expression, <pattern>}``."""
        if not isinstance(given, Mapping) or not isinstance(given.get("expression"), str):
            self.refuse("an expression is missing", at)
            return None, None
        rest = {
            key: value
            for key, value in given.items()
            if key not in ("expression", "xPathNamespaces")
        }
        return given["expression"], self.value(rest, at) if rest else None

    def _schema(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        schema = self._loaded(pattern["matchesJsonSchema"], at)
        if schema is _NOTHING:
            return NEVER
        if isinstance(schema, dict) and "$schema" not in schema:
            version = _SCHEMAS.get(_text(pattern.get("schemaVersion", "V202012")))
            if version is None:
                return self.refuse(f"no schema version {pattern.get('schemaVersion')!r}", at)
            if version != _SCHEMAS["V202012"]:
                schema = {"$schema": version, **schema}
        return {"jsonSchema": schema}

    def _xml(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        made: dict[str, Any] = {"xml": _text(pattern["equalToXml"])}
        given = pattern.get("exemptedComparisons")
        exempted = set(map(_text, given)) if isinstance(given, list) else set()
        if exempted - _NAMESPACES:
            self.notes.add(
                "xml-exempted",
                "exempted comparisons are not known; the documents are compared whole",
                (*at[:-1], "exemptedComparisons"),
            )
        opening, closing = (
            _text(pattern.get(f"placeholder{end}DelimiterRegex") or "")
            for end in ("Opening", "Closing")
        )
        if pattern.get("enablePlaceholders") is True and (opening or closing):
            before, after = opening or r"\$\{", closing or r"\}"
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", FutureWarning)  # `[[` is meant as it is read
                    opened = re.sub(f"(?:{before})xmlunit\\.", "${xmlunit.", made["xml"])
                    made["xml"] = re.sub(
                        rf"(xmlunit\.[a-zA-Z]+(?:\([^()]*\))?)(?:{after})", r"\1}", opened
                    )
            except (re.error, OverflowError, RecursionError) as error:
                return self.refuse(f"the delimiters are no regular expressions: {error}", at)
        if pattern.get("ignoreOrderOfSameNode") is True:
            made["ignoreOrder"] = True
        awareness = pattern.get("namespaceAwareness")
        bare = awareness != "STRICT" and not re.search(r"\sxmlns[:=]", made["xml"])
        if bare or awareness == "NONE" or "NAMESPACE_URI" in exempted:
            # Names without a namespace stand for those in any.
            made["namespaceAware"] = False
        return made

    def _date(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        kind = str(at[-1])
        wanted = _text(pattern[kind])
        offset = pattern.get("expectedOffset")
        if isinstance(offset, int) and not isinstance(offset, bool):
            unit = _text(pattern.get("expectedOffsetUnit", "DAYS")).lower()
            wanted = f"{wanted} {'+' if offset >= 0 else '-'}{abs(offset)} {unit}"
        made: dict[str, Any] = {_DATES[kind]: wanted}
        if "actualFormat" in pattern:
            made["format"] = pattern["actualFormat"]
        if "truncateActual" in pattern:
            made["truncate"] = pattern["truncateActual"]
        if "truncateExpected" in pattern:
            made["truncateExpected"] = pattern["truncateExpected"]
        if pattern.get("applyTruncationLast") is True:
            self.notes.add("date-truncation", "truncation is applied before the offset", at)
        return made

    def _and(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        return self._group("allOf", pattern[str(at[-1])], at)

    def _or(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        return self._group("anyOf", pattern[str(at[-1])], at)

    def _group(self, name: str, patterns: Any, at: At) -> dict[str, Any]:
        if not isinstance(patterns, list) or not patterns:
            return self.refuse("a list of patterns is expected", at)
        return {name: [self.value(each, (*at, number)) for number, each in enumerate(patterns)]}

    def _not(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        return {"not": self.value(pattern["not"], at)}

    def _path_template(self, pattern: Mapping[str, Any], at: At) -> dict[str, Any]:
        from .urls import template_expression

        return {"matches": template_expression(_text(pattern["matchesPathTemplate"]))}


_Maker = Callable[[Matchers, Mapping[str, Any], At], dict[str, Any]]
_KINDS: Final[dict[str, _Maker]] = {
    "equalTo": Matchers._equal_to,
    **dict.fromkeys(_TEXTS, Matchers._words),
    "absent": Matchers._absent,
    "anything": Matchers._anything,
    "binaryEqualTo": Matchers._binary,
    "equalToJson": Matchers._json,
    "matchesJsonPath": Matchers._json_path,
    "matchesXPath": Matchers._xpath,
    "matchesJsonSchema": Matchers._schema,
    "equalToXml": Matchers._xml,
    **dict.fromkeys(_DATES, Matchers._date),
    "and": Matchers._and,
    "or": Matchers._or,
    "not": Matchers._not,
    "matchesPathTemplate": Matchers._path_template,
}


def together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One predicate that says all of ``parts``."""
    if len(parts) == 1:
        return parts[0]
    keys = [key for part in parts for key in part]
    if len(keys) == len(set(keys)):
        return {key: value for part in parts for key, value in part.items()}
    return {"allOf": parts}


def simplest(predicate: Any) -> Any:
    """``{equals: text}`` as the bare text."""
    if isinstance(predicate, dict) and list(predicate) == ["equals"]:
        return predicate["equals"]
    return predicate


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
