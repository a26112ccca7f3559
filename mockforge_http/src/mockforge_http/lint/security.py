"""Security schemes of unknown kinds, and requirements that name schemes which are not declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from mockforge.errors import DocumentError
from mockforge.findings import Finding
from mockforge_http.documents import Document
from mockforge_http.documents.pointer import join
from mockforge_http.lint.grammar import Node
from mockforge_http.lint.making import at, followed, shown

_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "2.0": ("basic", "apiKey", "oauth2"),
    "3.0": ("apiKey", "http", "oauth2", "openIdConnect"),
    "3.1": ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"),
    "3.2": ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"),
}
_PLACES: Final = {"2.0": ("query", "header")}
_PLACES_3: Final = ("query", "header", "cookie")


class SecurityLint:
    """The schemes of a document, and its requirements held against them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._file = shown(document, document.base)
        is_2 = document.version == "2.0"
        self._shelf = ("securityDefinitions",) if is_2 else ("components", "securitySchemes")
        self.schemes = self._declared()

    def _declared(self) -> dict[str, Any]:
        """What is declared, as it is written."""
        document = self._document
        try:
            shelf = document.value(join(self._shelf))
        except DocumentError:
            return {}
        if not isinstance(shelf, dict):
            return {}
        return {name: followed(document, scheme, document.base) for name, scheme in shelf.items()}

    def scheme_findings(self) -> Iterator[Finding]:
        """What is wrong with the schemes themselves, told where they are declared."""
        for name, scheme in self.schemes.items():
            if scheme is None:
                continue  # a reference that leads nowhere, which is told already
            pointer = join((*self._shelf, name))
            says = self._wrong(scheme) if isinstance(scheme, dict) else "it is not an object"
            if says is not None:
                known = ", ".join(_TYPES[self._document.version])
                yield at(
                    "security-scheme-unknown",
                    f"the security scheme {name!r} cannot be checked: {says}",
                    self._file,
                    pointer,
                    hint=f"types of OpenAPI {self._document.version}: {known}",
                )

    def _wrong(self, scheme: Mapping[str, Any]) -> str | None:
        kind = scheme.get("type")
        version = self._document.version
        if kind not in _TYPES[version]:
            return f"its type {kind!r} is not known" if "type" in scheme else "it has no type"
        if kind == "apiKey":
            if not isinstance(scheme.get("name"), str):
                return "an API key needs a name"
            places = _PLACES.get(version, _PLACES_3)
            if scheme.get("in") not in places:
                return f"an API key is in {', '.join(places)}, not in {scheme.get('in')!r}"
        if kind == "http" and not isinstance(scheme.get("scheme"), str):
            return "its scheme (basic, bearer ...) is missing"
        return None

    def document_findings(self) -> Iterator[Finding]:
        """What is wrong with the requirements that hold for the whole document."""
        yield from self._requirements(self._document.root.get("security"), (), self._document.base)

    def operation_findings(self, node: Node) -> Iterator[Finding]:
        """What is wrong with the requirements of one operation."""
        yield from self._requirements(node.value.get("security"), node.tokens, node.file)

    def _requirements(self, security: Any, tokens: tuple[str, ...], file: str) -> Iterator[Finding]:
        for index, alternative in enumerate(security if isinstance(security, list) else ()):
            for name in alternative if isinstance(alternative, dict) else ():
                if name in self.schemes or self._is_address(name, file):
                    continue
                near = get_close_matches(name, self.schemes, n=1)
                declared = ", ".join(self.schemes) or "none"
                yield at(
                    "security-undeclared",
                    f"the security scheme {name!r} is not declared, so no request can satisfy it",
                    shown(self._document, file),
                    join((*tokens, "security", str(index), name)),
                    hint=f"did you mean {near[0]}?" if near else f"declared: {declared}",
                )

    def _is_address(self, name: str, file: str) -> bool:
        """Whether ``name`` is the address of a scheme (3.2, Security Requirement Object)."""
        if self._document.version != "3.2":
            return False
        return self._document.target(name, file) is not None
