"""Members that contradict each other, that do not exist, and names that no header can have."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from mockforge.findings import Finding
from mockforge.mocking.fields import is_token
from mockforge_http.documents import Document
from mockforge_http.documents.pointer import join
from mockforge_http.lint.grammar import Node
from mockforge_http.lint.making import at, shown

_LINK: Final = frozenset(
    {"description", "operationId", "operationRef", "parameters", "requestBody", "server"}
)
"""OpenAPI 3.1.1 section 4.8.20."""
_WITH_EXAMPLES: Final = frozenset({"header", "media", "parameter"})


def check_fields(document: Document, node: Node) -> Iterator[Finding]:
    """What is wrong with the members of ``node`` themselves."""
    value: dict[str, Any] = node.value
    file = shown(document, node.file)
    if node.kind in _WITH_EXAMPLES and "example" in value and "examples" in value:
        yield at(
            "example-twice",
            "`example` and `examples` exclude each other",
            file,
            join((*node.tokens, "example")),
            hint="move it into `examples`",
        )
    if node.kind == "header" and not is_token(node.name):
        yield _bad_name(node.name, file, join(node.tokens))
    if node.kind == "parameter" and value.get("in") == "header":
        name = value.get("name")
        if isinstance(name, str) and not is_token(name):
            yield _bad_name(name, file, join((*node.tokens, "name")))
    if node.kind == "link":
        for key in value:
            if key not in _LINK and not key.startswith("x-"):
                near = get_close_matches(key, _LINK, n=1)
                yield at(
                    "link-field-unknown",
                    f"a link has no field {key!r}",
                    file,
                    join((*node.tokens, key)),
                    hint=f"did you mean {near[0]}?"
                    if near
                    else f"fields: {', '.join(sorted(_LINK))}",
                )


def _bad_name(name: str, file: str, pointer: str) -> Finding:
    return at(
        "header-name-invalid",
        f"no header can have the name {name!r}",
        file,
        pointer,
        hint="letters, digits and !#$%&'*+-.^_`|~ are allowed (RFC 9110 section 5.6.2)",
    )
