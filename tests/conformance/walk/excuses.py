"""Whether a wrong answer is the document's own fault.

Each category is one check of the document; the server has no say in it. An operation is listed only
when *every* problem of its answer is excused here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .client import Reply
from .judge import Judge, only_interim
from .mediatypes import essence, family
from .model import Media, Operation, Parameter
from .node import DanglingError, Node
from .problems import Problem
from .schemas import Schemas
from .shapes import shapes
from .unsatisfiable import Prover


class Excuses:
    """The document's faults, for one document."""

    def __init__(self, schemas: Schemas, judge: Judge) -> None:
        self.schemas = schemas
        self.judge = judge
        self.answers = Prover(schemas, "answer")
        self.requests = Prover(schemas, "request")

    def for_request(self, operation: Operation) -> str | None:
        """Why no valid request can be made."""
        try:
            for parameter in operation.parameters():
                if parameter.required and (reason := self._unmakeable(parameter)):
                    return f"required {parameter.location} parameter {parameter.name!r}: {reason}"
            body = operation.body()
            reasons = [
                self.requests.proof(media.schema)
                for media in (body.media if body is not None and body.required else ())
                if media.schema is not None
            ]
            if reasons and all(reasons):
                return f"required request body: {reasons[0]}"
        except DanglingError as error:
            return str(error)
        return None

    def _unmakeable(self, parameter: Parameter) -> str | None:
        schema = parameter.media.schema if parameter.media is not None else parameter.schema
        return self.requests.proof(schema) if schema is not None else None

    def for_answer(
        self, operation: Operation, reply: Reply | None, problems: list[Problem]
    ) -> str | None:
        """Why an answer with ``problems`` is the document's fault, or None."""
        if only_interim(operation.statuses):
            return (
                "only interim statuses (1XX) are declared, which end no exchange (RFC 9110, 15.2)"
            )
        if not operation.statuses:
            return "no response is declared, so that no answer could be a declared one"
        reasons = [self._for_problem(operation, problem) for problem in problems]
        if all(reasons):
            return reasons[0]
        return self._twin(operation, reply) if reply is not None else None

    def _for_problem(self, operation: Operation, problem: Problem) -> str | None:
        if problem.kind == "unfollowed":
            return problem.message
        if problem.kind == "header" and problem.header is not None:
            schema = problem.header.schema
            return self.answers.proof(schema) if schema is not None else None
        if problem.kind == "media" and problem.media is not None:
            if not essence(problem.media.name):
                return f"the declared {problem.media.name!r} is no media type"
            return None
        if problem.kind == "body" and problem.media is not None:
            return self._for_body(problem.media, problem)
        if problem.kind == "status":
            return self._for_status(operation)
        return None

    def _for_body(self, media: Media, problem: Problem) -> str | None:
        schema = media.schema or media.items
        if schema is None:
            return None
        if (reason := self.answers.proof(schema)) is not None:
            return f"the schema allows no value: {reason}"
        for example in self._examples(media, schema):
            if _same(example, problem):
                return f"the declared example violates its schema: {problem.message}"
        if family(media.name) == "xml":
            name = self.judge.bodies.xml.unwritable(schema)
            if name is not None:
                return f"the property {name!r} is no text and declared an XML attribute"
        return None

    def _examples(self, media: Media, schema: Node) -> Iterator[Any]:
        """Examples of the whole body: of the media type, and of the schema itself."""
        yield from media.examples
        for shape in shapes(self.schemas.store, self.schemas.dialect, schema):
            for node in shape.nodes:
                if isinstance(node.value, dict):
                    if "example" in node.value:
                        yield node.value["example"]
                    if isinstance(node.value.get("examples"), list):
                        yield from node.value["examples"]

    def _for_status(self, operation: Operation) -> str | None:
        """Every answer that the server might have given is broken."""
        if (reason := self.for_request(operation)) is not None:
            return reason
        reasons: list[str | None] = []
        for key in operation.statuses:
            if key[0] in "23" or key.lower() == "default":
                try:
                    media = operation.answer(key).media
                except DanglingError as error:
                    reasons.append(str(error))
                    continue
                reasons += [self._broken(one) for one in media] or [None]
        return reasons[0] if reasons and all(reasons) else None

    def _broken(self, media: Media) -> str | None:
        schema = media.schema or media.items
        return self.answers.proof(schema) if schema is not None else None

    def _twin(self, operation: Operation, reply: Reply) -> str | None:
        """The same request is one of another operation too, and the answer is that one's."""
        for twin in operation.twins:
            try:
                same = _required(twin) == _required(operation)
            except DanglingError:
                continue
            if same and not self.judge.problems(twin, reply):
                return f"{twin.label} has the same requests, and this is its answer"
        return None


def _required(operation: Operation) -> set[tuple[str, str]]:
    """What a request must have beside its path."""
    return {
        (parameter.location, parameter.name)
        for parameter in operation.parameters()
        if parameter.required and parameter.location != "path"
    }


def _same(example: Any, problem: Problem) -> bool:
    """Whether the body is the example, as a value or as the text that it is."""
    if _canonical(example) == _canonical(problem.value):
        return True
    if not isinstance(example, str):
        return False
    if example.encode().strip() == problem.raw.strip():
        return True
    try:
        return _canonical(json.loads(example)) == _canonical(problem.value)
    except ValueError:
        return False


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
