"""Server reflection (``grpc.reflection.v1`` and ``v1alpha``, which are the same on the wire): what is mocked,
told from the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.scripts import RunError
from mockforge_grpc.scripts.messages import Incoming
from mockforge_grpc.services.health import SERVICE as HEALTH
from mockforge_grpc.status import Code
from mockforge_grpc.stubs.response import generated_program

if TYPE_CHECKING:
    from mockforge.mocking.scripts import Scope
    from mockforge_grpc.schema import Method
    from mockforge_grpc.services.session import Session
    from mockforge_grpc.services.world import World

SERVICES: Final = (
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
)
SOURCE: Final = "reflection"


def reflection(world: World, method: Method) -> Callable[[Session], None] | None:
    """What answers ``method``; ``None`` if it is none of these services."""
    if method.service not in SERVICES:
        return None

    def make(scope: Scope) -> bytes:
        received = scope.received
        if not isinstance(received, Incoming):
            raise RunError("there is no question")
        answer = answer_to(world, method, method.input.parse(received.data))
        data: bytes = answer.SerializeToString()
        return data

    program = generated_program(make, None)

    def begin(session: Session) -> None:
        session.exchange.source = SOURCE
        session.play(program, session.scope(lambda: world.lasting_chance(SOURCE)))

    return begin


def listed(world: World) -> list[str]:
    """The services that are told of."""
    names = list(world.schema.services)
    if world.config.health:
        names.append(HEALTH)
    return list(dict.fromkeys((*names, *SERVICES)))


def answer_to(world: World, method: Method, asked: Any) -> Any:
    """The answer to one question, as a message of ``method.output``."""
    schema = world.schema
    answer: Any = method.output.new()
    answer.valid_host = asked.host
    answer.original_request.CopyFrom(asked)
    kind = asked.WhichOneof("message_request")
    found: Any = None
    what = ""
    if kind == "list_services":
        for name in listed(world):
            answer.list_services_response.service.add().name = name
        return answer
    if kind == "file_by_filename":
        what = f"file {asked.file_by_filename}"
        found = schema.file_descriptors(name=asked.file_by_filename)
    elif kind == "file_containing_symbol":
        what = f"symbol {asked.file_containing_symbol}"
        found = schema.file_descriptors(symbol=asked.file_containing_symbol)
    elif kind == "file_containing_extension":
        extension = asked.file_containing_extension
        what = f"extension {extension.extension_number} of {extension.containing_type}"
        found = schema.file_descriptors(
            extension=(extension.containing_type, extension.extension_number)
        )
    elif kind == "all_extension_numbers_of_type":
        name = asked.all_extension_numbers_of_type
        what = f"type {name}"
        numbers = schema.extension_numbers(name)
        if numbers is not None:
            answer.all_extension_numbers_response.base_type_name = name
            answer.all_extension_numbers_response.extension_number.extend(numbers)
            return answer
    else:
        answer.error_response.error_code = Code.INVALID_ARGUMENT
        answer.error_response.error_message = "nothing is asked"
        return answer
    if found is None:
        answer.error_response.error_code = Code.NOT_FOUND
        answer.error_response.error_message = f"there is no {what[:500]}"
        return answer
    answer.file_descriptor_response.file_descriptor_proto.extend(found)
    return answer
