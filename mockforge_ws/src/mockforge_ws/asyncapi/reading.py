"""From a checked document to the model that is served."""

from __future__ import annotations

import re
from typing import Any, Final

from mockforge.mocking.routing import PathTemplate
from mockforge_ws.asyncapi.check import EXPRESSION
from mockforge_ws.asyncapi.files import Files, Node, tokens_of
from mockforge_ws.asyncapi.formats import dialect_of, kind_of
from mockforge_ws.asyncapi.model import Api, Channel, Message, Operation, Parameter, Payload
from mockforge_ws.asyncapi.report import Report
from mockforge_ws.asyncapi.resolving import Schemas

PROTOCOLS: Final = frozenset({"ws", "wss"})


class _Place:
    """One path under way: what its channels have in common."""

    def __init__(self, name: str, node: Node, path: str) -> None:
        self.name = name
        self.node = node
        self.path = path
        self.parameters: dict[str, Parameter] = {}
        self.operations: list[Operation] = []
        self.query: Payload | None = None
        self.headers: Payload | None = None


class Reading:
    """Makes the model of a document that :func:`~mockforge_ws.asyncapi.check.check` found no error in.
    What of it is not served is noted in ``report``."""

    def __init__(self, files: Files, schemas: Schemas, report: Report) -> None:
        self._files = files
        self._schemas = schemas
        self._report = report
        self._root = files.root
        self._default_type = self._text(self._root, "defaultContentType")
        self._places: dict[tuple[str, ...], _Place] = {}
        self._of_channel: dict[tuple[str, tuple[object, ...]], list[_Place]] = {}

    def api(self) -> Api:
        """The model."""
        for name, channel in self._entries("channels"):
            self._channel(name, channel)
        for name, operation in self._entries("operations"):
            self._operation(name, operation)
        if not self._places:
            self._report.warn(
                "nothing",
                "there is nothing to serve: no channel has an address on a WebSocket server",
                self._root,
                hint="servers with `protocol: ws`, channels with an `address`",
            )
        info = self._files.follow(self._root.child("info"))
        return Api(info.value["title"], tuple(map(self._made, self._places.values())))

    def _made(self, place: _Place) -> Channel:
        at = self._files.place(place.node)
        return Channel(
            place.name,
            place.path,
            at.line or 1,
            at.column or 1,
            place.node.file,
            place.parameters,
            tuple(place.operations),
            place.query,
            place.headers,
        )

    # -------------------------------------------------------------- channels

    def _channel(self, name: str, node: Node) -> None:
        channel = self._files.follow(node)
        address = channel.value.get("address")
        if address is None:
            return  # known only when it runs: where replies go
        paths = self._paths(node, channel, address)
        for path, variables in paths.items():
            key = tuple(segment.shape for segment in PathTemplate(path).segments)
            place = self._places.get(key)
            if place is None:
                place = self._places[key] = _Place(name, node, path)
                place.parameters.update(variables)
            self._of_channel.setdefault((channel.file, channel.path), []).append(place)
            self._parameters(channel, place)
            self._bindings(channel, place)

    def _paths(self, node: Node, channel: Node, address: str) -> dict[str, dict[str, Parameter]]:
        """The paths of a channel: one for each path that its servers have."""
        listed = channel.get("servers")
        if listed is not None and listed.value:
            servers = [listed.child(number) for number in range(len(listed.value))]
        else:
            servers = [server for _, server in self._entries("servers")]
        if not servers:
            return {_joined("", address): {}}
        found: dict[str, dict[str, Parameter]] = {}
        others: list[str] = []
        for server in map(self._files.follow, servers):
            protocol = server.value["protocol"].lower()
            if protocol in PROTOCOLS:
                path = _joined(self._text(server, "pathname") or "", address)
                found.setdefault(path, {}).update(self._variables(server))
            else:
                others.append(protocol)
        if not found:
            spoken = ", ".join(dict.fromkeys(others))
            self._report.warn(
                "protocol",
                f"not served: the servers of this channel speak {spoken}, none ws or wss"[:200],
                node,
            )
        return found

    def _variables(self, server: Node) -> dict[str, Parameter]:
        variables = server.get("variables")
        if variables is None:
            return {}
        return {name: self._parameter(each) for name, each in self._members(variables)}

    def _parameters(self, channel: Node, place: _Place) -> None:
        parameters = channel.get("parameters")
        if parameters is not None:
            for name, each in self._members(parameters):
                place.parameters.setdefault(name, self._parameter(each))

    def _parameter(self, node: Node) -> Parameter:
        parameter = self._files.follow(node)
        values = parameter.value.get("enum", [])
        return Parameter(tuple(values), self._location(parameter))

    def _location(self, node: Node) -> tuple[str, ...] | None:
        """The tokens of the pointer in ``location``, if that is into the payload."""
        found = EXPRESSION.fullmatch(node.value.get("location", ""))
        if found is None or found[1] != "payload":
            return None
        return tuple(tokens_of(found[2]))

    def _bindings(self, channel: Node, place: _Place) -> None:
        bindings = channel.get("bindings")
        if bindings is None:
            return
        ws = self._files.follow(bindings).get("ws")
        if ws is None:
            return
        ws = self._files.follow(ws)
        if ws.value.get("method") == "POST":
            self._report.warn(
                "method",
                "a WebSocket is opened with GET (RFC 6455 section 4.1), and that is served",
                ws.child("method"),
            )
        place.query = place.query or self._payload(ws.get("query"))
        place.headers = place.headers or self._payload(ws.get("headers"))

    # -------------------------------------------------------------- operations

    def _operation(self, name: str, node: Node) -> None:
        operation = self._files.follow(node)
        channel = self._files.follow(operation.child("channel"))
        messages = self._messages(operation, channel)
        replies: tuple[Message, ...] = ()
        reply = operation.get("reply")
        if reply is not None:
            reply = self._files.follow(reply)
            to = reply.get("channel")
            answers = channel if to is None else self._files.follow(to)
            if to is not None or reply.get("messages") is not None:
                replies = self._messages(reply, answers)
            if reply.get("messages") is None:  # all of the channel but for what asks
                replies = tuple(each for each in replies if each not in messages)
        made = Operation(name, operation.value["action"], messages, replies)
        for place in self._of_channel.get((channel.file, channel.path), ()):
            place.operations.append(made)

    def _messages(self, holder: Node, channel: Node) -> tuple[Message, ...]:
        """Those that ``holder`` lists, or else all of the channel."""
        listed = holder.get("messages")
        if listed is not None:
            nodes = [listed.child(number) for number in range(len(listed.value))]
            return tuple(self.message(each, _last(each)) for each in nodes)
        own = channel.get("messages")
        if own is None:
            return ()
        return tuple(self.message(each, name) for name, each in self._members(own))

    def message(self, node: Node, key: str) -> Message:
        """The message at ``node``, called ``key`` if it says nothing else."""
        message = self._files.follow(node)
        kind = kind_of(self._said(message, "contentType") or self._default_type)
        examples = self.field(message, "examples")
        correlation = self.field(message, "correlationId")
        given = [] if examples is None else [each for _, each in self._listed(examples)]
        return Message(
            self._said(message, "name") or key,
            kind,
            self._payload(message.get("payload"), key),
            tuple(each.value["payload"] for each in given if "payload" in each.value),
            None if correlation is None else self._location(self._files.follow(correlation)),
        )

    def field(self, message: Node, name: str) -> Node | None:
        """A field of a message, or of the last of its traits that has it: traits change nothing that the
        message says itself (Message Object, ``traits``)."""
        own = message.get(name)
        traits = message.get("traits")
        if own is not None or traits is None:
            return own
        for number in reversed(range(len(traits.value))):
            found = self._files.follow(traits.child(number)).get(name)
            if found is not None:
                return found
        return None

    def _said(self, message: Node, name: str) -> str | None:
        node = self.field(message, name)
        return None if node is None else str(node.value)

    def _payload(self, node: Node | None, label: str | None = None) -> Payload | None:
        if node is None:
            return None
        target = self._files.follow(node)
        value = target.value
        if isinstance(value, dict) and "schema" in value:
            dialect = dialect_of(value.get("schemaFormat"))
            if dialect is None:
                return None
            target = target.child("schema")
            base = self._schemas.base(target, whole=True)
            return Payload(target.value, base, dialect, label)
        return Payload(value, self._schemas.base(target, whole=False), "draft-07", label)

    # -------------------------------------------------------------- parts

    def _entries(self, section: str) -> list[tuple[str, Node]]:
        node = self._root.get(section)
        return [] if node is None else self._members(node)

    def _members(self, node: Node) -> list[tuple[str, Node]]:
        target = self._files.follow(node)
        return [(name, target.child(name)) for name in target.value if not name.startswith("x-")]

    def _listed(self, node: Node) -> list[tuple[int, Node]]:
        return [
            (number, self._files.follow(node.child(number))) for number in range(len(node.value))
        ]

    def _text(self, node: Node, name: str) -> str | None:
        value: Any = node.value.get(name)
        return value if isinstance(value, str) else None


def _joined(pathname: str, address: str) -> str:
    """The path of a channel on a server; what comes after ``?`` or ``#`` in an address is no part of it."""
    path = re.split(r"[?#]", address, maxsplit=1)[0].strip("/")
    whole = "/" + "/".join(part for part in (pathname.strip("/"), path) if part)
    return (
        whole + "/" if path and re.split(r"[?#]", address, maxsplit=1)[0].endswith("/") else whole
    )


def _last(node: Node) -> str:
    """The last part of a reference, which is what a message is called."""
    tokens = tokens_of((node.ref or "").partition("#")[2])
    return tokens[-1] if tokens else "message"
