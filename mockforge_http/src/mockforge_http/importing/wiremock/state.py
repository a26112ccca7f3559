"""WireMock's state extension: its matcher as a condition, its listeners as a template that acts.

Contexts live in the state of the process (:mod:`..handlebars.functions.state`). A listener acts while the
answer is made: ``{% do hbs.value('recordState', state, ...) %}`` at the end of the body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..handlebars.functions.state import CONDITIONS
from ..handlebars.requests import Code
from ..handlebars.scope import quoted
from ..notes import At, Notes
from .matchers import Matchers
from .texts import Texts

BODY: Final = "answered"
"""The name of the answer's body in a template that acts."""


def state_conditions(parameters: Mapping[str, Any], at: At, matchers: Matchers) -> dict[str, Any]:
    """What ``state-matcher`` asks for, as a condition on the request and the state."""
    unknown = [name for name in parameters if name not in CONDITIONS]
    context = parameters.get("hasContext", parameters.get("hasNotContext"))
    if unknown or context is None:
        what = ", ".join(unknown) or "no context is named"
        matchers.refuse(f"the state extension's matcher is not known that far ({what})", at)
        return {}
    writer = _Expressions(matchers.notes)
    arguments = [writer.value(context, at)]
    for name, wanted in parameters.items():
        if name == "hasNotContext":
            arguments.append("hasNotContext=true")
        elif name != "hasContext":
            arguments.append(f"{name}={writer.value(wanted, (*at, name))}")
    made = f"{{{{ hbs.value('stateMatches', state, {', '.join(arguments)}) }}}}"
    return {"template": f"{''.join(writer.before)}{made}"}


class _Expressions:
    """Texts with templates as expressions: what they print is captured first, in ``before``."""

    def __init__(self, notes: Notes) -> None:
        self.before: list[str] = []
        self._texts = Texts(notes, enabled=True, extra={"response": _answer})

    def value(self, given: Any, at: At) -> str:
        """Code for what ``given`` comes to."""
        source = given if isinstance(given, str) else str(given)
        text = self._texts.text(source, at)
        if text == source and "{{" not in source:
            return quoted(source)
        name = f"part{len(self.before) + 1}"
        self.before.append(f"{{% set {name} %}}{text}{{% endset %}}")
        return name

    def mapping(self, given: Any, at: At) -> str:
        """The same for every value of a mapping."""
        if not isinstance(given, Mapping):
            return "none"
        pairs = (
            f"{quoted(str(key))}: {self.value(value, (*at, key))}" for key, value in given.items()
        )
        return f"{{{', '.join(pairs)}}}"


def _answer(parts: tuple[str, ...]) -> Code | None:
    return Code(BODY, "text") if parts == ("body",) else None


def act(
    response: dict[str, Any], actions: Sequence[tuple[str, Mapping[str, Any], At]], notes: Notes
) -> None:
    """Add to ``response`` what the listeners ``recordState`` and ``deleteState`` do."""
    writer = _Expressions(notes)
    calls = [
        call
        for name, parameters, at in actions
        for call in [(_record if name == "recordState" else _delete)(parameters, at, writer, notes)]
        if call
    ]
    if not calls:
        return
    body = {key: response[key] for key in ("json", "base64", "file", "proxy") if key in response}
    text = response.get("text", "")
    if "json" in body:
        text = json.dumps(body.pop("json"), ensure_ascii=False, separators=(",", ":"))
        del response["json"]
        headers = response.setdefault("headers", {})
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = None
    if body:
        kind = next(iter(body))
        notes.add("state", f"nothing is kept: the body of the answer is a {kind}", actions[0][2])
        return
    if not response.get("template"):
        text = Texts(notes, enabled=False).literal(text)
    acts = "".join(f"{{% do hbs.value({call}) %}}" for call in calls)
    response["text"] = (
        f"{{% set {BODY} %}}{text}{{% endset %}}{{{{ {BODY} }}}}{''.join(writer.before)}{acts}"
    )
    response["template"] = True
    if not text:
        response["headers"] = {"Content-Type": None, **response.get("headers", {})}


def _record(parameters: Mapping[str, Any], at: At, writer: _Expressions, notes: Notes) -> str:
    notes.unknown(dict(parameters), ("context", "state", "list"), at, "recordState")
    context = writer.value(parameters.get("context", ""), (*at, "context"))
    call = f"'recordState', state, {context}, {writer.mapping(parameters.get('state'), (*at, 'state'))}"
    listed = parameters.get("list")
    if isinstance(listed, Mapping):
        notes.unknown(dict(listed), ("addFirst", "addLast"), (*at, "list"), "a list of recordState")
        for key, name in (("addFirst", "first"), ("addLast", "last")):
            if key in listed:
                call += f", {name}={writer.mapping(listed[key], (*at, 'list', key))}"
    return call


def _delete(parameters: Mapping[str, Any], at: At, writer: _Expressions, notes: Notes) -> str:
    known = ("context", "contexts", "contextsMatching", "list")
    notes.unknown(dict(parameters), known, at, "deleteState")
    if "contextsMatching" in parameters:
        return f"'deleteState', state, matching={writer.value(parameters['contextsMatching'], at)}"
    several = parameters.get("contexts")
    if isinstance(several, list):
        return f"'deleteState', state, [{', '.join(writer.value(each, at) for each in several)}]"
    call = f"'deleteState', state, {writer.value(parameters.get('context', ''), (*at, 'context'))}"
    listed = parameters.get("list")
    if not isinstance(listed, Mapping):
        return call
    for key, what in (("deleteFirst", "end='first'"), ("deleteLast", "end='last'")):
        if listed.get(key):
            return f"{call}, {what}"
    if "deleteIndex" in listed:
        return f"{call}, index={writer.value(listed['deleteIndex'], (*at, 'list'))}"
    notes.add("state", "this deletion from a list is not known; nothing is deleted", (*at, "list"))
    return ""
