"""What compiling gRPC stubs needs from the mock they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from mockforge.mocking.stubs import TemplateKit

if TYPE_CHECKING:
    from random import Random

    from google.protobuf.message import Message

    from mockforge.contracts import CustomPredicate
    from mockforge.mocking.templating import Templates
    from mockforge_grpc.generate import Generator
    from mockforge_grpc.schema import MessageType, Schema

TEMPLATE_NAMES = (
    "request",
    "requests",
    "metadata",
    "method",
    "message",
    "index",
    "vars",
    "state",
)
"""What templates of gRPC stubs may speak of."""


class Kit(TemplateKit):
    """``schema`` is what stubs are held against, ``generated_messages`` how many a generated stream has,
    ``wire_faults`` whether the engine can break what it sends."""

    def __init__(
        self,
        make_templates: Callable[[], Templates],
        schema: Schema,
        *,
        predicates: Mapping[str, CustomPredicate] | None = None,
        generated_messages: int = 3,
        wire_faults: bool = True,
        engine: str = "http2",
    ) -> None:
        super().__init__(make_templates)
        self.schema = schema
        self.predicates = predicates or {}
        self.generated_messages = generated_messages
        self.wire_faults = wire_faults
        self.engine = engine

    @cached_property
    def generator(self) -> Generator:
        """What makes messages; compiled when it is first asked."""
        from mockforge_grpc.generate import Generator

        return Generator(self.schema)

    def generate(self, kind: MessageType, chance: Random) -> Message:
        """A message of ``kind``."""
        message: Message = self.generator.make(kind, chance)
        return message
