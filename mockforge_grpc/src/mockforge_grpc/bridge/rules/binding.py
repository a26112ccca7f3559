"""A rule of a method, compiled: from a request to the JSON form of its message, and back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockforge.mocking.exchange import Request
from mockforge.nearest import nearest
from mockforge_grpc.bridge.rules.errors import BindingError, RuleError, RuleErrors
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
        """RuleErrors: the rule does not fit the method."""
        problems: list[RuleError] = []
        self.method = method
        self.http_method = rule.method.upper()
        self._message: Descriptor = method.descriptor.input_type
        try:
            self.path = PathRule.parse(rule.path)
        except RuleError as error:
            problems.append(error)
            self.path = PathRule(rule.path, (), (), "")
        self._variables: list[tuple[Variable, list[FieldDescriptor]]] = []
        for each in self.path.variables:
            try:
                self._variables.append((each, self._bound(each)))
            except RuleError as error:
                problems.append(error)
        self.body_is_message = rule.body == WHOLE
        named: list[FieldDescriptor | None] = []
        output: Descriptor = method.descriptor.output_type
        for what, message, name in (
            ("body", self._message, "" if self.body_is_message else rule.body),
            ("response_body", output, rule.response_body),
        ):
            try:
                named.append(self._field(message, name, what))
            except RuleError as error:
                problems.append(error)
        if problems:
            raise RuleErrors(problems)
        self.body, self.response_body = named
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
            close = nearest(name, [each.name for each in message.fields])
            raise RuleError(
                f"{self.path.text}: `{what}: {name}` is no field of {message.full_name}",
                hint=f"did you mean {close}?" if close else None,
            )
        return field

    def _bound(self, variable: Variable) -> list[FieldDescriptor]:
        try:
            fields = resolve(self._message, variable.field, variable.name)
        except BindingError as error:
            raise RuleError(f"{self.path.text}: {error.message}", hint=error.hint) from error
        if fields[-1].is_repeated:
            raise RuleError(
                f"{self.path.text}: {variable.name} is repeated, and a path gives one value only"
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
