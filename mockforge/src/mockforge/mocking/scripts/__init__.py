"""The small state program of streams: what a stub sends, expects and does on one connection.

WebSocket, server-sent events, chunked answers and gRPC streams share it. A protocol brings a
:class:`Vocabulary` (what it can send, and which steps make sense for it), has a stub's ``script:`` compiled
once with :func:`compile_script`, and runs it for each connection: a stream that only goes out iterates
over :func:`emissions`, one that goes both ways gives :func:`converse` a :class:`Port`.
"""

from __future__ import annotations

from mockforge.mocking.scripts.compile import ScriptLimits, Vocabulary, compile_script
from mockforge.mocking.scripts.drive import Port, converse, emissions
from mockforge.mocking.scripts.errors import RunError, ScriptError
from mockforge.mocking.scripts.program import Made, Program
from mockforge.mocking.scripts.run import Emit, Finish, Pause, Receive, Run
from mockforge.mocking.scripts.scope import Scope
from mockforge.mocking.scripts.templated import CompileValue, TemplatedVocabulary, text_of

__all__ = [
    "CompileValue",
    "Emit",
    "Finish",
    "Made",
    "Pause",
    "Port",
    "Program",
    "Receive",
    "Run",
    "RunError",
    "Scope",
    "ScriptError",
    "ScriptLimits",
    "TemplatedVocabulary",
    "Vocabulary",
    "compile_script",
    "converse",
    "emissions",
    "text_of",
]
