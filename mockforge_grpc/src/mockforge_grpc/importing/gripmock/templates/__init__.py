"""Templates of Go's ``text/template`` with the functions of GripMock, as templates of MockForge."""

from __future__ import annotations

from .translate import GoTemplateError, Names, is_template, translate

__all__ = ["GoTemplateError", "Names", "is_template", "translate"]
