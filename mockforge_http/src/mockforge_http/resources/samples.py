"""Generated values that are valid, with the document's examples as far as these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockforge.mocking.data import Dice, Generator
from mockforge_http.documents import Located
from mockforge_http.operations.mend import mend

if TYPE_CHECKING:
    from mockforge_http.operations.answering import Answering
    from mockforge_http.render.schema import SchemaNode


class Samples:
    """Values of the schema ``node``, which ``label`` names in messages. ``accepts`` says whether a value is
    valid, formats included."""

    def __init__(self, node: SchemaNode, answering: Answering, label: str) -> None:
        self._located = Located(node.schema, node.base)
        self._answering = answering
        self._name = node.name()
        self._check = answering.answer_check(self._located, label)
        self.accepts = self._check.accepts
        self._usual: Generator | None = None
        self._plain: Generator | None = None

    @property
    def size(self) -> int:
        """About how many bytes hang on this."""
        generators = (self._usual, self._plain)
        return self._check.size + sum(each.footprint() for each in generators if each is not None)

    def make(self, seed: int) -> Any:
        """The value for a seed; UnsatisfiableError if there can be none."""
        if self._usual is None:
            self._usual = self._compile(use_examples=not self._answering.dynamic)
        value = self._usual.generate(Dice(seed))
        if self.accepts(value) or self._answering.dynamic:
            return value
        # Examples may contradict their schema: what is right of them is kept.
        if self._plain is None:
            self._plain = self._compile(use_examples=False)
        valid = self._plain.generate(Dice(seed))
        return mend(value, valid, self.accepts) if self.accepts(valid) else value

    def _compile(self, *, use_examples: bool) -> Generator:
        return self._answering.compile(self._located, use_examples=use_examples, name=self._name)
