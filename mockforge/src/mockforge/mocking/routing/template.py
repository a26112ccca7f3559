"""Path templates: ``/pets/{petId}``, ``/files/{name}.json``, ``/{owner}/{repo}:sync``.

OpenAPI 3.1.1, section 4.8.8.2: each template expression stands for a part of one segment and matches at
least one character, none of them ``/``, ``?`` or ``#``. Literals are compared after percent-decoding
(RFC 3986 section 6.2.2.2), so ``/caf%C3%A9`` and ``/café`` are one path.
"""

from __future__ import annotations

import re
from functools import cached_property
from urllib.parse import unquote

_EXPRESSION = re.compile(r"\{([^{}/]+)\}")


class Segment:
    """One segment of a template.

    ``literal`` is set for a segment without expressions; ``names`` are its parameters, in order. A
    segment that is one expression and nothing else is *whole*; any other with expressions is *mixed*
    and matched by :meth:`match`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = tuple(_EXPRESSION.findall(text))
        self.literal = None if self.names else unquote(text)
        self.whole = len(self.names) == 1 and text == f"{{{self.names[0]}}}"

    @cached_property
    def shape(self) -> str:
        """The segment with its parameter names blanked: equal shapes match the same texts."""
        return _EXPRESSION.sub("{}", self.text)

    @cached_property
    def weight(self) -> tuple[int, int]:
        """Sort key among mixed segments: more literal characters first, then fewer parameters."""
        return (-len(self.shape.replace("{}", "")), len(self.names))

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Sort key among all segments, the preferred ones first; of equally good mixed ones it only makes
        the order certain."""
        if self.literal is not None:
            return (0, 0, 0, "")
        return (2, 0, 0, "") if self.whole else (1, *self.weight, self.shape)

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        """The decoded texts around the expressions: one more than there are names."""
        return tuple(unquote(part) for part in _EXPRESSION.split(self.text)[::2])

    def match(self, text: str) -> list[str] | None:
        """The values of the names when the decoded ``text`` fits, else ``None``.

        Each value takes as little as it can. That is enough: between literals, the leftmost fit leaves
        the most for the rest, so no choice has to be taken back and the cost is linear in ``text``.
        """
        first, *middle, last = self._literals
        at = len(first)
        end = len(text) - len(last)
        if not (text.startswith(first) and text.endswith(last)):
            return None
        values: list[str] = []
        for literal in middle:
            found = text.find(literal, at + 1, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(literal)
        if at >= end:
            return None
        values.append(text[at:end])
        return values


Condition = tuple[str, str | None]
"""A query parameter or header that has to be there, with this value if one is given."""


class PathTemplate:
    """A whole template, split into segments; ``str()`` gives it back as written.

    Some published documents tell operations at one path apart by what stands after ``?`` or ``#``
    (``/responses?beta=true``, ``/{Bucket}#list-type=2``). That is not part of the path: it becomes
    ``conditions``.
    """

    def __init__(self, text: str) -> None:
        self.text = text if text.startswith("/") else "/" + text
        self.path = re.split(r"[?#]", self.text, maxsplit=1)[0]
        self.conditions = _conditions(self.text[len(self.path) + 1 :])
        self.segments = tuple(Segment(part) for part in self.path[1:].split("/"))
        self.names = tuple(name for segment in self.segments for name in segment.names)

    @property
    def is_literal(self) -> bool:
        """Whether there is no parameter in it."""
        return not self.names

    def under(self, base: str) -> PathTemplate:
        """The template below a base path (``""`` or ``/v1``)."""
        return PathTemplate(base.rstrip("/") + self.text) if base.strip("/") else self

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"PathTemplate({self.text!r})"


def _conditions(text: str) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for part in re.split("[&#]", text):
        name, equals, value = part.partition("=")
        # A mark such as `deprecated!` keeps two paths of a document distinct and means nothing else.
        if name and not name.endswith("!"):
            found.append((unquote(name), unquote(value) if equals else None))
    return tuple(found)
