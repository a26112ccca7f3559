"""One media type of one declared response: its examples, and data made from its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockforge.mocking.exchange import Response
from mockforge_http.operations.echo import EchoedParameters
from mockforge_http.operations.examples import NO_EXAMPLE, DeclaredExample, declared_examples
from mockforge_http.operations.negotiate import concrete, is_json
from mockforge_http.operations.plain import plain_value
from mockforge_http.operations.plan import FixedPlan, GeneratedPlan, Headers, Plan, Source
from mockforge_http.operations.prefer import Preference
from mockforge_http.operations.sources import Items, OneValue
from mockforge_http.render import is_sequence, render, renderer, wire_media_type
from mockforge_http.render.schema import SchemaNode

if TYPE_CHECKING:
    from mockforge_http.documents import Located, MediaType, OperationView
    from mockforge_http.operations.answering import Answering


class MediaAnswers:
    """Makes plans for one media type."""

    def __init__(self, media: MediaType, declared: str, accept: str, answering: Answering) -> None:
        self._media = media
        self._declared = declared
        self._wire = wire_media_type(concrete(declared, accept))
        self._answering = answering
        self._examples = declared_examples(media, declared, answering.folder)

    def names(self) -> list[str]:
        """The names of the declared examples."""
        return [name for name in self._examples if name]

    def plan(self, status: int, headers: Headers, wish: Preference, view: OperationView) -> Plan:
        """How to answer with this media type."""
        headers = (("Content-Type", self._wire), *headers)
        dynamic = self._answering.dynamic if wish.dynamic is None else wish.dynamic
        example = self._example(wish, dynamic)
        node = self._node()
        if example is not NO_EXAMPLE:
            body = example.bytes_for(self._wire, node)
            return FixedPlan(Response(status, headers, body))
        return self._generated(status, headers, dynamic, node, view)

    def _example(self, wish: Preference, dynamic: bool) -> DeclaredExample:
        """The example to give: the one asked for, else the first that its schema accepts, else the
        first, mended."""
        if wish.example is not None:
            candidates = [self._examples[wish.example]]
        elif dynamic and self._schema() is not None:
            return NO_EXAMPLE
        else:
            candidates = list(self._examples.values())
        if not candidates:
            return NO_EXAMPLE
        schema = self._media.schema
        judged = [example for example in candidates if self._can_be_judged(example)]
        if schema is None or not self._answering.mends or len(judged) < len(candidates):
            return candidates[0]
        accepts = self._answering.accepts(schema)
        for example in judged:
            if accepts(example.value):
                return example
        name = self._node().name()
        return DeclaredExample(self._answering.mended(judged[0].value, schema, accepts, name))

    def _can_be_judged(self, example: DeclaredExample) -> bool:
        """Whether the schema speaks of this value: text that is the body itself is not in its terms."""
        return example.serialized is None and (
            is_json(self._wire) or not isinstance(example.value, str)
        )

    def _schema(self) -> Located | None:
        return self._media.item_schema if self._is_sequence else self._media.schema

    @property
    def _is_sequence(self) -> bool:
        return self._media.item_schema is not None and is_sequence(self._wire.partition(";")[0])

    def _node(self) -> SchemaNode:
        schema = self._schema()
        resolver = self._answering.schemas
        if schema is None:
            return SchemaNode(True, "", resolver)
        return SchemaNode(schema.value, schema.base, resolver)

    def _generated(
        self, status: int, headers: Headers, dynamic: bool, node: SchemaNode, view: OperationView
    ) -> Plan:
        schema = self._schema()
        answering = self._answering
        if schema is None:
            return FixedPlan(Response(status, headers, render(self._wire, {}, node)))
        if not dynamic and (plain := plain_value(node)) is not None:
            return FixedPlan(Response(status, headers, render(self._wire, plain, node)))
        generator = answering.compile(schema, use_examples=not dynamic, name=node.name())
        source: Source
        if self._is_sequence:
            source = Items(generator, answering.random)
        else:
            echo = EchoedParameters(view, node, answering)
            source = OneValue(generator, answering.random, echo or None)
        return GeneratedPlan(
            status,
            headers,
            source,
            renderer(self._wire, node),
            seed=answering.seed,
            counter=answering.count if dynamic else None,
        )
