"""What all operations of one document share when they answer."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary
from zlib import crc32

from mockforge.mocking.data import (
    DataLimits,
    Dice,
    Generator,
    UnsatisfiableError,
    compile_check,
    compile_generator,
)
from mockforge.mocking.data.model import Direction
from mockforge_http.bodies import BodyLimits
from mockforge_http.operations.headers import response_headers
from mockforge_http.operations.mend import Accepts, mend
from mockforge_http.schemas import DocumentSchemas
from mockforge_http.validation.document import DocumentChecks
from mockforge_http.validation.modes import Modes, OperationMode
from mockforge_http.validation.request import RequestValidator
from mockforge_http.validation.response import ResponseValidator

if TYPE_CHECKING:
    from mockforge_http.documents import (
        Document,
        Located,
        OperationRef,
        OperationView,
        ResponseView,
    )
    from mockforge_http.operations.plan import Headers


_SPARSE = DataLimits(max_items=1, max_nodes=60)
"""What an example is mended with: the example brings the rest."""


class SchemaCheck(NamedTuple):
    """A compiled check, and about how many bytes hang on it."""

    accepts: Accepts
    size: int


class Answering:
    """``seed`` decides what is generated; ``dynamic`` (``http.dynamic``) is whether declared examples are
    passed over and every request gets new data; ``mends`` (``http.examples``) is whether examples that
    contradict their schema are mended."""

    def __init__(
        self,
        document: Document,
        modes: Modes,
        *,
        seed: int,
        dynamic: bool = False,
        mends: bool = True,
        max_body: int = BodyLimits().max_body,
    ) -> None:
        self.schemas = DocumentSchemas(document)
        self.folder = document.path.parent
        self.seed = seed & 0xFFFFFFFF
        self.dynamic = dynamic
        self.mends = mends
        self.random = Dice()
        self._document = document
        self._modes = modes
        self._max_body = max_body
        self._dialect = document.dialect
        self._requests = 0
        self._shared: WeakValueDictionary[tuple[str, str, bool], Generator] = WeakValueDictionary()

    def count(self) -> int:
        """The number of this dynamic answer, from 1."""
        self._requests += 1
        return self._requests

    def operation(self, ref: OperationRef) -> OperationView:
        """An operation of the document, or one of its callbacks and webhooks."""
        return self._document.operation(ref)

    def webhooks(self) -> list[OperationRef]:
        """The document's webhooks."""
        return self._document.webhooks()

    def compile(self, schema: Located, *, use_examples: bool, name: str | None) -> Generator:
        """A generator for ``schema`` in a response: the same for all operations that answer with the
        same component, as long as one of them is kept. Each of them counts its bytes."""
        key = _reference(schema, use_examples)
        if key is None:
            return self._compile(schema, use_examples, name)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = self._compile(schema, use_examples, name)
        return shared

    def compile_request(self, schema: Located, name: str | None) -> Generator:
        """A generator for ``schema`` in a request that the mock itself sends."""
        return self._compile(schema, not self.dynamic, name, "request")

    def _compile(
        self,
        schema: Located,
        use_examples: bool,
        name: str | None,
        direction: Direction = "response",
        limits: DataLimits | None = None,
    ) -> Generator:
        return compile_generator(
            schema.value,
            schema.base,
            resolver=self.schemas,
            dialect=self._dialect,
            direction=direction,
            use_examples=use_examples,
            name=name,
            limits=limits,
        )

    def accepts(self, schema: Located) -> Accepts:
        """Whether a value satisfies ``schema`` in a response."""
        return compile_check(
            schema.value, schema.base, resolver=self.schemas, dialect=self._dialect
        )

    def answer_check(self, schema: Located, what: str) -> SchemaCheck:
        """As :meth:`accepts`, by the validator that also checks answers: formats count, ``writeOnly``
        properties are not missed. ``what`` names the value in messages."""
        validator = self._checks.compile(schema, "response", what)
        if validator is None:
            return SchemaCheck(_anything, 0)
        return SchemaCheck(validator.is_valid, validator.size)

    def mended(self, example: Any, schema: Located, accepts: Accepts, name: str | None) -> Any:
        """The valid value nearest to ``example``; the example itself where there is none to be had."""
        # The examples inside the schema may be what is wrong: then data without them.
        for use_examples in (True, False):
            try:
                generator = self._compile(schema, use_examples, name, limits=_SPARSE)
                self.random.seed(self.seed)
                valid = generator.generate(self.random)
            except UnsatisfiableError:
                continue
            if accepts(valid):
                return mend(example, valid, accepts)
        return example

    def mode_of(self, operation: OperationRef) -> OperationMode:
        """What is done with requests of ``operation`` that do not fit."""
        return OperationMode(self._modes, self._document, operation)

    def validator(self, view: OperationView) -> RequestValidator:
        """The check of the requests of an operation."""
        return RequestValidator(view, self._checks)

    def answer_validator(self, view: OperationView) -> ResponseValidator:
        """The check of the answers of an operation."""
        return ResponseValidator(view, self._checks)

    @cached_property
    def _checks(self) -> DocumentChecks:
        return DocumentChecks(self._document, BodyLimits(max_body=self._max_body))

    def headers(self, response: ResponseView, label: str) -> Headers:
        """The declared headers of ``response`` with values; the same at every start."""
        self.random.seed(crc32(label.encode(), self.seed))
        return response_headers(response, self)


def _anything(_: Any) -> bool:
    return True


def _reference(schema: Located, use_examples: bool) -> tuple[str, str, bool] | None:
    """What identifies a schema that is nothing but a reference."""
    value = schema.value
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("$ref"), str):
        return value["$ref"], schema.base, use_examples
    return None
