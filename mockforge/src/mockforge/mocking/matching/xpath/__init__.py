"""XPath 1.0 over the trees that bodies are read into, with a bound on the work of one evaluation.

A library in C (libxml2) keeps every element name that it ever met and cannot be interrupted; the libraries
in Python take more memory than the rest of the server. This one is what stubs need: all axes and functions of
the recommendation but variables, keys and ``id()``.
"""

from __future__ import annotations

from mockforge.mocking.matching.xpath.expression import XPath, compile_xpath
from mockforge.mocking.matching.xpath.nodes import Node
from mockforge.mocking.matching.xpath.scan import XPathError

__all__ = ["Node", "XPath", "XPathError", "compile_xpath"]
