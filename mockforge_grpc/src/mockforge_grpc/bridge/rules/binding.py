"""A rule of a method, compiled: from a request to the JSON form of its message, and back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockforge.mocking.exchange import Request
from mockforge_grpc.bridge.rules.errors import BindingError, RuleError
from mockforge_grpc.bridge.rules.fields import field_named, put, read_value, resolve
from mockforge_grpc.bridge.rules.path import PathRule, Variable
from mockforge_grpc.bridge.rules.query import bind_query

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from mockforge_grpc.schema import HttpRule, Method

HTTP_BODY: Final = "google.api.HttpBody"
WHOLE: Final = "*"


class Binding:
    """One way to a method: ``http_method`` is ``*`` where the rule takes any.

    ``body`` is the field that the body of a request is, ``None`` where there is none or all of it is the
    message (``body_is_message``); ``response_body`` the field that is answered, ``None`` for the whole.
    """

    __slots__ = (
        "_message",
        "_variables",
        "body",
        "body_is_message",
        "http_method",
        "method",
        "path",
        "raw_answer",
        "raw_body",
        "response_body",
        "taken",
    )

    def __init__(self, method: Method, rule: HttpRule) -> None:
        """RuleError: the rule does not fit the method."""
        self.method = method
        self.http_method = rule.method.upper() if rule.method != WHOLE else WHOLE
        self.path = PathRule.parse(rule.path)
        self._message: Descriptor = method.input.descriptor
        self._variables = [(each, self._bound(each)) for each in self.path.variables]
        self.body_is_message = rule.body == WHOLE
        self.body = self._field(self._message, "" if self.body_is_message else rule.body, "body")
        output: Descriptor = method.output.descriptor
        self.response_body = self._field(output, rule.response_body, "response_body")
        self.raw_body = _is_http_body(self.body, self._message if self.body_is_message else None)
        self.raw_answer = _is_http_body(self.response_body, output)
        self.taken = [variable.name for variable in self.path.variables]
        if self.body is not None:
            self.taken.append(self.body.name)

    def _field(self, message: Descriptor, name: str, what: str) -> FieldDescriptor | None:
        if not name:
            return None
        field = field_named(message, name)
        if field is None:
            raise RuleError(
                f"{self.method.full_name}: `{what}: {name}` of the rule for {self.path.text} is no field "
                f"of {message.full_name}"
            )
        return field

    def _bound(self, variable: Variable) -> list[FieldDescriptor]:
        try:
            fields = resolve(self._message, variable.field, variable.name)
        except BindingError as error:
            raise RuleError(f"{self.method.full_name}: {self.path.text}: {error}") from error
        last = fields[-1]
        if last.is_repeated:
            raise RuleError(
                f"{self.method.full_name}: {self.path.text}: {variable.name} is repeated, and a path can "
                "give one value only"
            )
        return fields

    # -------------------------------------------------------------- requests

    def parts(self, request: Request, raw: list[str], bodies: Sequence[Any]) -> list[Any]:
        """The JSON forms of the messages of a request: one for each of ``bodies`` (JSON values), or one
        without a body. BindingError says what does not fit."""
        return [self._tree(request.query, raw, body) for body in bodies or [msgspec.UNSET]]

    def _tree(self, query: str, raw: list[str], body: Any) -> Any:
        tree: Any = {}
        if body is not msgspec.UNSET:
            if self.body_is_message:
                tree = body
            elif self.body is not None:
                tree = {self.body.name: body}
        if not isinstance(tree, dict):
            if self._variables:
                raise BindingError("the body has to be a JSON object")
            return tree
        if query:
            bind_query(tree, self._message, query, self.taken, all_in_body=self.body_is_message)
        for variable, fields in self._variables:
            put(tree, fields, read_value(fields[-1], variable.value(raw), variable.name))
        return tree

    @property
    def takes_body(self) -> bool:
        """Whether the body of a request means anything."""
        return self.body_is_message or self.body is not None

    @staticmethod
    def raw_value(body: bytes, content_type: str) -> dict[str, Any]:
        """The JSON form of a ``google.api.HttpBody`` for a body as it came."""
        return {"content_type": content_type, "data": b64encode(body).decode("ascii")}


def _is_http_body(field: FieldDescriptor | None, message: Descriptor | None) -> bool:
    kind = message if field is None else field.message_type
    return kind is not None and kind.full_name == HTTP_BODY
