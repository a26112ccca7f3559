"""The judge: is this answer one that the document declares?"""

from __future__ import annotations

from referencing.exceptions import Unresolvable

from .bodies import BodyJudge, describe
from .client import Reply
from .mediatypes import closest, family
from .model import Answer, Header, Operation
from .node import DanglingError
from .problems import Problem
from .schemas import Schemas
from .shapes import shapes
from .xmlbody import scalar

_BODILESS = {204, 205, 304}
"""Statuses whose answers have no content (RFC 9110, sections 15.3.5, 15.3.6, 15.4.5)."""
_EXCERPT = 160


class Judge:
    """Judges the answers of one document's operations."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.bodies = BodyJudge(schemas)

    def problems(self, operation: Operation, reply: Reply) -> list[Problem]:
        """What is wrong with ``reply`` to a valid call of ``operation``."""
        key = declared_key(operation.statuses, reply.status)
        if key is None and operation.statuses:
            listed = ", ".join(operation.statuses)
            return [
                Problem("status", f"status {reply.status} is not declared ({listed}){_said(reply)}")
            ]
        if reply.status >= 400 and may_succeed(operation.statuses):
            return [Problem("status", f"a valid request was refused: {reply.status}{_said(reply)}")]
        if key is None:
            return []  # No response is declared: any success will do.
        try:
            answer = operation.answer(key)
        except DanglingError as error:
            return [Problem("unfollowed", str(error))]
        found = [problem for header in answer.headers if (problem := self._header(header, reply))]
        if (problem := self._body(operation, answer, reply)) is not None:
            found.append(problem)
        return found

    def _body(self, operation: Operation, answer: Answer, reply: Reply) -> Problem | None:
        content_type = reply.header("content-type")
        bodiless = operation.method == "HEAD" or reply.status in _BODILESS
        if not answer.media or bodiless:
            if reply.body:
                return Problem(
                    "body", f"{len(reply.body)} bytes where no content is declared{_said(reply)}"
                )
            if content_type and answer.media and closest(answer.media, content_type) is None:
                return Problem("media", f"{content_type} is not declared for {answer.key}")
            return None
        names = ", ".join(media.name for media in answer.media)
        if content_type is None:
            return Problem("media", f"no Content-Type where {names} is declared", answer.media[0])
        media = closest(answer.media, content_type)
        if media is None:
            return Problem(
                "media",
                f"{content_type} is not declared for {answer.key} ({names})",
                answer.media[0],
            )
        return self.bodies.problem(media, content_type, reply.body)

    def _header(self, header: Header, reply: Reply) -> Problem | None:
        written = reply.header(header.name)
        if written is None:
            if header.required:
                return Problem(
                    "header", f"the required header {header.name} is missing", header=header
                )
            return None
        schema = header.schema
        if header.media is not None:
            if header.media.schema is None:
                return None
            problem = self.bodies.problem(header.media, header.media.name, written.encode())
            if problem is None:
                return None
            return Problem("header", f"header {header.name}: {problem.message}", header=header)
        if schema is None:
            return None
        try:
            readings = self._header_readings(header, written)
            errors = [self.schemas.errors(schema, value, "answer") for value in readings]
        except (Unresolvable, DanglingError) as error:
            return Problem("unfollowed", f"header {header.name}: {error}", header=header)
        if all(errors):
            return Problem("header", f"header {header.name}: {describe(errors[0])}", header=header)
        return None

    def _header_readings(self, header: Header, written: str) -> list[object]:
        """The values that a header's text may stand for (style ``simple``)."""
        found: list[object] = []
        assert header.schema is not None
        for shape in shapes(self.schemas.store, self.schemas.dialect, header.schema):
            types = shape.types or set()
            parts = [part.strip() for part in written.split(",")]
            if "array" in types:
                inner = (
                    next(shapes(self.schemas.store, self.schemas.dialect, *shape.items), None)
                    if shape.items
                    else None
                )
                found.append([scalar(part, inner.types if inner else None) for part in parts])
            elif "object" in types:
                found.append(self._header_object(header, parts))
            else:
                found.append(scalar(written, types))
        return found or [written]

    def _header_object(self, header: Header, parts: list[str]) -> dict[str, object]:
        if header.explode:
            pairs = [part.partition("=")[::2] for part in parts]
        else:
            pairs = list(zip(parts[::2], parts[1::2], strict=False))
        return {name: scalar(text, {"integer", "number", "boolean"}) for name, text in pairs}


def declared_key(statuses: tuple[str, ...], status: int) -> str | None:
    """The key under which ``status`` is declared: itself, its range, or ``default``."""
    by_lower = {key.lower(): key for key in statuses}
    for key in (str(status), f"{status // 100}xx", "default"):
        if key in by_lower:
            return by_lower[key]
    return None


def may_succeed(statuses: tuple[str, ...]) -> bool:
    """Whether an operation declares an answer to a request that is in order: 2XX, 3XX or default."""
    return not statuses or any(key[0] in "23" or key.lower() == "default" for key in statuses)


def only_interim(statuses: tuple[str, ...]) -> bool:
    """Whether all that is declared are interim (1XX) answers."""
    return bool(statuses) and all(key[0] == "1" for key in statuses)


def _said(reply: Reply) -> str:
    if not reply.body:
        return ""
    if family(reply.header("content-type") or "") == "binary":
        return ""
    return ": " + " ".join(reply.body[:_EXCERPT].decode("utf-8", "replace").split())
