"""The rules of strings as a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_ASCII: Final = r"^[ -~]*$"
_OCTET: Final = "(25[0-4]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]?)"

_FORMATS: Final = {
    "email": "email", "hostname": "hostname", "ip": "ipv4", "ipv4": "ipv4", "ipv6": "ipv6", "uri": "uri",
    "uri_ref": "uri-reference", "address": "hostname", "uuid": "uuid",
}  # fmt: skip

_PATTERNS: Final = {
    "tuuid": "^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$",
    "ip_with_prefixlen": rf"^192\.0\.2\.{_OCTET}/(16|24|32)$",
    "ipv4_with_prefixlen": rf"^192\.0\.2\.{_OCTET}/(16|24|32)$",
    "ipv6_with_prefixlen": "^2001:db8::[1-9a-f][0-9a-f]{0,3}/(32|48|64|128)$",
    "ip_prefix": rf"^10\.{_OCTET}\.0\.0/16$",
    "ipv4_prefix": rf"^10\.{_OCTET}\.0\.0/16$",
    "ipv6_prefix": "^2001:db8:[1-9a-f][0-9a-f]{0,3}::/48$",
    "host_and_port": r"^[a-z]{4,9}\.example\.(com|org|net):(80|443|8080|[1-9][0-9]{3})$",
    "ulid": "^01[0-9A-HJKMNP-TV-Z]{24}$",
    "protobuf_fqn": r"^[a-z]{3,8}\.[a-z]{3,8}\.[A-Z][a-z]{3,8}$",
    "protobuf_dot_fqn": r"^\.[a-z]{3,8}\.[a-z]{3,8}\.[A-Z][a-z]{3,8}$",
}
_HEADERS: Final = {1: "^[A-Za-z]{2,8}(-[A-Za-z]{2,8})?$", 2: "^[A-Za-z]{2,8}( [a-z]{2,8}){0,3}$"}
"""``well_known_regex``: names and values of HTTP headers."""


def string_schema(rules: Mapping[str, Any], *, filled: bool) -> dict[str, Any]:
    """The JSON Schema that the rules amount to; ``filled`` if the empty text will not do."""
    schema: dict[str, Any] = {"type": "string"}
    if "const" in rules:
        return {"const": rules["const"]}
    low = max(1 if filled else 0, *(rules.get(name, 0) for name in _AT_LEAST))
    high = min(rules.get(name, _OPEN) for name in _AT_MOST)
    if low:
        schema["minLength"] = low
    if high < _OPEN:
        schema["maxLength"] = high
    patterns = _patterns(rules)
    for name in _FORMATS.keys() & rules.keys():
        if rules[name]:
            schema["format"] = _FORMATS[name]
    if rules.get("in"):
        schema["enum"] = list(rules["in"])
    elif rules.get("example"):
        schema["examples"] = list(rules["example"])
    if len(patterns) == 1:
        schema["pattern"] = patterns[0]
    elif patterns:
        schema["allOf"] = [{"pattern": pattern} for pattern in patterns]
    banned: list[dict[str, Any]] = []
    if rules.get("not_in"):
        banned.append({"enum": list(rules["not_in"])})
    if rules.get("not_contains"):
        banned.append({"pattern": _escaped(rules["not_contains"])})
    if banned:
        schema["not"] = banned[0] if len(banned) == 1 else {"anyOf": banned}
    return schema


_OPEN: Final = 1 << 62
_IN_BYTES: Final = ("len_bytes", "min_bytes", "max_bytes")
_AT_LEAST: Final = ("len", "min_len", "len_bytes", "min_bytes")
_AT_MOST: Final = ("len", "max_len", "len_bytes", "max_bytes")


def _patterns(rules: Mapping[str, Any]) -> list[str]:
    """The patterns that the rules amount to."""
    patterns = [pattern for pattern in (_framed(rules), rules.get("pattern")) if pattern]
    if any(name in rules for name in _IN_BYTES):
        patterns.append(_ASCII)
    patterns += [_PATTERNS[name] for name, value in rules.items() if value and name in _PATTERNS]
    header = _HEADERS.get(rules.get("well_known_regex", 0))
    return patterns if header is None else [*patterns, header]


def _framed(rules: Mapping[str, Any]) -> str | None:
    """One pattern for what must stand at the start, inside and at the end."""
    prefix, inside, suffix = (rules.get(name) for name in ("prefix", "contains", "suffix"))
    if not (prefix or inside or suffix):
        return None
    words = "[a-z0-9]*"
    pattern = f"^{_escaped(prefix)}{words}"
    if inside:
        pattern += f"{_escaped(inside)}{words}"
    return f"{pattern}{_escaped(suffix)}$"


def _escaped(text: str | None) -> str:
    return re.sub(r"[\\^$.|?*+()\[\]{}/]", r"\\\g<0>", text or "")
