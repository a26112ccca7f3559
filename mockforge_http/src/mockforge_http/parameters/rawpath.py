"""Path parameters as they stand in the path: still percent-encoded.

Routing hands over decoded values, in which an escaped comma and a delimiter look alike. Where that matters,
the texts are taken from the path once more.
"""

from __future__ import annotations

from mockforge.mocking.routing import PathTemplate


class RawPath:
    """Finds the undecoded texts of a template's parameters. Segments are counted from the end, so that a
    base path in front does not matter."""

    def __init__(self, template: str) -> None:
        segments = PathTemplate(template).segments
        self._ends_in_slash = bool(segments) and segments[-1].text == ""
        self._places = [
            (position - len(segments), segment)
            for position, segment in enumerate(segments)
            if segment.names
        ]

    def texts(self, path: str, decoded: tuple[str, ...]) -> tuple[str, ...]:
        """The texts in ``path``, in the order of the template; ``decoded`` are the values that routing
        found."""
        if "%" not in path:
            return decoded
        segments = path.split("/")
        if segments[-1] == "" and not self._ends_in_slash:
            segments.pop()
        elif segments[-1] != "" and self._ends_in_slash:
            segments.append("")
        found: list[str] = []
        for place, segment in self._places:
            text = segments[place] if -place <= len(segments) else ""
            values = [text] if segment.whole else segment.match(text)
            if values is None:
                # A literal beside the parameter is escaped in the path: the escapes of the values are
                # lost, so what would be one now is escaped again.
                start = len(found)
                values = [
                    v.replace("%", "%25") for v in decoded[start : start + len(segment.names)]
                ]
            found += values
        return tuple(found)
