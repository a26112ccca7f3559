"""Regular expressions that cannot hang a server: those of documents (ECMA-262) and those of stubs.

The engine is the one inside the schema validator (Rust's ``regex`` and ``fancy-regex``): linear time, or a
bounded number of steps back where look-around and back-references need it.
"""

from __future__ import annotations

from mockforge.mocking.regex.engine import BACKTRACKS, COMPILED_BYTES, compile_regex, engine_options

__all__ = ["BACKTRACKS", "COMPILED_BYTES", "compile_regex", "engine_options"]
