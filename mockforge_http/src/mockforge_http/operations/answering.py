"""What all operations of one document share when they answer."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mockforge.mocking.data import Generator, UnsatisfiableError, compile_check, compile_generator
from mockforge_http.operations.headers import response_headers
from mockforge_http.operations.mend import Accepts, mend
from mockforge_http.schemas import DocumentSchemas

if TYPE_CHECKING:
    from mockforge_http.documents import Document, Located, ResponseView
    from mockforge_http.operations.plan import Headers


class Answering:
    """``seed`` decides what is generated; ``dynamic`` (``http.dynamic``) is whether declared examples are
    passed over and every request gets new data; ``mends`` (``http.examples``) is whether examples that
    contradict their schema are mended."""

    def __init__(
        self, document: Document, *, seed: int, dynamic: bool = False, mends: bool = True
    ) -> None:
        self.schemas = DocumentSchemas(document)
        self.folder = document.path.parent
        self.seed = seed & 0xFFFFFFFF
        self.dynamic = dynamic
        self.mends = mends
        self.random = Random()  # noqa: S311 - plausible data, not secrets
        self._dialect = document.dialect
        self._requests = 0

    def count(self) -> int:
        """The number of this dynamic answer, from 1."""
        self._requests += 1
        return self._requests

    def compile(self, schema: Located, *, use_examples: bool, name: str | None) -> Generator:
        """A generator for ``schema`` in a response."""
        return compile_generator(
            schema.value,
            schema.base,
            resolver=self.schemas,
            dialect=self._dialect,
            direction="response",
            use_examples=use_examples,
            name=name,
        )

    def accepts(self, schema: Located) -> Accepts:
        """Whether a value satisfies ``schema`` in a response."""
        return compile_check(
            schema.value, schema.base, resolver=self.schemas, dialect=self._dialect
        )

    def mended(self, example: Any, schema: Located, accepts: Accepts, name: str | None) -> Any:
        """The valid value nearest to ``example``; the example itself where the schema allows none."""
        try:
            generator = self.compile(schema, use_examples=True, name=name)
            self.random.seed(self.seed)
            valid = generator.generate(self.random)
        except UnsatisfiableError:
            return example
        return mend(example, valid, accepts) if accepts(valid) else example

    def headers(self, response: ResponseView, label: str) -> Headers:
        """The declared headers of ``response`` with values; the same at every start."""
        self.random.seed(crc32(label.encode(), self.seed))
        return response_headers(response, self)
