"""Modules that are imported after the start are accounted for, roughly and once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mockforge.observe.modules import SOURCE_FACTOR, ImportedModules


def test_what_is_imported_later_is_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    text = "x = 1\n" * 1000
    (tmp_path / "brought_later.py").write_text(text)
    modules = ImportedModules()
    before = modules.memory_bytes()
    try:
        __import__("brought_later")
        assert modules.memory_bytes() - before == int(SOURCE_FACTOR * len(text))
        sys.modules["brought_later_too"] = sys.modules["brought_later"]
        assert modules.memory_bytes() - before == int(SOURCE_FACTOR * len(text))
    finally:
        sys.modules.pop("brought_later")
        sys.modules.pop("brought_later_too", None)
    assert ImportedModules().memory_bytes() == 0


def test_modules_that_are_no_files_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = ImportedModules()
    before = modules.memory_bytes()
    odd = type(sys)("odd")
    odd.__file__ = "/no/such/archive.zip/odd.py"
    monkeypatch.setitem(sys.modules, "odd_one", odd)
    monkeypatch.setitem(sys.modules, "odd_two", None)  # what stops an import
    assert modules.memory_bytes() == before
