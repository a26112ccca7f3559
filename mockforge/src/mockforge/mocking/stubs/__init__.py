"""Stubs: reading them, finding the one that answers a request, and saying why none does.

The kernel part knows what all protocols share: files, ids, priorities, times, scenarios, the index. What
a request is and what an answer is, a protocol knows: it brings a :class:`StubCompiler` and criteria.
"""

from __future__ import annotations

from mockforge.explanations import CriterionResult, Explanation, NearMiss
from mockforge.mocking.stubs.compiler import TOKEN, StubCompiler, StubSource
from mockforge.mocking.stubs.criteria import Criterion, Key, Probe
from mockforge.mocking.stubs.errors import StubError, StubErrors
from mockforge.mocking.stubs.index import Found, StubIndex
from mockforge.mocking.stubs.kit import TemplateKit
from mockforge.mocking.stubs.loader import Definition, LoadLimits, load_stubs
from mockforge.mocking.stubs.model import Compiled, ScenarioStep, States, Stub
from mockforge.mocking.stubs.near import nearest
from mockforge.mocking.stubs.paths import PathPattern, StubPath, compile_path, plain_path
from mockforge.mocking.stubs.requests import Named, RequestFacts
from mockforge.mocking.stubs.stubset import StubSet
from mockforge.mocking.stubs.texts import StubsText, read_stubs_text

__all__ = [
    "TOKEN",
    "Compiled",
    "Criterion",
    "CriterionResult",
    "Definition",
    "Explanation",
    "Found",
    "Key",
    "LoadLimits",
    "Named",
    "NearMiss",
    "PathPattern",
    "Probe",
    "RequestFacts",
    "ScenarioStep",
    "States",
    "Stub",
    "StubCompiler",
    "StubError",
    "StubErrors",
    "StubIndex",
    "StubPath",
    "StubSet",
    "StubSource",
    "StubsText",
    "TemplateKit",
    "compile_path",
    "load_stubs",
    "nearest",
    "plain_path",
    "read_stubs_text",
]
